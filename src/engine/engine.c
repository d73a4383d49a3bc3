#include "engine/engine.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "engine/state.h"
#include "kernels/interpreter.h"

const char *const engine_phase_texts[] = {
#define X(name, text) text,
    ENGINE_PHASES(X)
#undef X
};

/* ---- creation ---- */

/* Min-delay, or where nothing is exchanged a length that keeps buffers small and faults prompt. */
static step_count choose_interval(const struct plan *plan)
{
    enum { UNCONNECTED = 32 };
    step_count steps = plan->min_delay_connection < 0 ? UNCONNECTED : plan->min_delay;
    return steps < INTERVAL_STEPS_MAX ? steps : INTERVAL_STEPS_MAX;
}

/* The programs of the probes, lowered before the shared tables are made. */
static int plan_probes(struct arena *arena, struct plan *plan, const struct engine_options *options, struct program *programs,
                       struct fault *fault)
{
    for (int k = 0; k < options->n_probes; k++) {
        struct node_plan *nodes = &plan->nodes[options->probes[k].population];
        TRY(node_plan_value(arena, nodes, model_variable(nodes->model, options->probes[k].variable), &programs[k], fault));
    }
    return 0;
}

static void make_nodes(struct engine *engine, const struct kernels *kernels)
{
    const struct script *script = engine->script;
    engine->nodes = MEMORY_NEW(script->n_populations, struct nodes, NODES);
    engine->devices = MEMORY_NEW(script->n_populations, struct nodes, NODES);
    for (int k = 0; k < script->n_populations; k++)
        nodes_create(script, &engine->plan->nodes[k], kernels->block[k], engine->network->partition, engine->network->rank, false,
                     (int)engine->interval, &engine->nodes[k]);
}

/* Room to mark the nodes of any population that has couplings. */
static void make_marks(struct engine *engine)
{
    node_local largest = 0;
    for (int k = 0; k < engine->script->n_populations; k++)
        if (engine->plan->nodes[k].n_couplings && engine->nodes[k].n > largest)
            largest = engine->nodes[k].n;
    engine->is_loud = MEMORY_NEW(largest, unsigned char, BUFFERS);
}

static void make_samplers(struct engine *engine, const struct program *programs)
{
    engine->samplers = MEMORY_NEW(engine->options.n_probes, struct sampler, RECORDING);
    for (int k = 0; k < engine->options.n_probes; k++) {
        struct probe *probe = &engine->options.probes[k];
        struct incoming *incoming = &engine->incoming[probe->population];
        sampler_create(probe, &programs[k], &engine->nodes[probe->population], &engine->samplers[k]);
        if (!incoming->samplers)
            incoming->samplers = MEMORY_NEW(engine->options.n_probes, int, RECORDING);
        incoming->samplers[incoming->n_samplers++] = k;
    }
}

static size_t scratch_bytes(const struct engine *engine)
{
    size_t largest = 0;
    for (int k = 0; k < engine->script->n_populations; k++) {
        size_t bytes = interpreter_plan_scratch_bytes(&engine->plan->nodes[k]);
        largest = bytes > largest ? bytes : largest;
    }
    for (int k = 0; k < engine->options.n_probes; k++) {
        size_t bytes = interpreter_scratch_bytes(&engine->samplers[k].value);
        largest = bytes > largest ? bytes : largest;
    }
    return largest;
}

static void make_workers(struct engine *engine)
{
    int n_populations = engine->script->n_populations;
    size_t bytes = scratch_bytes(engine);
    engine->workers = MEMORY_NEW(engine->options.n_threads, struct worker, BUFFERS);
    for (int t = 0; t < engine->options.n_threads; t++) {
        engine->workers[t].spikes = MEMORY_NEW(n_populations, struct growing_spikes, BUFFERS);
        engine->workers[t].block_spikes = MEMORY_NEW(engine->interval * LANES, struct block_spike, BUFFERS);
        engine->workers[t].scratch = memory_new(bytes, MEMORY_BUFFERS);
    }
}

