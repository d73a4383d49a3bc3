/* The way of spikes over one piece of a connection: from a population's spikes, wherever they were emitted, to the arrival rows
 * of a target population on this rank.
 *
 * What a synapse sends depends on its source's spikes only, so it is computed once per spike and row (spike_path_prepare), and
 * then added to the row's targets (spike_path_deliver), by several threads, each for its own range of targets. Arrivals of a step
 * are added in order of emission: source, then copy, then target; DESIGN section 4. */
#ifndef GLION_ENGINE_SPIKE_PATH_H
#define GLION_ENGINE_SPIKE_PATH_H

#include "engine/history.h"
#include "engine/nodes.h"
#include "network/edges.h"

/* A spike on its way to the targets of a row. */
struct row_event {
    uint32_t row;
    int step; /* of arrival, counted from the beginning of the interval */
    step_count emitted;
    uint32_t copy; /* 0 … multiplicity - 1 of the spike */
};

struct spike_path {
    const struct edges *edges; /* borrowed */
    int edges_index;           /* in network->edges */
    const struct connection_plan *plan;
    const struct port_plan *port; /* of the target population */
    const double *target_shared;  /* the target population's shared table */
    step_count stamp_offset;      /* 1 where the source model stamps the end of the step, else 0 */
    double dt;
    double *shared;           /* the synapses' shared table; owned */
    double *state;            /* [plan->n_states][n_rows]; owned */
    step_count *last_stamp;   /* [n_rows] of the last event, 0 at first; owned */
    struct row_event *events; /* [n_events] of the interval, in order of arrival; owned */
    double *sent;             /* [n_events] what the spike sends; owned */
    double *increments;       /* [port's outputs][events_capacity]; owned */
    uint64_t n_events, events_capacity;
    double *batch_state; /* [plan->n_states][LANES]; owned */
    double *scratch;     /* the interpreter's; owned */
};

void spike_path_create(const struct connection_plan *plan, const struct edges *edges, int edges_index,
                       const struct script *script, const struct nodes *target, struct spike_path *path);
void spike_path_release(struct spike_path *path);

/* The events that arrive in the steps [begin, end). */
void spike_path_prepare(struct spike_path *path, const struct history *history, step_count begin, step_count end);
/* How many additions to targets on this rank they make. */
uint64_t spike_path_deliveries(const struct spike_path *path);
/* Add them to the arrival rows of the targets with local positions [first, last). */
void spike_path_deliver(const struct spike_path *path, const struct nodes *target, node_local first, node_local last);

#endif
