/* Copies of parts of the syntax tree. The checker annotates a tree in place, and each pass of a loop checks the same text again:
 * what is kept of a pass is a copy. Names, texts and spans are shared. */
#ifndef GLION_LANGUAGE_CLONE_H
#define GLION_LANGUAGE_CLONE_H

#include "language/ast.h"

struct expression *expression_clone(struct arena *arena, const struct expression *expression); /* NULL gives NULL */
/* A model that has not been checked yet. */
struct model *model_clone(struct arena *arena, const struct model *model);

#endif
