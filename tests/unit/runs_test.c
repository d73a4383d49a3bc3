/* Runs: the synapses of each row come by slab, delay and former place, with their values and delays, and runs end where one of
 * the first two changes. Beside a plain sort. */
#include "network/runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/memory.h"

enum { ROWS = 7, TARGETS = 61, LONGEST = 300 };

/* A synapse before rows are cut. */
struct synapse {
    int slab;
    uint16_t delay;
    edge_count place; /* in the whole of the edges; its values follow from it */
    node_local target;
};

static uint32_t hash(uint64_t k)
{
    return (uint32_t)((k + 1) * 2654435761u >> 7) % 10007;
}

static double value_of(int column, edge_count place)
{
    return (double)place + 0.5 * column;
}

/* Rows of many lengths, one of a single synapse; targets ascend, some stand twice. */
static void edges_of_hash(struct edges *edges, int n_columns)
{
    *edges = (struct edges){.n_rows = ROWS, .n_columns = n_columns};
    edges->row_source = MEMORY_NEW(ROWS, node_index, SYNAPSES);
    edges->row_begin = MEMORY_NEW(ROWS + 1, edge_count, SYNAPSES);
    for (uint32_t row = 0; row < ROWS; row++) {
        edges->row_source[row] = 3 * row + 1;
        edges->row_begin[row + 1] = edges->row_begin[row] + 1 + row * (LONGEST - 1) / (ROWS - 1);
    }
    edges->target_local = MEMORY_NEW(edges_size(edges), node_local, SYNAPSES);
    for (uint32_t row = 0; row < ROWS; row++) {
        edge_count begin = edges->row_begin[row], n = edges->row_begin[row + 1] - begin;
        for (edge_count k = 0; k < n; k++)
            edges->target_local[begin + k] = n == 1 ? 17 : (node_local)(k * (TARGETS - 1) / (n - 1));
    }
    edges->columns = MEMORY_NEW(n_columns, double *, SYNAPSES);
    for (int c = 0; c < n_columns; c++) {
        edges->columns[c] = MEMORY_NEW(edges_size(edges), double, SYNAPSES);
        for (edge_count k = 0; k < edges_size(edges); k++)
            edges->columns[c][k] = value_of(c, k);
    }
}

static int slab_of(node_local target, int n_slabs)
{
    int slab = 0;
    while (target >= slab_begin(TARGETS, slab + 1, n_slabs))
        slab++;
    return slab;
}

