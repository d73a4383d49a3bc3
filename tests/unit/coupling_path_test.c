/* Continuous couplings: parallel synapses merge into the sum of their weights, delays count grid steps, silence costs nothing and
 * changes nothing. */
#include "engine/coupling_path.h"
#include "plan_fixture.h"

#define MODELS                                                                                     \
    "neuron model source { dv/dt = -v/ms : 1\n S = v : 1 }\n"                                      \
    "neuron model target { receive I : 1\n receive other : 1\n dv/dt = (I + other - v)/ms : 1 }\n" \
    "synapse model s { w : 1 = 1\n delay = 1 ms\n other_post = w*S_pre : 1 (summed) }\n"           \
    "population a[30] : source\npopulation b[20] : target\n"

enum { STEPS = 5 };

static void path_create(const struct scene *scene, const struct edges *edges, struct coupling_path *path)
{
    coupling_path_create(&scene->plan->connections[0], edges, scene->plan->connections[0].connection->delay, scene->plan->script,
                         &scene->nodes[0], &scene->nodes[1], path);
}

static void deliver(const struct coupling_path *path, struct nodes *target, step_count begin, step_count end, node_local split)
{
    tile_clear(&target->inputs, target);
    coupling_path_deliver(path, target, begin, end, 0, split);
    coupling_path_deliver(path, target, begin, end, split, target->n_blocks * LANES);
}

static double input_of(const struct nodes *target, int step, node_local node)
{
    assert_true(*tile_value(&target->inputs, step, 0, node) == 0); /* the other input */
    return *tile_value(&target->inputs, step, 1, node);
}

/* What a source has at a grid step; some are silent now and then. */
static double value_at(node_index source, step_count grid)
{
    return (source + (uint64_t)grid / 10) % 3 == 0 ? 0 : 0.1 * source + 1e-3 * (double)(grid * grid);
}

/* Synapses that stand more than once, made by hand: rows 4 and 9 of targets 1, 1, 1, 6 and 1, 6, 6. */
static void test_merging(void **state)
{
    struct scene scene;
    struct coupling_path path;
    node_index sources[] = {4, 9};
    edge_count begin[] = {0, 4, 7};
    node_local targets[] = {1, 1, 1, 6, 1, 6, 6};
    struct edges edges = {.target = 1, .n_rows = 2, .row_source = sources, .row_begin = begin, .target_local = targets};
    scene_create(MODELS "connect a -> b by pairwise_bernoulli(0.1) using s { w = 0.1 }", STEPS, &scene);
    path_create(&scene, &edges, &path);
    const double at_4 = 0.3, at_9 = 7;
    source_values_tell(&path.source, 4, 3, 4, &at_4);
    source_values_tell(&path.source, 9, 3, 4, &at_9);
    deliver(&path, &scene.nodes[1], 13, 14, 8);
    const double two = 0.1 + 0.1, three = 0.1 + 0.1 + 0.1; /* added one by one: not 0.2 or 0.3 */
    assert_true(input_of(&scene.nodes[1], 0, 1) == three * at_4 + 0.1 * at_9);
    assert_true(input_of(&scene.nodes[1], 0, 6) == 0.1 * at_4 + two * at_9);
    assert_true(input_of(&scene.nodes[1], 0, 2) == 0);
    coupling_path_release(&path);
    scene_destroy(&scene);
}

/* Weights of the targets' own values: summed over all their synapses, from the step on in which the coupling acts, whether the
 * sources are silent or not. */
static void test_own_values(void **state)
{
    struct scene scene;
    struct coupling_path path;
    scene_create("neuron model m { receive I : 1\n dv/dt = (I - v)/ms : 1 }\npopulation a[30] : m\npopulation b[20] : m\n"
                 "synapse model s { w : 1 = 0.3\n delay = 0.7 ms\n I_post = w*(2*v_pre - v_post) : 1 (summed) }\n"
                 "connect a -> b by pairwise_poisson(0.2) using s",
                 STEPS, &scene);
    const struct edges *edges = &scene.network->edges[0];
    struct nodes *target = &scene.nodes[1];
    path_create(&scene, edges, &path);
    for (step_count begin = 0; begin < 20; begin += STEPS) {
        deliver(&path, target, begin, begin + STEPS, 8);
        for (step_count step = begin; step < begin + STEPS; step++)
            for (node_local node = 0; node < 20; node++) {
                double expected = 0;
                for (edge_count k = 0; k < edges->row_begin[edges->n_rows]; k++)
                    expected -= edges->target_local[k] == node && step > 7 ? 0.3 : 0;
                assert_true(*tile_value(&target->inputs, (int)(step - begin), 1, node) == expected);
                assert_true(*tile_value(&target->inputs, (int)(step - begin), 0, node) == 0);
            }
    }
    coupling_path_release(&path);
    scene_destroy(&scene);
}

/* Against the definition: in the step that begins at n, the sum over sources in order of weight times value at n - delay, 0 where
 * that is 0 or before. Silent sources are not told of, or told of as 0. */
static void check_delivery(const char *delay, step_count steps, bool tell_silence, step_count length)
{
    struct scene scene;
    struct coupling_path path;
    char text[1024];
    snprintf(text, sizeof text, MODELS "connect a -> b by pairwise_bernoulli(0.4) using s { w = 0.3; delay = %s }", delay);
    scene_create(text, STEPS, &scene);
    const struct edges *edges = &scene.network->edges[0];
    path_create(&scene, edges, &path);
    assert_true(path.delay == steps);
    for (step_count begin = 0; begin < 60; begin += length) {
        step_count end = begin + length < 60 ? begin + length : 60;
        deliver(&path, &scene.nodes[1], begin, end, 8 * (node_local)(begin % 3));
        for (step_count step = begin; step < end; step++)
            for (node_local node = 0; node < 20; node++) {
                double expected = 0;
                for (uint32_t row = 0; row < edges->n_rows; row++)
                    for (edge_count k = edges->row_begin[row]; k < edges->row_begin[row + 1]; k++)
                        if (edges->target_local[k] == node && step - steps > 0)
                            expected += 0.3 * value_at(edges->row_source[row], step - steps);
                assert_true(input_of(&scene.nodes[1], (int)(step - begin), node) == expected);
            }
        for (node_index source = 0; source < 30; source++) {
            double values[STEPS];
            bool silent = true;
            for (step_count step = begin; step < end; step++)
                silent &= (values[step - begin] = value_at(source, step)) == 0;
            if (!silent || tell_silence)
                source_values_tell(&path.source, source, begin, end, values);
        }
    }
    coupling_path_release(&path);
    scene_destroy(&scene);
}

static void test_delivery(void **state)
{
    check_delivery("0.5 ms", 5, true, 5);
    check_delivery("0.5 ms", 5, false, 5);
    check_delivery("0.5 ms", 5, false, 3);
    check_delivery("2.3 ms", 23, false, 4);
    check_delivery("0.1 ms", 1, false, 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merging),
        cmocka_unit_test(test_delivery),
        cmocka_unit_test(test_own_values),
    };
    MPI_Init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
