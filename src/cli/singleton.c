/* A process that no launcher started is a world of its own, and for Open MPI 4 most of starting it is preparing for others: it
 * starts a daemon (orted) through which further processes might join, and opens every network that the machine may have. Both are
 * settings, which Open MPI reads from the environment ("MCA parameters", see `ompi_info --all`). */
#include "cli/singleton.h"

#include <stddef.h>
#include <stdlib.h>

/* What launchers put into the environment of the processes that they start: mpirun of Open MPI; all that speak PMIx or PMI (srun,
 * mpiexec of other libraries); SLURM in any job, so that nothing is decided for a process that its administrator may start in
 * another way. */
static const char *const launcher_variables[] = {
    "OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMIX_NAMESPACE", "PMI_RANK", "PMI_FD", "SLURM_PROCID",
};

static const struct {
    const char *name, *value;
} settings[] = {
    {"OMPI_MCA_ess_singleton_isolated", "1"}, /* no daemon */
    {"OMPI_MCA_pml", "ob1"},                  /* no look at the fast networks, which have a pml of their own */
    {"OMPI_MCA_btl", "self"},                 /* of ob1's transports only the one from a process to itself */
};

void singleton_prepare(void)
{
    for (size_t k = 0; k < sizeof launcher_variables / sizeof *launcher_variables; k++)
        if (getenv(launcher_variables[k]))
            return;
    for (size_t k = 0; k < sizeof settings / sizeof *settings; k++)
        setenv(settings[k].name, settings[k].value, 0);
}
