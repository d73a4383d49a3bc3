/* Values that the script gives to nodes: `redraw`, and that a value belongs to its node, wherever that lives. */
#include "engine/node_values.h"
#include "plan_fixture.h"
#include "statistics.h"

#define MODEL "neuron model m { a : 1 = 0\n b : 1 = 0\n c : 1 = 0\n dv/dt = -v/(10 ms) : 1\n method euler }\n"

/* P(z < x) for a standard normal z */
static double normal_below(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

/* ---- redraw ---- */

/* A normal distribution between two bounds: chi-square over classes of equal probability. False alarm: 1e-7. */
static void test_truncated_normal(void **state)
{
    enum { NODES = 40000, CLASSES = 50 };
    const double low = -0.5, high = 1.5, below = normal_below(low), within = normal_below(high) - below;
    uint64_t observed[CLASSES] = {0};
    struct group group;
    group_create(MODEL "population cells[40000] : m { a = redraw(randn(), -0.5, 1.5) }", 1, &group);
    for (node_local node = 0; node < NODES; node++) {
        double value = *group_value(&group, "a", node);
        assert_true(value >= low && value <= high);
        observed[(int)(CLASSES * (normal_below(value) - below) / within)]++;
    }
    double chi_square = chi_square_uniform(observed, CLASSES);
    if (chi_square > chi_square_limit(CLASSES - 1))
        fail_msg("chi-square of a truncated normal distribution is %g", chi_square);
    group_destroy(&group);
}

/* What the first round accepts is what would have been drawn without bounds; bounds belong to the range, and may be infinite. */
static void test_first_round(void **state)
{
    struct group plain, bounded, open, closed;
    group_create(MODEL "population cells[1003] : m { a = randn() }", 1, &plain);
    group_create(MODEL "population cells[1003] : m { a = redraw(randn(), 0.25, inf) }", 1, &bounded);
    group_create(MODEL "population cells[1003] : m { a = redraw(randn(), -inf, inf) }", 1, &open);
    group_create(MODEL "population cells[1003] : m { a = redraw(floor(4*rand()), 1, 2) }", 1, &closed);
    int redrawn = 0, at_bound[2] = {0};
    for (node_local node = 0; node < 1003; node++) {
        double value = *group_value(&plain, "a", node), again = *group_value(&bounded, "a", node);
        assert_true(again >= 0.25);
        assert_true(value < 0.25 || value == again);
        redrawn += value != again;
        assert_true(*group_value(&open, "a", node) == value);
        at_bound[0] += *group_value(&closed, "a", node) == 1;
        at_bound[1] += *group_value(&closed, "a", node) == 2;
    }
    /* false alarms: 1e-7 each */
    assert_true(fabs(binomial_deviation(redrawn, 1003, normal_below(0.25))) < NORMAL_LIMIT);
    assert_true(fabs(binomial_deviation(at_bound[0], 1003, 0.5)) < NORMAL_LIMIT);
    assert_int_equal(at_bound[0] + at_bound[1], 1003);
    group_destroy(&plain);
    group_destroy(&bounded);
    group_destroy(&open);
    group_destroy(&closed);
}

/* Two in one value; bounds from other variables of the node, which themselves are redrawn. */
static void test_several(void **state)
{
    struct group group;
    group_create(MODEL "population cells[500] : m {\n"
                       "    c = redraw(randn(), a, b)\n"
                       "    a = -0.1 - 0.01*i\n"
                       "    b = redraw(rand(), 0.9, 1)\n"
                       "    v = 10*redraw(floor(3*rand()), 1, 2) + redraw(floor(3*rand()), 1, 2)\n}",
                 1, &group);
    int counts[23] = {0};
    for (node_local node = 0; node < 500; node++) {
        double a = *group_value(&group, "a", node), b = *group_value(&group, "b", node), c = *group_value(&group, "c", node);
        assert_true(a == -0.1 - 0.01 * node && a <= c && c <= b && b >= 0.9 && b < 1);
        counts[(int)*group_value(&group, "v", node)]++;
    }
    /* 11, 12, 21 and 22 are equally likely; false alarms: 1e-7 each */
    assert_int_equal(counts[11] + counts[12] + counts[21] + counts[22], 500);
    for (int k = 11; k <= 22; k += k == 12 ? 9 : 1)
        assert_true(fabs(binomial_deviation(counts[k], 500, 0.25)) < NORMAL_LIMIT);
    group_destroy(&group);
}

/* ---- a value belongs to its node ---- */

static void check_partition(const struct partition_scheme *scheme, int n_ranks)
{
    struct group whole;
    group_create(MODEL "population cells[53] : m { a = i + redraw(randn(), 0, 1); b = 1/a; v = redraw(a + randn(), i, i + 1) }",
                 1, &whole);
    for (int rank = 0; rank < n_ranks; rank++) {
        struct nodes local_nodes;
        nodes_create(whole.plan->script, &whole.plan->nodes[0], NULL, (struct partition){scheme, n_ranks}, rank, 1, &local_nodes);
        for (node_local node = 0; node < local_nodes.n; node++)
            for (int slot = 0; slot < local_nodes.plan->n_slots; slot++) {
                node_index index = nodes_index(&local_nodes, node);
                double here = nodes_block(&local_nodes, node / LANES)[slot * LANES + node % LANES];
                assert_true(here == nodes_block(&whole.nodes, index / LANES)[slot * LANES + index % LANES]);
            }
        nodes_release(&local_nodes);
    }
    group_destroy(&whole);
}

static void test_partitions(void **state)
{
    check_partition(&partition_round_robin, 3);
    check_partition(&partition_round_robin, 5);
    check_partition(&partition_block, 3);
}

/* ---- what is refused ---- */

static void check_refused(const char *text, node_id expected_node, const char *expected)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, text);
    struct fault fault = {0};
    node_id node = 0;
    int status = node_values_check(plan, (struct partition){&partition_round_robin, 1}, 0, &node, &fault);
    assert_fault(&fault, status, text, expected);
    assert_int_equal(node, expected_node);
    arena_destroy(&arena);
}

