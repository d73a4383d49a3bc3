/* CSV files: rows of cells between commas, semicolons or tabs, whichever comes first in the first row.
 *
 * The first row names the columns, unless the script numbers them. A cell may stand in quotes, with "" for a quote in it; spaces
 * around cells do not count, empty lines are passed over, and so are those that begin with '#'. Every row has as many cells as
 * the first. The file is read line by line, so its text takes no memory; only the cells of the one column are made numbers. */
#include "data/csv.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/memory.h"
#include "support/text.h"

/* Names of columns that a message lists. */
#define LISTED_MAX 20
/* Bytes of a cell that a message shows. */
#define SHOWN_MAX 40

struct csv {
    const struct data_request *request;
    FILE *file;
    char *line;           /* [CSV_LINE_MAX]; owned */
    uint64_t line_number; /* of the one in `line`, from 1 */
    char separator;
    int64_t n_cells, column; /* of each row; the one that is read */
};

static int fault_line(const struct csv *csv, struct fault *fault, const char *text)
{
    return fault_input(fault, "'%s', line %llu: %s", csv->request->shown, (unsigned long long)csv->line_number, text);
}

/* ---- lines ------------------------------------------------------------------------------------------------ */

static int csv_open(struct csv *csv, struct fault *fault)
{
    struct stat status;
    csv->file = fopen(csv->request->path, "r");
    if (!csv->file)
        return fault_input(fault, "'%s' cannot be opened: %s", csv->request->shown, strerror(errno));
    if (fstat(fileno(csv->file), &status) || !S_ISREG(status.st_mode))
        return fault_input(fault, "'%s' is no file that can be read", csv->request->shown);
    csv->line = MEMORY_NEW(CSV_LINE_MAX, char, TEMPORARY);
    return 0;
}

/* The next line that has cells, without its end; *more is false behind the last one. */
static int next_line(struct csv *csv, bool *more, struct fault *fault)
{
    while ((*more = fgets(csv->line, CSV_LINE_MAX, csv->file))) {
        csv->line_number++;
        size_t length = strlen(csv->line);
        if ((length == 0 || csv->line[length - 1] != '\n') && !feof(csv->file))
            return fault_line(csv, fault, "it is longer than 1 MiB, or holds a zero byte: is this a CSV file?");
        while (length && strchr(" \t\r\n", csv->line[length - 1]) && csv->line[length - 1] != csv->separator)
            csv->line[--length] = 0;
        if (length && csv->line[0] != '#')
            return 0;
    }
    if (ferror(csv->file))
        return fault_input(fault, "'%s' cannot be read: %s", csv->request->shown, strerror(errno));
    return 0;
}

/* ---- cells ------------------------------------------------------------------------------------------------ */

static char *skip_blanks(char *text, char separator)
{
    while ((*text == ' ' || *text == '\t') && *text != separator)
        text++;
    return text;
}

/* The text between quotes, its double quotes made single; *rest is what follows. NULL: it is never closed. */
static char *cut_quoted(char *open, char **rest)
{
    char *to = open;
    for (char *from = open + 1; *from; from++) {
        if (*from == '"' && from[1] == '"')
            from++;
        else if (*from == '"') {
            *to = 0;
            *rest = from + 1;
            return open;
        }
        *to++ = *from;
    }
    return NULL;
}

