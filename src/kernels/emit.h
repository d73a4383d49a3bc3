/* C text of the kernel of a population's plan. Every name in it is generated: nothing of the user's text reaches the compiler.
 * Plans of equal shape give equal text: values that a user may change stand in the shared table, not in the text. */
#ifndef GLION_KERNELS_EMIT_H
#define GLION_KERNELS_EMIT_H

#include "plan/plan.h"
#include "support/text.h"

/* The function that the compiled text defines: void KERNEL_FUNCTION(struct block_arguments *) */
#define KERNEL_FUNCTION "kernel_block"

/* `text` is added to; starts zeroed. */
void emit_kernel(const struct node_plan *plan, struct text *text);

#endif
