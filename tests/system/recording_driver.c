/* Records a made-up run: a real network file and a real network, but spikes, values and transmissions that follow simple formulas
 * instead of an engine's work, so that recording.py knows every number that must be in the files.
 *
 * usage: recording_driver NETWORK FOLDER [--float64] [--force] [--interval STEPS] [--flush SECONDS] [--partition NAME]
 *                         [--limit BYTES] [--kill STEP] [--hold SECONDS]
 *        recording_driver collective FOLDER */
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "language/script.h"
#include "network/network.h"
#include "network/rule.h"
#include "plan/plan.h"
#include "recording/manifest.h"
#include "recording/recording.h"
#include "recording/sonata_file.h"
#include "support/memory.h"

struct options {
    struct recording_options recording;
    const char *partition;
    step_count interval, kill;
    rlim_t limit;
    unsigned hold;
};

/* ---- what happens in the made-up run: recording.py has the same formulas ------------------------------------------------- */

static uint32_t spikes_of(const struct population *population, node_index index, step_count step)
{
    if (strcmp(population->name, "quiet") == 0 || (7 * step + 3 * index + 5 * population->index) % 11 != 0)
        return 0;
    return step % 4 == 0 ? 2 : 1;
}

static double value_of(const struct population *population, node_index index, step_count step)
{
    return ((double)step + 100 * population->index + index / 1024.0) * 1e-3;
}

static uint32_t copies_of(node_index source, node_index target, step_count step)
{
    if ((step + source + 2 * target) % 7 != 0)
        return 0;
    return step % 5 == 0 ? 2 : 1;
}

static double sent_of(node_index source, node_index target, step_count step, uint32_t copy)
{
    return ((double)step + source / 64.0 + target / 4096.0 + copy * 1000) * 1e-9;
}

/* ---- an interval as an engine would show it ----------------------------------------------------------------------------------
 */

struct run {
    const struct script *script;
    const struct network *network;
    struct spike_list *spikes; /* [n_populations] */
    struct probe *probes;
    int n_probes;
    struct sent_list *sent; /* [n_sent] */
    int n_sent;
};

static node_index index_of(const struct run *run, const struct population *population, node_local local)
{
    const struct partition *partition = &run->network->partition;
    return partition->scheme->index(partition->n_ranks, population, run->network->rank, local);
}

static void fake_spikes(struct run *run, const struct population *population, step_count begin, step_count end)
{
    const struct partition *partition = &run->network->partition;
    node_local n = partition->scheme->count(partition->n_ranks, population, run->network->rank);
    struct spike *spikes = MEMORY_NEW((size_t)n * (size_t)(end - begin), struct spike, TEMPORARY);
    struct spike_list *list = &run->spikes[population->index];
    *list = (struct spike_list){.spikes = spikes};
    for (step_count step = begin; step < end; step++)
        for (node_local local = 0; local < n; local++) {
            uint32_t multiplicity = spikes_of(population, index_of(run, population, local), step);
            if (multiplicity)
                spikes[list->n++] = (struct spike){step, local, multiplicity};
        }
}

static void fake_probe(struct run *run, struct probe *probe, step_count begin, step_count end)
{
    const struct population *population = &run->script->populations[probe->population];
    probe->values = MEMORY_NEW((size_t)(end - begin) * probe->n_nodes, double, TEMPORARY);
    probe->n_frames = 0;
    for (step_count step = begin; step < end; step++) {
        if (step < probe->first || (step - probe->first) % probe->every != 0)
            continue;
        if (probe->n_frames == 0)
            probe->frame_step = step;
        double *frame = probe->values + (size_t)probe->n_nodes * probe->n_frames++;
        for (uint32_t k = 0; k < probe->n_nodes; k++)
            frame[k] = value_of(population, index_of(run, population, probe->local[k]), step);
    }
}

static void fake_row(struct run *run, int e, uint32_t row, step_count step, struct sent **rows, uint64_t *n, uint64_t *capacity)
{
    const struct edges *edges = &run->network->edges[e];
    const struct population *target = &run->script->populations[edges->target];
    for (edge_count k = edges->row_begin[row]; k < edges->row_begin[row + 1]; k++) {
        node_index source_index = edges->row_source[row], target_index = index_of(run, target, edges->target_local[k]);
        for (uint32_t copy = 0; copy < copies_of(source_index, target_index, step); copy++)
            *MEMORY_PUSH(*rows, *n, *capacity, struct sent,
                         TEMPORARY) = (struct sent){step, (uint32_t)e, k, copy, sent_of(source_index, target_index, step, copy)};
    }
}

