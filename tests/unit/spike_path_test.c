/* From past spikes to arrivals: order of additions, multiplicity, delays longer than an interval, and a synapse's state kept per
 * source. */
#include "engine/spike_path.h"
#include "plan_fixture.h"

/* A weight decides where it arrives; x keeps the order of additions visible in its last bits. */
#define MODELS                                                                                               \
    "neuron model m { receive spike(J : 1) { x += J**3/7; y += where(J > 0.02, 1, 0) }\n dx/dt = 0/ms : 1\n" \
    "dy/dt = 0/ms : 1\n threshold x > 1e9 }\n"                                                               \
    "synapse model s { delay = 0.5 ms\n p : 1 = 0.5\n dr/dt = (1 - r)/(20 ms) : 1 (event-driven) = 1\n"      \
    "on_pre { r -= p*r; send r*p + t/second } }\n"                                                           \
    "population a[40] : m\npopulation b[50] : m\n"

enum { INTERVAL = 5, STEPS = 60 };

static int multiplicity_of(node_index source, step_count step)
{
    uint64_t h = (source * 2654435761u + (uint64_t)step * 40503u) % 97;
    return step < 0 || h > 20 ? 0 : h == 3 ? 3 : 1;
}

static void remember(struct history *history, step_count begin, step_count end)
{
    history_begin(history, begin, end);
    for (step_count step = begin; step < end; step++)
        for (node_index source = 0; source < 40; source++)
            if (multiplicity_of(source, step))
                history_add(history, 0, step, (struct past_spike){source, (uint32_t)multiplicity_of(source, step)});
    history_end(history, begin, end);
}

/* ---- the definition: every synapse by itself ---- */

struct reference_source {
    double r;
    step_count stamp;
};

/* What source i sends with a spike emitted in `step`: stamps are those of its beginning. */
static double transmit(struct reference_source *source, step_count step)
{
    double elapsed = (double)(step - source->stamp) * 1e-4;
    source->stamp = step;
    source->r = 1 + (source->r - 1) * exp(-elapsed / 20e-3);
    source->r -= 0.5 * source->r;
    return source->r * 0.5 + (double)step * 1e-4;
}

static const struct kernels none; /* programs are interpreted */

/* Both in one go, and panel by panel, which makes the same sums: here each panel's arrivals stand where they belong. */
static void deliver(const struct spike_path *path, const struct nodes *target, node_local first, node_local last)
{
    static bool is_upper;
    const struct tile *whole = &target->arrivals;
    spike_path_deliver(path, target, first, last);
    double *sums = MEMORY_NEW(target->n_blocks * whole->pitch, double, TEMPORARY);
    const struct tile apart = {sums, whole->n_kinds, whole->pitch};
    spike_path_begin_panels(path, 0, first, last);
    const node_local n_panels = (last - first) / (2 * LANES) + 1;
    for (node_local k = 0; k < n_panels; k++) {
        const node_local begin = first + (is_upper ? n_panels - 1 - k : k) * 2 * LANES;
        const node_local end = begin + 2 * LANES < last ? begin + 2 * LANES : last;
        const struct tile panel = {tile_block(&apart, begin / LANES, 0), whole->n_kinds, whole->pitch};
        if (begin < end)
            spike_path_deliver_panel(path, 0, &panel, begin, end, is_upper);
    }
    is_upper = !is_upper;
    for (size_t k = first / LANES * whole->pitch; k < last / LANES * whole->pitch; k++)
        assert_true(sums[k] == whole->values[k]);
    memory_free(sums);
}

