/* What values a program may take while what it reads varies: interval arithmetic.
 *
 * R. E. Moore, Interval Analysis, Prentice-Hall 1966. The result encloses every value that the interpreter computes, up to the
 * rounding of the elementary functions; it is wider than need be where a leaf occurs more than once. */
#ifndef GLION_KERNELS_INTERVAL_H
#define GLION_KERNELS_INTERVAL_H

#include "plan/program.h"

struct interval {
    double low, high; /* -inf and inf where a value may be NaN, or nothing is known */
};

static inline struct interval interval_hull(struct interval a, struct interval b)
{
    return (struct interval){a.low < b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}

/* Between which numbers the leaves of a program lie. */
struct interval_leaves {
    const double *shared;
    struct interval distance;
    struct interval index[2];     /* i and j */
    const struct interval *slots; /* [slot] of OPCODE_NODE */
};

/* Of output 0. Random numbers may be any; other leaves are unknown. registers[program->n_instructions] is room to work in. */
struct interval interval_of_program(const struct program *program, const struct interval_leaves *leaves,
                                    struct interval *registers);

#endif
