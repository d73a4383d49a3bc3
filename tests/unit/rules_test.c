/* The connection rules as pure functions: what holds exactly, and how the draws are distributed.
 *
 * Each statistical check has a false-alarm rate of 1e-7 for the fixed seeds (statistics.h); there are fewer than 100 of them. */
#include "network/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "network_fixture.h"
#include "statistics.h"

/* A projection from one whole population to another, with a pool if n_pool > 0. */
static struct projection *make(struct fixture *fixture, const char *rule, node_index n_source, node_index n_target,
                               node_index n_pool)
{
    fixture_create(fixture, 1);
    const struct node_set *source = fixture_whole(fixture, fixture_population(fixture, "a", n_source));
    const struct node_set *target = fixture_whole(fixture, fixture_population(fixture, "b", n_target));
    const struct node_set *pool = n_pool ? fixture_whole(fixture, fixture_population(fixture, "c", n_pool)) : NULL;
    return fixture_projection(fixture, "a__b", rule, source, target, pool);
}

static struct projection *make_bernoulli(struct fixture *fixture, node_index n_source, node_index n_target, double p)
{
    struct projection *projection = make(fixture, "pairwise_bernoulli", n_source, n_target, 0);
    fixture_number(projection, "p", p);
    return projection;
}

static struct projection *make_tripartite(struct fixture *fixture, node_index n_source, node_index n_target, node_index n_pool,
                                          double p_primary, double p_third, uint64_t pool_size, int pool_type)
{
    struct projection *projection = make(fixture, "tripartite_bernoulli_with_pool", n_source, n_target, n_pool);
    fixture_number(projection, "p_primary", p_primary);
    fixture_number(projection, "p_third_if_primary", p_third);
    if (pool_size)
        fixture_number(projection, "pool_size", (double)pool_size);
    fixture_word(projection, "pool_type", pool_type);
    return projection;
}

/* Rules that draw targets: what one of them gets. The draw may be used again for any other target, projection or seed. */
static void draw_target(uint64_t seed, const struct projection *projection, uint64_t target, struct draw *draw)
{
    struct drawing drawing;
    drawing_create(seed, projection, &drawing);
    draw->drawing = &drawing;
    draw->depth = 0;
    drawing.rule->draw_target(draw, target);
    for (uint64_t k = 0; k < draw->n; k++)
        assert_true(draw->nodes[k] < projection->source->size);
    draw->n_pairs = 0;
    if (projection->pool)
        third_draw(draw, target);
    uint64_t next = 0; /* the thirds name some of the connections, in order */
    for (uint64_t k = 0; k < draw->n_pairs; k++, next++)
        while (draw->nodes[next] != draw->pairs[k].source)
            assert_true(++next < draw->n);
    drawing_release(&drawing);
}

static int check(const struct projection *projection, struct fault *fault)
{
    return projection->rule->check ? projection->rule->check(projection, fault) : 0;
}

/* ---- the table ---------------------------------------------------------------------------------------------------------- */

static void test_table(void **state)
{
    assert_null(rule_find("all_to_some"));
    int n = 0;
    for (; rule_signatures[n]; n++)
        assert_ptr_equal(&rule_find(rule_signatures[n]->name)->signature, rule_signatures[n]);
    assert_int_equal(n, 11);
}

/* ---- simple rules -------------------------------------------------------------------------------------------------------- */

static void test_all_to_all(void **state)
{
    struct fixture fixture;
    struct projection *projection = make(&fixture, "all_to_all", 7, 3, 0);
    struct draw draw = {0};
    for (uint64_t target = 0; target < 3; target++) {
        draw_target(1, projection, target, &draw);
        assert_int_equal(draw.n, 7);
        for (node_id k = 0; k < 7; k++)
            assert_int_equal(draw.nodes[k], k);
    }
    draw_release(&draw);
    fixture_destroy(&fixture);
}

static void test_one_to_one(void **state)
{
    struct fixture fixture;
    struct projection *projection = make(&fixture, "one_to_one", 5, 5, 0);
    struct fault fault = {0};
    assert_int_equal(check(projection, &fault), 0);
    struct draw draw = {0};
    for (uint64_t target = 0; target < 5; target++) {
        draw_target(1, projection, target, &draw);
        assert_int_equal(draw.n, 1);
        assert_int_equal(draw.nodes[0], target);
    }
    draw_release(&draw);
    fixture_destroy(&fixture);
}

static void test_one_to_one_needs_equal_sizes(void **state)
{
    struct fixture fixture;
    struct fault fault = {0};
    assert_int_equal(check(make(&fixture, "one_to_one", 5, 6, 0), &fault), FAULT_INPUT);
    assert_non_null(strstr(fault.text, "5 and 6"));
    fault_clear(&fault);
    fixture_destroy(&fixture);
}

