/* The way of spikes over one piece of a connection whose synapses differ: by their weights or other values, or by their delays.
 *
 * When a spike is known on this rank, the runs of its source's row (network/runs.h) are entered in calendars, one per thread,
 * since each thread delivers to its own targets; in the step of arrival a run is added to the arrival rows. What a synapse sends
 * with every spike is the same as long as it has no state: then the increments of the target's accumulators are computed once,
 * before the first step, and take the place of the columns. Otherwise it is computed when the run arrives (plastic.h). */
#ifndef GLION_ENGINE_SYNAPSE_PATH_H
#define GLION_ENGINE_SYNAPSE_PATH_H

#include "engine/calendar.h"
#include "engine/history.h"
#include "engine/increments.h"
#include "engine/nodes.h"
#include "engine/plastic.h"
#include "network/edges.h"

struct synapse_path {
    struct edges *edges; /* borrowed */
    int edges_index;     /* in network->edges */
    int n_slabs;
    struct calendar *calendars; /* [n_slabs]; owned */
    bool is_plastic;
    struct increments increments; /* unless it is plastic */
    struct plastic plastic;       /* if it is */
};

/* `is_reported`: somebody wants to see what is sent. Unless they are plastic the columns of `edges` become increments.
 * `longest_interval`: in steps. */
void synapse_path_create(const struct connection_plan *plan, struct edges *edges, int edges_index, const struct script *script,
                         const struct nodes *target, step_count longest_interval, bool is_reported, struct synapse_path *path);
void synapse_path_release(struct synapse_path *path);

/* Enter what was emitted in the steps [begin, end) for one slab of the targets; different threads may do so for different slabs.
 * A plastic one must have been told before. Returns the number of runs. */
uint64_t synapse_path_expect(struct synapse_path *path, int slab, const struct history *history, step_count begin,
                             step_count end);
/* Add what arrives in the steps [begin, end) to the arrival rows of the slab's targets. Returns the number of synapses. */
uint64_t synapse_path_deliver(struct synapse_path *path, int slab, const struct nodes *target, step_count begin, step_count end);

#endif
