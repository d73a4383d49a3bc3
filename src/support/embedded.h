/* Files that travel inside the program: the model library and the text that every kernel starts with (tools/cmake/embed.cmake).
 */
#ifndef GLION_SUPPORT_EMBEDDED_H
#define GLION_SUPPORT_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *path; /* relative to the source tree, e.g. "models/neurons/iaf.glion"; NULL ends a table */
    const char *text; /* zero-terminated */
    size_t length;
};

#endif
