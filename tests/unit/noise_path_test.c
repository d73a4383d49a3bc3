/* Noise that is drawn where it arrives: mean, standard deviation and its modulation, independence, the steps in which it changes,
 * and that neither threads nor intervals matter. The false-alarm rate of each statistical check is 1e-7; there are a few hundred.
 */
#include "engine/noise_path.h"
#include "plan_fixture.h"
#include "statistics.h"

#define STEPS 60
#define TARGETS 1003
#define NEURON "neuron model m { receive other : 1\n receive I_stim : pA\n dv/dt = -v/ms : 1 }\n"

static void create_path(struct scene *scene, int edges, struct noise_path *path)
{
    struct edges *piece = &scene->network->edges[edges];
    noise_path_create(&scene->plan->connections[piece->connection], piece,
                      scene->plan->connections[piece->connection].connection->delay, scene->plan->script,
                      &scene->plan->nodes[piece->source], &scene->nodes[piece->target], path);
}

/* What one piece of a text's connections adds in its first STEPS steps, in pA: [STEPS][TARGETS]. Delivered in intervals, and in
 * two ranges of targets. */
static void currents_of(const char *text, int edges, int interval, node_local split, double *currents)
{
    struct scene scene;
    struct noise_path path;
    scene_create(text, STEPS, &scene);
    create_path(&scene, edges, &path);
    struct nodes *target = &scene.nodes[scene.network->edges[edges].target];
    for (int begin = 0; begin < STEPS; begin += interval) {
        int end = begin + interval < STEPS ? begin + interval : STEPS;
        tile_clear(&target->inputs, target);
        noise_path_prepare(&path, begin, end);
        noise_path_deliver(&path, target, begin, end, 0, split);
        noise_path_deliver(&path, target, begin, end, split, target->n_blocks * LANES);
        for (int step = begin; step < end; step++)
            for (node_local node = 0; node < TARGETS; node++) {
                assert_true(*tile_value(&target->inputs, step - begin, 0, node) == 0);
                currents[step * TARGETS + (int)node] = 1e12 * *tile_value(&target->inputs, step - begin, 1, node);
            }
    }
    noise_path_release(&path);
    scene_destroy(&scene);
}

static double *new_currents(void)
{
    return MEMORY_NEW(STEPS * TARGETS, double, TEMPORARY);
}

static double mean_of(const double *x, int n)
{
    double sum = 0;
    for (int k = 0; k < n; k++)
        sum += x[k];
    return sum / n;
}

/* Mean, variance and the number beyond two standard deviations, of normal numbers. */
static void check_normal(const double *x, int n, double mean, double deviation)
{
    const double beyond_two = 0.045500263896358;
    double squares = 0;
    int beyond = 0;
    assert_true(fabs(mean_of(x, n) - mean) < NORMAL_LIMIT * deviation / sqrt(n));
    for (int k = 0; k < n; k++) {
        squares += pow((x[k] - mean) / deviation, 2);
        beyond += fabs(x[k] - mean) > 2 * deviation;
    }
    assert_true(squares < chi_square_limit(n));
    assert_true(fabs(squares - n) < 1.1 * NORMAL_LIMIT * sqrt(2.0 * n)); /* all but normal for so many */
    assert_true(fabs(binomial_deviation(beyond, n, beyond_two)) < NORMAL_LIMIT);
}

static void check_uncorrelated(const double *a, const double *b, int n)
{
    double mean_a = mean_of(a, n), mean_b = mean_of(b, n), aa = 0, bb = 0, ab = 0;
    for (int k = 0; k < n; k++) {
        aa += (a[k] - mean_a) * (a[k] - mean_a);
        bb += (b[k] - mean_b) * (b[k] - mean_b);
        ab += (a[k] - mean_a) * (b[k] - mean_b);
    }
    assert_true(fabs(ab / sqrt(aa * bb)) * sqrt(n) < NORMAL_LIMIT);
}

/* ---- what is drawn ---- */

