/* Each population is cut into n_ranks runs of consecutive indices whose lengths differ by at most one: rank r owns
 * [size r / n_ranks, size (r + 1) / n_ranks). For networks whose neighbours talk to each other most. */
#include "network/partition.h"

static node_index first_index(int n_ranks, const struct population *population, int rank)
{
    return (node_index)((uint64_t)population->size * (uint64_t)rank / (uint64_t)n_ranks);
}

static node_local block_count(int n_ranks, const struct population *population, int rank)
{
    return first_index(n_ranks, population, rank + 1) - first_index(n_ranks, population, rank);
}

/* The largest r with size r / n_ranks <= index, that is r < (index + 1) n_ranks / size. */
static int block_owner(int n_ranks, const struct population *population, node_index index)
{
    return (int)((((uint64_t)index + 1) * (uint64_t)n_ranks - 1) / population->size);
}

static node_local block_local(int n_ranks, const struct population *population, node_index index)
{
    return index - first_index(n_ranks, population, block_owner(n_ranks, population, index));
}

static node_index block_index(int n_ranks, const struct population *population, int rank, node_local local)
{
    return first_index(n_ranks, population, rank) + local;
}

static node_local block_below(int n_ranks, const struct population *population, int rank, node_index bound)
{
    node_index first = first_index(n_ranks, population, rank);
    node_local count = block_count(n_ranks, population, rank);
    if (bound <= first)
        return 0;
    return bound - first < count ? bound - first : count;
}

const struct partition_scheme partition_block = {
    .name = "block",
    .text = "each rank owns a run of consecutive nodes of each population",
    .count = block_count,
    .owner = block_owner,
    .local = block_local,
    .index = block_index,
    .below = block_below,
};
