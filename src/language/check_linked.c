/* Parameters that stand for a variable of other nodes: `x : UNIT (linked)`, and A.x = linked(B.y) or A.x = linked(B.y, INDEX).
 *
 * A link is a continuous coupling without delay: a connection that the checker adds, A.x, with one synapse for each node of A,
 * from the node that it stands for, and the equation x_post = y_pre (summed). So everything that holds of such couplings holds of
 * links, on any ranks. Its name has a dot, so the script cannot mean it; its model sees none of the script's names. */
#include "language/check.h"

#define FORM "A.x = linked(B.y) or A.x = linked(B.y, INDEX)"

/* One statement. */
struct link {
    const char *name;              /* x */
    const struct node_set *target; /* A: whole populations */
    const struct declaration *variable;
    const struct node_set *source; /* B */
    const struct expression *of;   /* B.y */
    struct expression *index;      /* or NULL */
    const struct statement *statement;
};

/* A function of the script may be called so; then it is meant. */
bool statement_is_link(const struct check *check, const struct statement *statement)
{
    const struct expression *value = statement->value;
    return value->kind == EXPRESSION_CALL && strcmp(value->name, "linked") == 0 && !named_find(check, "linked");
}

/* ---- what is linked -------------------------------------------------------------------------------------- */

static const struct projection *projection_called(const struct script *script, const char *name)
{
    for (int k = 0; k < script->n_projections; k++)
        if (strcmp(script->projections[k].name, name) == 0)
            return &script->projections[k];
    return NULL;
}

/* May the parameter of the whole population be linked now? */
static int check_population(struct check *check, const struct link *link, const struct node_part *part,
                            const struct declaration **out, struct fault *fault)
{
    const struct population *population = &check->script->populations[part->population];
    const struct model *model = population->model;
    const struct span span = link->statement->name_span;
    const int index = model_variable(model, link->name);
    if (index < 0 || !(model->variables[index].flags & FLAG_LINKED))
        return source_fault(fault, span,
                            "'%s' is no (linked) parameter of population '%s' (model '%s'): declare it '%s : UNIT (linked)'",
                            link->name, population->name, model->name, link->name);
    if (part->count != population->size)
        return source_fault(fault, span, "'%s' is linked for the whole population '%s', not for a part of it", link->name,
                            population->name);
    if (population->epoch < check->script->n_epochs)
        return source_fault(fault, span, "population '%s' has run already: its parameters are linked before that",
                            population->name);
    const char *earlier = population->summed_by ? population->summed_by[index] : NULL;
    if (earlier)
        return source_fault(fault, span, "'%s' of population '%s' is linked already, at %s", link->name, population->name,
                            source_place(check->arena, projection_called(check->script, earlier)->span));
    *out = &model->variables[index];
    return 0;
}

static const char *type_text(enum value_type type)
{
    return type == TYPE_BOOLEAN ? "boolean" : type == TYPE_INTEGER ? "integer" : "a real number";
}

static int check_target(struct check *check, struct link *link, struct fault *fault)
{
    for (int k = 0; k < link->target->n_parts; k++) {
        const struct declaration *variable = NULL;
        TRY(check_population(check, link, &link->target->parts[k], &variable, fault));
        if (k > 0 && variable->type != link->variable->type)
            return source_fault(fault, link->statement->name_span, "'%s' is %s in one population of the set, but %s in another",
                                link->name, type_text(link->variable->type), type_text(variable->type));
        if (k > 0 && !dimension_equal(variable->unit.dimension, link->variable->unit.dimension))
            return source_fault(fault, link->statement->name_span, "'%s' is %s in one population of the set, but %s in another",
                                link->name, IN_DIMENSION(link->variable->unit.dimension), IN_DIMENSION(variable->unit.dimension));
        link->variable = variable;
    }
    return 0;
}

/* ---- what it is linked to -------------------------------------------------------------------------------- */

