/* The nodes of a set in space, as a tree: neighbours stand together, so that many can be passed over at once. */
#ifndef GLION_NETWORK_NODE_TREE_H
#define GLION_NETWORK_NODE_TREE_H

#include "kernels/interval.h"
#include "network/places.h"

struct node_tree {
    struct space space;
    uint64_t n;
    double *coordinates[POSITION_DIMENSIONS_MAX]; /* [n_dimensions][n], in order of the tree; owned */
    node_id *position;                            /* [n] position in the set; owned */
    int depth;                                    /* halvings between the root and the leaves */
    double *boxes;             /* [2^(depth + 1)][n_dimensions][2], from node 1 on: smallest and largest; owned */
    bool refused;              /* a node has no place; the tree is not to be used then */
    uint64_t refused_position; /* the first such position in the set */
};

/* A node of the tree: those of its children are 2*id and 2*id + 1. */
struct tree_branch {
    uint32_t id;
    int level;
    uint64_t begin, end; /* in order of the tree */
};

void node_tree_create(const struct script *script, const struct node_set *set, struct node_tree *tree);
/* The same without places, for pairs whose distance does not matter: in order of positions. */
void node_tree_create_plain(const struct node_set *set, struct node_tree *tree);
void node_tree_release(struct node_tree *tree);
/* The most that a tree takes, which is while it is made. */
double node_tree_bytes(const struct script *script, const struct node_set *set);

struct tree_branch node_tree_root(const struct node_tree *tree);
struct tree_branch node_tree_child(const struct node_tree *tree, struct tree_branch branch, int side); /* side 0 or 1 */
static inline bool node_tree_is_leaf(const struct node_tree *tree, struct tree_branch branch)
{
    return branch.level == tree->depth;
}

/* Between which numbers those of the nodes of each branch lie, given in order of the tree: [2^(depth + 1)], from 1 on; the
 * caller's. A NaN makes them unbounded. */
struct interval *node_tree_ranges(const struct node_tree *tree, const double *numbers);

/* Between which numbers the distances from a place to the nodes of a branch lie. place[n_dimensions] */
struct interval node_tree_distances(const struct node_tree *tree, struct tree_branch branch, const double *place);
/* The longest diagonal that the nodes may have with places among them. */
double node_tree_extent(const struct node_tree *tree);
/* From a place to eight nodes, given in order of the tree. `distance` is aligned as lanes are. */
void node_tree_distance(const struct node_tree *tree, const double *place, const uint32_t nodes[8], double distance[8]);

#endif
