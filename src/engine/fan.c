/* Fusing goes row by row, from the last to the first, and the pieces give their memory back on the way: at no time is there more
 * than the synapses once and a stretch of rows twice. */
#include "engine/fan.h"

#include <omp.h>
#include <string.h>

#include "support/ascending.h"
#include "support/memory.h"

/* ---- pieces --------------------------------------------------------------------------------------------------------------- */

static size_t step_length_of(const struct fan_piece *piece)
{
    return (size_t)piece->arrivals->n_kinds * LANES;
}

/* Every synapse adds the same number to one accumulator. */
static bool is_uniform(const struct fan_piece *piece)
{
    return piece->increments.n == 1 && !piece->increments.columns[0].values;
}

bool fan_takes(const struct fan *fan, const struct fan_piece *piece)
{
    const struct fan_piece *first = &fan->pieces[0];
    if (fan->source != piece->edges->source || fan->step_length != step_length_of(piece) || fan->is_split != piece->is_split)
        return false;
    if (first->edges->since != piece->edges->since)
        return false;
    if (is_uniform(first) != is_uniform(piece))
        return false;
    return !is_uniform(first) || first->increments.columns[0].common == piece->increments.columns[0].common;
}

void fan_add(struct fan *fan, const struct fan_piece *piece)
{
    if (fan->n_pieces == 0)
        *fan = (struct fan){.source = piece->edges->source, .is_split = piece->is_split, .step_length = step_length_of(piece)};
    *MEMORY_PUSH(fan->pieces, fan->n_pieces, fan->capacity, struct fan_piece, BUFFERS) = *piece;
}

/* What the synapses [begin, end) of a piece add: where, if `to` is given, and how much, if `values` is. A port with several
 * accumulators makes several additions; those of 0 are left out. Returns how many there are. */
static uint32_t additions(const struct fan_piece *piece, edge_count begin, edge_count end, uint32_t *to, double *values)
{
    const struct increments *increments = &piece->increments;
    const node_local *target = piece->edges->target_local;
    uint32_t n = 0;
    for (edge_count synapse = begin; synapse < end; synapse++)
        for (int k = 0; k < increments->n; k++) {
            const struct increment_column *column = &increments->columns[k];
            double value = column->values ? column->values[synapse] : column->common;
            size_t place = piece->arrivals_begin + tile_place(piece->arrivals, target[synapse]);
            if (value == 0)
                continue;
            if (to)
                to[n] = (uint32_t)(place + (size_t)column->arrival * LANES);
            if (values)
                values[n] = value;
            n++;
        }
    return n;
}

/* The same where there is one accumulator: an addition per synapse. */
static uint32_t single_additions(const struct fan_piece *piece, edge_count begin, edge_count end, uint32_t *to, double *values)
{
    const struct increment_column *column = &piece->increments.columns[0];
    const struct tile arrivals = *piece->arrivals;
    const node_local *target = &piece->edges->target_local[begin];
    size_t first = piece->arrivals_begin + (size_t)column->arrival * LANES;
    uint32_t n = (uint32_t)(end - begin);
    for (uint32_t k = 0; to && k < n; k++)
        to[k] = (uint32_t)(first + tile_place(&arrivals, target[k]));
    if (values && column->values)
        memcpy(values, &column->values[begin], n * sizeof *values);
    for (uint32_t k = 0; values && !column->values && k < n; k++)
        values[k] = column->common;
    return n;
}

/* ---- a row's runs ---------------------------------------------------------------------------------------------------------- */

/* Where a thread stands in the runs of a source and slab, in each piece. */
struct cursor {
    edge_count run, last;      /* runs [run, last) are left */
    edge_count begin, synapse; /* first synapse of the row, and of the run */
};

/* At the beginning of a slab of a source's row in each piece; slabs are taken in order. */
static void cursors_set(const struct fan *fan, node_index source, int slab, struct cursor *cursors)
{
    for (int p = 0; p < fan->n_pieces; p++) {
        const struct edges *edges = fan->pieces[p].edges;
        int64_t row = edges_row(edges, source);
        if (row < 0) {
            cursors[p] = (struct cursor){0};
            continue;
        }
        const edge_count *slab_run = &edges->slab_run[(size_t)row * (size_t)edges->n_slabs];
        edge_count begin = edges->row_begin[row], run = slab_run[slab];
        cursors[p] = (struct cursor){run, slab_run[slab + 1], begin, begin + (run > slab_run[0] ? edges->run_end[run - 1] : 0)};
    }
}