/* What keeps a variable from being linked to, or NULL. */
static const char *why_not_read(const struct model *model, int index)
{
    const struct declaration *variable = &model->variables[index];
    if (variable->flags & FLAG_LINKED)
        return "is (linked) itself: link to what it is linked to";
    if (variable->kind == DECLARATION_INPUT)
        return "is summed over connections, which is known later in the step";
    if (variable->is_list)
        return "is a list";
    return model_draws_per_connection(model, index) ? "is drawn for each connection, so it has no one value" : NULL;
}

static int check_source(struct check *check, const struct link *link, struct fault *fault)
{
    const char *name = link->of->name;
    const struct dimension expected = link->variable->unit.dimension;
    for (int k = 0; k < link->source->n_parts; k++) {
        const struct population *population = &check->script->populations[link->source->parts[k].population];
        const int index = model_variable(population->model, name);
        if (index < 0) {
            struct candidates candidates = {.arena = check->arena};
            for (int v = 0; v < population->model->n_variables; v++)
                candidates_add(&candidates, population->model->variables[v].name);
            return source_fault(fault, link->of->span, "population '%s' (model '%s') has no variable '%s'%s", population->name,
                                population->model->name, name, candidates_suggestion(&candidates, name));
        }
        const char *why = why_not_read(population->model, index);
        if (why)
            return source_fault(fault, link->of->span, "'%s' of population '%s' cannot be linked to: it %s", name,
                                population->name, why);
        const enum value_type type = population->model->variables[index].type;
        if (type != link->variable->type && !(type == TYPE_INTEGER && link->variable->type == TYPE_REAL))
            return source_fault(fault, link->of->span, "'%s' is declared %s, but '%s' of population '%s' is %s", link->name,
                                type_text(link->variable->type), name, population->name, type_text(type));
        const struct dimension dimension = population->model->variables[index].unit.dimension;
        if (!dimension_equal(dimension, expected))
            return source_fault(fault, link->of->span, "'%s' is declared %s, but '%s' of population '%s' is %s", link->name,
                                IN_DIMENSION(expected), name, population->name, IN_DIMENSION(dimension));
    }
    return 0;
}

/* linked(B.y), linked(B.y, INDEX), linked(B.y, index = INDEX) */
static int read_call(struct check *check, struct link *link, struct fault *fault)
{
    const struct expression *call = link->statement->value;
    bool fits = call->n_children == 1 || call->n_children == 2;
    for (int k = 0; fits && k < call->n_children; k++) {
        const char *name = call->argument_names ? call->argument_names[k] : NULL;
        fits = !name || (k == 1 && strcmp(name, "index") == 0);
    }
    if (!fits || call->children[0]->kind != EXPRESSION_MEMBER)
        return source_fault(fault, call->span, "a link names a variable of a population, and perhaps which of its nodes: " FORM);
    link->of = call->children[0];
    link->index = call->n_children == 2 ? call->children[1] : NULL;
    return set_require(check, link->of->children[0], NULL, &link->source, fault);
}

/* ---- which node of B each node of A stands for ----------------------------------------------------------- */

static int keep_position(const struct link *link, uint64_t node, double position, uint32_t *out, struct fault *fault)
{
    if (!(position == floor(position) && position >= 0 && position < (double)link->source->size))
        return source_fault(fault, link->index->span, "the index of node %llu is %.15g, but the nodes of '%s' are 0 to %llu",
                            (unsigned long long)node, position, link->source->name, (unsigned long long)link->source->size - 1);
    *out = (uint32_t)position;
    return 0;
}

/* An expression of i and N, which count in A. */
static int compute_positions(const struct check *check, const struct link *link, uint32_t *positions, struct fault *fault)
{
    double locals[2] = {0, (double)link->target->size}; /* i, N: as in the scope */
    const struct bindings bindings = {.dt = check->script->dt, .locals = locals};
    TRY(expression_require(link->index, (struct dimension){0}, "an index", fault));
    for (uint64_t node = 0; node < link->target->size; node++) {
        double position = NAN;
        locals[0] = (double)node;
        if (!constant_evaluate(link->index, &bindings, &position))
            return source_fault(fault, link->index->span, "an index is made of i, N and constants");
        TRY(keep_position(link, node, position, &positions[node], fault));
    }
    return 0;
}

