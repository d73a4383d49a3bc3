/* The end of an interval: every rank tells the others who spiked, what its continuous sources had, and whether it is well. What
 * came in is kept until it has arrived everywhere. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/state.h"
#include "kernels/counts.h"

static void add_spikes(struct engine *engine, step_count begin)
{
    const struct script *script = engine->script;
    for (int population = 0; population < script->n_populations; population++) {
        const struct growing_spikes *list = &engine->spikes[population];
        for (uint64_t k = 0; engine->is_heard[population] && k < list->n; k++) {
            const struct spike *spike = &list->spikes[k];
            node_id node = script->populations[population].base + nodes_index(&engine->nodes[population], spike->local);
            for (uint32_t left = spike->multiplicity; left > 0;) {
                uint16_t sent = left < UINT16_MAX ? (uint16_t)left : UINT16_MAX;
                exchange_add_spike(&engine->exchange, (struct wire_spike){node, (uint16_t)(spike->step - begin), sent});
                left -= sent;
            }
        }
    }
}

/* The threads have packed their own. */
static void add_events(struct engine *engine)
{
    for (int t = 0; t < engine->options.n_threads; t++) {
        struct happened *list = &engine->workers[t].happened;
        for (uint64_t k = 0; k < list->n; k++)
            exchange_add_spike(&engine->exchange, list->events[k]);
        list->n = 0;
    }
}

/* Likewise. */
static void add_values(struct engine *engine)
{
    for (int t = 0; t < engine->options.n_threads; t++) {
        struct loud_values *list = &engine->workers[t].loud;
        exchange_add_values(&engine->exchange, list->numbers, list->n);
        list->n = 0;
    }
}

static void take_spikes(struct engine *engine, step_count begin, step_count end)
{
    const struct channels *channels = &engine->plan->channels;
    history_begin(&engine->history, begin, end);
    for (uint64_t k = 0; k < engine->exchange.n_spikes_in; k++) {
        const struct wire_spike *spike = &engine->exchange.spikes_in[k];
        const int channel = channels_of_id(channels, spike->node);
        const node_index index = spike->node - channels->list[channel].base;
        history_add(&engine->history, channel, begin + spike->step, (struct past_spike){index, spike->multiplicity});
    }
    history_end(&engine->history, begin, end);
}

/* Every entry is of another source or another value, so threads may take them in any order. */
static void take_values(struct engine *engine, step_count begin, step_count end)
{
    const uint64_t length = loud_length(end - begin), n = engine->exchange.n_values_in / length;
    const bool is_work_for_many = n > 64;
    if (n == 0) /* a parallel region costs something even where one thread does it */
        return;
#pragma omp parallel for num_threads(engine->options.n_threads) if (is_work_for_many)
    for (uint64_t k = 0; k < n; k++) {
        const double *entry = &engine->exchange.values_in[k * length];
        for (int p = 0; p < engine->n_source_values; p++) {
            struct source_values *values = engine->source_values[p];
            if (values->edges->source == (int)entry[LOUD_POPULATION] && values->coupling == (int)entry[LOUD_COUPLING])
                source_values_tell(values, (node_index)entry[LOUD_INDEX], begin, end, entry + LOUD_HEAD);
        }
    }
}

/* The first failure among this rank's devices and threads. */
static struct failure first_failure(const struct engine *engine)
{
    struct failure first = engine->emission_failure;
    for (int t = 0; t < engine->options.n_threads; t++) {
        const struct failure *failure = &engine->workers[t].failure;
        bool earlier = failure->failed && (!first.failed || failure->step < first.step ||
                                           (failure->step == first.step &&
                                            (failure->population < first.population ||
                                             (failure->population == first.population && failure->index < first.index))));
        if (earlier)
            first = *failure;
    }
    return first;
}

