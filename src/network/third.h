/* The third part of a tripartite projection: with probability p a connection of a target takes a node of the target's pool. Then
 * the source connects to this third node (third_in) and the third node to the target (third_out), so there are as many of one as
 * of the other. It works on the connections of any rule. */
#ifndef GLION_NETWORK_THIRD_H
#define GLION_NETWORK_THIRD_H

#include "language/script.h"

struct draw;

struct third_part {
    double p;           /* that a connection takes a third node */
    uint64_t pool_size; /* 0: the projection has no third part */
    /* Pools follow the position of the target in the whole target set: pools of several nodes are disjoint and cover all third
     * nodes; pools of one node serve several consecutive targets. Else a pool is a set of different nodes, drawn for each
     * target. */
    bool block;
};

/* What a rule with these arguments asks for. pool_size: by default the pool of each target is everything. */
struct third_part third_part(const struct projection *projection, const struct rule_value *p, const struct rule_value *pool_size,
                             const struct rule_value *pool_type);
extern const char *const third_pool_types[]; /* the words for pool_type */
/* Can the pools be? `span`: the rule that asks for them. */
int third_check(const struct third_part *part, const struct projection *projection, struct span span, struct fault *fault);

/* Fill draw->pairs: some of draw->nodes, the sources of the target, in their order, with a third node each. */
void third_draw(struct draw *draw, uint64_t target_position);

#endif
