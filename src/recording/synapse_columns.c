/* Numbers of selected synapses have gaps, so columns are found by sorting all numbers over the ranks (row_order.h): the share
 * that a rank gets is its block. Each rank's own synapses go there in ascending order, and so will their values. */
#include "recording/synapse_columns.h"

#include "network/set_view.h"
#include "recording/row_order.h"
#include "support/memory.h"

struct selected {
    struct row_key key; /* minor: the synapse's number */
    int rank;           /* that has it */
    struct synapse_place place;
    struct synapse_column column;
};

struct selected_list {
    struct selected *rows; /* [n]; owned */
    uint64_t n, capacity;
};

/* Both ends of the connections. */
struct ends {
    struct set_view source, target;
};

/* ---- the synapses of this rank --------------------------------------------------------------------------------------------- */

static bool is_within(const struct position_range *range, uint64_t position)
{
    return position >= range->begin && position < range->end;
}

/* numbers: of the edges' synapses, from 0 for each connection; `before`: of the connections before. */
static void select_edges(const struct network *network, const struct synapse_selection *selection, const struct ends *ends,
                         int index, const uint64_t *numbers, uint64_t before, struct selected_list *list)
{
    const struct edges *edges = &network->edges[index];
    const struct population *target = &network->script->populations[edges->target];
    const int source_range = set_view_range(&ends->source, edges->source),
              target_range = set_view_range(&ends->target, edges->target);
    for (uint32_t row = 0; row < edges->n_rows; row++) {
        const node_index source = edges->row_source[row];
        if (!is_within(&selection->sources, set_view_position(&ends->source, source_range, source)))
            continue;
        for (edge_count place = edges->row_begin[row]; place < edges->row_begin[row + 1]; place++) {
            const node_index node = network->partition.scheme->index(network->partition.n_ranks, target, network->rank,
                                                                     edges->target_local[place]);
            if (!is_within(&selection->targets, set_view_position(&ends->target, target_range, node)))
                continue;
            *MEMORY_PUSH(list->rows, list->n, list->capacity, struct selected, TEMPORARY) = (struct selected){
                .key = {.minor = before + numbers[place]},
                .rank = network->rank,
                .place = {(uint32_t)index, place},
                .column = {before + numbers[place], source, node, source_range, target_range},
            };
        }
    }
}

/* Returns the number of all synapses of these connections, on all ranks. */
static uint64_t select_here(const struct network *network, const struct synapse_selection *selection, struct selected_list *list)
{
    struct ends ends;
    uint64_t before = 0;
    set_view_create(selection->source, &ends.source);
    set_view_create(selection->target, &ends.target);
    for (int c = 0; c < selection->n_connections; c++) {
        const int connection = selection->connections[c];
        uint64_t n, here = 0;
        uint64_t *numbers = network_number(network, connection, &n);
        for (int k = network->connection_begin[connection]; k < network->connection_begin[connection + 1]; k++) {
            select_edges(network, selection, &ends, k, numbers + here, before, list);
            here += edges_size(&network->edges[k]);
        }
        memory_free(numbers);
        MPI_Allreduce(MPI_IN_PLACE, &n, 1, MPI_UINT64_T, MPI_SUM, network->communicator);
        before += n;
    }
    set_view_release(&ends.source);
    set_view_release(&ends.target);
    return before;
}

/* ---- columns --------------------------------------------------------------------------------------------------------------- */

static int compare_selected(const void *a, const void *b)
{
    return row_key_compare(a, b);
}

/* block[n]: this rank's share in order of columns. */
static void exchange_create(const struct network *network, const struct selected *block, uint64_t n,
                            struct column_exchange *exchange)
{
    const int n_ranks = network->partition.n_ranks;
    *exchange = (struct column_exchange){
        .n_columns = n,
        .begin = rows_before(network->communicator, n),
        .count = n,
        .send_count = MEMORY_NEW(n_ranks, uint64_t, RECORDING),
        .receive_count = MEMORY_NEW(n_ranks, uint64_t, RECORDING),
        .place = MEMORY_NEW(n, uint32_t, RECORDING),
    };
    for (uint64_t column = 0; column < n; column++)
        exchange->receive_count[block[column].rank]++;
    uint64_t *next = MEMORY_NEW(n_ranks + 1, uint64_t, TEMPORARY);
    for (int rank = 0; rank < n_ranks; rank++)
        next[rank + 1] = next[rank] + exchange->receive_count[rank];
    for (uint64_t column = 0; column < n; column++)
        exchange->place[next[block[column].rank]++] = (uint32_t)column;
    memory_free(next);
    MPI_Alltoall(exchange->receive_count, 1, MPI_UINT64_T, exchange->send_count, 1, MPI_UINT64_T, network->communicator);
    MPI_Allreduce(MPI_IN_PLACE, &exchange->n_columns, 1, MPI_UINT64_T, MPI_SUM, network->communicator);
}

void synapse_columns_create(const struct network *network, const struct synapse_selection *selection,
                            struct synapse_columns *columns)
{
    struct selected_list list = {0};
    const uint64_t n_synapses = select_here(network, selection, &list);
    uint64_t n = list.n;
    struct selected *block = rows_in_order(network->communicator, list.rows, &n, sizeof *block,
                                           (struct row_range){0, 1, n_synapses}, compare_selected);
    exchange_create(network, block, n, &columns->exchange);
    columns->n_here = list.n;
    columns->here = MEMORY_NEW(list.n, struct synapse_place, RECORDING);
    for (uint64_t k = 0; k < list.n; k++)
        columns->here[k] = list.rows[k].place;
    columns->column = MEMORY_NEW(n, struct synapse_column, RECORDING);
    for (uint64_t k = 0; k < n; k++)
        columns->column[k] = block[k].column;
    memory_free(list.rows);
    memory_free(block);
}

void synapse_columns_release(struct synapse_columns *columns)
{
    column_exchange_release(&columns->exchange);
    memory_free(columns->here);
    memory_free(columns->column);
    *columns = (struct synapse_columns){0};
}
