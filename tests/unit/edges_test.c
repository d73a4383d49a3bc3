/* Rows: the counting sort keeps every synapse, in order, with and without shared buckets; look-up finds exactly the rows that
 * exist. */
#include "network/edges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "network/rows.h"
#include "support/memory.h"

struct synapse {
    node_index source;
    node_local target;
};

static int compare(const void *left, const void *right)
{
    const struct synapse *a = left, *b = right;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    return (a->target > b->target) - (a->target < b->target);
}

static void add_synapses(struct rows *rows, const struct synapse *synapses, int n, node_index first)
{
    for (int slot = 0; slot < rows->n_slots; slot++)
        for (int k = n * slot / rows->n_slots; k < n * (slot + 1) / rows->n_slots; k++)
            rows_add(rows, slot, (node_id[]){synapses[k].source - first}, 1, synapses[k].target);
}

/* Sort n synapses, which come with ascending targets, in n_slots stretches. */
static struct edges sort_synapses(const struct synapse *synapses, int n, node_index first, uint32_t length, int n_slots,
                                  double expected)
{
    struct rows rows;
    struct edges edges = {0};
    rows_create(&rows, &(struct set_range){.first = first, .length = length}, 1, n_slots, expected);
    add_synapses(&rows, synapses, n, first);
    rows_lay_out(&rows);
    add_synapses(&rows, synapses, n, first);
    rows_finish(&rows, &edges, 1);
    return edges;
}

static void check_against(const struct edges *edges, struct synapse *synapses, int n)
{
    qsort(synapses, (size_t)n, sizeof *synapses, compare);
    assert_int_equal(edges_size(edges), n);
    int k = 0;
    for (uint32_t row = 0; row < edges->n_rows; row++)
        for (edge_count e = edges->row_begin[row]; e < edges->row_begin[row + 1]; e++, k++) {
            assert_int_equal(edges->row_source[row], synapses[k].source);
            assert_int_equal(edges->target_local[e], synapses[k].target);
        }
}

/* Sources scattered over `length` indices from 1000 on; many targets, with repeats. */
static void check_sort(int n, uint32_t length, int n_slots, double expected)
{
    struct synapse *synapses = MEMORY_NEW(n, struct synapse, TEMPORARY);
    for (int k = 0; k < n; k++)
        synapses[k] = (struct synapse){1000 + (uint32_t)k * 2654435761u % length, (node_local)k / 5};
    struct edges edges = sort_synapses(synapses, n, 1000, length, n_slots, expected);
    assert_true(edges_is_valid(&edges, 1000 + length, (node_local)n / 5 + 1));
    check_against(&edges, synapses, n);
    edges_release(&edges);
    memory_free(synapses);
}

static void test_rows_with_a_counter_for_each_source(void **state)
{
    for (int n_slots = 1; n_slots <= 5; n_slots++) {
        check_sort(0, 10, n_slots, 0);
        check_sort(1, 1, n_slots, 1);
        check_sort(20000, 1, n_slots, 20000);
        check_sort(20000, 300, n_slots, 20000);
        check_sort(300000, 5000, n_slots, 300000); /* with bins */
    }
}

/* Two hundred million sources and few synapses: memory follows the synapses. */
static void test_rows_with_shared_buckets(void **state)
{
    size_t before = memory_peak();
    for (int n_slots = 1; n_slots <= 5; n_slots++) {
        check_sort(0, 200000000, n_slots, 0);
        check_sort(20000, 200000000, n_slots, 20000);
    }
    assert_true(memory_peak() - before < 4 << 20);
    check_sort(300000, 200000000, 2, 300000); /* with bins */
}

/* All sources in one of the shared buckets. */
static void test_rows_with_a_crowded_bucket(void **state)
{
    struct synapse synapses[3000];
    for (int k = 0; k < 3000; k++)
        synapses[k] = (struct synapse){7 + (uint32_t)k * 37 % 11, (node_local)k};
    struct edges edges = sort_synapses(synapses, 3000, 0, 2000000000, 2, 3000);
    check_against(&edges, synapses, 3000);
    edges_release(&edges);
}

