/* One status for all ranks: a fault of one is a fault of all. */
#ifndef GLION_RECORDING_AGREE_H
#define GLION_RECORDING_AGREE_H

#include <mpi.h>

#include "support/fault.h"

/* Collective. If any rank has a fault, all leave with that of the lowest such rank, and its status; else 0. */
int fault_agree(struct fault *fault, MPI_Comm communicator);

#endif
