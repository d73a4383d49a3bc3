/* Declared synapses: `synapses NAME : SOURCE -> TARGET …`, the statements that connect them, and assignments to their values.
 *
 * A declaration checks the model between its ends and gives its values; each `connect NAME by …` begins with a copy of these.
 * An assignment is about the synapses that exist by then. So what a connection's values are is known when the script ends. */
#include "language/check.h"

/* ---- synapses NAME : SOURCE -> TARGET -------------------------------------------------------------------- */

/* The model of the statement's own, in loops a copy for each pass; or the one that it names. */
static int find_model(struct check *check, const struct statement *statement, const char *name, struct model **out,
                      struct fault *fault)
{
    if (!statement->model)
        return model_require(check, statement->model_name, statement->model_span, true, out, fault);
    *out = check->loop ? model_clone(check->arena, statement->model) : statement->model;
    (*out)->name = name;
    return model_check(check, *out, fault);
}

int synapses_check(struct check *check, struct statement *statement, struct fault *fault)
{
    struct script *script = check->script;
    struct synapses synapses = {.index = script->n_synapses, .span = statement->name_span};
    TRY(name_check_new(check, statement->name, statement->name_span, fault));
    synapses.name = name_in_pass(check, statement->name);
    TRY(name_check_new(check, synapses.name, statement->name_span, fault));
    TRY(set_require(check, statement->source, NULL, &synapses.source, fault));
    TRY(set_require(check, statement->target, NULL, &synapses.target, fault));

    struct synapse_use use = {.settings = &statement->settings};
    use.span = statement->model ? statement->name_span : statement->model_span;
    TRY(find_model(check, statement, synapses.name, &use.model, fault));
    synapses.first = (struct connection){.name = synapses.name,
                                         .arrives_as = synapses.name,
                                         .source = synapses.source,
                                         .target = synapses.target,
                                         .synapses = synapses.index,
                                         .span = statement->name_span};
    TRY(synapse_check_ends(check, &synapses.first, &use, fault));

    named_add(check, NAMED_SYNAPSES, synapses.name, statement->name_span)->index = synapses.index;
    if (check->loop)
        named_add_local(check, NAMED_SYNAPSES, statement->name, statement->name_span)->index = synapses.index;
    *ARENA_PUSH(check->arena, script->synapses, script->n_synapses, check->synapses_capacity, struct synapses) = synapses;
    return 0;
}

/* ---- connect NAME by RULE -------------------------------------------------------------------------------- */

static int find_synapses(struct check *check, const struct statement *statement, struct synapses **out, struct fault *fault)
{
    const struct named *named = named_find(check, statement->name);
    if (named && named->kind == NAMED_SYNAPSES) {
        *out = &check->script->synapses[named->index];
        return 0;
    }
    if (named)
        return source_fault(
            fault, statement->name_span,
            "only declared synapses are connected by their name: 'connect SOURCE -> TARGET by RULE using SYNAPSE'");
    struct candidates candidates = {.arena = check->arena};
    for (int k = 0; k < check->script->n_synapses; k++)
        candidates_add(&candidates, check->script->synapses[k].name);
    return source_fault(fault, statement->name_span, "unknown synapses '%s'%s", statement->name,
                        candidates_suggestion(&candidates, statement->name));
}

static int check_rule(struct check *check, const struct statement *statement, struct projection *projection, struct fault *fault)
{
    const struct expression *third = statement->third ? statement->third : statement->pool;
    if (third)
        return source_fault(fault, third->span,
                            "declared synapses have no third nodes: 'connect NAME : SOURCE -> TARGET via POOL …'");
    projection->rule_span = statement->rule->span;
    TRY(rule_check(check, statement->rule, false, projection, &projection->rule, projection->arguments, fault));
    if (projection->rule->is_third || projection->rule->tripartite)
        return source_fault(fault, statement->rule->span, "rule '%s' makes third nodes, which declared synapses do not have",
                            projection->rule->name);
    return projection->rule->check ? projection->rule->check(projection, fault) : 0;
}

/* As declared, with values of its own. */
static struct connection next_connection(struct check *check, const struct synapses *synapses)
{
    struct connection connection = synapses->first;
    size_t bytes = (size_t)connection.synapse->n_variables * sizeof *connection.values;
    connection.values = arena_grow(check->arena, synapses->first.values, bytes, bytes);
    connection.index = check->script->n_connections;
    connection.projection = check->script->n_projections;
    if (synapses->n_connections)
        connection.name = arena_format(check->arena, "%s.%d", synapses->name, synapses->n_connections + 1);
    return connection;
}

