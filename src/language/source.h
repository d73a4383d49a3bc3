/* Source text and the places in it. A message about a place shows file, line, column, the line, and a caret under the place. */
#ifndef GLION_LANGUAGE_SOURCE_H
#define GLION_LANGUAGE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "support/fault.h"
#include "support/memory.h"

struct source {
    const char
        *name; /* as shown in messages: the path as the user gave it, "<-D p>" for an override, "models/…" for the library */
    const char *text; /* zero-terminated, no zero bytes inside, valid UTF-8 */
    uint32_t length;
};

/* Bytes [begin, end) of a source. source == NULL: no place (built in). */
struct span {
    const struct source *source;
    uint32_t begin, end;
};

/* The largest network file that is read. Larger ones are refused: data belongs into HDF5 or CSV files. A syntax tree takes up to
 * 150 bytes per byte of text, on every rank. */
#define SOURCE_LENGTH_MAX (4u << 20)

/* Read a file. Faults (input): missing, a directory, unreadable, empty, too large (its first bytes are not even read), binary
 * (a zero byte or text that is not UTF-8). */
int source_read(struct arena *arena, const char *path, struct source **out, struct fault *fault);
/* The same checks for text that is already in memory (copied). */
int source_from_text(struct arena *arena, const char *name, const char *text, size_t length, struct source **out,
                     struct fault *fault);

/* The message
 *     FILE:LINE:COLUMN: error: TEXT
 *         the line (tabs shown as spaces; long lines cut around the place)
 *             ^~~~
 * as a fault of status FAULT_INPUT. Columns count characters (not bytes) from 1. */
int source_fault(struct fault *fault, struct span where, const char *format, ...) __attribute__((format(printf, 3, 4)));

uint32_t source_line(struct span where); /* from 1 */
/* The text of a span in quotes, in the arena, or `otherwise` if it is too long for a message or has several lines. */
const char *source_excerpt(struct arena *arena, struct span where, const char *otherwise);
/* "FILE:LINE:COLUMN", in the arena. */
const char *source_place(struct arena *arena, struct span where);

#endif
