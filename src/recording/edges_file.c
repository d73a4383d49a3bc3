/* Each rank writes a run of consecutive edges (network/creation.h). The two indices, from a node to its edges, are made by the
 * ranks for equal stretches of the nodes: ranges of edges are sent there, and joined where one ends as the next begins. */
#include "recording/edges_file.h"

#include <stdio.h>
#include <string.h>

#include "network/creation.h"
#include "network/exchange.h"
#include "network/set_view.h"
#include "network/sort.h"
#include "recording/sonata_file.h"
#include "support/memory.h"

#define ROWS_PER_CHUNK 4096 /* of the datasets with two columns */

/* What an edge takes at most: its columns, and a range in each of two indices. What a node takes: its place in an index. And a
 * group: its objects, and the last chunk of each of four datasets with two columns. */
#define EDGE_BYTES 90
#define NODE_BYTES 20
#define GROUP_BYTES (24 * SONATA_OBJECT_BYTES + 4 * 16 * ROWS_PER_CHUNK)

/* What is written: one connection. */
struct exported {
    const struct network *network;
    const struct connection *connection;
    const struct connection_plan *plan; /* of the connection */
    struct creation creation;           /* its synapses; this rank has a run of them */
    double *weight, *delay;             /* [creation.n] where they differ between synapses, else NULL; owned */
    struct set_view source, target;
};

/* One group: the edges between two populations that this rank writes. */
struct piece {
    const struct population *source, *target;
    uint64_t first, n, total;            /* this rank writes edges [first, first + n) of total */
    uint64_t *source_node, *target_node; /* [n] indices in their populations; owned */
    uint64_t *number;                    /* [n] synapse numbers; owned */
};

/* Edges [begin, end) of a node. By the node it finds the rank that writes its index. */
struct edge_range {
    uint64_t node, begin, end;
};

/* ---- a group's share of the synapses ------------------------------------------------------------------------------- */

/* The synapses here from source range s to target range t: counted, and stored once the piece has arrays. */
static void piece_take(const struct exported *exported, int s, int t, struct piece *piece)
{
    uint64_t n_target = exported->connection->target->size;
    int source_part = 0, target_part = 0;
    piece->n = 0;
    for (uint64_t k = 0; k < exported->creation.n; k++) {
        struct set_node source = set_view_node(&exported->source, exported->creation.key[k] / n_target, &source_part);
        struct set_node target = set_view_node(&exported->target, exported->creation.key[k] % n_target, &target_part);
        if (source.range != s || target.range != t)
            continue;
        if (piece->number) {
            piece->source_node[piece->n] = source.index;
            piece->target_node[piece->n] = target.index;
            piece->number[piece->n] = exported->creation.first + k;
        }
        piece->n++;
    }
}

/* Collective. */
static void piece_create(const struct exported *exported, int s, int t, struct piece *piece)
{
    const struct network *network = exported->network;
    *piece = (struct piece){.source = &network->script->populations[exported->source.ranges[s].population],
                            .target = &network->script->populations[exported->target.ranges[t].population]};
    piece_take(exported, s, t, piece);
    piece->source_node = MEMORY_NEW(piece->n, uint64_t, TEMPORARY);
    piece->target_node = MEMORY_NEW(piece->n, uint64_t, TEMPORARY);
    piece->number = MEMORY_NEW(piece->n, uint64_t, TEMPORARY);
    piece_take(exported, s, t, piece);
    MPI_Exscan(&piece->n, &piece->first, 1, MPI_UINT64_T, MPI_SUM, network->communicator);
    if (network->rank == 0)
        piece->first = 0;
    MPI_Allreduce(&piece->n, &piece->total, 1, MPI_UINT64_T, MPI_SUM, network->communicator);
}

static void piece_release(struct piece *piece)
{
    memory_free(piece->source_node);
    memory_free(piece->target_node);
    memory_free(piece->number);
}

/* ---- what differs between synapses --------------------------------------------------------------------------------- */

/* All delays of an edge list, in the order of storage. */
static void expand_runs(const struct edges *edges, double *delay)
{
    for (uint32_t row = 0; row < edges->n_rows; row++) {
        edge_count run = edges->slab_run[(size_t)row * (size_t)edges->n_slabs], begin = edges->row_begin[row];
        for (edge_count k = begin; k < edges->row_begin[row + 1]; k++) {
            run += k - begin == edges->run_end[run];
            delay[k] = edges->run_delay[run];
        }
    }
}

