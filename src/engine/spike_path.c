#include "engine/spike_path.h"

#include <string.h>

#include "kernels/interpreter.h"

void spike_path_create(const struct connection_plan *plan, const struct edges *edges, int edges_index,
                       const struct script *script, const struct nodes *target, const struct kernels *kernels, int n_slabs,
                       struct spike_path *path)
{
    *path = (struct spike_path){
        .edges = edges, .edges_index = edges_index, .target_shared = target->shared, .delay = plan->connection->delay};
    path->port = node_plan_port(target->plan, plan->port);
    path->increments_of_port = kernels_runner(kernels, &path->port->increments);
    path->n_sent = plan->n_sent;
    path->argument = MEMORY_NEW(plan->n_sent * LANES, double, BUFFERS);
    source_state_create(plan, edges, script, kernels, &path->source);
    path->scratch = memory_new(interpreter_scratch_bytes(&path->port->increments), MEMORY_BUFFERS);
    path->n_slabs = n_slabs;
    path->rest = MEMORY_NEW(n_slabs, struct row_part *, BUFFERS);
}

void spike_path_release(struct spike_path *path)
{
    source_state_release(&path->source);
    memory_free(path->events.events);
    memory_free(path->sent);
    memory_free(path->increments);
    memory_free(path->argument);
    memory_free(path->scratch);
    for (int slab = 0; slab < path->n_slabs; slab++)
        memory_free(path->rest[slab]);
    memory_free(path->rest);
    *path = (struct spike_path){0};
}

/* ---- the events of an interval ---- */

static void make_room(struct spike_path *path)
{
    size_t room = path->events.capacity * sizeof(double);
    memory_free(path->sent);
    memory_free(path->increments);
    path->sent = memory_new(room * (size_t)path->n_sent, MEMORY_BUFFERS);
    path->increments = memory_new(room * (size_t)path->port->increments.n_outputs, MEMORY_BUFFERS);
    for (int slab = 0; slab < path->n_slabs; slab++) {
        memory_free(path->rest[slab]);
        path->rest[slab] = MEMORY_NEW(path->events.capacity, struct row_part, BUFFERS);
    }
}

static void collect(struct spike_path *path, const struct history *history, step_count begin, step_count end)
{
    uint64_t capacity = path->events.capacity;
    path->begin = begin;
    path->events.n = 0;
    for (step_count step = begin; step < end; step++)
        row_events_collect(path->edges, history, step - path->delay, &path->events);
    if (path->events.capacity != capacity)
        make_room(path);
}

static double *sent_at(const struct spike_path *path, int s)
{
    return path->sent + (uint64_t)s * path->events.capacity;
}

static void run_port(struct spike_path *path, uint64_t first, int n)
{
    const struct program *program = &path->port->increments;
    for (int s = 0; s < path->n_sent; s++)
        for (int lane = 0; lane < LANES; lane++)
            path->argument[s * LANES + lane] = sent_at(path, s)[first + (uint64_t)(lane < n ? lane : n - 1)];
    program_run(&path->increments_of_port,
                &(struct interpreter_leaves){.shared = path->target_shared, .argument = path->argument}, path->scratch);
    for (int k = 0; k < program->n_outputs; k++)
        memcpy(path->increments + (uint64_t)k * path->events.capacity + first, path->scratch + program->outputs[k].reg * LANES,
               (size_t)n * sizeof(double));
}

void spike_path_prepare(struct spike_path *path, const struct history *history, step_count begin, step_count end)
{
    collect(path, history, begin, end);
    for (uint64_t first = 0; first < path->events.n;) {
        int n = source_state_run(&path->source, &path->events.events[first], path->events.n - first);
        for (int s = 0; s < path->n_sent; s++) /* the factors are what is sent */
            memcpy(&sent_at(path, s)[first], path->source.factors + s * LANES, (size_t)n * sizeof(double));
        run_port(path, first, n);
        first += (uint64_t)n;
    }
}

/* ---- delivery ---- */

uint64_t spike_path_deliveries(const struct spike_path *path)
{
    const edge_count *row_begin = path->edges->row_begin;
    uint64_t n = 0;
    for (uint64_t e = 0; e < path->events.n; e++)
        n += row_begin[path->events.events[e].row + 1] - row_begin[path->events.events[e].row];
    return n;
}

