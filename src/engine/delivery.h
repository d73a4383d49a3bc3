/* What reaches the nodes of a thread in an interval: continuous inputs, and what arrives. */
#ifndef GLION_ENGINE_DELIVERY_H
#define GLION_ENGINE_DELIVERY_H

#include "engine/block_range.h"
#include "engine/state.h"

/* The inputs of the steps [begin, end), added up from nothing. */
void delivery_form_inputs(const struct engine *engine, struct worker *worker, int thread, int population,
                          struct block_range range, step_count begin, step_count end);

/* What arrives is added up in the accumulators of the targets; where steps run in two phases, BLOCK_END has cleared them. There
 * the nodes' state is that behind the thresholds, and the step has not ended yet: synapses that do more than add find and change
 * it. */
void delivery_arrive(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end);

/* What arrives at a panel; with `is_first`, what arrives at all panels is looked up before. */
void delivery_arrive_at_panel(const struct engine *engine, struct worker *worker, int thread, int population,
                              struct block_range range, struct block_range panel, bool is_first, bool is_upper);

#endif
