/* Nanoseconds to deliver a spike to one target, by the length of rows, where a row has one delay and where its connections are
 * spread over many: best of several intervals. Nothing else runs: spikes are made up, looked up, and added to 10,000 nodes.
 *
 * usage: tools/bench/delivery [REPEATS] */
#include <omp.h>
#include <stdlib.h>

#include "engine/spike_path.h"
#include "support/random.h"
#include "support/text.h"
#include "unit/plan_fixture.h"

enum { TARGETS = 10000, INTERVAL = 15, DELAYS_MAX = 16, EVENTS = 400000, CONNECTIONS = 4000000, SOURCES_MAX = 500000 };

struct cost {
    double prepare, deliver; /* ns per event */
};

/* A connection statement for each delay (1.5 ms, 1.6 ms, …), with length/n_delays connections from each source. */
static void make_scene(int length, int n_delays, int n_sources, struct scene *scene)
{
    struct text text = {0};
    text_add(&text, "population a[%d] : iaf_psc_exp\npopulation b[%d] : iaf_psc_exp\n", n_sources, TARGETS);
    for (int k = 0; k < n_delays; k++)
        text_add(&text, "connect c%d : a -> b by fixed_outdegree(%d) using static { weight = 1 pA; delay = %g ms }\n", k,
                 length / n_delays, 0.1 * (INTERVAL + k));
    scene_create(text.characters, INTERVAL, scene);
    text_release(&text);
}

/* Different random sources spike in the steps of the interval, about EVENTS/length of them. */
static void make_spikes(struct history *history, int length, int n_sources, step_count begin)
{
    const struct random_key key = random_key(1, RANDOM_SAMPLE, "delivery", NULL, 0);
    struct random_stream stream = random_stream_start(key, (uint32_t)begin, 0);
    history_begin(history, begin, begin + INTERVAL);
    for (step_count step = begin; step < begin + INTERVAL; step++) {
        int left = EVENTS / length / INTERVAL + 1;
        for (node_index source = 0; source < (node_index)n_sources; source++)
            if (random_stream_below(&stream, (uint64_t)n_sources - source) < (uint64_t)left) {
                history_add(history, 0, step, (struct past_spike){source, 1});
                left--;
            }
    }
    history_end(history, begin, begin + INTERVAL);
}

static struct cost deliver_once(struct spike_path *paths, int n_paths, struct nodes *target, const struct history *history,
                                step_count begin)
{
    uint64_t n = 0;
    tile_clear(&target->arrivals, target);
    double start = omp_get_wtime();
    for (int k = 0; k < n_paths; k++)
        spike_path_prepare(&paths[k], history, begin, begin + INTERVAL);
    double prepared = omp_get_wtime();
    for (int k = 0; k < n_paths; k++)
        spike_path_deliver(&paths[k], target, 0, target->n_blocks * LANES);
    double delivered = omp_get_wtime();
    for (int k = 0; k < n_paths; k++)
        n += spike_path_deliveries(&paths[k]);
    return (struct cost){1e9 * (prepared - start) / (double)n, 1e9 * (delivered - prepared) / (double)n};
}

static void measure(int length, int n_delays, int repeats)
{
    struct scene scene;
    struct history history;
    struct cost best = {1e30, 1e30};
    const struct kernels none = {0};
    int n_sources = CONNECTIONS / length < SOURCES_MAX ? CONNECTIONS / length : SOURCES_MAX;
    make_scene(length, n_delays, n_sources, &scene);
    struct spike_path *paths = MEMORY_NEW(n_delays, struct spike_path, TEMPORARY);
    for (int k = 0; k < n_delays; k++)
        spike_path_create(&scene.plan->connections[k], &scene.network->edges[k], k, scene.plan->script, &scene.nodes[1], &none, 1,
                          &paths[k]);
    history_create(2, 2 * INTERVAL + DELAYS_MAX, &history);
    step_count begin = 0;
    for (int k = 0; k < 3 + repeats; k++, begin += INTERVAL) {
        if (k >= 3) { /* by then spikes of every delay arrive */
            struct cost cost = deliver_once(paths, n_delays, &scene.nodes[1], &history, begin);
            best.prepare = cost.prepare < best.prepare ? cost.prepare : best.prepare;
            best.deliver = cost.deliver < best.deliver ? cost.deliver : best.deliver;
        }
        make_spikes(&history, length, n_sources, begin);
    }
    printf("%6d  %6d  %10.2f  %10.2f\n", length, n_delays, best.prepare, best.deliver);
    for (int k = 0; k < n_delays; k++)
        spike_path_release(&paths[k]);
    memory_free(paths);
    history_release(&history);
    scene_destroy(&scene);
}

int main(int argc, char **argv)
{
    static const struct {
        int length, n_delays;
    } rows[] = {{1, 1}, {4, 1}, {4, 4}, {30, 1}, {30, 15}, {1000, 1}, {1000, 10}};
    MPI_Init(&argc, &argv);
    int repeats = argc > 1 ? atoi(argv[1]) : 10;
    printf("%6s  %6s  %10s  %10s   ns per event\n", "row", "delays", "prepare", "deliver");
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        measure(rows[k].length, rows[k].n_delays, repeats);
    MPI_Finalize();
    return 0;
}
