/* internal to the room: what the texts of kernels and of single programs are made of. */
#ifndef GLION_KERNELS_EMIT_TEXT_H
#define GLION_KERNELS_EMIT_TEXT_H

#include "plan/program.h"
#include "support/text.h"

/* A file of the source tree that travels in the program, without its includes. */
void emit_embedded(const char *path, struct text *text);
/* A line per instruction: register k is r<k>. */
void emit_instructions(const struct program *program, struct text *text);

#endif
