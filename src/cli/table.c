/* Cells are kept until the widest of each column is known. Widths count characters, not bytes. */
#include "cli/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_WIDTH = 100, NARROWEST = 20, GAP = 2, COLUMNS_MAX = 16 };

struct table table_begin(struct arena *arena, const char *columns)
{
    assert(strlen(columns) <= COLUMNS_MAX);
    return (struct table){.columns = columns, .arena = arena};
}

void table_add(struct table *table, const char *format, ...)
{
    if (table->n_cells == table->capacity) {
        int capacity = table->capacity ? 2 * table->capacity : 64;
        const char **cells = ARENA_NEW(table->arena, capacity, const char *);
        if (table->n_cells)
            memcpy(cells, table->cells, (size_t)table->n_cells * sizeof *cells);
        table->cells = cells;
        table->capacity = capacity;
    }
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        memory_exhausted(0);
    table->cells[table->n_cells++] = arena_text(table->arena, text, (size_t)length);
    free(text);
}

static int width_of(const char *text, size_t length)
{
    int width = 0;
    for (size_t k = 0; k < length; k++)
        width += ((unsigned char)text[k] & 0xc0) != 0x80;
    return width;
}

/* Print words until the line is full, and go on below. */
static void print_wrapped(const char *text, int indent)
{
    int room = LINE_WIDTH - indent > NARROWEST ? LINE_WIDTH - indent : NARROWEST, used = 0;
    while (*text) {
        size_t length = strcspn(text, " ");
        int width = width_of(text, length);
        if (used && used + 1 + width > room) {
            printf("\n%*s", indent, "");
            used = 0;
        } else if (used) {
            putchar(' ');
            used++;
        }
        printf("%.*s", (int)length, text);
        used += width;
        text += length;
        text += strspn(text, " ");
    }
}

/* Cells begin where their column does, or end where it does. Spaces are printed only when something follows them. */
static void print_row(const char *const *cells, const char *columns, const int *width, int indent)
{
    int n_columns = (int)strlen(columns), begin = indent, printed = 0;
    for (int k = 0; k < n_columns; k++) {
        int cell = width_of(cells[k], strlen(cells[k]));
        int from = columns[k] == 'r' ? begin + width[k] - cell : begin;
        if (cell) {
            printf("%*s", from - printed, "");
            if (columns[k] == 'l' && k == n_columns - 1)
                print_wrapped(cells[k], from);
            else
                fputs(cells[k], stdout);
            printed = from + cell;
        }
        begin += width[k] ? width[k] + GAP : 0;
    }
    putchar('\n');
}

void table_print(const struct table *table, int indent)
{
    int n_columns = (int)strlen(table->columns), width[COLUMNS_MAX] = {0};
    assert(table->n_cells % n_columns == 0);
    for (int k = 0; k < table->n_cells; k++) {
        int cell = width_of(table->cells[k], strlen(table->cells[k]));
        width[k % n_columns] = cell > width[k % n_columns] ? cell : width[k % n_columns];
    }
    for (int k = 0; k < table->n_cells; k += n_columns)
        print_row(table->cells + k, table->columns, width, indent);
}
