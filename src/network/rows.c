/* Usually each source has its own bucket (shift 0) and the counting sort alone makes the rows; what stands is 4 bytes per synapse
 * and a counter per source and slot. Where sources are many and synapses few (a large network on many ranks, each source with
 * hardly a target here), counters for all sources would outgrow the synapses and, worse, grow with the whole network. Then
 * 2^shift neighbouring sources share a bucket, whose synapses are sorted afterwards. So memory is always O(synapses here). */
#include "network/rows.h"

#include <omp.h>
#include <stdlib.h>

#include "support/memory.h"

/* Counters may take as much memory as the synapses, and a little where there are few. */
#define COUNTERS_PER_SYNAPSE 0.5
#define COUNTERS_MINIMUM 65536.0

void rows_create(struct rows *rows, node_index first, uint32_t length, int n_slots, double expected)
{
    *rows = (struct rows){.first = first, .length = length, .n_slots = n_slots};
    double allowed = (COUNTERS_MINIMUM + COUNTERS_PER_SYNAPSE * expected) / n_slots;
    while ((double)(length >> rows->shift) > allowed)
        rows->shift++;
    rows->n_buckets = ((uint64_t)length >> rows->shift) + 1;
    rows->cursor = MEMORY_NEW((uint64_t)n_slots * rows->n_buckets, edge_count, TEMPORARY);
}

/* Buckets [*begin, *end) of one of n_slots equal shares. */
static void share(const struct rows *rows, int slot, uint64_t *begin, uint64_t *end)
{
    *begin = rows->n_buckets * (uint64_t)slot / (uint64_t)rows->n_slots;
    *end = rows->n_buckets * (uint64_t)(slot + 1) / (uint64_t)rows->n_slots;
}

static edge_count share_total(const struct rows *rows, int slot)
{
    uint64_t begin, end;
    share(rows, slot, &begin, &end);
    edge_count total = 0;
    for (int from = 0; from < rows->n_slots; from++)
        for (uint64_t bucket = begin; bucket < end; bucket++)
            total += rows->cursor[(uint64_t)from * rows->n_buckets + bucket];
    return total;
}

/* Counts become places: buckets in order, and within a bucket the slots in order. */
static void share_places(struct rows *rows, int slot, edge_count place)
{
    uint64_t begin, end;
    share(rows, slot, &begin, &end);
    for (uint64_t bucket = begin; bucket < end; bucket++)
        for (int from = 0; from < rows->n_slots; from++) {
            edge_count *cursor = &rows->cursor[(uint64_t)from * rows->n_buckets + bucket];
            edge_count count = *cursor;
            *cursor = place;
            place += count;
        }
}

void rows_lay_out(struct rows *rows)
{
    edge_count *begin = MEMORY_NEW(rows->n_slots + 1, edge_count, TEMPORARY);
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < rows->n_slots; slot++)
        begin[slot + 1] = share_total(rows, slot);
    for (int slot = 0; slot < rows->n_slots; slot++)
        begin[slot + 1] += begin[slot];
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < rows->n_slots; slot++)
        share_places(rows, slot, begin[slot]);
    edge_count n = begin[rows->n_slots];
    memory_free(begin);
    if (rows->shift == 0)
        rows->target = MEMORY_NEW(n, node_local, SYNAPSES);
    else
        rows->pair = MEMORY_NEW(n, uint64_t, TEMPORARY);
}

/* After placing, the last slot's cursor stands at the end of the bucket. */
static edge_count bucket_end(const struct rows *rows, uint64_t bucket)
{
    return rows->cursor[(uint64_t)(rows->n_slots - 1) * rows->n_buckets + bucket];
}

static edge_count bucket_begin(const struct rows *rows, uint64_t bucket)
{
    return bucket ? bucket_end(rows, bucket - 1) : 0;
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
        edge_count begin = bucket_begin(rows, bucket), end = bucket_end(rows, bucket);
        if (end - begin > 1)
            qsort(&rows->pair[begin], end - begin, sizeof(uint64_t), compare_pairs);
    }
}

static void rows_from_buckets(const struct rows *rows, struct edges *edges)
{
    for (uint64_t bucket = 0; bucket < rows->n_buckets; bucket++)
        edges->n_rows += bucket_end(rows, bucket) > bucket_begin(rows, bucket);
    edges->row_source = MEMORY_NEW(edges->n_rows, node_index, SYNAPSES);
    edges->row_begin = MEMORY_NEW((uint64_t)edges->n_rows + 1, edge_count, SYNAPSES);
    uint32_t row = 0;
    for (uint64_t bucket = 0; bucket < rows->n_buckets; bucket++)
        if (bucket_end(rows, bucket) > bucket_begin(rows, bucket)) {
            edges->row_source[row] = rows->first + (node_index)bucket;
            edges->row_begin[++row] = bucket_end(rows, bucket);
        }
}

static void rows_from_pairs(const struct rows *rows, struct edges *edges)
{
    edge_count n = bucket_end(rows, rows->n_buckets - 1);
    for (edge_count k = 0; k < n; k++)
        edges->n_rows += k == 0 || rows->pair[k] >> 32 != rows->pair[k - 1] >> 32;
    edges->row_source = MEMORY_NEW(edges->n_rows, node_index, SYNAPSES);
    edges->row_begin = MEMORY_NEW((uint64_t)edges->n_rows + 1, edge_count, SYNAPSES);
    edges->target_local = MEMORY_NEW(n, node_local, SYNAPSES);
    uint32_t row = 0;
    for (edge_count k = 0; k < n; k++) {
        edges->target_local[k] = (node_local)rows->pair[k];
        if (k + 1 == n || rows->pair[k] >> 32 != rows->pair[k + 1] >> 32) {
            edges->row_source[row] = rows->first + (node_index)(rows->pair[k] >> 32);
            edges->row_begin[++row] = k + 1;
        }
    }
}

void rows_finish(struct rows *rows, struct edges *edges)
{
    if (rows->shift == 0) {
        rows_from_buckets(rows, edges);
        edges->target_local = rows->target;
    } else {
        sort_buckets(rows);
        rows_from_pairs(rows, edges);
    }
    memory_free(rows->pair);
    memory_free(rows->cursor);
    *rows = (struct rows){0};
}
