/* Lanes are filled across runs, since a run may be a single synapse; what they send is added in order of the runs. */
#include "engine/plastic.h"

#include <string.h>

#include "engine/replay.h"
#include "support/lanes.h"
#include "support/memory.h"

/* Places in plan->per_synapse's arguments. */
enum { ELAPSED, FIRST_FACTOR };

/* Of the programs that run for each synapse. */
static size_t scratch_bytes(const struct plastic *plastic)
{
    const struct connection_plan *plan = plastic->plan;
    size_t bytes = 0;
    interpreter_scratch_include(&bytes, &plan->per_synapse);
    interpreter_scratch_include(&bytes, &plastic->port->increments);
    for (int k = 0; k < plan->n_on_post; k++)
        interpreter_scratch_include(&bytes, &plan->on_post[k].program);
    return bytes;
}

static void worker_create(const struct plastic *plastic, struct plastic_worker *worker)
{
    const struct connection_plan *plan = plastic->plan;
    worker->slots = MEMORY_NEW((plan->n_states + plan->n_columns) * LANES, double, BUFFERS);
    worker->arguments = MEMORY_NEW((FIRST_FACTOR + plan->n_factors) * LANES, double, BUFFERS);
    worker->sending = MEMORY_NEW(plan->n_sent * LANES, double, BUFFERS);
    worker->scratch = memory_new(scratch_bytes(plastic), MEMORY_BUFFERS);
}

static void worker_release(struct plastic_worker *worker)
{
    memory_free(worker->slots);
    memory_free(worker->arguments);
    memory_free(worker->sending);
    memory_free(worker->scratch);
    memory_free(worker->sent.rows);
}

void plastic_create(const struct connection_plan *plan, struct edges *edges, int edges_index, const struct script *script,
                    const struct nodes *target, const struct post_history *post, const struct kernels *kernels, bool is_reported,
                    struct plastic *plastic)
{
    *plastic = (struct plastic){.plan = plan,
                                .edges = edges,
                                .edges_index = edges_index,
                                .port = node_plan_port(target->plan, plan->port),
                                .target_shared = target->shared,
                                .is_reported = is_reported,
                                .post = plan->n_on_post ? post : NULL,
                                .post_offset = script->populations[edges->target].model->spike_time_end,
                                .n_slabs = edges->n_slabs};
    source_state_create(plan, edges, script, kernels, &plastic->source);
    plastic->per_synapse = kernels_runner(kernels, &plan->per_synapse);
    plastic->increments = kernels_runner(kernels, &plastic->port->increments);
    plastic->on_post = MEMORY_NEW(plan->n_on_post, struct program_runner, BUFFERS);
    for (int k = 0; k < plan->n_on_post; k++)
        plastic->on_post[k] = kernels_runner(kernels, &plan->on_post[k].program);
    event_ring_create(plan->n_factors + (plan->n_on_post ? plan->n_states : 0), edges->n_rows, &plastic->ring);
    plastic->workers = MEMORY_NEW(plastic->n_slabs, struct plastic_worker, BUFFERS);
    for (int slab = 0; slab < plastic->n_slabs; slab++)
        worker_create(plastic, &plastic->workers[slab]);
}

void plastic_release(struct plastic *plastic)
{
    source_state_release(&plastic->source);
    event_ring_release(&plastic->ring);
    memory_free(plastic->fresh.events);
    for (int slab = 0; slab < plastic->n_slabs; slab++)
        worker_release(&plastic->workers[slab]);
    memory_free(plastic->workers);
    memory_free(plastic->on_post);
    *plastic = (struct plastic){0};
}

/* ---- spikes that have become known --------------------------------------------------------------------------------------- */

/* What the sources' programs gave for the first n fresh events from `first` on; and for on_post the states that they met, since
 * the source may spike again before they arrive. */
static void carry(struct plastic *plastic, uint64_t first, int n)
{
    const struct source_state *source = &plastic->source;
    for (int lane = 0; lane < n; lane++) {
        double *numbers = event_ring_add(
            &plastic->ring,
            (struct carried_event){.event = plastic->fresh.events[first + (uint64_t)lane], .previous = source->previous[lane]});
        for (int f = 0; f < plastic->plan->n_factors; f++)
            numbers[f] = source->factors[f * LANES + lane];
        for (int k = 0; plastic->post && k < plastic->plan->n_states; k++)
            numbers[plastic->plan->n_factors + k] = source->before[k * LANES + lane];
    }
}

