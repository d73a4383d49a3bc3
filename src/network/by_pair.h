/* Drawing the sources of a target where arguments of the rule are expressions of the pair.
 *
 * The law is that of a test of every source; the work is not, where the argument varies little, or is small, over many sources.
 * The sources stand in a tree: in space, where the distance matters, else in order of their positions. For a target it is walked
 * down, until over a part the argument varies little, or so little is expected from it that a closer look would cost more.
 * From each part sources are proposed with the largest value that the argument may take there, by skips, and each is accepted
 * with the ratio of its own value to it (thinning: P. A. W. Lewis and G. S. Shedler, Nav. Res. Logist. Q. 26:403, 1979,
 * doi:10.1002/nav.3800260304). Where that value is 0, as it is where a condition cannot hold, nobody is looked at.
 *
 * Values outside of what the argument allows are found for certain: where the interval of possible values does not exclude them,
 * every pair is looked at. */
#ifndef GLION_NETWORK_BY_PAIR_H
#define GLION_NETWORK_BY_PAIR_H

#include <mpi.h>

#include "network/node_tree.h"
#include "network/pair_value.h"
#include "network/start_values.h"
#include "support/fault.h"
#include "support/random.h"

struct draw;

/* What a number for pairs reads of its sources. */
struct pair_sources {
    double **numbers;        /* [value.plan.ends.n] in order of the tree; NULL of the target's; owned */
    struct interval **range; /* [value.plan.ends.n] of each branch of the tree; owned */
};

/* A projection's sources, and its arguments. The same on every rank, for all threads. */
struct by_pair {
    const struct script *script;         /* borrowed */
    const struct projection *projection; /* borrowed */
    int condition, argument, copies;     /* of the rule: a condition (or -1), a number, how many synapses a pair has (or -1) */
    double limit;                        /* the largest value of the argument */
    bool uses_distance;
    struct node_tree sources;
    struct pair_value value; /* the argument, where the condition holds */
    struct pair_sources own;
    struct interval *index_range; /* of the positions in each branch; owned */
    bool is_of_distance;          /* the value depends on nothing else: `bounds` are made */
    struct pair_bounds bounds;
    bool computes_copies; /* `copies` is an expression */
    struct pair_value copies_value;
    struct pair_sources copies_own;
};

/* Sources that a target is offered: those at [begin, end) in the tree, each with the same weight. */
struct offer {
    uint64_t begin, end;
    double bound;  /* no source has a larger value */
    double before; /* sum of (end - begin) * bound over the offers before it */
};

/* What keeps a projection from being drawn. */
struct refusal {
    enum { REFUSED_NOTHING, REFUSED_VALUE, REFUSED_COPIES, REFUSED_TOO_FEW, REFUSED_SOURCE_PLACE, REFUSED_TARGET_PLACE } kind;
    uint64_t target, source; /* positions */
    double distance, value;  /* REFUSED_TOO_FEW: value is the number of sources that there are */
};

/* What a thread needs to compute a number for pairs. */
struct pair_worker {
    struct pair_maker maker;
    struct start_values **targets; /* [ends.n] of the targets' values, NULL of the sources'; owned */
    double *slots;                 /* [ends.n][LANES]; owned */
};

/* What a thread needs to draw one target after the other. */
struct by_pair_draw {
    struct places *targets; /* owned */
    struct offer *offers;   /* [n]; owned */
    uint64_t n, capacity;
    struct pair_worker value, copies;
    struct interval *slots;     /* [ends.n] of the value; owned */
    struct interval *registers; /* of interval_of_program; owned */
    struct refusal refusal;     /* the first one by target and source of what this thread has drawn */
};

/* Is an argument of the projection's rule an expression of the pair? */
bool by_pair_is_needed(const struct projection *projection);
/* The first argument of a kind that may be one, or -1: RULE_CONDITION, RULE_COPIES, else a number. */
int by_pair_argument(const struct projection *projection, enum rule_argument_kind kind);
double by_pair_limit(const struct projection *projection, int argument);
/* The most bytes that are needed while a projection is drawn. */
double by_pair_bytes(const struct script *script, const struct projection *projection);

void by_pair_create(const struct script *script, const struct projection *projection, struct by_pair *out);
void by_pair_release(struct by_pair *by_pair);
void by_pair_draw_create(const struct by_pair *by_pair, struct by_pair_draw *draw);
void by_pair_draw_release(struct by_pair_draw *draw);

/* Append the sources of a target: each with the probability that is the argument, as often as the copies say; a Poisson number of
 * each, whose mean it is; or `count`, each drawn with a probability in proportion to it, as the rule's multapses say with or
 * without replacement. */
void draw_bernoulli_by_pair(struct draw *draw, struct random_stream *stream, uint64_t target);
void draw_poisson_by_pair(struct draw *draw, struct random_stream *stream, uint64_t target);
void draw_nodes_by_pair(struct draw *draw, struct random_stream *stream, uint64_t target, uint64_t count);

/* Collective: of what these draws of all ranks have met, the first refusal as a fault. */
int by_pair_check(const struct by_pair *by_pair, const struct draw *draws, int n, MPI_Comm communicator, struct fault *fault);

#endif
