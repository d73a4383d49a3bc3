#include "engine/delivery.h"

#include <string.h>

#include "engine/failure.h"

static void clear(const struct tile *tile, struct block_range range)
{
    memset(tile_block(tile, range.first, 0), 0, (range.last - range.first) * tile->pitch * sizeof(double));
}

/* What one coupling adds to the inputs of this thread's nodes. */
static void couple(const struct engine *engine, struct worker *worker, int thread, struct incoming_coupling coupling,
                   const struct nodes *nodes, struct block_range range, step_count begin, step_count end)
{
    if (coupling.kind == COUPLING_LINEAR) {
        const struct coupling_path *path = &engine->coupling_paths[coupling.index];
        coupling_path_deliver(path, nodes, begin, end, range.first * LANES, range.last * LANES);
        profile_lap(&worker->profile, PROFILE_DELIVER, path->edges.connection, 0); /* counted once for all threads */
    } else {
        const struct formula_path *path = &engine->formula_paths[coupling.index];
        uint64_t n = formula_path_deliver(path, thread, begin, end, range.first, range.last);
        profile_lap(&worker->profile, PROFILE_DELIVER, path->edges->connection, n);
    }
}

void delivery_form_inputs(const struct engine *engine, struct worker *worker, int thread, int population,
                          struct block_range range, step_count begin, step_count end)
{
    const struct nodes *nodes = &engine->nodes[population];
    const struct incoming *incoming = &engine->incoming[population];
    node_local first = range.first * LANES, last = range.last * LANES;
    clear(&nodes->inputs, range);
    profile_lap(&worker->profile, PROFILE_CLEAR, population, nodes_in(nodes, range) * (uint64_t)(end - begin));
    for (int k = 0; k < incoming->n_couplings; k++)
        couple(engine, worker, thread, incoming->couplings[k], nodes, range, begin, end);
    for (int k = 0; k < incoming->n_noises; k++) {
        const struct noise_path *path = &engine->noise_paths[incoming->noises[k]];
        noise_path_deliver(path, nodes, begin, end, first, last);
        profile_lap(&worker->profile, PROFILE_DELIVER, path->edges->connection, 0);
    }
}

static void note_pathway(const struct engine *engine, struct worker *worker, int thread, const struct delivery *delivery)
{
    const struct pathway_path *path = &engine->pathway_paths[delivery->index];
    const struct pathway_failure *failure = pathway_path_failure(path, thread);
    if (failure->found)
        failure_note(worker, &(struct failure){
                                 .failed = true,
                                 .kind = FAILURE_OF_LAW,
                                 .step = failure->step,
                                 .population = delivery->target,
                                 .index = nodes_index(&engine->nodes[delivery->target], failure->target),
                                 .span = path->plan->pathways.list[failure->pathway].pathway->span,
                                 .law = failure->law,
                                 .arguments = {failure->arguments[0], failure->arguments[1]},
                             });
}

