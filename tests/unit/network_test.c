/* The network of one process: every edge is there and in its place, for plain and tripartite projections, sets of all kinds, and
 * any number of threads. The reference is short and slow: draw each target, write down all synapses, sort. Layouts of several
 * ranks are compared by tests/system/network_layouts.c. */
#include "network/network.h"

#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "network/statistics.h"
#include "network_fixture.h"

/* ---- reference ------------------------------------------------------------------------------------------------------------ */

struct synapse {
    int connection;
    node_id source, target; /* global ids */
};

struct synapse_list {
    struct synapse *items;
    uint64_t n, capacity;
};

static void add(struct synapse_list *list, int connection, node_id source, node_id target)
{
    *MEMORY_PUSH(list->items, list->n, list->capacity, struct synapse, TEMPORARY) = (struct synapse){connection, source, target};
}

static int compare(const void *left, const void *right)
{
    const struct synapse *a = left, *b = right;
    if (a->connection != b->connection)
        return a->connection < b->connection ? -1 : 1;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    return (a->target > b->target) - (a->target < b->target);
}

static node_id global_id(const struct script *script, const struct node_set *set, uint64_t position)
{
    const struct node_part *part = set->parts;
    for (; position >= part->count; part++)
        position -= part->count;
    return script->populations[part->population].base + (part->list ? part->list[position] : part->first + (node_index)position);
}

static struct synapse_list draw_reference(const struct script *script)
{
    struct synapse_list list = {0};
    for (int p = 0; p < script->n_projections; p++) {
        const struct projection *projection = &script->projections[p];
        struct fixture_drawn drawn;
        fixture_drawn_create(script->seed, projection, &drawn);
        for (uint64_t k = 0; k < drawn.n_direct; k++)
            add(&list, projection->connections[0], global_id(script, projection->source, drawn.direct[k].source),
                global_id(script, projection->target, drawn.direct[k].node));
        for (uint64_t k = 0; k < drawn.n_thirds; k++) {
            node_id third = global_id(script, projection->pool, drawn.thirds[k].third);
            add(&list, projection->connections[1], global_id(script, projection->source, drawn.thirds[k].source), third);
            add(&list, projection->connections[2], third, global_id(script, projection->target, drawn.thirds[k].target));
        }
        fixture_drawn_release(&drawn);
    }
    qsort(list.items, list.n, sizeof *list.items, compare);
    return list;
}

static struct synapse_list list_network(const struct network *network)
{
    struct synapse_list list = {0};
    for (int k = 0; k < network->n_edges; k++) {
        const struct edges *edges = &network->edges[k];
        const struct population *source = &network->script->populations[edges->source];
        const struct population *target = &network->script->populations[edges->target];
        for (uint32_t row = 0; row < edges->n_rows; row++)
            for (edge_count e = edges->row_begin[row]; e < edges->row_begin[row + 1]; e++)
                add(&list, edges->connection, source->base + edges->row_source[row], target->base + edges->target_local[e]);
    }
    qsort(list.items, list.n, sizeof *list.items, compare);
    return list;
}

static struct network *create(const struct script *script, const struct partition_scheme *scheme)
{
    struct network *network = NULL;
    struct fault fault = {0};
    assert_int_equal(network_create(script, (struct partition){scheme, 1}, MPI_COMM_SELF, &network, &fault), 0);
    assert_true(network_is_valid(network));
    return network;
}

static void check_counts(const struct network *network, const struct synapse_list *list)
{
    uint64_t counts[FIXTURE_MAX], expected[FIXTURE_MAX] = {0};
    network_count(network, counts);
    for (uint64_t k = 0; k < list->n; k++)
        expected[list->items[k].connection]++;
    for (int c = 0; c < network->script->n_connections; c++)
        assert_int_equal(counts[c], expected[c]);
}

/* For any number of threads: the synapses of the reference, nothing left allocated. */
static void check_script(const struct script *script)
{
    struct synapse_list expected = draw_reference(script);
    size_t before = memory_used(MEMORY_TEMPORARY), synapses = memory_used(MEMORY_SYNAPSES);
    uint64_t checksum = 0;
    for (int threads = 1; threads <= 4; threads++) {
        omp_set_num_threads(threads);
        struct network *network = create(script, partition_schemes[threads % 2]);
        assert_int_equal(memory_used(MEMORY_TEMPORARY), before);
        struct synapse_list list = list_network(network);
        assert_int_equal(list.n, expected.n);
        for (uint64_t k = 0; k < list.n; k++)
            assert_int_equal(compare(&list.items[k], &expected.items[k]), 0);
        check_counts(network, &expected);
        if (threads > 1)
            assert_true(network_checksum(network) == checksum);
        checksum = network_checksum(network);
        memory_free(list.items);
        network_destroy(&network);
        assert_null(network);
        assert_int_equal(memory_used(MEMORY_SYNAPSES), synapses);
    }
    memory_free(expected.items);
}

