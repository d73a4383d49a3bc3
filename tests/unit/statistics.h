/* Limits and p-values for tests of random numbers. Seeds are fixed, so a test always passes or always fails; a false-alarm rate
 * says how likely it would have been to pick seeds with which a correct program fails. */
#ifndef GLION_TESTS_STATISTICS_H
#define GLION_TESTS_STATISTICS_H

#include <math.h>
#include <stdint.h>

/* |z| of a normal deviate: exceeded with probability 1e-7. */
#define NORMAL_LIMIT 5.327

/* Exceeded by chi-square with probability of about 1e-7 (Wilson and Hilferty, Proc. Natl. Acad. Sci. 17:684, 1931). */
static inline double chi_square_limit(int degrees)
{
    const double z = 5.2, s = 2.0 / (9.0 * degrees);
    return degrees * pow(1 - s + z * sqrt(s), 3);
}

/* Deviation of a number of successes from its expectation, in standard deviations. */
static inline double binomial_deviation(double successes, double trials, double p)
{
    return (successes - trials * p) / sqrt(trials * p * (1 - p));
}

/* Sum over n classes of (observed - expected)^2 / expected, with the same expectation for all. */
static inline double chi_square_uniform(const uint64_t *observed, int n)
{
    double total = 0, sum = 0;
    for (int k = 0; k < n; k++)
        total += (double)observed[k];
    for (int k = 0; k < n; k++)
        sum += pow((double)observed[k] - total / n, 2) / (total / n);
    return sum;
}

#endif
