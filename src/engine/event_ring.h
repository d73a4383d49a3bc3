/* Events that have been computed and have not arrived everywhere yet: what every one of them carries to the synapses.
 *
 * Events are numbered one after the other, in order of emission, and forgotten in that order. A ring that doubles when it is
 * full, so nothing is allocated once it is as large as the delays and rates of the network ask for. */
#ifndef GLION_ENGINE_EVENT_RING_H
#define GLION_ENGINE_EVENT_RING_H

#include "engine/source_state.h"

struct carried_event {
    struct row_event event;
    step_count previous; /* the stamp of the row's previous event */
    uint64_t before;     /* the number of that event, which may be forgotten, and 1; 0: there was none. The ring sets it */
};

struct event_ring {
    uint64_t first, end; /* the numbers of those that it holds: [first, end) */
    uint64_t capacity;   /* 0 or a power of two: event e is at place e % capacity */
    int n_numbers;
    struct carried_event *events; /* [capacity]; owned */
    double *numbers;              /* [capacity][n_numbers]; owned */
    uint64_t *latest;             /* [n_rows] the number of each row's last event, and 1; 0: there was none; owned */
};

void event_ring_create(int n_numbers, uint32_t n_rows, struct event_ring *ring);
void event_ring_release(struct event_ring *ring);

/* Add one; returns room for its numbers, which holds until the next is added. */
double *event_ring_add(struct event_ring *ring, struct carried_event event);
/* Forget the events that were emitted before `step`. */
void event_ring_forget(struct event_ring *ring, step_count step);

/* Only the last bits of an event's number count, as long as the ring is smaller than what they can tell apart. */
static inline uint64_t event_ring_place(const struct event_ring *ring, uint32_t event)
{
    return event & (ring->capacity - 1);
}

/* The row's last event if `event` is NULL, else the one before it; NULL if the ring holds none. */
static inline const struct carried_event *event_ring_before(const struct event_ring *ring, uint32_t row,
                                                            const struct carried_event *event)
{
    const uint64_t number = event ? event->before : ring->latest[row];
    return number > ring->first ? &ring->events[event_ring_place(ring, (uint32_t)(number - 1))] : NULL;
}

#endif