/* ---- scripts -------------------------------------------------------------------------------------------------------------- */

static void test_single_nodes(void **state)
{
    struct fixture fixture;
    fixture_create(&fixture, 1);
    const struct node_set *a = fixture_whole(&fixture, fixture_population(&fixture, "a", 1));
    const struct node_set *b = fixture_whole(&fixture, fixture_population(&fixture, "b", 1));
    fixture_projection(&fixture, "all", "all_to_all", a, b, NULL);
    fixture_projection(&fixture, "one", "one_to_one", b, b, NULL);
    fixture_number(fixture_projection(&fixture, "some", "pairwise_bernoulli", a, a, NULL), "p", 1);
    fixture_number(fixture_projection(&fixture, "none", "pairwise_bernoulli", a, b, NULL), "p", 0);
    fixture_number(fixture_projection(&fixture, "tri", "tripartite_bernoulli_with_pool", a, b, b), "p_primary", 1);
    check_script(&fixture.script);
    struct network *network = create(&fixture.script, partition_schemes[0]);
    uint64_t counts[7];
    network_count(network, counts);
    for (int c = 0; c < 7; c++)
        assert_int_equal(counts[c], c != 3);
    network_destroy(&network);
    fixture_destroy(&fixture);
}

/* a: 40 nodes; b: 30; c: 50. Slices in any order, lists that interleave, both populations in one set. */
static void make_sets(struct fixture *fixture, const struct node_set *sets[3])
{
    static const node_index even[] = {0, 2, 4, 6, 8, 10, 30}, odd[] = {1, 3, 5, 7, 9, 29};
    int a = fixture_population(fixture, "a", 40), b = fixture_population(fixture, "b", 30),
        c = fixture_population(fixture, "c", 50);
    sets[0] = fixture_set(fixture, "late_early",
                          (struct node_part[]){{.population = b, .first = 10, .count = 20},
                                               {.population = a, .first = 30, .count = 10},
                                               {.population = b, .first = 0, .count = 10},
                                               {.population = a, .first = 5, .count = 20},
                                               {0}});
    sets[1] = fixture_set(fixture, "sampled",
                          (struct node_part[]){{.population = a, .list = odd, .count = 6},
                                               {.population = c, .first = 1, .count = 48},
                                               {.population = a, .list = even, .count = 7},
                                               {0}});
    sets[2] = fixture_set(fixture, "pool",
                          (struct node_part[]){{.population = c, .first = 20, .count = 30},
                                               {.population = b, .list = even, .count = 6},
                                               {.population = c, .first = 3, .count = 4},
                                               {0}});
}

static void test_sets_of_all_kinds(void **state)
{
    struct fixture fixture;
    const struct node_set *sets[3];
    fixture_create(&fixture, 5);
    make_sets(&fixture, sets);
    for (int source = 0; source < 3; source++)
        for (int target = 0; target < 3; target++) {
            const char *name = arena_format(fixture.arena, "p%d%d", source, target);
            fixture_number(fixture_projection(&fixture, name, "pairwise_bernoulli", sets[source], sets[target], NULL), "p", 0.4);
        }
    fixture_projection(&fixture, "all", "all_to_all", sets[0], sets[1], NULL);
    fixture_projection(&fixture, "one", "one_to_one", sets[1], sets[1], NULL);
    check_script(&fixture.script);
    fixture_destroy(&fixture);
}

static void test_tripartite(void **state)
{
    for (int pool_type = 0; pool_type < 2; pool_type++) {
        struct fixture fixture;
        const struct node_set *sets[3];
        fixture_create(&fixture, 6);
        make_sets(&fixture, sets);
        /* block pools of one node: 40 nodes serve 40 targets */
        const struct node_set *target = pool_type ? fixture_whole(&fixture, 0) : sets[1];
        struct projection *projection = fixture_projection(&fixture, "tri", "tripartite_bernoulli_with_pool", sets[0], target,
                                                           sets[2]);
        fixture_number(projection, "p_primary", 0.5);
        fixture_number(projection, "p_third_if_primary", 0.6);
        fixture_number(projection, "pool_size", pool_type ? 1 : 5);
        fixture_word(projection, "pool_type", pool_type);
        check_script(&fixture.script);
        fixture_destroy(&fixture);
    }
}

