/* Pairs that one rank draws and another one stores: each goes to the owner of its node, which keeps, for each of its nodes, the
 * list of the sources. */
#ifndef GLION_NETWORK_GATHER_H
#define GLION_NETWORK_GATHER_H

#include "network/build.h"
#include "network/rows.h"

/* What a slot drew. */
struct pair_list {
    struct pair *pairs; /* [n]; owned */
    uint64_t n, capacity;
};

/* What came in at once. */
struct gather_batch {
    struct rows_pair *pairs; /* [n] a node of this rank, as its place in `local`, and the position of its source; owned */
    uint64_t n;
};

struct gather {
    struct build *build;          /* borrowed */
    const struct set_view *view;  /* of the set that the nodes stand in; borrowed */
    struct set_range *local;      /* [n_ranks][view->n_ranges] the local positions that the ranges have on each rank; owned */
    struct pair_list *slots;      /* [n_slots]; owned */
    struct gather_batch *batches; /* [n_batches] what has arrived; owned */
    uint64_t n_batches, capacity;
};

/* Bytes that a rank needs to gather n pairs. */
double gather_bytes(double n);

/* A number of things to draw pairs for, each slot its share (build_share) in order. `draw` fills the slot's draw->pairs for the
 * k-th of them. */
struct gather_task {
    uint64_t n;
    double pairs_each; /* about how many; the same on all ranks */
    void (*draw)(struct build *build, void *context, uint64_t k, int slot);
    void *context;
};

void gather_create(struct build *build, const struct set_view *view, struct gather *gather);
/* Collective: draw, send, and keep what arrives. May be called several times. */
void gather_draw(struct gather *gather, const struct gather_task *task);
/* Releases `gather` and makes a list for each node here that got any, one set of lists per range of the view: row_source holds
 * the local positions of the nodes, ascending, and target_local the positions of their sources, in order of arrival. */
void gather_finish(struct gather *gather, struct edges *lists);

#endif
