/* `connect`: the sets, the rules, the name, and the synapses that are used for each role. */
#include "language/check.h"

/* ---- names and roles ------------------------------------------------------------------------------------- */

static const char *const role_names[] = {
    [ROLE_PRIMARY] = "primary",
    [ROLE_THIRD_IN] = "third_in",
    [ROLE_THIRD_OUT] = "third_out",
};

static const struct using_clause *using_of_role(const struct statement *statement, const char *role)
{
    for (int k = 0; k < statement->n_usings; k++)
        if (statement->usings[k].role && strcmp(statement->usings[k].role, role) == 0)
            return &statement->usings[k];
    return NULL;
}

/* A plain connection: one synapse, no pool. */
static int check_no_roles(const struct statement *statement, const struct rule_signature *rule, struct fault *fault)
{
    if (statement->pool)
        return source_fault(fault, statement->pool->span, "rule '%s' takes no pool: leave out 'via …', or add a 'third RULE'",
                            rule->name);
    if (statement->usings[0].role || statement->n_usings > 1)
        return source_fault(fault, statement->usings[0].span,
                            "rule '%s' makes one kind of connection, without roles: 'using SYNAPSE'", rule->name);
    return 0;
}

/* A tripartite one: a pool, and a synapse for each role. `rule` is the one that asks for them. */
static int check_roles(struct check *check, const struct statement *statement, const struct rule_signature *rule,
                       struct span rule_span, struct fault *fault)
{
    if (!statement->pool)
        return source_fault(fault, rule_span, "rule '%s' needs a pool of third nodes: 'connect … via POOL'", rule->name);
    struct candidates candidates = {.arena = check->arena};
    for (int role = ROLE_PRIMARY; role <= ROLE_THIRD_OUT; role++)
        candidates_add(&candidates, role_names[role]);
    for (int k = 0; k < statement->n_usings; k++) {
        const struct using_clause *using_clause = &statement->usings[k];
        if (!using_clause->role)
            return source_fault(fault, using_clause->span, "rule '%s' needs a synapse for each of %s", rule->name,
                                candidates_list(&candidates));
    }
    for (int k = 0; k < candidates.n; k++)
        if (!using_of_role(statement, candidates.names[k]))
            return source_fault(fault, statement->span, "the role '%s' is missing: rule '%s' needs %s", candidates.names[k],
                                rule->name, candidates_list(&candidates));
    return 0;
}

/* The rules of the statement, and whether its pool and roles fit them. */
static int check_rules(struct check *check, const struct statement *statement, struct projection *projection, struct fault *fault)
{
    projection->rule_span = statement->rule->span;
    TRY(rule_check(check, statement->rule, false, projection, &projection->rule, projection->arguments, fault));
    if (projection->rule->is_third)
        return source_fault(fault, statement->rule->span, "rule '%s' adds third nodes to another rule: by RULE third %s(…)",
                            projection->rule->name, projection->rule->name);
    if (statement->third) {
        projection->third_span = statement->third->span;
        TRY(rule_check(check, statement->third, true, projection, &projection->third, projection->third_arguments, fault));
        if (!projection->third->is_third)
            return source_fault(fault, statement->third->span, "rule '%s' cannot stand behind 'third'", projection->third->name);
        if (projection->rule->tripartite)
            return source_fault(fault, statement->third->span, "rule '%s' makes third connections itself: leave out 'third …'",
                                projection->rule->name);
        return check_roles(check, statement, projection->third, projection->third_span, fault);
    }
    if (projection->rule->tripartite)
        return check_roles(check, statement, projection->rule, projection->rule_span, fault);
    return check_no_roles(statement, projection->rule, fault);
}

/* SRC__TGT__SYNAPSE, where the statement gives no name. */
static int name_projection(struct check *check, const struct statement *statement, struct projection *projection,
                           struct fault *fault)
{
    if (statement->name) {
        TRY(name_check_new(check, statement->name, statement->name_span, fault));
        projection->name = name_in_pass(check, statement->name);
        return name_check_new(check, projection->name, statement->name_span, fault);
    }
    const struct using_clause *first = statement->pool ? using_of_role(statement, "primary") : &statement->usings[0];
    projection->name = arena_format(check->arena, "%s__%s__%s", projection->source->name, projection->target->name,
                                    first->synapse);
    const struct named *earlier = named_find(check, projection->name);
    if (earlier)
        return source_fault(fault, statement->span,
                            "a connection without a name is called '%s', as another one at %s: write 'connect NAME : …'",
                            projection->name, source_place(check->arena, earlier->span));
    return 0;
}

/* ---- the statement --------------------------------------------------------------------------------------- */

static int add_connection(struct check *check, struct projection *projection, enum connection_role role,
                          const struct using_clause *using_clause, struct fault *fault)
{
    struct script *script = check->script;
    struct connection connection = {
        .name = role == ROLE_PLAIN ? projection->name : arena_format(check->arena, "%s.%s", projection->name, role_names[role]),
        .role = role,
        .source = role == ROLE_THIRD_OUT ? projection->pool : projection->source,
        .target = role == ROLE_THIRD_IN ? projection->pool : projection->target,
        .synapses = -1,
        .projection = projection->index,
        .index = script->n_connections,
        .n_node_assignments = script->n_assignments,
        .span = using_clause->span,
    };
    connection.arrives_as = connection.name;
    struct synapse_use use = {.settings = &using_clause->settings, .span = using_clause->synapse_span};
    TRY(model_require(check, using_clause->synapse, use.span, true, &use.model, fault));
    TRY(synapse_check_ends(check, &connection, &use, fault));
    TRY(synapse_finish(check, &connection, fault));
    projection->connections[projection->n_connections++] = connection.index;
    *ARENA_PUSH(check->arena, script->connections, script->n_connections, check->connections_capacity,
                struct connection) = connection;
    return 0;
}

int connect_check(struct check *check, struct statement *statement, struct fault *fault)
{
    struct script *script = check->script;
    if (!statement->source)
        return connect_declared_check(check, statement, fault);
    struct projection projection = {.epoch = script->n_epochs,
                                    .n_node_assignments = script->n_assignments,
                                    .index = script->n_projections,
                                    .span = statement->span};
    TRY(set_require(check, statement->source, NULL, &projection.source, fault));
    TRY(set_require(check, statement->target, NULL, &projection.target, fault));
    TRY(check_rules(check, statement, &projection, fault));
    if (statement->pool)
        TRY(set_require(check, statement->pool, NULL, &projection.pool, fault));
    TRY(name_projection(check, statement, &projection, fault));
    if (projection.rule->check)
        TRY(projection.rule->check(&projection, fault));
    if (projection.third && projection.third->check)
        TRY(projection.third->check(&projection, fault));
    if (projection.pool)
        for (int role = ROLE_PRIMARY; role <= ROLE_THIRD_OUT; role++)
            TRY(add_connection(check, &projection, (enum connection_role)role, using_of_role(statement, role_names[role]),
                               fault));
    else
        TRY(add_connection(check, &projection, ROLE_PLAIN, &statement->usings[0], fault));
    check->simulation_used = true; /* delays have become steps */
    struct span name_span = statement->name ? statement->name_span : statement->span;
    named_add(check, NAMED_PROJECTION, projection.name, name_span)->index = projection.index;
    if (statement->name && check->loop)
        named_add_local(check, NAMED_PROJECTION, statement->name, name_span)->index = projection.index;
    *ARENA_PUSH(check->arena, script->projections, script->n_projections, check->projections_capacity,
                struct projection) = projection;
    return 0;
}
