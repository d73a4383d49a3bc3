/* A program that is run again and again outside the steps of nodes, as those of synapses are: compiled, or interpreted. */
#ifndef GLION_KERNELS_RUNNER_H
#define GLION_KERNELS_RUNNER_H

#include "kernels/interpreter.h"

/* Leaves the registers of the outputs where the interpreter would, and no others. */
typedef void program_function(const struct interpreter_leaves *leaves, double *scratch);

struct program_runner {
    const struct program *program; /* borrowed from the plan */
    program_function *compiled;    /* NULL: interpreted */
};

/* The value of output k is at scratch[program->outputs[k].reg*LANES] afterwards, the same bits either way. */
static inline void program_run(const struct program_runner *runner, const struct interpreter_leaves *leaves, double *scratch)
{
    if (runner->compiled)
        runner->compiled(leaves, scratch);
    else
        interpret(runner->program, leaves, scratch);
}

#endif
