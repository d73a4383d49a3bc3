/* Faults of several ranks: all leave together, with one message. */
#ifndef GLION_SUPPORT_FAULT_SHARE_H
#define GLION_SUPPORT_FAULT_SHARE_H

#include <mpi.h>
#include <stdint.h>

#include "support/fault.h"

/* One message, whoever failed: rank `root`'s fault becomes every rank's. Collective. */
int fault_share(struct fault *fault, int root, MPI_Comm communicator);

/* Of the ranks' faults the one with the lowest `place` becomes everybody's; 0 if no rank has one. Places of different ranks
 * differ. Collective. */
int fault_share_first(struct fault *fault, uint64_t place, MPI_Comm communicator);

#endif