/* What arrives in [begin, end): emitted `delay` steps before. */
static void fake_sent(struct run *run, struct sent_list *list, step_count begin, step_count end)
{
    step_count delay = run->script->connections[list->connection].delay;
    struct sent *rows = NULL;
    uint64_t capacity = 0;
    list->n = 0;
    for (step_count step = begin > delay ? begin - delay : 0; step < end - delay; step++)
        for (int e = 0; e < run->network->n_edges; e++)
            for (uint32_t row = 0; run->network->edges[e].connection == list->connection && row < run->network->edges[e].n_rows;
                 row++)
                fake_row(run, e, row, step, &rows, &list->n, &capacity);
    list->rows = rows;
    list->complete = end - delay;
}

static int show_interval(struct run *run, struct observer observer, step_count begin, step_count end, struct fault *fault)
{
    for (int p = 0; p < run->script->n_populations; p++)
        fake_spikes(run, &run->script->populations[p], begin, end);
    for (int p = 0; p < run->n_probes; p++)
        fake_probe(run, &run->probes[p], begin, end);
    for (int s = 0; s < run->n_sent; s++)
        fake_sent(run, &run->sent[s], begin, end);
    struct interval_view view = {begin, end, run->spikes, run->probes, run->n_probes, run->sent, run->n_sent, NULL, 0};
    int status = observer.interval(observer.context, &view, fault);
    for (int p = 0; p < run->script->n_populations; p++) {
        memory_free((void *)run->spikes[p].spikes);
        run->spikes[p] = (struct spike_list){0};
    }
    for (int p = 0; p < run->n_probes; p++) {
        memory_free(run->probes[p].values);
        run->probes[p].n_frames = 0;
    }
    for (int s = 0; s < run->n_sent; s++)
        memory_free((void *)run->sent[s].rows);
    return status;
}

/* What is still on its way at the end. */
static int show_late(struct run *run, struct observer observer, step_count end, struct fault *fault)
{
    for (int s = 0; s < run->n_sent; s++)
        fake_sent(run, &run->sent[s], end, end + run->script->connections[run->sent[s].connection].delay);
    struct interval_view view = {end, end, run->spikes, run->probes, run->n_probes, run->sent, run->n_sent, NULL, 0};
    int status = observer.interval(observer.context, &view, fault);
    for (int s = 0; s < run->n_sent; s++)
        memory_free((void *)run->sent[s].rows);
    return status;
}

/* ---- the run
 * -------------------------------------------------------------------------------------------------------------------- */

static int write_manifest(const struct run *run, struct recording *recording, const struct options *options,
                          enum run_status status, struct fault *fault)
{
    struct manifest manifest = {
        .status = status,
        .network_name = run->script->source->name,
        .network_text = run->script->source->text,
        .seed = run->script->seed,
        .dt = run->script->dt,
        .n_ranks = run->network->partition.n_ranks,
        .n_threads = 1,
        .partition = options->partition,
    };
    manifest.files = recording_files(recording, &manifest.n_files);
    return manifest_write(&manifest, options->recording.folder, run->network->communicator, fault);
}

static int run_steps(struct run *run, struct recording *recording, const struct options *options, struct fault *fault)
{
    TRY(write_manifest(run, recording, options, RUN_RUNNING, fault));
    if (options->limit)
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){options->limit, options->limit});
    for (int e = 0; e < run->script->n_epochs; e++)
        for (step_count begin = run->script->epochs[e].begin, end; begin < run->script->epochs[e].end; begin = end) {
            end = begin + options->interval;
            end = end < run->script->epochs[e].end ? end : run->script->epochs[e].end;
            if (options->kill && begin >= options->kill)
                kill(getpid(), SIGKILL);
            TRY(show_interval(run, recording_observer(recording), begin, end, fault));
        }
    sleep(options->hold);
    return show_late(run, recording_observer(recording), run->script->epochs[run->script->n_epochs - 1].end, fault);
}

static int run_network(const struct script *script, const struct options *options, struct fault *fault)
{
    int n_ranks;
    MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    struct partition partition = {partition_find(options->partition), n_ranks};
    struct network *network = NULL;
    struct recording *recording = NULL;
    TRY(recording_check_folder(&options->recording, MPI_COMM_WORLD, fault));
    TRY(network_create(script, partition, MPI_COMM_WORLD, &network, fault));
    int status = recording_create(script, network, &options->recording, &recording, fault);
    if (status == FAULT_NONE) {
        struct run run = {.script = script, .network = network};
        run.spikes = MEMORY_NEW(script->n_populations, struct spike_list, TEMPORARY);
        run.probes = recording_probes(recording, &run.n_probes);
        run.sent = MEMORY_NEW(script->n_connections, struct sent_list, TEMPORARY);
        for (int c = 0; c < script->n_connections; c++)
            if (recording_sent(recording)[c])
                run.sent[run.n_sent++].connection = c;
        status = run_steps(&run, recording, options, fault);
        if (status == FAULT_NONE)
            status = write_manifest(&run, recording, options, RUN_FINISHED, fault);
        memory_free(run.spikes);
        memory_free(run.sent);
    }
    int closed = recording_close(&recording, fault);
    network_destroy(&network);
    return status ? status : closed;
}

