#include "simulation/host.h"

#include <omp.h>
#include <stdlib.h>
#include <unistd.h>

int host_ranks(MPI_Comm communicator)
{
    MPI_Comm host;
    int n;
    MPI_Comm_split_type(communicator, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host);
    MPI_Comm_size(host, &n);
    MPI_Comm_free(&host);
    return n;
}

int host_threads(MPI_Comm communicator)
{
    int share = (int)sysconf(_SC_NPROCESSORS_ONLN) / host_ranks(communicator);
    if (getenv("OMP_NUM_THREADS"))
        return omp_get_max_threads();
    if (share > omp_get_num_procs())
        share = omp_get_num_procs();
    return share > 1 ? share : 1;
}
