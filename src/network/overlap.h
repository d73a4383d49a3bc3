/* The nodes that two sets have in common: what a rule must know to leave out connections of a node to itself. */
#ifndef GLION_NETWORK_OVERLAP_H
#define GLION_NETWORK_OVERLAP_H

#include <stdbool.h>

#include "language/script.h"

/* Consecutive positions in both sets, the same nodes. */
struct overlap_stretch {
    uint64_t first, other; /* position of its first node in the set, and in the other one */
    uint64_t length;
    uint64_t before; /* number of common nodes at smaller positions in the set */
};

struct overlap {
    struct overlap_stretch *stretches; /* [n], ascending by `first`, disjoint; owned */
    uint64_t n, capacity;
    uint64_t total; /* number of common nodes */
};

/* O(parts * parts of the other set + lengths of their lists). */
void overlap_create(const struct node_set *set, const struct node_set *other, struct overlap *overlap);
void overlap_release(struct overlap *overlap);

/* Is the node at `position` of the set in the other set too, and at which position there? O(log n) */
bool overlap_find(const struct overlap *overlap, uint64_t position, uint64_t *other);
/* Number of common nodes at positions smaller than this one. O(log n) */
uint64_t overlap_below(const struct overlap *overlap, uint64_t position);

#endif
