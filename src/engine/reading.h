/* Values of the nodes of this rank as they stand between two steps. */
#ifndef GLION_ENGINE_READING_H
#define GLION_ENGINE_READING_H

#include "engine/nodes.h"

/* The value of a block's nodes at the beginning of a step, before its inputs are formed: values[LANES], aligned. `scratch`: of
 * interpreter_scratch_bytes(reading). */
void reading_take(const struct nodes *nodes, const struct program *reading, uint32_t block, step_count step, double dt,
                  double *scratch, double *values);

#endif
