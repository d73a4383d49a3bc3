/* A node set as the network needs it: positions turned into nodes, split by population, and the members that a rank owns.
 *
 * A set may take several parts from one population, in any order, so position order and index order differ. Rules speak of
 * positions; edges are stored by population and index. */
#ifndef GLION_NETWORK_SET_VIEW_H
#define GLION_NETWORK_SET_VIEW_H

#include "language/script.h"
#include "network/partition.h"

/* What a set takes from one population: some of the indices [first, first + length). */
struct set_range {
    int population; /* index in script->populations */
    node_index first;
    uint32_t length; /* of the smallest range that holds them all */
};

struct set_view {
    const struct node_set *set; /* borrowed */
    struct set_range *ranges;   /* [n_ranges], one per population, ascending by population; owned */
    int n_ranges;
    int *part_range;      /* [set->n_parts] index in ranges of each part; owned */
    uint64_t *part_begin; /* [set->n_parts + 1] position at which each part begins; owned */
    /* Places are what rows.h calls so: the ranges stand one behind the other. */
    node_id *part_place;       /* [set->n_parts] the place of index 0 of the part's population, modulo 2^32; owned */
    bool places_are_positions; /* as in all sets that take one range from each population, in order */
};

/* A node of a set. */
struct set_node {
    int range; /* index in view->ranges */
    node_index index;
};

void set_view_create(const struct node_set *set, struct set_view *view);
void set_view_release(struct set_view *view);

int set_view_part(const struct set_view *view, uint64_t position); /* O(log n_parts) */

/* The node at a position. *guess: the part of the last look-up, a guess that makes runs of positions fast; start with 0. */
static inline struct set_node set_view_node(const struct set_view *view, uint64_t position, int *guess)
{
    if (position < view->part_begin[*guess] || position >= view->part_begin[*guess + 1])
        *guess = set_view_part(view, position);
    const struct node_part *in = &view->set->parts[*guess];
    node_index offset = (node_index)(position - view->part_begin[*guess]);
    return (struct set_node){view->part_range[*guess], in->list ? in->list[offset] : in->first + offset};
}

/* Turn n positions into places. */
void set_view_places(const struct set_view *view, node_id *positions, uint64_t n);

/* The range of a population that is in the set. */
int set_view_range(const struct set_view *view, int population);
/* The position of a node that is in the set. O(n_parts), and O(log length) for a list. */
uint64_t set_view_position(const struct set_view *view, int range, node_index index);

/* The members of a set that lie in one population and on one rank: `local` ascends. */
struct set_members {
    node_local n;
    node_local *local; /* [n] local position in the population; owned */
    node_id *position; /* [n] position in the set (sets are never larger than the network, whose ids have 32 bits); owned */
};

/* Costs O(members here) per range of indices, O(length) per list of indices. */
void set_members_create(const struct set_view *view, int range, struct partition partition, const struct population *population,
                        int rank, struct set_members *members);
void set_members_release(struct set_members *members);

/* [nodes of the population on this rank] the position of each in the set, by local position; meaningful for members only. The
 * caller's. */
node_id *set_positions_here(const struct set_view *view, int range, struct partition partition,
                            const struct population *population, int rank);

#endif
