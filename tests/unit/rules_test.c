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
    drawing_create(&(struct script){.seed = seed}, projection, &drawing);
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
    assert_int_equal(n, 13);
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
    assert_true(fabs(rule_expected(NULL, projection, ROLE_PLAIN) - p * n_source * n_target) < 1e-6);
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

/* ---- rules of degrees, totals and listed pairs ------------------------------------------------------------------------------
 */

/* How often each pair is connected, [n_source][n_target]. Owned by the caller. */
static uint64_t *draw_matrix(uint64_t seed, const struct projection *projection)
{
    uint64_t n_target = projection->target->size;
    uint64_t *matrix = MEMORY_NEW(projection->source->size * n_target, uint64_t, TEMPORARY);
    struct fixture_drawn drawn;
    fixture_drawn_create(seed, projection, &drawn);
    for (uint64_t k = 0; k < drawn.n_direct; k++)
        matrix[drawn.direct[k].source * n_target + drawn.direct[k].node]++;
    fixture_drawn_release(&drawn);
    return matrix;
}

struct degrees {
    uint64_t in[64], out[64], total, most_copies;
    bool self; /* a node is connected to itself, sources and targets being the same set */
};

static struct degrees draw_degrees(uint64_t seed, const struct projection *projection)
{
    struct degrees degrees = {0};
    uint64_t n_source = projection->source->size, n_target = projection->target->size, *matrix = draw_matrix(seed, projection);
    for (uint64_t s = 0; s < n_source; s++)
        for (uint64_t t = 0; t < n_target; t++) {
            uint64_t copies = matrix[s * n_target + t];
            degrees.out[s] += copies;
            degrees.in[t] += copies;
            degrees.total += copies;
            degrees.most_copies = copies > degrees.most_copies ? copies : degrees.most_copies;
            degrees.self = degrees.self || (s == t && copies > 0);
        }
    memory_free(matrix);
    return degrees;
}

static void set_flags(struct projection *projection, bool autapses, bool multapses)
{
    fixture_number(projection, "autapses", autapses);
    fixture_number(projection, "multapses", multapses);
}

/* A projection from a population to itself. */
static struct projection *make_recurrent(struct fixture *fixture, const char *rule, const char *argument, double value,
                                         node_index n)
{
    fixture_create(fixture, 1);
    const struct node_set *set = fixture_whole(fixture, fixture_population(fixture, "a", n));
    struct projection *projection = fixture_projection(fixture, "a__a", rule, set, set, NULL);
    fixture_number(projection, argument, value);
    return projection;
}

/* Degrees are met, and what is forbidden does not occur, up to the largest possible degree. */
static void check_fixed_degree(const char *rule, const char *argument, bool incoming)
{
    static const uint64_t wanted[] = {0, 1, 5, 18, 19};
    for (int flags = 0; flags < 4; flags++)
        for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
            bool autapses = flags & 1, multapses = flags & 2;
            struct fixture fixture;
            struct fault fault = {0};
            struct projection *projection = make_recurrent(&fixture, rule, argument, (double)wanted[k], 20);
            set_flags(projection, autapses, multapses);
            assert_int_equal(check(projection, &fault), 0);
            for (uint64_t seed = 0; seed < 20; seed++) {
                struct degrees degrees = draw_degrees(seed, projection);
                for (int node = 0; node < 20; node++)
                    assert_int_equal(incoming ? degrees.in[node] : degrees.out[node], wanted[k]);
                assert_true(autapses || !degrees.self);
                assert_true(multapses || degrees.most_copies <= 1);
            }
            assert_true(rule_expected(NULL, projection, ROLE_PLAIN) == 20.0 * (double)wanted[k]);
            fixture_destroy(&fixture);
        }
}

static void test_fixed_degrees(void **state)
{
    check_fixed_degree("fixed_indegree", "indegree", true);
    check_fixed_degree("fixed_outdegree", "outdegree", false);
}