/* ---- pairwise_bernoulli -------------------------------------------------------------------------------------------------- */

static void check_count(node_index n_source, double p, uint64_t expected)
{
    struct fixture fixture;
    struct projection *projection = make_bernoulli(&fixture, n_source, 1, p);
    struct draw draw = {0};
    for (uint64_t seed = 0; seed < 100; seed++) {
        draw_target(seed, projection, 0, &draw);
        assert_int_equal(draw.n, expected);
    }
    draw_release(&draw);
    fixture_destroy(&fixture);
}

static void test_bernoulli_limits(void **state)
{
    check_count(1, 0, 0);
    check_count(1000, 0, 0);
    check_count(1, 1, 1);
    check_count(1000, 1, 1000);
    check_count(POPULATION_SIZE_MAX - 1, 5e-324, 0);
    check_count(POPULATION_SIZE_MAX - 1, 1e-18, 0); /* 2e-7 that one of the hundred is not empty */
    check_count(1000, 1 - 1e-12, 1000);             /* 1e-7 that one is missing */
}

static void test_bernoulli_has_no_parallel_synapses(void **state)
{
    struct fixture fixture;
    struct projection *projection = make_bernoulli(&fixture, 1000, 1, 0.9);
    struct draw draw = {0};
    draw_target(1, projection, 0, &draw);
    for (uint64_t k = 1; k < draw.n; k++)
        assert_true(draw.nodes[k] > draw.nodes[k - 1]);
    draw_release(&draw);
    fixture_destroy(&fixture);
}

/* The sources as a set of bits. */
static uint64_t draw_bits(uint64_t seed, const struct projection *projection, uint64_t target)
{
    struct draw draw = {0};
    uint64_t bits = 0;
    draw_target(seed, projection, target, &draw);
    for (uint64_t k = 0; k < draw.n; k++)
        bits |= UINT64_C(1) << draw.nodes[k];
    draw_release(&draw);
    return bits;
}

static void test_bernoulli_depends_on_seed_name_and_target(void **state)
{
    struct fixture fixture;
    struct projection *projection = make_bernoulli(&fixture, 64, 10, 0.5);
    uint64_t bits = draw_bits(1, projection, 3);
    assert_true(draw_bits(1, projection, 3) == bits);
    assert_true(draw_bits(2, projection, 3) != bits);
    assert_true(draw_bits(1, projection, 4) != bits);
    projection->name = "another";
    assert_true(draw_bits(1, projection, 3) != bits);
    fixture_destroy(&fixture);
}

/* In-degree is binomial: mean and variance over many targets; each source is as likely as any other. */
static void check_bernoulli_law(node_index n_source, node_index n_target, double p)
{
    struct fixture fixture;
    struct projection *projection = make_bernoulli(&fixture, n_source, n_target, p);
    struct draw draw = {0};
    uint64_t *out_degree = MEMORY_NEW(n_source, uint64_t, TEMPORARY), total = 0;
    double squares = 0, variance = n_source * p * (1 - p);
    for (uint64_t target = 0; target < n_target; target++) {
        draw_target(7, projection, target, &draw);
        total += draw.n;
        squares += pow((double)draw.n - n_source * p, 2);
        for (uint64_t k = 0; k < draw.n; k++)
            out_degree[draw.nodes[k]]++;
    }
    assert_true(fabs(binomial_deviation((double)total, (double)n_source * n_target, p)) < NORMAL_LIMIT);
    assert_true(squares / variance < chi_square_limit((int)n_target));
    assert_true(squares / variance > 2 * n_target - chi_square_limit((int)n_target));
    /* out-degrees are binomial too, hence (1 - p) for their sum of squares */
    assert_true(chi_square_uniform(out_degree, (int)n_source) / (1 - p) < chi_square_limit((int)n_source - 1));
    assert_true(fabs(rule_expected(projection, ROLE_PLAIN) - p * n_source * n_target) < 1e-6);
    memory_free(out_degree);
    draw_release(&draw);
    fixture_destroy(&fixture);
}

static void test_bernoulli_law(void **state)
{
    check_bernoulli_law(200, 20000, 0.5);
    check_bernoulli_law(1000, 5000, 0.1);
    check_bernoulli_law(10000, 5000, 0.003);
    check_bernoulli_law(100, 20000, 0.97);
    check_bernoulli_law(2, 20000, 0.25);
}

/* Neighbouring sources, and the same source of neighbouring targets, are independent: all four outcomes have their probability.
 */
