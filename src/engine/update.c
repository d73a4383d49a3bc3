/* The parallel part of an interval. A thread owns a contiguous range of the blocks of each population, so no two threads write
 * the same number, and which thread adds something up does not change the order in which it is added.
 *
 * Whole steps: what arrives in the interval is added up, then the nodes run through it. Nodes whose steps run in two phases are
 * one phase behind: what arrives in the step before is added up, now that its spikes are known; this step ends, and the next one
 * begins. */
#include <assert.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "engine/reading.h"
#include "engine/regular.h"
#include "engine/state.h"
#include "kernels/counts.h"
#include "kernels/interpreter.h"
#include "language/functions.h"
#include "network/runs.h"

struct block_range {
    uint32_t first, last; /* blocks [first, last) */
};

/* A thread's slab of the targets, in whole blocks. */
static struct block_range blocks_of_thread(const struct nodes *nodes, int thread, int n_threads)
{
    return (struct block_range){slab_begin(nodes->n, thread, n_threads) / LANES,
                                slab_begin(nodes->n, thread + 1, n_threads) / LANES};
}

/* ---- delivery ---- */

static void clear(const struct tile *tile, struct block_range range)
{
    memset(tile_block(tile, range.first, 0), 0, (range.last - range.first) * tile->pitch * sizeof(double));
}