uint64_t plastic_tell(struct plastic *plastic, const struct history *history, step_count begin, step_count end,
                      step_count arriving)
{
    struct row_events *fresh = &plastic->fresh;
    for (int slab = 0; slab < plastic->n_slabs; slab++)
        plastic->workers[slab].sent.n = 0;
    event_ring_forget(&plastic->ring, arriving - plastic->plan->max_delay);
    plastic->first_fresh = plastic->ring.end;
    fresh->n = 0;
    for (step_count step = begin; step < end; step++)
        row_events_collect(plastic->edges, history, step, fresh);
    for (uint64_t first = 0; first < fresh->n;) {
        int n = source_state_run(&plastic->source, &fresh->events[first], fresh->n - first);
        carry(plastic, first, n);
        first += (uint64_t)n;
    }
    return fresh->n;
}

/* ---- arrivals ------------------------------------------------------------------------------------------------------------ */

/* Up to LANES synapses, each met by an event: all different. */
struct batch {
    int n;
    bool is_stretch;         /* LANES synapses that stand next to each other, met by one event */
    edge_count place[LANES]; /* in the edges */
    uint64_t event[LANES];   /* place in the ring */
};

static const double *numbers_of(const struct plastic *plastic, uint64_t event)
{
    return plastic->ring.numbers + event * (uint64_t)plastic->ring.n_numbers;
}

/* Lanes beyond the last repeat it. */
static void read_batch(const struct plastic *plastic, struct plastic_worker *worker, const struct batch *batch)
{
    const struct connection_plan *plan = plastic->plan;
    for (int lane = 0; lane < LANES; lane++) {
        int from = lane < batch->n ? lane : batch->n - 1;
        const double *numbers = numbers_of(plastic, batch->event[from]);
        for (int f = 0; f < plan->n_factors; f++)
            worker->arguments[(FIRST_FACTOR + f) * LANES + lane] = numbers[f];
        for (int c = 0; c < plan->n_columns; c++)
            worker->slots[(plan->n_states + c) * LANES + lane] = plastic->edges->columns[c][batch->place[from]];
    }
}

static void read_stretch(const struct plastic *plastic, struct plastic_worker *worker, const struct batch *batch)
{
    const struct connection_plan *plan = plastic->plan;
    const double *numbers = numbers_of(plastic, batch->event[0]);
    for (int f = 0; f < plan->n_factors; f++)
        lanes_store(worker->arguments + (FIRST_FACTOR + f) * LANES, lanes_set1(numbers[f]));
    for (int c = 0; c < plan->n_columns; c++)
        memcpy(worker->slots + (plan->n_states + c) * LANES, plastic->edges->columns[c] + batch->place[0],
               LANES * sizeof(double));
}

/* Bring the columns in the worker's slots to the stamps of the synapses. */
static void replay_targets_of(const struct plastic *plastic, struct plastic_worker *worker, struct replayed_synapse *synapses,
                              int n)
{
    const struct replay_room room = {.on_post = plastic->on_post,
                                     .shared = plastic->source.shared,
                                     .slots = worker->slots,
                                     .scratch = worker->scratch,
                                     .dt = plastic->source.dt};
    replay(plastic->plan, synapses, n, &room);
}

/* From the step in which a target spikes to the time at which that acts on a synapse. */
static step_count on_post_shift(const struct plastic *plastic, step_count delay)
{
    return plastic->plan->at_arrival ? plastic->plan->on_post_delay : plastic->post_offset + delay;
}

/* Bring the columns, and the time since each synapse's last event, to the spikes of the sources. */
static void replay_targets(const struct plastic *plastic, struct plastic_worker *worker, const struct batch *batch,
                           step_count arrival)
{
    const struct connection_plan *plan = plastic->plan;
    struct replayed_synapse synapses[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        int from = lane < batch->n ? lane : batch->n - 1;
        const struct carried_event *carried = &plastic->ring.events[batch->event[from]];
        const double *states = numbers_of(plastic, batch->event[from]) + plan->n_factors;
        const step_count delay = arrival - carried->event.emitted;
        synapses[lane] = (struct replayed_synapse){
            .target = &plastic->post->nodes[plastic->edges->target_local[batch->place[from]]],
            .since = plastic->edges->since,
            .shift = on_post_shift(plastic, delay),
            .previous = carried->previous,
            .settled = plastic->settled - delay + plastic->source.stamp_offset,
            .stamp = carried->event.emitted + plastic->source.stamp_offset,
        };
        for (int k = 0; k < plan->n_states; k++)
            worker->slots[k * LANES + lane] = states[k];
    }
    replay_targets_of(plastic, worker, synapses, batch->n);
    for (int lane = 0; lane < LANES; lane++)
        worker->arguments[ELAPSED * LANES + lane] = (double)(synapses[lane].stamp - synapses[lane].last) * plastic->source.dt;
}