static int compare(const void *left, const void *right)
{
    const struct synapse *a = left, *b = right;
    if (a->slab != b->slab)
        return a->slab < b->slab ? -1 : 1;
    if (a->delay != b->delay)
        return a->delay < b->delay ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* The synapses in the order that is expected of the edges. Owned by the caller. */
static struct synapse *sorted(const struct edges *edges, const uint16_t *delay, uint16_t common, int n_slabs)
{
    struct synapse *synapses = MEMORY_NEW(edges_size(edges), struct synapse, TEMPORARY);
    for (edge_count k = 0; k < edges_size(edges); k++)
        synapses[k] = (struct synapse){slab_of(edges->target_local[k], n_slabs), delay ? delay[k] : common, k,
                                       edges->target_local[k]};
    for (uint32_t row = 0; row < ROWS; row++)
        qsort(synapses + edges->row_begin[row], edges->row_begin[row + 1] - edges->row_begin[row], sizeof *synapses, compare);
    return synapses;
}

/* The runs of a row, one after the other, hold the row's synapses. */
static void check_row(const struct edges *edges, uint32_t row, const struct synapse *synapses)
{
    edge_count begin = edges->row_begin[row], k = begin;
    for (int slab = 0; slab < edges->n_slabs; slab++) {
        size_t stretch = (size_t)row * (size_t)edges->n_slabs + (size_t)slab;
        for (edge_count run = edges->slab_run[stretch]; run < edges->slab_run[stretch + 1]; run++) {
            for (; k < begin + edges->run_end[run]; k++) {
                assert_int_equal(synapses[k].slab, slab);
                assert_int_equal(synapses[k].delay, edges->run_delay[run]);
            }
            if (k < edges->row_begin[row + 1]) /* no longer run would do */
                assert_true(synapses[k].slab != slab || synapses[k].delay != edges->run_delay[run]);
        }
    }
    assert_int_equal(k, edges->row_begin[row + 1]);
}

/* By two cutters, which take stretches of two rows in turn. */
static void cut_all(struct edges *edges, const uint16_t *delay, uint16_t common, int n_slabs)
{
    struct runs_cutter cutters[2];
    struct runs stretches[(ROWS + 1) / 2];
    uint64_t n = 0;
    runs_begin(edges, n_slabs);
    for (int c = 0; c < 2; c++)
        runs_cutter_create(edges, common, TARGETS, &cutters[c]);
    for (uint32_t row = 0; row < edges->n_rows; row += 2, n++)
        runs_cut(&cutters[n % 2], row, row + 2 < edges->n_rows ? row + 2 : edges->n_rows,
                 delay ? delay + edges->row_begin[row] : NULL, &stretches[n]);
    runs_join(edges, stretches, n);
    for (int c = 0; c < 2; c++)
        runs_cutter_release(&cutters[c]);
}

/* delay: NULL for synapses that have 7 steps all. */
static void check_cut(const uint16_t *delay, int n_columns, int n_slabs)
{
    struct edges edges;
    edges_of_hash(&edges, n_columns);
    struct synapse *synapses = sorted(&edges, delay, 7, n_slabs);
    cut_all(&edges, delay, 7, n_slabs);
    assert_int_equal(edges.n_slabs, n_slabs);
    assert_true(edges_is_valid(&edges, 3 * ROWS, TARGETS));
    for (edge_count k = 0; k < edges_size(&edges); k++) {
        assert_int_equal(edges.target_local[k], synapses[k].target);
        for (int c = 0; c < n_columns; c++)
            assert_true(edges.columns[c][k] == value_of(c, synapses[k].place));
    }
    for (uint32_t row = 0; row < ROWS; row++)
        check_row(&edges, row, synapses);
    memory_free(synapses);
    edges_release(&edges);
}

/* More slabs than blocks of targets leave slabs empty. */
static void test_cutting(void **state)
{
    enum { N = ROWS * LONGEST };
    uint16_t few[N], many[N], extreme[N];
    for (edge_count k = 0; k < N; k++) {
        few[k] = (uint16_t)(1 + hash(k) % 3);
        many[k] = (uint16_t)(1 + hash(k) * 5);
        extreme[k] = hash(k) % 2 ? 1 : CONNECTION_DELAY_MAX;
    }
    for (int n_slabs = 1; n_slabs <= 11; n_slabs++)
        for (int n_columns = 0; n_columns <= 2; n_columns++) {
            check_cut(NULL, n_columns, n_slabs);
            check_cut(few, n_columns, n_slabs);
            check_cut(many, n_columns, n_slabs);
            check_cut(extreme, n_columns, n_slabs);
        }
}

static void test_no_synapses(void **state)
{
    struct edges edges = {.row_begin = MEMORY_NEW(1, edge_count, SYNAPSES)};
    cut_all(&edges, NULL, 7, 3);
    assert_true(edges_is_valid(&edges, 1, TARGETS));
    edges_release(&edges);
}

/* Each array broken in turn is found out. */
static void test_broken_runs_are_found(void **state)
{
    struct edges edges;
    uint16_t delay[ROWS * LONGEST];
    for (edge_count k = 0; k < ROWS * LONGEST; k++)
        delay[k] = (uint16_t)(1 + hash(k) % 3);
    edges_of_hash(&edges, 0);
    cut_all(&edges, delay, 0, 2);
    edge_count last = edges.slab_run[2 * ROWS] - 1;
    assert_true(edges_is_valid(&edges, 3 * ROWS, TARGETS));
    assert_false(edges_is_valid(&edges, 3 * ROWS, TARGETS - 1));
    assert_false(edges_is_valid(&edges, 3 * ROWS - 2, TARGETS));
    edges.run_end[last]++;
    assert_false(edges_is_valid(&edges, 3 * ROWS, TARGETS));
    edges.run_end[last]--;
    edges.run_delay[last] = 1;
    assert_false(edges_is_valid(&edges, 3 * ROWS, TARGETS));
    edges.run_delay[last] = 3;
    edges.slab_run[2 * ROWS]--;
    assert_false(edges_is_valid(&edges, 3 * ROWS, TARGETS));
    edges.slab_run[2 * ROWS]++;
    edges.target_local[edges_size(&edges) - 1] = 0;
    assert_false(edges_is_valid(&edges, 3 * ROWS, TARGETS));
    edges_release(&edges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cutting),
        cmocka_unit_test(test_no_synapses),
        cmocka_unit_test(test_broken_runs_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
