/* What observers see of an interval. */
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

/* What the spikes that arrived sent. */
static void report_arrivals(const struct spike_path *path, struct growing_sent *out)
{
    for (uint64_t e = 0; e < path->events.n; e++) {
        const struct row_event *event = &path->events.events[e];
        report_row(out, path->edges, path->edges_index, event->row, event->emitted, event->copy, NULL, path->sent[e]);
    }
}

/* What was emitted: synapses without state send the same with every spike. */
static void report_emissions(const struct fan_piece *piece, const struct history *history, struct growing_sent *out,
                             step_count begin, step_count end)
{
    for (step_count step = begin > piece->edges->since ? begin : piece->edges->since; step < end; step++) {
        const struct step_spikes *list = history_at(history, piece->edges->source, step);
        for (uint32_t k = 0; k < list->n; k++) {
            int64_t row = edges_row(piece->edges, list->spikes[k].index);
            for (uint32_t copy = 0; row >= 0 && copy < list->spikes[k].multiplicity; copy++)
                report_row(out, piece->edges, piece->edges_index, (uint32_t)row, step, copy, piece->increments.sent, 0);
        }
    }
}

/* What arrived at plastic synapses. */
static void report_plastic(const struct plastic *plastic, struct growing_sent *out)
{
    for (int slab = 0; slab < plastic->n_slabs; slab++) {
        const struct growing_sent *sent = &plastic->workers[slab].sent;
        for (uint64_t k = 0; k < sent->n; k++)
            *MEMORY_PUSH(out->rows, out->n, out->capacity, struct sent, RECORDING) = sent->rows[k];
    }
}

static void report_sent(struct engine *engine, int connection, struct growing_sent *out, step_count begin, step_count end)
{
    out->n = 0;
    for (int p = 0; p < engine->n_spike_paths; p++)
        if (engine->spike_paths[p].edges->connection == connection)
            report_arrivals(&engine->spike_paths[p], out);
    for (int p = 0; p < engine->n_synapse_paths; p++)
        if (engine->synapse_paths[p].edges->connection == connection)
            report_plastic(&engine->synapse_paths[p].plastic, out);
    for (int k = 0; k < engine->n_fans; k++)
        for (int p = 0; p < engine->fans[k].n_pieces; p++)
            if (engine->fans[k].pieces[p].edges->connection == connection)
                report_emissions(&engine->fans[k].pieces[p], &engine->history, out, begin, end);
}

/* The steps before this one have been reported: at emission, or when the last of what they emitted arrived. */
static step_count complete(const struct connection_plan *plan, step_count end, step_count arrived)
{
    return connection_plan_is_steady(plan) ? end : arrived - plan->max_delay;
}

static int show(struct engine *engine, const struct interval_view *view, struct fault *fault)
{
    for (int k = 0; k < engine->options.n_observers; k++)
        TRY(engine->options.observers[k].interval(engine->options.observers[k].context, view, fault));
    return 0;
}

static struct interval_view view_of(const struct engine *engine, step_count begin, step_count end)
{
    return (struct interval_view){
        .begin = begin,
        .end = end,
        .spikes = engine->spike_view,
        .probes = engine->options.probes,
        .n_probes = engine->options.n_probes,
        .synapse_probes = engine->options.synapse_probes,
        .n_synapse_probes = engine->options.n_synapse_probes,
    };
}

int engine_show_samples(struct engine *engine, struct fault *fault)
{
    for (int k = 0; k < engine->script->n_populations; k++)
        engine->spike_view[k].n = 0;
    struct interval_view view = view_of(engine, engine->now, engine->now);
    return show(engine, &view, fault);
}

int engine_show(struct engine *engine, step_count begin, step_count end, step_count arrived, struct fault *fault)
{
    for (int k = 0; k < engine->script->n_populations; k++)
        engine->spike_view[k] = (struct spike_list){engine->spikes[k].spikes, engine->spikes[k].n};
    for (int k = 0; k < engine->n_sent; k++) {
        int connection = engine->sent_view[k].connection;
        report_sent(engine, connection, &engine->sent[k], begin, end);
        engine->sent_view[k].rows = engine->sent[k].rows;
        engine->sent_view[k].n = engine->sent[k].n;
        engine->sent_view[k].complete = complete(&engine->plan->connections[connection], end, arrived);
    }
    struct interval_view view = view_of(engine, begin, end);
    view.sent = engine->sent_view;
    view.n_sent = engine->n_sent;
    int status = show(engine, &view, fault);
    profile_lap(&engine->profile, PROFILE_OBSERVE, 0, 1);
    laps_end(&engine->laps, &engine->profile, PHASE_OBSERVE);
    return status;
}
