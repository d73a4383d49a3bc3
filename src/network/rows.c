/* Usually each source has its own bucket (shift 0) and the counting sort alone makes the rows; what stands is 4 bytes per synapse
 * and a counter per source and slot. Where sources are many and synapses few (a large network on many ranks, each source with
 * hardly a target here), counters for all sources would outgrow the synapses and, worse, grow with the whole network. Then
 * 2^shift neighbouring sources share a bucket, whose synapses are sorted afterwards. So memory is always O(synapses here).
 *
 * The places where the next synapses of all sources go lie far apart, and stores to them would miss the cache one by one. So a
 * slot first throws its synapses into bins, a few hundred neighbouring sources each, and empties a bin when it is full: that
 * touches only so many cache lines as the second cache holds, each of them several times. Bins keep the order. */
#include "network/rows.h"

#include <assert.h>
#include <omp.h>
#include <stdlib.h>

#include "support/memory.h"

/* Counters may take as much memory as the synapses, and a little where there are few. */
#define COUNTERS_PER_SYNAPSE 0.5
#define COUNTERS_MINIMUM 65536.0

/* Bins of about so many sources, but not more bins than that; all together they take at most that part of the memory of the
 * synapses. Few synapses need none, since all of their memory is in the cache. */
#define BIN_SOURCES_LOG2 9
#define BINS_MAX 256
#define BINS_PER_SYNAPSE 0.125
#define BINS_BYTES_MAX (32 << 20)
#define BINNED_SYNAPSES_MINIMUM (1 << 18)

/* Where a range begins among the places; that of n_ranges is the number of all places. */
static uint64_t range_begin(const struct rows *rows, int range)
{
    uint64_t begin = 0;
    for (int k = 0; k < range; k++)
        begin += rows->ranges[k].length;
    return begin;
}

/* How many counters a slot may have. */
static double counters_allowed(double expected, int n_slots)
{
    return (COUNTERS_MINIMUM + COUNTERS_PER_SYNAPSE * expected) / n_slots;
}

static double bins_bytes(double n)
{
    double bytes = BINS_PER_SYNAPSE * n * sizeof(node_local);
    return bytes < BINS_BYTES_MAX ? bytes : BINS_BYTES_MAX;
}

double rows_bytes(double expected, double n_places, int n_slots)
{
    double allowed = counters_allowed(expected, n_slots), shared = n_places > allowed ? sizeof(uint64_t) * expected : 0;
    double n_counters = n_slots * (n_places < allowed ? n_places : allowed);
    return n_counters * sizeof(union rows_cursor) + shared + bins_bytes(expected);
}

void rows_create(struct rows *rows, const struct set_range *ranges, int n_ranges, int n_slots, double expected)
{
    *rows = (struct rows){.ranges = ranges, .n_ranges = n_ranges, .n_slots = n_slots};
    uint64_t length = range_begin(rows, n_ranges);
    double allowed = counters_allowed(expected, n_slots);
    while ((double)(length >> rows->shift) > allowed)
        rows->shift++;
    rows->n_buckets = (length >> rows->shift) + 1;
    rows->cursor = MEMORY_NEW((uint64_t)n_slots * rows->n_buckets, union rows_cursor, TEMPORARY);
}

/* ---- counting and storing ------------------------------------------------------------------------------------------------ */

static inline void count(union rows_cursor *cursor, int shift, node_id place)
{
    cursor[place >> shift].count++;
}

static inline void store(union rows_cursor *cursor, int shift, node_id place, node_local target)
{
    if (shift == 0)
        *cursor[place].target++ = target;
    else
        *cursor[place >> shift].pair++ = (uint64_t)place << 32 | target;
}

static union rows_cursor *slot_cursor(const struct rows *rows, int slot)
{
    return &rows->cursor[(uint64_t)slot * rows->n_buckets];
}

