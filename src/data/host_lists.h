/* Lists of numbers that are the same on all ranks: long ones stand once on each host, where all its ranks see them. */
#ifndef GLION_DATA_HOST_LISTS_H
#define GLION_DATA_HOST_LISTS_H

#include <mpi.h>

#include "language/data_reader.h"

struct host_lists {
    MPI_Comm communicator; /* borrowed */
    MPI_Comm host;         /* the ranks that share memory with this one; owned */
    MPI_Comm leaders;      /* the first rank of each host, rank 0 the first of them; MPI_COMM_NULL on the others; owned */
};

/* All functions are collective. */
void host_lists_create(MPI_Comm communicator, struct host_lists *lists);
void host_lists_release(struct host_lists *lists);
/* Room for n numbers, zero at first: on a host that shares it its first rank fills it. */
struct shared_list host_list_begin(const struct host_lists *lists, struct arena *arena, uint64_t n);
/* It is filled; nobody writes to it any more. */
void host_list_end(const struct host_lists *lists, const struct shared_list *list);

#endif
