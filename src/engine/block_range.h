/* Blocks of a population side by side. A thread owns a contiguous range of them. */
#ifndef GLION_ENGINE_BLOCK_RANGE_H
#define GLION_ENGINE_BLOCK_RANGE_H

#include "engine/nodes.h"
#include "network/runs.h"

struct block_range {
    uint32_t first, last; /* blocks [first, last) */
};

/* A thread's slab of the targets, in whole blocks. */
static inline struct block_range blocks_of_thread(const struct nodes *nodes, int thread, int n_threads)
{
    return (struct block_range){slab_begin(nodes->n, thread, n_threads) / LANES,
                                slab_begin(nodes->n, thread + 1, n_threads) / LANES};
}

/* How many nodes stand in a range of blocks; the last block may not be full. */
static inline uint64_t nodes_in(const struct nodes *nodes, struct block_range range)
{
    node_local first = range.first * LANES, last = range.last * LANES < nodes->n ? range.last * LANES : nodes->n;
    return first < last ? last - first : 0;
}

#endif