/* How many nodes stand in a range of blocks; the last block may not be full. */
static uint64_t nodes_in(const struct nodes *nodes, struct block_range range)
{
    node_local first = range.first * LANES, last = range.last * LANES < nodes->n ? range.last * LANES : nodes->n;
    return first < last ? last - first : 0;
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

static void form_inputs(const struct engine *engine, struct worker *worker, int thread, int population, struct block_range range,
                        step_count begin, step_count end)
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

/* Keep the failure with the lowest (step, population, node). */
static void note_failure(struct worker *worker, const struct failure *failure)
{
    const struct failure *first = &worker->failure;
    bool is_lower = first->population == failure->population && failure->index < first->index; /* blocks may run backwards */
    if (!first->failed || failure->step < first->step || (failure->step == first->step && is_lower))
        worker->failure = *failure;
}

static void note_pathway(const struct engine *engine, struct worker *worker, int thread, const struct delivery *delivery)
{
    const struct pathway_path *path = &engine->pathway_paths[delivery->index];
    const struct pathway_failure *failure = pathway_path_failure(path, thread);
    if (failure->found)
        note_failure(worker, &(struct failure){
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

/* ---- integration ---- */

static int state_not_finite(const struct nodes *nodes, node_local local, double *value)
{
    for (int slot = 0; slot < nodes->plan->n_states; slot++) {
        *value = nodes_block(nodes, local / LANES)[slot * LANES + local % LANES];
        if (!isfinite(*value))
            return slot;
    }
    return -1;
}

/* What was to be drawn stands in the text. */
static void blame_draw(const struct node_plan *plan, int slot, struct failure *failure)
{
    const struct step_draw *draw = plan->shared.draws;
    while (draw->slot != slot)
        draw++;
    failure->span = draw->call->span;
    failure->law = draw->call->function == FUNCTION_POISSON ? COUNT_POISSON : COUNT_BINOMIAL;
}

static void note_block(struct worker *worker, const struct nodes *nodes, int population, uint32_t first_block, step_count begin,
                       const struct block_arguments *arguments)
{
    const node_local local = first_block * LANES + (node_local)arguments->fault_node;
    struct failure failure = {
        .failed = true,
        .kind = arguments->fault == BLOCK_NO_SUCH_LAW ? FAILURE_OF_LAW : FAILURE_OF_BLOCK,
        .step = begin + arguments->fault_step,
        .population = population,
        .index = nodes_index(nodes, local),
        .fault = arguments->fault,
        .arguments = {arguments->fault_arguments[0], arguments->fault_arguments[1]},
    };
    failure.slot = state_not_finite(nodes, local, &failure.value);
    if (failure.kind == FAILURE_OF_LAW)
        blame_draw(nodes->plan, arguments->fault_slot, &failure);
    note_failure(worker, &failure);
}

static struct block_rows rows_of(const struct tile *tile, uint32_t block, int step)
{
    return (struct block_rows){tile_block(tile, block, step), tile->pitch};
}

/* The steps [begin, end) of some blocks; or some phases of step `begin`, and of the one before (enum block_phase). Nothing may
 * happen in them. */
static void run_blocks(const struct engine *engine, struct worker *worker, int population, struct block_range blocks,
                       step_count interval_begin, step_count begin, step_count end, int phases)
{
    const struct nodes *nodes = &engine->nodes[population];
    const node_local end_node = nodes->n < blocks.last * LANES ? nodes->n : blocks.last * LANES;
    int offset = (int)(begin - interval_begin);
    while (nodes->run && blocks.first < blocks.last) {
        struct block_arguments arguments = {
            .slots = {nodes_block(nodes, blocks.first), (size_t)nodes->plan->n_slots * LANES},
            .shared = nodes->shared,
            .inputs = rows_of(&nodes->inputs, blocks.first, offset),
            .arrivals = rows_of(&nodes->arrivals, blocks.first - worker->arrivals_before, offset),
            .couplings = rows_of(&nodes->couplings, blocks.first, offset),
            .n_blocks = (int)(blocks.last - blocks.first),
            .n_nodes = (int)(end_node - blocks.first * LANES),
            .first_step = begin,
            .n_steps = (int)(end - begin),
            .dt = engine->script->dt,
            .index = nodes_index(nodes, blocks.first * LANES),
            .index_step = nodes->index_step,
            .spikes = worker->block_spikes,
            .spikes_room = block_spikes_room(engine),
            .draw_counts = counts_of_step,
            .plan = nodes->plan,
            .scratch = worker->scratch,
            .phases = phases,
            .spiked = nodes->spiked ? nodes->spiked + blocks.first : NULL,
        };
        nodes->run(&arguments);
        struct growing_spikes *spikes = &worker->spikes[population];
        for (int k = 0; k < arguments.n_spikes; k++) {
            const struct block_spike *spike = &arguments.spikes[k];
            *MEMORY_PUSH(spikes->spikes, spikes->n, spikes->capacity, struct spike, BUFFERS) = (struct spike){
                begin + spike->step, blocks.first * LANES + (node_local)spike->node, (uint32_t)spike->multiplicity};
        }
        if (arguments.fault)
            note_block(worker, nodes, population, blocks.first, begin, &arguments);
        blocks.first += (uint32_t)arguments.n_done;
    }
}

/* The same of blocks that run the whole interval. Their state passes through the cache, and where that is too small for it the
 * blocks that came last are still there when all have run: every other interval begins with them, and meets as much as fits. */
static void sweep(const struct engine *engine, struct worker *worker, int population, struct block_range blocks, step_count begin,
                  step_count end, int phases)
{
    enum { STRETCH = 256, FEW = 2 * STRETCH }; /* blocks; fewer than FEW are not worth it */
    const bool is_backwards = begin / engine->interval % 2 == 1 && blocks.last > blocks.first + FEW;
    while (is_backwards && blocks.last > blocks.first + STRETCH) {
        const struct block_range stretch = {blocks.last - STRETCH, blocks.last};
        run_blocks(engine, worker, population, stretch, begin, begin, end, phases);
        blocks.last = stretch.first;
    }
    run_blocks(engine, worker, population, blocks, begin, begin, end, phases);
}

/* The first block from `block` on, and before `last`, of which a sample is taken in the interval, `late` when all has arrived in
 * a step, or earlier; or `last`. */
static uint32_t next_sampled(const struct engine *engine, int population, uint32_t block, uint32_t last, bool late)
{
    const struct incoming *incoming = &engine->incoming[population];
    uint32_t next = last;
    for (int k = 0; k < incoming->n_samplers; k++) {
        const struct sampler *sampler = &engine->samplers[incoming->samplers[k]];
        const bool counts = sampler->probe->n_frames && (sampler->probe->slot >= RECORD_AT_AFTER_SYNAPSES) == late &&
                            !sampler_is_sparse(sampler);
        uint32_t sampled = counts ? sampler_next_block(sampler, block) : last;
        next = sampled < next ? sampled : next;
    }
    return next;
}

/* The same of blocks that stop in the interval: for a sample, or for what their nodes do at regular times. */
static uint32_t next_stop(const struct engine *engine, int population, uint32_t block, uint32_t last)
{
    return engine->nodes[population].plan->n_everys ? block : next_sampled(engine, population, block, last, false);
}

/* Samples of all probes that are due at `slot` of `step`; returns whether there were any. */
static bool sample_at(const struct engine *engine, struct worker *worker, int population, uint32_t block, step_count begin,
                      step_count step, enum record_slot slot, bool only_ask)
{
    const struct incoming *incoming = &engine->incoming[population];
    bool due = false;
    for (int k = 0; k < incoming->n_samplers; k++) {
        const struct sampler *sampler = &engine->samplers[incoming->samplers[k]];
        if (sampler->probe->slot != slot || !sampler_is_due(sampler, step) || sampler_is_sparse(sampler) ||
            sampler_next_block(sampler, block) != block)
            continue;
        due = true;
        if (!only_ask)
            sampler_take(sampler, &engine->nodes[population], block, begin, step, engine->script->dt, worker->scratch);
    }
    return due;
}

/* `every` of a block. */
static void act(const struct engine *engine, struct worker *worker, int population, uint32_t block, step_count step)
{
    const struct nodes *nodes = &engine->nodes[population];
    struct counts_refused refused = {.lanes = 0};
    regular_act(nodes, block, step, engine->script->dt, worker->scratch, &refused);
    if (!refused.lanes)
        return;
    const int lane = __builtin_ctz(refused.lanes);
    struct failure failure = {
        .failed = true,
        .kind = FAILURE_OF_LAW,
        .step = step,
        .population = population,
        .index = nodes_index(nodes, block * LANES + (node_local)lane),
        .arguments = {refused.mean_or_trials[lane], refused.probability[lane]},
    };
    blame_draw(nodes->plan, refused.slot[lane], &failure);
    note_failure(worker, &failure);
}

/* Those at the start of `step`, and before them what nodes do then, which at the beginning of the interval has been done. */
static bool sample(const struct engine *engine, struct worker *worker, int population, uint32_t block, step_count begin,
                   step_count step, bool only_ask)
{
    const bool acts = step > begin && regular_is_due(engine->nodes[population].plan, step);
    if (acts && !only_ask)
        act(engine, worker, population, block, step);
    return sample_at(engine, worker, population, block, begin, step, RECORD_AT_START, only_ask) || acts;
}

/* A block with probed nodes runs to each step in which a sample is due. Returns how far it came: to the last one. */
static step_count run_to_last_sample(const struct engine *engine, struct worker *worker, int population, uint32_t block,
                                     step_count begin, step_count end)
{
    step_count from = begin;
    for (step_count step = begin; step < end; step++) {
        if (!sample(engine, worker, population, block, begin, step, true))
            continue;
        if (step > from && engine->nodes[population].run)
            run_blocks(engine, worker, population, (struct block_range){block, block + 1}, begin, from, step, 0);
        from = step;
        sample(engine, worker, population, block, begin, step, false);
    }
    return from;
}

/* Blocks run the interval side by side; those that stopped on the way run the rest of it alone. */
static void integrate_whole_steps(const struct engine *engine, struct worker *worker, int population, struct block_range range,
                                  step_count begin, step_count end)
{
    const struct nodes *nodes = &engine->nodes[population];
    struct block_range waiting = range;
    for (uint32_t block = range.first; (block = next_stop(engine, population, block, range.last)) < range.last; block++) {
        const step_count from = run_to_last_sample(engine, worker, population, block, begin, end);
        if (from == begin || !nodes->run)
            continue;
        sweep(engine, worker, population, (struct block_range){waiting.first, block}, begin, end, 0);
        run_blocks(engine, worker, population, (struct block_range){block, block + 1}, begin, from, end, 0);
        waiting.first = block + 1;
    }
    if (nodes->run)
        sweep(engine, worker, population, waiting, begin, end, 0);
}

/* Samples of nodes that spiked, in blocks of nodes: spikes from `first` on are those of this step. */
static void sample_spikes(const struct engine *engine, struct worker *worker, int population, const struct sampler *sampler,
                          uint64_t first, step_count step)
{
    const struct growing_spikes *spikes = &worker->spikes[population];
    for (uint64_t k = first; k < spikes->n; k++) {
        const uint32_t block = spikes->spikes[k].local / LANES;
        if (k == first || block != spikes->spikes[k - 1].local / LANES)
            sampler_take(sampler, &engine->nodes[population], block, step, step, engine->script->dt, worker->scratch);
    }
}

static bool happens(const struct nodes *nodes, uint32_t block, int event_slot)
{
    const double *happened = nodes_block(nodes, block) + event_slot * LANES;
    bool any = false;
    for (int lane = 0; lane < LANES; lane++)
        any |= happened[lane] != 0;
    return any;
}

/* Likewise of nodes at which an event happened; and where it did, of all. */
static void sample_events(const struct engine *engine, struct worker *worker, int population, const struct sampler *sampler,
                          struct block_range range, step_count step)
{
    const struct nodes *nodes = &engine->nodes[population];
    const bool is_of_event = strcmp(sampler->probe->variable, sampler->probe->at_event) == 0;
    for (uint32_t block = range.first; block < range.last; block++)
        if (is_of_event || happens(nodes, block, sampler->event_slot))
            sampler_take(sampler, nodes, block, step, step, engine->script->dt, worker->scratch);
}

/* Behind the thresholds of the step. `first` of its spikes among those that this thread has noted. */
static void sample_sparsely(const struct engine *engine, struct worker *worker, int population, struct block_range range,
                            uint64_t first, step_count step)
{
    const struct incoming *incoming = &engine->incoming[population];
    for (int k = 0; k < incoming->n_samplers; k++) {
        const struct sampler *sampler = &engine->samplers[incoming->samplers[k]];
        if (!sampler_is_due(sampler, step))
            continue;
        if (sampler->probe->at_spikes)
            sample_spikes(engine, worker, population, sampler, first, step);
        else if (sampler->event_slot >= 0)
            sample_events(engine, worker, population, sampler, range, step);
    }
}

/* What is left of the open step, whose end may have been brought forward, and the beginning of the next one, in one pass; but for
 * blocks of which a sample is taken in between or behind it. */
static void integrate_phases(const struct engine *engine, struct worker *worker, int population, struct block_range range,
                             step_count step)
{
    const int end = engine->is_open && !engine->nodes[population].ends_early ? BLOCK_END : 0;
    const uint64_t n_spikes = worker->spikes[population].n;
    struct block_range waiting = range;
    for (uint32_t block = range.first; (block = next_sampled(engine, population, block, range.last, false)) < range.last;
         block++) {
        const struct block_range alone = {block, block + 1};
        sweep(engine, worker, population, (struct block_range){waiting.first, block}, step, step + 1, end | BLOCK_BEGIN);
        if (end)
            run_blocks(engine, worker, population, alone, step, step, step + 1, end);
        sample(engine, worker, population, block, step, step, false);
        run_blocks(engine, worker, population, alone, step, step, step + 1, BLOCK_BEGIN);
        sample_at(engine, worker, population, block, step, step, RECORD_AT_AFTER_THRESHOLDS, false);
        waiting.first = block + 1;
    }
    sweep(engine, worker, population, waiting, step, step + 1, end | BLOCK_BEGIN);
    sample_sparsely(engine, worker, population, range, n_spikes, step);
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
static void arrive(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end)
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

/* The end of the step before `now`, and what is recorded in it. */
static void end_step(const struct engine *engine, struct worker *worker, int population, struct block_range range, step_count now)
{
    struct block_range waiting = range;
    for (uint32_t block = range.first; (block = next_sampled(engine, population, block, range.last, true)) < range.last;
         block++) {
        const struct block_range alone = {block, block + 1};
        run_blocks(engine, worker, population, (struct block_range){waiting.first, block}, now, now, now + 1, BLOCK_END);
        run_blocks(engine, worker, population, alone, now, now, now + 1, BLOCK_TAKE_IN);
        sample_at(engine, worker, population, block, now - 1, now - 1, RECORD_AT_AFTER_SYNAPSES, false);
        run_blocks(engine, worker, population, alone, now, now, now + 1, BLOCK_RESET);
        sample_at(engine, worker, population, block, now - 1, now - 1, RECORD_AT_END, false);
        waiting.first = block + 1;
    }
    run_blocks(engine, worker, population, waiting, now, now, now + 1, BLOCK_END);
}

/* ---- panels ----
 *
 * State and arrivals of many nodes do not fit into a cache. What is added up for all nodes before the first of them takes it in
 * passes through it twice in each step. Where nothing is in the way (create.c), a thread adds up what arrives for a panel of its
 * blocks, lets them take it in, which clears the sums, and goes on with the next panel. So the sums of all panels stand in one
 * place, that of the first, and stay in the cache. Spikes are added in the same order as else for each target. */

enum { PANEL = 512 }; /* blocks; their state and arrivals take a part of the second cache */

/* The nth panel of a thread's blocks. Every other interval begins with the last one: what passed through the cache last is there
 * still. */
static struct block_range nth_panel(struct block_range range, uint32_t nth, bool is_backwards)
{
    const uint32_t n_panels = (range.last - range.first + PANEL - 1) / PANEL;
    const uint32_t first = range.first + (is_backwards ? n_panels - 1 - nth : nth) * PANEL;
    return (struct block_range){first, range.last - first < PANEL ? range.last : first + PANEL};
}

/* What arrives at a panel; with nth = 0 first of all, what arrives at all panels is looked up. */
static void arrive_at_panel(const struct engine *engine, struct worker *worker, int thread, int population,
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

typedef void panel_function(const struct engine *engine, struct worker *worker, int population, struct block_range blocks,
                            step_count now);

/* What arrived in the open step is added up and taken in by `run`, panel by panel. */
static void run_panels(const struct engine *engine, struct worker *worker, int thread, int population, step_count now,
                       panel_function *run)
{
    const struct block_range range = blocks_of_thread(&engine->nodes[population], thread, engine->options.n_threads);
    const bool is_backwards = now % 2 == 1;
    for (uint32_t nth = 0, n_done = 0; n_done < range.last - range.first; nth++) {
        const struct block_range panel = nth_panel(range, nth, is_backwards);
        arrive_at_panel(engine, worker, thread, population, range, panel, nth == 0, is_backwards);
        laps_end(&worker->laps, &worker->profile, PHASE_DELIVER);
        worker->arrivals_before = panel.first - range.first;
        run(engine, worker, population, panel, now);
        profile_lap(&worker->profile, PROFILE_INTEGRATE, population, 0);
        laps_end(&worker->laps, &worker->profile, PHASE_INTEGRATE);
        n_done += panel.last - panel.first;
    }
    worker->arrivals_before = 0;
}

/* The open step ends now where inputs are not to be formed before (nodes->ends_early), or everywhere. */
static void end_early(const struct engine *engine, struct worker *worker, int thread, step_count now, bool everywhere)
{
    for (int population = 0; engine->is_open && population < engine->script->n_populations; population++) {
        const struct nodes *nodes = &engine->nodes[population];
        if (nodes->since >= now || !node_plan_is_split(nodes->plan) || !(everywhere || nodes->ends_early))
            continue;
        if (engine->incoming[population].by_panels)
            run_panels(engine, worker, thread, population, now, end_step);
        else
            end_step(engine, worker, population, blocks_of_thread(nodes, thread, engine->options.n_threads), now);
        profile_lap(&worker->profile, PROFILE_INTEGRATE, population, 0);
    }
}

/* The values that are read in the step that begins. */
static void show_immediate(const struct engine *engine, struct worker *worker, int thread, step_count now)
{
    for (int population = 0; population < engine->script->n_populations; population++) {
        const struct nodes *nodes = &engine->nodes[population];
        const struct block_range range = blocks_of_thread(nodes, thread, engine->options.n_threads);
        if (!node_plan_shows_apart(nodes->plan) || nodes->since > now)
            continue;
        run_blocks(engine, worker, population, range, now, now, now + 1, BLOCK_SHOW);
        loud_values_pack(nodes, population, range.first, range.last, 1, true, &worker->loud);
        profile_lap(&worker->profile, PROFILE_INTEGRATE, population, 0);
    }
}

static void form_all_inputs(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end)
{
    for (int population = 0; population < engine->script->n_populations; population++)
        form_inputs(engine, worker, thread, population,
                    blocks_of_thread(&engine->nodes[population], thread, engine->options.n_threads), begin, end);
}

/* What pathways of other nodes read in the step, now that its thresholds have been tested. */
static void show_late(const struct engine *engine, struct worker *worker, int population, struct block_range range,
                      step_count step)
{
    const struct nodes *nodes = &engine->nodes[population];
    for (uint32_t block = range.first; nodes->plan->n_late_values > 0 && block < range.last; block++) {
        struct reading_leaves at;
        reading_begin(nodes, block, step, engine->script->dt, &at);
        at.leaves.inputs = tile_block(&nodes->inputs, block, 0);
        for (int k = 0; k < nodes->plan->n_late_values; k++) {
            const struct program *program = &nodes->plan->late_values[k].value;
            interpret(program, &at.leaves, worker->scratch);
            memcpy(tile_block(&nodes->late_values, block, 0) + k * LANES, worker->scratch + program->outputs[0].reg * LANES,
                   LANES * sizeof(double));
        }
    }
    loud_values_pack_late(nodes, population, range.first, range.last, &worker->loud);
}

static void integrate_all(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end)
{
    for (int population = 0; population < engine->script->n_populations; population++) {
        const struct nodes *nodes = &engine->nodes[population];
        struct block_range range = blocks_of_thread(nodes, thread, engine->options.n_threads);
        if (begin < nodes->since) /* intervals end where epochs do */
            continue;
        if (engine->incoming[population].by_panels)
            run_panels(engine, worker, thread, population, begin, integrate_phases);
        else if (node_plan_is_split(nodes->plan))
            integrate_phases(engine, worker, population, range, begin);
        else
            integrate_whole_steps(engine, worker, population, range, begin, end);
        loud_values_pack(nodes, population, range.first, range.last, (int)(end - begin), false, &worker->loud);
        show_late(engine, worker, population, range, begin);
        happened_pack(nodes, &engine->plan->channels, population, range.first, range.last, &worker->happened);
        profile_lap(&worker->profile, PROFILE_INTEGRATE, population, nodes_in(nodes, range) * (uint64_t)(end - begin));
    }
}

/* What nodes do at regular times, where it is due at the beginning of the interval: before anybody looks at them. */
static void act_regularly(const struct engine *engine, struct worker *worker, int thread, step_count begin)
{
    for (int population = 0; population < engine->script->n_populations; population++) {
        const struct nodes *nodes = &engine->nodes[population];
        struct block_range range = blocks_of_thread(nodes, thread, engine->options.n_threads);
        bool is_due = begin >= nodes->since && regular_is_due(nodes->plan, begin);
        for (uint32_t block = range.first; is_due && block < range.last; block++)
            act(engine, worker, population, block, begin);
    }
}

/* What a thread does in an interval, or in a part of one. */
typedef void work_function(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end);

/* Up to what other nodes are to read in the step that begins. */
static void work_before_inputs(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end)
{
    arrive(engine, worker, thread, begin, end);
    end_early(engine, worker, thread, begin, false);
    act_regularly(engine, worker, thread, begin);
    if (engine->shows_apart)
        show_immediate(engine, worker, thread, begin);
    laps_end(&worker->laps, &worker->profile, PHASE_DELIVER);
}

static void work_from_inputs(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end)
{
    form_all_inputs(engine, worker, thread, begin, end);
    laps_end(&worker->laps, &worker->profile, PHASE_DELIVER);
    integrate_all(engine, worker, thread, begin, end);
    laps_end(&worker->laps, &worker->profile, PHASE_INTEGRATE);
}

/* ---- the interval's spikes, ascending by (step, node) ---- */

static int compare_nodes(const void *left, const void *right)
{
    const struct spike *a = left, *b = right;
    return (a->local > b->local) - (a->local < b->local);
}

/* The spikes of a step ascend already, unless nodes left their gang or blocks ran backwards. A node spikes once in a step, so
 * this decides all. */
static void sort_by_node(struct spike *spikes, uint64_t n)
{
    for (uint64_t k = 1; k < n; k++)
        if (spikes[k - 1].local > spikes[k].local) {
            qsort(spikes, n, sizeof *spikes, compare_nodes);
            return;
        }
}

/* Stable by step, thread after thread; then by node. */
static void merge_spikes(struct engine *engine, int population, step_count begin, step_count end)
{
    uint64_t first[INTERVAL_STEPS_MAX + 1], total = 0;
    memset(first, 0, (size_t)(end - begin + 1) * sizeof *first);
    for (int t = 0; t < engine->options.n_threads; t++) {
        const struct growing_spikes *list = &engine->workers[t].spikes[population];
        total += list->n;
        for (uint64_t k = 0; k < list->n; k++)
            first[list->spikes[k].step - begin + 1]++;
    }
    for (step_count step = 1; step <= end - begin; step++)
        first[step] += first[step - 1];
    struct growing_spikes *merged = &engine->spikes[population];
    if (total > merged->capacity) {
        merged->capacity = 2 * total;
        merged->spikes = MEMORY_RESIZE(merged->spikes, merged->capacity, struct spike, BUFFERS);
    }
    merged->n = total;
    for (int t = 0; t < engine->options.n_threads; t++) {
        struct growing_spikes *list = &engine->workers[t].spikes[population];
        for (uint64_t k = 0; k < list->n; k++)
            merged->spikes[first[list->spikes[k].step - begin]++] = list->spikes[k];
        list->n = 0;
    }
    for (step_count step = 0; step < end - begin; step++) { /* by now first[step] is where the next step begins */
        uint64_t start = step > 0 ? first[step - 1] : 0;
        sort_by_node(merged->spikes + start, first[step] - start);
    }
}

static void emit(struct growing_spikes *spikes, step_count step, node_local local, uint32_t multiplicity)
{
    *MEMORY_PUSH(spikes->spikes, spikes->n, spikes->capacity, struct spike, BUFFERS) = (struct spike){step, local, multiplicity};
}

/* Is number `next` of the population's listed spikes, counted through all periods, emitted before `end`? Then its step. */
static bool is_emitted(const struct population *listed, uint64_t next, step_count end, step_count *step)
{
    const uint64_t n = listed->n_emissions;
    if (n == 0 || (next >= n && !listed->emission_period))
        return false;
    *step = listed->emission_steps[next % n] + (step_count)(next / n) * listed->emission_period;
    return *step < end;
}

/* Of spikes that are listed with their nodes, those of nodes here. */
static void emit_of_nodes(const struct population *listed, const struct nodes *nodes, uint64_t *next, step_count end,
                          struct growing_spikes *spikes)
{
    step_count step;
    for (; is_emitted(listed, *next, end, &step); ++*next) {
        node_local local;
        if (step >= nodes->since && nodes_find(nodes, listed->emission_nodes[*next % listed->n_emissions], &local))
            emit(spikes, step, local, 1);
    }
}

/* Nodes that `emit at LIST` spike in the listed steps, which ascend: all of them, or those that are listed too. Where they are
 * repeated, some lie before the population begins to exist. */
static void emit_listed(struct engine *engine, int population, step_count end)
{
    const struct population *listed = &engine->script->populations[population];
    const struct nodes *nodes = &engine->nodes[population];
    uint64_t *next = &engine->emission_next[population];
    struct growing_spikes *spikes = &engine->spikes[population];
    if (listed->emission_nodes) {
        emit_of_nodes(listed, nodes, next, end, spikes);
        return;
    }
    for (step_count step, same; is_emitted(listed, *next, end, &step);) {
        uint32_t multiplicity = 0;
        for (; is_emitted(listed, *next, end, &same) && same == step; ++*next)
            multiplicity++;
        for (node_local local = 0; step >= nodes->since && local < nodes->n; local++)
            emit(spikes, step, local, multiplicity);
    }
}

/* Results assume rounding to nearest and denormals kept, in every thread; a library that changed that would change them silently.
 */
static void assert_floating_point(void)
{
    enum { MODES = 0xffc0, DEFAULT = 0x1f80 };
    assert((__builtin_ia32_stmxcsr() & MODES) == DEFAULT);
}

/* What the slowest thread took longer than the others, and the starting and stopping of threads. */
static void note_waiting(struct engine *engine, double seconds)
{
    for (int t = 0; t < engine->options.n_threads; t++) {
        struct laps *laps = &engine->workers[t].laps;
        laps->seconds[PHASE_WAIT] += seconds - (laps->last - engine->workers[t].began);
    }
}

static void work_of_thread(const struct engine *engine, struct worker *worker, int thread, work_function *work, step_count begin,
                           step_count end, double now)
{
    assert_floating_point();
    worker->began = now;
    laps_begin(&worker->laps, &worker->profile, now);
    work(engine, worker, thread, begin, end);
}

static void work_in_one(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end)
{
    work_before_inputs(engine, worker, thread, begin, end);
    work_from_inputs(engine, worker, thread, begin, end);
}

/* A parallel region costs a microsecond even where one thread does it, which short steps would notice. */
static void in_all_threads(struct engine *engine, work_function *work, step_count begin, step_count end)
{
    const double start = engine->laps.last;
    if (engine->options.n_threads == 1) {
        work_of_thread(engine, &engine->workers[0], 0, work, begin, end, start);
        laps_begin(&engine->laps, &engine->profile, engine->workers[0].laps.last);
    } else {
#pragma omp parallel num_threads(engine->options.n_threads)
        {
            const int thread = omp_get_thread_num();
            work_of_thread(engine, &engine->workers[thread], thread, work, begin, end, omp_get_wtime());
        }
        laps_begin(&engine->laps, &engine->profile, omp_get_wtime());
    }
    note_waiting(engine, engine->laps.last - start);
}

void engine_update(struct engine *engine, step_count begin, step_count end)
{
    if (engine->shows_apart || engine->samples_within) {
        in_all_threads(engine, work_before_inputs, begin, end);
        if (engine->shows_apart)
            engine_share_values(engine, begin);
        engine_sample_within(engine, begin);
        in_all_threads(engine, work_from_inputs, begin, end);
    } else {
        in_all_threads(engine, work_in_one, begin, end);
    }
    engine->expected = begin;
    engine->is_open = engine->is_split;
    uint64_t n = 0;
    for (int population = 0; population < engine->script->n_populations; population++) {
        merge_spikes(engine, population, begin, end);
        if (engine->script->populations[population].model->emit.kind == EMIT_AT)
            emit_listed(engine, population, end);
        for (uint64_t k = 0; k < engine->spikes[population].n; k++)
            engine->n_spikes[population] += engine->spikes[population].spikes[k].multiplicity;
        if (engine->post[population].nodes)
            post_history_add(&engine->post[population], engine->spikes[population].spikes, engine->spikes[population].n);
        n += engine->spikes[population].n;
    }
    profile_lap(&engine->profile, PROFILE_SORT, 0, n); /* a part of the exchange, which follows */
}

static void work_of_closing(const struct engine *engine, struct worker *worker, int thread, step_count now, step_count end)
{
    arrive(engine, worker, thread, now, end);
    end_early(engine, worker, thread, now, true);
    laps_end(&worker->laps, &worker->profile, PHASE_DELIVER);
}

void engine_close(struct engine *engine)
{
    in_all_threads(engine, work_of_closing, engine->now, engine->now);
    engine_sample_within(engine, engine->now);
    engine->expected = engine->now;
    engine->is_open = false;
    for (int population = 0; population < engine->script->n_populations; population++)
        engine->spikes[population].n = 0;
}
