/* What will arrive when: for each step to come, the runs (network/runs.h) that a thread is going to deliver in it.
 *
 * A ring over steps. Runs of a step are listed in the order in which they were added: by step of emission, source and copy, since
 * spikes are added in that order. */
#ifndef GLION_ENGINE_CALENDAR_H
#define GLION_ENGINE_CALENDAR_H

#include "engine/history.h"
#include "network/edges.h"

struct arriving_run {
    edge_count begin; /* first synapse, in its edges */
    uint32_t n;       /* synapses */
    uint32_t event;   /* the spike's number among those of the calendar's owner, where it matters */
};

struct arriving_runs {
    struct arriving_run *runs; /* [n]; owned */
    uint64_t n, capacity;
};

struct calendar {
    step_count depth;
    struct arriving_runs *lists; /* [depth]; owned */
};

/* `depth`: more steps than lie between any emission that is added and its arrival. */
void calendar_create(step_count depth, struct calendar *calendar);
void calendar_release(struct calendar *calendar);

/* Enter the runs that the spikes of the steps [begin, end) reach in one slab of `edges`, from the population edges->source.
 * Events are numbered from first_event on: one for each copy of a spike whose source has a row. Returns the number of runs. */
uint64_t calendar_expect(struct calendar *calendar, const struct edges *edges, int slab, const struct history *history,
                         step_count begin, step_count end, uint32_t first_event);

static inline struct arriving_runs *calendar_at(const struct calendar *calendar, step_count arrival)
{
    return &calendar->lists[arrival % calendar->depth];
}

#endif
