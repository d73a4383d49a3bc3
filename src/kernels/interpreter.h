/* Executes programs by walking their instructions, LANES values at a time, with the functions that compiled kernels use: the same
 * bits. The reference in tests, the evaluator of initial values, conditions and synapses, and the way to run where there is no
 * compiler. */
#ifndef GLION_KERNELS_INTERPRETER_H
#define GLION_KERNELS_INTERPRETER_H

#include "kernels/leaves.h"
#include "plan/plan.h"

struct block_arguments;

/* Registers of a program: n_instructions*LANES doubles, aligned. */
size_t interpreter_scratch_bytes(const struct program *program);
/* Room that is shared with other programs grows to what this one needs. */
void interpreter_scratch_include(size_t *bytes, const struct program *program);

/* Run; register k is at scratch[k*LANES] afterwards (a mask as all bits or none). */
void interpret(const struct program *program, const struct interpreter_leaves *leaves, double *scratch);

/* Run a program without leaves other than shared ones, and give lane 0 of each output: values[output.slot]. */
void interpret_uniform(const struct program *program, const double *shared, double *values);

/* The steps of blocks, as a compiled kernel runs them; a->plan and a->scratch must be set. */
void interpret_block(struct block_arguments *a);
/* Bytes of scratch that a call needs, be it of interpret_block or of a compiled kernel, and that any program of the plan needs.
 */
size_t block_scratch_bytes(const struct node_plan *plan);

#endif