static void test_bernoulli_independence(void **state)
{
    struct fixture fixture;
    struct projection *projection = make_bernoulli(&fixture, 64, 20000, 0.5);
    uint64_t along[4] = {0}, across[4] = {0}, before = 0;
    for (uint64_t target = 0; target < 20000; target++) {
        uint64_t bits = draw_bits(3, projection, target);
        for (int k = 0; k < 64; k += 2)
            along[bits >> k & 3]++;
        for (int k = 0; target % 2 && k < 64; k++)
            across[(bits >> k & 1) * 2 + (before >> k & 1)]++;
        before = bits;
    }
    assert_true(chi_square_uniform(along, 4) < chi_square_limit(3));
    assert_true(chi_square_uniform(across, 4) < chi_square_limit(3));
    fixture_destroy(&fixture);
}

/* ---- tripartite_bernoulli_with_pool ---------------------------------------------------------------------------------------- */

static void test_tripartite_primary_is_pairwise_bernoulli(void **state)
{
    struct fixture fixture, plain;
    struct projection *tripartite = make_tripartite(&fixture, 64, 10, 20, 0.5, 0.5, 3, 0);
    struct projection *pairwise = make_bernoulli(&plain, 64, 10, 0.5);
    for (uint64_t target = 0; target < 10; target++)
        assert_true(draw_bits(5, tripartite, target) == draw_bits(5, pairwise, target));
    fixture_destroy(&fixture);
    fixture_destroy(&plain);
}

/* Number of different thirds among the connections of one target; how often each was taken. */
static uint64_t count_thirds(const struct draw *draw, uint64_t *taken, uint64_t n_pool)
{
    uint64_t distinct = 0;
    for (uint64_t k = 0; k < n_pool; k++)
        taken[k] = 0;
    for (uint64_t k = 0; k < draw->n_pairs; k++) {
        assert_true(draw->pairs[k].node < n_pool);
        distinct += taken[draw->pairs[k].node]++ == 0;
    }
    return distinct;
}

/* With 1000 connections all members of a pool of up to 10 show up; exactly pool_size different ones, whatever the target. */
static void test_random_pools_have_distinct_members(void **state)
{
    static const uint64_t sizes[] = {1, 2, 3, 9, 10};
    for (int k = 0; k < 5; k++) {
        struct fixture fixture;
        struct projection *projection = make_tripartite(&fixture, 1000, 50, 10, 1, 1, sizes[k], 0);
        struct draw draw = {0};
        uint64_t taken[10];
        for (uint64_t target = 0; target < 50; target++) {
            draw_target(9, projection, target, &draw);
            assert_int_equal(count_thirds(&draw, taken, 10), sizes[k]);
        }
        draw_release(&draw);
        fixture_destroy(&fixture);
    }
}

/* Every pair out of five nodes is a pool of two equally often. */
static void test_random_pools_are_uniform(void **state)
{
    struct fixture fixture;
    struct projection *projection = make_tripartite(&fixture, 100, 20000, 5, 1, 1, 2, 0);
    struct draw draw = {0};
    uint64_t taken[5], pools[10] = {0};
    static const int pair_number[5][5] = {{0, 0, 1, 2, 3}, {0, 0, 4, 5, 6}, {0, 0, 0, 7, 8}, {0, 0, 0, 0, 9}};
    for (uint64_t target = 0; target < 20000; target++) {
        draw_target(11, projection, target, &draw);
        assert_int_equal(count_thirds(&draw, taken, 5), 2);
        int low = 0, high = 4;
        while (!taken[low])
            low++;
        while (!taken[high])
            high--;
        pools[pair_number[low][high]]++;
    }
    assert_true(chi_square_uniform(pools, 10) < chi_square_limit(9));
    draw_release(&draw);
    fixture_destroy(&fixture);
}

/* Large pools, half of everything: members are distinct, and over the targets each node is taken equally often. */
static void test_large_random_pools(void **state)
{
    enum { POOL = 600, SIZE = 300, TARGETS = 200 };
    struct fixture fixture;
    struct projection *projection = make_tripartite(&fixture, 6000, TARGETS, POOL, 1, 1, SIZE, 0);
    struct draw draw = {0};
    uint64_t taken[POOL], members[POOL] = {0};
    for (uint64_t target = 0; target < TARGETS; target++) {
        draw_target(13, projection, target, &draw);
        uint64_t distinct = count_thirds(&draw, taken, POOL);
        assert_true(distinct <= SIZE && distinct > SIZE - 5); /* e^-20 per member to be left out */
        for (int k = 0; k < POOL; k++)
            members[k] += taken[k] > 0;
    }
    assert_true(chi_square_uniform(members, POOL) * 2 < chi_square_limit(POOL - 1)); /* (1 - SIZE / POOL) as for binomials */
    draw_release(&draw);
    fixture_destroy(&fixture);
}

