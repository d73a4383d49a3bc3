/* The engine as a whole, on one rank: the same run in any pieces and on any number of threads, what observers see, faults, and
 * that a steady network allocates nothing. */
#include "engine/engine.h"
#include "leak_fixture.h"
#include "plan_fixture.h"

#define NEURONS                                                                                                            \
    "neuron model lif { drive : 1 = 1.2\n receive spike(J : 1) { g += J }\n receive I : 1\n"                               \
    "dv/dt = (drive + g + I - v)/(10 ms) : 1 (unless refractory)\n dg/dt = -g/(5 ms) : 1\n S = where(g > 0.1, g, 0) : 1\n" \
    "threshold v > 1\n reset { v = 0 }\n refractory 2 ms }\n"                                                              \
    "synapse model gap { w : 1 = 1\n delay = 0.8 ms\n I_post = w*S_pre : 1 (summed) }\n"

/* Everything at once: spikes with and without state, couplings, Poisson and listed spikes. Min-delay is 0.5 ms, 5 steps. */
#define NETWORK                                                                                                         \
    NEURONS "population a[37] : lif { v = rand(); drive = 0.9 + 0.2*rand() }\npopulation b[21] : lif { drive = 1.1 }\n" \
            "population noise : poisson_generator { rate = 500 Hz }\n"                                                  \
            "population kicks[2] : spike_generator { spike_times = [2, 2, 7.3] ms }\n"                                  \
            "connect noise -> a + b by all_to_all using static { weight = 0.1 }\n"                                      \
            "connect kicks -> a by all_to_all using static { weight = 0.2; delay = 0.5 ms }\n"                          \
            "connect a -> b by pairwise_bernoulli(0.3) using tsodyks { weight = 0.3; delay = 1.3 ms }\n"                \
            "connect b -> a by pairwise_bernoulli(0.3) using static { weight = -0.2; delay = 0.7 ms }\n"                \
            "connect gaps : b -> a by pairwise_bernoulli(0.2) using gap { w = 0.05 }\n"

/* ---- a run ---- */

struct seen {
    struct spike *spikes[8]; /* [population][n_spikes] */
    uint64_t n_spikes[8], capacity[8];
    double *samples; /* of the first probe */
    uint64_t n_samples, samples_capacity;
    uint64_t n_sent;
    step_count end; /* of the last interval */
};

struct simulation {
    struct arena *arena;
    struct plan *plan;
    struct network *network;
    struct kernels *kernels;
    struct engine *engine;
    struct observer observer;
    struct seen seen;
};

static int look(void *context, const struct interval_view *view, struct fault *fault)
{
    struct simulation *simulation = context;
    struct seen *seen = &simulation->seen;
    assert_int_equal(view->begin, seen->end);
    seen->end = view->end;
    for (int p = 0; p < simulation->plan->script->n_populations; p++)
        for (uint64_t k = 0; k < view->spikes[p].n; k++) {
            const struct spike *spike = &view->spikes[p].spikes[k], *before = k ? spike - 1 : NULL;
            assert_in_range(spike->step, view->begin, view->end - 1);
            assert_true(!before || before->step < spike->step || (before->step == spike->step && before->local < spike->local));
            *MEMORY_PUSH(seen->spikes[p], seen->n_spikes[p], seen->capacity[p], struct spike, RECORDING) = *spike;
        }
    for (uint32_t k = 0; view->n_probes && k < view->probes[0].n_frames * view->probes[0].n_nodes; k++)
        *MEMORY_PUSH(seen->samples, seen->n_samples, seen->samples_capacity, double, RECORDING) = view->probes[0].values[k];
    for (int k = 0; k < view->n_sent; k++)
        seen->n_sent += view->sent[k].n;
    return 0;
}

static void simulation_create(const char *text, int n_threads, struct probe *probes, int n_probes, const bool *sent,
                              struct simulation *simulation)
{
    struct fault fault = {0};
    *simulation = (struct simulation){.arena = arena_create(), .observer = {simulation, look}};
    simulation->plan = plan_of_text(simulation->arena, text);
    if (network_create(simulation->plan->script, (struct partition){&partition_round_robin, 1}, MPI_COMM_SELF,
                       &simulation->network, &fault))
        fail_msg("%s", fault.text);
    kernels_create(simulation->plan, true, MPI_COMM_SELF, &simulation->kernels);
    const struct engine_options options = {.n_threads = n_threads,
                                           .probes = probes,
                                           .n_probes = n_probes,
                                           .sent = sent,
                                           .observers = &simulation->observer,
                                           .n_observers = 1};
    if (engine_create(simulation->arena, simulation->plan, simulation->network, simulation->kernels, &options,
                      &simulation->engine, &fault))
        fail_msg("%s", fault.text);
}

