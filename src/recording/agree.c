#include "recording/agree.h"

#include <stdlib.h>
#include <string.h>

#include "support/memory.h"

int fault_agree(struct fault *fault, MPI_Comm communicator)
{
    int rank, n_ranks;
    MPI_Comm_rank(communicator, &rank);
    MPI_Comm_size(communicator, &n_ranks);
    int first = fault->status ? rank : n_ranks;
    MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, communicator);
    if (first == n_ranks)
        return FAULT_NONE;
    int message[2] = {fault->status, fault->text ? (int)strlen(fault->text) : 0}; /* status and length of the text */
    MPI_Bcast(message, 2, MPI_INT, first, communicator);
    char *text = malloc((size_t)message[1] + 1);
    if (!text)
        memory_exhausted((size_t)message[1] + 1);
    if (rank == first)
        memcpy(text, fault->text, (size_t)message[1]);
    MPI_Bcast(text, message[1], MPI_CHAR, first, communicator);
    text[message[1]] = 0;
    fault_clear(fault);
    return fault_take(fault, message[0], text);
}
