/* A stable counting sort of each row by slab and delay: what is sorted are places, so that each array is moved once. The counts
 * say where runs end. */
#include "network/runs.h"

#include <string.h>

#include "support/ascending.h"
#include "support/memory.h"

void runs_begin(struct edges *edges, int n_slabs)
{
    edges->n_slabs = n_slabs;
    edges->slab_run = MEMORY_NEW((size_t)edges->n_rows * (size_t)n_slabs + 1, edge_count, SYNAPSES);
}

void runs_cutter_create(struct edges *edges, uint16_t common, node_local n_targets, struct runs_cutter *cutter)
{
    *cutter = (struct runs_cutter){
        .edges = edges,
        .common = common,
        .limit = MEMORY_NEW(edges->n_slabs, node_local, TEMPORARY),
        .first = MEMORY_NEW(CONNECTION_DELAY_MAX + 1, uint32_t, TEMPORARY),
    };
    for (int slab = 0; slab < edges->n_slabs; slab++)
        cutter->limit[slab] = slab_begin(n_targets, slab + 1, edges->n_slabs);
}

void runs_release(struct runs *runs)
{
    memory_free(runs->end);
    memory_free(runs->delay);
    *runs = (struct runs){0};
}

void runs_cutter_release(struct runs_cutter *cutter)
{
    memory_free(cutter->limit);
    memory_free(cutter->first);
    memory_free(cutter->place);
    memory_free(cutter->moving);
    runs_release(&cutter->runs);
}

/* ---- room -------------------------------------------------------------------------------------------------------------------
 */

static uint64_t larger(uint64_t needed, uint64_t capacity)
{
    return needed > 2 * capacity ? needed : 2 * capacity;
}

/* For a row of n synapses. */
static void reserve(struct runs_cutter *cutter, uint64_t n)
{
    const uint64_t most = (uint64_t)cutter->edges->n_slabs * (CONNECTION_DELAY_MAX + 1), n_runs = n < most ? n : most;
    if (n > cutter->capacity) {
        cutter->capacity = larger(n, cutter->capacity);
        memory_free(cutter->place);
        memory_free(cutter->moving);
        cutter->place = MEMORY_NEW(cutter->capacity, uint32_t, TEMPORARY);
        cutter->moving = MEMORY_NEW(cutter->capacity, double, TEMPORARY);
    }
    if (cutter->runs.n + n_runs > cutter->runs_capacity) {
        cutter->runs_capacity = larger(cutter->runs.n + n_runs, cutter->runs_capacity);
        cutter->runs.end = MEMORY_RESIZE(cutter->runs.end, cutter->runs_capacity, uint32_t, TEMPORARY);
        cutter->runs.delay = MEMORY_RESIZE(cutter->runs.delay, cutter->runs_capacity, uint16_t, TEMPORARY);
    }
}

static void add_run(struct runs *runs, uint16_t delay, uint32_t end)
{
    runs->end[runs->n] = end;
    runs->delay[runs->n++] = delay;
}

/* ---- sorting --------------------------------------------------------------------------------------------------------------- */

#define MOVE(type, array, n)                       \
    do {                                           \
        type *moving = (type *)cutter->moving;     \
        for (uint32_t k = 0; k < (n); k++)         \
            moving[cutter->place[k]] = (array)[k]; \
        memcpy(array, moving, (n) * sizeof(type)); \
    } while (0)

/* Where n synapses of one slab go: cutter->place; and their runs. `in_row`: synapses of the row before them. */
static void find_places(struct runs_cutter *cutter, const uint16_t *delay, uint32_t n, uint32_t in_row)
{
    uint32_t *first = cutter->first, *place = cutter->place, sum = 0;
    uint16_t low = UINT16_MAX, high = 0;
    for (uint32_t k = 0; k < n; k++) {
        first[delay[k]]++;
        low = delay[k] < low ? delay[k] : low;
        high = delay[k] > high ? delay[k] : high;
    }
    for (uint32_t steps = low; steps <= high; steps++) {
        uint32_t count = first[steps];
        first[steps] = sum;
        sum += count;
        if (count > 0)
            add_run(&cutter->runs, (uint16_t)steps, in_row + sum);
    }
    for (uint32_t k = 0; k < n; k++)
        place[k] = first[delay[k]]++;
    memset(&first[low], 0, (high + 1u - low) * sizeof *first);
}