static void simulation_advance(struct simulation *simulation, step_count end)
{
    struct fault fault = {0};
    if (engine_advance(simulation->engine, end, &fault))
        fail_msg("%s", fault.text);
    assert_int_equal(engine_now(simulation->engine), end);
    assert_int_equal(simulation->seen.end, end);
}

static void simulation_destroy(struct simulation *simulation)
{
    for (int p = 0; p < 8; p++)
        memory_free(simulation->seen.spikes[p]);
    memory_free(simulation->seen.samples);
    engine_destroy(&simulation->engine);
    kernels_destroy(&simulation->kernels);
    network_destroy(&simulation->network);
    arena_destroy(&simulation->arena);
}

static void assert_same_run(const struct simulation *a, const struct simulation *b)
{
    for (int p = 0; p < a->plan->script->n_populations; p++) {
        assert_int_equal(a->seen.n_spikes[p], b->seen.n_spikes[p]);
        for (uint64_t k = 0; k < a->seen.n_spikes[p]; k++) {
            assert_int_equal(a->seen.spikes[p][k].step, b->seen.spikes[p][k].step);
            assert_int_equal(a->seen.spikes[p][k].local, b->seen.spikes[p][k].local);
            assert_int_equal(a->seen.spikes[p][k].multiplicity, b->seen.spikes[p][k].multiplicity);
        }
    }
    assert_int_equal(a->seen.n_samples, b->seen.n_samples);
    assert_memory_equal(a->seen.samples, b->seen.samples, a->seen.n_samples * sizeof(double));
    assert_int_equal(a->seen.n_sent, b->seen.n_sent);
}

/* ---- the same run ---- */

static const node_local all_of_a[37] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18,
                                        19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36};

/* To step 300 in pieces of `piece` steps, on some threads; all of v is recorded every 3 steps. */
static void run_in_pieces(step_count piece, int n_threads, struct simulation *simulation)
{
    static struct probe probe;
    static bool sent[16] = {[2] = true, [3] = true}; /* a -> b and b -> a */
    probe = (struct probe){.population = 0, .variable = "v", .every = 3, .end = 300, .n_nodes = 37, .local = all_of_a};
    struct fault fault = {0};
    simulation_create(NETWORK, n_threads, &probe, 1, sent, simulation);
    for (step_count end = piece; end < 300; end += piece)
        simulation_advance(simulation, end);
    simulation_advance(simulation, 300);
    assert_int_equal(engine_finish(simulation->engine, &fault), 0);
}

static void test_pieces_and_threads(void **state)
{
    struct simulation whole, other;
    run_in_pieces(300, 1, &whole);
    assert_int_equal(engine_interval(whole.engine), 5);
    assert_true(whole.seen.n_spikes[0] > 20 && whole.seen.n_spikes[1] > 20);
    assert_true(engine_spikes(whole.engine, 0) == whole.seen.n_spikes[0]);
    assert_int_equal(whole.seen.n_samples, 37 * 100);
    const struct {
        step_count piece;
        int n_threads;
    } runs[] = {{300, 2}, {300, 3}, {1, 1}, {7, 2}, {123, 1}};
    for (size_t k = 0; k < sizeof runs / sizeof *runs; k++) {
        run_in_pieces(runs[k].piece, runs[k].n_threads, &other);
        assert_same_run(&whole, &other);
        simulation_destroy(&other);
    }
    simulation_destroy(&whole);
}

/* With one thread so many that every other interval begins with the last blocks; with four it begins with the first ones. */
static void test_blocks_backwards(void **state)
{
    static const node_local some[] = {3, 3999, 5999};
    struct simulation simulations[2];
    for (int k = 0; k < 2; k++) {
        struct probe probe = {.population = 0, .variable = "v", .every = 1, .n_nodes = 3, .local = some};
        simulation_create(NEURONS "population cells[6000] : lif { v = rand(); drive = 2 + rand() }\n"
                                  "synapse model now { weight : port = 0.01\n delay = 0 ms\n on_pre { send weight } }\n"
                                  "connect cells -> cells by fixed_outdegree(3) using now",
                          k == 0 ? 1 : 4, &probe, 1, NULL, &simulations[k]);
        assert_int_equal(engine_interval(simulations[k].engine), 1);
        simulation_advance(&simulations[k], 33);
        simulation_advance(&simulations[k], 80);
    }
    assert_true(simulations[0].seen.n_spikes[0] > 1000);
    assert_same_run(&simulations[0], &simulations[1]);
    simulation_destroy(&simulations[0]);
    simulation_destroy(&simulations[1]);
}

