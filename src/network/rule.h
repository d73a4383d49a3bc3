/* A connection rule is one file with a pure function: no MPI, no state. rules.c lists them. */
#ifndef GLION_NETWORK_RULE_H
#define GLION_NETWORK_RULE_H

#include "network/draw.h"

/* A rule makes connections from sources to targets, or adds third nodes to those of another rule, or does both.
 *
 * Connections are decided in one of two ways. Most say for each target what it gets, so that the target's rank draws only what it
 * stores. Others decide for something else, an item (a source with its number of targets; a pair): the ranks share the items
 * evenly, and send the connections to the ranks of their targets. */
struct rule {
    struct rule_signature signature;
    /* The sources of the target at a position: fills draw->nodes. */
    void (*draw_target)(struct draw *draw, uint64_t target_position);
    /* Else: number of items, and the connections of one of them: fills draw->pairs. */
    uint64_t (*n_items)(const struct projection *projection);
    void (*draw_item)(struct draw *draw, uint64_t item);
    /* The message for what draw_item has refused: NULL if it never does. */
    int (*report)(const struct projection *projection, const struct item_refusal *refusal, struct fault *fault);
    /* Expected number of connections from sources to targets. */
    double (*expected)(const struct script *script, const struct projection *projection);
    /* NULL, or the third part that it asks for. */
    struct third_part (*third_part)(const struct projection *projection);
};

const struct rule *rule_find(const char *name);              /* NULL if unknown */
extern const struct rule_signature *const rule_signatures[]; /* NULL-terminated: the vocabulary for script_check */

/* The third part of a projection, from `third RULE` or the rule itself. */
struct third_part rule_third_part(const struct projection *projection);
/* Expected number of a projection's connections with a role. */
double rule_expected(const struct script *script, const struct projection *projection, enum connection_role role);

/* ---- arguments that several rules have --------------------------------------------------------------------------------- */

/* The value of an argument; if it is an expression of the pair, about its mean over all pairs. */
double rule_mean(const struct script *script, const struct projection *projection, int argument);
/* The largest mean number of connections that pairwise_poisson may give a target. */
#define POISSON_MEAN_MAX 0x1p31

/* autapses, multapses: true also for rules without this argument. */
bool rule_allows(const struct projection *projection, const char *flag);
/* Number of pairs that may be connected: all, or all but those of a node with itself where autapses are forbidden. */
double rule_allowed_pairs(const struct projection *projection);
/* For rules that give each node of `set` that many connections with nodes of `other`: are there enough? */
int rule_check_degree(const struct projection *projection, int argument, const struct node_set *set, const struct node_set *other,
                      struct fault *fault);

#endif
