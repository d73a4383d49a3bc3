/* A fan of several connections against the definition: every synapse by itself, with its own weight and delay. */
#include "engine/fan.h"
#include "leak_fixture.h"
#include "network/values.h"
#include "plan_fixture.h"

enum { INTERVAL = 4, STEPS = 80, SOURCES = 40, SYNAPSES_MAX = 4000 };

/* Where it arrives depends on the sign, so the port has two accumulators, of which a synapse meets one. */
#define MODELS                                                                                          \
    "neuron model m { receive spike(J : 1) { x += where(J > 0, J**3/7, 0); y += where(J < 0, J, 0) }\n" \
    "dx/dt = 0/ms : 1\n dy/dt = 0/ms : 1\n threshold x > 1e9 }\n"                                       \
    "population a[40] : m\npopulation b[50] : m\npopulation c[30] : m\n"
#define DELAY "delay = 0.4 ms + 0.1 ms*floor(20*rand())"

struct known_synapse {
    int target; /* population */
    node_index source;
    node_local local;
    step_count delay;
    double weight;
};

struct fan_setting {
    struct scene scene;
    struct fan fan;
    double *arrivals; /* of all populations */
    struct known_synapse synapses[SYNAPSES_MAX];
    int n_synapses;
};

static void know(struct fan_setting *setting, const struct edges *edges, double common)
{
    for (uint32_t row = 0; row < edges->n_rows; row++) {
        const edge_count *slab_run = &edges->slab_run[(size_t)row * (size_t)edges->n_slabs];
        uint32_t place = 0;
        for (edge_count run = slab_run[0]; run < slab_run[edges->n_slabs]; run++)
            for (; place < edges->run_end[run]; place++) {
                edge_count synapse = edges->row_begin[row] + place;
                assert_true(setting->n_synapses < SYNAPSES_MAX);
                setting->synapses[setting->n_synapses++] = (struct known_synapse){
                    edges->target, edges->row_source[row], edges->target_local[synapse], edges->run_delay[run],
                    edges->n_columns ? edges->columns[0][synapse] : common};
            }
    }
}

/* As engine/paths.c does it. */
static void join_arrivals(struct fan_setting *setting)
{
    struct nodes *nodes = setting->scene.nodes;
    size_t size = 0;
    for (int k = 0; k < 3; k++)
        size += nodes[k].n_blocks * nodes[k].arrivals.pitch;
    setting->arrivals = MEMORY_NEW(size, double, BUFFERS);
    size = 0;
    for (int k = 0; k < 3; k++) {
        memory_free(nodes[k].arrivals.values);
        nodes[k].arrivals.values = setting->arrivals + size;
        size += nodes[k].n_blocks * nodes[k].arrivals.pitch;
    }
}

static void fan_setting_create(const char *text, int n_slabs, double common, struct fan_setting *setting)
{
    struct fault fault = {0};
    *setting = (struct fan_setting){0};
    scene_create(text, INTERVAL, &setting->scene);
    const struct plan *plan = setting->scene.plan;
    if (network_assign(setting->scene.network, setting->scene.plan, n_slabs, &fault))
        fail_msg("%s", fault.text);
    join_arrivals(setting);
    for (int k = 0; k < setting->scene.network->n_edges; k++) {
        struct edges *edges = &setting->scene.network->edges[k];
        const struct nodes *target = &setting->scene.nodes[edges->target];
        struct fan_piece piece = {.edges = edges,
                                  .edges_index = k,
                                  .arrivals = &target->arrivals,
                                  .arrivals_begin = (size_t)(target->arrivals.values - setting->arrivals)};
        know(setting, edges, common);
        increments_create(&plan->connections[edges->connection], edges, plan->script, target, false, false, &piece.increments);
        assert_true(k == 0 || fan_takes(&setting->fan, &piece));
        fan_add(&setting->fan, &piece);
    }
    fan_finish(&setting->fan, plan->max_delay + INTERVAL);
}

static void fan_setting_destroy(struct fan_setting *setting)
{
    fan_release(&setting->fan);
    for (int k = 0; k < 3; k++)
        setting->scene.nodes[k].arrivals.values = NULL;
    memory_free(setting->arrivals);
    scene_destroy(&setting->scene);
}

