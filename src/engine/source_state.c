#include "engine/source_state.h"

#include "kernels/shared_values.h"
#include "support/memory.h"

/* An event of a pathway that runs at arrival has the time of its arrival. Where delays differ the plan has seen to it that no
 * time but that between events counts. */
static step_count stamp_offset(const struct connection_plan *plan, const struct population *source)
{
    return plan->at_arrival ? plan->connection->delay : source->model->spike_time_end;
}

void source_state_create(const struct connection_plan *plan, const struct edges *edges, const struct script *script,
                         const struct kernels *kernels, struct source_state *state)
{
    const struct connection *connection = plan->connection;
    *state = (struct source_state){
        .plan = plan,
        .on_pre = kernels_runner(kernels, &plan->on_pre),
        .n_rows = edges->n_rows,
        .stamp_offset = stamp_offset(plan, &script->populations[edges->source]),
        .dt = script->dt,
    };
    state->shared = shared_values(&plan->shared, plan->synapse, connection->values, script->dt, 0, MEMORY_SYNAPSES);
    state->state = MEMORY_NEW((size_t)plan->n_states * edges->n_rows, double, SYNAPSES);
    state->last_stamp = MEMORY_NEW(edges->n_rows, step_count, SYNAPSES);
    for (int k = 0; k < plan->n_states; k++)
        for (uint32_t row = 0; row < edges->n_rows; row++)
            state->state[(size_t)k * edges->n_rows + row] = connection->values[plan->state_variable[k]].number;
    state->before = MEMORY_NEW(plan->n_states * LANES, double, BUFFERS);
    state->factors = MEMORY_NEW(plan->n_factors * LANES, double, BUFFERS);
    state->scratch = memory_new(interpreter_scratch_bytes(&plan->on_pre), MEMORY_BUFFERS);
}

void source_state_release(struct source_state *state)
{
    memory_free(state->shared);
    memory_free(state->state);
    memory_free(state->last_stamp);
    memory_free(state->before);
    memory_free(state->factors);
    memory_free(state->scratch);
    *state = (struct source_state){0};
}

void row_events_collect(const struct edges *edges, const struct history *history, step_count emitted, struct row_events *list)
{
    if (emitted < edges->since)
        return;
    const struct step_spikes *spikes = history_at(history, edges->source, emitted);
    for (uint32_t k = 0; k < spikes->n; k++) {
        int64_t row = edges_row(edges, spikes->spikes[k].index);
        for (uint32_t copy = 0; row >= 0 && copy < spikes->spikes[k].multiplicity; copy++)
            *MEMORY_PUSH(list->events, list->n, list->capacity, struct row_event, BUFFERS) = (struct row_event){(uint32_t)row,
                                                                                                                copy, emitted};
    }
}

/* How many events can be computed at once: of different rows, since a row's events depend on each other. Within a step rows
 * ascend, and the copies of a spike stand together. */
static int batch_length(const struct row_event *events, uint64_t n)
{
    int length = 1;
    while (length < LANES && (uint64_t)length < n && events[length].emitted == events[0].emitted &&
           events[length].row != events[length - 1].row)
        length++;
    return length;
}

static void read_states(struct source_state *state, const struct row_event *events, int n, double *stamp, double *elapsed)
{
    for (int lane = 0; lane < LANES; lane++) { /* lanes beyond the batch repeat its last event */
        const struct row_event *event = &events[lane < n ? lane : n - 1];
        step_count stamped = event->emitted + state->stamp_offset;
        state->previous[lane] = state->last_stamp[event->row];
        stamp[lane] = (double)stamped * state->dt;
        elapsed[lane] = (double)(stamped - state->previous[lane]) * state->dt;
        for (int k = 0; k < state->plan->n_states; k++)
            state->before[k * LANES + lane] = state->state[(size_t)k * state->n_rows + event->row];
    }
}

static void write_states(struct source_state *state, const struct row_event *events, int n)
{
    const struct program *program = &state->plan->on_pre;
    const int n_states = state->plan->n_states;
    for (int lane = 0; lane < n; lane++)
        state->last_stamp[events[lane].row] = events[lane].emitted + state->stamp_offset;
    for (int k = 0; k < program->n_outputs; k++) {
        const double *value = state->scratch + program->outputs[k].reg * LANES;
        int slot = program->outputs[k].slot;
        for (int lane = 0; lane < n; lane++)
            if (slot < n_states)
                state->state[(size_t)slot * state->n_rows + events[lane].row] = value[lane];
            else
                state->factors[(slot - n_states) * LANES + lane] = value[lane];
    }
}

int source_state_run(struct source_state *state, const struct row_event *events, uint64_t n)
{
    _Alignas(LANES_ALIGNMENT) double elapsed[LANES], stamp[LANES];
    int length = batch_length(events, n);
    read_states(state, events, length, stamp, elapsed);
    program_run(&state->on_pre,
                &(struct interpreter_leaves){.shared = state->shared, .slots = state->before, .argument = elapsed, .time = stamp},
                state->scratch);
    write_states(state, events, length);
    return length;
}
