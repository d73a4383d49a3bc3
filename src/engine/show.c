/* What observers see of an interval. */
#include <omp.h>

#include "engine/state.h"

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

int engine_show(struct engine *engine, step_count begin, step_count end, step_count n_arrival_steps, struct fault *fault)
{
    double start = omp_get_wtime();
    profile_begin(&engine->profile, start);
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
    profile_lap(&engine->profile, PROFILE_OBSERVE, 0, 1);
    engine->seconds[PHASE_OBSERVE] += omp_get_wtime() - start;
    return status;
}
