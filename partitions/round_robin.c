/* Nodes are dealt out like cards, by global id: rank = id mod n_ranks. Neighbours, which are often alike, land on different
 * ranks, and so do the single nodes of many small populations. On its owner the node of index i has local position i / n_ranks.
 */
#include "network/partition.h"

/* The smallest index that `rank` would own if the population were large enough. */
static node_index first_index(int n_ranks, const struct population *population, int rank)
{
    uint32_t ranks = (uint32_t)n_ranks;
    return ((uint32_t)rank + ranks - population->base % ranks) % ranks;
}

static node_local round_robin_below(int n_ranks, const struct population *population, int rank, node_index bound)
{
    node_index first = first_index(n_ranks, population, rank);
    return bound <= first ? 0 : (bound - first - 1) / (uint32_t)n_ranks + 1;
}

static node_local round_robin_count(int n_ranks, const struct population *population, int rank)
{
    return round_robin_below(n_ranks, population, rank, population->size);
}

static int round_robin_owner(int n_ranks, const struct population *population, node_index index)
{
    node_id id = population->base + index;
    return (int)(id % (uint32_t)n_ranks);
}

static node_local round_robin_local(int n_ranks, const struct population *population, node_index index)
{
    return index / (uint32_t)n_ranks;
}

static node_index round_robin_index(int n_ranks, const struct population *population, int rank, node_local local)
{
    return first_index(n_ranks, population, rank) + local * (uint32_t)n_ranks;
}

const struct partition_scheme partition_round_robin = {
    .name = "round_robin",
    .text = "nodes are dealt out one by one (default)",
    .count = round_robin_count,
    .owner = round_robin_owner,
    .local = round_robin_local,
    .index = round_robin_index,
    .below = round_robin_below,
};
