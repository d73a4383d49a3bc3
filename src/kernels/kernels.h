/* The kernels of a plan on this rank: compiled once, on rank 0, broadcast, and loaded from memory; or the interpreter. */
#ifndef GLION_KERNELS_KERNELS_H
#define GLION_KERNELS_KERNELS_H

#include <mpi.h>
#include <stdbool.h>

#include "kernels/runner.h"

struct block_arguments;
typedef void block_function(struct block_arguments *arguments);

struct kernel_library {
    void *handle; /* of dlopen */
    int file;     /* kept open with it */
};

struct kernels {
    block_function **block;          /* [n_populations]: runs the steps of a block; NULL for a population without steps; owned */
    struct program_runner *programs; /* [n_programs] the compiled ones of synapses; owned */
    int n_programs;
    int n_compiled;                   /* different kernels; 0 when all is interpreted */
    int n_cached;                     /* of these, found in the cache */
    const char *architecture;         /* "x86-64-v3", …, or "interpreter" */
    char *note;                       /* why the interpreter stepped in, or NULL; owned */
    struct kernel_library *libraries; /* [n_libraries]; owned */
    int n_libraries;
};

/* Collective. `interpret`: do not compile. That nothing can be compiled is not a fault: the interpreter gives the same bits, and
 * `note` says why. */
void kernels_create(const struct plan *plan, bool interpret, MPI_Comm communicator, struct kernels **out);
/* How to run one of the plan's programs: compiled if it has been compiled. */
struct program_runner kernels_runner(const struct kernels *kernels, const struct program *program);
void kernels_destroy(struct kernels **kernels);

#endif