static void test_fixed_total_number(void **state)
{
    static const uint64_t wanted[] = {0, 1, 7, 379, 380};
    for (int flags = 0; flags < 4; flags++)
        for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
            bool autapses = flags & 1, multapses = flags & 2;
            struct fixture fixture;
            struct fault fault = {0};
            struct projection *projection = make_recurrent(&fixture, "fixed_total_number", "n", (double)wanted[k], 20);
            set_flags(projection, autapses, multapses);
            assert_int_equal(check(projection, &fault), 0);
            for (uint64_t seed = 0; seed < 20; seed++) {
                struct degrees degrees = draw_degrees(seed, projection);
                assert_int_equal(degrees.total, wanted[k]);
                assert_true(autapses || !degrees.self);
                assert_true(multapses || degrees.most_copies <= 1);
            }
            assert_true(rule_expected(NULL, projection, ROLE_PLAIN) == (double)wanted[k]);
            fixture_destroy(&fixture);
        }
}

/* What a target gets does not depend on which targets were asked for before. */
static void test_totals_do_not_depend_on_the_order_of_targets(void **state)
{
    enum { TARGETS = 37 };
    struct fixture fixture;
    struct projection *projection = make(&fixture, "fixed_total_number", 50, TARGETS, 0);
    fixture_number(projection, "n", 1000);
    struct drawing drawing;
    struct draw ascending, jumping;
    drawing_create(&(struct script){.seed = 1}, projection, &drawing);
    draw_create(&drawing, &ascending);
    draw_create(&drawing, &jumping);
    uint64_t n[TARGETS];
    for (uint64_t target = 0; target < TARGETS; target++) {
        drawing.rule->draw_target(&ascending, target);
        n[target] = ascending.n;
    }
    for (uint64_t k = 0; k < TARGETS; k++) {
        uint64_t target = k * 23 % TARGETS;
        drawing.rule->draw_target(&jumping, target);
        assert_int_equal(jumping.n, n[target]);
    }
    draw_release(&ascending);
    draw_release(&jumping);
    drawing_release(&drawing);
    fixture_destroy(&fixture);
}

static void test_symmetric(void **state)
{
    for (node_index n = 1; n <= 9; n++) {
        struct fixture fixture;
        struct projection *projection = make_recurrent(&fixture, "symmetric_pairwise_bernoulli", "p", 0.5, n);
        for (uint64_t seed = 0; seed < 20; seed++) {
            uint64_t *matrix = draw_matrix(seed, projection);
            for (node_index a = 0; a < n; a++)
                for (node_index b = 0; b < n; b++) {
                    assert_true(matrix[a * n + b] <= 1 && matrix[a * n + b] == matrix[b * n + a]);
                    assert_true(a != b || matrix[a * n + b] == 0);
                }
            memory_free(matrix);
        }
        fixture_number(projection, "p", 1);
        assert_int_equal(draw_degrees(1, projection).total, n * (n - 1));
        assert_true(rule_expected(NULL, projection, ROLE_PLAIN) == n * (n - 1.0));
        fixture_destroy(&fixture);
    }
}

static void test_pairs(void **state)
{
    static const uint32_t sources[] = {4, 0, 2, 2, 2, 1}, targets[] = {1, 3, 0, 0, 3, 1};
    static const uint64_t expected[5][4] = {{0, 0, 0, 1}, {0, 1, 0, 0}, {2, 0, 0, 1}, {0}, {0, 1, 0, 0}};
    struct fixture fixture;
    struct fault fault = {0};
    struct projection *projection = make(&fixture, "pairs", 5, 4, 0);
    fixture_indices(projection, "sources", sources, 6);
    fixture_indices(projection, "targets", targets, 6);
    assert_int_equal(check(projection, &fault), 0);
    uint64_t *matrix = draw_matrix(1, projection);
    assert_memory_equal(matrix, expected, sizeof expected);
    assert_true(rule_expected(NULL, projection, ROLE_PLAIN) == 6);
    memory_free(matrix);
    fixture_destroy(&fixture);
}

/* ---- autapses ----------------------------------------------------------------------------------------------------------------
 */

/* Two sets that share some nodes, at other positions: the same node is meant, not the same position. */
static struct projection *make_overlapping(struct fixture *fixture, const char *rule)
{
    static const node_index some[] = {1, 4, 5, 6, 19};
    fixture_create(fixture, 1);
    int a = fixture_population(fixture, "a", 20), b = fixture_population(fixture, "b", 10);
    const struct node_set *source = fixture_set(fixture, "source",
                                                (struct node_part[]){{.population = b, .first = 2, .count = 6},
                                                                     {.population = a, .list = some, .count = 5},
                                                                     {.population = a, .first = 10, .count = 8},
                                                                     {0}});
    const struct node_set *target = fixture_set(
        fixture, "target",
        (struct node_part[]){{.population = a, .first = 3, .count = 14}, {.population = b, .first = 0, .count = 5}, {0}});
    return fixture_projection(fixture, "p", rule, source, target, NULL);
}

