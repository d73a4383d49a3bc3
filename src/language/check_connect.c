/* `connect`: the sets, the rule with its arguments, the name, and the synapses that are used for each role. */
#include "language/check.h"

/* ---- the rule and its arguments -------------------------------------------------------------------------- */

static int find_rule(struct check *check, const struct expression *call, const struct rule_signature **out, struct fault *fault)
{
    struct candidates candidates = {.arena = check->arena};
    for (const struct rule_signature *const *rule = check->vocabulary->rules; *rule; rule++) {
        candidates_add(&candidates, (*rule)->name);
        if (strcmp((*rule)->name, call->name) == 0) {
            *out = *rule;
            return 0;
        }
    }
    return source_fault(fault, call->span, "unknown rule '%s' (the rules are %s)%s", call->name, candidates_list(&candidates),
                        candidates_suggestion(&candidates, call->name));
}

static int n_arguments(const struct rule_signature *rule)
{
    int n = 0;
    while (n < RULE_ARGUMENTS_MAX && rule->arguments[n].name)
        n++;
    return n;
}

static int check_word(struct check *check, const struct rule_argument *argument, struct expression *expression,
                      struct rule_value *out, struct fault *fault)
{
    struct scope scope = {.check = check};
    struct constant_value value;
    struct candidates candidates = {.arena = check->arena};
    TRY(constant_of(&scope, expression, &value, fault));
    for (int k = 0; argument->words[k]; k++) {
        candidates_add(&candidates, arena_format(check->arena, "\"%s\"", argument->words[k]));
        if (value.type == TYPE_STRING && strcmp(argument->words[k], value.text) == 0) {
            out->word = k;
            return 0;
        }
    }
    return source_fault(fault, expression->span, "'%s' must be one of %s", argument->name, candidates_list(&candidates));
}

static int check_indices(struct check *check, const struct rule_argument *argument, struct expression *expression,
                         struct rule_value *out, struct fault *fault)
{
    struct scope scope = {.check = check};
    struct constant_value value;
    TRY(constant_of(&scope, expression, &value, fault));
    if (!value.is_list || value.n_columns || !dimension_none(value.dimension))
        return source_fault(fault, expression->span, "'%s' must be a list of positions, such as [0, 1]", argument->name);
    uint32_t *indices = ARENA_NEW(check->arena, value.n_list, uint32_t);
    for (uint64_t k = 0; k < value.n_list; k++) {
        if (value.list[k] != floor(value.list[k]) || value.list[k] < 0 || value.list[k] > UINT32_MAX)
            return source_fault(fault, expression->span, "'%s': %.15g is no position", argument->name, value.list[k]);
        indices[k] = (uint32_t)value.list[k];
    }
    out->indices = indices;
    out->n_indices = value.n_list;
    return 0;
}

static int check_argument(struct check *check, const struct rule_argument *argument, struct expression *expression,
                          struct rule_value *out, struct fault *fault)
{
    const char *what = arena_format(check->arena, "'%s'", argument->name);
    out->given = true;
    switch (argument->kind) {
    case RULE_PROBABILITY:
        TRY(constant_number(check, expression, (struct dimension){0}, what, &out->number, fault));
        if (!(out->number >= 0 && out->number <= 1))
            return source_fault(fault, expression->span, "probability '%s' must be from 0 to 1, but is %.15g", argument->name,
                                out->number);
        return 0;
    case RULE_COUNT:
        return constant_count(check, expression, what, 1, (double)POPULATION_SIZE_MAX - 1, &out->number, fault);
    case RULE_WORD:
        return check_word(check, argument, expression, out, fault);
    case RULE_INDICES:
        return check_indices(check, argument, expression, out, fault);
    }
    return 0;
}

static int place_of_argument(struct check *check, const struct rule_signature *rule, const struct expression *call, int position,
                             int *out, struct fault *fault)
{
    const char *name = call->argument_names ? call->argument_names[position] : NULL;
    struct candidates candidates = {.arena = check->arena};
    int n = n_arguments(rule);
    for (int k = 0; k < n; k++) {
        candidates_add(&candidates, rule->arguments[k].name);
        if (name ? strcmp(rule->arguments[k].name, name) == 0 : k == position) {
            *out = k;
            return 0;
        }
    }
    struct span span = call->children[position]->span;
    if (name)
        return source_fault(fault, span, "rule '%s' has no argument '%s' (its arguments are %s)%s", rule->name, name,
                            candidates_list(&candidates), candidates_suggestion(&candidates, name));
    return source_fault(fault, span, n ? "rule '%s' takes at most %d argument%s: %s" : "rule '%s' takes no arguments", rule->name,
                        n, n == 1 ? "" : "s", candidates_list(&candidates));
}