static int list_positions(struct scope *scope, const struct link *link, uint32_t *positions, struct fault *fault)
{
    struct constant_value list;
    TRY(constant_plain_list(scope, link->index, &list, fault));
    if (!dimension_none(list.dimension))
        return source_fault(fault, link->index->span, "an index must be dimensionless, but this list is %s",
                            IN_DIMENSION(list.dimension));
    if (list.n_list != link->target->size)
        return source_fault(fault, link->index->span, "the index needs a number for each of the %llu nodes of '%s', but has %llu",
                            (unsigned long long)link->target->size, link->target->name, (unsigned long long)list.n_list);
    for (uint64_t node = 0; node < list.n_list; node++)
        TRY(keep_position(link, node, list.list[node], &positions[node], fault));
    return 0;
}

static int find_positions(struct check *check, const struct link *link, const uint32_t **out, struct fault *fault)
{
    struct local locals[] = {{.name = "i", .type = TYPE_INTEGER}, {.name = "N", .type = TYPE_INTEGER}};
    struct scope scope = {.check = check, .locals = locals, .n_locals = 2, .random_refusal = "in an index"};
    uint32_t *positions = ARENA_NEW(check->arena, link->target->size, uint32_t);
    *out = positions;
    TRY(expression_check(&scope, link->index, fault));
    return link->index->is_list ? list_positions(&scope, link, positions, fault)
                                : compute_positions(check, link, positions, fault);
}

static const struct rule_signature *rule_called(const struct check *check, const char *name)
{
    const struct rule_signature *const *rule = check->vocabulary->rules;
    while (strcmp((*rule)->name, name) != 0)
        rule++;
    return *rule;
}

/* One synapse for each node of A. */
static int choose_rule(struct check *check, const struct link *link, struct projection *projection, struct fault *fault)
{
    const uint64_t n_targets = link->target->size, n_sources = link->source->size;
    if (!link->index && n_sources != n_targets && n_sources != 1)
        return source_fault(
            fault, link->of->span,
            "'%s' has %llu nodes and '%s' has %llu: say which of these each node stands for, linked(%s.%s, INDEX)",
            link->target->name, (unsigned long long)n_targets, link->source->name, (unsigned long long)n_sources,
            link->source->name, link->of->name);
    projection->rule = rule_called(check, link->index ? "pairs" : n_sources == n_targets ? "one_to_one" : "all_to_all");
    for (int k = 0; k < RULE_ARGUMENTS_MAX && projection->rule->arguments[k].name; k++)
        projection->arguments[k].number = projection->rule->arguments[k].value;
    if (!link->index)
        return 0;
    uint32_t *targets = ARENA_NEW(check->arena, n_targets, uint32_t);
    for (uint64_t node = 0; node < n_targets; node++)
        targets[node] = (uint32_t)node;
    const uint32_t *sources = NULL;
    TRY(find_positions(check, link, &sources, fault));
    projection->arguments[0] = (struct rule_value){.given = true, .indices = sources, .n_indices = n_targets};
    projection->arguments[1] = (struct rule_value){.given = true, .indices = targets, .n_indices = n_targets};
    return 0;
}

/* ---- the coupling ---------------------------------------------------------------------------------------- */

/* int(y), which is 0 or 1 of a condition. */
static struct expression *number_of(struct check *check, struct expression *condition)
{
    struct expression *call = ARENA_NEW(check->arena, 1, struct expression);
    *call = (struct expression){.kind = EXPRESSION_CALL,
                                .span = condition->span,
                                .name = "int",
                                .children = ARENA_NEW(check->arena, 1, struct expression *),
                                .n_children = 1,
                                .depth = 2};
    call->children[0] = condition;
    return call;
}

