/* From where values are sampled to where they are written: every rank samples some columns of a file and writes a contiguous
 * block of them. Which goes where never changes. */
#ifndef GLION_RECORDING_COLUMN_EXCHANGE_H
#define GLION_RECORDING_COLUMN_EXCHANGE_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

struct column_exchange {
    uint64_t n_columns;      /* of all ranks */
    uint64_t begin, count;   /* this rank's block */
    uint64_t *send_count;    /* [n_ranks] how many columns that are sampled here stand in each rank's block; owned */
    uint64_t *receive_count; /* [n_ranks] how many columns of this rank's block come from each rank; owned */
    uint32_t *place;         /* [count] column in this rank's block of each value, in the order in which they arrive; owned */
};

void column_exchange_release(struct column_exchange *exchange);

/* Collective. frames[n_frames][n_here] as sampled become [n_frames][count] of this rank's block; the result is owned by the
 * caller (TEMPORARY). */
char *column_exchange_frames(const struct column_exchange *exchange, MPI_Comm communicator, const char *frames, uint64_t n_frames,
                             uint64_t n_here, size_t value_bytes);

#endif
