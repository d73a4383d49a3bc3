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

edge_count edges_size(const struct edges *edges)
{
    return edges->n_rows ? edges->row_begin[edges->n_rows] : 0;
}

void edges_release(struct edges *edges)
{
    memory_free(edges->row_source);
    memory_free(edges->row_begin);
    memory_free(edges->target_local);
    edges->row_source = NULL;
    edges->row_begin = NULL;
    edges->target_local = NULL;
    edges->n_rows = 0;
}

static bool row_is_valid(const struct edges *edges, uint32_t row, node_index n_source, node_local n_target_local)
{
    edge_count begin = edges->row_begin[row], end = edges->row_begin[row + 1];
    if (begin >= end || edges->row_source[row] >= n_source || edges->target_local[end - 1] >= n_target_local)
        return false;
    if (row > 0 && edges->row_source[row - 1] >= edges->row_source[row])
        return false;
    for (edge_count k = begin + 1; k < end; k++)
        if (edges->target_local[k - 1] > edges->target_local[k])
            return false;
    return true;
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
