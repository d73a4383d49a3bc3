/* WIDTH synapses at a time. Which accumulators get anything at all shows only when all have been computed, but the first synapses
 * are as good as sure to tell: what they need has its column from the beginning, in place of a column of the synapses. An
 * accumulator that a later synapse is the first to need gets a new column of zeros then, so none has to be computed twice. */
#include "engine/increments.h"

#include <omp.h>
#include <string.h>

#include "kernels/shared_values.h"
#include "kernels/wide.h"

/* Synapses at once; a multiple of LANES. */
#define WIDTH 128

struct maker {
    const struct connection_plan *plan;
    struct edges *edges;
    const struct program *port;
    const double *shared, *target_shared;
    const struct wide *wide;
    _Atomic(double *) *stored; /* [port->n_outputs] where increments go; NULL: all were 0 so far; owned */
    double *sent;              /* where what is sent goes, or NULL */
    bool keeps_columns;        /* increments get places of their own */
};

/* A thread's room. */
struct room {
    double *slots, *sent, *registers; /* [row][WIDTH]; owned */
};

static void room_create(const struct maker *maker, struct room *room)
{
    int sending = maker->plan->per_synapse.n_instructions, arriving = maker->port->n_instructions;
    room->slots = MEMORY_NEW(maker->plan->n_columns * WIDTH, double, TEMPORARY);
    room->sent = MEMORY_NEW(maker->plan->n_sent * WIDTH, double, TEMPORARY);
    room->registers = MEMORY_NEW((sending > arriving ? sending : arriving) * WIDTH, double, TEMPORARY);
}

static void room_release(struct room *room)
{
    memory_free(room->slots);
    memory_free(room->sent);
    memory_free(room->registers);
}

/* What the n synapses from `begin` on send, and the increments that this makes, which stand in the room's registers. They are
 * computed in whole LANES, whose rest repeats the last synapse. */
static void compute(const struct maker *maker, edge_count begin, int n, struct room *room)
{
    const struct program *program = &maker->plan->per_synapse;
    int n_padded = (n + LANES - 1) / LANES * LANES;
    for (int c = 0; c < maker->plan->n_columns; c++) {
        double *slot = &room->slots[c * WIDTH];
        memcpy(slot, maker->edges->columns[c] + begin, (size_t)n * sizeof *slot);
        for (int k = n; k < n_padded; k++)
            slot[k] = slot[n - 1];
    }
    const struct interpreter_leaves sending = {.shared = maker->shared, .slots = room->slots};
    maker->wide->interpret(program, &sending, KEEPS_NONE, WIDTH, n_padded, room->registers);
    for (int k = 0; k < program->n_outputs; k++) /* a synapse that is always the same has no other outputs */
        memcpy(room->sent + (program->outputs[k].slot - maker->plan->n_columns) * WIDTH,
               room->registers + program->outputs[k].reg * WIDTH, (size_t)n_padded * sizeof *room->sent);
    const struct interpreter_leaves arriving = {.shared = maker->target_shared, .argument = room->sent};
    maker->wide->interpret(maker->port, &arriving, KEEPS_NONE, WIDTH, n_padded, room->registers);
}

static const double *increment_of(const struct maker *maker, const struct room *room, int k)
{
    return room->registers + maker->port->outputs[k].reg * WIDTH;
}

static bool is_needed(const double *increment, int n)
{
    bool needed = false;
    for (int k = 0; k < n; k++)
        needed |= increment[k] != 0;
    return needed;
}

static int batch_size(const struct maker *maker, edge_count begin)
{
    edge_count left = edges_size(maker->edges) - begin;
    return left < WIDTH ? (int)left : WIDTH;
}

/* Where these increments of output k go; NULL: nowhere, as they are 0. */
static double *column_of(struct maker *maker, int k, const double *increment, int n)
{
    double *column = maker->stored[k];
    if (column || !is_needed(increment, n))
        return column;
#pragma omp critical(increments_column)
    {
        column = maker->stored[k];
        if (!column)
            maker->stored[k] = column = MEMORY_NEW(edges_size(maker->edges), double, SYNAPSES);
    }
    return column;
}

/* Every synapse is read before its increments are written, so they may take the places of the columns. */
static void make_batch(struct maker *maker, edge_count begin, struct room *room)
{
    int n = batch_size(maker, begin);
    compute(maker, begin, n, room);
    for (int k = 0; k < maker->port->n_outputs; k++) {
        const double *increment = increment_of(maker, room, k);
        double *column = column_of(maker, k, increment, n);
        if (column)
            memcpy(column + begin, increment, (size_t)n * sizeof *column);
    }
    if (maker->sent)
        memcpy(maker->sent + begin, room->sent, (size_t)n * sizeof *maker->sent);
}