/* The shortest delay that is left, -1 when there is none. */
static int next_delay(const struct fan *fan, const struct cursor *cursors)
{
    int delay = -1;
    for (int p = 0; p < fan->n_pieces; p++)
        if (cursors[p].run < cursors[p].last) {
            int candidate = fan->pieces[p].edges->run_delay[cursors[p].run];
            delay = delay < 0 || candidate < delay ? candidate : delay;
        }
    return delay;
}

/* The run of all pieces with this delay. Writes its additions if `to` is given, the numbers if `values` is. Returns how many. */
static uint32_t take_run(const struct fan *fan, int delay, struct cursor *cursors, uint32_t *to, double *values)
{
    uint32_t n = 0;
    for (int p = 0; p < fan->n_pieces; p++) {
        const struct fan_piece *piece = &fan->pieces[p];
        struct cursor *cursor = &cursors[p];
        if (cursor->run == cursor->last || piece->edges->run_delay[cursor->run] != delay)
            continue;
        edge_count end = cursor->begin + piece->edges->run_end[cursor->run++];
        n += (piece->increments.n == 1 ? single_additions : additions)(piece, cursor->synapse, end, to ? to + n : NULL,
                                                                       values ? values + n : NULL);
        cursor->synapse = end;
    }
    return n;
}

/* ---- fusing ---------------------------------------------------------------------------------------------------------------- */

/* The sources of all pieces. */
static void find_rows(struct fan *fan)
{
    struct edges *rows = &fan->rows;
    node_index first = UINT32_MAX, end = 0;
    for (int p = 0; p < fan->n_pieces; p++) {
        const struct edges *edges = fan->pieces[p].edges;
        if (edges->n_rows == 0)
            continue;
        node_index last = edges->row_source[edges->n_rows - 1];
        first = edges->row_source[0] < first ? edges->row_source[0] : first;
        end = last + 1 > end ? last + 1 : end;
    }
    uint32_t capacity = 0;
    for (node_index source = first; source < end; source++)
        for (int p = 0, is_found = 0; p < fan->n_pieces && !is_found; p++)
            if (edges_row(fan->pieces[p].edges, source) >= 0) {
                is_found = 1;
                *MEMORY_PUSH(rows->row_source, rows->n_rows, capacity, node_index, SYNAPSES) = source;
            }
}

/* Sizes: row_begin and slab_run, each shifted by one, then added up. */
static void count_runs(struct fan *fan)
{
    struct edges *rows = &fan->rows;
    size_t n_stretches = (size_t)rows->n_rows * (size_t)rows->n_slabs;
    rows->row_begin = MEMORY_NEW((size_t)rows->n_rows + 1, edge_count, SYNAPSES);
    rows->slab_run = MEMORY_NEW(n_stretches + 1, edge_count, SYNAPSES);
#pragma omp parallel
    {
        struct cursor *cursors = MEMORY_NEW(fan->n_pieces, struct cursor, TEMPORARY);
#pragma omp for schedule(dynamic, 64)
        for (uint32_t row = 0; row < rows->n_rows; row++)
            for (int slab = 0; slab < rows->n_slabs; slab++) {
                cursors_set(fan, rows->row_source[row], slab, cursors);
                for (int delay; (delay = next_delay(fan, cursors)) >= 0;) {
                    rows->row_begin[row + 1] += take_run(fan, delay, cursors, NULL, NULL);
                    rows->slab_run[(size_t)row * (size_t)rows->n_slabs + (size_t)slab + 1]++;
                }
            }
        memory_free(cursors);
    }
    for (uint32_t row = 0; row < rows->n_rows; row++)
        rows->row_begin[row + 1] += rows->row_begin[row];
    for (size_t k = 0; k < n_stretches; k++)
        rows->slab_run[k + 1] += rows->slab_run[k];
}