/* Rules that decide for something else than a target, with and without third nodes. */
static void test_items(void **state)
{
    static const uint32_t sources[] = {0, 59, 7, 7}, targets[] = {60, 0, 3, 3};
    for (int third = 0; third < 2; third++) {
        struct fixture fixture;
        const struct node_set *sets[3];
        fixture_create(&fixture, 14);
        make_sets(&fixture, sets);
        const struct node_set *pool = third ? sets[2] : NULL;
        struct projection *out = fixture_projection(&fixture, "out", "fixed_outdegree", sets[0], sets[1], pool);
        struct projection *both = fixture_projection(&fixture, "both", "symmetric_pairwise_bernoulli", sets[1], sets[1], pool);
        struct projection *listed = fixture_projection(&fixture, "listed", "pairs", sets[0], sets[1], pool);
        struct projection *none = fixture_projection(&fixture, "none", "fixed_outdegree", sets[0], sets[1], pool);
        fixture_number(out, "outdegree", 40);
        fixture_number(out, "autapses", false);
        fixture_number(both, "p", 0.2);
        fixture_indices(listed, "sources", sources, 4);
        fixture_indices(listed, "targets", targets, 4);
        fixture_number(none, "outdegree", 0);
        for (int p = 0; third && p < fixture.script.n_projections; p++) {
            fixture_third(&fixture.projections[p], "bernoulli_with_pool");
            fixture_number(&fixture.projections[p], "pool_size", 5);
        }
        check_script(&fixture.script);
        fixture_destroy(&fixture);
    }
}

/* Far more sources than synapses. */
static void test_sparse_projection(void **state)
{
    struct fixture fixture;
    fixture_create(&fixture, 7);
    const struct node_set *source = fixture_whole(&fixture, fixture_population(&fixture, "a", 100000000));
    const struct node_set *target = fixture_whole(&fixture, fixture_population(&fixture, "b", 100));
    struct projection *projection = fixture_projection(&fixture, "tri", "tripartite_bernoulli_with_pool", source, target, source);
    fixture_number(projection, "p_primary", 1e-6);
    fixture_number(projection, "pool_size", 20);
    check_script(&fixture.script);
    fixture_destroy(&fixture);
}

/* third_in and third_out: as many of one as of the other, for each third node and over all. */
static void test_third_in_equals_third_out(void **state)
{
    struct fixture fixture;
    fixture_create(&fixture, 8);
    const struct node_set *a = fixture_whole(&fixture, fixture_population(&fixture, "a", 60));
    const struct node_set *c = fixture_whole(&fixture, fixture_population(&fixture, "c", 25));
    struct projection *projection = fixture_projection(&fixture, "tri", "tripartite_bernoulli_with_pool", a, a, c);
    fixture_number(projection, "p_primary", 0.3);
    fixture_number(projection, "p_third_if_primary", 0.5);
    fixture_number(projection, "pool_size", 4);
    struct network *network = create(&fixture.script, partition_schemes[0]);
    const struct edges *third_in = &network->edges[network->connection_begin[1]];
    const struct edges *third_out = &network->edges[network->connection_begin[2]];
    uint64_t in_degree[25] = {0};
    for (edge_count k = 0; k < edges_size(third_in); k++)
        in_degree[third_in->target_local[k]]++;
    for (node_index third = 0; third < 25; third++) {
        int64_t row = edges_row(third_out, third);
        uint64_t out_degree = row < 0 ? 0 : third_out->row_begin[row + 1] - third_out->row_begin[row];
        assert_int_equal(in_degree[third], out_degree);
    }
    network_destroy(&network);
    fixture_destroy(&fixture);
}

/* A projection's synapses depend on its name, not on what else the script says or where it stands. */
static void test_other_projections_do_not_matter(void **state)
{
    struct fixture alone, among;
    fixture_create(&alone, 9);
    fixture_create(&among, 9);
    struct fixture *fixtures[] = {&alone, &among};
    const struct node_set *sets[2][3];
    for (int k = 0; k < 2; k++) {
        make_sets(fixtures[k], sets[k]);
        if (k == 1)
            fixture_projection(&among, "first", "all_to_all", sets[1][0], sets[1][1], NULL);
        fixture_number(fixture_projection(fixtures[k], "p", "pairwise_bernoulli", sets[k][0], sets[k][1], NULL), "p", 0.3);
    }
    struct network *a = create(&alone.script, partition_schemes[0]), *b = create(&among.script, partition_schemes[0]);
    const struct edges *in_a = &a->edges[a->connection_begin[0]], *in_b = &b->edges[b->connection_begin[1]];
    assert_true(edges_size(in_a) > 0);
    assert_int_equal(edges_size(in_a), edges_size(in_b));
    assert_memory_equal(in_a->target_local, in_b->target_local, edges_size(in_a) * sizeof(node_local));
    network_destroy(&a);
    network_destroy(&b);
    fixture_destroy(&alone);
    fixture_destroy(&among);
}