/* The synapses [begin, begin + n) of a row lie in one slab; delay[n] are theirs. */
static void cut_slab(struct runs_cutter *cutter, edge_count begin, uint32_t n, uint32_t in_row, const uint16_t *delay)
{
    const struct edges *edges = cutter->edges;
    if (n == 0)
        return;
    if (!delay) {
        add_run(&cutter->runs, cutter->common, in_row + n);
        return;
    }
    find_places(cutter, delay, n, in_row);
    MOVE(node_local, edges->target_local + begin, n);
    for (int c = 0; c < edges->n_columns; c++)
        MOVE(double, edges->columns[c] + begin, n);
}

/* As its targets ascend, a slab is a stretch of the row. Leaves the number of runs of each slab in slab_run. */
static void cut_row(struct runs_cutter *cutter, uint32_t row, const uint16_t *delay)
{
    const struct edges *edges = cutter->edges;
    edge_count *n_runs = &edges->slab_run[(size_t)row * (size_t)edges->n_slabs + 1];
    const edge_count row_begin = edges->row_begin[row], row_end = edges->row_begin[row + 1];
    edge_count begin = row_begin;
    reserve(cutter, row_end - row_begin);
    for (int slab = 0; slab < edges->n_slabs; slab++) {
        edge_count end = ascending_place(edges->target_local, begin, row_end, cutter->limit[slab]);
        uint64_t n_before = cutter->runs.n;
        cut_slab(cutter, begin, (uint32_t)(end - begin), (uint32_t)(begin - row_begin),
                 delay ? delay + (begin - row_begin) : NULL);
        n_runs[slab] = cutter->runs.n - n_before;
        begin = end;
    }
}

void runs_cut(struct runs_cutter *cutter, uint32_t begin, uint32_t end, const uint16_t *delay, struct runs *out)
{
    const struct edges *edges = cutter->edges;
    cutter->runs.n = 0;
    for (uint32_t row = begin; row < end; row++)
        cut_row(cutter, row, delay ? delay + (edges->row_begin[row] - edges->row_begin[begin]) : NULL);
    *out = (struct runs){
        .n = cutter->runs.n,
        .end = MEMORY_NEW(cutter->runs.n, uint32_t, TEMPORARY),
        .delay = MEMORY_NEW(cutter->runs.n, uint16_t, TEMPORARY),
    };
    if (out->n == 0)
        return;
    memcpy(out->end, cutter->runs.end, out->n * sizeof *out->end);
    memcpy(out->delay, cutter->runs.delay, out->n * sizeof *out->delay);
}

/* ---- joining --------------------------------------------------------------------------------------------------------------- */

void runs_join(struct edges *edges, struct runs *stretches, uint64_t n_stretches)
{
    const size_t n_slabs = (size_t)edges->n_rows * (size_t)edges->n_slabs;
    for (size_t k = 0; k < n_slabs; k++)
        edges->slab_run[k + 1] += edges->slab_run[k];
    edges->run_end = MEMORY_NEW(edges->slab_run[n_slabs], uint32_t, SYNAPSES);
    edges->run_delay = MEMORY_NEW(edges->slab_run[n_slabs], uint16_t, SYNAPSES);
    uint64_t n = 0;
    for (uint64_t k = 0; k < n_stretches; k++) {
        struct runs *runs = &stretches[k];
        if (runs->n > 0) {
            memcpy(edges->run_end + n, runs->end, runs->n * sizeof *runs->end);
            memcpy(edges->run_delay + n, runs->delay, runs->n * sizeof *runs->delay);
        }
        n += runs->n;
        runs_release(runs);
    }
}
