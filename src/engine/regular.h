/* Statements of models that run at regular times, `every T { … }`: at the beginning of a step, before anything else in it. */
#ifndef GLION_ENGINE_REGULAR_H
#define GLION_ENGINE_REGULAR_H

#include "engine/nodes.h"
#include "kernels/runtime_host.h"

/* Does anything run at the beginning of this step? */
bool regular_is_due(const struct node_plan *plan, step_count step);
/* Run for a block what is due, in order of the text. `scratch`: of block_scratch_bytes(nodes->plan). Nodes whose
 * counts cannot be drawn are entered in `refused`. */
void regular_act(const struct nodes *nodes, uint32_t block, step_count step, double dt, double *scratch,
                 struct counts_refused *refused);

#endif
