/* In-degrees and parallel synapses are seen by the rank of the target alone. For the out-degrees every rank sends the lengths of
 * its rows to the rank that adds up this stretch of source positions. */
#include "network/statistics.h"

#include "network/exchange.h"
#include "network/set_view.h"
#include "support/memory.h"

/* A row's length, or what several rows of a source add up to. */
struct row_length {
    uint64_t source; /* position; by it the record finds its rank */
    uint64_t length;
};

static void include(struct degree *degree, uint64_t value)
{
    degree->min = value < degree->min ? value : degree->min;
    degree->max = value > degree->max ? value : degree->max;
}

/* Over all ranks; of `count` synapses and `size` nodes. */
static struct degree combine(const struct network *network, struct degree here, uint64_t count, uint64_t size)
{
    MPI_Allreduce(MPI_IN_PLACE, &here.min, 1, MPI_UINT64_T, MPI_MIN, network->communicator);
    MPI_Allreduce(MPI_IN_PLACE, &here.max, 1, MPI_UINT64_T, MPI_MAX, network->communicator);
    if (size == 0)
        return (struct degree){0};
    here.mean = (double)count / (double)size;
    return here;
}

/* The pieces of a connection between source range s and target range t. */
static const struct edges *piece(const struct network *network, int connection, const struct set_view *target, int s, int t)
{
    return &network->edges[network->connection_begin[connection] + s * target->n_ranges + t];
}

static void add_in_degrees(const struct network *network, int connection, const struct set_view *source,
                           const struct set_view *target, int range, struct degree *degree)
{
    const struct partition *partition = &network->partition;
    const struct population *population = &network->script->populations[target->ranges[range].population];
    struct set_members members;
    set_members_create(target, range, *partition, population, network->rank, &members);
    uint64_t *count = MEMORY_NEW(partition->scheme->count(partition->n_ranks, population, network->rank), uint64_t, TEMPORARY);
    for (int s = 0; s < source->n_ranges; s++) {
        const struct edges *edges = piece(network, connection, target, s, range);
        for (edge_count k = 0; k < edges_size(edges); k++)
            count[edges->target_local[k]]++;
    }
    for (node_local k = 0; k < members.n; k++)
        include(degree, count[members.local[k]]);
    memory_free(count);
    set_members_release(&members);
}

/* The lengths of all rows here. Owned by the caller. */
static struct row_length *list_lengths(const struct network *network, int connection, const struct set_view *source,
                                       const struct set_view *target, uint64_t *n)
{
    struct row_length *lengths = NULL;
    uint64_t capacity = 0;
    *n = 0;
    for (int s = 0; s < source->n_ranges; s++)
        for (int t = 0; t < target->n_ranges; t++) {
            const struct edges *edges = piece(network, connection, target, s, t);
            for (uint32_t row = 0; row < edges->n_rows; row++)
                *MEMORY_PUSH(lengths, *n, capacity, struct row_length, TEMPORARY) = (struct row_length){
                    set_view_position(source, s, edges->row_source[row]), edges->row_begin[row + 1] - edges->row_begin[row]};
        }
    return lengths;
}

static void add_out_degrees(const struct network *network, int connection, const struct set_view *source,
                            const struct set_view *target, struct degree *degree)
{
    uint64_t size = source->set->size, n_ranks = (uint64_t)network->partition.n_ranks;
    uint64_t block = (size + n_ranks - 1) / n_ranks, n;
    if (size == 0)
        return;
    uint64_t begin = block * (uint64_t)network->rank, end = begin + block;
    begin = begin < size ? begin : size;
    end = end < size ? end : size;
    struct row_length *lengths = list_lengths(network, connection, source, target, &n);
    lengths = exchange_by_key(network->communicator, lengths, &n, sizeof *lengths, block);
    uint64_t *sum = MEMORY_NEW(end - begin, uint64_t, TEMPORARY);
    for (uint64_t k = 0; k < n; k++)
        sum[lengths[k].source - begin] += lengths[k].length;
    for (uint64_t k = 0; k < end - begin; k++)
        include(degree, sum[k]);
    memory_free(sum);
    memory_free(lengths);
}

/* Parallel synapses stand next to each other. */
static void add_pairs(const struct edges *edges, struct connection_statistics *statistics)
{
    for (uint32_t row = 0; row < edges->n_rows; row++) {
        uint64_t copies = 0;
        for (edge_count k = edges->row_begin[row]; k < edges->row_begin[row + 1]; k++) {
            bool parallel = copies > 0 && edges->target_local[k] == edges->target_local[k - 1];
            copies = parallel ? copies + 1 : 1;
            statistics->pairs += !parallel;
            if (copies > statistics->multiplicity_max)
                statistics->multiplicity_max = copies;
        }
    }
}

void network_statistics(const struct network *network, int connection, struct connection_statistics *statistics)
{
    const struct connection *of = &network->script->connections[connection];
    struct set_view source, target;
    set_view_create(of->source, &source);
    set_view_create(of->target, &target);
    *statistics = (struct connection_statistics){.expected = network_expected(network->script, of)};
    struct degree in = {.min = UINT64_MAX}, out = {.min = UINT64_MAX};
    for (int k = network->connection_begin[connection]; k < network->connection_begin[connection + 1]; k++) {
        statistics->count += edges_size(&network->edges[k]);
        add_pairs(&network->edges[k], statistics);
    }
    for (int range = 0; range < target.n_ranges; range++)
        add_in_degrees(network, connection, &source, &target, range, &in);
    add_out_degrees(network, connection, &source, &target, &out);
    MPI_Allreduce(MPI_IN_PLACE, &statistics->count, 1, MPI_UINT64_T, MPI_SUM, network->communicator);
    MPI_Allreduce(MPI_IN_PLACE, &statistics->pairs, 1, MPI_UINT64_T, MPI_SUM, network->communicator);
    MPI_Allreduce(MPI_IN_PLACE, &statistics->multiplicity_max, 1, MPI_UINT64_T, MPI_MAX, network->communicator);
    statistics->in = combine(network, in, statistics->count, of->target->size);
    statistics->out = combine(network, out, statistics->count, of->source->size);
    set_view_release(&source);
    set_view_release(&target);
}
