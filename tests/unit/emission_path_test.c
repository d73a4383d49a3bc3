/* Poisson and binomial input drawn where it arrives: the law of the counts, their independence, the window, and that threads do
 * not matter. The false-alarm rate of each chi-square and correlation test is 1e-7. */
#include "engine/emission_path.h"
#include "network/values.h"
#include "plan_fixture.h"
#include "statistics.h"

#define STEPS 25
#define TARGETS 1003

#define NEURON                                                                                         \
    "neuron model m { receive spike(J : 1) { up += where(J > 0, J, 0); down += where(J > 0, 0, J) }\n" \
    "dup/dt = -up/ms : 1\n ddown/dt = -down/ms : 1 }\n"

static void create_path(struct scene *scene, int edges, struct emission_path *path)
{
    struct edges *piece = &scene->network->edges[edges];
    struct fault fault = {0};
    assert_int_equal(network_assign(scene->network, scene->plan, 2, &fault), 0);
    emission_path_create(&scene->plan->connections[piece->connection], piece,
                         scene->plan->connections[piece->connection].connection->delay, scene->plan->script,
                         &scene->plan->nodes[piece->source], &scene->nodes[piece->target], false, path);
}

/* One interval, delivered in two ranges. */
static void run_path(struct emission_path *path, struct nodes *target, step_count begin, step_count end, node_local split)
{
    tile_clear(&target->arrivals, target);
    struct emission_excess excess = {0};
    emission_path_prepare(path, begin, end, &excess);
    assert_false(excess.found);
    emission_path_deliver(path, target, begin, end, 0, split);
    emission_path_deliver(path, target, begin, end, split, target->n_blocks * LANES);
}

/* Counts of one interval, [STEPS][TARGETS], that the generators of a text send to a population over one piece. */
static void counts_of(const char *text, int edges, node_local split, double *counts)
{
    struct scene scene;
    struct emission_path path;
    scene_create(text, STEPS, &scene);
    create_path(&scene, edges, &path);
    struct nodes *target = &scene.nodes[scene.network->edges[edges].target];
    run_path(&path, target, 100, 100 + STEPS, split);
    for (int step = 0; step < STEPS; step++)
        for (node_local node = 0; node < TARGETS; node++) {
            counts[step * TARGETS + (int)node] = *tile_value(&target->arrivals, step, 0, node);
            assert_true(*tile_value(&target->arrivals, step, 1, node) == 0);
        }
    emission_path_release(&path);
    scene_destroy(&scene);
}

static double *new_counts(void)
{
    return MEMORY_NEW(STEPS * TARGETS, double, TEMPORARY);
}

/* ---- the law ---- */

/* The logarithm of the probability of k. */
static double log_probability(const struct count_distribution *of, int k)
{
    double trials = of->trials, p = of->mean / trials;
    if (trials == 0)
        return k * log(of->mean) - of->mean - lgamma(k + 1.0);
    return lgamma(trials + 1) - lgamma(k + 1.0) - lgamma(trials - k + 1) + k * log(p) + (trials - k) * log1p(-p);
}

/* Chi-square of whole numbers against their law; neighbouring classes are joined until 20 are expected. */
static void check_distribution(const double *counts, int n, struct count_distribution of)
{
    const double mean = of.mean;
    double chi_square = 0, expected = 0, observed = 0, left = n;
    int classes = 0, low = (int)fmax(0, mean - 40 * sqrt(mean) - 40), high = (int)(mean + 40 * sqrt(mean) + 40);
    high = of.trials > 0 ? (int)fmin(high, of.trials) : high;
    int *seen = MEMORY_NEW(high + 1, int, TEMPORARY);
    for (int k = 0; k < n; k++) {
        assert_true(counts[k] >= low && counts[k] <= high && counts[k] == floor(counts[k]));
        seen[(int)counts[k]]++;
    }
    for (int k = low; k <= high; k++) {
        double p = exp(log_probability(&of, k));
        expected += n * p;
        left -= n * p;
        observed += seen[k];
        if (expected < 20 || left < 20)
            continue;
        chi_square += (observed - expected) * (observed - expected) / expected;
        expected = observed = 0;
        classes++;
    }
    chi_square += (observed - expected) * (observed - expected) / expected; /* the upper tail: 20 or more are expected */
    memory_free(seen);
    assert_true(chi_square < chi_square_limit(classes));
}

static void check_poisson(const double *counts, int n, double mean)
{
    check_distribution(counts, n, (struct count_distribution){.mean = mean});
}