/* What arrives at this thread's nodes by one path. A fan is charged to the first of its connections. */
static void deliver(const struct engine *engine, struct worker *worker, int thread, const struct delivery *delivery,
                    step_count begin, step_count end)
{
    const struct nodes *nodes = delivery->target < 0 ? NULL : &engine->nodes[delivery->target];
    struct block_range range = nodes ? blocks_of_thread(nodes, thread, engine->options.n_threads) : (struct block_range){0};
    node_local first = range.first * LANES, last = range.last * LANES;
    const int target = nodes ? delivery->target : engine->fans[delivery->index].pieces[0].edges->target;
    const struct steps steps = engine_arrivals(engine, target, begin, end);
    const struct edges *edges = NULL;
    uint64_t n = 0; /* additions, where they have not been counted before */
    switch (delivery->kind) {
    case PATH_SPIKES:
        edges = engine->spike_paths[delivery->index].edges;
        spike_path_deliver(&engine->spike_paths[delivery->index], nodes, first, last);
        break;
    case PATH_SYNAPSES:
        edges = engine->synapse_paths[delivery->index].edges;
        n = synapse_path_deliver(&engine->synapse_paths[delivery->index], thread, nodes, steps.begin, steps.end);
        break;
    case PATH_EMISSION:
        edges = engine->emission_paths[delivery->index].edges;
        emission_path_deliver(&engine->emission_paths[delivery->index], nodes, steps.begin, steps.end, first, last);
        break;
    case PATH_FAN:
        edges = engine->fans[delivery->index].pieces[0].edges;
        n = fan_deliver(&engine->fans[delivery->index], thread, engine->fan_arrivals, steps.begin, steps.end);
        break;
    case PATH_PATHWAY:
        edges = engine->pathway_paths[delivery->index].edges;
        n = pathway_path_deliver(&engine->pathway_paths[delivery->index], delivery->pathway, thread, steps.begin, steps.end,
                                 first, last);
        note_pathway(engine, worker, thread, delivery);
        break;
    }
    profile_lap(&worker->profile, PROFILE_DELIVER, edges->connection, n);
}

/* Spikes that have come in since the last interval enter the calendars. */
static void expect(const struct engine *engine, struct worker *worker, int thread, step_count begin)
{
    for (int k = 0; k < engine->n_fans; k++) {
        struct fan *fan = &engine->fans[k];
        uint64_t n_runs = fan_expect(fan, thread, &engine->history, engine->expected, begin);
        profile_lap(&worker->profile, PROFILE_EXPECT, fan->pieces[0].edges->connection, n_runs);
    }
    for (int k = 0; k < engine->n_synapse_paths; k++) {
        struct synapse_path *path = &engine->synapse_paths[k];
        uint64_t n_runs = synapse_path_expect(path, thread, &engine->history, engine->expected, begin);
        profile_lap(&worker->profile, PROFILE_EXPECT, path->edges->connection, n_runs);
    }
}

/* What arrives is added up in the accumulators of the targets; where steps run in two phases, BLOCK_END has cleared them. There
 * the nodes' state is that behind the thresholds, and the step has not ended yet: synapses that do more than add find and change
 * it. */
void delivery_arrive(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end)
{
    expect(engine, worker, thread, begin);
    for (int population = 0; population < engine->script->n_populations; population++) {
        const struct nodes *nodes = &engine->nodes[population];
        if (!node_plan_is_split(nodes->plan))
            clear(&nodes->arrivals, blocks_of_thread(nodes, thread, engine->options.n_threads));
    }
    for (int k = 0; k < engine->n_deliveries; k++) {
        const int target = engine->deliveries[k].target;
        if (target < 0 || !engine->incoming[target].by_panels)
            deliver(engine, worker, thread, &engine->deliveries[k], begin, end);
    }
}

/* What arrives at a panel; with `is_first`, what arrives at all panels is looked up before. */
void delivery_arrive_at_panel(const struct engine *engine, struct worker *worker, int thread, int population,
                              struct block_range range, struct block_range panel, bool is_first, bool is_upper)
{
    const struct nodes *nodes = &engine->nodes[population];
    const struct tile sums = {tile_block(&nodes->arrivals, range.first, 0), nodes->arrivals.n_kinds, nodes->arrivals.pitch};
    for (int k = 0; k < engine->n_deliveries; k++) {
        const struct spike_path *path = &engine->spike_paths[engine->deliveries[k].index];
        if (engine->deliveries[k].target != population)
            continue;
        if (is_first)
            spike_path_begin_panels(path, thread, range.first * LANES, range.last * LANES);
        spike_path_deliver_panel(path, thread, &sums, panel.first * LANES, panel.last * LANES, is_upper);
        profile_lap(&worker->profile, PROFILE_DELIVER, path->edges->connection, 0); /* counted once for all threads */
    }
}
