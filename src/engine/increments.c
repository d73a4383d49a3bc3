/* Synapses are computed twice, LANES at a time: to find out which accumulators get anything at all, and to store what they get.
 */
#include "engine/increments.h"

#include <omp.h>
#include <string.h>

#include "kernels/interpreter.h"
#include "kernels/shared_values.h"

struct maker {
    const struct connection_plan *plan;
    struct edges *edges;
    const struct program *port;
    const double *shared, *target_shared;
    bool *is_needed; /* [port->n_outputs] not 0 everywhere; owned */
    double **stored; /* [port->n_outputs] where increments go, NULL: nowhere; NULL in the first turn */
    double *sent;    /* where what is sent goes, or NULL */
};

/* A thread's room. */
struct room {
    double *slots, *scratch; /* owned */
    bool *is_needed;         /* owned */
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void room_create(const struct maker *maker, struct room *room)
{
    room->slots = MEMORY_NEW(maker->plan->n_columns * LANES, double, TEMPORARY);
    room->scratch = memory_new(
        larger(interpreter_scratch_bytes(&maker->plan->per_synapse), interpreter_scratch_bytes(maker->port)), MEMORY_TEMPORARY);
    room->is_needed = MEMORY_NEW(maker->port->n_outputs, bool, TEMPORARY);
}

static void room_release(struct room *room)
{
    memory_free(room->slots);
    memory_free(room->scratch);
    memory_free(room->is_needed);
}

/* What the n synapses from `begin` on send, and the increments that this makes, which stand in the room's scratch. Lanes beyond
 * the last synapse repeat it. */
static void compute(const struct maker *maker, edge_count begin, int n, struct room *room, double sent[LANES])
{
    const struct program *program = &maker->plan->per_synapse;
    for (int c = 0; c < maker->plan->n_columns; c++)
        for (int lane = 0; lane < LANES; lane++)
            room->slots[c * LANES + lane] = maker->edges->columns[c][begin + (edge_count)(lane < n ? lane : n - 1)];
    interpret(program, &(struct interpreter_leaves){.shared = maker->shared, .slots = room->slots}, room->scratch);
    memcpy(sent, room->scratch + program->outputs[0].reg * LANES, LANES * sizeof(double));
    interpret(maker->port, &(struct interpreter_leaves){.shared = maker->target_shared, .argument = sent}, room->scratch);
}

static void make_batch(const struct maker *maker, edge_count begin, struct room *room)
{
    _Alignas(LANES_ALIGNMENT) double sent[LANES];
    edge_count left = edges_size(maker->edges) - begin;
    int n = left < LANES ? (int)left : LANES;
    compute(maker, begin, n, room, sent);
    for (int k = 0; k < maker->port->n_outputs; k++) {
        const double *increment = room->scratch + maker->port->outputs[k].reg * LANES;
        for (int lane = 0; lane < n; lane++)
            room->is_needed[k] |= increment[lane] != 0;
        if (maker->stored && maker->stored[k])
            memcpy(maker->stored[k] + begin, increment, (size_t)n * sizeof(double));
    }
    if (maker->stored && maker->sent)
        memcpy(maker->sent + begin, sent, (size_t)n * sizeof(double));
}

static void make_all(struct maker *maker)
{
#pragma omp parallel
    {
        struct room room;
        room_create(maker, &room);
#pragma omp for schedule(static)
        for (edge_count begin = 0; begin < edges_size(maker->edges); begin += LANES)
            make_batch(maker, begin, &room);
#pragma omp critical
        for (int k = 0; k < maker->port->n_outputs; k++)
            maker->is_needed[k] |= room.is_needed[k];
        room_release(&room);
    }
}

/* Every synapse is read before its increments are written, so they may take the places of the columns. */
static void replace_columns(struct maker *maker, struct increments *increments)
{
    struct edges *edges = maker->edges;
    int n_reused = 0;
    maker->stored = MEMORY_NEW(maker->port->n_outputs, double *, TEMPORARY);
    for (int k = 0; k < maker->port->n_outputs; k++) {
        if (!maker->is_needed[k])
            continue;
        maker->stored[k] = n_reused < edges->n_columns ? edges->columns[n_reused++]
                                                       : MEMORY_NEW(edges_size(edges), double, SYNAPSES);
        increments->columns[increments->n++] = (struct increment_column){maker->port->outputs[k].slot, maker->stored[k], 0};
    }
    make_all(maker);
    for (int c = n_reused; c < edges->n_columns; c++)
        memory_free(edges->columns[c]);
    edges->n_columns = increments->n;
    edges->columns = MEMORY_RESIZE(edges->columns, increments->n, double *, SYNAPSES);
    for (int k = 0; k < increments->n; k++)
        edges->columns[k] = (double *)increments->columns[k].values;
    memory_free(maker->stored);
}

/* Synapses that differ by their delays only. */
static void make_common(const struct maker *maker, struct increments *increments)
{
    struct room room;
    _Alignas(LANES_ALIGNMENT) double sent[LANES];
    room_create(maker, &room);
    compute(maker, 0, LANES, &room, sent);
    for (int k = 0; k < maker->port->n_outputs; k++) {
        double increment = room.scratch[maker->port->outputs[k].reg * LANES];
        if (increment != 0)
            increments->columns[increments->n++] = (struct increment_column){maker->port->outputs[k].slot, NULL, increment};
    }
    for (edge_count k = 0; maker->sent && k < edges_size(maker->edges); k++)
        maker->sent[k] = sent[0];
    room_release(&room);
}

void increments_create(const struct connection_plan *plan, struct edges *edges, const struct script *script,
                       const struct nodes *target, bool wants_sent, struct increments *increments)
{
    const struct connection *connection = plan->connection;
    struct maker maker = {
        .plan = plan, .edges = edges, .port = &nodes_port(target, connection->port)->increments, .target_shared = target->shared};
    double *shared = shared_values(&plan->shared, plan->synapse, connection->values, script->dt, 0, MEMORY_TEMPORARY);
    maker.shared = shared;
    maker.is_needed = MEMORY_NEW(maker.port->n_outputs, bool, TEMPORARY);
    maker.sent = wants_sent ? MEMORY_NEW(edges_size(edges), double, SYNAPSES) : NULL;
    *increments = (struct increments){.sent = maker.sent};
    increments->columns = MEMORY_NEW(maker.port->n_outputs, struct increment_column, SYNAPSES);
    if (plan->n_columns) {
        make_all(&maker);
        replace_columns(&maker, increments);
    } else {
        make_common(&maker, increments);
    }
    memory_free(maker.is_needed);
    memory_free(shared);
}

void increments_release(struct increments *increments)
{
    memory_free(increments->columns);
    memory_free(increments->sent);
    *increments = (struct increments){0};
}
