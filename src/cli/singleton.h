/* The start of MPI where there is but one process. */
#ifndef GLION_CLI_SINGLETON_H
#define GLION_CLI_SINGLETON_H

/* Call before MPI_Init. Where no launcher started this process, tells Open MPI that it will stay alone; changes nothing under
 * mpirun or srun, nothing that the user has set, and nothing for other MPI libraries. */
void singleton_prepare(void);

#endif
