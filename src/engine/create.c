/* What an engine is made of: nodes, paths between them, samplers, and what each thread works with. Everything is allocated here.
 */
#include <string.h>

#include "engine/state.h"
#include "kernels/interpreter.h"

static bool is_split(const struct plan *plan)
{
    for (int k = 0; k < plan->script->n_populations; k++)
        if (node_plan_is_split(&plan->nodes[k]))
            return true;
    return false;
}

/* One step where what is added to it is known when it begins only. Else min-delay, or where nothing is exchanged a length that
 * keeps buffers small and faults prompt. */
static step_count choose_interval(const struct plan *plan)
{
    enum { UNCONNECTED = 32 };
    if (plan->stepwise_connection >= 0)
        return 1;
    step_count steps = plan->min_delay_connection < 0 ? UNCONNECTED : plan->min_delay;
    if (is_split(plan) || steps < 1)
        return 1;
    return steps < INTERVAL_STEPS_MAX ? steps : INTERVAL_STEPS_MAX;
}

/* The programs of the probes, lowered before the shared tables are made. */
static int plan_probes(struct arena *arena, struct plan *plan, const struct engine_options *options, struct program *programs,
                       struct fault *fault)
{
    for (int k = 0; k < options->n_probes; k++) {
        const struct probe *probe = &options->probes[k];
        struct node_plan *nodes = &plan->nodes[probe->population];
        const int variable = model_variable(nodes->model, probe->variable);
        if (probe->slot == RECORD_AT_START)
            TRY(node_plan_value(arena, nodes, variable, &programs[k], fault));
        else
            TRY(node_plan_value_within_step(arena, nodes, variable, &programs[k], fault));
    }
    return 0;
}

static void make_nodes(struct engine *engine)
{
    const struct script *script = engine->script;
    engine->nodes = MEMORY_NEW(script->n_populations, struct nodes, NODES);
    for (int k = 0; k < script->n_populations; k++) {
        nodes_create(script, &engine->plan->nodes[k], engine->kernels->block[k], engine->network->partition,
                     engine->network->rank, (int)engine->interval, &engine->nodes[k]);
        engine->nodes[k].ends_early |= engine->shows_apart;
    }
}

static void make_samplers(struct engine *engine, const struct program *programs)
{
    engine->samplers = MEMORY_NEW(engine->options.n_probes, struct sampler, RECORDING);
    for (int k = 0; k < engine->options.n_probes; k++) {
        struct probe *probe = &engine->options.probes[k];
        struct incoming *incoming = &engine->incoming[probe->population];
        sampler_create(probe, &programs[k], &engine->nodes[probe->population], &engine->samplers[k]);
        engine->nodes[probe->population].ends_early |= probe->slot >= RECORD_AT_AFTER_SYNAPSES;
        if (!incoming->samplers)
            incoming->samplers = MEMORY_NEW(engine->options.n_probes, int, RECORDING);
        incoming->samplers[incoming->n_samplers++] = k;
    }
}

static bool reaches(const struct delivery *delivery, const struct engine *engine, int population)
{
    const struct fan *fan = delivery->kind == PATH_FAN ? &engine->fans[delivery->index] : NULL;
    for (int p = 0; fan && p < fan->n_pieces; p++)
        if (fan->pieces[p].edges->target == population)
            return true;
    return delivery->target == population;
}

/* Arrivals may be added up panel by panel where nobody asks for them but the pass that ends a step and begins the next one, and
 * where all of them come from rows that can be cut in panels. */
static void choose_panels(struct engine *engine)
{
    for (int k = 0; k < engine->script->n_populations; k++) {
        bool *by_panels = &engine->incoming[k].by_panels;
        *by_panels = node_plan_is_split(&engine->plan->nodes[k]) && !engine->nodes[k].ends_early;
        for (int d = 0; d < engine->n_deliveries; d++)
            *by_panels &= engine->deliveries[d].kind == PATH_SPIKES || !reaches(&engine->deliveries[d], engine, k);
    }
}

static size_t scratch_bytes(const struct engine *engine)
{
    size_t largest = 0;
    for (int k = 0; k < engine->script->n_populations; k++) {
        size_t bytes = block_scratch_bytes(&engine->plan->nodes[k]);
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
        engine->workers[t].block_spikes = MEMORY_NEW(block_spikes_room(engine), struct block_spike, BUFFERS);
        engine->workers[t].scratch = memory_new(bytes, MEMORY_BUFFERS);
        profile_create(engine->script, engine->options.is_profiled, &engine->workers[t].profile);
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
    engine->kernels = kernels;
    engine->options = *options;
    engine->interval = choose_interval(plan);
    engine->is_split = is_split(plan);
    engine->shows_apart = plan->immediate_connection >= 0;
    make_nodes(engine);
    engine_make_paths(engine);
    make_samplers(engine, programs);
    choose_panels(engine);
    engine_make_synapse_samplers(engine);
    make_workers(engine);
    make_reports(engine);
    profile_create(plan->script, options->is_profiled, &engine->profile);
    history_create(plan->channels.n, plan->max_delay + engine->interval, &engine->history);
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
        memory_free(engine->workers[t].loud.numbers);
        memory_free(engine->workers[t].happened.events);
        memory_free(engine->workers[t].block_spikes);
        memory_free(engine->workers[t].scratch);
        profile_release(&engine->workers[t].profile);
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
    engine_release_synapse_samplers(engine);
    for (int k = 0; k < engine->options.n_probes; k++)
        sampler_release(&engine->samplers[k]);
    memory_free(engine->samplers);
    engine_release_paths(engine);
    for (int k = 0; k < engine->script->n_populations; k++)
        nodes_release(&engine->nodes[k]);
    memory_free(engine->nodes);
    profile_release(&engine->profile);
    memory_free(engine);
    *destroyed = NULL;
}