static void test_counts_are_poisson(void **state)
{
    const double means[] = {0.01, 0.2, 3, 40, 1e4};
    double *counts = new_counts();
    for (size_t k = 0; k < sizeof means / sizeof *means; k++) {
        char text[1024];
        snprintf(text, sizeof text,
                 NEURON "population cells[%d] : m\npopulation noise : poisson_generator { rate = %.17g Hz }\n"
                        "connect noise -> cells by all_to_all using static { weight = 1 }",
                 TARGETS, means[k] * 1e4);
        counts_of(text, 0, TARGETS, counts);
        check_poisson(counts, STEPS * TARGETS, means[k]);
    }
    memory_free(counts);
}

static void binomial_counts(double trials, double p, double *counts)
{
    char text[1024];
    snprintf(text, sizeof text,
             NEURON "population cells[%d] : m\npopulation noise : poisson_input { n = %.0f; rate = %.17g*(1/dt) }\n"
                    "connect noise -> cells by all_to_all using static { weight = 1 }",
             TARGETS, trials, p);
    counts_of(text, 0, TARGETS, counts);
}

static void test_counts_are_binomial(void **state)
{
    const struct {
        double trials, p;
    } laws[] = {{1, 0.3}, {10, 0.002}, {5, 0.95}, {40, 0.5}, {1000, 0.004}, {100000, 0.2}, {1e12, 3e-12}, {3000, 0.999}};
    double *counts = new_counts();
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
        binomial_counts(laws[k].trials, laws[k].p, counts);
        /* lgamma() of 1e12 has no digits left for a difference: there the law is Poisson but for 1e-11 */
        double trials = laws[k].trials > 1e9 ? 0 : laws[k].trials;
        check_distribution(counts, STEPS * TARGETS, (struct count_distribution){laws[k].trials * laws[k].p, trials});
    }
    const double certain[] = {1, 1.5, 1e9}; /* a probability above 1 counts as 1 */
    for (size_t k = 0; k < sizeof certain / sizeof *certain; k++) {
        binomial_counts(7, certain[k], counts);
        for (int place = 0; place < STEPS * TARGETS; place++)
            assert_true(counts[place] == 7);
    }
    binomial_counts(0, 0.5, counts);
    for (int place = 0; place < STEPS * TARGETS; place++)
        assert_true(counts[place] == 0);
    memory_free(counts);
}

/* Each of many devices, with a rate of its own, takes what few spikes need. */
static void test_a_device_takes_little_memory(void **state)
{
    struct scene scene;
    struct emission_path path;
    scene_create(NEURON "population cells[1003] : m\npopulation noise[1003] : poisson_generator { rate = 100 Hz + 1 Hz*i }\n"
                        "connect noise -> cells by one_to_one using static { weight = 1 }",
                 STEPS, &scene);
    const size_t before = memory_used(MEMORY_BUFFERS);
    create_path(&scene, 0, &path);
    run_path(&path, &scene.nodes[0], 100, 100 + STEPS, 8);
    assert_int_equal(path.n_laws_used, 1003);
    assert_in_range((memory_used(MEMORY_BUFFERS) - before) / 1003, 1, 1024);
    emission_path_release(&path);
    scene_destroy(&scene);
}

/* A step without a spike runs no `receive`, not even one that would add something for J = 0; whether the targets fill whole
 * blocks or not. */
static void test_no_spike_adds_nothing(void **state)
{
    struct scene scene;
    struct emission_path path;
    scene_create(
        "neuron model m { receive spike(J : 1) { sum += J; some += 1 }\n dsum/dt = -sum/ms : 1\n dsome/dt = -some/ms : 1 }\n"
        "population cells[21] : m\npopulation noise : poisson_generator { rate = 10 kHz }\n"
        "connect noise -> cells by all_to_all using static { weight = 1 }",
        STEPS, &scene);
    create_path(&scene, 0, &path);
    struct nodes *target = &scene.nodes[0];
    run_path(&path, target, 100, 100 + STEPS, 8);
    int none = 0;
    for (int step = 0; step < STEPS; step++)
        for (node_local node = 0; node < 21; node++) {
            double sum = *tile_value(&target->arrivals, step, 0, node);
            assert_true(*tile_value(&target->arrivals, step, 1, node) == sum);
            none += sum == 0;
        }
    assert_in_range(none, 100, 300); /* of 525 draws with probability 1/e: 193 ± 11, beyond with probability below 1e-15 */
    emission_path_release(&path);
    scene_destroy(&scene);
}

/* m spikes add m times what one adds, whatever a port makes of J: one that counts spikes counts m, and a square is not that of
 * m*J. */
