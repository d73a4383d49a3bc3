/* C text of programs that run for themselves (kernels/runner.h): those of synapses. As in emit.h, every name is generated, and
 * equal programs give equal text. */
#ifndef GLION_KERNELS_EMIT_PROGRAMS_H
#define GLION_KERNELS_EMIT_PROGRAMS_H

#include "plan/program.h"
#include "support/text.h"

/* The function of program number k, a program_function. */
#define PROGRAM_FUNCTION "program_%d"

/* Not those that draw random numbers, or read places that only the interpreter is told of. */
bool can_emit_program(const struct program *program);

/* `text` is added to; starts zeroed. */
void emit_programs(const struct program *const *programs, int n, struct text *text);

#endif
