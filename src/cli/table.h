/* Text in aligned columns, two spaces between them, on standard output. */
#ifndef GLION_CLI_TABLE_H
#define GLION_CLI_TABLE_H

#include "support/memory.h"

struct table {
    const char *columns; /* a letter for each: 'l' left-aligned, 'r' right-aligned */
    const char **cells;  /* [n_cells] by rows; in the arena */
    int n_cells, capacity;
    struct arena *arena;
};

struct table table_begin(struct arena *arena, const char *columns);
/* The next cell of the row (printf format). */
void table_add(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Every line is indented. Columns in which all cells are empty are left out; what is left-aligned in the last column is wrapped.
 */
void table_print(const struct table *table, int indent);

#endif
