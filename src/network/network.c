/* The edges of a connection are cut by source population and target population, so that the engine meets one model at each end.
 * How many pieces there are follows from the script alone; a rank without synapses has empty ones. */
#include "network/network.h"

#include <xxhash.h>

#include "network/build.h"
#include "network/rule.h"
#include "network/set_view.h"
#include "support/memory.h"

/* Populations that a set touches, as ranges of a view. */
static int set_populations(const struct node_set *set, int *populations)
{
    struct set_view view;
    set_view_create(set, &view);
    int n = view.n_ranges;
    for (int range = 0; populations && range < n; range++)
        populations[range] = view.ranges[range].population;
    set_view_release(&view);
    return n;
}

/* Name the pieces of a connection, all still empty. */
static void lay_out_connection(struct network *network, const struct connection *connection)
{
    int n_source = set_populations(connection->source, NULL), n_target = set_populations(connection->target, NULL);
    int *source = MEMORY_NEW(n_source, int, TEMPORARY), *target = MEMORY_NEW(n_target, int, TEMPORARY);
    set_populations(connection->source, source);
    set_populations(connection->target, target);
    int begin = network->n_edges, epoch = network->script->projections[connection->projection].epoch;
    step_count since = script_epoch_begin(network->script, epoch);
    network->connection_begin[connection->index] = begin;
    network->n_edges += n_source * n_target;
    network->edges = MEMORY_RESIZE(network->edges, network->n_edges, struct edges, SYNAPSES);
    for (int s = 0; s < n_source; s++)
        for (int t = 0; t < n_target; t++)
            network->edges[begin + s * n_target + t] = (struct edges){
                .connection = connection->index, .source = source[s], .target = target[t], .since = since};
    memory_free(source);
    memory_free(target);
}

static int draw_projection(struct network *network, const struct projection *projection, struct fault *fault)
{
    struct edges *edges[3] = {NULL};
    for (int k = 0; k < projection->n_connections; k++)
        edges[k] = &network->edges[network->connection_begin[projection->connections[k]]];
    struct build build;
    build_create(network, projection, &build);
    build_connections(&build, edges);
    int status = build_check(&build, fault);
    build_release(&build);
    return status;
}

int network_create(const struct script *script, struct partition partition, MPI_Comm communicator, struct network **out,
                   struct fault *fault)
{
    struct network *network = MEMORY_NEW(1, struct network, SYNAPSES);
    *network = (struct network){
        .script = script,
        .partition = partition,
        .communicator = communicator,
        .connection_begin = MEMORY_NEW(script->n_connections + 1, int, SYNAPSES),
    };
    MPI_Comm_rank(communicator, &network->rank);
    for (int k = 0; k < script->n_connections; k++)
        lay_out_connection(network, &script->connections[k]);
    network->connection_begin[script->n_connections] = network->n_edges;
    int status = 0;
    for (int k = 0; k < script->n_projections && !status; k++)
        status = draw_projection(network, &script->projections[k], fault);
    if (status)
        network_destroy(&network);
    *out = network;
    return status;
}

void network_destroy(struct network **network)
{
    if (!*network)
        return;
    for (int k = 0; k < (*network)->n_edges; k++)
        edges_release(&(*network)->edges[k]);
    memory_free((*network)->edges);
    memory_free((*network)->connection_begin);
    memory_free(*network);
    *network = NULL;
}

void network_count(const struct network *network, uint64_t *counts)
{
    for (int k = 0; k < network->script->n_connections; k++)
        counts[k] = 0;
    for (int k = 0; k < network->n_edges; k++)
        counts[network->edges[k].connection] += edges_size(&network->edges[k]);
    MPI_Allreduce(MPI_IN_PLACE, counts, network->script->n_connections, MPI_UINT64_T, MPI_SUM, network->communicator);
}

void network_share_bits(const struct network *network, double *numbers, uint64_t n)
{
    for (uint64_t first = 0, most = 1 << 20; first < n; first += most)
        MPI_Allreduce(MPI_IN_PLACE, numbers + first, (int)(n - first < most ? n - first : most), MPI_UINT64_T, MPI_BOR,
                      network->communicator);
}

double network_expected(const struct script *script, const struct connection *connection)
{
    const struct projection *projection = &script->projections[connection->projection];
    return rule_expected(script, projection, connection->role);
}

/* Synapses, and at most one row for each of them and for each source. */
static double stored_bytes(const struct script *script, const struct connection *connection, int n_ranks)
{
    double n = network_expected(script, connection) / n_ranks, n_sources = (double)connection->source->size;
    return sizeof(node_local) * n + (sizeof(node_index) + sizeof(edge_count)) * (n < n_sources ? n : n_sources);
}

double network_bytes(const struct script *script, int n_ranks)
{
    double stored = 0, most = 0;
    for (int k = 0; k < script->n_connections; k++)
        stored += stored_bytes(script, &script->connections[k], n_ranks);
    for (int k = 0; k < script->n_projections; k++) {
        double bytes = build_bytes(script, &script->projections[k], n_ranks);
        most = bytes > most ? bytes : most;
    }
    return stored + most;
}

bool network_is_valid(const struct network *network)
{
    const struct partition *partition = &network->partition;
    if (network->connection_begin[network->script->n_connections] != network->n_edges)
        return false;
    for (int k = 0; k < network->n_edges; k++) {
        const struct edges *edges = &network->edges[k];
        const struct population *target = &network->script->populations[edges->target];
        if (k < network->connection_begin[edges->connection] || k >= network->connection_begin[edges->connection + 1])
            return false;
        if (!edges_is_valid(edges, network->script->populations[edges->source].size,
                            partition->scheme->count(partition->n_ranks, target, network->rank)))
            return false;
    }
    return true;
}

static uint64_t row_checksum(const struct network *network, const struct edges *edges, uint32_t row)
{
    const struct partition *partition = &network->partition;
    const struct population *target = &network->script->populations[edges->target];
    struct {
        uint32_t connection;
        node_id source, target;
        uint32_t copy;
    } synapse = {.connection = (uint32_t)edges->connection,
                 .source = network->script->populations[edges->source].base + edges->row_source[row]};
    uint64_t sum = 0;
    for (edge_count k = edges->row_begin[row]; k < edges->row_begin[row + 1]; k++) {
        node_local local = edges->target_local[k];
        bool parallel = k > edges->row_begin[row] && edges->target_local[k - 1] == local;
        synapse.copy = parallel ? synapse.copy + 1 : 0;
        synapse.target = target->base + partition->scheme->index(partition->n_ranks, target, network->rank, local);
        sum += XXH3_64bits(&synapse, sizeof synapse);
    }
    return sum;
}

uint64_t network_checksum(const struct network *network)
{
    uint64_t sum = 0;
    for (int k = 0; k < network->n_edges; k++) {
        const struct edges *edges = &network->edges[k];
#pragma omp parallel for schedule(dynamic, 64) reduction(+ : sum)
        for (uint32_t row = 0; row < edges->n_rows; row++)
            sum += row_checksum(network, edges, row);
    }
    MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_UINT64_T, MPI_SUM, network->communicator);
    return sum;
}
