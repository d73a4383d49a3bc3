/* Glion inside another MPI program: run a network file on the ranks of a communicator.
 *
 * All functions are collective over the communicator and return the same status on every rank: 0, or 1 for a fault while running,
 * or 2 for a fault in what was asked (network file, options, resources), and then a message. The caller has initialised MPI with
 * at least MPI_THREAD_FUNNELED and calls from its main thread. */
#ifndef GLION_GLION_H
#define GLION_GLION_H

#include <mpi.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct glion_override {
    const char *name;       /* of a `let` in the file */
    const char *expression; /* of the same type and dimension, e.g. "200 ms" */
};

struct glion_options {
    const char *file;                       /* path of the network file */
    const struct glion_override *overrides; /* [n_overrides] */
    int n_overrides;
    const char *folder;              /* output folder; NULL: "out/" and the file's name without its ending */
    int n_threads;                   /* threads of each rank; 0: OMP_NUM_THREADS, or a share of the cores */
    const char *partition;           /* how nodes are spread over the ranks; NULL: round_robin */
    bool float64;                    /* reports in double precision */
    bool interpret;                  /* do not compile kernels; the results are the same */
    bool force;                      /* replace an existing output folder */
    bool quiet;                      /* print nothing */
    bool profile;                    /* say what each population and connection cost */
    const volatile int *stop_signal; /* set from a signal handler to stop all ranks together; may be NULL */
};

/* Run the file to its end. `*message` is NULL, or the fault's text on every rank; free() it. */
int glion_run(const struct glion_options *options, MPI_Comm communicator, char **message);

#ifdef __cplusplus
}
#endif

#endif
