/* Cuts the rows of edges into runs: the synapses of a source whose targets lie in one slab and whose delay is the same. */
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

/* delay[edges_size(edges)]: of each synapse as they stand before, in steps, at most CONNECTION_DELAY_MAX; NULL: all have `common`.
 * Moves the synapses of each row, with their columns, into the order of runs; those of a run keep theirs. n_targets: nodes of the
 * target population on this rank. Costs 6 bytes per run, and 8 per row and slab. */
void runs_cut(struct edges *edges, const uint16_t *delay, uint16_t common, node_local n_targets, int n_slabs);

#endif