static node_id global_id(const struct fixture *fixture, const struct node_set *set, uint64_t position)
{
    const struct node_part *part = set->parts;
    for (; position >= part->count; part++)
        position -= part->count;
    return fixture->populations[part->population].base + (part->list ? part->list[position] : part->first + (node_index)position);
}

static void check_overlap(const struct fixture *fixture, const struct node_set *set, const struct node_set *other)
{
    struct overlap overlap;
    overlap_create(set, other, &overlap);
    uint64_t below = 0;
    for (uint64_t a = 0; a < set->size; a++) {
        uint64_t place = other->size, found;
        for (uint64_t b = 0; b < other->size; b++)
            if (global_id(fixture, set, a) == global_id(fixture, other, b))
                place = b;
        assert_int_equal(overlap_below(&overlap, a), below);
        assert_int_equal(overlap_find(&overlap, a, &found), place < other->size);
        if (place < other->size)
            assert_int_equal(found, place);
        below += place < other->size;
    }
    assert_int_equal(overlap_below(&overlap, set->size), below);
    assert_int_equal(overlap.total, below);
    overlap_release(&overlap);
}

static void test_overlap(void **state)
{
    struct fixture fixture;
    struct projection *projection = make_overlapping(&fixture, "all_to_all");
    check_overlap(&fixture, projection->source, projection->target);
    check_overlap(&fixture, projection->target, projection->source);
    check_overlap(&fixture, projection->source, projection->source);
    fixture_destroy(&fixture);
}

/* Rules that would connect every pair leave out the nodes that are on both sides, and count without them. */
static void check_without_autapses(const char *rule, const char *argument, double value, bool exact)
{
    struct fixture fixture;
    struct fault fault = {0};
    struct projection *projection = make_overlapping(&fixture, rule);
    if (argument)
        fixture_number(projection, argument, value);
    fixture_number(projection, "autapses", false);
    assert_int_equal(check(projection, &fault), 0);
    uint64_t total = 0, *matrix = draw_matrix(3, projection), n_target = projection->target->size;
    for (uint64_t s = 0; s < projection->source->size; s++)
        for (uint64_t t = 0; t < n_target; t++) {
            bool same = global_id(&fixture, projection->source, s) == global_id(&fixture, projection->target, t);
            total += matrix[s * n_target + t];
            assert_true(!same || matrix[s * n_target + t] == 0);
            assert_true(!exact || matrix[s * n_target + t] == !same);
        }
    assert_true(!exact || rule_expected(NULL, projection, ROLE_PLAIN) == (double)total);
    memory_free(matrix);
    fixture_destroy(&fixture);
}

static void test_without_autapses(void **state)
{
    check_without_autapses("all_to_all", NULL, 0, true);
    check_without_autapses("pairwise_bernoulli", "p", 1, true);
    check_without_autapses("pairwise_bernoulli", "p", 0.8, false);
    check_without_autapses("pairwise_poisson", "mean", 3, false);
    check_without_autapses("fixed_indegree", "indegree", 100, false);
    check_without_autapses("fixed_outdegree", "outdegree", 100, false);
    check_without_autapses("fixed_total_number", "n", 2000, false);
}

/* Of 30 nodes the first ten stand at the same position on both sides. */
static void test_one_to_one_without_autapses(void **state)
{
    struct fixture fixture;
    fixture_create(&fixture, 1);
    int a = fixture_population(&fixture, "a", 30);
    const struct node_set *source = fixture_whole(&fixture, a);
    const struct node_set *target = fixture_set(&fixture, "turned",
                                                (struct node_part[]){{.population = a, .first = 0, .count = 10},
                                                                     {.population = a, .first = 20, .count = 10},
                                                                     {.population = a, .first = 10, .count = 10},
                                                                     {0}});
    struct projection *projection = fixture_projection(&fixture, "p", "one_to_one", source, target, NULL);
    fixture_number(projection, "autapses", false);
    struct draw draw = {0};
    for (uint64_t k = 0; k < 30; k++) {
        draw_target(1, projection, k, &draw);
        assert_int_equal(draw.n, k >= 10);
        assert_true(draw.n == 0 || draw.nodes[0] == k);
    }
    assert_true(rule_expected(NULL, projection, ROLE_PLAIN) == 20);
    draw_release(&draw);
    fixture_destroy(&fixture);
}

