/* The model library: the files of models/, embedded in the program. A name in a script that it does not declare itself is looked
 * up here. */
#ifndef GLION_LANGUAGE_LIBRARY_H
#define GLION_LANGUAGE_LIBRARY_H

#include "language/ast.h"

struct library_entry {
    const char *name; /* of the model, which is its file's name without ".glion" */
    const char *path; /* "models/neurons/NAME.glion" */
    const char *text; /* the file */
};

/* All entries, sorted by path; ends with a NULL name. Made once in the arena. */
const struct library_entry *library_list(struct arena *arena);
const struct library_entry *library_find(struct arena *arena, const char *name); /* NULL if unknown */
/* The model of an entry, parsed and marked as from the library. A fault is a mistake in the library, with its place. */
int library_parse(struct arena *arena, const struct library_entry *entry, struct model **out, struct fault *fault);

#endif
