/* Blocks of nodes run through the steps of an interval, and stop where a sample is taken of them. */
#ifndef GLION_ENGINE_INTEGRATE_H
#define GLION_ENGINE_INTEGRATE_H

#include "engine/block_range.h"
#include "engine/state.h"

/* The steps [begin, end) of some blocks; or some phases of step `begin`, and of the one before (enum block_phase). Nothing may
 * happen in them. */
void integrate_blocks(const struct engine *engine, struct worker *worker, int population, struct block_range blocks,
                      step_count interval_begin, step_count begin, step_count end, int phases);

/* `every` of a block. */
void integrate_acts(const struct engine *engine, struct worker *worker, int population, uint32_t block, step_count step);

/* Blocks run the interval side by side; those that stopped on the way run the rest of it alone. */
void integrate_whole_steps(const struct engine *engine, struct worker *worker, int population, struct block_range range,
                           step_count begin, step_count end);

/* What is left of the open step, whose end may have been brought forward, and the beginning of the next one, in one pass; but for
 * blocks of which a sample is taken in between or behind it. */
void integrate_phases(const struct engine *engine, struct worker *worker, int population, struct block_range range,
                      step_count step);

/* The end of the step before `now`, and what is recorded in it. */
void integrate_end(const struct engine *engine, struct worker *worker, int population, struct block_range range, step_count now);

#endif
