/* A histogram over time, summed over ranks, says how many rows stand before each bin of steps; inside a bin the position of a row
 * is interpolated from its key. The estimate is the same function of the key on every rank and never decreases with it, so
 * cutting the estimated positions into n_ranks equal ranges gives shares in order, whatever the estimate is worth. The histogram
 * has a fixed size, and a rank receives about what it sends. */
#include "recording/row_order.h"

#include <assert.h>
#include <stdlib.h>

#include "network/exchange.h"
#include "support/memory.h"

enum { BINS_MAX = 4096 };

struct histogram {
    struct row_range range;
    step_count width;              /* steps in a bin */
    uint64_t before[BINS_MAX + 1]; /* rows of all ranks in earlier bins; the last: in all */
};

int row_key_compare(const struct row_key *a, const struct row_key *b)
{
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    return (a->minor > b->minor) - (a->minor < b->minor);
}

static const struct row_key *key_of(const void *rows, uint64_t k, size_t size)
{
    return (const struct row_key *)((const char *)rows + k * size);
}

static void histogram_fill(struct histogram *histogram, MPI_Comm communicator, const void *rows, uint64_t n, size_t size,
                           struct row_range range)
{
    step_count steps = range.end - range.begin;
    *histogram = (struct histogram){.range = range, .width = (steps + BINS_MAX - 1) / BINS_MAX};
    for (uint64_t k = 0; k < n; k++) {
        const struct row_key *key = key_of(rows, k, size);
        assert(key->step >= range.begin && key->step < range.end && key->minor < range.bound);
        histogram->before[(key->step - range.begin) / histogram->width + 1]++;
    }
    MPI_Allreduce(MPI_IN_PLACE, histogram->before, BINS_MAX + 1, MPI_UINT64_T, MPI_SUM, communicator);
    for (int bin = 0; bin < BINS_MAX; bin++)
        histogram->before[bin + 1] += histogram->before[bin];
}

/* Which rank gets a row. Every operation is monotone in the key, rounding included. */
static int share_of(const struct histogram *histogram, const struct row_key *key, int n_ranks)
{
    step_count step = key->step - histogram->range.begin;
    step_count bin = step / histogram->width;
    double within = ((double)(step % histogram->width) + (double)key->minor / (double)histogram->range.bound) /
                    (double)histogram->width;
    double before = (double)histogram->before[bin], rows = (double)(histogram->before[bin + 1] - histogram->before[bin]);
    int rank = (int)((before + rows * within) / (double)histogram->before[BINS_MAX] * n_ranks);
    return rank < n_ranks ? rank : n_ranks - 1;
}

/* Rows are often in order already: a rank's own spikes are, and what arrives from a single rank. */
static void sort(void *rows, uint64_t n, size_t size, int (*compare)(const void *, const void *))
{
    const char *row = rows;
    for (uint64_t k = 1; k < n; k++)
        if (compare(row + (k - 1) * size, row + k * size) > 0) {
            qsort(rows, n, size, compare);
            return;
        }
}

void *rows_in_order(MPI_Comm communicator, void *rows, uint64_t *n, size_t size, struct row_range range,
                    int (*compare)(const void *, const void *))
{
    int n_ranks;
    MPI_Comm_size(communicator, &n_ranks);
    struct histogram *histogram = MEMORY_NEW(1, struct histogram, TEMPORARY);
    histogram_fill(histogram, communicator, rows, *n, size, range);
    sort(rows, *n, size, compare);
    uint64_t *send_count = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY), *receive_count = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY);
    for (uint64_t k = 0; k < *n; k++)
        send_count[share_of(histogram, key_of(rows, k, size), n_ranks)]++;
    void *share = exchange_records(communicator, rows, send_count, size, receive_count);
    *n = 0;
    for (int rank = 0; rank < n_ranks; rank++)
        *n += receive_count[rank];
    sort(share, *n, size, compare);
    memory_free(histogram);
    memory_free(send_count);
    memory_free(receive_count);
    return share;
}

uint64_t rows_before(MPI_Comm communicator, uint64_t n)
{
    uint64_t before = 0;
    int rank;
    MPI_Exscan(&n, &before, 1, MPI_UINT64_T, MPI_SUM, communicator);
    MPI_Comm_rank(communicator, &rank);
    return rank ? before : 0; /* MPI leaves rank 0's undefined */
}
