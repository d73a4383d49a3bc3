/* From a path to a checked script on every rank: rank 0 reads the file and broadcasts its bytes, every rank parses and checks
 * them; columns of data files go the same way. */
#ifndef GLION_SIMULATION_LOAD_H
#define GLION_SIMULATION_LOAD_H

#include <mpi.h>

#include "language/script.h"
#include "plan/plan.h"
#include "support/fault_share.h"

/* Collective; the same status and message on every rank. `arena` owns the script. */
int script_load(struct arena *arena, const char *path, const struct override *overrides, int n_overrides, MPI_Comm communicator,
                struct script **out, struct fault *fault);

/* The same, planned; `run` finds no other mistake in a script. The script is (*out)->script. */
int plan_load(struct arena *arena, const char *path, const struct override *overrides, int n_overrides, MPI_Comm communicator,
              struct plan **out, struct fault *fault);

#endif
