#include "engine/integrate.h"

#include <string.h>

#include "engine/failure.h"
#include "engine/regular.h"
#include "kernels/counts.h"

static struct block_rows rows_of(const struct tile *tile, uint32_t block, int step)
{
    return (struct block_rows){tile_block(tile, block, step), tile->pitch};
}

/* The steps [begin, end) of some blocks; or some phases of step `begin`, and of the one before (enum block_phase). Nothing may
 * happen in them. */
void integrate_blocks(const struct engine *engine, struct worker *worker, int population, struct block_range blocks,
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
            failure_note_block(worker, nodes, population, blocks.first, begin, &arguments);
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
        integrate_blocks(engine, worker, population, stretch, begin, begin, end, phases);
        blocks.last = stretch.first;
    }
    integrate_blocks(engine, worker, population, blocks, begin, begin, end, phases);
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
void integrate_acts(const struct engine *engine, struct worker *worker, int population, uint32_t block, step_count step)
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
    failure_blame_draw(nodes->plan, refused.slot[lane], &failure);
    failure_note(worker, &failure);
}

/* Those at the start of `step`, and before them what nodes do then, which at the beginning of the interval has been done. */
static bool sample(const struct engine *engine, struct worker *worker, int population, uint32_t block, step_count begin,
                   step_count step, bool only_ask)
{
    const bool acts = step > begin && regular_is_due(engine->nodes[population].plan, step);
    if (acts && !only_ask)
        integrate_acts(engine, worker, population, block, step);
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
            integrate_blocks(engine, worker, population, (struct block_range){block, block + 1}, begin, from, step, 0);
        from = step;
        sample(engine, worker, population, block, begin, step, false);
    }
    return from;
}

/* Blocks run the interval side by side; those that stopped on the way run the rest of it alone. */
void integrate_whole_steps(const struct engine *engine, struct worker *worker, int population, struct block_range range,
                           step_count begin, step_count end)
{
    const struct nodes *nodes = &engine->nodes[population];
    struct block_range waiting = range;
    for (uint32_t block = range.first; (block = next_stop(engine, population, block, range.last)) < range.last; block++) {
        const step_count from = run_to_last_sample(engine, worker, population, block, begin, end);
        if (from == begin || !nodes->run)
            continue;
        sweep(engine, worker, population, (struct block_range){waiting.first, block}, begin, end, 0);
        integrate_blocks(engine, worker, population, (struct block_range){block, block + 1}, begin, from, end, 0);
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
void integrate_phases(const struct engine *engine, struct worker *worker, int population, struct block_range range,
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
            integrate_blocks(engine, worker, population, alone, step, step, step + 1, end);
        sample(engine, worker, population, block, step, step, false);
        integrate_blocks(engine, worker, population, alone, step, step, step + 1, BLOCK_BEGIN);
        sample_at(engine, worker, population, block, step, step, RECORD_AT_AFTER_THRESHOLDS, false);
        waiting.first = block + 1;
    }
    sweep(engine, worker, population, waiting, step, step + 1, end | BLOCK_BEGIN);
    sample_sparsely(engine, worker, population, range, n_spikes, step);
}

/* The end of the step before `now`, and what is recorded in it. */
void integrate_end(const struct engine *engine, struct worker *worker, int population, struct block_range range, step_count now)
{
    struct block_range waiting = range;
    for (uint32_t block = range.first; (block = next_sampled(engine, population, block, range.last, true)) < range.last;
         block++) {
        const struct block_range alone = {block, block + 1};
        integrate_blocks(engine, worker, population, (struct block_range){waiting.first, block}, now, now, now + 1, BLOCK_END);
        integrate_blocks(engine, worker, population, alone, now, now, now + 1, BLOCK_TAKE_IN);
        sample_at(engine, worker, population, block, now - 1, now - 1, RECORD_AT_AFTER_SYNAPSES, false);
        integrate_blocks(engine, worker, population, alone, now, now, now + 1, BLOCK_RESET);
        sample_at(engine, worker, population, block, now - 1, now - 1, RECORD_AT_END, false);
        waiting.first = block + 1;
    }
    integrate_blocks(engine, worker, population, waiting, now, now, now + 1, BLOCK_END);
}