static void make_reports(struct engine *engine)
{
    const struct script *script = engine->script;
    engine->spikes = MEMORY_NEW(script->n_populations, struct growing_spikes, BUFFERS);
    engine->spike_view = MEMORY_NEW(script->n_populations, struct spike_list, BUFFERS);
    engine->emission_next = MEMORY_NEW(script->n_populations, uint64_t, BUFFERS);
    engine->n_spikes = MEMORY_NEW(script->n_populations, uint64_t, BUFFERS);
    engine->sent = MEMORY_NEW(script->n_connections, struct growing_sent, RECORDING);
    engine->sent_view = MEMORY_NEW(script->n_connections, struct sent_list, RECORDING);
    for (int k = 0; k < script->n_connections; k++)
        if (engine->options.sent && engine->options.sent[k])
            engine->sent_view[engine->n_sent++].connection = k;
}

int engine_create(struct arena *arena, struct plan *plan, struct network *network, const struct kernels *kernels,
                  const struct engine_options *options, struct engine **out, struct fault *fault)
{
    *out = NULL;
    struct program *programs = ARENA_NEW(arena, options->n_probes, struct program);
    TRY(plan_probes(arena, plan, options, programs, fault));
    struct engine *engine = MEMORY_NEW(1, struct engine, BUFFERS);
    engine->script = plan->script;
    engine->plan = plan;
    engine->network = network;
    engine->options = *options;
    engine->interval = choose_interval(plan);
    make_nodes(engine, kernels);
    make_marks(engine);
    engine_make_paths(engine);
    make_samplers(engine, programs);
    make_workers(engine);
    make_reports(engine);
    history_create(plan->script->n_populations, plan->max_delay + engine->interval, &engine->history);
    exchange_create(network->communicator, &engine->exchange);
    *out = engine;
    return 0;
}

static void release_workers(struct engine *engine)
{
    for (int t = 0; t < engine->options.n_threads; t++) {
        for (int k = 0; k < engine->script->n_populations; k++)
            memory_free(engine->workers[t].spikes[k].spikes);
        memory_free(engine->workers[t].spikes);
        memory_free(engine->workers[t].block_spikes);
        memory_free(engine->workers[t].scratch);
    }
    memory_free(engine->workers);
}

static void release_reports(struct engine *engine)
{
    for (int k = 0; k < engine->script->n_populations; k++)
        memory_free(engine->spikes[k].spikes);
    for (int k = 0; k < engine->n_sent; k++)
        memory_free(engine->sent[k].rows);
    memory_free(engine->spikes);
    memory_free(engine->spike_view);
    memory_free(engine->emission_next);
    memory_free(engine->n_spikes);
    memory_free(engine->sent);
    memory_free(engine->sent_view);
}

void engine_destroy(struct engine **destroyed)
{
    struct engine *engine = *destroyed;
    if (!engine)
        return;
    exchange_release(&engine->exchange);
    history_release(&engine->history);
    release_reports(engine);
    release_workers(engine);
    for (int k = 0; k < engine->options.n_probes; k++)
        sampler_release(&engine->samplers[k]);
    memory_free(engine->samplers);
    engine_release_paths(engine);
    for (int k = 0; k < engine->script->n_populations; k++) {
        nodes_release(&engine->nodes[k]);
        nodes_release(&engine->devices[k]);
    }
    memory_free(engine->nodes);
    memory_free(engine->devices);
    memory_free(engine->is_loud);
    memory_free(engine);
    *destroyed = NULL;
}

/* ---- what arrives in an interval ---- */