static void write_row(struct fan *fan, uint32_t row, struct cursor *cursors)
{
    struct edges *rows = &fan->rows;
    edge_count begin = rows->row_begin[row], place = begin;
    for (int slab = 0; slab < rows->n_slabs; slab++) {
        edge_count run = rows->slab_run[(size_t)row * (size_t)rows->n_slabs + (size_t)slab];
        cursors_set(fan, rows->row_source[row], slab, cursors);
        for (int delay; (delay = next_delay(fan, cursors)) >= 0; run++) {
            double *values = rows->n_columns ? rows->columns[0] + place : NULL;
            place += take_run(fan, delay, cursors, rows->target_local + place, values);
            rows->run_delay[run] = (uint16_t)delay;
            rows->run_end[run] = (uint32_t)(place - begin);
        }
    }
}

/* What the pieces have of sources from `first` on is not needed any more. */
static void trim_pieces(struct fan *fan, node_index first)
{
    for (int p = 0; p < fan->n_pieces; p++) {
        struct edges *edges = fan->pieces[p].edges;
        edge_count left = edges->row_begin[ascending_place(edges->row_source, 0, edges->n_rows, first)];
        if (fan->pieces[p].is_kept)
            continue;
        memory_trim(edges->target_local, left * sizeof(node_local));
        for (int c = 0; c < edges->n_columns; c++)
            memory_trim(edges->columns[c], left * sizeof(double));
    }
}

static void write_rows(struct fan *fan)
{
    enum { STRETCHES = 32 };
    const struct edges *rows = &fan->rows;
    for (uint64_t stretch = STRETCHES; stretch-- > 0;) {
        uint32_t first = (uint32_t)(rows->n_rows * stretch / STRETCHES),
                 end = (uint32_t)(rows->n_rows * (stretch + 1) / STRETCHES);
#pragma omp parallel
        {
            struct cursor *cursors = MEMORY_NEW(fan->n_pieces, struct cursor, TEMPORARY);
#pragma omp for schedule(dynamic, 16)
            for (uint32_t row = first; row < end; row++)
                write_row(fan, row, cursors);
            memory_free(cursors);
        }
        if (first < end)
            trim_pieces(fan, rows->row_source[first]);
    }
}

/* Numbers that are whole in single precision take half the memory, in place. */
static void shorten_values(struct fan *fan)
{
    double *values = fan->rows.columns[0];
    edge_count n = edges_size(&fan->rows);
    for (edge_count k = 0; k < n; k++) /* most numbers are not whole, and the first says so */
        if ((float)values[k] != values[k])
            return;
    char *place = (char *)values;
    for (edge_count k = 0; k < n; k++, place += sizeof(float)) { /* each is read before its place is written */
        float value = (float)values[k];
        memcpy(place, &value, sizeof value);
    }
    memory_trim(values, n * sizeof(float));
    if (memory_size(values) > n * sizeof(float)) /* small */
        values = memory_resize(values, n * sizeof(float), MEMORY_SYNAPSES);
    fan->rows.columns[0] = values;
    fan->singles = (const float *)values;
    fan->values = NULL;
}

/* Rows and their sources stay: they say how many synapses there are. */
static void release_piece(struct fan_piece *piece)
{
    struct edges *edges = piece->edges;
    if (piece->is_kept)
        return;
    for (int c = 0; c < edges->n_columns; c++)
        memory_free(edges->columns[c]);
    memory_free(edges->columns);
    memory_free(edges->target_local);
    memory_free(edges->slab_run);
    memory_free(edges->run_end);
    memory_free(edges->run_delay);
    edges->n_columns = 0;
    edges->columns = NULL;
    edges->target_local = NULL;
    edges->slab_run = NULL;
    edges->run_end = NULL;
    edges->run_delay = NULL;
}

