/* run.json: what a run was and how it went, in one file that tools and people read. The caller fills the struct; what it leaves
 * zero is written as zero, NULL or an empty list. */
#ifndef GLION_RECORDING_MANIFEST_H
#define GLION_RECORDING_MANIFEST_H

#include <mpi.h>

#include "language/script.h"
#include "support/fault.h"

enum run_status { RUN_RUNNING, RUN_FINISHED, RUN_FAILED };

struct named_count {
    const char *name;
    uint64_t n;
};

/* Seconds, or bytes, over the ranks. */
struct named_spread {
    const char *name;
    double minimum, mean, maximum;
};

/* What one part of the step loop spent on one population or connection. */
struct profile_row {
    const char *part, *name;     /* name: of the population or connection; "" where the part is one for all */
    const char *phase;           /* which the part belongs to */
    const char *unit;            /* of what is counted */
    struct named_spread seconds; /* mean over the threads of a rank; over the ranks */
    double processor_seconds;    /* sum over all threads of all ranks */
    uint64_t n;                  /* over all ranks */
};

struct manifest {
    enum run_status status;
    const char *fault; /* the whole message, when RUN_FAILED */

    const char *network_name, *network_text; /* the file as the user called it, and all of it */
    const struct override *overrides;        /* [n_overrides] */
    int n_overrides;
    const struct data_column *data; /* [n_data] columns of files that the script uses */
    int n_data;
    uint64_t seed;
    double dt;             /* seconds */
    step_count steps_done; /* of steps_planned */
    step_count steps_planned;

    int n_ranks, n_threads; /* threads of each rank */
    const char *partition;
    const char *kernels;      /* "compiled", "interpreted" */
    const char *const *hosts; /* [n_hosts] each once */
    int n_hosts;
    double started; /* seconds since 1970 */

    const char *const *files; /* [n_files] what recording_files says: names in the folder */
    int n_files;
    const char *const *printed; /* [n_printed] lines that the script printed */
    int n_printed;
    const struct named_count *populations; /* [n_populations] nodes */
    const struct named_count *spikes;      /* [n_populations] emitted, recorded or not */
    int n_populations;
    const struct named_count *connections; /* [n_connections] synapses */
    int n_connections;
    const struct named_spread *phases; /* [n_phases] seconds */
    int n_phases;
    const struct named_spread *memory; /* [n_memory] bytes by tag */
    int n_memory;
    const struct profile_row *profile; /* [n_profile]; NULL: none was asked for */
    int n_profile;
};

/* Collective; `manifest` matters on rank 0 only. Write FOLDER/run.json, replacing an older one at once and as a whole. */
int manifest_write(const struct manifest *manifest, const char *folder, MPI_Comm communicator, struct fault *fault);

#endif