/* synapse model linked { x_post = y_pre : UNIT (summed) } */
static struct model *make_model(struct check *check, const struct link *link)
{
    const struct span span = link->statement->value->span;
    struct model *model = ARENA_NEW(check->arena, 1, struct model);
    struct declaration *equation = ARENA_NEW(check->arena, 1, struct declaration);
    struct expression *value = ARENA_NEW(check->arena, 1, struct expression);
    *value = (struct expression){.kind = EXPRESSION_NAME,
                                 .span = link->of->span,
                                 .name = arena_format(check->arena, "%s_pre", link->of->name),
                                 .depth = 1};
    *equation = (struct declaration){.kind = DECLARATION_SUBEXPRESSION,
                                     .span = span,
                                     .name_span = span,
                                     .name = arena_format(check->arena, "%s_post", link->name),
                                     .unit = link->variable->unit,
                                     .unit_text = link->variable->unit_text,
                                     .type = TYPE_REAL,
                                     .flags = FLAG_SUMMED,
                                     .equation = link->variable->type == TYPE_BOOLEAN ? number_of(check, value) : value};
    *model = (struct model){.kind = MODEL_SYNAPSE,
                            .span = span,
                            .name_span = span,
                            .name = "linked",
                            .variables = equation,
                            .n_variables = 1,
                            .is_link = true};
    return model;
}

static int add_coupling(struct check *check, const struct link *link, struct projection *projection, struct fault *fault)
{
    struct script *script = check->script;
    struct connection connection = {.name = projection->name,
                                    .arrives_as = projection->name,
                                    .source = link->source,
                                    .target = link->target,
                                    .synapses = -1,
                                    .projection = projection->index,
                                    .index = script->n_connections,
                                    .span = link->statement->span};
    const struct settings nothing = {0};
    struct synapse_use use = {.model = make_model(check, link), .settings = &nothing, .span = link->statement->value->span};
    TRY(model_check(check, use.model, fault));
    TRY(synapse_check_ends(check, &connection, &use, fault));
    TRY(synapse_finish(check, &connection, fault));
    projection->connections[projection->n_connections++] = connection.index;
    *ARENA_PUSH(check->arena, script->connections, script->n_connections, check->connections_capacity,
                struct connection) = connection;
    return 0;
}

int link_check(struct check *check, const struct statement *statement, struct fault *fault)
{
    struct script *script = check->script;
    struct link link = {.name = statement->name, .statement = statement};
    TRY(set_require(check, statement->target, NULL, &link.target, fault));
    TRY(check_target(check, &link, fault));
    TRY(read_call(check, &link, fault));
    TRY(check_source(check, &link, fault));
    struct projection projection = {.name = arena_format(check->arena, "%s.%s", link.target->name, link.name),
                                    .source = link.source,
                                    .target = link.target,
                                    .epoch = script->n_epochs,
                                    .index = script->n_projections,
                                    .span = statement->span,
                                    .rule_span = statement->value->span};
    if (projection_called(script, projection.name))
        return source_fault(fault, statement->span, "another link is called '%s', too: give the set a name by 'let'",
                            projection.name);
    TRY(choose_rule(check, &link, &projection, fault));
    TRY(add_coupling(check, &link, &projection, fault));
    check->simulation_used = true;
    *ARENA_PUSH(check->arena, script->projections, script->n_projections, check->projections_capacity,
                struct projection) = projection;
    return 0;
}

/* ---- the end of the script ------------------------------------------------------------------------------- */

int links_finish(const struct check *check, struct fault *fault)
{
    for (int p = 0; p < check->script->n_populations; p++) {
        const struct population *population = &check->script->populations[p];
        for (int k = 0; k < population->model->n_variables; k++) {
            const struct declaration *variable = &population->model->variables[k];
            if (variable->flags & FLAG_LINKED && !(population->summed_by && population->summed_by[k]))
                return source_fault(
                    fault, population->span,
                    "'%s' of population '%s' (model '%s') is (linked), but nothing says to what: %s.%s = linked(B.y)",
                    variable->name, population->name, population->model->name, population->name, variable->name);
        }
    }
    return 0;
}