static void test_ports_take_spikes_one_by_one(void **state)
{
    struct scene scene;
    struct emission_path path;
    scene_create("neuron model m { n : integer\n x : 1\n y : 1\n"
                 "receive spike(J : 1) { n += 1; x += J*J; y += where(J > 4, J, 0) } }\n"
                 "population cells[1003] : m\npopulation noise : poisson_generator { rate = 20 kHz }\n"
                 "connect noise -> cells by all_to_all using static { weight = 3 }",
                 STEPS, &scene);
    create_path(&scene, 0, &path);
    struct tile *arrivals = &scene.nodes[0].arrivals;
    double *counts = new_counts();
    run_path(&path, &scene.nodes[0], 100, 100 + STEPS, 8);
    for (int step = 0; step < STEPS; step++)
        for (node_local node = 0; node < TARGETS; node++) {
            double n = counts[step * TARGETS + (int)node] = *tile_value(arrivals, step, 0, node);
            assert_true(*tile_value(arrivals, step, 1, node) == 9 * n && *tile_value(arrivals, step, 2, node) == 0);
        }
    check_poisson(counts, STEPS * TARGETS, 2);
    memory_free(counts);
    emission_path_release(&path);
    scene_destroy(&scene);
}

/* The arrivals of a step add up to a Poisson number of the mean that the rate of its piece says, in each piece and at its edges.
 * A listed time counts for the spikes that are stamped with it. */
static void check_rates(const char *text, const double *mean_of_step)
{
    double *counts = new_counts();
    counts_of(text, 0, TARGETS, counts);
    for (int step = 0; step < STEPS; step++) {
        double sum = 0, mean = mean_of_step[step] * TARGETS;
        for (int node = 0; node < TARGETS; node++)
            sum += counts[step * TARGETS + node];
        if (mean == 0)
            assert_true(sum == 0);
        else
            assert_true(fabs(sum - mean) < NORMAL_LIMIT * sqrt(mean)); /* means above 500: all but normal */
    }
    for (int step = 0; step < STEPS; step++)
        if (mean_of_step[step] > 0)
            check_poisson(counts + step * TARGETS, TARGETS, mean_of_step[step]);
    memory_free(counts);
}

/* The interval begins with step 100 and the delay is ten steps, so what arrives in its step s is stamped (91 + s) dt. */
static void test_rates_change_at_listed_times(void **state)
{
    double means[STEPS];
    for (int step = 0; step < STEPS; step++) {
        int stamp = 91 + step;
        means[step] = stamp < 95 ? 0 : stamp < 103 ? 2 : stamp < 104 ? 40 : stamp < 112 ? 0.7 : 0;
    }
    check_rates(NEURON "population cells[1003] : m\n"
                       "population noise : inhomogeneous_poisson_generator { rate_times = [9.5, 10.3, 10.4, 11.13] ms;\n"
                       "    rate_values = [20, 400, 7, 0] kHz }\n"
                       "connect noise -> cells by all_to_all using static { weight = 1 }",
                means);
    for (int step = 0; step < STEPS; step++)
        means[step] = 91 + step > 98 && 91 + step <= 108 ? 3 : 0; /* stamps in (start + dt, stop + dt] */
    check_rates(NEURON "population cells[1003] : m\n"
                       "population noise : inhomogeneous_poisson_generator { rate_times = [0.1] ms; rate_values = [30] kHz;\n"
                       "    start = 9.7 ms; stop = 10.7 ms }\n"
                       "connect noise -> cells by all_to_all using static { weight = 1 }",
                means);
}

/* ---- independence ---- */

static double correlation(const double *a, const double *b, int n)
{
    double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
    for (int k = 0; k < n; k++) {
        sa += a[k] / n;
        sb += b[k] / n;
    }
    for (int k = 0; k < n; k++) {
        saa += (a[k] - sa) * (a[k] - sa);
        sbb += (b[k] - sb) * (b[k] - sb);
        sab += (a[k] - sa) * (b[k] - sb);
    }
    return sab / sqrt(saa * sbb);
}

/* Every pair of generator and target has a train of its own, wherever the two stand in their populations. */
static void test_trains_are_independent(void **state)
{
    const char *text = NEURON "population a[1003] : m\npopulation b[1003] : m\n"
                              "population x : poisson_generator { rate = 20 kHz }\n"
                              "population y : poisson_generator { rate = 20 kHz }\n"
                              "connect x + y -> a + b by all_to_all using static { weight = 1 }\n"
                              "connect again : x -> a by all_to_all using static { weight = 1 }";
    enum { PIECES = 5 };
    double *counts[PIECES];
    for (int k = 0; k < PIECES; k++)
        counts_of(text, k, TARGETS, counts[k] = new_counts());
    for (int k = 0; k < PIECES; k++) {
        for (int other = k + 1; other < PIECES; other++)
            assert_true(fabs(correlation(counts[k], counts[other], STEPS * TARGETS)) * sqrt(STEPS * TARGETS) < NORMAL_LIMIT);
        int shifted = (STEPS - 1) * TARGETS; /* from step to step, and from target to target */
        assert_true(fabs(correlation(counts[k], counts[k] + TARGETS, shifted)) * sqrt(shifted) < NORMAL_LIMIT);
        assert_true(fabs(correlation(counts[k], counts[k] + 1, shifted)) * sqrt(shifted) < NORMAL_LIMIT);
    }
    for (int k = 0; k < PIECES; k++)
        memory_free(counts[k]);
}

