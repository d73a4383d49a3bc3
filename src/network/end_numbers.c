#include "network/end_numbers.h"

#include <math.h>

#include "network/set_view.h"
#include "network/space.h"
#include "network/start_values.h"
#include "support/lanes.h"
#include "support/memory.h"

/* ---- how many synapses a node has --------------------------------------------------------------------------------------- */

/* Add up a connection's synapses here by the position of one end. */
static void count_connection(const struct network *network, const struct connection *connection, enum end_kind kind,
                             uint64_t *counts)
{
    struct set_view source, target;
    set_view_create(connection->source, &source);
    set_view_create(connection->target, &target);
    for (int piece = 0; piece < source.n_ranges * target.n_ranges; piece++) {
        const struct edges *edges = &network->edges[network->connection_begin[connection->index] + piece];
        int s = piece / target.n_ranges, t = piece % target.n_ranges;
        const struct population *population = &network->script->populations[edges->target];
        node_id *position = set_positions_here(&target, t, network->partition, population, network->rank);
        for (uint32_t row = 0; row < edges->n_rows; row++) {
            if (kind == END_OUTGOING)
                counts[set_view_position(&source, s, edges->row_source[row])] += edges->row_begin[row + 1] -
                                                                                 edges->row_begin[row];
            for (edge_count k = edges->row_begin[row]; kind == END_INCOMING && k < edges->row_begin[row + 1]; k++)
                counts[position[edges->target_local[k]]]++;
        }
        memory_free(position);
    }
    set_view_release(&source);
    set_view_release(&target);
}

/* Those that exist in an epoch. A rank has all synapses of its targets, but not of its sources. */
static double *count_synapses(const struct network *network, const struct connection *connection, enum end_kind kind, int epoch)
{
    const struct script *script = network->script;
    uint64_t n = kind == END_OUTGOING ? connection->source->size : connection->target->size;
    uint64_t *counts = MEMORY_NEW(n, uint64_t, TEMPORARY);
    double *numbers = MEMORY_NEW(n, double, TEMPORARY);
    const struct synapses *together = connection->synapses < 0 ? NULL : &script->synapses[connection->synapses];
    for (int k = 0; together && k < together->n_connections; k++) {
        const struct connection *other = &script->connections[together->connections[k]];
        if (script->projections[other->projection].epoch <= epoch)
            count_connection(network, other, kind, counts);
    }
    if (!together)
        count_connection(network, connection, kind, counts);
    for (uint64_t begin = 0; kind == END_OUTGOING && begin < n; begin += INT32_MAX)
        MPI_Allreduce(MPI_IN_PLACE, counts + begin, (int)(n - begin < INT32_MAX ? n - begin : INT32_MAX), MPI_UINT64_T, MPI_SUM,
                      network->communicator);
    for (uint64_t k = 0; k < n; k++)
        numbers[k] = (double)counts[k];
    memory_free(counts);
    return numbers;
}

/* The same number for all sources. */
static double *count_all_synapses(const struct network *network, const struct connection *connection, int epoch)
{
    double sum = 0, *numbers = count_synapses(network, connection, END_OUTGOING, epoch);
    for (uint64_t k = 0; k < connection->source->size; k++)
        sum += numbers[k];
    for (uint64_t k = 0; k < connection->source->size; k++)
        numbers[k] = sum;
    return numbers;
}

/* ---- places ------------------------------------------------------------------------------------------------------------- */

static void find_places(const struct script *script, const struct node_set *set, double *coordinates[POSITION_DIMENSIONS_MAX])
{
    struct places *places;
    int n_dimensions = space_of(script, set).n_dimensions;
    places_create(script, set, &places);
    for (int axis = 0; axis < n_dimensions; axis++)
        coordinates[axis] = MEMORY_NEW(set->size, double, TEMPORARY);
    for (uint64_t position = 0; position < set->size; position++) {
        double place[POSITION_DIMENSIONS_MAX];
        bool placed = places_at_one(places, position, place);
        for (int axis = 0; axis < n_dimensions; axis++)
            coordinates[axis][position] = placed ? place[axis] : NAN;
    }
    places_destroy(&places);
}

/* ---- all of it ---------------------------------------------------------------------------------------------------------- */

bool end_numbers_are_collective(const struct end_table *ends)
{
    for (int k = 0; k < ends->n; k++)
        if (ends->values[k].kind == END_OUTGOING || ends->values[k].kind == END_SYNAPSES)
            return true;
    return false;
}

void end_numbers_create(const struct network *network, const struct connection *connection, const struct end_table *ends,
                        struct script_moment at, bool uses_distance, double *const *now, struct end_numbers *out)
{
    const struct script *script = network->script;
    *out = (struct end_numbers){.ends = ends, .uses_distance = uses_distance};
    out->numbers = MEMORY_NEW(ends->n, double *, TEMPORARY);
    for (int k = 0; k < ends->n; k++) {
        const struct end_value *value = &ends->values[k];
        const struct node_set *set = value->kind == END_PRE ? connection->source : connection->target;
        if (value->variable)
            out->numbers[k] = now ? now[k] : start_values_all(script, set, value->variable, at.n_node_assignments);
        else if (value->kind == END_SYNAPSES)
            out->numbers[k] = count_all_synapses(network, connection, at.epoch);
        else
            out->numbers[k] = count_synapses(network, connection, value->kind, at.epoch);
    }
    if (!out->uses_distance)
        return;
    out->space = space_of(script, connection->source);
    find_places(script, connection->source, out->source);
    find_places(script, connection->target, out->target);
}

void end_numbers_release(struct end_numbers *numbers)
{
    for (int k = 0; numbers->ends && k < numbers->ends->n; k++)
        memory_free(numbers->numbers[k]);
    memory_free(numbers->numbers);
    for (int axis = 0; axis < numbers->space.n_dimensions; axis++) {
        memory_free(numbers->source[axis]);
        memory_free(numbers->target[axis]);
    }
    *numbers = (struct end_numbers){0};
}

static void find_distances(const struct end_numbers *numbers, const uint32_t *source, const uint32_t *target, double *distance)
{
    lanes component[POSITION_DIMENSIONS_MAX];
    for (int axis = 0; axis < numbers->space.n_dimensions; axis++) {
        _Alignas(LANES_ALIGNMENT) double from[LANES], to[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            from[lane] = numbers->target[axis][target[lane]]; /* as rules see it: from the target */
            to[lane] = numbers->source[axis][source[lane]];
        }
        component[axis] = space_component(&numbers->space, axis, lanes_load(from), lanes_load(to));
    }
    lanes_store(distance, space_length(&numbers->space, component));
}

void end_numbers_fill(const struct end_numbers *numbers, const uint32_t *source, const uint32_t *target, int n, int width,
                      double *slots, double *distance)
{
    for (int k = 0; k < numbers->ends->n; k++) {
        enum end_kind kind = numbers->ends->values[k].kind;
        const uint32_t *position = kind == END_POST || kind == END_INCOMING ? target : source;
        for (int at = 0; at < n; at++)
            slots[k * width + at] = numbers->numbers[k][position[at]];
    }
    for (int at = 0; numbers->uses_distance && at < n; at += LANES)
        find_distances(numbers, source + at, target + at, distance + at);
}
