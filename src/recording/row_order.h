/* Rows that happened on all ranks, brought into one order for a file: each rank gets the next share of the rows, ready to be
 * written as one contiguous stretch. */
#ifndef GLION_RECORDING_ROW_ORDER_H
#define GLION_RECORDING_ROW_ORDER_H

#include <mpi.h>
#include <stddef.h>

#include "support/types.h"

/* Every row begins with this: rows are ordered by step, then by what stands in `minor` (a node, a synapse), then as `compare`
 * says. */
struct row_key {
    step_count step;
    uint64_t minor;
};

/* Rows of the steps [begin, end); minor < bound. The same on every rank. */
struct row_range {
    step_count begin, end;
    uint64_t bound;
};

/* Three-way comparison of two keys. */
int row_key_compare(const struct row_key *a, const struct row_key *b);

/* Collective. rows[*n] of `size` bytes are this rank's, in any order (they are sorted in place). Returns this rank's share in
 * order (owned by the caller, TEMPORARY) and its length in *n: all rows of rank 0's share stand before those of rank 1's, and so
 * on; rows with equal keys come to one rank. Shares are about equal, as long as the rows of a step are spread over `minor`. */
void *rows_in_order(MPI_Comm communicator, void *rows, uint64_t *n, size_t size, struct row_range range,
                    int (*compare)(const void *, const void *));

/* Collective. The number of rows on lower ranks. */
uint64_t rows_before(MPI_Comm communicator, uint64_t n);

#endif
