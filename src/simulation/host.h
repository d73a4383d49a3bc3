/* The host that a rank shares with others. */
#ifndef GLION_SIMULATION_HOST_H
#define GLION_SIMULATION_HOST_H

#include <mpi.h>

/* Collective: ranks of the communicator on this rank's host. */
int host_ranks(MPI_Comm communicator);

/* Collective: threads for each rank when nobody says how many: OMP_NUM_THREADS, else this rank's share of the host's cores, and
 * no more than the cores it is bound to. */
int host_threads(MPI_Comm communicator);

#endif