/* ---- laws -------------------------------------------------------------------------------------------------------------------
 */

/* Over many seeds each of the allowed pairs is connected equally often. `spread`: variance of a pair's count over that of
 * independent connections. */
static void check_pairs_are_uniform(const struct projection *projection)
{
    enum { SEEDS = 4000 };
    uint64_t n_target = projection->target->size, n_pairs = projection->source->size * n_target, total = 0;
    uint64_t *sum = MEMORY_NEW(n_pairs, uint64_t, TEMPORARY);
    int n_classes = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint64_t *matrix = draw_matrix(seed, projection);
        for (uint64_t k = 0; k < n_pairs; k++)
            sum[k] += matrix[k];
        memory_free(matrix);
    }
    for (uint64_t k = 0; k < n_pairs; k++)
        if (rule_allows(projection, "autapses") || k / n_target != k % n_target) {
            sum[n_classes++] = sum[k];
            total += sum[k];
        }
    assert_true(fabs((double)total - SEEDS * rule_expected(NULL, projection, ROLE_PLAIN)) <=
                NORMAL_LIMIT * sqrt((double)total)); /* exactly, but for pairwise_poisson */
    assert_true(chi_square_uniform(sum, n_classes) < chi_square_limit(n_classes - 1));
    memory_free(sum);
}

static void check_uniform(const char *rule, const char *argument, double value, bool autapses, bool multapses)
{
    struct fixture fixture;
    struct projection *projection = make_recurrent(&fixture, rule, argument, value, 8);
    fixture_number(projection, "autapses", autapses);
    if (!multapses)
        fixture_number(projection, "multapses", false);
    check_pairs_are_uniform(projection);
    fixture_destroy(&fixture);
}

static void test_pairs_are_uniform(void **state)
{
    for (int autapses = 0; autapses < 2; autapses++) {
        check_uniform("fixed_indegree", "indegree", 5, autapses, true);
        check_uniform("fixed_indegree", "indegree", 2, autapses, false);
        check_uniform("fixed_outdegree", "outdegree", 5, autapses, true);
        check_uniform("fixed_outdegree", "outdegree", 2, autapses, false);
        check_uniform("fixed_total_number", "n", 40, autapses, true);
        check_uniform("fixed_total_number", "n", 20, autapses, false);
        check_uniform("pairwise_poisson", "mean", 0.6, autapses, true);
    }
}

/* Which of 64 outcomes (three pairs, up to three copies of each) a seed makes. */
static int joint_outcome(const uint64_t *matrix, const int pair[3])
{
    int outcome = 0;
    for (int k = 0; k < 3; k++)
        outcome = 4 * outcome + (int)(matrix[pair[k]] < 3 ? matrix[pair[k]] : 3);
    return outcome;
}

/* Joint law of the counts of three pairs against its probabilities. */
static void check_joint_law(const struct projection *projection, const int pair[3],
                            double (*probability)(const struct projection *projection, const int count[3]))
{
    enum { SEEDS = 100000 };
    uint64_t observed[64] = {0};
    double sum = 0, rest = 1, rest_observed = SEEDS;
    int n_classes = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint64_t *matrix = draw_matrix(seed, projection);
        observed[joint_outcome(matrix, pair)]++;
        memory_free(matrix);
    }
    for (int outcome = 0; outcome < 64; outcome++) {
        const int count[3] = {outcome / 16, outcome / 4 % 4, outcome % 4};
        bool open = count[0] == 3 || count[1] == 3 || count[2] == 3; /* three copies or more */
        double p = open ? 0 : probability(projection, count);
        if (p * SEEDS < 10)
            continue;
        sum += pow((double)observed[outcome] - SEEDS * p, 2) / (SEEDS * p);
        rest -= p;
        rest_observed -= (double)observed[outcome];
        n_classes++;
    }
    if (rest * SEEDS > 1)
        sum += pow(rest_observed - SEEDS * rest, 2) / (SEEDS * rest);
    else
        assert_true(rest_observed < 20);
    assert_true(sum < chi_square_limit(n_classes));
}

static double choose(double n, double k)
{
    return k < 0 || k > n ? 0 : exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1));
}

