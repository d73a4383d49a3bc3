/* Nanoseconds and core cycles per node and step of the compiled kernels of library models, run block by block as the engine runs
 * them, and of the Poisson input that drives them. tools/bench/kernels builds and runs it.
 *
 * Each population gets Poisson spikes of its own, at a rate that makes it fire as in a network. One sample is all its nodes
 * through one interval, in processor time; printed are the median and the tenth percentile over the samples. A cycle is what one
 * of a chain of dependent additions takes, timed beside the samples. On a shared machine run it several times and compare the
 * smallest figures: whoever uses the other half of a core slows it down by half, and a cycle shows nothing of that. */
#include <setjmp.h>
#include <stdlib.h>
#include <time.h>

#include "engine/emission_path.h"
#include "kernels/kernels.h"
#include "unit/plan_fixture.h"

struct benchmark {
    const char *name;
    const char *text; /* population `cells[N]`, and `noise` and its connection */
    int interval;     /* steps */
};

#define STEPS_WARM 2000
#define NODES 1000
#define INPUT(rate, weight)                                        \
    "\npopulation noise : poisson_generator { rate = " rate " }\n" \
    "connect noise -> cells by all_to_all using static { weight = " weight " }"
#define AEIF "population cells[1000] : aeif_cond_alpha_astro { tau_syn_ex = 2 ms; tau_syn_in = 4 ms }"
#define ASTROCYTE \
    "population cells[1000] : astrocyte_lr_1994 { IP3 = 0.4 uM; delta_IP3 = 0.5 uM; tau_IP3 = 2 ms }" INPUT("1000 Hz", "1")

static const struct benchmark benchmarks[] = {
    {"aeif_cond_alpha_astro", AEIF INPUT("2000 Hz", "0.1 nS"), 10},
    {"aeif_cond_alpha_astro", AEIF INPUT("2000 Hz", "1.5 nS"), 10},
    {"astrocyte_lr_1994", ASTROCYTE, 10},
    {"hh_psc_alpha", "population cells[1000] : hh_psc_alpha" INPUT("5000 Hz", "60 pA"), 10},
    {"iaf_cond_alpha", "population cells[1000] : iaf_cond_alpha" INPUT("8000 Hz", "2 nS"), 10},
    {"iaf_psc_alpha", "population cells[1000] : iaf_psc_alpha" INPUT("8000 Hz", "60 pA"), 10},
    {"iaf_psc_exp", "population cells[1000] : iaf_psc_exp" INPUT("13000 Hz", "80 pA"), 10},
    {"iaf_psc_exp", "population cells[1000] : iaf_psc_exp" INPUT("23000 Hz", "50 pA"), 1},
    {"izhikevich", "population cells[1000] : izhikevich" INPUT("8000 Hz", "0.5 mV"), 10},
};

/* ---- time ---- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double seconds_of_cycles(int n)
{
    double begin = seconds();
    uint64_t sum = 0;
    for (int k = 0; k < n; k += 8)
        __asm__ volatile("add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n"
                         "add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0"
                         : "+r"(sum));
    return seconds() - begin;
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double quantile(double *values, int n, double fraction)
{
    qsort(values, (size_t)n, sizeof *values, compare_numbers);
    return values[(int)(fraction * (n - 1))];
}

/* ---- one population ---- */

struct cost {
    double kernel, input, cycle; /* seconds of an interval; seconds of a cycle */
};

static void deliver(struct scene *scene, struct emission_path *path, step_count begin, step_count end)
{
    struct emission_excess excess = {0};
    emission_path_prepare(path, begin, end, &excess);
    emission_path_deliver(path, &scene->nodes[0], begin, end, 0, scene->nodes[0].n_blocks * LANES);
}

static void measure(const struct benchmark *benchmark, int n_samples)
{
    struct scene scene;
    struct emission_path path;
    struct kernels *kernels;
    scene_create(benchmark->text, benchmark->interval, &scene);
    kernels_create(scene.plan, false, MPI_COMM_SELF, &kernels);
    struct nodes *nodes = &scene.nodes[0];
    nodes->run = kernels->block[0];
    struct edges *edges = &scene.network->edges[0];
    emission_path_create(&scene.plan->connections[0], edges, scene.plan->script, &scene.plan->nodes[1], nodes, false, &path);
    int spikes_room = benchmark->interval * NODES + BLOCK_SPIKES(benchmark->interval);
    struct block_spike *spikes = MEMORY_NEW(spikes_room, struct block_spike, TEMPORARY);
    double *scratch = memory_new(block_scratch_bytes(nodes->plan), MEMORY_TEMPORARY);
    struct cost *costs = MEMORY_NEW(n_samples, struct cost, TEMPORARY);
    double *values = MEMORY_NEW(n_samples, double, TEMPORARY);
    const double dt = scene.plan->script->dt;
    long n_spikes = 0;
    int warm = STEPS_WARM / benchmark->interval;
    for (int sample = -warm; sample < n_samples; sample++) {
        step_count begin = (sample + warm) * benchmark->interval;
        tile_clear(&nodes->arrivals, nodes);
        double start = seconds();
        deliver(&scene, &path, begin, begin + benchmark->interval);
        double delivered = seconds();
        struct block_arguments call = arguments_of(nodes, dt, begin, benchmark->interval);
        call.spikes = spikes;
        call.spikes_room = spikes_room;
        call.scratch = scratch;
        nodes->run(&call);
        double advanced = seconds();
        if (sample < 0)
            continue;
        costs[sample] = (struct cost){advanced - delivered, delivered - start, seconds_of_cycles(20000) / 20000};
        n_spikes += call.n_spikes;
    }
#define QUANTILE(field, fraction)              \
    ({                                         \
        for (int k = 0; k < n_samples; k++)    \
            values[k] = costs[k].field;        \
        quantile(values, n_samples, fraction); \
    })
    const double node_steps = (double)nodes->n * benchmark->interval;
    double cycle = QUANTILE(cycle, 0.5);
    printf("%-22s %3d %-10s %8.1f %8.1f %8.1f %8.1f %8.1f\n", benchmark->name, benchmark->interval, kernels->architecture,
           QUANTILE(kernel, 0.5) / node_steps * 1e9, QUANTILE(kernel, 0.1) / node_steps * 1e9,
           QUANTILE(kernel, 0.1) / node_steps / cycle, QUANTILE(input, 0.1) / node_steps * 1e9,
           (double)n_spikes / (node_steps * n_samples * dt));
#undef QUANTILE
    memory_free(values);
    memory_free(costs);
    memory_free(spikes);
    memory_free(scratch);
    emission_path_release(&path);
    kernels_destroy(&kernels);
    scene_destroy(&scene);
}

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "";
    int n_samples = argc > 2 ? atoi(argv[2]) : 1000;
    MPI_Init(NULL, NULL);
    printf("%-22s %3s %-10s %8s %8s %8s %8s %8s\n", "per node and step:", "int", "", "ns", "ns (10%)", "cycles", "input ns",
           "Hz");
    for (size_t k = 0; k < sizeof benchmarks / sizeof *benchmarks; k++)
        if (strstr(benchmarks[k].name, only))
            measure(&benchmarks[k], n_samples);
    MPI_Finalize();
    return 0;
}