/* Collective. A column of the connection's edges, or with column -1 the delays in steps, in the order of creation. */
static double *bring_column(const struct exported *exported, int column)
{
    const struct network *network = exported->network;
    int connection = exported->connection->index;
    const struct edges *begin = &network->edges[network->connection_begin[connection]];
    const struct edges *end = &network->edges[network->connection_begin[connection + 1]];
    edge_count n = 0;
    for (const struct edges *edges = begin; edges < end; edges++)
        n += edges_size(edges);
    double *stored = MEMORY_NEW(n, double, TEMPORARY), *next = stored;
    for (const struct edges *edges = begin; edges < end; edges++) {
        if (column < 0)
            expand_runs(edges, next);
        else if (edges_size(edges))
            memcpy(next, edges->columns[column], edges_size(edges) * sizeof *next);
        next += edges_size(edges);
    }
    double *brought = creation_bring(network, connection, &exported->creation, stored);
    memory_free(stored);
    return brought;
}

static void bring_columns(struct exported *exported)
{
    const struct connection_plan *plan = exported->plan;
    int weight = model_variable(exported->connection->synapse, "weight");
    for (int c = 0; c < plan->n_columns; c++)
        if (plan->columns[c].variable == weight)
            exported->weight = bring_column(exported, c);
    if (plan->delay.n_outputs)
        exported->delay = bring_column(exported, -1);
}

/* ---- columns ------------------------------------------------------------------------------------------------------- */

static hid_t write_column(struct sonata_file *file, hid_t group, const char *name, hid_t type, const struct piece *piece,
                          const void *values)
{
    return sonata_fixed(file, group, name, type, piece->total, piece->first, piece->n, values);
}

static void write_nodes(struct sonata_file *file, hid_t group, const char *name, const struct population *population,
                        const struct piece *piece, const uint64_t *nodes)
{
    hid_t dataset = write_column(file, group, name, H5T_STD_U64LE, piece, nodes);
    sonata_attribute_text(file, dataset, "node_population", population->name);
    H5Dclose(dataset);
}

static void write_quantity(struct sonata_file *file, hid_t group, const char *name, const struct piece *piece,
                           const double *values, const char *unit)
{
    hid_t dataset = write_column(file, group, name, H5T_IEEE_F64LE, piece, values);
    sonata_attribute_text(file, dataset, "units", unit);
    H5Dclose(dataset);
}

/* What SONATA wants of every edge: a type, and its row in the group "0", which is its own number. */
static void write_places(struct sonata_file *file, hid_t group, const struct piece *piece)
{
    uint64_t *values = MEMORY_NEW(piece->n, uint64_t, TEMPORARY); /* zeros, enough for the types below */
    H5Dclose(write_column(file, group, "edge_type_id", H5T_STD_I64LE, piece, values));
    H5Dclose(write_column(file, group, "edge_group_id", H5T_STD_U32LE, piece, values));
    for (uint64_t k = 0; k < piece->n; k++)
        values[k] = piece->first + k;
    H5Dclose(write_column(file, group, "edge_group_index", H5T_STD_U64LE, piece, values));
    memory_free(values);
}

/* The unit in which a model's author counts a weight: the declared one, or the unit of the port that it meets. */
static const struct unit *weight_unit(const struct connection *connection, const struct declaration *weight,
                                      const struct population *target, const char **text)
{
    const struct port *port = connection->port && target->model ? model_port(target->model, connection->port) : NULL;
    bool at_port = weight->unit_is_port && port;
    *text = at_port ? port->unit_text : weight->unit_text;
    return at_port ? &port->unit : &weight->unit;
}

/* The weight of a synapse where all have the same or a list says it. */
static double written_weight(const struct value *value, uint64_t number)
{
    return value->array ? value->array[number] : value->number;
}

/* The variable `weight`, if the synapse has one. */
static void write_weight(struct sonata_file *file, hid_t group, const struct exported *exported, const struct piece *piece)
{
    const struct connection *connection = exported->connection;
    int variable = model_variable(connection->synapse, "weight");
    if (variable < 0)
        return;
    const struct value *value = &connection->values[variable];
    if (!value->is_constant && !value->array && !exported->weight)
        return;
    const char *text;
    const struct unit *unit = weight_unit(connection, &connection->synapse->variables[variable], piece->target, &text);
    double *weights = MEMORY_NEW(piece->n, double, TEMPORARY);
    for (uint64_t k = 0; k < piece->n; k++) {
        uint64_t number = piece->number[k];
        double weight = exported->weight ? exported->weight[number - exported->creation.first] : written_weight(value, number);
        weights[k] = weight / unit->scale;
    }
    write_quantity(file, group, "syn_weight", piece, weights, text ? text : "1");
    memory_free(weights);
}