/* A third node is taken with its probability; each member of the pool equally often; by default the pool is everything. */
static void test_thirds_are_uniform(void **state)
{
    struct fixture fixture;
    struct projection *projection = make_tripartite(&fixture, 1000, 200, 8, 0.5, 0.3, 0, 0);
    struct draw draw = {0};
    uint64_t taken[8], sum[8] = {0}, primary = 0, third = 0;
    for (uint64_t target = 0; target < 200; target++) {
        draw_target(15, projection, target, &draw);
        count_thirds(&draw, taken, 8);
        primary += draw.n;
        for (int k = 0; k < 8; k++) {
            sum[k] += taken[k];
            third += taken[k];
        }
    }
    assert_true(fabs(binomial_deviation((double)third, (double)primary, 0.3)) < NORMAL_LIMIT);
    assert_true(chi_square_uniform(sum, 8) < chi_square_limit(7));
    draw_release(&draw);
    fixture_destroy(&fixture);
}

static void test_third_probability_limits(void **state)
{
    for (int p = 0; p <= 1; p++) {
        struct fixture fixture;
        struct projection *projection = make_tripartite(&fixture, 500, 1, 4, 0.5, p, 2, 0);
        struct draw draw = {0};
        draw_target(17, projection, 0, &draw);
        assert_int_equal(draw.n_pairs, p ? draw.n : 0);
        draw_release(&draw);
        fixture_destroy(&fixture);
    }
}

/* Target j has the nodes j * size … j * size + size - 1; or, with pools of one node, shares j / (n_target / n_pool). */
static void check_blocks(node_index n_target, node_index n_pool, uint64_t size)
{
    struct fixture fixture;
    struct projection *projection = make_tripartite(&fixture, 500, n_target, n_pool, 1, 1, size, 1);
    struct fault fault = {0};
    assert_int_equal(check(projection, &fault), 0);
    struct draw draw = {0};
    for (uint64_t target = 0; target < n_target; target++) {
        draw_target(19, projection, target, &draw);
        uint64_t first = size > 1 ? target * size : target / (n_target / n_pool), seen = 0;
        for (uint64_t k = 0; k < draw.n_pairs; k++) {
            assert_true(draw.pairs[k].node >= first && draw.pairs[k].node < first + size);
            seen |= UINT64_C(1) << (draw.pairs[k].node - first);
        }
        assert_true(seen == (UINT64_C(1) << size) - 1);
    }
    draw_release(&draw);
    fixture_destroy(&fixture);
}

static void test_block_pools(void **state)
{
    check_blocks(10, 10, 1);
    check_blocks(10, 5, 1);
    check_blocks(10, 1, 1);
    check_blocks(10, 100, 10);
    check_blocks(1, 4, 4);
}

/* ---- messages ------------------------------------------------------------------------------------------------------------- */

static void check_refused(node_index n_target, node_index n_pool, uint64_t size, int pool_type, const char *words)
{
    struct fixture fixture;
    struct fault fault = {0};
    struct projection *projection = make_tripartite(&fixture, 10, n_target, n_pool, 0.5, 0.5, size, pool_type);
    assert_int_equal(check(projection, &fault), FAULT_INPUT);
    assert_non_null(strstr(fault.text, words));
    fault_clear(&fault);
    fixture_destroy(&fixture);
}

static void test_impossible_pools_are_refused(void **state)
{
    check_refused(10, 10, 11, 0, "pool_size = 11 is more than the 10 nodes of c");
    check_refused(10, 10, 11, 1, "pool_size = 11 is more than the 10 nodes of c");
    check_refused(10, 4, 1, 1, "10 targets and 4 nodes in c");
    check_refused(10, 50, 10, 1, "need a pool of 100 nodes, but c has 50");
    check_refused(10, 200, 10, 1, "need a pool of 100 nodes, but c has 200");
    check_refused(2, 10, 0, 1, "need a pool of 20 nodes, but c has 10");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_all_to_all),
        cmocka_unit_test(test_one_to_one),
        cmocka_unit_test(test_one_to_one_needs_equal_sizes),
        cmocka_unit_test(test_bernoulli_limits),
        cmocka_unit_test(test_bernoulli_has_no_parallel_synapses),
        cmocka_unit_test(test_bernoulli_depends_on_seed_name_and_target),
        cmocka_unit_test(test_bernoulli_law),
        cmocka_unit_test(test_bernoulli_independence),
        cmocka_unit_test(test_tripartite_primary_is_pairwise_bernoulli),
        cmocka_unit_test(test_random_pools_have_distinct_members),
        cmocka_unit_test(test_random_pools_are_uniform),
        cmocka_unit_test(test_large_random_pools),
        cmocka_unit_test(test_thirds_are_uniform),
        cmocka_unit_test(test_third_probability_limits),
        cmocka_unit_test(test_block_pools),
        cmocka_unit_test(test_impossible_pools_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
