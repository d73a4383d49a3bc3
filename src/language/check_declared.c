/* Declared synapses: `synapses NAME : SOURCE -> TARGET …`, the statements that connect them, and assignments to their values.
 *
 * A declaration checks the model between its ends and gives its values; each `connect NAME by …` begins with a copy of these.
 * An assignment is about the synapses that exist by then; one to a (shared) parameter also about those that follow. So what a
 * connection's values are is known when the script ends. */
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
    connection.n_node_assignments = check->script->n_assignments;
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
                                    .n_node_assignments = script->n_assignments,
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
    counts_renew(check, synapses);
    return 0;
}

/* ---- NAME.VARIABLE = VALUE ------------------------------------------------------------------------------- */

/* Whether the text names the variable itself; names have not been resolved. */
static bool names_itself(const struct expression *value, const char *name)
{
    bool found = value->kind == EXPRESSION_NAME && strcmp(value->name, name) == 0;
    for (int k = 0; k < value->n_children && !found; k++)
        found = value->children[k] && names_itself(value->children[k], name);
    return found;
}

/* A value for all synapses of a connection, as they are made, takes the place of the one before. All others are kept, and carried
 * out in order, when the synapses are made or between runs. */
static bool is_beginning(const struct check *check, const struct connection *connection, const struct statement *statement)
{
    return statement->target->kind != EXPRESSION_INDEX && connection->n_assignments == 0 &&
           check->script->projections[connection->projection].epoch == check->script->n_epochs &&
           !names_itself(statement->value, statement->name);
}

/* The values that synapses are made with are computed at one moment of the script: what the earlier ones read of nodes is still
 * the same. */
static int assign_connection(struct check *check, struct connection *connection, const struct synapse_selection *selection,
                             const struct statement *statement, struct fault *fault)
{
    const bool is_first = is_beginning(check, connection, statement), is_late = pair_values_are_older(check, connection);
    if (is_first && is_late && strcmp(statement->name, "delay") == 0)
        return source_fault(fault, statement->name_span,
                            "what other values of '%s' read of nodes has been assigned since they were given: give the delay "
                            "before that",
                            selection->name);
    if (!is_first || is_late)
        return synapse_keep_assignment(check, connection, selection, statement, fault);
    return synapse_assign(check, connection, selection->n_connections, statement, fault);
}

/* Declared synapses that nothing has connected yet. */
static const struct synapses *unconnected(struct check *check, const struct statement *statement)
{
    const struct expression *target = statement->target;
    const struct named *named = target->kind == EXPRESSION_NAME ? named_find(check, target->name) : NULL;
    const bool is_declared = named && named->kind == NAMED_SYNAPSES;
    return is_declared && !check->script->synapses[named->index].n_connections ? &check->script->synapses[named->index] : NULL;
}

/* The declared synapses that the whole statement is about, if it assigns what all of them share. */
static struct synapses *sharing(struct check *check, const struct statement *statement)
{
    const struct expression *target = statement->target;
    const struct named *named = target->kind == EXPRESSION_NAME ? named_find(check, target->name) : NULL;
    struct synapses *synapses = named && named->kind == NAMED_SYNAPSES ? &check->script->synapses[named->index] : NULL;
    int variable = synapses ? model_variable(synapses->first.synapse, statement->name) : -1;
    bool is_shared = variable >= 0 && synapses->first.synapse->variables[variable].flags & FLAG_SHARED;
    return is_shared && !names_itself(statement->value, statement->name) ? synapses : NULL;
}

int synapses_assignment_check(struct check *check, struct statement *statement, struct fault *fault)
{
    struct synapse_selection selection = {0};
    struct synapses *all = sharing(check, statement);
    if (all)
        TRY(synapse_assign(check, &all->first, 1, statement, fault));
    const struct synapses *synapses = unconnected(check, statement);
    if (synapses && all)
        return 0;
    if (synapses) {
        struct connection unused = next_connection(check, synapses);
        check_warn(check, statement->span, "this has no effect: '%s' are not connected yet", synapses->name);
        return synapse_assign(check, &unused, 1, statement, fault);
    }
    TRY(synapses_select(check, statement->target, "nothing is assigned", &selection, fault));
    for (int k = 0; k < selection.n_connections; k++) {
        struct connection *connection = &check->script->connections[selection.connections[k]];
        TRY(assign_connection(check, connection, &selection, statement, fault));
        if (connection->synapses < 0)
            TRY(synapse_finish(check, connection, fault));
    }
    return 0;
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
