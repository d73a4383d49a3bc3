#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "plan/expression_plan.h"

/* Arrivals of one step are added pathway by pathway, by (order, projection name + "_" + pathway name, in bytes): DESIGN
 * section 4. All pathways here are on_pre's of order -1, unnamed ones being called "pre". */
static const char *pathway_name(struct arena *arena, const struct connection *connection)
{
    const char *pathway = connection->synapse->n_pathways ? connection->synapse->pathways[0].name : "summed";
    return arena_format(arena, "%s_%s", connection->name, pathway);
}

struct named_pathway {
    const char *name;
    int connection;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct named_pathway *)a)->name, ((const struct named_pathway *)b)->name);
}

static void order_arrivals(struct arena *arena, struct plan *plan)
{
    int n = plan->script->n_connections;
    struct named_pathway *pathways = ARENA_NEW(arena, n, struct named_pathway);
    for (int k = 0; k < n; k++)
        pathways[k] = (struct named_pathway){pathway_name(arena, &plan->script->connections[k]), k};
    qsort(pathways, (size_t)n, sizeof *pathways, by_name); /* names are unique */
    plan->arrival_order = ARENA_NEW(arena, n, int);
    for (int k = 0; k < n; k++)
        plan->arrival_order[k] = pathways[k].connection;
}

void plan_find_delays(struct plan *plan)
{
    plan->min_delay_connection = -1;
    plan->min_delay = plan->max_delay = 0;
    for (int k = 0; k < plan->script->n_connections; k++) {
        const struct connection_plan *connection = &plan->connections[k];
        if (connection->kind == CONNECTION_EMISSION || connection->kind == CONNECTION_NOISE ||
            connection->max_delay < connection->min_delay)
            continue; /* drawn where it arrives: nothing is exchanged; or not known yet */
        if (plan->min_delay_connection < 0 || connection->min_delay < plan->min_delay) {
            plan->min_delay = connection->min_delay;
            plan->min_delay_connection = k;
        }
        if (connection->max_delay > plan->max_delay)
            plan->max_delay = connection->max_delay;
    }
}

/* What the network will ask for of places and pairs of nodes can be planned, too. */
static int check_expressions(struct arena *arena, const struct script *script, struct fault *fault)
{
    struct expression_plan plan;
    for (int k = 0; k < script->n_populations; k++)
        for (int axis = 0; axis < script->populations[k].n_dimensions; axis++)
            if (!script->populations[k].position[axis].array)
                TRY(expression_plan_make(arena, script->populations[k].position[axis].expression, &plan, fault));
    for (int k = 0; k < script->n_projections; k++)
        for (int argument = 0; argument < RULE_ARGUMENTS_MAX; argument++)
            if (script->projections[k].arguments[argument].expression)
                TRY(expression_plan_make(arena, script->projections[k].arguments[argument].expression, &plan, fault));
    return 0;
}

int plan_create(struct arena *arena, const struct script *script, struct plan **out, struct fault *fault)
{
    *out = NULL;
    struct plan *plan = ARENA_NEW(arena, 1, struct plan);
    plan->script = script;
    plan->nodes = ARENA_NEW(arena, script->n_populations, struct node_plan);
    plan->connections = ARENA_NEW(arena, script->n_connections, struct connection_plan);
    for (int k = 0; k < script->n_populations; k++)
        TRY(node_plan_make(arena, script, &script->populations[k], &plan->nodes[k], fault));
    for (int k = 0; k < script->n_connections; k++)
        TRY(connection_plan_make(arena, script, &script->connections[k], plan, fault));
    TRY(check_expressions(arena, script, fault));
    order_arrivals(arena, plan);
    plan_find_delays(plan);
    *out = plan;
    return 0;
}