static void check_path(const char *delay, step_count steps, node_local split)
{
    struct scene scene;
    struct spike_path path;
    struct history history;
    struct reference_source sources[40];
    char text[1024];
    snprintf(text, sizeof text, MODELS "connect a -> b by pairwise_bernoulli(0.3) using s { delay = %s }", delay);
    scene_create(text, INTERVAL, &scene);
    const struct edges *edges = &scene.network->edges[0];
    struct nodes *target = &scene.nodes[1];
    spike_path_create(&scene.plan->connections[0], edges, 0, scene.plan->script, target, &none, 1, &path);
    history_create(2, steps + INTERVAL, &history);
    for (int k = 0; k < 40; k++)
        sources[k] = (struct reference_source){.r = 1};
    for (step_count begin = 0; begin < STEPS; begin += INTERVAL) {
        tile_clear(&target->arrivals, target);
        spike_path_prepare(&path, &history, begin, begin + INTERVAL);
        deliver(&path, target, 0, split);
        deliver(&path, target, split, target->n_blocks * LANES);
        for (step_count step = begin; step < begin + INTERVAL; step++) {
            double x[50] = {0}, y[50] = {0};
            for (uint32_t row = 0; row < edges->n_rows; row++)
                for (int copy = multiplicity_of(edges->row_source[row], step - steps); copy > 0; copy--) {
                    double sent = transmit(&sources[edges->row_source[row]], step - steps);
                    for (edge_count k = edges->row_begin[row]; k < edges->row_begin[row + 1]; k++) {
                        x[edges->target_local[k]] += sent * sent * sent / 7;
                        y[edges->target_local[k]] += sent > 0.02;
                    }
                }
            for (node_local node = 0; node < 50; node++) {
                assert_relative(*tile_value(&target->arrivals, (int)(step - begin), 0, node), x[node], 1e-13, "x");
                assert_true(*tile_value(&target->arrivals, (int)(step - begin), 1, node) == y[node]);
            }
        }
        remember(&history, begin, begin + INTERVAL);
    }
    spike_path_release(&path);
    history_release(&history);
    scene_destroy(&scene);
}

static void test_delivery(void **state)
{
    check_path("0.5 ms", 5, 0);
    check_path("0.7 ms", 7, 8);
    check_path("3.3 ms", 33, 24);
}

static void spike(struct history *history, step_count step, const uint32_t *multiplicities, int n)
{
    history_begin(history, step, step + 1);
    for (int source = n; source-- > 0;)
        if (multiplicities[source])
            history_add(history, 0, step, (struct past_spike){(node_index)source, multiplicities[source]});
    history_end(history, step, step + 1);
}

/* Spikes of one step are added by source, and those of one source one after the other. Here each sends a tenth of the number of
 * its spikes so far, and the last bit of a sum of tenths tells their order. */
static void test_order_of_additions(void **state)
{
    struct scene scene;
    struct spike_path path;
    struct history history;
    scene_create("neuron model m { receive spike(J : 1) { x += J }\n dx/dt = 0/ms : 1\n threshold x > 1 }\n"
                 "synapse model s { delay = 0.1 ms\n n : 1 = 0\n on_pre { n += 1; send n/10 } }\npopulation a[3] : m\n"
                 "connect a -> a by all_to_all using s",
                 1, &scene);
    spike_path_create(&scene.plan->connections[0], &scene.network->edges[0], 0, scene.plan->script, &scene.nodes[0], &none, 1,
                      &path);
    history_create(1, 2, &history);
    spike(&history, 0, (uint32_t[]){0, 1, 2}, 3);
    spike_path_prepare(&path, &history, 1, 2);
    spike(&history, 1, (uint32_t[]){2, 1, 1}, 3);
    spike_path_prepare(&path, &history, 2, 3);
    tile_clear(&scene.nodes[0].arrivals, &scene.nodes[0]);
    spike_path_deliver(&path, &scene.nodes[0], 0, LANES);
    const double tenth = 1.0 / 10, sum = ((1 * tenth + 2 * tenth) + 2 * tenth) + 3 * tenth;
    const double other_way_round = ((3 * tenth + 2 * tenth) + 2 * tenth) + 1 * tenth;
    assert_true(sum != other_way_round);
    for (node_local node = 0; node < 3; node++)
        assert_true(*tile_value(&scene.nodes[0].arrivals, 0, 0, node) == sum);
    spike_path_release(&path);
    history_release(&history);
    scene_destroy(&scene);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delivery),
        cmocka_unit_test(test_order_of_additions),
    };
    MPI_Init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
