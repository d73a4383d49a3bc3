/* A run, from the network file to the closed recordings: every stage of the data's way in its order. */
#include <glion/glion.h>

#include <limits.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/engine.h"
#include "engine/node_values.h"
#include "kernels/kernels.h"
#include "network/values.h"
#include "plan/plan.h"
#include "recording/manifest.h"
#include "recording/recording.h"
#include "simulation/host.h"
#include "simulation/load.h"
#include "simulation/printing.h"
#include "simulation/progress.h"
#include "simulation/resources.h"
#include "simulation/run_report.h"

/* All that a run owns; released in simulation_release whatever happened. */
struct simulation {
    const struct glion_options *options;
    MPI_Comm communicator;
    int rank, n_ranks, n_threads;
    const char *folder;
    struct arena *arena;
    const struct script *script;
    struct plan *plan;
    struct partition partition;
    struct network *network;
    struct kernels *kernels;
    struct recording *recording;
    struct engine *engine;
    struct run_report report;
    struct manifest manifest;
    const char **printed; /* [script->n_prints] the lines so far, on rank 0; in the arena */
    char *hosts;          /* [n_ranks][MPI_MAX_PROCESSOR_NAME] on rank 0; owned */
    const char **host_names;
    double started;
};

/* ---- before anything large ---- */

static const char *default_folder(struct arena *arena, const char *file)
{
    const char *name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
    size_t length = strlen(name), ending = strlen(".glion");
    if (length > ending && !strcmp(name + length - ending, ".glion"))
        length -= ending;
    return arena_format(arena, "out/%.*s", (int)length, name);
}

static int load(struct simulation *simulation, struct fault *fault)
{
    const struct glion_options *options = simulation->options;
    struct override *overrides = ARENA_NEW(simulation->arena, options->n_overrides, struct override);
    for (int k = 0; k < options->n_overrides; k++)
        overrides[k] = (struct override){options->overrides[k].name, options->overrides[k].expression};
    simulation->manifest.overrides = overrides;
    simulation->manifest.n_overrides = options->n_overrides;
    TRY(partition_choose(simulation->options->partition, simulation->n_ranks, &simulation->partition, fault));
    TRY(plan_load(simulation->arena, options->file, overrides, options->n_overrides, simulation->communicator, &simulation->plan,
                  fault));
    simulation->script = simulation->plan->script;
    simulation->printed = ARENA_NEW(simulation->arena, simulation->script->n_prints, const char *);
    simulation->manifest.printed = simulation->printed;
    return 0;
}

static struct recording_options recording_options(const struct simulation *simulation)
{
    return (struct recording_options){
        .folder = simulation->folder, .float64 = simulation->options->float64, .force = simulation->options->force};
}

static step_count last_step(const struct script *script)
{
    return script->n_epochs ? script->epochs[script->n_epochs - 1].end : 0;
}

/* A fault of this rank is about `node`. Of the faults of all ranks that of the first node is told by all. */
static int agree_on_values(const struct simulation *simulation, int status, node_id node, struct fault *fault)
{
    struct {
        long node;
        int rank;
    } own = {status ? (long)node : LONG_MAX, simulation->rank}, first;
    MPI_Allreduce(&own, &first, 1, MPI_LONG_INT, MPI_MINLOC, simulation->communicator);
    if (first.rank != simulation->rank)
        fault_clear(fault);
    return first.node == LONG_MAX ? 0 : fault_share(fault, first.rank, simulation->communicator);
}

/* The values of all nodes, before an earlier run's files are touched. */
static int check_values(const struct simulation *simulation, struct fault *fault)
{
    node_id node = 0;
    int status = node_values_check(simulation->plan, simulation->partition, simulation->rank, &node, fault);
    return agree_on_values(simulation, status, node, fault);
}

/* ---- run.json ---- */

static void describe_hosts(struct simulation *simulation)
{
    char own[MPI_MAX_PROCESSOR_NAME] = "";
    int length;
    size_t size = sizeof own;
    MPI_Get_processor_name(own, &length);
    if (simulation->rank == 0) {
        simulation->hosts = memory_new((size_t)simulation->n_ranks * size, MEMORY_SCRIPT);
        simulation->host_names = MEMORY_NEW(simulation->n_ranks, const char *, SCRIPT);
    }
    MPI_Gather(own, (int)size, MPI_CHAR, simulation->hosts, (int)size, MPI_CHAR, 0, simulation->communicator);
    for (int rank = 0; simulation->rank == 0 && rank < simulation->n_ranks; rank++) {
        const char *name = simulation->hosts + (size_t)rank * size;
        int known = 0;
        while (known < simulation->manifest.n_hosts && strcmp(simulation->host_names[known], name))
            known++;
        if (known == simulation->manifest.n_hosts)
            simulation->host_names[simulation->manifest.n_hosts++] = name;
    }
    simulation->manifest.hosts = simulation->host_names;
}

