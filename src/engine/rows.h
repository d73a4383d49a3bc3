/* The part of a row whose targets lie in a thread's range. */
#ifndef GLION_ENGINE_ROWS_H
#define GLION_ENGINE_ROWS_H

#include "network/edges.h"
#include "support/ascending.h"

/* Places [*begin, *end) of a row with local targets in [first, last). Where all of them are, nothing is searched. */
static inline void rows_range(const struct edges *edges, uint32_t row, node_local first, node_local last, edge_count *begin,
                              edge_count *end)
{
    const node_local *targets = edges->target_local;
    *begin = edges->row_begin[row];
    *end = edges->row_begin[row + 1];
    if (targets[*begin] < first)
        *begin = ascending_place(targets, *begin, *end, first);
    if (*begin < *end && targets[*end - 1] >= last)
        *end = ascending_place(targets, *begin, *end, last);
}

/* The same of the thread that has a slab of the targets, which are these: where delays differ, and so rows ascend by delay before
 * target, they stand together even so. */
static inline void rows_of_thread(const struct edges *edges, uint32_t row, int slab, node_local first, node_local last,
                                  edge_count *begin, edge_count *end)
{
    if (!edges->slab_run) {
        rows_range(edges, row, first, last, begin, end);
        return;
    }
    const edge_count *slab_run = &edges->slab_run[(size_t)row * (size_t)edges->n_slabs], at = edges->row_begin[row];
    const edge_count first_run = slab_run[slab], last_run = slab_run[slab + 1];
    *begin = at + (first_run > slab_run[0] ? edges->run_end[first_run - 1] : 0);
    *end = first_run < last_run ? at + edges->run_end[last_run - 1] : *begin;
}

/* Places [begin, end) of a row. */
struct row_part {
    edge_count begin, end;
};

/* Ask for what a row to come will need, so that it is there in time: rows lie all over the memory. */
static inline void rows_prefetch(const struct edges *edges, uint32_t row)
{
    enum { PER_LINE = 64 / sizeof(node_local), LINES = 4 };
    const node_local *targets = edges->target_local + edges->row_begin[row];
    for (int line = 0; line < LINES; line++)
        __builtin_prefetch(targets + line * PER_LINE);
}

#endif
