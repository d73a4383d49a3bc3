#include "network/edges.h"

#include "support/ascending.h"
#include "support/memory.h"

/* Sources without targets here are rare in most networks, so row number = source - first source is the first guess. */
int64_t edges_row(const struct edges *edges, node_index source)
{
    if (edges->n_rows == 0 || source < edges->row_source[0] || source > edges->row_source[edges->n_rows - 1])
        return -1;
    uint32_t guess = source - edges->row_source[0];
    if (guess < edges->n_rows && edges->row_source[guess] == source)
        return guess;
    uint64_t row = ascending_place(edges->row_source, 0, edges->n_rows, source);
    return edges->row_source[row] == source ? (int64_t)row : -1;
}

uint32_t edges_row_at(const struct edges *edges, edge_count position)
{
    uint32_t low = 0, high = edges->n_rows;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (edges->row_begin[middle] <= position)
            low = middle;
        else
            high = middle;
    }
    return low;
}

step_count edges_delay_at(const struct edges *edges, uint32_t row, edge_count position)
{
    const edge_count offset = position - edges->row_begin[row];
    edge_count stretch = (edge_count)row * (edge_count)edges->n_slabs, run = edges->slab_run[stretch];
    while (edges->run_end[run] <= offset)
        run++;
    return edges->run_delay[run];
}

edge_count edges_size(const struct edges *edges)
{
    return edges->n_rows ? edges->row_begin[edges->n_rows] : 0;
}

void edges_forget_synapses(struct edges *edges)
{
    memory_free(edges->target_local);
    memory_free(edges->slab_run);
    memory_free(edges->run_end);
    memory_free(edges->run_delay);
    for (int c = 0; c < edges->n_columns; c++)
        memory_free(edges->columns[c]);
    memory_free(edges->columns);
    *edges = (struct edges){.connection = edges->connection,
                            .source = edges->source,
                            .target = edges->target,
                            .since = edges->since,
                            .n_rows = edges->n_rows,
                            .row_source = edges->row_source,
                            .row_begin = edges->row_begin};
}

void edges_release(struct edges *edges)
{
    edges_forget_synapses(edges);
    memory_free(edges->row_source);
    memory_free(edges->row_begin);
    *edges = (struct edges){
        .connection = edges->connection, .source = edges->source, .target = edges->target, .since = edges->since};
}

static bool run_is_valid(const struct edges *edges, edge_count begin, edge_count end, node_local n_target_local)
{
    if (begin >= end || edges->target_local[end - 1] >= n_target_local)
        return false;
    for (edge_count k = begin + 1; k < end; k++)
        if (edges->target_local[k - 1] > edges->target_local[k])
            return false;
    return true;
}

static bool runs_are_valid(const struct edges *edges, uint32_t row, node_local n_target_local)
{
    const edge_count *slab_run = &edges->slab_run[(size_t)row * (size_t)edges->n_slabs];
    edge_count begin = edges->row_begin[row], run_begin = begin;
    for (int slab = 0; slab < edges->n_slabs; slab++)
        for (edge_count run = slab_run[slab]; run < slab_run[slab + 1]; run++) {
            edge_count run_end = begin + edges->run_end[run];
            if (!run_is_valid(edges, run_begin, run_end, n_target_local) ||
                (run > slab_run[slab] && edges->run_delay[run - 1] >= edges->run_delay[run]))
                return false;
            run_begin = run_end;
        }
    return run_begin == edges->row_begin[row + 1];
}

static bool row_is_valid(const struct edges *edges, uint32_t row, node_index n_source, node_local n_target_local)
{
    if (edges->row_source[row] >= n_source || (row > 0 && edges->row_source[row - 1] >= edges->row_source[row]))
        return false;
    if (edges->slab_run)
        return runs_are_valid(edges, row, n_target_local);
    return run_is_valid(edges, edges->row_begin[row], edges->row_begin[row + 1], n_target_local);
}

bool edges_is_valid(const struct edges *edges, node_index n_source, node_local n_target_local)
{
    if (edges->row_begin[0] != 0)
        return false;
    for (uint32_t row = 0; row < edges->n_rows; row++)
        if (!row_is_valid(edges, row, n_source, n_target_local))
            return false;
    return true;
}