static void empty_bin(struct rows *rows, int slot, uint64_t bin)
{
    union rows_cursor *cursor = slot_cursor(rows, slot);
    uint64_t *size = &rows->bin_size[(uint64_t)slot * rows->n_bins + bin], n = *size;
    const struct rows_pair *pairs = &rows->bins[((uint64_t)slot * rows->n_bins + bin) * rows->bin_capacity];
    int shift = rows->shift;
    for (uint64_t k = 0; k < n; k++)
        store(cursor, shift, pairs[k].place, pairs[k].target);
    *size = 0;
}

/* The bins of one slot, with what the loop over synapses needs at hand. */
struct slot_bins {
    struct rows *rows;
    struct rows_pair *pairs;
    uint64_t *size, capacity;
    int slot, shift;
};

static struct slot_bins slot_bins(struct rows *rows, int slot)
{
    uint64_t first = (uint64_t)slot * rows->n_bins;
    return (struct slot_bins){
        rows, rows->bins + first * rows->bin_capacity, rows->bin_size + first, rows->bin_capacity, slot, rows->bin_shift};
}

static inline void throw_in_bin(struct slot_bins bins, node_id place, node_local target)
{
    uint64_t bin = place >> bins.shift, n = bins.size[bin];
    bins.pairs[bin * bins.capacity + n] = (struct rows_pair){place, target};
    bins.size[bin] = n + 1;
    if (n + 1 == bins.capacity)
        empty_bin(bins.rows, bins.slot, bin);
}

void rows_add(struct rows *rows, int slot, const node_id *places, uint64_t n, node_local target)
{
    union rows_cursor *cursor = slot_cursor(rows, slot);
    struct slot_bins bins = slot_bins(rows, slot);
    int shift = rows->shift;
    if (!rows->laid_out)
        for (uint64_t k = 0; k < n; k++)
            count(cursor, shift, places[k]);
    else if (bins.pairs)
        for (uint64_t k = 0; k < n; k++)
            throw_in_bin(bins, places[k], target);
    else
        for (uint64_t k = 0; k < n; k++)
            store(cursor, shift, places[k], target);
}

void rows_add_pairs(struct rows *rows, int slot, const struct rows_pair *pairs, uint64_t n)
{
    union rows_cursor *cursor = slot_cursor(rows, slot);
    struct slot_bins bins = slot_bins(rows, slot);
    int shift = rows->shift;
    if (!rows->laid_out)
        for (uint64_t k = 0; k < n; k++)
            count(cursor, shift, pairs[k].place);
    else if (bins.pairs)
        for (uint64_t k = 0; k < n; k++)
            throw_in_bin(bins, pairs[k].place, pairs[k].target);
    else
        for (uint64_t k = 0; k < n; k++)
            store(cursor, shift, pairs[k].place, pairs[k].target);
}

/* ---- laying out ---------------------------------------------------------------------------------------------------------- */

/* Consecutive buckets, and the array into which their synapses go: targets, or pairs. */
struct stretch {
    uint64_t begin, end;
    node_local *target;
    uint64_t *pair;
};

/* One of n_slots equal shares of a stretch. */
static void share(const struct rows *rows, const struct stretch *stretch, int slot, uint64_t *begin, uint64_t *end)
{
    uint64_t length = stretch->end - stretch->begin;
    *begin = stretch->begin + length * (uint64_t)slot / (uint64_t)rows->n_slots;
    *end = stretch->begin + length * (uint64_t)(slot + 1) / (uint64_t)rows->n_slots;
}

static edge_count share_total(const struct rows *rows, const struct stretch *stretch, int slot)
{
    uint64_t begin, end;
    share(rows, stretch, slot, &begin, &end);
    edge_count total = 0;
    for (int from = 0; from < rows->n_slots; from++)
        for (uint64_t bucket = begin; bucket < end; bucket++)
            total += slot_cursor(rows, from)[bucket].count;
    return total;
}

