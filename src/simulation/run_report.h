/* What a run tells about itself: on the screen while it goes on, in a table at its end, and in run.json. */
#ifndef GLION_SIMULATION_RUN_REPORT_H
#define GLION_SIMULATION_RUN_REPORT_H

#include <mpi.h>
#include <stdbool.h>

#include "engine/engine.h"
#include "kernels/kernels.h"
#include "network/network.h"
#include "plan/plan.h"
#include "recording/manifest.h"
#include "support/memory.h"

/* The phases before and after the step loop; the loop's own are ENGINE_PHASES. */
#define RUN_PHASES(X)             \
    X(CHECK, "read and check")    \
    X(CONNECT, "connect")         \
    X(COMPILE, "compile kernels") \
    X(ALLOCATE, "allocate")       \
    X(SIMULATE, "simulate")       \
    X(CLOSE, "close recordings")

enum run_phase {
#define X(name, text) RUN_##name,
    RUN_PHASES(X)
#undef X
        RUN_PHASE_COUNT
};

#define REPORT_PHASES_MAX (RUN_PHASE_COUNT + ENGINE_PHASE_COUNT)
#define REPORT_MEMORY_MAX (MEMORY_TAG_COUNT + 1)

struct run_report {
    MPI_Comm communicator;
    bool is_shown; /* on this rank: rank 0 prints, unless quiet */
    double phase_start;
    double seconds[RUN_PHASE_COUNT]; /* on this rank */
    /* gathered at the end, the same on all ranks: */
    struct named_spread phases[REPORT_PHASES_MAX];
    int n_phases;
    struct named_spread memory[REPORT_MEMORY_MAX];
    int n_memory;
    double synapse_bytes;               /* summed over ranks */
    struct named_count *nodes, *spikes; /* [n_populations]; owned */
    struct named_count *connections;    /* [n_connections]; owned */
    int n_populations, n_connections;
    double duration;             /* simulated, seconds */
    struct profile_row *profile; /* [n_profile]; owned; NULL: none was asked for */
    int n_profile;
};

void run_report_create(const struct script *script, MPI_Comm communicator, bool quiet, struct run_report *report);
void run_report_release(struct run_report *report);

/* A line on the screen, from rank 0 (printf format, without newline). */
void run_report_line(const struct run_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Time a phase. A phase may be entered several times. */
void run_report_begin(struct run_report *report);
void run_report_end(struct run_report *report, enum run_phase phase);

/* Collective: gather seconds, memory and spikes over the ranks; `engine` may be NULL. */
void run_report_gather(struct run_report *report, const struct script *script, const struct engine *engine);
/* Collective: gather the profile that the engine has kept (profile_report.c). */
void run_report_gather_profile(struct run_report *report, const struct plan *plan, const struct engine *engine, int n_threads);
void run_report_print_profile(const struct run_report *report);
/* The table at the end, from rank 0. */
void run_report_table(const struct run_report *report, const struct script *script);

/* Collective: a rank's value over the ranks. `name` is borrowed. */
struct named_spread run_report_spread(MPI_Comm communicator, const char *name, double value);
/* 18009377 as "18,009,377"; returns `text`. */
const char *run_report_grouped(uint64_t n, char text[32]);

#endif
