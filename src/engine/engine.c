/* The step loop. The file of each of its parts has the part's name: update.c, share.c, show.c. */
#include "engine/engine.h"

#include <omp.h>
#include <string.h>

#include "engine/node_values.h"
#include "engine/state.h"

const char *const engine_phase_texts[] = {
#define X(name, text) text,
    ENGINE_PHASES(X)
#undef X
};

static void prepare_emission(struct engine *engine, int path, step_count begin, step_count end)
{
    struct emission_path *emission = &engine->emission_paths[path];
    struct emission_excess excess = {0};
    struct steps steps = engine_arrivals(engine, emission->edges->target, begin, end);
    emission_path_prepare(emission, steps.begin, steps.end, &excess);
    if (excess.found && !engine->emission_failure.failed)
        engine->emission_failure = (struct failure){.failed = true,
                                                    .kind = FAILURE_OF_DEVICE,
                                                    .step = excess.emitted,
                                                    .population = emission->edges->source,
                                                    .index = excess.device,
                                                    .value = excess.mean};
}

static void prepare(struct engine *engine, step_count begin, step_count end)
{
    profile_skip(&engine->profile);
    for (int k = 0; k < engine->n_spike_paths; k++) {
        const struct spike_path *path = &engine->spike_paths[k];
        struct steps steps = engine_arrivals(engine, path->edges->target, begin, end);
        spike_path_prepare(&engine->spike_paths[k], &engine->history, steps.begin, steps.end);
        profile_lap(&engine->profile, PROFILE_PREPARE, path->edges->connection, path->events.n);
    }
    for (int k = 0; k < engine->n_synapse_paths; k++) {
        struct synapse_path *path = &engine->synapse_paths[k];
        struct steps steps = engine_arrivals(engine, path->edges->target, begin, end);
        uint64_t n = plastic_tell(&path->plastic, &engine->history, engine->expected, begin, steps.begin);
        profile_lap(&engine->profile, PROFILE_PREPARE, path->edges->connection, n);
    }
    for (int k = 0; k < engine->n_emission_paths; k++) {
        const struct edges *edges = engine->emission_paths[k].edges;
        prepare_emission(engine, k, begin, end);
        profile_lap(&engine->profile, PROFILE_PREPARE, edges->connection, edges->n_rows * (uint64_t)(end - begin));
    }
    for (int k = 0; k < engine->n_noise_paths; k++) {
        const struct edges *edges = engine->noise_paths[k].edges;
        noise_path_prepare(&engine->noise_paths[k], begin, end);
        profile_lap(&engine->profile, PROFILE_PREPARE, edges->connection, edges->n_rows * (uint64_t)(end - begin));
    }
    for (int k = 0; k < engine->options.n_probes; k++) {
        struct steps steps = engine_sampled_steps(engine, engine->samplers[k].probe, begin, end);
        sampler_begin(&engine->samplers[k], steps.begin, steps.end);
    }
    laps_end(&engine->laps, &engine->profile, PHASE_PREPARE);
}

/* How much the threads are about to deliver: counted once for all of them. */
static void count_deliveries(struct engine *engine, step_count begin, step_count end)
{
    struct profile *profile = &engine->profile;
    for (int k = 0; k < engine->n_spike_paths; k++)
        profile_count(profile, PROFILE_DELIVER, engine->spike_paths[k].edges->connection,
                      spike_path_deliveries(&engine->spike_paths[k]));
    for (int k = 0; k < engine->n_emission_paths; k++) {
        const struct emission_path *path = &engine->emission_paths[k];
        struct steps steps = engine_arrivals(engine, path->edges->target, begin, end);
        profile_count(profile, PROFILE_DELIVER, path->edges->connection, emission_path_draws(path, steps.begin, steps.end));
    }
    for (int k = 0; k < engine->n_coupling_paths; k++)
        profile_count(profile, PROFILE_DELIVER, engine->coupling_paths[k].edges.connection,
                      coupling_path_additions(&engine->coupling_paths[k], begin, end));
    for (int k = 0; k < engine->n_noise_paths; k++)
        profile_count(profile, PROFILE_DELIVER, engine->noise_paths[k].edges->connection,
                      edges_size(engine->noise_paths[k].edges) * (uint64_t)(end - begin));
}

static int stop_requested(const struct engine *engine, struct fault *fault)
{
    for (int rank = 0; rank < engine->exchange.n_ranks; rank++)
        if (engine->exchange.headers[rank].signal)
            return fault_run(fault, "stopped by signal %d (%s) at t = %.10g ms", (int)engine->exchange.headers[rank].signal,
                             strsignal((int)engine->exchange.headers[rank].signal),
                             (double)engine->now * engine->script->dt * 1e3);
    return 0;
}

/* Leave whole steps behind: spikes without delay are under way at no time between two runs. */
static int close_step(struct engine *engine, struct fault *fault)
{
    step_count now = engine->now;
    engine_sample_before(engine, now, now, false);
    prepare(engine, now, now);
    if (engine->options.is_profiled)
        count_deliveries(engine, now, now);
    engine_close(engine);
    TRY(engine_share(engine, now, now, fault));
    engine_sample_after(engine, now, now);
    return engine_show(engine, now, now, now, fault);
}