static int run_file(struct arena *arena, const char *path, const struct options *options, struct fault *fault)
{
    struct source *source;
    struct script_tree *tree;
    struct script *script;
    struct vocabulary vocabulary = {.rules = rule_signatures, .methods = method_names};
    TRY(source_read(arena, path, &source, fault));
    TRY(parse(arena, source, &tree, fault));
    TRY(script_check(arena, tree, &vocabulary, NULL, 0, &script, fault));
    return run_network(script, options, fault);
}

/* ---- are writes collective? --------------------------------------------------------------------------------------------------
 */

static void expect_collective(const struct sonata_file *file)
{
    uint32_t local = 1, global = 1;
    H5D_mpio_actual_io_mode_t mode = H5D_MPIO_NO_COLLECTIVE;
    H5Pget_mpio_no_collective_cause(file->transfer, &local, &global);
    H5Pget_mpio_actual_io_mode(file->transfer, &mode);
    if (local || global || mode == H5D_MPIO_NO_COLLECTIVE)
        fprintf(stderr, "not collective: cause %u of %u, mode %d\n", local, global, (int)mode);
}

/* Rank r brings r rows, then r columns: uneven shares, and none from rank 0. */
static int check_collective(const char *folder, struct fault *fault)
{
    struct sonata_file *file;
    int rank, n_ranks;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    uint64_t before = (uint64_t)rank * (uint64_t)(rank - 1) / 2, here = (uint64_t)rank, all = before + here;
    MPI_Bcast(&all, 1, MPI_UINT64_T, n_ranks - 1, MPI_COMM_WORLD);
    TRY(sonata_create(folder, "collective", 4 * SONATA_OBJECT_BYTES, MPI_COMM_WORLD, &file, fault));
    struct growing rows = sonata_growing(file, file->id, "rows", H5T_IEEE_F64LE, 0, 2, 0);
    struct growing table = sonata_growing(file, file->id, "table", H5T_IEEE_F32LE, all, 4, 1);
    double *values = MEMORY_NEW(10 * (here + 1), double, TEMPORARY);
    TRY(sonata_reserve(file, sonata_growth(&rows, all) + sonata_growth(&table, 10), fault));
    sonata_append(file, &rows, all, (struct share){before, here, 0, 1}, values);
    expect_collective(file);
    sonata_append(file, &table, 10, (struct share){0, 10, before, here}, values);
    expect_collective(file);
    memory_free(values);
    TRY(sonata_check(file, fault));
    return sonata_close(&file, fault);
}

/* ---- command line
 * ---------------------------------------------------------------------------------------------------------------- */

static struct options parse_options(int n, char **arguments)
{
    struct options options = {.recording = {.folder = arguments[2]}, .partition = partition_schemes[0]->name, .interval = 10};
    for (int k = 3; k < n; k++) {
        const char *name = arguments[k], *value = arguments[k + 1];
        if (strcmp(name, "--float64") == 0) {
            options.recording.float64 = true;
            continue;
        }
        if (strcmp(name, "--force") == 0) {
            options.recording.force = true;
            continue;
        }
        assert(value);
        k++;
        if (strcmp(name, "--interval") == 0)
            options.interval = atol(value);
        else if (strcmp(name, "--flush") == 0)
            options.recording.flush_every = atof(value);
        else if (strcmp(name, "--partition") == 0)
            options.partition = value;
        else if (strcmp(name, "--limit") == 0)
            options.limit = (rlim_t)atol(value);
        else if (strcmp(name, "--kill") == 0)
            options.kill = atol(value);
        else if (strcmp(name, "--hold") == 0)
            options.hold = (unsigned)atoi(value);
        else
            assert(!"a known option");
    }
    return options;
}

int main(int n, char **arguments)
{
    assert(n >= 3);
    signal(SIGXFSZ, SIG_IGN);
    MPI_Init(&n, &arguments);
    int rank, status;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    struct fault fault = {0};
    if (strcmp(arguments[1], "collective") == 0) {
        status = check_collective(arguments[2], &fault);
    } else {
        struct arena *arena = arena_create();
        struct options options = parse_options(n, arguments);
        status = run_file(arena, arguments[1], &options, &fault);
        arena_destroy(&arena);
    }
    if (rank == 0 && status)
        fprintf(stderr, "%s\n", fault.text);
    if (rank == 0 && memory_used(MEMORY_RECORDING))
        fprintf(stderr, "%zu bytes of the recording are left\n", memory_used(MEMORY_RECORDING));
    fault_clear(&fault);
    MPI_Finalize();
    return status;
}
