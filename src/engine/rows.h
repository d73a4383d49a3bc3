/* The part of a row whose targets lie in a thread's range. */
#ifndef GLION_ENGINE_ROWS_H
#define GLION_ENGINE_ROWS_H

#include "network/edges.h"

/* First place in [low, high) of the ascending list at which `bound` could stand. */
static inline edge_count rows_lower_bound(const node_local *list, edge_count low, edge_count high, node_local bound)
{
    while (low < high) {
        edge_count middle = low + (high - low) / 2;
        if (list[middle] < bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Places [*begin, *end) of a row with local targets in [first, last). */
static inline void rows_range(const struct edges *edges, uint32_t row, node_local first, node_local last, edge_count *begin,
                              edge_count *end)
{
    edge_count row_end = edges->row_begin[row + 1];
    *begin = rows_lower_bound(edges->target_local, edges->row_begin[row], row_end, first);
    *end = rows_lower_bound(edges->target_local, *begin, row_end, last);
}

#endif