/* The names of the recordings' files, for the last manifest too, which is written when the recordings are closed. */
static const char *const *copy_file_names(const struct simulation *simulation, int *n_files)
{
    const char *const *files = recording_files(simulation->recording, n_files);
    const char **names = ARENA_NEW(simulation->arena, *n_files, const char *);
    for (int k = 0; k < *n_files; k++)
        names[k] = arena_text(simulation->arena, files[k], strlen(files[k]));
    return names;
}

static void describe(struct simulation *simulation)
{
    struct manifest *manifest = &simulation->manifest;
    const struct script *script = simulation->script;
    manifest->network_name = simulation->options->file;
    manifest->network_text = script->source->text;
    manifest->data = script->data;
    manifest->n_data = script->n_data;
    manifest->seed = script->seed;
    manifest->dt = script->dt;
    manifest->steps_planned = last_step(script);
    manifest->n_ranks = simulation->n_ranks;
    manifest->n_threads = simulation->n_threads;
    manifest->partition = simulation->partition.scheme->name;
    manifest->kernels = simulation->kernels->n_compiled && !simulation->kernels->note ? "compiled" : "interpreted";
    manifest->started = simulation->started;
    manifest->files = copy_file_names(simulation, &manifest->n_files);
    manifest->populations = simulation->report.nodes;
    manifest->spikes = simulation->report.spikes;
    manifest->n_populations = script->n_populations;
    manifest->connections = simulation->report.connections;
    manifest->n_connections = script->n_connections;
    describe_hosts(simulation);
}

static int write_manifest(struct simulation *simulation, enum run_status status, const char *message, struct fault *fault)
{
    struct manifest *manifest = &simulation->manifest;
    manifest->status = status;
    manifest->fault = message;
    manifest->steps_done = simulation->engine ? engine_now(simulation->engine) : 0;
    manifest->phases = simulation->report.phases;
    manifest->n_phases = simulation->report.n_phases;
    manifest->memory = simulation->report.memory;
    manifest->n_memory = simulation->report.n_memory;
    manifest->profile = simulation->report.profile;
    manifest->n_profile = simulation->report.n_profile;
    return manifest_write(manifest, simulation->folder, simulation->communicator, fault);
}

/* ---- building ---- */

static void show_head(const struct simulation *simulation)
{
    const struct script *script = simulation->script;
    const struct run_report *report = &simulation->report;
    run_report_line(report, "glion " GLION_VERSION "   %s   %d rank%s x %d thread%s   %s", simulation->options->file,
                    simulation->n_ranks, simulation->n_ranks == 1 ? "" : "s", simulation->n_threads,
                    simulation->n_threads == 1 ? "" : "s", simulation->partition.scheme->name);
    run_report_line(report, "resolution %.10g ms%s   seed %llu%s   %.10g ms in %lld steps", script->dt * 1e3,
                    script->dt_given ? "" : " (default)", (unsigned long long)script->seed,
                    script->seed_given ? "" : " (default)", (double)last_step(script) * script->dt * 1e3,
                    (long long)last_step(script));
    for (int k = 0; report->is_shown && k < script->n_warnings; k++)
        fprintf(stderr, "%s\n", script->warnings[k]);
}

static int build_network(struct simulation *simulation, struct fault *fault)
{
    struct run_report *report = &simulation->report;
    uint64_t total = 0, *counts = MEMORY_NEW(simulation->script->n_connections, uint64_t, TEMPORARY);
    run_report_begin(report);
    int status = network_create(simulation->script, simulation->partition, simulation->communicator, &simulation->network, fault);
    if (!status)
        status = network_assign(simulation->network, simulation->plan, simulation->n_threads, fault);
    if (!status) {
        network_count(simulation->network, counts);
        for (int k = 0; k < simulation->script->n_connections; k++) {
            report->connections[k].n = counts[k];
            total += counts[k];
        }
        run_report_end(report, RUN_CONNECT);
        run_report_line(report, "connected in %.2f s: %llu synapses", report->seconds[RUN_CONNECT], (unsigned long long)total);
    }
    memory_free(counts);
    return status;
}