/* Listed spikes: all nodes, in the listed steps, twice where the list says so; stamps are the ends of steps. */
static void test_listed_spikes(void **state)
{
    struct simulation simulation;
    simulation_create(NETWORK, 1, NULL, 0, NULL, &simulation);
    simulation_advance(&simulation, 300);
    const struct spike *spikes = simulation.seen.spikes[3];
    assert_int_equal(simulation.seen.n_spikes[3], 4);
    assert_int_equal(engine_spikes(simulation.engine, 3), 6);
    for (uint32_t k = 0; k < 4; k++) {
        assert_int_equal(spikes[k].step, k < 2 ? 19 : 72);
        assert_int_equal(spikes[k].local, k % 2);
        assert_int_equal(spikes[k].multiplicity, k < 2 ? 2 : 1);
    }
    simulation_destroy(&simulation);
}

/* Every synapse of a row that a spike reaches is reported, also for spikes still on their way at the end. */
static void test_sent(void **state)
{
    struct simulation simulation;
    bool sent[16] = {[3] = true}; /* b -> a */
    struct fault fault = {0};
    simulation_create(NETWORK, 2, NULL, 0, sent, &simulation);
    simulation_advance(&simulation, 211);
    assert_int_equal(engine_finish(simulation.engine, &fault), 0);
    const struct edges *edges = &simulation.network->edges[simulation.network->connection_begin[3]];
    uint64_t expected = 0;
    for (uint64_t k = 0; k < simulation.seen.n_spikes[1]; k++) {
        int64_t row = edges_row(edges, simulation.seen.spikes[1][k].local);
        expected += row < 0 ? 0 : edges->row_begin[row + 1] - edges->row_begin[row];
    }
    assert_true(expected > 100);
    assert_int_equal(simulation.seen.n_sent, expected);
    simulation_destroy(&simulation);
}

/* ---- probes ---- */

/* v counts steps: the sample at step n shows the state before the step, some nodes of some blocks, at first, first + every, … */
static void check_probe(step_count first, step_count every, const node_local *local, uint32_t n)
{
    struct simulation simulation;
    struct probe probe = {
        .population = 1, .variable = "y", .first = first, .every = every, .end = INT64_MAX, .n_nodes = n, .local = local};
    simulation_create(
        "neuron model idle { v : 1 = 0 }\n"
        "neuron model m { dv/dt = 1/(0.1 ms) : 1 = 5\n y = 1000*i + v + t_in_timesteps/1024 : 1\n threshold v > 1e6\n"
        "receive spike(J : 1) { v += J } }\n"
        "population other : idle\npopulation cells[30] : m\n"
        "connect cells -> cells by one_to_one using static { delay = 0.9 ms }",
        2, &probe, 1, NULL, &simulation);
    simulation_advance(&simulation, 50);
    simulation_advance(&simulation, 77);
    uint64_t k = 0;
    for (step_count step = first; step < 77; step += every)
        for (uint32_t node = 0; node < n; node++, k++)
            assert_relative(simulation.seen.samples[k], 1000.0 * local[node] + 5.0 + (double)step * (1 + 1.0 / 1024), 1e-14,
                            "sample");
    assert_int_equal(simulation.seen.n_samples, k);
    simulation_destroy(&simulation);
}

static void test_probes(void **state)
{
    const node_local some[] = {0, 7, 8, 25, 29};
    check_probe(0, 1, some, 5);
    check_probe(0, 10, some, 5);
    check_probe(13, 7, some + 2, 2);
    check_probe(76, 100, some + 4, 1);
    check_probe(77, 1, some, 5);
    check_probe(500, 3, some, 5);
}

/* ---- faults ---- */

/* The first step, then the first node, whoever computes it. */
static void check_fault(int n_threads)
{
    struct simulation simulation;
    struct fault fault = {0};
    simulation_create(NEURONS "neuron model growing { dbig/dt = big*big/(0.1 ms) : 1\n method euler }\n"
                              "population calm[9] : lif\npopulation cells[40] : growing\n"
                              "connect calm -> calm by one_to_one using static { delay = 3 ms }\n"
                              "cells.big = where(i == 13 or i == 30, 2, where(i == 5, 1, 0))",
                      n_threads, NULL, 0, NULL, &simulation);
    int step = 0;
    for (double big = 2; isfinite(big); step++)
        big += big * big;
    assert_int_equal(engine_advance(simulation.engine, 300, &fault), FAULT_RUN);
    char expected[128];
    snprintf(expected, sizeof expected, "variable 'big' of node 13 of population 'cells' became infinite at t = %.10g ms",
             0.1 * step);
    if (!strstr(fault.text, expected))
        fail_msg("'%s' should say '%s'", fault.text, expected);
    assert_int_equal(engine_now(simulation.engine), 0); /* the interval of 30 steps was not shown */
    assert_int_equal(simulation.seen.end, 0);
    fault_clear(&fault);
    simulation_destroy(&simulation);
}