/* Sources of three ranges, the second of which is empty, with and without shared buckets: each range gets its own. */
static void test_rows_of_several_ranges(void **state)
{
    enum { N = 20000 };
    const uint32_t lengths[] = {700, 50000000};
    for (int k = 0; k < 2; k++) {
        const struct set_range ranges[] = {{.first = 5, .length = 300}, {.first = 0}, {.first = 9, .length = lengths[k]}};
        struct synapse *synapses[2] = {MEMORY_NEW(N, struct synapse, TEMPORARY), MEMORY_NEW(N, struct synapse, TEMPORARY)};
        struct rows_pair *pairs = MEMORY_NEW(N, struct rows_pair, TEMPORARY);
        int n[2] = {0};
        for (int s = 0; s < N; s++) {
            uint32_t place = (uint32_t)s * 2654435761u % 1000;
            int last = place >= 300;
            pairs[s] = (struct rows_pair){place, (node_local)s / 3};
            synapses[last][n[last]++] = (struct synapse){last ? 9 + place - 300 : 5 + place, (node_local)s / 3};
        }
        struct rows rows;
        struct edges edges[6] = {0}; /* every second one is used */
        rows_create(&rows, ranges, 3, 2, N);
        assert_int_equal(rows.shift > 0, k == 1);
        for (int pass = 0; pass < 2; pass++) {
            rows_add_pairs(&rows, 0, pairs, N / 2);
            rows_add_pairs(&rows, 1, pairs + N / 2, N / 2);
            if (pass == 0)
                rows_lay_out(&rows);
        }
        rows_finish(&rows, edges, 2);
        assert_int_equal(edges_size(&edges[2]), 0);
        check_against(&edges[0], synapses[0], n[0]);
        check_against(&edges[4], synapses[1], n[1]);
        for (int range = 0; range < 3; range++)
            edges_release(&edges[2 * range]);
        memory_free(synapses[0]);
        memory_free(synapses[1]);
        memory_free(pairs);
    }
}

static void test_row_of_a_source(void **state)
{
    struct synapse synapses[300];
    for (int k = 0; k < 300; k++)
        synapses[k] = (struct synapse){(node_index)(k % 30) * (k % 30), (node_local)k};
    struct edges edges = sort_synapses(synapses, 300, 0, 1000, 1, 300);
    assert_int_equal(edges.n_rows, 30);
    for (node_index source = 0; source < 1200; source++) {
        int64_t row = edges_row(&edges, source), expected = -1;
        for (int k = 0; k < 30; k++)
            if (source == (node_index)(k * k))
                expected = k;
        assert_int_equal(row, expected);
    }
    edges_release(&edges);
    assert_int_equal(edges_row(&edges, 0), -1);
    assert_int_equal(edges_size(&edges), 0);
}

static void test_invalid_edges_are_seen(void **state)
{
    node_index source[] = {2, 5};
    edge_count begin[] = {0, 2, 3};
    node_local target[] = {1, 1, 0};
    struct edges edges = {.n_rows = 2, .row_source = source, .row_begin = begin, .target_local = target};
    assert_true(edges_is_valid(&edges, 6, 2));
    assert_false(edges_is_valid(&edges, 5, 2)); /* source out of range */
    assert_false(edges_is_valid(&edges, 6, 1)); /* target out of range */
    target[1] = 0;
    assert_false(edges_is_valid(&edges, 6, 2)); /* targets descend */
    target[1] = 1;
    begin[1] = 0;
    assert_false(edges_is_valid(&edges, 6, 2)); /* empty row */
    begin[1] = 2;
    source[0] = 5;
    assert_false(edges_is_valid(&edges, 6, 2)); /* a source twice */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_with_a_counter_for_each_source),
        cmocka_unit_test(test_rows_with_shared_buckets),
        cmocka_unit_test(test_rows_with_a_crowded_bucket),
        cmocka_unit_test(test_rows_of_several_ranges),
        cmocka_unit_test(test_row_of_a_source),
        cmocka_unit_test(test_invalid_edges_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