/* Cuts the next cell off a row: *rest is then behind its separator, or NULL at the end of the row. NULL: its quotes are wrong. */
static char *cut_cell(char **rest, char separator)
{
    char *cell = skip_blanks(*rest, separator), *end = cell;
    if (*cell == '"') {
        cell = cut_quoted(cell, &end);
        end = cell ? skip_blanks(end, separator) : NULL;
        if (!cell || (*end && *end != separator))
            return NULL;
        *rest = *end ? end + 1 : NULL;
        return cell;
    }
    while (*end && *end != separator)
        end++;
    *rest = *end ? end + 1 : NULL;
    while (end > cell && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = 0;
    return cell;
}

/* The cell of the column in the row at hand, whose cells are counted. */
static int find_cell(struct csv *csv, char **out, struct fault *fault)
{
    int64_t n = 0;
    for (char *rest = csv->line; rest; n++) {
        char *cell = cut_cell(&rest, csv->separator);
        if (!cell)
            return fault_line(csv, fault, "a cell in quotes is not closed, or goes on behind them");
        if (n == csv->column)
            *out = cell;
    }
    if (n == csv->n_cells)
        return 0;
    return fault_input(fault, "'%s', line %llu: it has %lld cell%s, but the first row has %lld", csv->request->shown,
                       (unsigned long long)csv->line_number, (long long)n, n == 1 ? "" : "s", (long long)csv->n_cells);
}

static int parse_number(const struct csv *csv, const char *cell, double *out, struct fault *fault)
{
    char *end;
    *out = strtod(cell, &end);
    if (*cell && !*end && !isnan(*out))
        return 0;
    if (!*cell)
        return fault_line(csv, fault, "the cell is empty, where a number is needed");
    char shown[SHOWN_MAX + 1];
    size_t length = 0;
    for (; cell[length] && length < SHOWN_MAX; length++)
        shown[length] = (unsigned char)cell[length] < ' ' ? '?' : cell[length];
    while (cell[length] && length && ((unsigned char)cell[length] & 0xc0) == 0x80) /* not within a character */
        length--;
    return fault_input(fault, "'%s', line %llu: '%.*s%s' is not a number", csv->request->shown,
                       (unsigned long long)csv->line_number, (int)length, shown, cell[length] ? "…" : "");
}

/* ---- the first row ---------------------------------------------------------------------------------------- */

static char separator_of(const char *line)
{
    bool is_quoted = false;
    for (; *line; line++) {
        is_quoted ^= *line == '"';
        if (!is_quoted && strchr(",;\t", *line))
            return *line;
    }
    return ',';
}

static int find_named_column(struct csv *csv, struct fault *fault)
{
    struct text names = {0};
    csv->column = -1;
    int status = 0;
    for (char *rest = csv->line; rest && !status; csv->n_cells++) {
        const char *name = cut_cell(&rest, csv->separator);
        if (!name)
            status = fault_line(csv, fault, "a name in quotes is not closed, or goes on behind them");
        else if (strcmp(name, csv->request->column) == 0 && csv->column >= 0)
            status = fault_input(fault, "'%s' has two columns that are called '%s'", csv->request->shown, name);
        else if (strcmp(name, csv->request->column) == 0)
            csv->column = csv->n_cells;
        if (name && csv->n_cells <= LISTED_MAX)
            text_add(&names, csv->n_cells == LISTED_MAX ? "%s…" : "%s%.*s", csv->n_cells ? ", " : "", SHOWN_MAX, name);
    }
    if (!status && csv->column < 0)
        status = fault_input(fault, "'%s' has no column '%s' (its columns are %s)", csv->request->shown, csv->request->column,
                             names.characters);
    text_release(&names);
    return status;
}

static int find_numbered_column(struct csv *csv, struct fault *fault)
{
    csv->column = csv->request->number;
    for (const char *end = csv->line; end; end = strchr(end, csv->separator)) {
        csv->n_cells++;
        end += csv->n_cells > 1;
    }
    if (csv->column < csv->n_cells)
        return 0;
    return fault_input(fault, "'%s' has %lld column%s, so a column must be from 0 to %lld, not %lld", csv->request->shown,
                       (long long)csv->n_cells, csv->n_cells == 1 ? "" : "s", (long long)csv->n_cells - 1,
                       (long long)csv->column);
}

/* ---- all of it -------------------------------------------------------------------------------------------- */

static void skip_byte_order_mark(char *line)
{
    if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
        memmove(line, line + 3, strlen(line + 3) + 1);
}

static int read_rows(struct csv *csv, struct numbers *out, struct fault *fault)
{
    bool more, is_named = csv->request->column;
    TRY(next_line(csv, &more, fault));
    if (!more)
        return fault_input(fault, "'%s' is empty", csv->request->shown);
    skip_byte_order_mark(csv->line);
    csv->separator = separator_of(csv->line);
    TRY(is_named ? find_named_column(csv, fault) : find_numbered_column(csv, fault));
    if (is_named)
        TRY(next_line(csv, &more, fault));
    while (more) {
        char *cell = NULL;
        TRY(find_cell(csv, &cell, fault));
        if (out->n == DATA_ROWS_MAX)
            return fault_input(fault, "'%s' has more than %u rows", csv->request->shown, DATA_ROWS_MAX);
        TRY(parse_number(csv, cell, MEMORY_PUSH(out->values, out->n, out->capacity, double, TEMPORARY), fault));
        TRY(next_line(csv, &more, fault));
    }
    return 0;
}

int csv_read(const struct data_request *request, struct numbers *out, struct fault *fault)
{
    struct csv csv = {.request = request};
    if (csv_open(&csv, fault) == 0)
        (void)read_rows(&csv, out, fault);
    if (csv.file)
        fclose(csv.file);
    memory_free(csv.line);
    return fault->status;
}