/* The new columns, and what the synapses send. */
static void run_synapses(const struct plastic *plastic, struct plastic_worker *worker, const struct batch *batch)
{
    const struct program *program = &plastic->plan->per_synapse;
    const double *columns = worker->slots + plastic->plan->n_states * LANES;
    program_run(&plastic->per_synapse,
                &(struct interpreter_leaves){.shared = plastic->source.shared, .slots = columns, .argument = worker->arguments},
                worker->scratch);
    for (int k = 0; k < program->n_outputs; k++) {
        const double *value = worker->scratch + program->outputs[k].reg * LANES;
        int slot = program->outputs[k].slot;
        if (slot >= plastic->plan->n_columns)
            memcpy(worker->sending + (slot - plastic->plan->n_columns) * LANES, value, LANES * sizeof(double));
        else if (batch->is_stretch)
            memcpy(plastic->edges->columns[slot] + batch->place[0], value, LANES * sizeof(double));
        else
            for (int lane = 0; lane < batch->n; lane++)
                plastic->edges->columns[slot][batch->place[lane]] = value[lane];
    }
}

static void add_sent(const struct plastic *plastic, struct plastic_worker *worker, const struct batch *batch,
                     const struct tile *arrivals, int step)
{
    const struct program *program = &plastic->port->increments;
    program_run(&plastic->increments, &(struct interpreter_leaves){.shared = plastic->target_shared, .argument = worker->sending},
                worker->scratch);
    for (int k = 0; k < program->n_outputs; k++) {
        const double *increment = worker->scratch + program->outputs[k].reg * LANES;
        double *row = tile_row(arrivals, step, program->outputs[k].slot);
        for (int lane = 0; lane < batch->n; lane++)
            row[tile_place(arrivals, plastic->edges->target_local[batch->place[lane]])] += increment[lane];
    }
}

static void report(const struct plastic *plastic, struct plastic_worker *worker, const struct batch *batch)
{
    struct growing_sent *list = &worker->sent;
    for (int lane = 0; lane < batch->n; lane++) {
        const struct row_event *event = &plastic->ring.events[batch->event[lane]].event;
        *MEMORY_PUSH(list->rows, list->n, list->capacity, struct sent, RECORDING) = (struct sent){
            event->emitted, (uint32_t)plastic->edges_index, batch->place[lane], event->copy, worker->sending[lane]};
    }
}

static void arrive(const struct plastic *plastic, struct plastic_worker *worker, struct batch *batch, const struct tile *arrivals,
                   step_count arrival, int step)
{
    if (batch->n == 0)
        return;
    if (batch->is_stretch)
        read_stretch(plastic, worker, batch);
    else
        read_batch(plastic, worker, batch);
    if (plastic->post)
        replay_targets(plastic, worker, batch, arrival);
    run_synapses(plastic, worker, batch);
    add_sent(plastic, worker, batch, arrivals, step);
    if (plastic->is_reported)
        report(plastic, worker, batch);
    batch->n = 0;
    batch->is_stretch = false;
}

/* The next `n` synapses of a run, all met by one event. */
static void fill(struct batch *batch, edge_count place, uint32_t n, uint64_t event)
{
    for (uint32_t k = 0; k < n; k++) {
        batch->place[batch->n + (int)k] = place + k;
        batch->event[batch->n + (int)k] = event;
    }
    batch->is_stretch = n == LANES;
    batch->n += (int)n;
}