/* Threads that share the targets in another way add the same numbers. */
static void test_ranges_do_not_matter(void **state)
{
    const char *text = NEURON "population cells[1003] : m\npopulation noise[3] : poisson_generator { rate = 5 kHz }\n"
                              "connect noise -> cells by pairwise_bernoulli(0.7) using static { weight = 0.3 }";
    const node_local splits[] = {0, 8, 512, 1000};
    double *expected = new_counts(), *counts = new_counts();
    counts_of(text, 0, TARGETS, expected);
    for (size_t k = 0; k < sizeof splits / sizeof *splits; k++) {
        counts_of(text, 0, splits[k], counts);
        assert_memory_equal(counts, expected, STEPS * TARGETS * sizeof(double));
    }
    memory_free(expected);
    memory_free(counts);
}

/* Weights that differ change what a spike adds, not which spikes there are: with few and with many in a step, to pairs that are
 * connected several times. */
static void check_weights(const char *rate)
{
    char text[1000];
    double *counts[2] = {new_counts(), new_counts()};
    for (int differs = 0; differs < 2; differs++) {
        snprintf(text, sizeof text,
                 NEURON "population cells[1003] : m\npopulation noise[3] : poisson_generator { rate = %s }\n"
                        "connect noise -> cells by fixed_indegree(4) using static { weight = %s }",
                 rate, differs ? "1 + j % 5" : "1");
        counts_of(text, 0, 512, counts[differs]);
    }
    for (int step = 0; step < STEPS; step++)
        for (int node = 0; node < TARGETS; node++) {
            const int place = step * TARGETS + node;
            assert_true(counts[1][place] == counts[0][place] * (1 + node % 5));
        }
    memory_free(counts[0]);
    memory_free(counts[1]);
}

static void test_weights_may_differ(void **state)
{
    check_weights("200 Hz");
    check_weights("40 kHz");
}

/* ---- time ---- */

/* Stamps lie in (start + dt, stop + dt], the end of the step being the stamp: emitted in steps 11 … 20, they arrive 5 later, the
 * same whatever the intervals. */
static void test_window(void **state)
{
    struct scene scene;
    struct emission_path path;
    scene_create(NEURON "population cells[20] : m\n"
                        "population noise : poisson_generator { rate = 400 kHz; start = 1 ms; stop = 2 ms }\n"
                        "connect noise -> cells by all_to_all using static { weight = -2; delay = 0.5 ms }",
                 30, &scene);
    create_path(&scene, 0, &path);
    double whole[30];
    run_path(&path, &scene.nodes[0], 0, 30, 8);
    for (int step = 0; step < 30; step++) {
        whole[step] = *tile_value(&scene.nodes[0].arrivals, step, 1, 19);
        assert_true(*tile_value(&scene.nodes[0].arrivals, step, 0, 19) == 0);
        assert_true(fmod(whole[step], 2) == 0);
        assert_int_equal(whole[step] != 0, step >= 16 && step <= 25);
    }
    for (step_count begin = 0; begin < 30; begin += 7) {
        step_count end = begin + 7 < 30 ? begin + 7 : 30;
        run_path(&path, &scene.nodes[0], begin, end, 0);
        for (step_count step = begin; step < end; step++)
            assert_true(*tile_value(&scene.nodes[0].arrivals, (int)(step - begin), 1, 19) == whole[step]);
    }
    emission_path_release(&path);
    scene_destroy(&scene);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_binomial),
        cmocka_unit_test(test_counts_are_poisson),
        cmocka_unit_test(test_a_device_takes_little_memory),
        cmocka_unit_test(test_no_spike_adds_nothing),
        cmocka_unit_test(test_ports_take_spikes_one_by_one),
        cmocka_unit_test(test_trains_are_independent),
        cmocka_unit_test(test_rates_change_at_listed_times),
        cmocka_unit_test(test_trains_are_independent),
        cmocka_unit_test(test_ranges_do_not_matter),
        cmocka_unit_test(test_weights_may_differ),
        cmocka_unit_test(test_window),
    };
    MPI_Init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
