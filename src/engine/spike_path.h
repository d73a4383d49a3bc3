/* The way of spikes over one piece of a connection: from a population's spikes, wherever they were emitted, to the arrival rows
 * of a target population on this rank.
 *
 * What a synapse sends depends on its source's spikes only, so it is computed once per spike and row (spike_path_prepare), and
 * then added to the row's targets (spike_path_deliver), by several threads, each for its own range of targets. Arrivals of a step
 * are added in order of emission: source, then copy, then target; DESIGN section 4. */
#ifndef GLION_ENGINE_SPIKE_PATH_H
#define GLION_ENGINE_SPIKE_PATH_H

#include "engine/nodes.h"
#include "engine/rows.h"
#include "engine/source_state.h"

struct spike_path {
    const struct edges *edges;    /* borrowed */
    int edges_index;              /* in network->edges */
    const struct port_plan *port; /* of the target population */
    struct program_runner increments_of_port;
    const double *target_shared; /* the target population's shared table */
    step_count delay;
    struct source_state source;
    struct row_events events; /* of the interval, in order of arrival */
    int n_sent;               /* numbers that a spike brings to the port */
    double *sent;             /* [n_sent][events.capacity]; owned */
    double *increments;       /* [port's outputs][events.capacity]; owned */
    step_count begin;         /* of the interval */
    double *argument;         /* [n_sent][LANES] of the port; owned */
    double *scratch;          /* of the port's program; owned */
    int n_slabs;              /* threads that deliver */
    struct row_part **rest;   /* [n_slabs][events.capacity] what each has still to deliver of each event's row; owned */
};

/* The step of an event's arrival, counted from the beginning of the interval. */
static inline int spike_path_step(const struct spike_path *path, const struct row_event *event)
{
    return (int)(event->emitted + path->delay - path->begin);
}

void spike_path_create(const struct connection_plan *plan, const struct edges *edges, int edges_index,
                       const struct script *script, const struct nodes *target, const struct kernels *kernels, int n_slabs,
                       struct spike_path *path);
void spike_path_release(struct spike_path *path);

/* The events that arrive in the steps [begin, end). */
void spike_path_prepare(struct spike_path *path, const struct history *history, step_count begin, step_count end);
/* How many additions to targets on this rank they make. */
uint64_t spike_path_deliveries(const struct spike_path *path);
/* Add them to the arrival rows of the targets with local positions [first, last). */
void spike_path_deliver(const struct spike_path *path, const struct nodes *target, node_local first, node_local last);

/* The same for one thread, a panel of its targets after the other, upwards or downwards: first all its targets are named, … */
void spike_path_begin_panels(const struct spike_path *path, int slab, node_local first, node_local last);
/* … then [first, last), a panel at the lower or at the upper end of what is left. The arrivals of target `first` stand at the
 * beginning of `arrivals`. */
void spike_path_deliver_panel(const struct spike_path *path, int slab, const struct tile *arrivals, node_local first,
                              node_local last, bool is_upper);

#endif