static void compile(struct simulation *simulation)
{
    struct run_report *report = &simulation->report;
    run_report_begin(report);
    kernels_create(simulation->plan, simulation->options->interpret, simulation->communicator, &simulation->kernels);
    run_report_end(report, RUN_COMPILE);
    const struct kernels *kernels = simulation->kernels;
    if (kernels->note)
        run_report_line(report, "note: %s; the kernels are interpreted, which gives the same results, slower", kernels->note);
    else if (kernels->n_compiled)
        run_report_line(report, "kernels for %s in %.2f s: %d compiled, %d from the cache", kernels->architecture,
                        report->seconds[RUN_COMPILE], kernels->n_compiled - kernels->n_cached, kernels->n_cached);
}

static int start_engine(struct simulation *simulation, struct progress *progress, struct observer observers[2],
                        struct fault *fault)
{
    struct engine_options options = {.n_threads = simulation->n_threads,
                                     .is_profiled = simulation->options->profile,
                                     .stop_signal = simulation->options->stop_signal};
    options.probes = recording_probes(simulation->recording, &options.n_probes);
    options.synapse_probes = recording_synapse_probes(simulation->recording, &options.n_synapse_probes);
    options.sent = recording_sent(simulation->recording);
    progress_begin(simulation->report.is_shown, last_step(simulation->script), simulation->script->dt, progress);
    observers[0] = recording_observer(simulation->recording);
    observers[1] = progress_observer(progress);
    options.observers = observers;
    options.n_observers = 2;
    return engine_create(simulation->arena, simulation->plan, simulation->network, simulation->kernels, &options,
                         &simulation->engine, fault);
}

static void show_interval(const struct simulation *simulation)
{
    const struct plan *plan = simulation->plan;
    double ms = (double)engine_interval(simulation->engine) * simulation->script->dt * 1e3;
    if (plan->min_delay_connection >= 0)
        run_report_line(&simulation->report, "exchange every %.10g ms: %s%s", ms,
                        plan->min_delay > 0 ? "the smallest delay, of " : "there is no delay in ",
                        plan->script->connections[plan->min_delay_connection].name);
}

/* ---- running ---- */

/* How far the script has come between its runs. */
struct progress_of_script {
    int n_assigned, n_synapses_assigned, n_printed;
};

/* Carry out the assignments to nodes before number `last`. */
static int assign_nodes(struct simulation *simulation, struct progress_of_script *done, int last, struct fault *fault)
{
    int first = done->n_assigned;
    node_id node = 0;
    if (last <= first)
        return 0;
    done->n_assigned = last;
    return agree_on_values(simulation, engine_assign(simulation->engine, first, last, &node, fault), node, fault);
}

/* Carry out the assignments to nodes before number `last`, and those to synapses before `last_of_synapses`, in order. */
static int assign(struct simulation *simulation, struct progress_of_script *done, int last, int last_of_synapses,
                  struct fault *fault)
{
    for (; done->n_synapses_assigned < last_of_synapses; done->n_synapses_assigned++) {
        const struct synapse_assignment *next = &simulation->script->synapse_assignments[done->n_synapses_assigned];
        TRY(assign_nodes(simulation, done, next->n_assignments, fault));
        TRY(engine_assign_synapses(simulation->engine, done->n_synapses_assigned, fault));
    }
    return assign_nodes(simulation, done, last, fault);
}

static void print(struct simulation *simulation, int number)
{
    const char *line = printing_line(simulation->arena, simulation->plan, simulation->network, simulation->engine, number);
    if (!line)
        return;
    simulation->printed[simulation->manifest.n_printed++] = line;
    printf("%s\n", line);
    fflush(stdout);
}

/* What stands in the script before the run of an epoch: assignments and prints, in order. */
static int prepare_epoch(struct simulation *simulation, int epoch, struct progress_of_script *done, struct fault *fault)
{
    const struct script *script = simulation->script;
    for (; done->n_printed < script->n_prints && script->prints[done->n_printed].epoch == epoch; done->n_printed++) {
        const struct print *next = &script->prints[done->n_printed];
        TRY(assign(simulation, done, next->n_assignments, next->n_synapse_assignments, fault));
        print(simulation, done->n_printed);
    }
    int last = done->n_assigned, last_of_synapses = done->n_synapses_assigned;
    while (last < script->n_assignments && script->assignments[last].epoch == epoch)
        last++;
    while (last_of_synapses < script->n_synapse_assignments && script->synapse_assignments[last_of_synapses].epoch == epoch)
        last_of_synapses++;
    return assign(simulation, done, last, last_of_synapses, fault);
}