void fan_finish(struct fan *fan, step_count depth)
{
    struct edges *rows = &fan->rows;
    *rows = (struct edges){.source = fan->source, .since = fan->pieces[0].edges->since, .n_slabs = fan->pieces[0].edges->n_slabs};
    find_rows(fan);
    count_runs(fan);
    edge_count n_runs = rows->slab_run[(size_t)rows->n_rows * (size_t)rows->n_slabs];
    rows->run_end = MEMORY_NEW(n_runs, uint32_t, SYNAPSES);
    rows->run_delay = MEMORY_NEW(n_runs, uint16_t, SYNAPSES);
    rows->target_local = MEMORY_NEW(edges_size(rows), uint32_t, SYNAPSES);
    if (is_uniform(&fan->pieces[0])) {
        fan->common = fan->pieces[0].increments.columns[0].common;
    } else {
        rows->n_columns = 1;
        rows->columns = MEMORY_NEW(1, double *, SYNAPSES);
        fan->values = rows->columns[0] = MEMORY_NEW(edges_size(rows), double, SYNAPSES);
    }
    write_rows(fan);
    if (fan->values)
        shorten_values(fan);
    for (int p = 0; p < fan->n_pieces; p++)
        release_piece(&fan->pieces[p]);
    fan->calendars = MEMORY_NEW(rows->n_slabs, struct calendar, BUFFERS);
    for (int slab = 0; slab < rows->n_slabs; slab++)
        calendar_create(depth, &fan->calendars[slab]);
}

void fan_release(struct fan *fan)
{
    for (int slab = 0; slab < fan->rows.n_slabs; slab++)
        calendar_release(&fan->calendars[slab]);
    memory_free(fan->calendars);
    edges_release(&fan->rows);
    for (int p = 0; p < fan->n_pieces; p++)
        increments_release(&fan->pieces[p].increments);
    memory_free(fan->pieces);
    *fan = (struct fan){0};
}

/* ---- spikes ---------------------------------------------------------------------------------------------------------------- */

uint64_t fan_expect(struct fan *fan, int slab, const struct history *history, step_count begin, step_count end)
{
    return calendar_expect(&fan->calendars[slab], &fan->rows, slab, history, begin, end, 0);
}

/* ---- arrivals ------------------------------------------------------------------------------------------------------------- */

/* Runs lie anywhere in memory; what comes this many runs later is asked for ahead. */
enum { RUNS_AHEAD = 4 };

static inline void ask_for(const struct fan *fan, const struct arriving_run *run)
{
    enum { CACHE_LINE = 64 };
    const char *to = (const char *)&fan->rows.target_local[run->begin];
    const char *values = fan->singles ? (const char *)&fan->singles[run->begin] : (const char *)&fan->values[run->begin];
    size_t length = run->n * (fan->singles ? sizeof(float) : fan->values ? sizeof(double) : 0);
    for (size_t byte = 0; byte < run->n * sizeof(uint32_t); byte += CACHE_LINE)
        __builtin_prefetch(to + byte);
    for (size_t byte = 0; byte < length; byte += CACHE_LINE)
        __builtin_prefetch(values + byte);
}

static inline void add_run(const struct fan *fan, const struct arriving_run *run, double *arrivals)
{
    const uint32_t *to = &fan->rows.target_local[run->begin];
    if (fan->values)
        for (uint32_t k = 0; k < run->n; k++)
            arrivals[to[k]] += fan->values[run->begin + k];
    else if (fan->singles)
        for (uint32_t k = 0; k < run->n; k++)
            arrivals[to[k]] += fan->singles[run->begin + k];
    else
        for (uint32_t k = 0; k < run->n; k++)
            arrivals[to[k]] += fan->common;
}

uint64_t fan_deliver(struct fan *fan, int slab, double *arrivals, step_count begin, step_count end)
{
    uint64_t n_additions = 0;
    for (step_count step = begin; step < end; step++) {
        struct arriving_runs *list = calendar_at(&fan->calendars[slab], step);
        double *first = arrivals + (size_t)(step - begin) * fan->step_length;
        for (uint64_t r = 0; r < list->n; r++) {
            if (r + RUNS_AHEAD < list->n)
                ask_for(fan, &list->runs[r + RUNS_AHEAD]);
            add_run(fan, &list->runs[r], first);
            n_additions += list->runs[r].n;
        }
        list->n = 0;
    }
    return n_additions;
}