/* The first draw is of step 1 (NEST sends the first current in its first step), the next ones come every 0.5 ms; all arrive twice
 * as large and 1.2 ms later. */
static void test_law_and_steps(void **state)
{
    double *currents = new_currents();
    currents_of(NEURON "population cells[1003] : m\n"
                       "population noise : noise_generator { mean = 30 pA; std = 8 pA; interval = 0.5 ms }\n"
                       "connect noise -> cells by all_to_all using current { weight = 2; delay = 1.2 ms }",
                0, STEPS, TARGETS, currents);
    for (int step = 0; step < STEPS; step++) {
        const double *row = currents + step * TARGETS;
        if (step < 13)
            assert_true(mean_of(row, TARGETS) == 0 && row[5] == 0);
        else if ((step - 13) % 5)
            assert_memory_equal(row, row - TARGETS, TARGETS * sizeof(double));
        else
            check_normal(row, TARGETS, 60, 16);
    }
    for (int piece = 13; piece + 5 < STEPS; piece += 5)
        check_uncorrelated(currents + piece * TARGETS, currents + (piece + 5) * TARGETS, TARGETS);
    memory_free(currents);
}

/* variance = std^2 + std_mod^2 sin(2 pi (f t + phase/360)), t being when the device draws */
static void test_modulation(void **state)
{
    double *currents = new_currents();
    currents_of(NEURON "population cells[1003] : m\n"
                       "population noise : noise_generator { mean = -5 pA; std = 8 pA; std_mod = 7.5 pA; frequency = 300 Hz;\n"
                       "    phase = 40; interval = 0.3 ms; origin = 0.2 ms; start = 0.5 ms; stop = 5 ms }\n"
                       "connect noise -> cells by all_to_all using current { delay = 0.1 ms }",
                0, STEPS, TARGETS, currents);
    for (int step = 0; step < STEPS; step++) {
        double drawn = 1e-4 * (7 + (step - 8) / 3 * 3);
        double wave = sin(2 * M_PI * (300 * drawn + 40.0 / 360));
        if (step < 8 || step >= 53)
            assert_true(currents[step * TARGETS] == 0);
        else
            check_normal(currents + step * TARGETS, TARGETS, -5, sqrt(64 + 7.5 * 7.5 * wave));
    }
    memory_free(currents);
}

/* ---- independence ---- */

static void test_every_connection_draws_its_own(void **state)
{
    const char *text = NEURON "population a[1003] : m\npopulation b[1003] : m\n"
                              "population x : noise_generator { std = 1 pA; interval = dt }\n"
                              "population y : noise_generator { std = 1 pA; interval = dt }\n"
                              "connect x + y -> a + b by all_to_all using current { delay = dt }\n"
                              "connect again : x -> a by all_to_all using current { delay = dt }";
    enum { PIECES = 5, N = (STEPS - 3) * TARGETS };
    double *currents[PIECES];
    for (int k = 0; k < PIECES; k++)
        currents_of(text, k, STEPS, TARGETS, currents[k] = new_currents());
    for (int k = 0; k < PIECES; k++) {
        const double *first = currents[k] + 2 * TARGETS;
        check_normal(first, N, 0, 1);
        check_uncorrelated(first, first + TARGETS, N); /* from step to step, and from target to target */
        check_uncorrelated(first, first + 1, N);
        for (int other = k + 1; other < PIECES; other++)
            check_uncorrelated(first, currents[other] + 2 * TARGETS, N);
    }
    for (int k = 0; k < PIECES; k++)
        memory_free(currents[k]);
}

/* Two devices with two connections each: the variances of what one target gets add up. */
static void test_parallel_connections_add_up(void **state)
{
    double *currents = new_currents();
    currents_of(NEURON "population cells[1003] : m\npopulation noise[2] : noise_generator { std = 1 pA; interval = dt }\n"
                       "connect noise -> cells by fixed_outdegree(4012) using current { delay = dt }",
                0, STEPS, TARGETS, currents);
    enum { N = (STEPS - 2) * TARGETS };
    double squares = 0; /* exactly 8 connections of variance 1 on average: 8 within 0.05, so this is ten times that */
    for (int k = 0; k < N; k++)
        squares += pow(currents[2 * TARGETS + k], 2) / N;
    assert_true(fabs(squares - 8) < 0.5);
    memory_free(currents);
}

