/* How long the phases of the step loop take. Time is charged in laps: where one phase ends the next one begins, with one reading
 * of the clock, since a short step takes no longer than a few dozen of them. */
#ifndef GLION_ENGINE_LAPS_H
#define GLION_ENGINE_LAPS_H

#include <omp.h>

#include "engine/engine.h"
#include "engine/profile.h"

struct laps {
    double seconds[ENGINE_PHASE_COUNT];
    double last; /* reading of the clock; all before it has been charged */
};

/* Who keeps laps keeps a profile, too, whose next lap begins at the same time. */
static inline void laps_begin(struct laps *laps, struct profile *profile, double now)
{
    laps->last = now;
    profile_begin(profile, now);
}

static inline void laps_end(struct laps *laps, struct profile *profile, enum engine_phase phase)
{
    const double now = omp_get_wtime();
    laps->seconds[phase] += now - laps->last;
    laps_begin(laps, profile, now);
}

#endif