static uint64_t position_of(const struct script *script, const struct node_set *set, node_id id)
{
    uint64_t position = 0;
    while (global_id(script, set, position) != id)
        position++;
    return position;
}

/* The numbers count all synapses once, and ascend with (source position, target position). */
static void check_numbers(const struct network *network, int connection)
{
    const struct connection *of = &network->script->connections[connection];
    uint64_t n, next = 0, *numbers = network_number(network, connection, &n);
    uint64_t *key = MEMORY_NEW(n, uint64_t, TEMPORARY);
    bool *seen = MEMORY_NEW(n, bool, TEMPORARY);
    for (int k = network->connection_begin[connection]; k < network->connection_begin[connection + 1]; k++) {
        const struct edges *edges = &network->edges[k];
        for (uint32_t row = 0; row < edges->n_rows; row++)
            for (edge_count e = edges->row_begin[row]; e < edges->row_begin[row + 1]; e++, next++) {
                node_id source = network->script->populations[edges->source].base + edges->row_source[row];
                node_id target = network->script->populations[edges->target].base + edges->target_local[e];
                assert_true(numbers[next] < n && !seen[numbers[next]]);
                seen[numbers[next]] = true;
                key[numbers[next]] = position_of(network->script, of->source, source) * of->target->size +
                                     position_of(network->script, of->target, target);
            }
    }
    assert_int_equal(next, n);
    for (uint64_t k = 1; k < n; k++)
        assert_true(key[k] >= key[k - 1]);
    memory_free(key);
    memory_free(seen);
    memory_free(numbers);
}

static void test_numbers(void **state)
{
    struct fixture fixture;
    const struct node_set *sets[3];
    fixture_create(&fixture, 12);
    make_sets(&fixture, sets);
    fixture_number(fixture_projection(&fixture, "p", "pairwise_bernoulli", sets[0], sets[1], NULL), "p", 0.3);
    fixture_number(fixture_projection(&fixture, "none", "pairwise_bernoulli", sets[0], sets[1], NULL), "p", 0);
    struct projection *projection = fixture_projection(&fixture, "tri", "tripartite_bernoulli_with_pool", sets[0], sets[1],
                                                       sets[2]);
    fixture_number(projection, "p_primary", 0.7);
    fixture_number(projection, "pool_size", 2);
    struct network *network = create(&fixture.script, partition_schemes[0]);
    for (int c = 0; c < fixture.script.n_connections; c++)
        check_numbers(network, c);
    network_destroy(&network);
    fixture_destroy(&fixture);
}

/* ---- statistics ---------------------------------------------------------------------------------------------------------- */

/* Degrees, pairs and multiplicity by counting a dense matrix. */
static void check_statistics(const struct network *network, int connection)
{
    const struct connection *of = &network->script->connections[connection];
    uint64_t *matrix = MEMORY_NEW(of->source->size * of->target->size, uint64_t, TEMPORARY);
    struct synapse_list list = list_network(network);
    struct connection_statistics expected = {.in = {.min = UINT64_MAX}, .out = {.min = UINT64_MAX}}, found;
    for (uint64_t k = 0; k < list.n; k++)
        if (list.items[k].connection == connection)
            matrix[position_of(network->script, of->source, list.items[k].source) * of->target->size +
                   position_of(network->script, of->target, list.items[k].target)]++;
    for (uint64_t s = 0; s < of->source->size; s++) {
        uint64_t out = 0;
        for (uint64_t t = 0; t < of->target->size; t++) {
            uint64_t copies = matrix[s * of->target->size + t];
            out += copies;
            expected.pairs += copies > 0;
            expected.multiplicity_max = copies > expected.multiplicity_max ? copies : expected.multiplicity_max;
        }
        expected.count += out;
        expected.out.min = out < expected.out.min ? out : expected.out.min;
        expected.out.max = out > expected.out.max ? out : expected.out.max;
    }
    for (uint64_t t = 0; t < of->target->size; t++) {
        uint64_t in = 0;
        for (uint64_t s = 0; s < of->source->size; s++)
            in += matrix[s * of->target->size + t];
        expected.in.min = in < expected.in.min ? in : expected.in.min;
        expected.in.max = in > expected.in.max ? in : expected.in.max;
    }
    network_statistics(network, connection, &found);
    assert_int_equal(found.count, expected.count);
    assert_int_equal(found.pairs, expected.pairs);
    assert_int_equal(found.multiplicity_max, expected.multiplicity_max);
    assert_int_equal(found.in.min, expected.in.min);
    assert_int_equal(found.in.max, expected.in.max);
    assert_int_equal(found.out.min, expected.out.min);
    assert_int_equal(found.out.max, expected.out.max);
    assert_true(found.in.mean == (double)found.count / (double)of->target->size);
    assert_true(found.out.mean == (double)found.count / (double)of->source->size);
    memory_free(list.items);
    memory_free(matrix);
}

