/* What connection rules draw with and into.
 *
 * A drawing is one projection about to be drawn: what follows from the script alone, the same on every rank and for every thread.
 * A draw is the room in which a thread draws one node after the other. What comes out depends on the drawing and the node only,
 * never on what was drawn before. */
#ifndef GLION_NETWORK_DRAW_H
#define GLION_NETWORK_DRAW_H

#include "language/script.h"
#include "network/by_pair.h"
#include "network/generated_values.h"
#include "network/overlap.h"
#include "network/third.h"
#include "support/random.h"
#include "support/types.h"

struct drawing {
    uint64_t seed;
    const struct projection *projection; /* borrowed */
    const struct rule *rule;
    bool multapses;
    /* Where autapses are forbidden: the nodes that draw and stand also in the set that they draw from. Else empty. */
    struct overlap forbidden;
    struct third_part third;
    struct by_pair *by_pair;            /* where an argument is an expression of the pair, else NULL; owned */
    struct generated_values *generated; /* where a generator reads values of nodes, else NULL; owned */
};

void drawing_create(const struct script *script, const struct projection *projection, struct drawing *drawing);
void drawing_release(struct drawing *drawing);

/* What a node (or item) draws from: RANDOM_CONNECT, RANDOM_THIRD or RANDOM_POOL. */
struct random_stream drawing_stream(const struct drawing *drawing, enum random_purpose purpose, uint64_t position);

/* A connection whose second node need not be the one that is drawn for: positions in the source set, and in the target set or
 * the pool. Positions have 32 bits since a set is never larger than the network. */
struct pair {
    node_id source, node;
};

#define TREE_DEPTH_MAX 34 /* halvings of 2^32 positions, and the root */

/* Target positions [begin, end) and the number of connections that they get together. */
struct tree_node {
    uint64_t begin, end, count;
};

/* An item that a rule cannot make connections of. */
struct item_refusal {
    bool found;
    int argument; /* of the rule, that is to blame */
    uint64_t item;
    double variable, value; /* of the argument, for the variable that it names */
};

struct draw {
    const struct drawing *drawing; /* borrowed */
    node_id *nodes;                /* [n] positions in the set that is drawn from; repeats are parallel synapses; owned */
    uint64_t n, capacity;
    struct pair *pairs; /* [n_pairs] the third nodes of a target's connections, or what an item makes; owned */
    uint64_t n_pairs, pairs_capacity;
    node_id *scratch; /* [scratch_capacity]; owned */
    uint64_t scratch_capacity;
    uint64_t members_mask;                 /* scratch is a hash table of this many places, and one */
    struct by_pair_draw by_pair;           /* if the drawing has one */
    struct tree_node path[TREE_DEPTH_MAX]; /* [depth] fixed_total_number: from the root to where the last target was found */
    int depth;
    struct item_refusal refused_item; /* the first one so far */
};

void draw_create(const struct drawing *drawing, struct draw *draw);
void draw_release(struct draw *draw);
void draw_reserve(struct draw *draw, uint64_t capacity);
void draw_reserve_pairs(struct draw *draw, uint64_t capacity);
node_id *draw_scratch(struct draw *draw, uint64_t size); /* `size` elements, of any content */

/* ---- choosing nodes ---------------------------------------------------------------------------------------------------- */

/* The positions from which a node may draw: the first n, where those from `self` on stand for the position behind them. */
struct choice {
    uint64_t n;
    uint64_t self; /* UINT64_MAX: nothing is left out */
};

struct choice choice_of(const struct drawing *drawing, uint64_t set_size, uint64_t position);

static inline node_id choice_at(struct choice choice, uint64_t k)
{
    return (node_id)(k + (k >= choice.self));
}

/* The whole parts of a page of numbers in [0, 2^32). */
void draw_whole_parts(const double numbers[RANDOM_PAGE_NUMBERS], uint32_t whole[RANDOM_PAGE_NUMBERS]);
/* Append `count` positions to the draw: independent ones, or different ones, where every such set is equally likely. */
void draw_independent(struct draw *draw, struct random_stream *stream, struct choice choice, uint64_t count);
void draw_different(struct draw *draw, struct random_stream *stream, struct choice choice, uint64_t count);
/* As the rule's multapses say. */
void draw_nodes(struct draw *draw, struct random_stream *stream, struct choice choice, uint64_t count);
/* Append each position with probability p, ascending. */
void draw_bernoulli(struct draw *draw, struct random_stream *stream, struct choice choice, double p);
/* Append each source with the probability that the argument `p` of the projection's rule gives it. */
void draw_pairwise_bernoulli(struct draw *draw, struct random_stream *stream, uint64_t target_position, int p);

/* A set of nodes, in the draw's scratch: for at most `count` of them. */
void draw_members_begin(struct draw *draw, uint64_t count);
bool draw_members_has(const struct draw *draw, node_id member);
bool draw_members_add(struct draw *draw, node_id member); /* whether it is new */

#endif
