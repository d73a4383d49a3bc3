/* The parallel part of an interval. A thread owns a contiguous range of the blocks of each population, so no two threads write
 * the same number, and which thread adds something up does not change the order in which it is added.
 *
 * Whole steps: what arrives in the interval is added up, then the nodes run through it. Nodes whose steps run in two phases are
 * one phase behind: what arrives in the step before is added up, now that its spikes are known; this step ends, and the next one
 * begins. */
#include <assert.h>
#include <omp.h>
#include <string.h>

#include "engine/delivery.h"
#include "engine/integrate.h"
#include "engine/interval_spikes.h"
#include "engine/reading.h"
#include "engine/regular.h"
#include "kernels/interpreter.h"

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
        delivery_arrive_at_panel(engine, worker, thread, population, range, panel, nth == 0, is_backwards);
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
            run_panels(engine, worker, thread, population, now, integrate_end);
        else
            integrate_end(engine, worker, population, blocks_of_thread(nodes, thread, engine->options.n_threads), now);
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
        integrate_blocks(engine, worker, population, range, now, now, now + 1, BLOCK_SHOW);
        loud_values_pack(nodes, population, range.first, range.last, 1, true, &worker->loud);
        profile_lap(&worker->profile, PROFILE_INTEGRATE, population, 0);
    }
}

static void form_all_inputs(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end)
{
    for (int population = 0; population < engine->script->n_populations; population++)
        delivery_form_inputs(engine, worker, thread, population,
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
            integrate_acts(engine, worker, population, block, begin);
    }
}

/* What a thread does in an interval, or in a part of one. */
typedef void work_function(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end);

/* Up to what other nodes are to read in the step that begins. */
static void work_before_inputs(const struct engine *engine, struct worker *worker, int thread, step_count begin, step_count end)
{
    delivery_arrive(engine, worker, thread, begin, end);
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
        interval_spikes_merge(engine, population, begin, end);
        if (engine->script->populations[population].model->emit.kind == EMIT_AT)
            interval_spikes_emit_listed(engine, population, end);
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
    delivery_arrive(engine, worker, thread, now, end);
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
