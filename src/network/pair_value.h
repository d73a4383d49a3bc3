/* A number for each pair of a source and a target, from expressions in the network file: a probability, a mean, a number of
 * synapses. What it may read is the positions of the two nodes in their sets, values of the nodes, the distance between them, and
 * random numbers, which belong to the pair. */
#ifndef GLION_NETWORK_PAIR_VALUE_H
#define GLION_NETWORK_PAIR_VALUE_H

#include "kernels/interval.h"
#include "language/script.h"
#include "plan/expression_plan.h"

struct value_maker;

struct pair_value {
    const struct script *script; /* borrowed */
    const char *projection;      /* name; borrowed */
    struct arena *arena;         /* of the program; owned */
    struct expression_plan plan;
    double *shared;                                   /* owned */
    bool uses_distance, uses_index, uses_ends, draws; /* what it reads */
};

/* `condition`: an argument of the rule, outside of which the number is 0; -1: none. */
void pair_value_create(const struct script *script, const struct projection *projection, int condition, int argument,
                       struct pair_value *value);
void pair_value_release(struct pair_value *value);

/* What is read of eight pairs. */
struct pair_leaves {
    _Alignas(64) double distance[8];
    double index[2 * 8];           /* i of each, j of each: filled where uses_index */
    uint32_t source[8], target[8]; /* positions: filled where it draws */
    double *slots;                 /* [plan.ends.n][8], aligned: values of the ends */
};

/* Computes values; for one thread. */
struct pair_maker {
    const struct pair_value *value;
    struct value_maker *maker; /* where it draws, else NULL; owned */
    double *registers;         /* owned */
    double *numbers;           /* [8]; owned */
};

void pair_maker_create(const struct pair_value *value, struct pair_maker *maker);
void pair_maker_release(struct pair_maker *maker);
/* The values of eight pairs: a place in the maker. */
const double *pair_maker_run(struct pair_maker *maker, const struct pair_leaves *leaves);

/* ---- bounds -------------------------------------------------------------------------------------------------------------- */

/* Distances are told apart as floating-point numbers are: each octave has the same number of bins. */
enum {
    DISTANCE_OCTAVES = 24,
    DISTANCE_BINS_PER_OCTAVE = 16,
    DISTANCE_BINS = DISTANCE_OCTAVES * DISTANCE_BINS_PER_OCTAVE,
    DISTANCE_LEVELS = 9, /* 2^8 <= DISTANCE_BINS < 2^9 */
};

/* Between which numbers values lie that depend on the distance alone: a sparse table of the ranges of 2^level bins from each bin
 * on (M. A. Bender and M. Farach-Colton, LATIN 2000, doi:10.1007/10719839_9), so that any stretch of distances is looked up in
 * two places. */
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
