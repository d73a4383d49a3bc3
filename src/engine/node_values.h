/* The values that nodes begin with: parameters and initial values, as the script gives them, the same for a node wherever it
 * lives. */
#ifndef GLION_ENGINE_NODE_VALUES_H
#define GLION_ENGINE_NODE_VALUES_H

#include "engine/nodes.h"

/* Would any node of this rank get a value that it may not have? Then `fault` says so of the one with the lowest global id, which
 * is returned in `node`, so that ranks can agree on whose is reported. Nothing is kept: this comes before anything is built. */
int node_values_check(const struct plan *plan, struct partition partition, int rank, node_id *node, struct fault *fault);

/* Carry out those of script->assignments from `first` to before `last` that concern the nodes and that they did not begin with.
 * Where a value that could not be foreseen may not be had: a fault, as above. */
int node_values_assign(const struct script *script, struct nodes *nodes, int first, int last, node_id *node, struct fault *fault);

/* Give every slot of the nodes its value; node_values_check has found no fault. */
void node_values_set(const struct script *script, struct nodes *nodes);

#endif
