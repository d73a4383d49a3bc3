/* Two counting sorts: first into lists by third node, then, third nodes ascending, into rows by source. Parallel synapses (same
 * source, same third node) differ in nothing, so the order of arrival leaves no trace. */
#include "network/third_in.h"

#include "network/rows.h"
#include "support/memory.h"

/* Sources are known by their positions, and here turned into places: once, since the lists are read twice. */
static void find_places(const struct build *build, struct edges *lists)
{
#pragma omp parallel for schedule(dynamic, 64)
    for (uint32_t row = 0; row < lists->n_rows; row++)
        set_view_places(&build->source, &lists->target_local[lists->row_begin[row]],
                        lists->row_begin[row + 1] - lists->row_begin[row]);
}

static void add_lists(const struct build *build, const struct edges *lists, struct rows *rows)
{
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < build->n_slots; slot++) {
        uint64_t begin, end;
        build_share(build, slot, lists->n_rows, &begin, &end);
        for (uint64_t row = begin; row < end; row++)
            rows_add(rows, slot, &lists->target_local[lists->row_begin[row]], lists->row_begin[row + 1] - lists->row_begin[row],
                     lists->row_source[row]);
    }
}

/* From lists by third node to rows by source. */
static void rows_by_source(const struct build *build, struct edges *lists, struct edges *third_in)
{
    struct rows rows;
    find_places(build, lists);
    rows_create(&rows, build->source.ranges, build->source.n_ranges, build->n_slots, (double)edges_size(lists));
    add_lists(build, lists, &rows);
    rows_lay_out(&rows);
    add_lists(build, lists, &rows);
    rows_finish(&rows, third_in, build->pool.n_ranges);
}

void third_in_finish(const struct build *build, struct gather *gather, struct edges *third_in)
{
    int n_pool = build->pool.n_ranges;
    struct edges *lists = MEMORY_NEW(n_pool, struct edges, TEMPORARY);
    gather_finish(gather, lists);
    for (int range = 0; range < n_pool; range++) {
        rows_by_source(build, &lists[range], third_in + range);
        edges_release(&lists[range]);
    }
    memory_free(lists);
}
