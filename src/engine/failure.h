/* What goes wrong while a thread is at work is noted, and told when the interval is over: that with the lowest (step, population,
 * node), whichever thread found it. */
#ifndef GLION_ENGINE_FAILURE_H
#define GLION_ENGINE_FAILURE_H

#include "engine/state.h"

/* Keep the failure with the lowest (step, population, node). */
void failure_note(struct worker *worker, const struct failure *failure);

/* A draw that has no law: `slot` says which. */
void failure_blame_draw(const struct node_plan *plan, int slot, struct failure *failure);

/* The fault that a kernel tells of the blocks from `first_block` on, in steps from `begin` on. */
void failure_note_block(struct worker *worker, const struct nodes *nodes, int population, uint32_t first_block, step_count begin,
                        const struct block_arguments *arguments);

#endif
