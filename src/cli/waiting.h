/* How threads wait for each other at the end of parallel regions. */
#ifndef GLION_CLI_WAITING_H
#define GLION_CLI_WAITING_H

/* Call first in main. Where neither OMP_WAIT_POLICY nor GOMP_SPINCOUNT says how threads wait, begins the program anew with a
 * setting under which they soon leave the core to others; changes nothing for OpenMP libraries other than GCC's. */
void waiting_prepare(char **argv);

#endif
