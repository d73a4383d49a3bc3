/* Only rank 0 opens files, so it does not matter what other hosts see. While it reads, a column takes up to 24 bytes for each row
 * on rank 0; then 8 on every host. */
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

/* What rank 0 has comes to all ranks. */
static const double *spread(const struct host_lists *lists, struct arena *arena, const double *here, uint64_t n)
{
    int rank;
    MPI_Comm_rank(lists->communicator, &rank);
    struct shared_list list = host_list_begin(lists, arena, n);
    if (rank == 0 && n)
        memcpy(list.numbers, here, n * sizeof *here);
    if (list.fills)
        broadcast(list.numbers, n, list.is_shared ? lists->leaders : lists->communicator);
    host_list_end(lists, &list);
    return list.numbers;
}

static int read_everywhere(void *context, const struct data_request *request, struct arena *arena, const double **numbers,
                           uint64_t *n, struct fault *fault)
{
    const struct host_lists *lists = context;
    struct numbers here = {0};
    int rank;
    MPI_Comm_rank(lists->communicator, &rank);
    if (rank == 0)
        (void)read_here(request, &here, fault);
    int status = fault_share(fault, 0, lists->communicator);
    if (!status) {
        MPI_Bcast(&here.n, 1, MPI_UINT64_T, 0, lists->communicator);
        *numbers = spread(lists, arena, here.values, here.n);
        *n = here.n;
    }
    memory_free(here.values);
    return status;
}

static struct shared_list list_begin(void *context, struct arena *arena, uint64_t n)
{
    return host_list_begin(context, arena, n);
}

static void list_end(void *context, const struct shared_list *list)
{
    host_list_end(context, list);
}

struct data_reader data_reader_create(struct host_lists *lists)
{
    return (struct data_reader){.read = read_everywhere, .list_begin = list_begin, .list_end = list_end, .context = lists};
}
