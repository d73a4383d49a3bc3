/* What the synapses of a source have in common, on one piece of a connection: states that the source's spikes change, kept once
 * per row. Every spike of a row is an event, which must be told in order of emission. */
#ifndef GLION_ENGINE_SOURCE_STATE_H
#define GLION_ENGINE_SOURCE_STATE_H

#include "engine/history.h"
#include "kernels/kernels.h"
#include "network/edges.h"
#include "plan/plan.h"
#include "support/lanes.h"

/* A spike of a row's source. */
struct row_event {
    uint32_t row;
    uint32_t copy; /* 0 … multiplicity - 1 of the spike */
    step_count emitted;
};

struct source_state {
    const struct connection_plan *plan; /* borrowed */
    struct program_runner on_pre;       /* the plan's */
    uint32_t n_rows;
    step_count stamp_offset; /* from the step of a spike to the time of its event: 1 where the source model stamps the end of the
                                step, else 0; the delay of a pathway that runs at arrival */
    double dt;
    double *shared;         /* the synapses' shared table; owned */
    double *state;          /* [plan->n_states][n_rows]; owned */
    step_count *last_stamp; /* [n_rows] of the last event, 0 at first; owned */
    /* The events of the last call of source_state_run; owned. */
    double *before;             /* [plan->n_states][LANES] the states that they met: just after the row's previous event */
    double *factors;            /* [plan->n_factors][LANES] */
    step_count previous[LANES]; /* the stamp of the row's previous event */
    double *scratch;            /* of the program */
};

void source_state_create(const struct connection_plan *plan, const struct edges *edges, const struct script *script,
                         const struct kernels *kernels, struct source_state *state);
void source_state_release(struct source_state *state);

/* A growing list of events; zero-initialised it is empty. */
struct row_events {
    struct row_event *events; /* [n]; owned */
    uint64_t n, capacity;
};

/* Append what the history holds of one step. */
void row_events_collect(const struct edges *edges, const struct history *history, step_count emitted, struct row_events *list);

/* The first of the events, as many as can be computed at once: at most n and LANES. Returns how many. */
int source_state_run(struct source_state *state, const struct row_event *events, uint64_t n);

#endif