/* n connections among all pairs: multinomial, or all sets of n pairs alike. */
static double total_law(const struct projection *projection, const int count[3])
{
    double n = projection->arguments[0].number, taken = count[0] + count[1] + count[2];
    double pairs = (double)(projection->source->size * projection->target->size);
    if (!rule_allows(projection, "multapses"))
        return count[0] > 1 || count[1] > 1 || count[2] > 1 ? 0 : choose(pairs - 3, n - taken) / choose(pairs, n);
    double ways = taken > n ? 0 : exp(lgamma(n + 1) - lgamma(n - taken + 1));
    for (int k = 0; k < 3; k++)
        ways /= exp(lgamma(count[k] + 1.0));
    return ways * pow(1 / pairs, taken) * pow(1 - 3 / pairs, n - taken);
}

/* Binomial splits down the tree must add up to independent connections: pairs of one target, of neighbours, and of far ones. */
static void test_law_of_totals(void **state)
{
    static const int same_target[] = {0, 5, 10}, neighbours[] = {0, 1, 6}, far[] = {0, 4, 8};
    const int *const pairs[] = {same_target, neighbours, far};
    for (int multapses = 0; multapses < 2; multapses++)
        for (int k = 0; k < 3; k++) {
            struct fixture fixture;
            struct projection *projection = make(&fixture, "fixed_total_number", 3, 5, 0);
            fixture_number(projection, "n", 7);
            fixture_number(projection, "multapses", multapses);
            check_joint_law(projection, pairs[k], total_law);
            fixture_destroy(&fixture);
        }
}

static double poisson_law(const struct projection *projection, const int count[3])
{
    double p = 1, mean = projection->arguments[0].number;
    for (int k = 0; k < 3; k++)
        p *= pow(mean, count[k]) * exp(-mean - lgamma(count[k] + 1.0));
    return p;
}

/* Counts of pairs are Poisson, and independent: of one target, and of one source. */
static void test_law_of_poisson(void **state)
{
    static const int same_target[] = {0, 5, 10}, same_source[] = {0, 1, 4};
    struct fixture fixture;
    struct projection *projection = make(&fixture, "pairwise_poisson", 3, 5, 0);
    fixture_number(projection, "mean", 0.6);
    check_joint_law(projection, same_target, poisson_law);
    check_joint_law(projection, same_source, poisson_law);
    fixture_destroy(&fixture);
}

/* Each of the sets of two out of five other nodes is equally often what a node gets (or reaches). */
static void check_sets_are_uniform(const char *rule, const char *argument, bool incoming)
{
    struct fixture fixture;
    struct projection *projection = make_recurrent(&fixture, rule, argument, 2, 6);
    set_flags(projection, false, false);
    uint64_t observed[64] = {0}, classes[10];
    for (uint64_t seed = 0; seed < 20000; seed++) {
        uint64_t *matrix = draw_matrix(seed, projection), set = 0;
        for (int other = 0; other < 6; other++)
            set |= matrix[incoming ? other * 6 + 3 : 3 * 6 + other] << other;
        observed[set]++;
        memory_free(matrix);
    }
    int n = 0;
    for (int set = 0; set < 64; set++)
        if (__builtin_popcount((unsigned)set) == 2 && !(set & 8))
            classes[n++] = observed[set];
    assert_int_equal(n, 10);
    assert_true(chi_square_uniform(classes, 10) < chi_square_limit(9));
    fixture_destroy(&fixture);
}

static void test_sets_are_uniform(void **state)
{
    check_sets_are_uniform("fixed_indegree", "indegree", true);
    check_sets_are_uniform("fixed_outdegree", "outdegree", false);
}

/* Two out of many, which are found in another way than two out of few: different ones, and pairs that have the same distance on a
 * circle are one class, opposite ones left aside. */
static void test_few_of_many_are_uniform(void **state)
{
    enum { NODES = 200, TARGETS = 100000 };
    struct fixture fixture;
    struct projection *projection = make(&fixture, "fixed_indegree", NODES, TARGETS, 0);
    fixture_number(projection, "indegree", 2);
    fixture_number(projection, "multapses", false);
    struct draw draw = {0};
    uint64_t taken[NODES] = {0}, distance[NODES] = {0};
    for (uint64_t target = 0; target < TARGETS; target++) {
        draw_target(31, projection, target, &draw);
        assert_int_equal(draw.n, 2);
        taken[draw.nodes[0]]++;
        taken[draw.nodes[1]]++;
        distance[(draw.nodes[0] + NODES - draw.nodes[1]) % NODES]++;
        distance[(draw.nodes[1] + NODES - draw.nodes[0]) % NODES]++;
    }
    assert_int_equal(distance[0], 0);
    assert_true(chi_square_uniform(taken, NODES) < chi_square_limit(NODES - 1));
    uint64_t classes[NODES / 2 - 1];
    memcpy(classes, distance + 1, sizeof classes);
    assert_true(chi_square_uniform(classes, NODES / 2 - 1) < chi_square_limit(NODES / 2 - 2));
    draw_release(&draw);
    fixture_destroy(&fixture);
}

