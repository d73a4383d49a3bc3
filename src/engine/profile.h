/* What the step loop spends on each population and each connection, if somebody asks (`glion run --profile`).
 *
 * A part of the loop has a cell for each population, each connection, or one for all; each thread has its own cells. Time is
 * charged in laps: from one reading of the clock to the next, once per part and interval and never per node or event, so that
 * keeping a profile costs next to nothing; without one nothing is read at all. What is counted (spikes, events, node-steps) is
 * exact. */
#ifndef GLION_ENGINE_PROFILE_H
#define GLION_ENGINE_PROFILE_H

#include <omp.h>

#include "language/script.h"

enum profile_of { OF_POPULATION, OF_CONNECTION, OF_ALL };

/* name, what it has cells for, phase of engine.h that it is a part of, text */
#define PROFILE_PARTS(X)                                                                                       \
    X(PREPARE, OF_CONNECTION, PHASE_PREPARE, "prepare arrivals") /* spikes looked up; laws of emission */      \
    X(EXPECT, OF_CONNECTION, PHASE_DELIVER, "expect")            /* runs of synapses that differ */            \
    X(CLEAR, OF_POPULATION, PHASE_DELIVER, "clear inputs")       /* node-steps */                              \
    X(DELIVER, OF_CONNECTION, PHASE_DELIVER, "deliver")          /* additions to a target, or draws for one */ \
    X(INTEGRATE, OF_POPULATION, PHASE_INTEGRATE, "integrate")    /* node-steps */                              \
    X(SORT, OF_ALL, PHASE_EXCHANGE, "sort own spikes")                                                         \
    X(PACK, OF_ALL, PHASE_EXCHANGE, "pack")                                                                    \
    X(TALK, OF_ALL, PHASE_EXCHANGE, "talk and wait") /* intervals */                                           \
    X(UNPACK, OF_ALL, PHASE_EXCHANGE, "unpack")      /* spikes of all ranks */                                 \
    X(OBSERVE, OF_ALL, PHASE_OBSERVE, "record")      /* intervals */

enum profile_part {
#define X(name, of, phase, text) PROFILE_##name,
    PROFILE_PARTS(X)
#undef X
        PROFILE_PART_COUNT
};

struct profile_cell {
    double seconds;
    uint64_t n; /* of what the part does */
};

struct profile {
    struct profile_cell *cells; /* by part, then population or connection; NULL: no profile is kept; owned */
    int first[PROFILE_PART_COUNT + 1];
    double last; /* reading of the clock */
};

void profile_create(const struct script *script, bool is_kept, struct profile *profile);
void profile_release(struct profile *profile);

static inline void profile_count(struct profile *profile, enum profile_part what, int which, uint64_t n)
{
    if (profile->cells)
        profile->cells[profile->first[what] + which].n += n;
}

/* The next lap begins at a time that was read anyway. */
static inline void profile_begin(struct profile *profile, double now)
{
    profile->last = now;
}

/* What was done since the last lap is nobody's. */
static inline void profile_skip(struct profile *profile)
{
    if (profile->cells)
        profile->last = omp_get_wtime();
}

static inline void profile_lap(struct profile *profile, enum profile_part what, int which, uint64_t n)
{
    if (!profile->cells)
        return;
    double now = omp_get_wtime();
    struct profile_cell *cell = &profile->cells[profile->first[what] + which];
    cell->seconds += now - profile->last;
    cell->n += n;
    profile->last = now;
}

#endif
