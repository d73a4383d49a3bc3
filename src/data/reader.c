/* Only rank 0 opens files, so it does not matter what other hosts see. While it reads, a column takes up to 24 bytes for each row
 * on rank 0; then 8 on every rank. */
#include "data/reader.h"

#include <string.h>

#include "data/csv.h"
#include "data/hdf5_column.h"
#include "support/fault_share.h"

/* Numbers in one message. */
#define BROADCAST_MAX (1u << 26)

static int read_here(const struct data_request *request, struct numbers *out, struct fault *fault)
{
    return request->format == DATA_CSV ? csv_read(request, out, fault) : hdf5_read(request, out, fault);
}

static void broadcast(double *numbers, uint64_t n, MPI_Comm communicator)
{
    for (uint64_t k = 0; k < n; k += BROADCAST_MAX) {
        uint64_t length = n - k < BROADCAST_MAX ? n - k : BROADCAST_MAX;
        MPI_Bcast(numbers + k, (int)length, MPI_DOUBLE, 0, communicator);
    }
}

static int read_everywhere(void *context, const struct data_request *request, struct arena *arena, const double **numbers,
                           uint64_t *n, struct fault *fault)
{
    MPI_Comm communicator = *(MPI_Comm *)context;
    struct numbers here = {0};
    int rank;
    MPI_Comm_rank(communicator, &rank);
    if (rank == 0)
        (void)read_here(request, &here, fault);
    int status = fault_share(fault, 0, communicator);
    if (!status) {
        MPI_Bcast(&here.n, 1, MPI_UINT64_T, 0, communicator);
        double *values = ARENA_NEW(arena, here.n, double);
        if (rank == 0 && here.n)
            memcpy(values, here.values, here.n * sizeof *values);
        broadcast(values, here.n, communicator);
        *numbers = values;
        *n = here.n;
    }
    memory_free(here.values);
    return status;
}

struct data_reader data_reader_create(MPI_Comm *communicator)
{
    return (struct data_reader){.read = read_everywhere, .context = communicator};
}
