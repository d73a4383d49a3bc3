#include "engine/event_ring.h"

#include <string.h>

#include "support/memory.h"

void event_ring_create(int n_numbers, uint32_t n_rows, struct event_ring *ring)
{
    *ring = (struct event_ring){.n_numbers = n_numbers, .latest = MEMORY_NEW(n_rows, uint64_t, BUFFERS)};
}

void event_ring_release(struct event_ring *ring)
{
    memory_free(ring->events);
    memory_free(ring->numbers);
    memory_free(ring->latest);
    *ring = (struct event_ring){0};
}

static double *numbers_at(const struct event_ring *ring, uint64_t place)
{
    return ring->numbers + place * (uint64_t)ring->n_numbers;
}

static void enlarge(struct event_ring *ring)
{
    struct event_ring larger = *ring;
    larger.capacity = ring->capacity ? 2 * ring->capacity : 64;
    larger.events = MEMORY_NEW(larger.capacity, struct carried_event, BUFFERS);
    larger.numbers = MEMORY_NEW(larger.capacity * (uint64_t)ring->n_numbers, double, BUFFERS);
    for (uint64_t e = ring->first; e < ring->end; e++) {
        uint64_t from = event_ring_place(ring, (uint32_t)e), to = event_ring_place(&larger, (uint32_t)e);
        larger.events[to] = ring->events[from];
        memcpy(numbers_at(&larger, to), numbers_at(ring, from), (size_t)ring->n_numbers * sizeof(double));
    }
    memory_free(ring->events);
    memory_free(ring->numbers);
    *ring = larger;
}

double *event_ring_add(struct event_ring *ring, struct carried_event event)
{
    if (ring->end - ring->first == ring->capacity)
        enlarge(ring);
    uint64_t place = event_ring_place(ring, (uint32_t)ring->end++);
    event.before = ring->latest[event.event.row];
    ring->latest[event.event.row] = ring->end;
    ring->events[place] = event;
    return numbers_at(ring, place);
}

void event_ring_forget(struct event_ring *ring, step_count step)
{
    while (ring->first < ring->end && ring->events[event_ring_place(ring, (uint32_t)ring->first)].event.emitted < step)
        ring->first++;
}
