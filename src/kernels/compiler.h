/* Turns the text of a kernel into the bytes of a shared object, through a cache. One rank calls this; kernels.c shares the bytes.
 *
 * The compiler is the one that built Glion, called by its full path without a shell, with the text on standard input, a clean
 * environment, and limits on time and memory. The cache is a folder of the user's with mode 0700; an entry holds the whole text
 * it was made from, so a collision of hashes cannot deliver a wrong kernel. */
#ifndef GLION_KERNELS_COMPILER_H
#define GLION_KERNELS_COMPILER_H

#include <stddef.h>

#include "support/fault.h"
#include "support/text.h"

/* Instruction sets a kernel can be compiled for, each a superset of the one before. */
enum architecture { ARCHITECTURE_X86_64_V3, ARCHITECTURE_X86_64_V4 };
extern const char *const architecture_names[];
enum architecture
architecture_here(void); /* what this processor can do (at most GLION_ARCHITECTURE from the environment, for tests) */

/* `object` is filled (release with text_release). A status other than 0 says why there is no object; a run can go on with the
 * interpreter. */
int compiler_run(const struct text *source, enum architecture architecture, struct text *object, int *was_cached,
                 struct fault *fault);

#endif
