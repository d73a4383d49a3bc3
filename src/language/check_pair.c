/* What an expression may say of a source and a target: in arguments of connection rules, and in values of synapses.
 *
 * The values of nodes are those with which they begin, so what is assigned to them must stand before they are used. */
#include "language/check.h"

bool pair_size_find(const struct scope *scope, const struct expression *name, double *size)
{
    const struct node_set *source = scope->source, *target = scope->target;
    const bool is_size = strcmp(name->name, "N") == 0 && !scope->model && source->size == target->size;
    if (strcmp(name->name, "N_pre") == 0 || is_size)
        *size = (double)source->size;
    else if (strcmp(name->name, "N_post") == 0)
        *size = (double)target->size;
    else
        return false;
    return true;
}

static bool is_of_pair(const struct expression *expression)
{
    if (expression->kind == EXPRESSION_CALL)
        return function_signatures[expression->function].random;
    if (expression->kind != EXPRESSION_NAME)
        return false;
    switch (expression->reference.kind) {
    case REFERENCE_INDEX_I:
    case REFERENCE_INDEX_J:
    case REFERENCE_PRE:
    case REFERENCE_POST:
    case REFERENCE_DISTANCE:
        return true;
    default:
        return false;
    }
}

bool pair_mentioned(const struct expression *expression)
{
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k] && pair_mentioned(expression->children[k]))
            return true;
    return is_of_pair(expression);
}

int pair_check(const struct check *check, const struct expression *expression, const struct node_set *source,
               const struct node_set *target, struct fault *fault)
{
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_DISTANCE)
        return distance_check(check, source, target, expression->span, fault);
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k])
            TRY(pair_check(check, expression->children[k], source, target, fault));
    return 0;
}

/* ---- assignments that come too late ---------------------------------------------------------------------- */

static bool has_population(const struct node_set *set, const struct population *population)
{
    for (int k = 0; k < set->n_parts; k++)
        if (set->parts[k].population == population->index)
            return true;
    return false;
}

/* Does the variable of the population that stands at this end depend on the assigned one? */
static bool depends(const struct population *population, const char *name, int variable)
{
    int index = model_variable(population->model, name);
    const struct declaration *declaration = &population->model->variables[index];
    return index == variable ||
           (declaration->kind == DECLARATION_SUBEXPRESSION && value_mentions(population->model, declaration->equation, variable));
}

/* The first name in the expression that stands for the variable, or NULL. */
static const struct expression *find_use(const struct expression *expression, const struct node_set *source,
                                         const struct node_set *target, const struct population *population, int variable)
{
    const enum reference_kind kind = expression->kind == EXPRESSION_NAME ? expression->reference.kind : REFERENCE_NONE;
    if (kind == REFERENCE_PRE || kind == REFERENCE_POST)
        return has_population(kind == REFERENCE_PRE ? source : target, population) &&
                       depends(population, expression->reference.variable_name, variable)
                   ? expression
                   : NULL;
    const struct expression *found = NULL;
    for (int k = 0; k < expression->n_children && !found; k++)
        if (expression->children[k])
            found = find_use(expression->children[k], source, target, population, variable);
    return found;
}

/* The same among what a generator reads. */
static const struct generated_leaf *find_leaf(const struct projection *projection, const struct rule_value *argument,
                                              const struct population *population, int variable)
{
    for (int k = 0; k < argument->n_leaves; k++) {
        const struct generated_leaf *leaf = &argument->leaves[k];
        if (leaf->variable && has_population(leaf->kind == GENERATED_PRE ? projection->source : projection->target, population) &&
            depends(population, leaf->variable, variable))
            return leaf;
    }
    return NULL;
}

static int refuse_use(const struct check *check, struct span used, const struct population *population, int variable,
                      struct span span, struct fault *fault)
{
    return source_fault(fault, span, "'%s' of '%s' is used for connections at %s: assign it before them",
                        population->model->variables[variable].name, population->name, source_place(check->arena, used));
}

int pair_check_assignment(const struct check *check, const struct population *population, int variable, struct span span,
                          struct fault *fault)
{
    const struct script *script = check->script;
    for (int k = 0; k < script->n_projections && variable >= 0; k++) {
        const struct projection *projection = &script->projections[k];
        for (int a = 0; a < RULE_ARGUMENTS_MAX; a++) {
            const struct expression *expression = projection->arguments[a].expression;
            const struct expression *used = expression ? find_use(expression, projection->source, projection->target, population,
                                                                  variable)
                                                       : NULL;
            const struct generated_leaf *leaf = find_leaf(projection, &projection->arguments[a], population, variable);
            if (used || leaf)
                return refuse_use(check, used ? used->span : leaf->span, population, variable, span, fault);
        }
    }
    for (int k = 0; k < script->n_connections && variable >= 0; k++) {
        const struct connection *connection = &script->connections[k];
        for (int v = -1; v < connection->synapse->n_variables; v++) {
            const struct value *value = v < 0 ? &connection->delay_value : &connection->values[v];
            if (!value->expression || value->is_constant || value->array)
                continue;
            const struct expression *used = find_use(value->expression, connection->source, connection->target, population,
                                                     variable);
            if (used)
                return refuse_use(check, used->span, population, variable, span, fault);
        }
    }
    return 0;
}