/* Counts become addresses: buckets in order, and within a bucket the slots in order. */
static void share_places(struct rows *rows, const struct stretch *stretch, int slot, edge_count place)
{
    uint64_t begin, end;
    share(rows, stretch, slot, &begin, &end);
    for (uint64_t bucket = begin; bucket < end; bucket++)
        for (int from = 0; from < rows->n_slots; from++) {
            union rows_cursor *cursor = &slot_cursor(rows, from)[bucket];
            edge_count n = cursor->count;
            if (stretch->target)
                cursor->target = stretch->target + place;
            else
                cursor->pair = stretch->pair + place;
            place += n;
        }
}

/* Returns the number of synapses. */
static edge_count lay_out_stretch(struct rows *rows, struct stretch *stretch)
{
    edge_count *begin = MEMORY_NEW(rows->n_slots + 1, edge_count, TEMPORARY);
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < rows->n_slots; slot++)
        begin[slot + 1] = share_total(rows, stretch, slot);
    for (int slot = 0; slot < rows->n_slots; slot++)
        begin[slot + 1] += begin[slot];
    if (rows->shift == 0)
        stretch->target = MEMORY_NEW(begin[rows->n_slots], node_local, SYNAPSES);
    else
        stretch->pair = MEMORY_NEW(begin[rows->n_slots], uint64_t, TEMPORARY);
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < rows->n_slots; slot++)
        share_places(rows, stretch, slot, begin[slot]);
    edge_count n = begin[rows->n_slots];
    memory_free(begin);
    return n;
}

static edge_count lay_out_ranges(struct rows *rows)
{
    edge_count n = 0;
    rows->target = MEMORY_NEW(rows->n_ranges, node_local *, TEMPORARY);
    for (int range = 0; range < rows->n_ranges; range++) {
        struct stretch stretch = {.begin = range_begin(rows, range), .end = range_begin(rows, range + 1)};
        n += lay_out_stretch(rows, &stretch);
        rows->target[range] = stretch.target;
    }
    return n;
}

static edge_count lay_out_pairs(struct rows *rows)
{
    struct stretch all = {.end = rows->n_buckets};
    edge_count n = lay_out_stretch(rows, &all);
    rows->pair = all.pair;
    return n;
}

static void create_bins(struct rows *rows, edge_count n)
{
    uint64_t n_places = range_begin(rows, rows->n_ranges);
    rows->bin_shift = BIN_SOURCES_LOG2;
    while (n_places >> rows->bin_shift >= BINS_MAX)
        rows->bin_shift++;
    if (n < BINNED_SYNAPSES_MINIMUM || n_places >> rows->bin_shift == 0)
        return;
    rows->n_bins = (n_places >> rows->bin_shift) + 1;
    uint64_t n_bins = (uint64_t)rows->n_slots * rows->n_bins;
    rows->bin_capacity = (uint64_t)(bins_bytes((double)n) / sizeof(struct rows_pair)) / n_bins + 1;
    rows->bin_size = MEMORY_NEW(n_bins, uint64_t, TEMPORARY);
    rows->bins = MEMORY_NEW(n_bins * rows->bin_capacity, struct rows_pair, TEMPORARY);
}

void rows_lay_out(struct rows *rows)
{
    edge_count n = rows->shift > 0 ? lay_out_pairs(rows) : lay_out_ranges(rows);
    create_bins(rows, n);
    rows->laid_out = true;
}

/* ---- finishing ----------------------------------------------------------------------------------------------------------- */

/* After all is stored, the last slot's cursor stands at the end of the bucket. */
static union rows_cursor bucket_end(const struct rows *rows, uint64_t bucket)
{
    return slot_cursor(rows, rows->n_slots - 1)[bucket];
}

static void create_rows(struct edges *edges, uint32_t n_rows)
{
    edges->n_rows = n_rows;
    edges->row_source = MEMORY_NEW(n_rows, node_index, SYNAPSES);
    edges->row_begin = MEMORY_NEW((uint64_t)n_rows + 1, edge_count, SYNAPSES);
}

