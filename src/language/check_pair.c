/* What an expression may say of a source and a target: in arguments of connection rules, and in values of synapses.
 *
 * The values of nodes are those with which they begin, and what is assigned to them before; what is assigned later, the engine
 * carries out. */
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

/* ---- what connections are made of ------------------------------------------------------------------------ */

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

/* Whose expression: what the names in it stand for. */
struct pair_ends {
    const struct node_set *source, *target;
    const struct model *synapse; /* NULL: an argument of a rule */
};

/* Does a name in the expression stand for the variable, or for an equation of the synapse in which one does? */
static bool uses(const struct expression *expression, const struct pair_ends *ends, const struct population *population,
                 int variable)
{
    const struct reference *reference = &expression->reference;
    const enum reference_kind kind = expression->kind == EXPRESSION_NAME ? reference->kind : REFERENCE_NONE;
    if (kind == REFERENCE_PRE || kind == REFERENCE_POST)
        return has_population(kind == REFERENCE_PRE ? ends->source : ends->target, population) &&
               depends(population, reference->variable_name, variable);
    if (kind == REFERENCE_VARIABLE && ends->synapse)
        return ends->synapse->variables[reference->index].kind == DECLARATION_SUBEXPRESSION &&
               uses(ends->synapse->variables[reference->index].equation, ends, population, variable);
    bool found = false;
    for (int k = 0; k < expression->n_children && !found; k++)
        found = expression->children[k] && uses(expression->children[k], ends, population, variable);
    return found;
}

/* The same of what a generator reads. */
static bool leaf_uses(const struct projection *projection, const struct rule_value *argument, const struct population *population,
                      int variable)
{
    for (int k = 0; k < argument->n_leaves; k++) {
        const struct generated_leaf *leaf = &argument->leaves[k];
        if (leaf->variable && has_population(leaf->kind == GENERATED_PRE ? projection->source : projection->target, population) &&
            depends(population, leaf->variable, variable))
            return true;
    }
    return false;
}

static bool rule_uses(const struct projection *projection, const struct population *population, int variable)
{
    const struct pair_ends ends = {projection->source, projection->target, NULL};
    for (int k = 0; k < RULE_ARGUMENTS_MAX; k++) {
        const struct rule_value *argument = &projection->arguments[k];
        if (leaf_uses(projection, argument, population, variable) ||
            (argument->expression && uses(argument->expression, &ends, population, variable)))
            return true;
    }
    return false;
}

static bool value_uses(const struct connection *connection, const struct value *value, const struct population *population,
                       int variable)
{
    const struct pair_ends ends = {connection->source, connection->target, connection->synapse};
    return value->expression && !value->is_constant && !value->array && uses(value->expression, &ends, population, variable);
}

static bool any_value_uses(const struct connection *connection, const struct population *population, int variable)
{
    for (int v = 0; v < connection->synapse->n_variables; v++)
        if (value_uses(connection, &connection->values[v], population, variable))
            return true;
    return value_uses(connection, &connection->delay_value, population, variable);
}

bool pair_values_are_older(const struct check *check, const struct connection *connection)
{
    const struct script *script = check->script;
    for (int k = connection->n_node_assignments; k < script->n_assignments; k++)
        if (any_value_uses(connection, &script->populations[script->assignments[k].population], script->assignments[k].variable))
            return true;
    return false;
}

bool pair_uses(const struct check *check, const struct population *population, int variable)
{
    const struct script *script = check->script;
    for (int k = 0; k < script->n_projections; k++)
        if (rule_uses(&script->projections[k], population, variable))
            return true;
    for (int k = 0; k < script->n_connections; k++)
        if (any_value_uses(&script->connections[k], population, variable))
            return true;
    for (int k = 0; k < script->n_synapse_assignments; k++) {
        const struct synapse_assignment *assignment = &script->synapse_assignments[k];
        if (value_uses(&script->connections[assignment->connection], &assignment->value, population, variable))
            return true;
    }
    return false;
}