/* Each pair of nodes with its probability, pairs that share a node independently. */
static void test_law_of_symmetric(void **state)
{
    for (node_index n = 5; n <= 6; n++) {
        enum { SEEDS = 20000 };
        struct fixture fixture;
        struct projection *projection = make_recurrent(&fixture, "symmetric_pairwise_bernoulli", "p", 0.5, n);
        uint64_t sum[36] = {0}, joint[8] = {0};
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            uint64_t *matrix = draw_matrix(seed, projection);
            for (node_index k = 0; k < n * n; k++)
                sum[k] += matrix[k];
            joint[matrix[1] * 4 + matrix[3] * 2 + matrix[n + 3]]++; /* 0-1, 0-3, 1-3 */
            memory_free(matrix);
        }
        for (node_index a = 0; a < n; a++)
            for (node_index b = 0; b < a; b++)
                assert_true(fabs(binomial_deviation((double)sum[a * n + b], SEEDS, 0.5)) < NORMAL_LIMIT);
        assert_true(chi_square_uniform(joint, 8) < chi_square_limit(7));
        fixture_destroy(&fixture);
    }
}

/* ---- third nodes behind any rule --------------------------------------------------------------------------------------------
 */

static bool same_drawn(const struct fixture_drawn *a, const struct fixture_drawn *b)
{
    return a->n_direct == b->n_direct && a->n_thirds == b->n_thirds &&
           memcmp(a->direct, b->direct, a->n_direct * sizeof *a->direct) == 0 &&
           memcmp(a->thirds, b->thirds, a->n_thirds * sizeof *a->thirds) == 0;
}

static void test_tripartite_is_bernoulli_with_a_third_rule(void **state)
{
    struct fixture fixture, other;
    struct projection *tripartite = make_tripartite(&fixture, 64, 10, 20, 0.5, 0.4, 3, 0);
    struct projection *combined = make(&other, "pairwise_bernoulli", 64, 10, 20);
    fixture_third(combined, "bernoulli_with_pool");
    combined->arguments[0].number = 0.5;
    combined->third_arguments[0].number = 0.4;
    fixture_number(combined, "pool_size", 3);
    struct fixture_drawn a, b;
    fixture_drawn_create(5, tripartite, &a);
    fixture_drawn_create(5, combined, &b);
    assert_true(a.n_thirds > 0 && same_drawn(&a, &b));
    for (int role = ROLE_PRIMARY; role <= ROLE_THIRD_OUT; role++)
        assert_true(rule_expected(NULL, tripartite, (enum connection_role)role) ==
                    rule_expected(NULL, combined, (enum connection_role)role));
    fixture_drawn_release(&a);
    fixture_drawn_release(&b);
    fixture_destroy(&fixture);
    fixture_destroy(&other);
}

