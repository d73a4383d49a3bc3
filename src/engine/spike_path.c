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

/* One event at some of its row's targets. The arrivals of target `first` stand at the beginning of `arrivals`. */
static void deliver_event(const struct spike_path *path, uint64_t event, struct row_part piece, const struct tile *arrivals,
                          node_local first)
{
    const struct program *program = &path->port->increments;
    const node_local *targets = path->edges->target_local;
    for (int k = 0; k < program->n_outputs; k++) {
        const double increment = path->increments[(uint64_t)k * path->events.capacity + event];
        if (increment == 0) /* a sum that began at +0 is not changed by adding 0 */
            continue;
        double *row = tile_row(arrivals, spike_path_step(path, &path->events.events[event]), program->outputs[k].slot);
        for (edge_count place = piece.begin; place < piece.end; place++)
            row[tile_place(arrivals, targets[place] - first)] += increment;
    }
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
        deliver_event(path, e, piece, &target->arrivals, 0);
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
    for (uint64_t e = 0; e < path->events.n; e++) {
        struct row_part *rest = &path->rest[slab][e];
        const struct row_part piece = is_upper ? row_cut_back(targets, rest, first) : row_cut_front(targets, rest, last);
        deliver_event(path, e, piece, arrivals, first);
    }
}