static void prepare(struct engine *engine, step_count begin, step_count end)
{
    double start = omp_get_wtime();
    for (int k = 0; k < engine->n_spike_paths; k++)
        spike_path_prepare(&engine->spike_paths[k], &engine->history, begin, end);
    for (int k = 0; k < engine->n_emission_paths; k++)
        emission_path_prepare(&engine->emission_paths[k], &engine->nodes[engine->emission_target[k]], begin, end);
    for (int k = 0; k < engine->options.n_probes; k++)
        sampler_begin(&engine->samplers[k], begin, end);
    engine->seconds[PHASE_PREPARE] += omp_get_wtime() - start;
}

/* ---- exchange ---- */

static void add_spikes(struct engine *engine, step_count begin)
{
    const struct script *script = engine->script;
    for (int population = 0; population < script->n_populations; population++) {
        const struct growing_spikes *list = &engine->spikes[population];
        for (uint64_t k = 0; engine->is_heard[population] && k < list->n; k++) {
            const struct spike *spike = &list->spikes[k];
            node_id node = script->populations[population].base + nodes_index(&engine->nodes[population], spike->local);
            exchange_add_spike(&engine->exchange,
                               (struct wire_spike){node, (uint16_t)(spike->step - begin), (uint16_t)spike->multiplicity});
        }
    }
}

/* On the wire a continuous value is (population, coupling, index, one number per step of the interval); nodes whose numbers are
 * all 0 are left out. */
enum { VALUE_HEAD = 3 };

static void add_values_of(struct engine *engine, int population, int coupling, int n_steps)
{
    const struct nodes *nodes = &engine->nodes[population];
    unsigned char *is_loud = engine->is_loud;
    memset(is_loud, 0, nodes->n);
    for (int step = 0; step < n_steps; step++) {
        const double *row = tile_row(&nodes->couplings, step, coupling);
        for (node_local local = 0; local < nodes->n; local++)
            is_loud[local] |= row[tile_place(&nodes->couplings, local)] != 0;
    }
    for (node_local local = 0; local < nodes->n; local++) {
        if (!is_loud[local])
            continue;
        double *entry = exchange_add_values(&engine->exchange, VALUE_HEAD + (uint64_t)n_steps);
        entry[0] = population;
        entry[1] = coupling;
        entry[2] = nodes_index(nodes, local);
        for (int step = 0; step < n_steps; step++)
            entry[VALUE_HEAD + step] = tile_row(&nodes->couplings, step, coupling)[tile_place(&nodes->couplings, local)];
    }
}

static void add_values(struct engine *engine, int n_steps)
{
    for (int population = 0; population < engine->script->n_populations; population++)
        for (int coupling = 0; coupling < engine->plan->nodes[population].n_couplings; coupling++)
            add_values_of(engine, population, coupling, n_steps);
}

