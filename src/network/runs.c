/* A stable counting sort of each row by slab and delay: what is sorted are places, so that each array is moved once. */
#include "network/runs.h"

#include <omp.h>
#include <string.h>

#include "support/ascending.h"
#include "support/memory.h"

struct cut {
    struct edges *edges;
    uint16_t *delay; /* [edges_size] or NULL: all have `common` */
    uint16_t common;
    node_local *limit; /* [n_slabs] targets of a slab lie below it; owned */
};

/* What a thread needs to sort a slab of a row. */
struct sorter {
    uint32_t *first;       /* [CONNECTION_DELAY_MAX + 1] first place of each delay, all 0 between uses; owned */
    uint32_t *place;       /* [longest row] where each synapse goes; owned */
    unsigned char *moving; /* [longest row] elements of up to 8 bytes; owned */
};

static uint32_t row_length(const struct edges *edges, uint32_t row)
{
    return (uint32_t)(edges->row_begin[row + 1] - edges->row_begin[row]);
}

static void sorter_create(const struct edges *edges, struct sorter *sorter)
{
    uint32_t longest = 0;
    for (uint32_t row = 0; row < edges->n_rows; row++)
        longest = row_length(edges, row) > longest ? row_length(edges, row) : longest;
    sorter->first = MEMORY_NEW(CONNECTION_DELAY_MAX + 1, uint32_t, TEMPORARY);
    sorter->place = MEMORY_NEW(longest, uint32_t, TEMPORARY);
    sorter->moving = MEMORY_NEW(longest * sizeof(double), unsigned char, TEMPORARY);
}

static void sorter_release(struct sorter *sorter)
{
    memory_free(sorter->first);
    memory_free(sorter->place);
    memory_free(sorter->moving);
}

/* ---- sorting --------------------------------------------------------------------------------------------------------------- */

#define MOVE(type, array, n)                       \
    do {                                           \
        type *moving = (type *)sorter->moving;     \
        memcpy(moving, array, (n) * sizeof(type)); \
        for (uint32_t k = 0; k < (n); k++)         \
            (array)[sorter->place[k]] = moving[k]; \
    } while (0)

/* Where the synapses with each delay go: sorter->place. Returns how many different delays there are. */
static uint32_t find_places(const uint16_t *delay, uint32_t n, struct sorter *sorter)
{
    uint16_t low = UINT16_MAX, high = 0;
    uint32_t n_delays = 0, sum = 0;
    for (uint32_t k = 0; k < n; k++) {
        sorter->first[delay[k]]++;
        low = delay[k] < low ? delay[k] : low;
        high = delay[k] > high ? delay[k] : high;
    }
    for (uint32_t steps = low; steps <= high; steps++) {
        uint32_t count = sorter->first[steps];
        n_delays += count > 0;
        sorter->first[steps] = sum;
        sum += count;
    }
    for (uint32_t k = 0; k < n; k++)
        sorter->place[k] = sorter->first[delay[k]]++;
    memset(&sorter->first[low], 0, (high + 1u - low) * sizeof *sorter->first);
    return n_delays;
}

/* The synapses [begin, begin + n) lie in one slab. Returns the number of runs. */
static uint32_t sort_slab(const struct cut *cut, edge_count begin, uint32_t n, struct sorter *sorter)
{
    const struct edges *edges = cut->edges;
    if (n == 0 || !cut->delay)
        return n > 0;
    uint16_t *delay = cut->delay + begin;
    uint32_t n_runs = find_places(delay, n, sorter);
    MOVE(uint16_t, delay, n);
    MOVE(node_local, edges->target_local + begin, n);
    for (int c = 0; c < edges->n_columns; c++)
        MOVE(double, edges->columns[c] + begin, n);
    return n_runs;
}

/* As its targets ascend, a slab is a stretch of the row. */
static void sort_row(const struct cut *cut, uint32_t row, struct sorter *sorter)
{
    struct edges *edges = cut->edges;
    edge_count *n_runs = &edges->slab_run[(size_t)row * (size_t)edges->n_slabs + 1];
    edge_count begin = edges->row_begin[row], row_end = edges->row_begin[row + 1];
    for (int slab = 0; slab < edges->n_slabs; slab++) {
        edge_count end = ascending_place(edges->target_local, begin, row_end, cut->limit[slab]);
        n_runs[slab] = sort_slab(cut, begin, (uint32_t)(end - begin), sorter);
        begin = end;
    }
}

/* ---- runs ------------------------------------------------------------------------------------------------------------------ */

/* The runs of a row that has been sorted. */
static void write_runs(const struct cut *cut, uint32_t row)
{
    struct edges *edges = cut->edges;
    const uint32_t n = row_length(edges, row);
    const node_local *target = edges->target_local + edges->row_begin[row];
    const uint16_t *delay = cut->delay ? cut->delay + edges->row_begin[row] : NULL;
    edge_count run = edges->slab_run[(size_t)row * (size_t)edges->n_slabs];
    int slab = 0;
    for (uint32_t k = 0; k < n; k++) {
        while (target[k] >= cut->limit[slab])
            slab++;
        if (k + 1 < n && target[k + 1] < cut->limit[slab] && (!delay || delay[k + 1] == delay[k]))
            continue;
        edges->run_delay[run] = delay ? delay[k] : cut->common;
        edges->run_end[run++] = k + 1;
    }
}

static void sort_rows(const struct cut *cut)
{
#pragma omp parallel
    {
        struct sorter sorter;
        sorter_create(cut->edges, &sorter);
#pragma omp for schedule(dynamic, 64)
        for (uint32_t row = 0; row < cut->edges->n_rows; row++)
            sort_row(cut, row, &sorter);
        sorter_release(&sorter);
    }
}

void runs_cut(struct edges *edges, uint16_t *delay, uint16_t common, node_local n_targets, int n_slabs)
{
    size_t n_stretches = (size_t)edges->n_rows * (size_t)n_slabs;
    edges->n_slabs = n_slabs;
    edges->slab_run = MEMORY_NEW(n_stretches + 1, edge_count, SYNAPSES);
    struct cut cut = {edges, delay, common, MEMORY_NEW(n_slabs, node_local, TEMPORARY)};
    for (int slab = 0; slab < n_slabs; slab++)
        cut.limit[slab] = slab_begin(n_targets, slab + 1, n_slabs);
    sort_rows(&cut);
    for (size_t k = 0; k < n_stretches; k++)
        edges->slab_run[k + 1] += edges->slab_run[k];
    edges->run_end = MEMORY_NEW(edges->slab_run[n_stretches], uint32_t, SYNAPSES);
    edges->run_delay = MEMORY_NEW(edges->slab_run[n_stretches], uint16_t, SYNAPSES);
#pragma omp parallel for schedule(dynamic, 64)
    for (uint32_t row = 0; row < edges->n_rows; row++)
        write_runs(&cut, row);
    memory_free(cut.limit);
}
