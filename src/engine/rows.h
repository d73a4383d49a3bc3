/* The part of a row whose targets lie in a thread's range. */
#ifndef GLION_ENGINE_ROWS_H
#define GLION_ENGINE_ROWS_H

#include "network/edges.h"
#include "support/ascending.h"

/* Places [*begin, *end) of a row with local targets in [first, last). */
static inline void rows_range(const struct edges *edges, uint32_t row, node_local first, node_local last, edge_count *begin,
                              edge_count *end)
{
    edge_count row_end = edges->row_begin[row + 1];
    *begin = ascending_place(edges->target_local, edges->row_begin[row], row_end, first);
    *end = ascending_place(edges->target_local, *begin, row_end, last);
}

#endif
