/* What will arrive when: for each step to come, the runs (network/runs.h) that a thread is going to deliver in it.
 *
 * A ring over steps. Runs of a step are listed in the order in which they were added: by step of emission, source and copy, since
 * spikes are added in that order. */
#ifndef GLION_ENGINE_CALENDAR_H
#define GLION_ENGINE_CALENDAR_H

#include "support/types.h"

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

static inline struct arriving_runs *calendar_at(const struct calendar *calendar, step_count arrival)
{
    return &calendar->lists[arrival % calendar->depth];
}

#endif
