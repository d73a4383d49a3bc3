/* Values and delays of synapses: the same however rows are cut and by however many threads, with the distributions that the
 * script asks for, in no more memory than is estimated; and refused where they cannot be. */
#include "network/values.h"

#include <omp.h>

#include "plan_fixture.h"

/* Many parallel synapses, and unions. w is a second column, and uses the first. */
#define NETWORK                                                                                             \
    "synapse model s { weight : port = 1\n w : port = 0\n on_pre { send weight + w } }\n"                   \
    "neuron model m { receive spike(J : 1) { x += J }\n dx/dt = -x/ms : 1\n threshold x > 1 }\n"            \
    "population a[30] : m\npopulation b[41] : m\nlet both = b + a\n"                                        \
    "connect both -> both by fixed_total_number(20000) using s { weight = 2 + 0.5*randn(); w = weight**2\n" \
    "delay = redraw(1.5 ms + 0.75 ms*randn(), dt/2, inf*ms) }"

enum { N = 20000 };

struct synapse {
    int edges;
    node_index source;
    node_local target;
    uint16_t delay;
    double weight, w;
};

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct synapse));
}

static void assign(const char *text, int n_slabs, int n_threads, struct scene *scene)
{
    struct fault fault = {0};
    omp_set_num_threads(n_threads);
    scene_create(text, 1, scene);
    if (network_assign(scene->network, scene->plan, n_slabs, &fault))
        fail_msg("%s", fault.text);
    assert_true(network_is_valid(scene->network));
}

/* All synapses in an order that does not depend on how rows are cut. */
static void list(const struct network *network, struct synapse *synapses)
{
    uint64_t n = 0;
    memset(synapses, 0, N * sizeof *synapses); /* what lies between fields is compared, too */
    for (int e = 0; e < network->n_edges; e++) {
        const struct edges *edges = &network->edges[e];
        for (uint32_t row = 0; row < edges->n_rows; row++) {
            edge_count run = edges->slab_run[(size_t)row * (size_t)edges->n_slabs], begin = edges->row_begin[row];
            for (edge_count k = begin; k < edges->row_begin[row + 1]; k++, n++) {
                run += k - begin == edges->run_end[run];
                assert_true(n < N);
                synapses[n].edges = e;
                synapses[n].source = edges->row_source[row];
                synapses[n].target = edges->target_local[k];
                synapses[n].delay = edges->run_delay[run];
                synapses[n].weight = edges->columns[0][k];
                synapses[n].w = edges->columns[1][k];
            }
        }
    }
    assert_int_equal(n, N);
    qsort(synapses, N, sizeof *synapses, compare);
}

static void test_any_slabs_and_threads(void **state)
{
    struct scene scene;
    struct synapse *expected = MEMORY_NEW(N, struct synapse, TEMPORARY), *synapses = MEMORY_NEW(N, struct synapse, TEMPORARY);
    assign(NETWORK, 1, 1, &scene);
    list(scene.network, expected);
    scene_destroy(&scene);
    for (int n_slabs = 1; n_slabs <= 4; n_slabs++) {
        assign(NETWORK, n_slabs, 1 + n_slabs % 3, &scene);
        list(scene.network, synapses);
        assert_memory_equal(synapses, expected, N * sizeof *synapses);
        scene_destroy(&scene);
    }
    memory_free(expected);
    memory_free(synapses);
}

/* P(delay <= steps) of the normal distribution that is cut off below half a step, in steps */
static double delay_probability(double steps)
{
    const double mean = 15, sd = 7.5, cut = 0.5;
    double below = 0.5 * erfc((mean - cut) / sd / sqrt(2));
    return (0.5 * erfc((mean - steps - 0.5) / sd / sqrt(2)) - below) / (1 - below);
}

