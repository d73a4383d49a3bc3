/* A number for each pair of a source and a target, from an expression in the network file: a probability, a mean. What it may
 * read is the distance between them. */
#ifndef GLION_NETWORK_PAIR_VALUE_H
#define GLION_NETWORK_PAIR_VALUE_H

#include "kernels/interval.h"
#include "language/script.h"
#include "plan/expression_plan.h"

struct pair_value {
    struct arena *arena; /* of the program; owned */
    struct expression_plan plan;
    double *shared; /* owned */
};

void pair_value_create(const struct script *script, const struct expression *expression, struct pair_value *value);
void pair_value_release(struct pair_value *value);
/* Room that a thread needs to compute values; for memory_new. */
size_t pair_value_scratch_bytes(const struct pair_value *value);

/* What the expression reads of eight pairs. */
struct pair_leaves {
    _Alignas(64) double distance[8];
};

/* The values of eight pairs: a place in `scratch`. */
const double *pair_value_compute(const struct pair_value *value, const struct pair_leaves *leaves, double *scratch);

/* ---- bounds -------------------------------------------------------------------------------------------------------------- */

/* Distances are told apart as floating-point numbers are: each octave has the same number of bins. */
enum {
    DISTANCE_OCTAVES = 24,
    DISTANCE_BINS_PER_OCTAVE = 16,
    DISTANCE_BINS = DISTANCE_OCTAVES * DISTANCE_BINS_PER_OCTAVE,
    DISTANCE_LEVELS = 9, /* 2^8 <= DISTANCE_BINS < 2^9 */
};

/* Between which numbers values lie, by distance: a sparse table of the ranges of 2^level bins from each bin on (M. A. Bender and
 * M. Farach-Colton, LATIN 2000, doi:10.1007/10719839_9), so that any stretch of distances is looked up in two places. */
struct pair_bounds {
    uint64_t first;                          /* the leading bits of the distance at which bin 1 begins, less 1 */
    struct interval *range[DISTANCE_LEVELS]; /* [level][DISTANCE_BINS]; owned */
};

/* Distances up to `largest` are resolved; beyond four times of it there is one bin. */
void pair_bounds_create(const struct pair_value *value, double largest, struct pair_bounds *bounds);
void pair_bounds_release(struct pair_bounds *bounds);
/* 0 <= distance.low <= distance.high */
struct interval pair_bounds_between(const struct pair_bounds *bounds, struct interval distance);

#endif
