/* All ranks give records to all ranks: MPI_Alltoallv of exactly what there is, for any number of records. */
#ifndef GLION_NETWORK_EXCHANGE_H
#define GLION_NETWORK_EXCHANGE_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

/* Collective. send_count[r] records of `size` bytes go to rank r; `send` holds them in order of ranks. Returns what arrived, in
 * order of the senders (owned by the caller, TEMPORARY), and receive_count[n_ranks]. */
void *exchange_records(MPI_Comm communicator, const void *send, const uint64_t *send_count, size_t size, uint64_t *receive_count);

/* Collective. Each record begins with a uint64_t, and goes to rank (that number / block). Takes `records` (freed; *n of them, of
 * `size` bytes); returns what arrived, in order of the senders, each sender's in their order, and sets *n. */
void *exchange_by_key(MPI_Comm communicator, void *records, uint64_t *n, size_t size, uint64_t block);

#endif