uint64_t plastic_arrive(const struct plastic *plastic, int slab, const struct arriving_runs *runs, const struct tile *arrivals,
                        step_count arrival, int step)
{
    struct plastic_worker *worker = &plastic->workers[slab];
    struct batch batch = {0};
    uint64_t n_synapses = 0;
    for (uint64_t r = 0; r < runs->n; r++) {
        const struct arriving_run *run = &runs->runs[r];
        uint64_t event = event_ring_place(&plastic->ring, run->event);
        if (r > 0 && run->begin == runs->runs[r - 1].begin) /* another spike of the same source: the same synapses again */
            arrive(plastic, worker, &batch, arrivals, arrival, step);
        for (uint32_t s = 0, n; s < run->n; s += n) {
            const uint32_t room = LANES - (uint32_t)batch.n;
            n = run->n - s < room ? run->n - s : room;
            fill(&batch, run->begin + s, n, event);
            if (batch.n == LANES)
                arrive(plastic, worker, &batch, arrivals, arrival, step);
        }
        n_synapses += run->n;
    }
    arrive(plastic, worker, &batch, arrivals, arrival, step);
    return n_synapses;
}

/* ---- a look between events ------------------------------------------------------------------------------------------------ */

/* The stamp of a row's last event before `stamp`, and its states just after it: the first of the events behind that has met them.
 */
static step_count last_event(const struct plastic *plastic, uint32_t row, step_count stamp, double *states, int lane)
{
    const struct source_state *source = &plastic->source;
    const int n_states = plastic->plan->n_states;
    const struct carried_event *behind = NULL, *event = event_ring_before(&plastic->ring, row, NULL);
    for (; event && event->event.emitted + source->stamp_offset >= stamp; event = event_ring_before(&plastic->ring, row, event))
        behind = event;
    if (behind) {
        const double *met = numbers_of(plastic, (uint64_t)(behind - plastic->ring.events)) + plastic->plan->n_factors;
        for (int k = 0; k < n_states; k++)
            states[k * LANES + lane] = met[k];
        return behind->previous;
    }
    for (int k = 0; k < n_states; k++)
        states[k * LANES + lane] = source->state[(size_t)k * source->n_rows + row];
    return source->last_stamp[row];
}

/* The columns of n <= LANES synapses as they are before step `now`: in worker->slots, behind the states. What is stamped before
 * an event that would arrive then has come to a synapse. */
static void bring_up_to(const struct plastic *plastic, struct plastic_worker *worker, const struct shown_synapse *shown, int n,
                        step_count now)
{
    const struct connection_plan *plan = plastic->plan;
    struct replayed_synapse synapses[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        const struct shown_synapse *synapse = &shown[lane < n ? lane : n - 1];
        const step_count delay = edges_delay_at(plastic->edges, synapse->row, synapse->place);
        const step_count stamp = now - delay + plastic->source.stamp_offset;
        synapses[lane] = (struct replayed_synapse){
            .since = plastic->edges->since,
            .shift = on_post_shift(plastic, delay),
            .previous = last_event(plastic, synapse->row, stamp, worker->slots, lane),
            .settled = plastic->settled - delay + plastic->source.stamp_offset,
            .stamp = stamp,
        };
        for (int c = 0; c < plan->n_columns; c++)
            worker->slots[(plan->n_states + c) * LANES + lane] = plastic->edges->columns[c][synapse->place];
        if (plastic->post)
            synapses[lane].target = &plastic->post->nodes[plastic->edges->target_local[synapse->place]];
    }
    if (plastic->post)
        replay_targets_of(plastic, worker, synapses, n);
}

void plastic_show(const struct plastic *plastic, const struct shown_synapse *shown, int n, step_count now, int column,
                  double *values)
{
    struct plastic_worker *worker = &plastic->workers[0];
    bring_up_to(plastic, worker, shown, n, now);
    memcpy(values, worker->slots + (plastic->plan->n_states + column) * LANES, LANES * sizeof(double));
}

void plastic_settle(struct plastic *plastic, step_count now)
{
    const struct connection_plan *plan = plastic->plan;
    const struct edges *edges = plastic->edges;
    struct plastic_worker *worker = &plastic->workers[0];
    for (uint32_t row = 0; plastic->post && row < edges->n_rows; row++)
        for (edge_count place = edges->row_begin[row]; place < edges->row_begin[row + 1];) {
            struct shown_synapse synapses[LANES];
            int n = 0;
            for (; n < LANES && place < edges->row_begin[row + 1]; place++)
                synapses[n++] = (struct shown_synapse){place, row};
            bring_up_to(plastic, worker, synapses, n, now);
            for (int c = 0; c < plan->n_columns; c++)
                for (int lane = 0; lane < n; lane++)
                    edges->columns[c][synapses[lane].place] = worker->slots[(plan->n_states + c) * LANES + lane];
        }
    plastic->settled = now;
}