static void test_statistics(void **state)
{
    struct fixture fixture;
    const struct node_set *sets[3];
    fixture_create(&fixture, 13);
    make_sets(&fixture, sets);
    fixture_number(fixture_projection(&fixture, "p", "pairwise_bernoulli", sets[0], sets[1], NULL), "p", 0.05);
    fixture_number(fixture_projection(&fixture, "none", "pairwise_bernoulli", sets[0], sets[1], NULL), "p", 0);
    fixture_projection(&fixture, "one", "one_to_one", sets[2], sets[2], NULL);
    struct projection *projection = fixture_projection(&fixture, "tri", "tripartite_bernoulli_with_pool", sets[0], sets[1],
                                                       sets[2]);
    fixture_number(projection, "p_primary", 0.7);
    fixture_number(projection, "pool_size", 2);
    struct network *network = create(&fixture.script, partition_schemes[0]);
    for (int c = 0; c < fixture.script.n_connections; c++)
        check_statistics(network, c);
    network_destroy(&network);
    fixture_destroy(&fixture);
}

static void test_checksum_sees_the_seed(void **state)
{
    struct fixture fixture;
    const struct node_set *sets[3];
    fixture_create(&fixture, 10);
    make_sets(&fixture, sets);
    fixture_number(fixture_projection(&fixture, "p", "pairwise_bernoulli", sets[0], sets[1], NULL), "p", 0.3);
    struct network *network = create(&fixture.script, partition_schemes[0]);
    uint64_t checksum = network_checksum(network);
    network_destroy(&network);
    fixture.script.seed = 11;
    network = create(&fixture.script, partition_schemes[0]);
    assert_true(network_checksum(network) != checksum);
    network_destroy(&network);
    fixture_destroy(&fixture);
}

/* The peak of memory is at most what was expected. Each network is larger than the one before, so that the peak is its own. */
static void check_peak(const struct script *script)
{
    size_t before = memory_used(MEMORY_TEMPORARY) + memory_used(MEMORY_SYNAPSES) + memory_used(MEMORY_SCRIPT),
           peak = memory_peak();
    double bytes = network_bytes(script, 1) + (1 << 20);
    struct network *network = create(script, partition_schemes[0]);
    assert_true(memory_peak() > peak);
    assert_true((double)(memory_peak() - before) < bytes);
    network_destroy(&network);
}

static void test_peak_of_memory(void **state)
{
    struct fixture fixture;
    for (int threads = 1; threads <= 2; threads++) {
        omp_set_num_threads(threads);
        fixture_create(&fixture, 1);
        const struct node_set *a = fixture_whole(&fixture, fixture_population(&fixture, "a", 5000));
        fixture_number(fixture_projection(&fixture, "total", "fixed_total_number", a, a, NULL), "n", 4e6 * threads);
        check_peak(&fixture.script);
        fixture_destroy(&fixture);
    }
    fixture_create(&fixture, 1);
    const struct node_set *b = fixture_whole(&fixture, fixture_population(&fixture, "b", 2500));
    fixture_number(fixture_projection(&fixture, "tri", "tripartite_bernoulli_with_pool", b, b, b), "p_primary", 0.8);
    check_peak(&fixture.script);
    fixture_destroy(&fixture);
    fixture_create(&fixture, 1);
    const struct node_set *many = fixture_whole(&fixture, fixture_population(&fixture, "many", 20000000));
    const struct node_set *few = fixture_whole(&fixture, fixture_population(&fixture, "few", 9000));
    fixture_number(fixture_projection(&fixture, "sparse", "fixed_indegree", many, few, NULL), "indegree", 1000);
    check_peak(&fixture.script);
    fixture_destroy(&fixture);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_nodes),
        cmocka_unit_test(test_peak_of_memory),
        cmocka_unit_test(test_sets_of_all_kinds),
        cmocka_unit_test(test_tripartite),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_sparse_projection),
        cmocka_unit_test(test_third_in_equals_third_out),
        cmocka_unit_test(test_other_projections_do_not_matter),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_checksum_sees_the_seed),
    };
    MPI_Init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