static void write_delay(struct sonata_file *file, hid_t group, const struct exported *exported, const struct piece *piece)
{
    double *delays = MEMORY_NEW(piece->n, double, TEMPORARY), step = exported->network->script->dt * 1e3;
    for (uint64_t k = 0; k < piece->n; k++) {
        double common = (double)exported->connection->delay;
        delays[k] = step * (exported->delay ? exported->delay[piece->number[k] - exported->creation.first] : common);
    }
    write_quantity(file, group, "delay", piece, delays, "ms");
    memory_free(delays);
}

/* ---- indices ------------------------------------------------------------------------------------------------------- */

/* Join neighbours of the same node where one ends as the next begins; returns how many are left. */
static uint64_t join(struct edge_range *ranges, uint64_t n)
{
    uint64_t left = 0;
    for (uint64_t k = 0; k < n; k++)
        if (left > 0 && ranges[left - 1].node == ranges[k].node && ranges[left - 1].end == ranges[k].begin)
            ranges[left - 1].end = ranges[k].end;
        else
            ranges[left++] = ranges[k];
    return left;
}

/* The edges here as ranges, by their sources or targets, in order of edges. Owned by the caller. */
static struct edge_range *ranges_of(const struct piece *piece, const uint64_t *nodes, uint64_t *n)
{
    struct edge_range *ranges = MEMORY_NEW(piece->n, struct edge_range, TEMPORARY);
    for (uint64_t k = 0; k < piece->n; k++)
        ranges[k] = (struct edge_range){nodes[k], piece->first + k, piece->first + k + 1};
    *n = join(ranges, piece->n);
    return ranges;
}

/* Bring ranges into the order of their nodes, and within a node of their edges, and join them. Takes the ranges. */
static struct edge_range *order_by_node(struct edge_range *ranges, uint64_t *n)
{
    uint64_t *keys = MEMORY_NEW(*n, uint64_t, TEMPORARY), *from = MEMORY_NEW(*n, uint64_t, TEMPORARY);
    for (uint64_t k = 0; k < *n; k++) {
        keys[k] = ranges[k].node;
        from[k] = k;
    }
    sort_by_key(keys, from, *n);
    struct edge_range *ordered = MEMORY_NEW(*n, struct edge_range, TEMPORARY);
    for (uint64_t k = 0; k < *n; k++)
        ordered[k] = ranges[from[k]];
    memory_free(keys);
    memory_free(from);
    memory_free(ranges);
    *n = join(ordered, *n);
    return ordered;
}

/* Append pairs of numbers to a new dataset of two columns, under one name or two: readers disagree about the plural. */
static void write_pairs(struct sonata_file *file, hid_t group, const char *name, const char *second_name, uint64_t total,
                        uint64_t first, uint64_t n, const uint64_t *pairs)
{
    uint64_t chunk = total < ROWS_PER_CHUNK ? total + (total == 0) : ROWS_PER_CHUNK;
    struct growing dataset = sonata_growing(file, group, name, H5T_STD_U64LE, 2, chunk, 2);
    if (total > 0)
        sonata_append(file, &dataset, total, (struct share){.first_row = first, .n_rows = n, .n_columns = 2}, pairs);
    H5Dclose(dataset.id);
    if (second_name)
        H5Lcreate_hard(group, name, group, second_name, H5P_DEFAULT, H5P_DEFAULT);
}

/* For each node here its rows in the list of ranges; then the list itself. */
static void write_ranges(struct sonata_file *file, hid_t group, uint64_t n_nodes, uint64_t node_begin, uint64_t node_end,
                         const struct edge_range *ranges, uint64_t n)
{
    uint64_t first = 0, total;
    MPI_Exscan(&n, &first, 1, MPI_UINT64_T, MPI_SUM, file->communicator);
    MPI_Allreduce(&n, &total, 1, MPI_UINT64_T, MPI_SUM, file->communicator);
    first = file->rank == 0 ? 0 : first;

    uint64_t *rows = MEMORY_NEW(2 * (node_end - node_begin), uint64_t, TEMPORARY), next = 0;
    for (uint64_t node = node_begin; node < node_end; node++) {
        rows[2 * (node - node_begin)] = first + next;
        while (next < n && ranges[next].node == node)
            next++;
        rows[2 * (node - node_begin) + 1] = first + next;
    }
    write_pairs(file, group, "node_id_to_ranges", "node_id_to_range", n_nodes, node_begin, node_end - node_begin, rows);
    memory_free(rows);

    uint64_t *edges = MEMORY_NEW(2 * n, uint64_t, TEMPORARY);
    for (uint64_t k = 0; k < n; k++) {
        edges[2 * k] = ranges[k].begin;
        edges[2 * k + 1] = ranges[k].end;
    }
    write_pairs(file, group, "range_to_edge_id", NULL, total, first, n, edges);
    memory_free(edges);
}

