/* Megabytes per second that recordings take, from the first interval that they are shown until their files are closed: reports of
 * a variable of 10,000 nodes at each step, and spikes of 10,000 nodes, a tenth of which spikes in each step. Nothing computes
 * them.
 *
 * usage: tools/bench/recording FOLDER [STEPS]; on any number of ranks. FOLDER decides which disk is measured. */
#include "recording/recording.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit/plan_fixture.h"

enum { NODES = 10000, INTERVAL = 10 };

struct made_up {
    struct probe *probes;
    int n_probes;
    struct spike *spikes;
    node_local n_nodes; /* on this rank */
};

static void show(const struct made_up *run, struct observer observer, step_count begin)
{
    struct fault fault = {0};
    uint64_t n = 0;
    for (step_count step = begin; run->spikes && step < begin + INTERVAL; step++)
        for (node_local local = (node_local)(step % 10); local < run->n_nodes; local += 10)
            run->spikes[n++] = (struct spike){step, local, 1};
    for (int k = 0; k < run->n_probes; k++) {
        run->probes[k].frame_step = begin;
        run->probes[k].n_frames = INTERVAL;
    }
    struct spike_list list = {run->spikes, n};
    struct interval_view view = {begin, begin + INTERVAL, &list, run->probes, run->n_probes, NULL, 0};
    if (observer.interval(observer.context, &view, &fault))
        fail_msg("%s", fault.text);
}

static void fill(struct probe *probe)
{
    probe->values = MEMORY_NEW((size_t)INTERVAL * probe->n_nodes, double, TEMPORARY);
    for (size_t k = 0; k < (size_t)INTERVAL * probe->n_nodes; k++)
        probe->values[k] = 1e-3 * (double)(k % 977);
}

static void measure(const char *name, const char *what, const char *folder, bool float64, step_count n_steps)
{
    char text[512];
    struct fault fault = {0};
    struct network *network;
    struct recording *recording;
    struct arena *arena = arena_create();
    int rank, n_ranks;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    snprintf(text, sizeof text, "population cells[%d] : iaf_psc_exp\nrecord %s of cells\nrun %lld ms", NODES, what,
             (long long)n_steps / 10);
    struct plan *plan = plan_of_text(arena, text);
    const struct partition partition = {&partition_round_robin, n_ranks};
    const struct recording_options options = {.folder = folder, .float64 = float64, .force = true};
    if (network_create(plan->script, partition, MPI_COMM_WORLD, &network, &fault) ||
        recording_create(plan->script, network, &options, &recording, &fault))
        fail_msg("%s", fault.text);
    struct made_up run = {.n_nodes = partition.scheme->count(n_ranks, &plan->script->populations[0], rank)};
    run.probes = recording_probes(recording, &run.n_probes);
    for (int k = 0; k < run.n_probes; k++)
        fill(&run.probes[k]);
    if (!run.n_probes)
        run.spikes = MEMORY_NEW((size_t)run.n_nodes * INTERVAL, struct spike, TEMPORARY);
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    for (step_count begin = 0; begin < n_steps; begin += INTERVAL)
        show(&run, recording_observer(recording), begin);
    if (recording_flush(recording, &fault))
        fail_msg("%s", fault.text);
    double megabytes = 1e-6 * (double)recording_bytes(recording), seconds = MPI_Wtime() - start;
    if (rank == 0)
        printf("%5d  %-24s  %10.1f  %10.3f  %8.1f\n", n_ranks, name, megabytes, seconds, megabytes / seconds);
    for (int k = 0; k < run.n_probes; k++)
        memory_free(run.probes[k].values);
    memory_free(run.spikes);
    if (recording_close(&recording, &fault))
        fail_msg("%s", fault.text);
    network_destroy(&network);
    arena_destroy(&arena);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    step_count n_steps = argc > 2 ? atol(argv[2]) : 2000;
    if (argc < 2) {
        fprintf(stderr, "usage: tools/bench/recording FOLDER [STEPS]\n");
        MPI_Abort(MPI_COMM_WORLD, 2);
    }
    if (rank == 0)
        printf("%5s  %-24s  %10s  %10s  %8s\n", "ranks", "", "MB", "seconds", "MB/s");
    measure("report, single precision", "V_m", argv[1], false, n_steps);
    measure("report, double precision", "V_m", argv[1], true, n_steps);
    measure("spikes", "spikes", argv[1], false, n_steps);
    MPI_Finalize();
    return 0;
}