static int population_of(const struct script *script, node_id node)
{
    int low = 0, high = script->n_populations - 1;
    while (low < high) {
        int middle = low + (high - low + 1) / 2;
        if (script->populations[middle].base <= node)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static void take_spikes(struct engine *engine, step_count begin, step_count end)
{
    history_begin(&engine->history, begin, end);
    for (uint64_t k = 0; k < engine->exchange.n_spikes_in; k++) {
        const struct wire_spike *spike = &engine->exchange.spikes_in[k];
        int population = population_of(engine->script, spike->node);
        node_index index = spike->node - engine->script->populations[population].base;
        history_add(&engine->history, population, begin + spike->step, (struct past_spike){index, spike->multiplicity});
    }
    history_end(&engine->history, begin, end);
}

static void take_values(struct engine *engine, step_count begin, step_count end)
{
    const uint64_t length = VALUE_HEAD + (uint64_t)(end - begin);
#pragma omp parallel for num_threads(engine->options.n_threads)
    for (int p = 0; p < engine->n_coupling_paths; p++) {
        struct coupling_path *path = &engine->coupling_paths[p];
        for (uint64_t k = 0; k < engine->exchange.n_values_in; k += length) {
            const double *entry = &engine->exchange.values_in[k];
            if (path->edges.source == (int)entry[0] && path->coupling == (int)entry[1])
                coupling_path_tell(path, (node_index)entry[2], begin, end, entry + VALUE_HEAD);
        }
    }
}

/* The first failure among this rank's threads. */
static struct block_failure first_failure(const struct engine *engine)
{
    struct block_failure first = {0};
    for (int t = 0; t < engine->options.n_threads; t++) {
        const struct block_failure *failure = &engine->workers[t].failure;
        bool earlier = failure->failed && (!first.failed || failure->step < first.step ||
                                           (failure->step == first.step &&
                                            (failure->population < first.population ||
                                             (failure->population == first.population && failure->local < first.local))));
        if (earlier)
            first = *failure;
    }
    return first;
}

static void describe_failure(const struct engine *engine, const struct block_failure *failure, char *text, size_t size)
{
    const struct population *population = &engine->script->populations[failure->population];
    const struct node_plan *plan = &engine->plan->nodes[failure->population];
    node_index index = nodes_index(&engine->nodes[failure->population], failure->local);
    double ms = (double)(failure->step + 1) * engine->script->dt * 1e3;
    if (failure->fault == BLOCK_NOT_FINITE)
        snprintf(text, size, "model '%s': variable '%s' of node %u of population '%s' became %s at t = %.10g ms",
                 population->model->name, plan->slots[failure->slot].name, index, population->name,
                 isnan(failure->value) ? "NaN (not a number)" : "infinite", ms);
    else
        snprintf(text, size,
                 "model '%s': the adaptive integrator makes no headway for node %u of population '%s' in the step that ends at t "
                 "= %.10g ms",
                 population->model->name, index, population->name, ms);
}

/* All ranks tell the same story: that of the rank whose failure came first. */
static int report_failure(struct engine *engine, int owner, const struct block_failure *own, struct fault *fault)
{
    char text[1024] = "";
    if (engine->exchange.rank == owner)
        describe_failure(engine, own, text, sizeof text);
    MPI_Bcast(text, sizeof text, MPI_CHAR, owner, engine->exchange.communicator);
    return fault_run(fault, "%s", text);
}

static int exchange(struct engine *engine, step_count begin, step_count end, struct fault *fault)
{
    double start = omp_get_wtime();
    exchange_begin(&engine->exchange);
    add_spikes(engine, begin);
    add_values(engine, (int)(end - begin));
    struct block_failure failure = first_failure(engine);
    struct wire_header header = {.failed = failure.failed, .fault_step = failure.step};
    if (failure.failed)
        header.fault_node = (int64_t)engine->script->populations[failure.population].base +
                            nodes_index(&engine->nodes[failure.population], failure.local);
    header.signal = engine->options.stop_signal ? *engine->options.stop_signal : 0;
    int failed = exchange_run(&engine->exchange, header);
    if (failed >= 0)
        return report_failure(engine, failed, &failure, fault);
    take_spikes(engine, begin, end);
    take_values(engine, begin, end);
    engine->seconds[PHASE_EXCHANGE] += omp_get_wtime() - start;
    return 0;
}

/* ---- observers ---- */

/* A row for each synapse of the rows that were reached. */
static void report_sent(struct engine *engine, int connection, struct growing_sent *out, step_count n_steps)
{
    out->n = 0;
    for (step_count step = 0; step < n_steps; step++)
        for (int p = 0; p < engine->n_spike_paths; p++) {
            const struct spike_path *path = &engine->spike_paths[p];
            for (uint64_t e = 0; path->edges->connection == connection && e < path->n_events; e++) {
                const struct row_event *event = &path->events[e];
                for (edge_count place = path->edges->row_begin[event->row];
                     event->step == step && place < path->edges->row_begin[event->row + 1]; place++)
                    *MEMORY_PUSH(out->rows, out->n, out->capacity, struct sent, RECORDING) = (struct sent){
                        event->emitted, (uint32_t)path->edges_index, place, event->copy, path->sent[e]};
            }
        }
}

static int show(struct engine *engine, const struct interval_view *view, struct fault *fault)
{
    for (int k = 0; k < engine->options.n_observers; k++)
        TRY(engine->options.observers[k].interval(engine->options.observers[k].context, view, fault));
    return 0;
}

/* Show the interval [begin, end), and what was transmitted by the arrivals of `n_arrival_steps` steps. */
static int observe(struct engine *engine, step_count begin, step_count end, step_count n_arrival_steps, struct fault *fault)
{
    double start = omp_get_wtime();
    for (int k = 0; k < engine->script->n_populations; k++)
        engine->spike_view[k] = (struct spike_list){engine->spikes[k].spikes, engine->spikes[k].n};
    for (int k = 0; k < engine->n_sent; k++) {
        report_sent(engine, engine->sent_view[k].connection, &engine->sent[k], n_arrival_steps);
        engine->sent_view[k].rows = engine->sent[k].rows;
        engine->sent_view[k].n = engine->sent[k].n;
    }
    struct interval_view view = {
        .begin = begin,
        .end = end,
        .spikes = engine->spike_view,
        .probes = engine->options.probes,
        .n_probes = engine->options.n_probes,
        .sent = engine->sent_view,
        .n_sent = engine->n_sent,
    };
    int status = show(engine, &view, fault);
    engine->seconds[PHASE_OBSERVE] += omp_get_wtime() - start;
    return status;
}

/* ---- the step loop ---- */

static int stop_requested(const struct engine *engine, struct fault *fault)
{
    for (int rank = 0; rank < engine->exchange.n_ranks; rank++)
        if (engine->exchange.headers[rank].signal)
            return fault_run(fault, "stopped by signal %d (%s) at t = %.10g ms", (int)engine->exchange.headers[rank].signal,
                             strsignal((int)engine->exchange.headers[rank].signal),
                             (double)engine->now * engine->script->dt * 1e3);
    return 0;
}

int engine_advance(struct engine *engine, step_count end, struct fault *fault)
{
    while (engine->now < end) {
        step_count begin = engine->now;
        step_count until = begin + engine->interval < end ? begin + engine->interval : end;
        prepare(engine, begin, until);
        engine_update(engine, begin, until);
        TRY(exchange(engine, begin, until, fault));
        TRY(observe(engine, begin, until, until - begin, fault));
        engine->now = until;
        TRY(stop_requested(engine, fault));
    }
    return 0;
}

int engine_finish(struct engine *engine, struct fault *fault)
{
    if (!engine->n_sent)
        return 0;
    for (int k = 0; k < engine->script->n_populations; k++)
        engine->spikes[k].n = 0;
    /* no further step is taken: the spikes on their way are looked up as if their time had come, and nothing is delivered */
    for (step_count begin = engine->now, last = begin + engine->plan->max_delay; begin < last; begin += engine->interval) {
        step_count end = begin + engine->interval < last ? begin + engine->interval : last;
        history_begin(&engine->history, begin, end);
        prepare(engine, begin, end);
        for (int k = 0; k < engine->options.n_probes; k++)
            engine->options.probes[k].n_frames = 0;
        TRY(observe(engine, engine->now, engine->now, end - begin, fault));
    }
    return 0;
}

step_count engine_now(const struct engine *engine)
{
    return engine->now;
}

step_count engine_interval(const struct engine *engine)
{
    return engine->interval;
}

uint64_t engine_spikes(const struct engine *engine, int population)
{
    return engine->n_spikes[population];
}

double engine_seconds(const struct engine *engine, enum engine_phase phase)
{
    double seconds = engine->seconds[phase];
    for (int t = 0; t < engine->options.n_threads; t++)
        seconds += engine->workers[t].seconds[phase] / engine->options.n_threads;
    return seconds;
}