/* Every connection of a rule that draws items, parallel ones too, takes a third node with p = 1, from the target's pool. */
static void test_third_nodes_of_items(void **state)
{
    struct fixture fixture;
    struct projection *projection = make(&fixture, "fixed_outdegree", 30, 10, 40);
    fixture_number(projection, "outdegree", 7);
    fixture_third(projection, "bernoulli_with_pool");
    fixture_number(projection, "pool_size", 4);
    fixture_word(projection, "pool_type", 1);
    struct fixture_drawn drawn;
    fixture_drawn_create(6, projection, &drawn);
    assert_int_equal(drawn.n_direct, 210);
    assert_int_equal(drawn.n_thirds, 210);
    for (uint64_t k = 0; k < 210; k++) {
        assert_int_equal(drawn.thirds[k].source, drawn.direct[k].source);
        assert_int_equal(drawn.thirds[k].target, drawn.direct[k].node);
        assert_int_equal(drawn.thirds[k].third / 4, drawn.thirds[k].target);
    }
    fixture_drawn_release(&drawn);
    fixture_destroy(&fixture);
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

static void check_message(struct fixture *fixture, const struct projection *projection, const char *words)
{
    struct fault fault = {0};
    assert_int_equal(check(projection, &fault), FAULT_INPUT);
    if (!strstr(fault.text, words))
        fail_msg("not '%s' in: %s", words, fault.text);
    fault_clear(&fault);
    fixture_destroy(fixture);
}

static void check_recurrent_message(const char *rule, const char *argument, double value, node_index n, bool autapses,
                                    bool multapses, const char *words)
{
    struct fixture fixture;
    struct projection *projection = make_recurrent(&fixture, rule, argument, value, n);
    set_flags(projection, autapses, multapses);
    check_message(&fixture, projection, words);
}

static void test_impossible_degrees_are_refused(void **state)
{
    check_recurrent_message("fixed_indegree", "indegree", 11, 10, true, false,
                            "indegree = 11 is more than the 10 nodes to connect");
    check_recurrent_message("fixed_indegree", "indegree", 10, 10, false, false,
                            "more than the 9 nodes to connect with besides the");
    check_recurrent_message("fixed_outdegree", "outdegree", 11, 10, true, false,
                            "fixed_outdegree without multapses: outdegree = 11");
    check_recurrent_message("fixed_outdegree", "outdegree", 1, 1, false, true, "no node to connect with besides the node itself");
    check_recurrent_message("fixed_total_number", "n", 101, 10, true, false, "n = 101 is more than the 100 pairs");
    check_recurrent_message("fixed_total_number", "n", 91, 10, false, false, "n = 91 is more than the 90 pairs");
    check_recurrent_message("fixed_total_number", "n", 1, 1, false, true, "no pair of a source and a target may be connected");
    check_recurrent_message("fixed_total_number", "n", 0x1p52, 10, true, true,
                            "is more than the 1125899906842624 that are possible");
}

static void test_other_impossible_arguments_are_refused(void **state)
{
    static const uint32_t indices[] = {0, 5, 4};
    struct fixture fixture;
    struct projection *projection = make(&fixture, "pairwise_poisson", 1000, 10, 0);
    fixture_number(projection, "mean", 1e9);
    check_message(&fixture, projection, "would give each target 1e+12 connections");
    check_message(&fixture, make(&fixture, "symmetric_pairwise_bernoulli", 10, 10, 0), "sources and targets must be the same");
    for (int lengths = 0; lengths < 2; lengths++) {
        projection = make(&fixture, "pairs", 5, 6, 0);
        fixture_indices(projection, "sources", indices, 3);
        fixture_indices(projection, "targets", indices, lengths ? 3 : 2);
        check_message(&fixture, projection,
                      lengths ? "'sources' has position 5 (row 1), but a has 5 nodes" : "they have 3 and 2");
    }
    projection = make(&fixture, "fixed_indegree", 5, 6, 4);
    fixture_number(projection, "indegree", 2);
    fixture_third(projection, "bernoulli_with_pool");
    fixture_number(projection, "pool_size", 5);
    struct fault fault = {0};
    assert_int_equal(projection->third->check(projection, &fault), FAULT_INPUT);
    assert_non_null(strstr(fault.text, "pool_size = 5 is more than the 4 nodes of c"));
    fault_clear(&fault);
    fixture_destroy(&fixture);
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
        cmocka_unit_test(test_fixed_degrees),
        cmocka_unit_test(test_fixed_total_number),
        cmocka_unit_test(test_totals_do_not_depend_on_the_order_of_targets),
        cmocka_unit_test(test_symmetric),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_without_autapses),
        cmocka_unit_test(test_one_to_one_without_autapses),
        cmocka_unit_test(test_pairs_are_uniform),
        cmocka_unit_test(test_law_of_totals),
        cmocka_unit_test(test_law_of_poisson),
        cmocka_unit_test(test_sets_are_uniform),
        cmocka_unit_test(test_few_of_many_are_uniform),
        cmocka_unit_test(test_law_of_symmetric),
        cmocka_unit_test(test_tripartite_is_bernoulli_with_a_third_rule),
        cmocka_unit_test(test_third_nodes_of_items),
        cmocka_unit_test(test_impossible_degrees_are_refused),
        cmocka_unit_test(test_other_impossible_arguments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