/* Kolmogorov's distance of N numbers is above 3.5/sqrt(N) with a probability of 5e-11. */
static void test_distributions(void **state)
{
    struct scene scene;
    struct synapse *synapses = MEMORY_NEW(N, struct synapse, TEMPORARY);
    uint32_t count[200] = {0}, n_low = 0;
    double limit = 3.5 / sqrt(N), steps = 0;
    assign(NETWORK, 2, 2, &scene);
    list(scene.network, synapses);
    for (int k = 0; k < N; k++) {
        assert_true(synapses[k].delay >= 1 && synapses[k].delay < 200);
        assert_relative(synapses[k].w, synapses[k].weight * synapses[k].weight, 1e-15, "w");
        count[synapses[k].delay]++;
        n_low += synapses[k].weight < 1.5; /* a standard deviation below the mean */
    }
    for (int delay = 1; delay < 200; delay++) {
        steps += count[delay];
        assert_true(fabs(steps / N - delay_probability(delay)) < limit);
    }
    assert_true(fabs((double)n_low / N - 0.158655253931457) < limit);
    assert_int_equal(scene.plan->min_delay, 1);
    assert_true(count[scene.plan->max_delay] > 0);
    for (step_count delay = scene.plan->max_delay + 1; delay < 200; delay++)
        assert_int_equal(count[delay], 0);
    scene_destroy(&scene);
    memory_free(synapses);
}

static void test_memory_is_estimated(void **state)
{
    struct scene scene;
    size_t before = memory_peak();
    assign("neuron model m { receive spike(J : 1) { x += J }\n dx/dt = -x/ms : 1\n threshold x > 1 }\npopulation a[2000] : m\n"
           "connect a -> a by fixed_indegree(1000) using static { weight = randn(); delay = 0.1 ms + 2 ms*rand() }",
           1, 1, &scene);
    double bytes = network_bytes(scene.plan->script, 1) + values_bytes(scene.plan, 1) + (2 << 20);
    assert_true((double)(memory_peak() - before) < bytes);
    scene_destroy(&scene);
}

/* Each in the second of two connections, by an expression in the last line. */
static void check_refused(const char *settings, const char *expected)
{
    struct scene scene;
    struct fault fault = {0};
    char text[1024];
    snprintf(text, sizeof text,
             "synapse model s { weight : port = 1; delay = 1 ms\n gain : 1 = 0.5 in [0, 1]\n on_pre { send weight*gain } }\n"
             "neuron model m { receive spike(J : 1) { x += J }\n dx/dt = -x/ms : 1\n threshold x > 1 }\npopulation a[9] : m\n"
             "connect a -> a by all_to_all using s { weight = randn() }\n"
             "connect c : a -> a by all_to_all using s { %s }",
             settings);
    scene_create(text, 1, &scene);
    assert_int_equal(network_assign(scene.network, scene.plan, 2, &fault), FAULT_INPUT);
    if (!strstr(fault.text, expected) || !strstr(fault.text, "test:9:"))
        fail_msg("%s\ndoes not say\n%s", fault.text, expected);
    fault_clear(&fault);
    scene_destroy(&scene);
}

static void test_refusals(void **state)
{
    check_refused("gain = 1.1 + 0.01*rand()", "'gain' of the synapse from a[0] to a[0] in 'c' = 1.1");
    check_refused("gain = -rand()", "is outside its range [0, 1]");
    check_refused("gain = log(-1 - rand())", "is not a number (NaN)");
    check_refused("gain = redraw(rand(), 2, 3)", "'gain' of the synapse from a[0] to a[0] in 'c' was drawn 100000 times");
    check_refused("delay = -1 ms*rand()", "the delay of the synapse from a[0] to a[0] in 'c' is -");
    check_refused("delay = -0.04 ms*rand()", "but must be from 0 to 65535 steps");
    check_refused("delay = 6554 ms + rand()*ms", "but must be from 0 to 65535 steps");
    check_refused("gain = [0.1, 0.2]", "'gain' needs one number for each of the 81 synapses, but this list has 2");
    check_refused("delay = [1, 2] ms", "'delay' needs one number for each of the 81 synapses, but this list has 2");
    check_refused("delay = redraw(rand()*ms, 2 ms, 3 ms)", "'delay' of the synapse from a[0] to a[0] in 'c' was drawn");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_slabs_and_threads),
        cmocka_unit_test(test_distributions),
        cmocka_unit_test(test_memory_is_estimated),
        cmocka_unit_test(test_refusals),
    };
    MPI_Init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
