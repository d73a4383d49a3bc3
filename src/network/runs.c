/* A stable counting sort of each row by slab and delay: what is sorted are places, so that each array is moved once. Runs are
 * counted first, in one reading of the delays; then each row's have their place, and are written while it is sorted. */
#include "network/runs.h"

#include <omp.h>
#include <string.h>

#include "support/ascending.h"
#include "support/memory.h"

struct cut {
    struct edges *edges;
    const uint16_t *delay; /* [edges_size] or NULL: all have `common` */
    uint16_t common;
    node_local *limit; /* [n_slabs] targets of a slab lie below it; owned */
};

/* What a thread needs to count and sort. */
struct sorter {
    uint32_t *first;       /* [CONNECTION_DELAY_MAX + 1] first place of each delay, all 0 between uses; owned */
    uint32_t *seen;        /* [CONNECTION_DELAY_MAX + 1] the last stretch that had the delay, counted from 1; owned */
    uint32_t n_stretches;  /* counted so far */
    uint32_t *place;       /* [longest row] where each synapse goes; owned */
    unsigned char *moving; /* [longest row] elements of up to 8 bytes; owned */
};

/* The synapses of a row whose targets lie in one slab. */
struct stretch {
    edge_count begin;
    uint32_t n, in_row; /* in_row: those of the row before */
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
    *sorter = (struct sorter){
        .first = MEMORY_NEW(CONNECTION_DELAY_MAX + 1, uint32_t, TEMPORARY),
        .seen = MEMORY_NEW(CONNECTION_DELAY_MAX + 1, uint32_t, TEMPORARY),
        .place = MEMORY_NEW(longest, uint32_t, TEMPORARY),
        .moving = MEMORY_NEW(longest * sizeof(double), unsigned char, TEMPORARY),
    };
}

static void sorter_release(struct sorter *sorter)
{
    memory_free(sorter->first);
    memory_free(sorter->seen);
    memory_free(sorter->place);
    memory_free(sorter->moving);
}

/* As its targets ascend, a slab is a stretch of the row. Slabs are taken in order; the stretch is first the row's empty one. */
static void next_stretch(const struct cut *cut, uint32_t row, int slab, struct stretch *stretch)
{
    edge_count begin = stretch->begin + stretch->n;
    edge_count end = ascending_place(cut->edges->target_local, begin, cut->edges->row_begin[row + 1], cut->limit[slab]);
    *stretch = (struct stretch){begin, (uint32_t)(end - begin), (uint32_t)(begin - cut->edges->row_begin[row])};
}

/* ---- counting -------------------------------------------------------------------------------------------------------------- */

static uint32_t count_delays(const struct cut *cut, const struct stretch *stretch, struct sorter *sorter)
{
    if (!cut->delay)
        return stretch->n > 0;
    const uint16_t *delay = cut->delay + stretch->begin;
    uint32_t n_delays = 0, number = ++sorter->n_stretches;
    for (uint32_t k = 0; k < stretch->n; k++) {
        n_delays += sorter->seen[delay[k]] != number;
        sorter->seen[delay[k]] = number;
    }
    return n_delays;
}

static void count_runs(const struct cut *cut, uint32_t row, struct sorter *sorter)
{
    const struct edges *edges = cut->edges;
    edge_count *n_runs = &edges->slab_run[(size_t)row * (size_t)edges->n_slabs + 1];
    struct stretch stretch = {.begin = edges->row_begin[row]};
    for (int slab = 0; slab < edges->n_slabs; slab++) {
        next_stretch(cut, row, slab, &stretch);
        n_runs[slab] = count_delays(cut, &stretch, sorter);
    }
}

/* ---- sorting --------------------------------------------------------------------------------------------------------------- */

#define MOVE(type, array, n)                       \
    do {                                           \
        type *moving = (type *)sorter->moving;     \
        memcpy(moving, array, (n) * sizeof(type)); \
        for (uint32_t k = 0; k < (n); k++)         \
            (array)[sorter->place[k]] = moving[k]; \
    } while (0)

