/* Steps as milliseconds, the nearest double to the decimal number that a modeller would write.
 *
 * Steps of 0.1 ms give 0.3, not 3*0.1 = 0.30000000000000004: where the resolution is a decimal number of milliseconds, it is kept
 * as a quotient numerator/denominator of integers, and n steps are (n*numerator)/denominator, rounded once. Any other resolution
 * (1/3 ms) has denominator 1, and n steps are one product. */
#ifndef GLION_RECORDING_TIME_AXIS_H
#define GLION_RECORDING_TIME_AXIS_H

#include "language/script.h"
#include "support/types.h"

struct time_axis {
    double numerator, denominator; /* resolution in ms: numerator/denominator */
};

struct time_axis time_axis_create(double dt); /* dt in seconds */

/* The step from which on something is recorded; the end of the last run for a `record` that stands behind it. */
step_count record_begin(const struct script *script, const struct record *record);

/* The step before which it ends. */
step_count record_end(const struct script *script, const struct record *record);

static inline double milliseconds(struct time_axis axis, step_count step)
{
    return (double)step * axis.numerator / axis.denominator;
}

#endif
