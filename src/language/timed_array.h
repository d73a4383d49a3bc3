/* The index rule of timed arrays, which is that of Brian 2.5: the time is rounded to a fine grid, a power of 2 finer than the
 * array's, so that a time on the simulation's grid, or at a stage of a step, finds its interval whatever its rounding. */
#ifndef GLION_LANGUAGE_TIMED_ARRAY_H
#define GLION_LANGUAGE_TIMED_ARRAY_H

#include <math.h>

/* K = 2^ceil(log2(8*array_dt/dt)), at least 1: points of the fine grid in an interval of the array. */
static inline double timed_array_points(double array_dt, double dt)
{
    int exponent;
    double fraction = frexp(8 * array_dt / dt, &exponent); /* in [1/2, 1) */
    return fmax(1, ldexp(1, fraction == 0.5 ? exponent - 1 : exponent));
}

/* trunc((t/(array_dt/K) + 0.5)/K), not yet held to the rows that there are. */
static inline double timed_array_row(double t, double array_dt, double dt)
{
    double points = timed_array_points(array_dt, dt);
    return trunc((t / (array_dt / points) + 0.5) / points);
}

#endif
