/* Cuts the rows of edges into runs: the synapses of a source whose targets lie in one slab and whose delay is the same.
 *
 * Rows are cut a stretch at a time, by several threads if that is wanted, so that whoever makes delays and values can have them
 * sorted while they are in the cache; the runs of all stretches are then brought together. Costs 6 bytes per run, and 8 per row
 * and slab; 6 more per run until they are together. */
#ifndef GLION_NETWORK_RUNS_H
#define GLION_NETWORK_RUNS_H

#include "network/edges.h"
#include "plan/plan.h"
#include "support/lanes.h"

/* Nodes are spread over threads in whole blocks of LANES: slab s of a rank's n nodes begins at this one. */
static inline node_local slab_begin(node_local n, int slab, int n_slabs)
{
    uint64_t n_blocks = ((uint64_t)n + LANES - 1) / LANES;
    return (node_local)(n_blocks * (uint64_t)slab / (uint64_t)n_slabs * LANES);
}

/* The runs of the rows of a stretch, one after the other. */
struct runs {
    uint64_t n;
    uint32_t *end;   /* [n] counted from the row's beginning; owned */
    uint16_t *delay; /* [n] in steps; owned */
};

/* What a thread needs to cut rows. */
struct runs_cutter {
    struct edges *edges; /* borrowed */
    uint16_t common;     /* delay of all synapses where they do not differ */
    node_local *limit;   /* [edges->n_slabs] targets of a slab lie below it; owned */
    uint32_t *first;     /* [CONNECTION_DELAY_MAX + 1] first place of each delay, all 0 between uses; owned */
    uint32_t *place;     /* [capacity] where each synapse of a row goes; owned */
    double *moving;      /* [capacity] elements of up to 8 bytes; owned */
    uint64_t capacity;
    struct runs runs; /* of the stretch that is being cut: its arrays have room for runs_capacity; owned */
    uint64_t runs_capacity;
};

/* Before rows are cut. */
void runs_begin(struct edges *edges, int n_slabs);
/* n_targets: nodes of the target population on this rank. */
void runs_cutter_create(struct edges *edges, uint16_t common, node_local n_targets, struct runs_cutter *cutter);
void runs_cutter_release(struct runs_cutter *cutter);

/* Cut the rows [begin, end). delay: of each of their synapses as they stand before, in steps, at most CONNECTION_DELAY_MAX; NULL:
 * all have the common one. Moves the synapses of each row, with their columns, into the order of runs; those of a run keep
 * theirs. */
void runs_cut(struct runs_cutter *cutter, uint32_t begin, uint32_t end, const uint16_t *delay, struct runs *out);

/* When all rows are cut: the runs of all stretches, in the order of rows. Releases the stretches. */
void runs_join(struct edges *edges, struct runs *stretches, uint64_t n_stretches);
void runs_release(struct runs *runs);

#endif