int connect_declared_check(struct check *check, struct statement *statement, struct fault *fault)
{
    struct script *script = check->script;
    struct synapses *synapses = NULL;
    TRY(find_synapses(check, statement, &synapses, fault));
    struct connection connection = next_connection(check, synapses);
    struct projection projection = {.name = connection.name,
                                    .source = synapses->source,
                                    .target = synapses->target,
                                    .connections = {connection.index},
                                    .n_connections = 1,
                                    .epoch = script->n_epochs,
                                    .index = script->n_projections,
                                    .span = statement->span};
    TRY(check_rule(check, statement, &projection, fault));
    check->simulation_used = true;
    *ARENA_PUSH(check->arena, synapses->connections, synapses->n_connections, synapses->connections_capacity,
                int) = connection.index;
    *ARENA_PUSH(check->arena, script->connections, script->n_connections, check->connections_capacity,
                struct connection) = connection;
    *ARENA_PUSH(check->arena, script->projections, script->n_projections, check->projections_capacity,
                struct projection) = projection;
    return 0;
}

/* ---- NAME.VARIABLE = VALUE ------------------------------------------------------------------------------- */

/* Values are given to synapses when they are made. */
static int check_assigned_in_time(const struct check *check, const struct connection *connection,
                                  const struct statement *statement, struct fault *fault)
{
    if (check->script->projections[connection->projection].epoch == check->script->n_epochs)
        return 0;
    return source_fault(fault, statement->span, "assignments to synapses that a 'run' has passed over are not supported yet");
}

static int assign_declared(struct check *check, const struct synapses *synapses, const struct statement *statement,
                           struct fault *fault)
{
    if (statement->target->kind == EXPRESSION_MEMBER)
        return source_fault(fault, statement->target->span, "'%s' have no part '%s'", synapses->name, statement->target->name);
    for (int k = 0; k < synapses->n_connections; k++) {
        struct connection *connection = &check->script->connections[synapses->connections[k]];
        TRY(check_assigned_in_time(check, connection, statement, fault));
        TRY(synapse_assign(check, connection, synapses->n_connections, statement, fault));
    }
    if (synapses->n_connections == 0) {
        struct connection unused = next_connection(check, synapses);
        check_warn(check, statement->span, "this has no effect: '%s' are not connected yet", synapses->name);
        return synapse_assign(check, &unused, 1, statement, fault);
    }
    return 0;
}

/* NAME.VARIABLE, or NAME.ROLE.VARIABLE where there are three. */
static int assign_connected(struct check *check, const struct projection *projection, const struct statement *statement,
                            struct fault *fault)
{
    const struct expression *target = statement->target;
    const char *name = projection->name;
    if (target->kind == EXPRESSION_MEMBER)
        name = arena_format(check->arena, "%s.%s", projection->name, target->name);
    for (int k = 0; k < projection->n_connections; k++) {
        struct connection *connection = &check->script->connections[projection->connections[k]];
        if (strcmp(connection->name, name) != 0)
            continue;
        TRY(check_assigned_in_time(check, connection, statement, fault));
        TRY(synapse_assign(check, connection, 1, statement, fault));
        return synapse_finish(check, connection, fault);
    }
    if (projection->n_connections > 1)
        return source_fault(fault, target->span, "'%s' has three parts: %s.primary, %s.third_in and %s.third_out",
                            projection->name, projection->name, projection->name, projection->name);
    return source_fault(fault, target->span, "'%s' has no part '%s'", projection->name, target->name);
}

int synapses_assignment_check(struct check *check, const struct named *named, struct statement *statement, struct fault *fault)
{
    const struct script *script = check->script;
    return named->kind == NAMED_SYNAPSES ? assign_declared(check, &script->synapses[named->index], statement, fault)
                                         : assign_connected(check, &script->projections[named->index], statement, fault);
}

/* ---- the end of the script ------------------------------------------------------------------------------- */

int synapses_finish(struct check *check, struct fault *fault)
{
    struct script *script = check->script;
    for (int k = 0; k < script->n_connections; k++)
        TRY(data_order_check(script, &script->connections[k], fault));
    for (int k = 0; k < script->n_connections; k++)
        if (script->connections[k].synapses >= 0)
            TRY(synapse_finish(check, &script->connections[k], fault));
    for (int k = 0; k < script->n_synapses; k++)
        if (script->synapses[k].n_connections == 0)
            check_warn(check, script->synapses[k].span, "'%s' are not connected, so they have no effect: connect %s by RULE",
                       script->synapses[k].name, script->synapses[k].name);
    return 0;
}