static void write_index(struct sonata_file *file, hid_t indices, const char *name, const struct piece *piece,
                        const uint64_t *nodes, uint64_t n_nodes)
{
    uint64_t n_ranks = (uint64_t)file->n_ranks, block = (n_nodes + n_ranks - 1) / n_ranks, n;
    uint64_t begin = block * (uint64_t)file->rank, end = begin + block;
    begin = begin < n_nodes ? begin : n_nodes;
    end = end < n_nodes ? end : n_nodes;
    struct edge_range *ranges = ranges_of(piece, nodes, &n);
    ranges = exchange_by_key(file->communicator, ranges, &n, sizeof *ranges, block);
    ranges = order_by_node(ranges, &n);
    hid_t group = sonata_group(file, indices, name);
    write_ranges(file, group, n_nodes, begin, end, ranges, n);
    H5Gclose(group);
    memory_free(ranges);
}

/* ---- the file ------------------------------------------------------------------------------------------------------ */

static void write_piece(struct sonata_file *file, hid_t edges, const char *name, const struct exported *exported,
                        const struct piece *piece)
{
    hid_t group = sonata_group(file, edges, name);
    write_nodes(file, group, "source_node_id", piece->source, piece, piece->source_node);
    write_nodes(file, group, "target_node_id", piece->target, piece, piece->target_node);
    write_places(file, group, piece);
    hid_t attributes = sonata_group(file, group, "0");
    write_weight(file, attributes, exported, piece);
    write_delay(file, attributes, exported, piece);
    H5Gclose(attributes);
    hid_t indices = sonata_group(file, group, "indices");
    write_index(file, indices, "source_to_target", piece, piece->source_node, piece->source->size);
    write_index(file, indices, "target_to_source", piece, piece->target_node, piece->target->size);
    H5Gclose(indices);
    H5Gclose(group);
}

static void write_pieces(struct sonata_file *file, const struct exported *exported)
{
    const struct connection *connection = exported->connection;
    bool single = exported->source.n_ranges * exported->target.n_ranges == 1;
    struct arena *arena = arena_create();
    hid_t edges = sonata_group(file, file->id, "edges");
    for (int s = 0; s < exported->source.n_ranges; s++)
        for (int t = 0; t < exported->target.n_ranges; t++) {
            struct piece piece;
            piece_create(exported, s, t, &piece);
            const char *pair = arena_format(arena, "%s__%s__%s", piece.source->name, piece.target->name, connection->name);
            write_piece(file, edges, single ? connection->name : pair, exported, &piece);
            piece_release(&piece);
        }
    H5Gclose(edges);
    arena_destroy(&arena);
}

/* An upper bound of what the file needs on disk, in all. Collective. */
static uint64_t file_bytes(const struct exported *exported)
{
    const struct population *populations = exported->network->script->populations;
    uint64_t n_source = (uint64_t)exported->source.n_ranges, n_target = (uint64_t)exported->target.n_ranges;
    uint64_t edges = exported->creation.n, nodes = 0;
    MPI_Allreduce(MPI_IN_PLACE, &edges, 1, MPI_UINT64_T, MPI_SUM, exported->network->communicator);
    for (uint64_t s = 0; s < n_source; s++)
        nodes += populations[exported->source.ranges[s].population].size * n_target;
    for (uint64_t t = 0; t < n_target; t++)
        nodes += populations[exported->target.ranges[t].population].size * n_source;
    return EDGE_BYTES * edges + NODE_BYTES * nodes + GROUP_BYTES * n_source * n_target;
}

static int write_file(const struct exported *exported, const char *folder, struct fault *fault)
{
    struct sonata_file *file;
    TRY(sonata_create(folder, exported->connection->name, file_bytes(exported), exported->network->communicator, &file, fault));
    write_pieces(file, exported);
    int status = sonata_check(file, fault), closed = sonata_close(&file, fault);
    return status ? status : closed;
}

int edges_file_write(const struct network *network, const struct connection_plan *plan, const char *folder, struct fault *fault)
{
    struct exported exported = {.network = network, .connection = plan->connection, .plan = plan};
    creation_create(network, plan->connection->index, &exported.creation);
    bring_columns(&exported);
    set_view_create(exported.connection->source, &exported.source);
    set_view_create(exported.connection->target, &exported.target);
    int status = write_file(&exported, folder, fault);
    set_view_release(&exported.source);
    set_view_release(&exported.target);
    creation_release(&exported.creation);
    memory_free(exported.weight);
    memory_free(exported.delay);
    return status;
}