static void rows_from_buckets(const struct rows *rows, int range, struct edges *edges)
{
    uint64_t first = range_begin(rows, range), length = rows->ranges[range].length;
    const node_local *target = rows->target[range], *before = target;
    uint32_t n_rows = 0, row = 0;
    for (uint64_t k = 0; k < length; k++) {
        n_rows += bucket_end(rows, first + k).target > before;
        before = bucket_end(rows, first + k).target;
    }
    create_rows(edges, n_rows);
    before = target;
    for (uint64_t k = 0; k < length; k++) {
        const node_local *end = bucket_end(rows, first + k).target;
        if (end > before) {
            edges->row_source[row] = rows->ranges[range].first + (node_index)k;
            edges->row_begin[++row] = (edge_count)(end - target);
        }
        before = end;
    }
    edges->target_local = rows->target[range];
}

static int compare_pairs(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Sort what shares a bucket; equal pairs are parallel synapses, which nothing tells apart. */
static void sort_buckets(struct rows *rows)
{
#pragma omp parallel for schedule(dynamic, 1024)
    for (uint64_t bucket = 0; bucket < rows->n_buckets; bucket++) {
        uint64_t *begin = bucket ? bucket_end(rows, bucket - 1).pair : rows->pair, *end = bucket_end(rows, bucket).pair;
        if (end - begin > 1)
            qsort(begin, (size_t)(end - begin), sizeof *begin, compare_pairs);
    }
}

/* The pairs [pair, end) are those of one range. */
static void rows_from_pairs(const struct rows *rows, int range, const uint64_t *pair, const uint64_t *end, struct edges *edges)
{
    edge_count n = (edge_count)(end - pair);
    uint32_t n_rows = 0, row = 0;
    for (edge_count k = 0; k < n; k++)
        n_rows += k == 0 || pair[k] >> 32 != pair[k - 1] >> 32;
    create_rows(edges, n_rows);
    edges->target_local = MEMORY_NEW(n, node_local, SYNAPSES);
    uint64_t first = range_begin(rows, range);
    for (edge_count k = 0; k < n; k++) {
        edges->target_local[k] = (node_local)pair[k];
        if (k + 1 == n || pair[k] >> 32 != pair[k + 1] >> 32) {
            edges->row_source[row] = rows->ranges[range].first + (node_index)((pair[k] >> 32) - first);
            edges->row_begin[++row] = k + 1;
        }
    }
}

/* Where the pairs end whose sources stand before a place. */
static const uint64_t *pairs_below(const struct rows *rows, uint64_t place)
{
    const uint64_t *low = rows->pair, *high = bucket_end(rows, rows->n_buckets - 1).pair;
    while (low < high) {
        const uint64_t *middle = low + (high - low) / 2;
        if (*middle >> 32 < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void empty_bins(struct rows *rows)
{
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < rows->n_slots; slot++)
        for (uint64_t bin = 0; bin < rows->n_bins; bin++)
            empty_bin(rows, slot, bin);
    memory_free(rows->bin_size);
    memory_free(rows->bins);
}

void rows_finish(struct rows *rows, struct edges *edges, int stride)
{
    assert(rows->laid_out);
    empty_bins(rows);
    if (rows->shift > 0)
        sort_buckets(rows);
    for (int range = 0; range < rows->n_ranges; range++) {
        struct edges *of = &edges[range * stride];
        if (rows->shift == 0)
            rows_from_buckets(rows, range, of);
        else
            rows_from_pairs(rows, range, pairs_below(rows, range_begin(rows, range)),
                            pairs_below(rows, range_begin(rows, range + 1)), of);
    }
    memory_free(rows->target);
    memory_free(rows->pair);
    memory_free(rows->cursor);
    *rows = (struct rows){0};
}
