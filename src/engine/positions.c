#include "engine/positions.h"

#include "network/set_view.h"
#include "support/memory.h"

void positions_create(const struct connection *connection, const struct edges *edges, const struct nodes *target,
                      const struct network *network, struct positions *positions)
{
    struct set_view from, to;
    set_view_create(connection->source, &from);
    set_view_create(connection->target, &to);
    const int sources = set_view_range(&from, edges->source), targets = set_view_range(&to, edges->target);
    positions->source = MEMORY_NEW(edges->n_rows, node_id, SYNAPSES);
    for (uint32_t row = 0; row < edges->n_rows; row++)
        positions->source[row] = (node_id)set_view_position(&from, sources, edges->row_source[row]);
    positions->target = set_positions_here(&to, targets, network->partition, target->plan->population, network->rank);
    set_view_release(&from);
    set_view_release(&to);
}

void positions_release(struct positions *positions)
{
    memory_free(positions->source);
    memory_free(positions->target);
    *positions = (struct positions){0};
}