/* Where an event's increments of one kind are added: the arrivals of its step. */
static double *row_of(const struct spike_path *path, uint64_t event, int output, const struct tile *arrivals)
{
    return tile_row(arrivals, spike_path_step(path, &path->events.events[event]), path->port->increments.outputs[output].slot);
}

static double increment_of(const struct spike_path *path, uint64_t event, int output)
{
    return path->increments[(uint64_t)output * path->events.capacity + event];
}

/* One increment at some targets of a row. The arrivals of target `first` stand at the beginning of `arrivals`. */
static void add(double increment, const node_local *targets, struct row_part piece, const struct tile *arrivals, double *row,
                node_local first)
{
    for (edge_count place = piece.begin; place < piece.end; place++)
        row[tile_place(arrivals, targets[place] - first)] += increment;
}

/* The same at the front of what is left of a row, up to the target `last`, which shows on the way: these are cut off. */
static struct row_part add_at_front(double increment, const node_local *targets, struct row_part *rest,
                                    const struct tile *arrivals, double *row, node_local first, node_local last)
{
    const edge_count begin = rest->begin;
    edge_count place = begin;
    for (; place < rest->end && targets[place] < last; place++)
        row[tile_place(arrivals, targets[place] - first)] += increment;
    rest->begin = place;
    return (struct row_part){begin, place};
}

/* At the back, down to the target `first`. A row's targets are added to in any order: all get the same. */
static struct row_part add_at_back(double increment, const node_local *targets, struct row_part *rest,
                                   const struct tile *arrivals, double *row, node_local first)
{
    const edge_count end = rest->end;
    edge_count place = end;
    for (; place > rest->begin && targets[place - 1] >= first; place--)
        row[tile_place(arrivals, targets[place - 1] - first)] += increment;
    rest->end = place;
    return (struct row_part){place, end};
}

enum { AHEAD = 8 }; /* events; long enough for the memory to answer */

void spike_path_deliver(const struct spike_path *path, const struct nodes *target, node_local first, node_local last)
{
    const struct edges *edges = path->edges;
    for (uint64_t e = 0; e < path->events.n; e++) {
        const struct row_event *event = &path->events.events[e];
        struct row_part piece;
        if (e + 2 * AHEAD < path->events.n) {
            __builtin_prefetch(&edges->row_begin[event[2 * AHEAD].row]);
            rows_prefetch(edges, event[AHEAD].row);
        }
        rows_range(edges, event->row, first, last, &piece.begin, &piece.end);
        for (int k = 0; k < path->port->increments.n_outputs; k++)
            if (increment_of(path, e, k) != 0) /* a sum that began at +0 is not changed by adding 0 */
                add(increment_of(path, e, k), edges->target_local, piece, &target->arrivals,
                    row_of(path, e, k, &target->arrivals), 0);
    }
}

void spike_path_begin_panels(const struct spike_path *path, int slab, node_local first, node_local last)
{
    for (uint64_t e = 0; e < path->events.n; e++) {
        struct row_part *rest = &path->rest[slab][e];
        rows_range(path->edges, path->events.events[e].row, first, last, &rest->begin, &rest->end);
    }
}

void spike_path_deliver_panel(const struct spike_path *path, int slab, const struct tile *arrivals, node_local first,
                              node_local last, bool is_upper)
{
    const node_local *targets = path->edges->target_local;
    const int n_outputs = path->port->increments.n_outputs;
    for (uint64_t e = 0; n_outputs > 0 && e < path->events.n; e++) {
        struct row_part *rest = &path->rest[slab][e];
        const double increment = increment_of(path, e, 0);
        double *row = row_of(path, e, 0, arrivals);
        const struct row_part piece = is_upper ? add_at_back(increment, targets, rest, arrivals, row, first)
                                               : add_at_front(increment, targets, rest, arrivals, row, first, last);
        for (int k = 1; k < n_outputs; k++)
            if (increment_of(path, e, k) != 0)
                add(increment_of(path, e, k), targets, piece, arrivals, row_of(path, e, k, arrivals), first);
    }
}
