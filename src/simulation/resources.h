/* Does the run fit into memory? Estimated from the script before anything large is allocated. */
#ifndef GLION_SIMULATION_RESOURCES_H
#define GLION_SIMULATION_RESOURCES_H

#include <mpi.h>

#include "network/partition.h"
#include "plan/plan.h"
#include "support/fault.h"

/* Collective. A fault (input) says how much is needed and how much there is, for the rank that is worst off. `*bytes` is the
 * estimate for this rank. */
int resources_check(const struct plan *plan, struct partition partition, MPI_Comm communicator, double *bytes,
                    struct fault *fault);

#endif