static void test_refusals(void **state)
{
    check_refused(MODEL "population others[7] : m\npopulation cells[20] : m { a = redraw(rand(), where(i < 13, 0, 2), 3) }",
                  7 + 13,
                  "'a' of node 13 of population 'cells' was drawn 100000 times and never lay within the bounds of 'redraw'");
    check_refused(MODEL "population cells[20] : m { a = redraw(log(-rand()), -inf, inf) }", 0, "'a' of node 0");
}

#define RANGES                                                                                            \
    "neuron model m { tau : ms = 10 ms in (0, inf)\n n : integer = 1 in [1, 5]\n U : 1 = 0.5 in [0, 1)\n" \
    "    dv/dt = -v/tau : mV = 0 mV in [-1, 1]\n method euler }\n"

/* A value outside of the range that the model declares, and the place in the file. */
static void test_ranges(void **state)
{
    check_refused(RANGES "population others[4] : m { tau = 1 ms + rand()*ms }\npopulation cells[20] : m { tau = 1 ms*(12 - i) }",
                  4 + 12, "error: 'tau' of node 12 of population 'cells' = 0 ms is outside its range (0, inf) ms");
    check_refused(RANGES "population cells[20] : m { U = 0.25 + i/8 }", 6,
                  ":6:32: error: 'U' of node 6 of population 'cells' = 1 is");
    check_refused(RANGES "population cells[20] : m { n = 1 + i }", 5,
                  "'n' of node 5 of population 'cells' = 6 is outside its range");
    check_refused(RANGES "population cells[20] : m { v = 0.1 mV*i }", 11,
                  "'v' of node 11 of population 'cells' = 1.1 mV is outside");
    check_refused(RANGES "population cells[20] : m { v = 1 mV*log(1 - i) }", 1, "= -inf mV is outside");
    check_refused(RANGES "population cells[20] : m { v = 1 mV*sqrt(1 - i) }", 2,
                  "'v' of node 2 of population 'cells' is not a number");
    /* of several the first node's; and what follows from a refused value is not blamed */
    check_refused(RANGES "population cells[20] : m { U = v/mV; v = 1 mV*(i - 7); tau = 1 ms*(15 - i) }", 0, "'v' of node 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_truncated_normal), cmocka_unit_test(test_first_round), cmocka_unit_test(test_several),
        cmocka_unit_test(test_partitions),       cmocka_unit_test(test_refusals),    cmocka_unit_test(test_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