static void make_all(struct maker *maker)
{
#pragma omp parallel
    {
        struct room room;
        room_create(maker, &room);
#pragma omp for schedule(static)
        for (edge_count begin = 0; begin < edges_size(maker->edges); begin += WIDTH)
            make_batch(maker, begin, &room);
        room_release(&room);
    }
}

/* The accumulators that the first synapses need take columns of the edges. Returns how many are taken. */
static int reuse_columns(struct maker *maker)
{
    int n_reused = 0, n = batch_size(maker, 0);
    struct room room;
    room_create(maker, &room);
    compute(maker, 0, n, &room);
    for (int k = 0; k < maker->port->n_outputs && n_reused < maker->edges->n_columns; k++)
        if (is_needed(increment_of(maker, &room, k), n))
            maker->stored[k] = maker->edges->columns[n_reused++];
    room_release(&room);
    return n_reused;
}

static void replace_columns(struct maker *maker, struct increments *increments)
{
    struct edges *edges = maker->edges;
    const int n_kept = maker->keeps_columns ? edges->n_columns : 0;
    maker->stored = MEMORY_NEW(maker->port->n_outputs, _Atomic(double *), TEMPORARY);
    const int n_reused = edges_size(edges) && !maker->keeps_columns ? reuse_columns(maker) : 0;
    make_all(maker);
    for (int k = 0; k < maker->port->n_outputs; k++)
        if (maker->stored[k])
            increments->columns[increments->n++] = (struct increment_column){maker->port->outputs[k].slot, maker->stored[k], 0};
    for (int c = n_reused + n_kept; c < edges->n_columns; c++)
        memory_free(edges->columns[c]);
    edges->n_columns = n_kept + increments->n;
    edges->columns = MEMORY_RESIZE(edges->columns, edges->n_columns, double *, SYNAPSES);
    for (int k = 0; k < increments->n; k++)
        edges->columns[n_kept + k] = (double *)increments->columns[k].values;
    memory_free(maker->stored);
}

/* Synapses that differ by their delays only. */
static void make_common(const struct maker *maker, struct increments *increments)
{
    struct room room;
    room_create(maker, &room);
    compute(maker, 0, LANES, &room);
    for (int k = 0; k < maker->port->n_outputs; k++) {
        double increment = increment_of(maker, &room, k)[0];
        if (increment != 0)
            increments->columns[increments->n++] = (struct increment_column){maker->port->outputs[k].slot, NULL, increment};
    }
    for (edge_count k = 0; maker->sent && k < edges_size(maker->edges); k++)
        maker->sent[k] = room.sent[0];
    room_release(&room);
}

void increments_create(const struct connection_plan *plan, struct edges *edges, const struct script *script,
                       const struct nodes *target, bool wants_sent, bool keeps_columns, struct increments *increments)
{
    const struct connection *connection = plan->connection;
    struct maker maker = {.plan = plan,
                          .edges = edges,
                          .port = &node_plan_port(target->plan, plan->port)->increments,
                          .target_shared = target->shared,
                          .keeps_columns = keeps_columns};
    double *shared = shared_values(&plan->shared, plan->synapse, connection->values, script->dt, 0, MEMORY_TEMPORARY);
    maker.shared = shared;
    maker.wide = wide_here();
    maker.sent = wants_sent ? MEMORY_NEW(edges_size(edges), double, SYNAPSES) : NULL;
    *increments = (struct increments){.sent = maker.sent};
    increments->columns = MEMORY_NEW(maker.port->n_outputs, struct increment_column, SYNAPSES);
    if (plan->n_columns)
        replace_columns(&maker, increments);
    else
        make_common(&maker, increments);
    memory_free(shared);
}

void increments_renew(const struct connection_plan *plan, struct edges *edges, const struct script *script,
                      const struct nodes *target, struct increments *increments)
{
    const bool wants_sent = increments->sent != NULL;
    for (int c = plan->n_columns; c < edges->n_columns; c++)
        memory_free(edges->columns[c]);
    edges->n_columns = plan->n_columns;
    increments_release(increments);
    increments_create(plan, edges, script, target, wants_sent, true, increments);
}

void increments_release(struct increments *increments)
{
    memory_free(increments->columns);
    memory_free(increments->sent);
    *increments = (struct increments){0};
}