static void describe_failure(const struct engine *engine, const struct failure *failure, char *text, size_t size)
{
    const struct population *population = &engine->script->populations[failure->population];
    const struct node_plan *plan = &engine->plan->nodes[failure->population];
    double ms = (double)(failure->step + 1) * engine->script->dt * 1e3;
    if (failure->kind == FAILURE_OF_DEVICE) {
        snprintf(text, size,
                 "model '%s': node %u of population '%s' would emit %g spikes per step on average at t = %.10g ms; at most %g "
                 "are possible",
                 population->model->name, failure->index, population->name, failure->value, ms, EMISSION_MEAN_MAX);
        return;
    }
    if (failure->kind == FAILURE_OF_LAW) {
        char what[128];
        struct fault shown = {0};
        counts_describe(failure->law, failure->arguments[0], failure->arguments[1], what, sizeof what);
        source_fault(&shown, failure->span, "%s at node %u of population '%s' in the step from t = %.10g ms", what,
                     failure->index, population->name, (double)failure->step * engine->script->dt * 1e3);
        snprintf(text, size, "%s", shown.text);
        fault_clear(&shown);
        return;
    }
    if (failure->fault == BLOCK_NOT_FINITE)
        snprintf(text, size, "model '%s': variable '%s' of node %u of population '%s' became %s at t = %.10g ms",
                 population->model->name, plan->slots[failure->slot].name, failure->index, population->name,
                 isnan(failure->value) ? "NaN (not a number)" : "infinite", ms);
    else if (failure->fault == BLOCK_TOO_MANY_SPIKES)
        snprintf(text, size, "model '%s': node %u of population '%s' would emit more than %d spikes at t = %.10g ms",
                 population->model->name, failure->index, population->name, BLOCK_SPIKES_MAX, ms);
    else
        snprintf(text, size,
                 "model '%s': the adaptive integrator makes no headway for node %u of population '%s' in the step that ends at t "
                 "= %.10g ms",
                 population->model->name, failure->index, population->name, ms);
}

/* All ranks tell the same story: that of the rank whose failure came first. */
static int report_failure(struct engine *engine, int owner, const struct failure *own, struct fault *fault)
{
    char text[1024] = "";
    if (engine->exchange.rank == owner)
        describe_failure(engine, own, text, sizeof text);
    MPI_Bcast(text, sizeof text, MPI_CHAR, owner, engine->exchange.communicator);
    return fault_run(fault, "%s", text);
}

/* A failure waits for the end of the step. */
void engine_share_values(struct engine *engine, step_count step)
{
    exchange_begin(&engine->exchange);
    add_values(engine);
    profile_lap(&engine->profile, PROFILE_PACK, 0, 0);
    exchange_run(&engine->exchange, (struct wire_header){0});
    profile_lap(&engine->profile, PROFILE_TALK, 0, 1);
    take_values(engine, step, step + 1);
    profile_lap(&engine->profile, PROFILE_UNPACK, 0, 0);
    laps_end(&engine->laps, &engine->profile, PHASE_EXCHANGE);
}

int engine_share(struct engine *engine, step_count begin, step_count end, struct fault *fault)
{
    exchange_begin(&engine->exchange);
    add_spikes(engine, begin);
    add_events(engine);
    add_values(engine);
    struct failure failure = first_failure(engine);
    struct wire_header header = {.failed = failure.failed, .fault_step = failure.step};
    if (failure.failed)
        header.fault_node = (int64_t)engine->script->populations[failure.population].base + failure.index;
    header.signal = engine->options.stop_signal ? *engine->options.stop_signal : 0;
    profile_lap(&engine->profile, PROFILE_PACK, 0, engine->exchange.n_spikes_out);
    int failed = exchange_run(&engine->exchange, header);
    profile_lap(&engine->profile, PROFILE_TALK, 0, 1);
    if (failed >= 0)
        return report_failure(engine, failed, &failure, fault);
    take_spikes(engine, begin, end);
    take_values(engine, begin, end);
    profile_lap(&engine->profile, PROFILE_UNPACK, 0, engine->exchange.n_spikes_in);
    laps_end(&engine->laps, &engine->profile, PHASE_EXCHANGE);
    return 0;
}
