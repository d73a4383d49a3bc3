/* One column of a CSV file. */
#ifndef GLION_DATA_CSV_H
#define GLION_DATA_CSV_H

#include "data/numbers.h"
#include "language/data_reader.h"

/* A line of more bytes is refused. */
#define CSV_LINE_MAX (1u << 20)

/* Read the column that the request names, or numbers, on this rank. Faults (input): no such file or column; a row with another
 * number of cells than the first, or a cell of the column that is no number, with the line. */
int csv_read(const struct data_request *request, struct numbers *out, struct fault *fault);

#endif