/* ---- what does not matter ---- */

static void test_ranges_and_intervals_do_not_matter(void **state)
{
    const char *text = NEURON
        "population cells[1003] : m\n"
        "population noise[3] : noise_generator { mean = 1 pA; std = 2 pA; interval = 0.7 ms; stop = 4 ms }\n"
        "connect noise -> cells by pairwise_poisson(2) using current { weight = 0.3; delay = 0.4 ms }";
    const node_local splits[] = {0, 8, 512, 1000};
    const int intervals[] = {1, 4, 7, 32};
    double *expected = new_currents(), *currents = new_currents();
    currents_of(text, 0, STEPS, TARGETS, expected);
    for (size_t k = 0; k < sizeof splits / sizeof *splits; k++) {
        currents_of(text, 0, intervals[k], splits[k], currents);
        assert_memory_equal(currents, expected, STEPS * TARGETS * sizeof(double));
    }
    memory_free(expected);
    memory_free(currents);
}

/* ---- what cannot be drawn so ---- */

#define TARGET "population c : m\nconnect g -> c by all_to_all using current"

static void test_refusals(void **state)
{
    assert_unplanned(NEURON "population g { z = randn_per_connection(t_in_timesteps) : 1\n I = z*pA : pA }\n" TARGET,
                     "test:4:20: error: 'randn_per_connection' must be the whole right side of an equation of a device: NAME = "
                     "randn_per_connection(k) : 1");
    assert_unplanned("device model d { z = 2*randn_per_connection(t_in_timesteps) : 1 }",
                     "test:1:24: error: 'randn_per_connection' must be the whole right side of an equation of a device: NAME = "
                     "randn_per_connection(k) : 1");
    assert_unplanned("device model d { z = randn_per_connection(t/dt) : 1 }",
                     "test:1:43: error: 'randn_per_connection' needs a whole number, such as t_in_timesteps: a draw for each");
    assert_unplanned(NEURON "device model d { z = randn_per_connection(t_in_timesteps) : 1\n I = exp(z)*pA : pA }\n"
                            "population g : d\n" TARGET,
                     "test:5:6: error: 'I' must be linear in one randn_per_connection(), in this version: offset + scale*draw");
    assert_unplanned(NEURON
                     "device model d { z = randn_per_connection(t_in_timesteps) : 1\n dx/dt = -x/ms : pA\n I = z*x : pA }\n"
                     "population g : d\n" TARGET,
                     "test:6:2: error: 'I' is drawn for each connection, so it may depend on the time and on parameters that do "
                     "not change, in this version");
    assert_unplanned(NEURON "device model d { z = randn_per_connection(t_in_timesteps) : 1\n dx/dt = z/ms : 1 }\n"
                            "population g : d",
                     "test:4:22: error: what is drawn for each connection can be used by couplings (NAME_pre) only");
    assert_unplanned(NEURON "population g : noise_generator\npopulation h : dc_generator\npopulation c : m\n"
                            "connect g + h -> c by all_to_all using current",
                     "test:7:34: error: the sources of 'g_h__c__current' mix devices that draw for each connection with other "
                     "nodes: connect them apart");
    assert_unplanned("population g : noise_generator\nrecord I of g\nrun 1 ms",
                     "test:2:8: error: 'I' is drawn for each connection on its own: record the input of the targets instead");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_law_and_steps),
        cmocka_unit_test(test_modulation),
        cmocka_unit_test(test_every_connection_draws_its_own),
        cmocka_unit_test(test_parallel_connections_add_up),
        cmocka_unit_test(test_ranges_and_intervals_do_not_matter),
        cmocka_unit_test(test_refusals),
    };
    MPI_Init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
