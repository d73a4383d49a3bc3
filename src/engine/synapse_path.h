/* The way of spikes over one piece of a connection whose synapses are plastic (plastic.h).
 *
 * When a spike is known on this rank, the runs of its source's row (network/runs.h) are entered in calendars, one per thread,
 * since each thread delivers to its own targets; in the step of arrival what the run's synapses send is computed, and added. */
#ifndef GLION_ENGINE_SYNAPSE_PATH_H
#define GLION_ENGINE_SYNAPSE_PATH_H

#include "engine/calendar.h"
#include "engine/history.h"
#include "engine/nodes.h"
#include "engine/plastic.h"
#include "network/edges.h"

struct synapse_path {
    struct edges *edges; /* borrowed */
    int edges_index;     /* in network->edges */
    int n_slabs;
    struct calendar *calendars; /* [n_slabs]; owned */
    struct plastic plastic;
};

/* `post`: the spikes of the target population, if the synapses have on_post. `is_reported`: somebody wants to see what is sent.
 * `longest_interval`: in steps. */
void synapse_path_create(const struct connection_plan *plan, struct edges *edges, int edges_index, const struct script *script,
                         const struct nodes *target, const struct post_history *post, const struct kernels *kernels,
                         step_count longest_interval, bool is_reported, struct synapse_path *path);
void synapse_path_release(struct synapse_path *path);

/* Enter what was emitted in the steps [begin, end) for one slab of the targets; different threads may do so for different slabs.
 * It must have been told before. Returns the number of runs. */
uint64_t synapse_path_expect(struct synapse_path *path, int slab, const struct history *history, step_count begin,
                             step_count end);
/* Add what arrives in the steps [begin, end) to the arrival rows of the slab's targets. Returns the number of synapses. */
uint64_t synapse_path_deliver(struct synapse_path *path, int slab, const struct nodes *target, step_count begin, step_count end);

#endif