static int check_rule(struct check *check, const struct expression *call, struct projection *projection, struct fault *fault)
{
    TRY(find_rule(check, call, &projection->rule, fault));
    const struct rule_signature *rule = projection->rule;
    projection->rule_span = call->span;
    for (int k = 0; k < n_arguments(rule); k++)
        projection->arguments[k].number = rule->arguments[k].value;
    for (int k = 0; k < call->n_children; k++) {
        int place = 0;
        TRY(place_of_argument(check, rule, call, k, &place, fault));
        if (projection->arguments[place].given)
            return source_fault(fault, call->children[k]->span, "argument '%s' is given twice", rule->arguments[place].name);
        TRY(check_argument(check, &rule->arguments[place], call->children[k], &projection->arguments[place], fault));
    }
    for (int k = 0; k < n_arguments(rule); k++)
        if (rule->arguments[k].required && !projection->arguments[k].given)
            return source_fault(fault, call->span, "rule '%s' needs the argument '%s'", rule->name, rule->arguments[k].name);
    return 0;
}

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

static int check_roles(struct check *check, const struct statement *statement, const struct rule_signature *rule,
                       struct fault *fault)
{
    if (!rule->tripartite) {
        if (statement->pool)
            return source_fault(fault, statement->pool->span, "rule '%s' takes no pool: leave out 'via …'", rule->name);
        if (statement->usings[0].role || statement->n_usings > 1)
            return source_fault(fault, statement->usings[0].span,
                                "rule '%s' makes one kind of connection, without roles: 'using SYNAPSE'", rule->name);
        return 0;
    }
    if (!statement->pool)
        return source_fault(fault, statement->rule->span, "rule '%s' needs a pool of third nodes: 'connect … via POOL'",
                            rule->name);
    struct candidates candidates = {.arena = check->arena};
    for (int role = ROLE_PRIMARY; role <= ROLE_THIRD_OUT; role++)
        candidates_add(&candidates, role_names[role]);
    for (int k = 0; k < statement->n_usings; k++) {
        const struct using_clause *using_clause = &statement->usings[k];
        const char *role = using_clause->role;
        bool known = false;
        for (int c = 0; role && c < candidates.n; c++)
            known = known || strcmp(candidates.names[c], role) == 0;
        if (!known)
            return source_fault(fault, using_clause->span, "rule '%s' needs a synapse for each of %s%s", rule->name,
                                candidates_list(&candidates), role ? candidates_suggestion(&candidates, role) : "");
        if (using_of_role(statement, role) != using_clause)
            return source_fault(fault, using_clause->span, "role '%s' is given twice", role);
    }
    for (int k = 0; k < candidates.n; k++)
        if (!using_of_role(statement, candidates.names[k]))
            return source_fault(fault, statement->span, "the role '%s' is missing: rule '%s' needs %s", candidates.names[k],
                                rule->name, candidates_list(&candidates));
    return 0;
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
    const struct using_clause *first = projection->rule->tripartite ? using_of_role(statement, "primary") : &statement->usings[0];
    const struct node_set *const sets[] = {projection->source, projection->target};
    const struct expression *const expressions[] = {statement->source, statement->target};
    for (int k = 0; k < 2; k++)
        if (!sets[k]->name)
            return source_fault(fault, expressions[k]->span,
                                "this set has no name to call the connection by: write 'connect NAME : …'");
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
        .projection = projection->index,
        .index = script->n_connections,
        .span = using_clause->span,
    };
    TRY(synapse_check_ends(check, &connection, using_clause, fault));
    projection->connections[projection->n_connections++] = connection.index;
    *ARENA_PUSH(check->arena, script->connections, script->n_connections, check->connections_capacity,
                struct connection) = connection;
    return 0;
}

int connect_check(struct check *check, struct statement *statement, struct fault *fault)
{
    struct script *script = check->script;
    if (!statement->source)
        return source_fault(fault, statement->span,
                            "connecting declared 'synapses' is not supported yet: 'connect A -> B by RULE using SYNAPSE'");
    if (statement->third)
        return source_fault(fault, statement->third->span,
                            "'third RULE' is not supported yet: use tripartite_bernoulli_with_pool");
    if (script->n_epochs)
        return source_fault(fault, statement->span, "'connect' after the first 'run' is not supported yet");
    struct projection projection = {.epoch = script->n_epochs, .index = script->n_projections, .span = statement->span};
    TRY(set_require(check, statement->source, NULL, &projection.source, fault));
    TRY(set_require(check, statement->target, NULL, &projection.target, fault));
    TRY(check_rule(check, statement->rule, &projection, fault));
    TRY(check_roles(check, statement, projection.rule, fault));
    if (statement->pool)
        TRY(set_require(check, statement->pool, NULL, &projection.pool, fault));
    TRY(name_projection(check, statement, &projection, fault));
    if (projection.rule->check)
        TRY(projection.rule->check(&projection, fault));
    if (projection.rule->tripartite)
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