static void test_fault(void **state)
{
    check_fault(1);
    check_fault(3);
}

/* Two nodes in one interval that begins with the last blocks. */
static void test_fault_backwards(void **state)
{
    struct simulation simulation;
    struct fault fault = {0};
    simulation_create("neuron model m { dv/dt = v*v/(0.1 ms) : 1 = 0\n receive spike(J : 1) { v += J }\n"
                      "threshold v < 0\n method euler }\npopulation cells[6000] : m\n"
                      "cells.v = where(i == 100 or i == 5000, 1e40, 0)\n"
                      "synapse model now { weight : port = 1\n delay = 0 ms\n on_pre { send weight } }\n"
                      "connect cells -> cells by one_to_one using now",
                      1, NULL, 0, NULL, &simulation);
    assert_int_equal(engine_advance(simulation.engine, 9, &fault), FAULT_RUN);
    if (!strstr(fault.text, "of node 100 of"))
        fail_msg("'%s' should name node 100", fault.text);
    fault_clear(&fault);
    simulation_destroy(&simulation);
}

/* ---- memory ---- */

/* When its lists have found their size, a network in a steady rhythm allocates nothing. (The history has a list for each step of
 * its ring, so this takes as many bursts as it has steps.) */
static void test_steady_state_allocates_nothing(void **state)
{
    struct arena *arena = arena_create();
    struct fault fault = {0};
    struct engine *engine;
    struct network *network;
    struct kernels *kernels;
    struct plan *plan = plan_of_text(arena,
                                     NEURONS "population a[50] : lif\npopulation noise : poisson_generator { rate = 5000 Hz }\n"
                                             "neuron model sink { receive spike(J : 1) { g += J }\n receive I : 1\n"
                                             "dg/dt = (I - g)/(5 ms) : 1 }\npopulation b[20] : sink\n"
                                             "connect noise -> b by all_to_all using static\n"
                                             "connect a -> b by pairwise_bernoulli(0.3) using tsodyks\n"
                                             "connect gaps : a -> b by pairwise_bernoulli(0.3) using gap");
    struct probe probe = {.population = 0, .variable = "v", .every = 4, .end = INT64_MAX, .n_nodes = 37, .local = all_of_a};
    const bool sent[3] = {[1] = true};
    assert_int_equal(network_create(plan->script, (struct partition){&partition_round_robin, 1}, MPI_COMM_SELF, &network, &fault),
                     0);
    kernels_create(plan, true, MPI_COMM_SELF, &kernels);
    const struct engine_options options = {.n_threads = 2, .probes = &probe, .n_probes = 1, .sent = sent};
    assert_int_equal(engine_create(arena, plan, network, kernels, &options, &engine, &fault), 0);
    assert_int_equal(engine_advance(engine, 6000, &fault), 0);
    uint64_t allocations = memory_allocations();
    size_t used[MEMORY_TAG_COUNT];
    for (int tag = 0; tag < MEMORY_TAG_COUNT; tag++)
        used[tag] = memory_used((enum memory_tag)tag);
    uint64_t spikes = engine_spikes(engine, 0);
    assert_int_equal(engine_advance(engine, 9000, &fault), 0);
    assert_true(engine_spikes(engine, 0) >= spikes + 500);
    assert_int_equal(memory_allocations(), allocations);
    for (int tag = 0; tag < MEMORY_TAG_COUNT; tag++)
        assert_int_equal(memory_used((enum memory_tag)tag), used[tag]);
    engine_destroy(&engine);
    kernels_destroy(&kernels);
    network_destroy(&network);
    arena_destroy(&arena);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_pieces_and_threads, assert_no_leak),
        cmocka_unit_test_teardown(test_blocks_backwards, assert_no_leak),
        cmocka_unit_test_teardown(test_listed_spikes, assert_no_leak),
        cmocka_unit_test_teardown(test_sent, assert_no_leak),
        cmocka_unit_test_teardown(test_probes, assert_no_leak),
        cmocka_unit_test_teardown(test_fault, assert_no_leak),
        cmocka_unit_test_teardown(test_fault_backwards, assert_no_leak),
        cmocka_unit_test_teardown(test_steady_state_allocates_nothing, assert_no_leak),
    };
    MPI_Init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
