/* Drawing the sources of a target where an argument of the rule depends on the distance.
 *
 * The law is that of a test of every source; the work is not, where the argument decays. The sources stand in a tree. For a
 * target it is walked down, until over a part the argument varies little, or so little is expected from it that a closer look
 * would cost more. From each part sources are proposed with the largest value that the argument may take there, by skips, and
 * each is accepted with the ratio of its own value to it (thinning: P. A. W. Lewis and G. S. Shedler, Nav. Res. Logist. Q.
 * 26:403, 1979, doi:10.1002/nav.3800260304).
 *
 * Values outside of what the argument allows are found for certain: where the interval of possible values does not exclude them,
 * every pair is looked at. */
#ifndef GLION_NETWORK_BY_DISTANCE_H
#define GLION_NETWORK_BY_DISTANCE_H

#include <mpi.h>

#include "network/node_tree.h"
#include "network/pair_value.h"
#include "support/fault.h"
#include "support/random.h"

struct draw;

/* A projection's sources, and its argument. The same on every rank, for all threads. */
struct by_distance {
    const struct script *script;         /* borrowed */
    const struct projection *projection; /* borrowed */
    int argument;                        /* of the rule: which one depends on the distance */
    double limit;                        /* its largest value */
    struct node_tree sources;
    struct pair_value value;
    struct pair_bounds bounds;
};

/* Sources that a target is offered: those at [begin, end) in the tree, each with the same weight. */
struct offer {
    uint64_t begin, end;
    double bound;  /* no source has a larger value */
    double before; /* sum of (end - begin) * bound over the offers before it */
};

/* What keeps a projection from being drawn. */
struct refusal {
    enum { REFUSED_NOTHING, REFUSED_VALUE, REFUSED_TOO_FEW, REFUSED_SOURCE_PLACE, REFUSED_TARGET_PLACE } kind;
    uint64_t target, source; /* positions */
    double distance, value;  /* REFUSED_TOO_FEW: value is the number of sources that there are */
};

/* What a thread needs to draw one target after the other. */
struct by_distance_draw {
    struct places *targets; /* owned */
    struct offer *offers;   /* [n]; owned */
    uint64_t n, capacity;
    double *scratch;        /* of pair_value_compute; owned */
    struct refusal refusal; /* the first one by target and source of what this thread has drawn */
};

/* The argument of the projection's rule that depends on the distance, or -1. */
int by_distance_argument(const struct projection *projection);
double by_distance_limit(const struct projection *projection, int argument);

void by_distance_create(const struct script *script, const struct projection *projection, struct by_distance *out);
void by_distance_release(struct by_distance *by_distance);
void by_distance_draw_create(const struct by_distance *by_distance, struct by_distance_draw *draw);
void by_distance_draw_release(struct by_distance_draw *draw);

/* Append the sources of a target: each with the probability that is the argument; a Poisson number of each, whose mean it is; or
 * `count`, each drawn with a probability in proportion to it, as the rule's multapses say with or without replacement. */
void draw_bernoulli_by_distance(struct draw *draw, struct random_stream *stream, uint64_t target);
void draw_poisson_by_distance(struct draw *draw, struct random_stream *stream, uint64_t target);
void draw_nodes_by_distance(struct draw *draw, struct random_stream *stream, uint64_t target, uint64_t count);

/* Collective: of what these draws of all ranks have met, the first refusal as a fault. */
int by_distance_check(const struct by_distance *by_distance, const struct draw *draws, int n, MPI_Comm communicator,
                      struct fault *fault);

#endif
