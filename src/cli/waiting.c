/* A network without delay ends a parallel region in every step. GCC's OpenMP library lets a thread that waits there look 300,000
 * times before it sleeps, several milliseconds: nothing where each thread has a core of its own, but where a core is shared, with
 * other programs or other ranks, the thread that the others wait for cannot run meanwhile. The library reads the number once,
 * before main begins (libgomp manual, "Environment Variables"), so main can set it only for a program that it begins anew. */
#include "cli/waiting.h"

#include <stdlib.h>
#include <unistd.h>

/* Long enough for what one thread does between two regions, some microseconds; docs/performance.md has what was measured. */
static const char looks[] = "2000";

void waiting_prepare(char **argv)
{
    if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT"))
        return;
    setenv("GOMP_SPINCOUNT", looks, 1);
    execv("/proc/self/exe", argv); /* returns only if that is impossible: then threads wait as they do */
}
