#include "kernels/synapse_programs.h"

#include "kernels/emit_programs.h"

static void add(struct program_list *list, const struct program *program)
{
    for (uint64_t k = 0; k < list->n; k++)
        if (list->programs[k] == program)
            return;
    if (can_emit_program(program))
        *MEMORY_PUSH(list->programs, list->n, list->capacity, const struct program *, SCRIPT) = program;
}

/* Of the port at which a connection arrives, in each population of its target. */
static void add_ports(const struct plan *plan, const struct connection_plan *connection, struct program_list *list)
{
    for (int part = 0; part < connection->connection->target->n_parts; part++) {
        const struct node_plan *nodes = &plan->nodes[connection->connection->target->parts[part].population];
        add(list, &node_plan_port(nodes, connection->port)->increments);
    }
}

void synapse_programs(const struct plan *plan, struct program_list *list)
{
    for (int k = 0; k < plan->script->n_connections; k++) {
        const struct connection_plan *connection = &plan->connections[k];
        for (int p = 0; p < connection->pathways.n; p++)
            add(list, &connection->pathways.list[p].program);
        const bool differ = connection->per_synapse.n_outputs && !connection_plan_is_steady(connection);
        if (connection->kind != CONNECTION_SPIKES || !(differ || connection->n_states))
            continue;
        if (connection->n_states) /* kept for each source */
            add(list, &connection->on_pre);
        if (differ)
            add(list, &connection->per_synapse);
        for (int p = 0; differ && p < connection->n_on_post; p++)
            add(list, &connection->on_post[p].program);
        add_ports(plan, connection, list);
    }
}

void program_list_release(struct program_list *list)
{
    memory_free(list->programs);
    *list = (struct program_list){0};
}