int engine_advance(struct engine *engine, step_count end, struct fault *fault)
{
    for (int k = 0; k < engine->n_formula_paths; k++)
        formula_path_begin_run(&engine->formula_paths[k], engine->network);
    for (int k = 0; k < engine->n_pathway_paths; k++)
        pathway_path_begin_run(&engine->pathway_paths[k], engine->network);
    laps_begin(&engine->laps, &engine->profile, omp_get_wtime());
    for (const step_count run_begin = engine->now; engine->now < end;) {
        step_count begin = engine->now;
        step_count until = engine_next_sample(engine, begin);
        until = until < end ? until : end;
        engine_sample_before(engine, begin, until, begin == run_begin);
        prepare(engine, begin, until);
        if (engine->options.is_profiled)
            count_deliveries(engine, begin, until);
        engine_update(engine, begin, until);
        TRY(engine_share(engine, begin, until, fault));
        engine_sample_after(engine, begin, until);
        TRY(engine_show(engine, begin, until, engine->is_split ? begin : until, fault));
        engine->now = until;
        TRY(stop_requested(engine, fault));
    }
    if (engine->is_open)
        TRY(close_step(engine, fault));
    for (int k = 0; k < engine->n_formula_paths; k++)
        formula_path_receive(&engine->formula_paths[k], end);
    return 0;
}

int engine_assign(struct engine *engine, int first, int last, node_id *node, struct fault *fault)
{
    for (int k = 0; k < engine->script->n_populations; k++)
        TRY(node_values_assign(engine->script, &engine->nodes[k], first, last, node, fault));
    for (int k = 0; k < engine->n_emission_paths; k++)
        TRY(node_values_assign(engine->script, &engine->emission_paths[k].devices.nodes, first, last, node, fault));
    for (int k = 0; k < engine->n_noise_paths; k++)
        TRY(node_values_assign(engine->script, &engine->noise_paths[k].devices.nodes, first, last, node, fault));
    return 0;
}

/* Synapses whose state changes tell what they send when it arrives: let it arrive, at nodes that take no further step. */
static void arrive_late(struct engine *engine, step_count begin, step_count end)
{
    for (int k = 0; k < engine->n_synapse_paths; k++) {
        struct synapse_path *path = &engine->synapse_paths[k];
        for (int slab = 0; path->plastic.is_reported && slab < path->n_slabs; slab++) {
            synapse_path_expect(path, slab, &engine->history, engine->expected, begin);
            synapse_path_deliver(path, slab, &engine->nodes[path->edges->target], begin, end);
        }
    }
    engine->expected = begin;
}

/* Of the state that the last step left behind, for who asked for it. */
static int show_final_values(struct engine *engine, struct fault *fault)
{
    const step_count now = engine->now;
    bool any = engine_sample_last(engine);
    for (int k = 0; k < engine->options.n_probes; k++) {
        struct sampler *sampler = &engine->samplers[k];
        const struct nodes *nodes = &engine->nodes[sampler->probe->population];
        sampler_begin(sampler, now, now + 1);
        any = any || sampler->probe->n_frames;
        for (uint32_t block = 0; sampler->probe->n_frames && block < nodes->n_blocks; block++)
            sampler_take(sampler, nodes, block, now, now, engine->script->dt, engine->workers[0].scratch);
    }
    return any ? engine_show_samples(engine, fault) : 0;
}

int engine_finish(struct engine *engine, struct fault *fault)
{
    TRY(show_final_values(engine, fault));
    if (!engine->n_sent)
        return 0;
    engine->is_finished = true;
    laps_begin(&engine->laps, &engine->profile, omp_get_wtime());
    for (int k = 0; k < engine->script->n_populations; k++)
        engine->spikes[k].n = 0;
    /* no further step is taken: the spikes on their way are looked up as if their time had come, and move nobody */
    for (step_count begin = engine->now, last = begin + engine->plan->max_delay; begin < last; begin += engine->interval) {
        step_count end = begin + engine->interval < last ? begin + engine->interval : last;
        history_begin(&engine->history, begin, end);
        prepare(engine, begin, end);
        arrive_late(engine, begin, end);
        for (int k = 0; k < engine->options.n_probes; k++)
            engine->options.probes[k].n_frames = 0;
        for (int k = 0; k < engine->options.n_synapse_probes; k++)
            engine->options.synapse_probes[k].n_frames = 0;
        TRY(engine_show(engine, engine->now, engine->now, end, fault));
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

struct profile_cell engine_profile(const struct engine *engine, enum profile_part what, int which)
{
    int place = engine->profile.first[what] + which;
    struct profile_cell sum = engine->profile.cells[place];
    for (int t = 0; t < engine->options.n_threads; t++) {
        sum.seconds += engine->workers[t].profile.cells[place].seconds;
        sum.n += engine->workers[t].profile.cells[place].n;
    }
    return sum;
}

double engine_seconds(const struct engine *engine, enum engine_phase phase)
{
    double seconds = engine->laps.seconds[phase];
    for (int t = 0; t < engine->options.n_threads; t++)
        seconds += engine->workers[t].laps.seconds[phase] / engine->options.n_threads;
    return seconds;
}
