/* What observers see of an interval. */
#include <omp.h>

#include "engine/state.h"

/* A row for each synapse of the row of edges that a spike reached. `sent`: of each synapse of the row, or NULL: all send `value`.
 */
static void report_row(struct growing_sent *out, const struct edges *edges, int edges_index, uint32_t row, step_count emitted,
                       uint32_t copy, const double *sent, double value)
{
    for (edge_count place = edges->row_begin[row]; place < edges->row_begin[row + 1]; place++)
        *MEMORY_PUSH(out->rows, out->n, out->capacity, struct sent,
                     RECORDING) = (struct sent){emitted, (uint32_t)edges_index, place, copy, sent ? sent[place] : value};
}

/* What arrived in a step of the interval. */
static void report_arrivals(const struct engine *engine, int connection, struct growing_sent *out, step_count step)
{
    for (int p = 0; p < engine->n_spike_paths; p++) {
        const struct spike_path *path = &engine->spike_paths[p];
        for (uint64_t e = 0; path->edges->connection == connection && e < path->n_events; e++)
            if (path->events[e].step == step)
                report_row(out, path->edges, path->edges_index, path->events[e].row, path->events[e].emitted,
                           path->events[e].copy, NULL, path->sent[e]);
    }
}

/* What was emitted in a step: synapses without state send the same with every spike. */
static void report_emissions(const struct engine *engine, int connection, struct growing_sent *out, step_count step)
{
    for (int p = 0; p < engine->n_synapse_paths; p++) {
        const struct synapse_path *path = &engine->synapse_paths[p];
        const struct step_spikes *list = history_at(&engine->history, path->edges->source, step);
        for (uint32_t k = 0; path->edges->connection == connection && k < list->n; k++) {
            int64_t row = edges_row(path->edges, list->spikes[k].index);
            for (uint32_t copy = 0; row >= 0 && copy < list->spikes[k].multiplicity; copy++)
                report_row(out, path->edges, path->edges_index, (uint32_t)row, step, copy, path->increments.sent, 0);
        }
    }
}

static void report_sent(struct engine *engine, int connection, struct growing_sent *out, step_count begin, step_count end,
                        step_count n_arrival_steps)
{
    out->n = 0;
    for (step_count step = 0; step < n_arrival_steps; step++)
        report_arrivals(engine, connection, out, step);
    for (step_count step = begin; step < end; step++)
        report_emissions(engine, connection, out, step);
}

static int show(struct engine *engine, const struct interval_view *view, struct fault *fault)
{
    for (int k = 0; k < engine->options.n_observers; k++)
        TRY(engine->options.observers[k].interval(engine->options.observers[k].context, view, fault));
    return 0;
}

int engine_show(struct engine *engine, step_count begin, step_count end, step_count n_arrival_steps, struct fault *fault)
{
    double start = omp_get_wtime();
    profile_begin(&engine->profile, start);
    for (int k = 0; k < engine->script->n_populations; k++)
        engine->spike_view[k] = (struct spike_list){engine->spikes[k].spikes, engine->spikes[k].n};
    for (int k = 0; k < engine->n_sent; k++) {
        report_sent(engine, engine->sent_view[k].connection, &engine->sent[k], begin, end, n_arrival_steps);
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
    profile_lap(&engine->profile, PROFILE_OBSERVE, 0, 1);
    engine->seconds[PHASE_OBSERVE] += omp_get_wtime() - start;
    return status;
}