/* How often a source spikes in a step: seldom, now and then three times. */
static int multiplicity_of(node_index source, step_count step)
{
    uint64_t h = (source * 2654435761u + (uint64_t)step * 40503u) % 97;
    return step < 0 || h > 20 ? 0 : h == 3 ? 3 : 1;
}

static void remember(struct history *history, step_count begin, step_count end)
{
    history_begin(history, begin, end);
    for (step_count step = begin; step < end; step++)
        for (node_index source = 0; source < SOURCES; source++)
            if (multiplicity_of(source, step))
                history_add(history, 0, step, (struct past_spike){source, (uint32_t)multiplicity_of(source, step)});
    history_end(history, begin, end);
}

/* Returns how much arrived. */
static double check_step(const struct fan_setting *setting, step_count step, int offset)
{
    double expected[3][2][64] = {{{0}}}, all = 0;
    for (int k = 0; k < setting->n_synapses; k++) {
        const struct known_synapse *synapse = &setting->synapses[k];
        int n = multiplicity_of(synapse->source, step - synapse->delay);
        double J = synapse->weight;
        expected[synapse->target][0][synapse->local] += n * (J > 0 ? J * J * J / 7 : 0);
        expected[synapse->target][1][synapse->local] += n * (J < 0 ? J : 0);
    }
    for (int population = 1; population < 3; population++)
        for (int kind = 0; kind < 2; kind++)
            for (node_local node = 0; node < setting->scene.nodes[population].n; node++) {
                double value = *tile_value(&setting->scene.nodes[population].arrivals, offset, kind, node);
                assert_relative(value, expected[population][kind][node], 1e-13, "arrival");
                all += fabs(value);
            }
    return all;
}

static void check(const char *text, int n_slabs, double common)
{
    struct fan_setting *setting = MEMORY_NEW(1, struct fan_setting, TEMPORARY);
    struct history history;
    double all = 0;
    fan_setting_create(text, n_slabs, common, setting);
    history_create(3, setting->scene.plan->max_delay + INTERVAL, &history);
    for (step_count begin = 0; begin < STEPS; begin += INTERVAL) {
        for (int k = 0; k < 3; k++)
            tile_clear(&setting->scene.nodes[k].arrivals, &setting->scene.nodes[k]);
        for (int slab = 0; slab < n_slabs; slab++)
            fan_expect(&setting->fan, slab, &history, begin - INTERVAL, begin);
        for (int slab = n_slabs; slab-- > 0;)
            fan_deliver(&setting->fan, slab, setting->arrivals, begin, begin + INTERVAL);
        for (step_count step = begin; step < begin + INTERVAL; step++)
            all += check_step(setting, step, (int)(step - begin));
        remember(&history, begin, begin + INTERVAL);
    }
    assert_true(all > 0);
    history_release(&history);
    fan_setting_destroy(setting);
    memory_free(setting);
}

#define BOTH(using) \
    MODELS "connect a -> b by pairwise_bernoulli(0.4) using " using "\nconnect a -> c by fixed_indegree(9) using " using

static void test_weights_and_delays(void **state)
{
    const char *positive = BOTH("static { weight = 0.1 + rand(); " DELAY " }");
    const char *either = BOTH("static { weight = rand() - 0.5; " DELAY " }");
    for (int n_slabs = 1; n_slabs <= 4; n_slabs++) {
        check(positive, n_slabs, 0);
        check(either, n_slabs, 0);
        check(BOTH("static { weight = rand() - 0.5; delay = 0.7 ms }"), n_slabs, 0);
        check(BOTH("static { weight = 0.25; " DELAY " }"), n_slabs, 0.25);
    }
}

/* Numbers that have single precision are kept in it: where the port passes them on as they are. */
static void test_single_precision(void **state)
{
    struct fan_setting *setting = MEMORY_NEW(1, struct fan_setting, TEMPORARY);
    const char *text = BOTH("static_single { weight = -rand(); " DELAY " }");
    fan_setting_create(text, 2, 0, setting);
    assert_non_null(setting->fan.singles);
    assert_null(setting->fan.values);
    fan_setting_destroy(setting);
    memory_free(setting);
    check(text, 2, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_weights_and_delays, assert_no_leak),
        cmocka_unit_test_teardown(test_single_precision, assert_no_leak),
    };
    MPI_Init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