/* Where the synapses with each delay go: sorter->place; and the stretch's runs, the first of which is `run`. */
static void find_places(const struct cut *cut, const struct stretch *stretch, edge_count run, struct sorter *sorter)
{
    const uint16_t *delay = cut->delay + stretch->begin;
    uint16_t low = UINT16_MAX, high = 0;
    uint32_t sum = 0;
    for (uint32_t k = 0; k < stretch->n; k++) {
        sorter->first[delay[k]]++;
        low = delay[k] < low ? delay[k] : low;
        high = delay[k] > high ? delay[k] : high;
    }
    for (uint32_t steps = low; steps <= high; steps++) {
        uint32_t count = sorter->first[steps];
        sorter->first[steps] = sum;
        sum += count;
        if (count == 0)
            continue;
        cut->edges->run_delay[run] = (uint16_t)steps;
        cut->edges->run_end[run++] = stretch->in_row + sum;
    }
    for (uint32_t k = 0; k < stretch->n; k++)
        sorter->place[k] = sorter->first[delay[k]]++;
    memset(&sorter->first[low], 0, (high + 1u - low) * sizeof *sorter->first);
}

static void sort_stretch(const struct cut *cut, const struct stretch *stretch, edge_count run, struct sorter *sorter)
{
    const struct edges *edges = cut->edges;
    if (stretch->n == 0)
        return;
    if (!cut->delay) {
        edges->run_delay[run] = cut->common;
        edges->run_end[run] = stretch->in_row + stretch->n;
        return;
    }
    find_places(cut, stretch, run, sorter);
    MOVE(node_local, edges->target_local + stretch->begin, stretch->n);
    for (int c = 0; c < edges->n_columns; c++)
        MOVE(double, edges->columns[c] + stretch->begin, stretch->n);
}

static void sort_row(const struct cut *cut, uint32_t row, struct sorter *sorter)
{
    const struct edges *edges = cut->edges;
    const edge_count *run = &edges->slab_run[(size_t)row * (size_t)edges->n_slabs];
    struct stretch stretch = {.begin = edges->row_begin[row]};
    for (int slab = 0; slab < edges->n_slabs; slab++) {
        next_stretch(cut, row, slab, &stretch);
        sort_stretch(cut, &stretch, run[slab], sorter);
    }
}

/* Counts of runs, each shifted by one, become places. */
static void create_runs(struct edges *edges, size_t n_stretches)
{
    for (size_t k = 0; k < n_stretches; k++)
        edges->slab_run[k + 1] += edges->slab_run[k];
    edges->run_end = MEMORY_NEW(edges->slab_run[n_stretches], uint32_t, SYNAPSES);
    edges->run_delay = MEMORY_NEW(edges->slab_run[n_stretches], uint16_t, SYNAPSES);
}

void runs_cut(struct edges *edges, const uint16_t *delay, uint16_t common, node_local n_targets, int n_slabs)
{
    size_t n_stretches = (size_t)edges->n_rows * (size_t)n_slabs;
    edges->n_slabs = n_slabs;
    edges->slab_run = MEMORY_NEW(n_stretches + 1, edge_count, SYNAPSES);
    struct cut cut = {edges, delay, common, MEMORY_NEW(n_slabs, node_local, TEMPORARY)};
    for (int slab = 0; slab < n_slabs; slab++)
        cut.limit[slab] = slab_begin(n_targets, slab + 1, n_slabs);
#pragma omp parallel
    {
        struct sorter sorter;
        sorter_create(edges, &sorter);
#pragma omp for schedule(dynamic, 64)
        for (uint32_t row = 0; row < edges->n_rows; row++)
            count_runs(&cut, row, &sorter);
#pragma omp single
        create_runs(edges, n_stretches);
#pragma omp for schedule(dynamic, 64)
        for (uint32_t row = 0; row < edges->n_rows; row++)
            sort_row(&cut, row, &sorter);
        sorter_release(&sorter);
    }
    memory_free(cut.limit);
}
