/* Values of the nodes of this rank as they stand between two steps. */
#ifndef GLION_ENGINE_READING_H
#define GLION_ENGINE_READING_H

#include "engine/nodes.h"
#include "kernels/leaves.h"

/* What a program that runs for a block then reads; it points into itself and into the block's state. */
struct reading_leaves {
    _Alignas(LANES_ALIGNMENT) double time[LANES], step[LANES], index[LANES];
    struct interpreter_leaves leaves;
};

void reading_begin(const struct nodes *nodes, uint32_t block, step_count step, double dt, struct reading_leaves *out);

/* The value of a block's nodes at the beginning of a step, before its inputs are formed: values[LANES], aligned. `scratch`: of
 * interpreter_scratch_bytes(reading). */
void reading_take(const struct nodes *nodes, const struct program *reading, uint32_t block, step_count step, double dt,
                  double *scratch, double *values);

#endif