static int advance(struct simulation *simulation, struct fault *fault)
{
    struct progress_of_script done = {0};
    for (int k = 0; k < simulation->script->n_epochs; k++) {
        TRY(prepare_epoch(simulation, k, &done, fault));
        TRY(engine_advance(simulation->engine, simulation->script->epochs[k].end, fault));
    }
    TRY(prepare_epoch(simulation, simulation->script->n_epochs, &done, fault));
    return engine_finish(simulation->engine, fault);
}

/* Recordings are open from here on: whatever happens, they are closed, and run.json says how it ended. */
static int run_recorded(struct simulation *simulation, struct fault *fault)
{
    struct run_report *report = &simulation->report;
    struct observer observers[2];
    struct progress progress;
    describe(simulation);
    TRY(write_manifest(simulation, RUN_RUNNING, NULL, fault));
    run_report_begin(report);
    TRY(start_engine(simulation, &progress, observers, fault));
    run_report_end(report, RUN_ALLOCATE);
    show_interval(simulation);
    run_report_begin(report);
    advance(simulation, fault);
    progress_end(&progress);
    run_report_end(report, RUN_SIMULATE);
    return fault->status;
}

static int finish(struct simulation *simulation, struct fault *fault)
{
    struct run_report *report = &simulation->report;
    struct fault late = {0};
    run_report_begin(report);
    if (recording_close(&simulation->recording, &late))
        fault_take(fault, late.status, strdup(late.text));
    run_report_end(report, RUN_CLOSE);
    fault_clear(&late);
    run_report_gather(report, simulation->script, simulation->engine);
    if (simulation->engine && simulation->options->profile)
        run_report_gather_profile(report, simulation->plan, simulation->engine, simulation->n_threads);
    if (write_manifest(simulation, fault->status ? RUN_FAILED : RUN_FINISHED, fault->text, &late))
        fault_take(fault, late.status, strdup(late.text));
    fault_clear(&late);
    if (!fault->status)
        run_report_table(report, simulation->script);
    return fault->status;
}

static int simulation_run(struct simulation *simulation, struct fault *fault)
{
    double start = omp_get_wtime(), bytes;
    struct recording_options recording = recording_options(simulation);
    TRY(load(simulation, fault));
    run_report_create(simulation->script, simulation->communicator, simulation->options->quiet, &simulation->report);
    TRY(recording_check_folder(&recording, simulation->communicator, fault));
    TRY(resources_check(simulation->plan, simulation->partition, simulation->communicator, &bytes, fault));
    TRY(check_values(simulation, fault));
    simulation->report.seconds[RUN_CHECK] = omp_get_wtime() - start;
    show_head(simulation);
    TRY(build_network(simulation, fault));
    compile(simulation);
    TRY(recording_create(simulation->script, simulation->network, &recording, &simulation->recording, fault));
    run_recorded(simulation, fault);
    return finish(simulation, fault);
}

static void simulation_release(struct simulation *simulation)
{
    engine_destroy(&simulation->engine);
    kernels_destroy(&simulation->kernels);
    network_destroy(&simulation->network);
    run_report_release(&simulation->report);
    memory_free(simulation->hosts);
    memory_free(simulation->host_names);
    arena_destroy(&simulation->arena);
}

int glion_run(const struct glion_options *options, MPI_Comm communicator, char **message)
{
    struct fault fault = {0};
    struct simulation simulation = {.options = options, .communicator = communicator, .started = (double)time(NULL)};
    MPI_Comm_rank(communicator, &simulation.rank);
    MPI_Comm_size(communicator, &simulation.n_ranks);
    simulation.n_threads = options->n_threads > 0 ? options->n_threads : host_threads(communicator);
    omp_set_num_threads(simulation.n_threads);
    simulation.arena = arena_create();
    simulation.folder = options->folder ? options->folder : default_folder(simulation.arena, options->file);
    int status = simulation_run(&simulation, &fault);
    simulation_release(&simulation);
    *message = fault.text;
    return status;
}
