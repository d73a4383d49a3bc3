#include "support/fault_share.h"

#include <stdlib.h>
#include <string.h>

#include "support/memory.h"

int fault_share(struct fault *fault, int root, MPI_Comm communicator)
{
    int rank, head[2] = {fault->status, fault->text ? (int)strlen(fault->text) : 0};
    MPI_Comm_rank(communicator, &rank);
    MPI_Bcast(head, 2, MPI_INT, root, communicator);
    if (!head[0])
        return 0;
    char *text = rank == root ? fault->text : calloc((size_t)head[1] + 1, 1);
    if (!text)
        memory_exhausted((size_t)head[1] + 1);
    MPI_Bcast(text, head[1], MPI_CHAR, root, communicator);
    return rank == root ? head[0] : fault_take(fault, head[0], text);
}

int fault_share_first(struct fault *fault, uint64_t place, MPI_Comm communicator)
{
    int rank;
    MPI_Comm_rank(communicator, &rank);
    uint64_t own = fault->status ? place : UINT64_MAX, first;
    MPI_Allreduce(&own, &first, 1, MPI_UINT64_T, MPI_MIN, communicator);
    if (first == UINT64_MAX)
        return 0;
    int candidate = own == first ? rank : -1, root;
    MPI_Allreduce(&candidate, &root, 1, MPI_INT, MPI_MAX, communicator);
    if (rank != root)
        fault_clear(fault);
    return fault_share(fault, root, communicator);
}
