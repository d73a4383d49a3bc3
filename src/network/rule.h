/* A connection rule is one file with a pure function: no MPI, no state. rules.c lists them. */
#ifndef GLION_NETWORK_RULE_H
#define GLION_NETWORK_RULE_H

#include "language/script.h"
#include "support/types.h"

/* A connection of which a third node is part: positions in the source set and in the pool. */
struct third {
    node_id source, node;
};

/* What a rule draws for one target. Reused from target to target; grows as needed. Positions have 32 bits since a set is never
 * larger than the network. */
struct draw {
    node_id *sources; /* [n] positions in the source set, ascending; repeats are parallel synapses */
    uint64_t n, capacity;
    struct third *thirds; /* [n_thirds] tripartite: the connections that a third node takes part in, in the same order */
    uint64_t n_thirds, thirds_capacity;
    node_id *scratch; /* [scratch_capacity] for the rule's own use */
    uint64_t scratch_capacity;
};

struct rule {
    struct rule_signature signature;
    /* The connections of the target at `target_position`, replacing the content of `draw`. Depends on its arguments only: the
     * seed, the projection (its name keys the random streams), and the position. */
    void (*draw)(uint64_t seed, const struct projection *projection, uint64_t target_position, struct draw *draw);
    /* Expected number of connections with the given role. */
    double (*expected)(const struct projection *projection, enum connection_role role);
};

const struct rule *rule_find(const char *name);              /* NULL if unknown */
extern const struct rule_signature *const rule_signatures[]; /* NULL-terminated: the vocabulary for script_check */

/* For rules: make room. */
void draw_reserve(struct draw *draw, uint64_t capacity);
void draw_reserve_thirds(struct draw *draw, uint64_t capacity);
node_id *draw_scratch(struct draw *draw, uint64_t size); /* `size` elements, of any content */
void draw_release(struct draw *draw);

/* Shared by the rules that connect pairs with a probability: the sources of one target, each with probability p. */
void draw_bernoulli(uint64_t seed, const struct projection *projection, uint64_t target_position, double p, struct draw *draw);

#endif
