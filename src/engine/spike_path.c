#include "engine/spike_path.h"

#include <string.h>

#include "engine/rows.h"
#include "kernels/interpreter.h"
#include "kernels/shared_values.h"
#include "support/lanes.h"

void spike_path_create(const struct connection_plan *plan, const struct edges *edges, int edges_index,
                       const struct script *script, const struct nodes *target, struct spike_path *path)
{
    const struct connection *connection = plan->connection;
    *path = (struct spike_path){
        .edges = edges,
        .edges_index = edges_index,
        .plan = plan,
        .target_shared = target->shared,
        .stamp_offset = script->populations[edges->source].model->spike_time_end,
        .dt = script->dt,
    };
    path->port = nodes_port(target, connection->port);
    path->shared = shared_values(&plan->shared, plan->synapse, connection->values, script->dt, 0, MEMORY_SYNAPSES);
    path->state = MEMORY_NEW((size_t)plan->n_states * edges->n_rows, double, SYNAPSES);
    path->last_stamp = MEMORY_NEW(edges->n_rows, step_count, SYNAPSES);
    for (int k = 0; k < plan->n_states; k++)
        for (uint32_t row = 0; row < edges->n_rows; row++)
            path->state[(size_t)k * edges->n_rows + row] = connection->values[plan->state_variable[k]].number;
    size_t bytes = interpreter_scratch_bytes(&plan->on_pre), port_bytes = interpreter_scratch_bytes(&path->port->increments);
    path->scratch = memory_new(bytes > port_bytes ? bytes : port_bytes, MEMORY_BUFFERS);
    path->batch_state = MEMORY_NEW(plan->n_states * LANES, double, BUFFERS);
}

void spike_path_release(struct spike_path *path)
{
    memory_free(path->shared);
    memory_free(path->state);
    memory_free(path->last_stamp);
    memory_free(path->events);
    memory_free(path->sent);
    memory_free(path->increments);
    memory_free(path->scratch);
    memory_free(path->batch_state);
    *path = (struct spike_path){0};
}

/* ---- the events of an interval ---- */

static void make_room(struct spike_path *path)
{
    size_t room = path->events_capacity * sizeof(double);
    memory_free(path->sent);
    memory_free(path->increments);
    path->sent = memory_new(room, MEMORY_BUFFERS);
    path->increments = memory_new(room * (size_t)path->port->increments.n_outputs, MEMORY_BUFFERS);
}

static void collect(struct spike_path *path, const struct history *history, step_count begin, step_count end)
{
    uint64_t capacity = path->events_capacity;
    path->n_events = 0;
    for (step_count step = begin; step < end; step++) {
        step_count emitted = step - path->plan->connection->delay;
        const struct step_spikes *list = history_at(history, path->edges->source, emitted);
        for (uint32_t k = 0; k < list->n; k++) {
            int64_t row = edges_row(path->edges, list->spikes[k].index);
            for (uint32_t copy = 0; row >= 0 && copy < list->spikes[k].multiplicity; copy++)
                *MEMORY_PUSH(path->events, path->n_events, path->events_capacity, struct row_event,
                             BUFFERS) = (struct row_event){(uint32_t)row, (int)(step - begin), emitted, copy};
        }
    }
    if (path->events_capacity != capacity)
        make_room(path);
}

/* How many events from `first` on can be computed at once: of different rows, since a row's events depend on each other. Within a
 * step rows ascend, and the copies of a spike stand together. */
static int batch_length(const struct spike_path *path, uint64_t first)
{
    int n = 1;
    while (n < LANES && first + (uint64_t)n < path->n_events &&
           path->events[first + (uint64_t)n].step == path->events[first].step &&
           path->events[first + (uint64_t)n].row != path->events[first + (uint64_t)n - 1].row)
        n++;
    return n;
}

static void run_on_pre(struct spike_path *path, uint64_t first, int n)
{
    const struct connection_plan *plan = path->plan;
    const size_t n_rows = path->edges->n_rows;
    _Alignas(LANES_ALIGNMENT) double elapsed[LANES], stamp[LANES];
    for (int lane = 0; lane < LANES; lane++) { /* lanes beyond the batch repeat its last event */
        const struct row_event *event = &path->events[first + (uint64_t)(lane < n ? lane : n - 1)];
        step_count stamped = event->emitted + path->stamp_offset;
        stamp[lane] = (double)stamped * path->dt;
        elapsed[lane] = (double)(stamped - path->last_stamp[event->row]) * path->dt;
        for (int k = 0; k < plan->n_states; k++)
            path->batch_state[k * LANES + lane] = path->state[(size_t)k * n_rows + event->row];
    }
    interpret(
        &plan->on_pre,
        &(struct interpreter_leaves){.shared = path->shared, .slots = path->batch_state, .argument = elapsed, .time = stamp},
        path->scratch);
    for (int lane = 0; lane < n; lane++) {
        const struct row_event *event = &path->events[first + (uint64_t)lane];
        path->last_stamp[event->row] = event->emitted + path->stamp_offset;
        for (int k = 0; k < plan->on_pre.n_outputs; k++) {
            double value = path->scratch[plan->on_pre.outputs[k].reg * LANES + lane];
            int slot = plan->on_pre.outputs[k].slot;
            if (slot < plan->n_states)
                path->state[(size_t)slot * n_rows + event->row] = value;
            else
                path->sent[first + (uint64_t)lane] = value;
        }
    }
}

static void run_port(struct spike_path *path, uint64_t first, int n)
{
    const struct program *program = &path->port->increments;
    _Alignas(LANES_ALIGNMENT) double argument[LANES];
    for (int lane = 0; lane < LANES; lane++)
        argument[lane] = path->sent[first + (uint64_t)(lane < n ? lane : n - 1)];
    interpret(program, &(struct interpreter_leaves){.shared = path->target_shared, .argument = argument}, path->scratch);
    for (int k = 0; k < program->n_outputs; k++)
        memcpy(path->increments + (uint64_t)k * path->events_capacity + first, path->scratch + program->outputs[k].reg * LANES,
               (size_t)n * sizeof(double));
}

void spike_path_prepare(struct spike_path *path, const struct history *history, step_count begin, step_count end)
{
    collect(path, history, begin, end);
    for (uint64_t first = 0; first < path->n_events;) {
        int n = batch_length(path, first);
        run_on_pre(path, first, n);
        run_port(path, first, n);
        first += (uint64_t)n;
    }
}

/* ---- delivery ---- */

uint64_t spike_path_deliveries(const struct spike_path *path)
{
    const edge_count *row_begin = path->edges->row_begin;
    uint64_t n = 0;
    for (uint64_t e = 0; e < path->n_events; e++)
        n += row_begin[path->events[e].row + 1] - row_begin[path->events[e].row];
    return n;
}

void spike_path_deliver(const struct spike_path *path, const struct nodes *target, node_local first, node_local last)
{
    const struct edges *edges = path->edges;
    const struct program *program = &path->port->increments;
    for (uint64_t e = 0; e < path->n_events; e++) {
        const struct row_event *event = &path->events[e];
        edge_count begin, end;
        rows_range(edges, event->row, first, last, &begin, &end);
        for (int k = 0; k < program->n_outputs; k++) {
            double increment = path->increments[(uint64_t)k * path->events_capacity + e];
            if (increment == 0) /* a sum that began at +0 is not changed by adding 0 */
                continue;
            double *row = tile_row(&target->arrivals, event->step, program->outputs[k].slot);
            for (edge_count place = begin; place < end; place++)
                row[tile_place(&target->arrivals, edges->target_local[place])] += increment;
        }
    }
}
