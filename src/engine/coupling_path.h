/* The way of a continuous coupling over one piece of a connection (slow inward current, a device's current): each step, weight
 * times a variable of the source, `delay` later, summed into an input of the target.
 *
 * Parallel synapses are merged when the path is made: their weights are added one by one, so a merged weight is that sum, not a
 * product. A source whose values in an interval are all 0 is skipped; the sum is the same. */
#ifndef GLION_ENGINE_COUPLING_PATH_H
#define GLION_ENGINE_COUPLING_PATH_H

#include "engine/nodes.h"
#include "engine/source_values.h"

struct coupling_path {
    struct edges edges; /* merged: every target stands once in a row; row_source is borrowed, the rest owned */
    double *weight;     /* [row_begin[n_rows]] of a merged synapse; owned */
    int input;          /* row of the target population's inputs */
    int own_input;      /* row for the weights of the target's own value; -1: it is not coupled */
    double *own_weight; /* [target->n] sum of the weights of its own value over a target's synapses; NULL without; owned */
    const struct edges *unmerged; /* borrowed */
    step_count delay;
    struct source_values source; /* of `edges`, which do not move: the path stays where it was made */
};

/* `delay`: of all of the edges. */
void coupling_path_create(const struct connection_plan *plan, const struct edges *edges, step_count delay,
                          const struct script *script, const struct nodes *source, const struct nodes *target,
                          struct coupling_path *path);
void coupling_path_release(struct coupling_path *path);
/* Its synapses, which have been kept as they are, have other values now. */
void coupling_path_reweigh(const struct connection_plan *plan, const struct script *script, const struct nodes *target,
                           struct coupling_path *path);

/* How many additions to inputs the steps [begin, end) take; a source that was silent all along takes none. */
uint64_t coupling_path_additions(const struct coupling_path *path, step_count begin, step_count end);
/* Add to the input rows of the steps [begin, end). */
void coupling_path_deliver(const struct coupling_path *path, const struct nodes *target, step_count begin, step_count end,
                           node_local first, node_local last);

#endif
