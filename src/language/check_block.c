/* Blocks of statements in models: NAME = EXPRESSION, NAME += EXPRESSION, send EXPRESSION [to PORT].
 *
 * A name that is assigned and is no variable of the model is a temporary of the block, from its first assignment on. */
#include "language/check.h"

/* NAME = and NAME += take the dimension of NAME; NAME *= and the like take a plain number. */
static bool takes_dimension(const struct action *action)
{
    return !action->compound ||
           action->operator== OPERATOR_ADD || action->operator== OPERATOR_SUBTRACT || action->operator== OPERATOR_MODULO;
}

/* A variable or temporary keeps its type and dimension. */
static int check_assigned_value(const struct action *action, enum value_type type, struct dimension dimension,
                                struct fault *fault)
{
    const struct expression *value = action->value;
    bool raises = action->compound && (action->operator== OPERATOR_POWER || action->operator== OPERATOR_FLOOR_DIVIDE);
    if (type == TYPE_BOOLEAN || value->type == TYPE_BOOLEAN) {
        if (type == value->type && !action->compound)
            return 0;
        return source_fault(fault, value->span, "'%s' is %s, so it cannot be set to this", action->name,
                            type == TYPE_BOOLEAN ? "a condition" : "a number");
    }
    if (type == TYPE_UNKNOWN)
        return expression_require(value, value->dimension, "the right side", fault);
    if (raises && !dimension_none(dimension))
        return source_fault(fault, action->span, "'%s' is %s, which this would change", action->name, IN_DIMENSION(dimension));
    if (!takes_dimension(action))
        return expression_require(value, (struct dimension){0}, "the right side", fault);
    return expression_require_right_side(value, action->name, dimension, dimension, fault);
}

static int check_variable_assigned(const struct scope *scope, struct action *action, int index, struct fault *fault)
{
    const struct declaration *variable = &scope->model->variables[index];
    if (variable->kind == DECLARATION_SUBEXPRESSION)
        return source_fault(fault, action->name_span, "'%s' is defined by an equation and cannot be assigned", action->name);
    if (variable->kind == DECLARATION_INPUT)
        return source_fault(fault, action->name_span, "'%s' is summed over connections and cannot be assigned", action->name);
    if (variable->is_count)
        return source_fault(fault, action->name_span, "'%s' is how many synapses there are and cannot be assigned", action->name);
    if (variable->flags & FLAG_CONSTANT)
        return source_fault(fault, action->name_span, "'%s' is (constant) and cannot be assigned", action->name);
    if (variable->flags & FLAG_LINKED)
        return source_fault(fault, action->name_span, "'%s' is (linked) and cannot be assigned", action->name);
    if (variable->flags & FLAG_SHARED)
        return source_fault(fault, action->name_span, "'%s' is (shared): the %s have one value together and cannot assign it",
                            action->name, scope->model->kind == MODEL_SYNAPSE ? "synapses" : "nodes");
    if (variable->is_list)
        return source_fault(fault, action->name_span, "'%s' is a list and cannot be assigned", action->name);
    action->reference = (struct reference){.kind = REFERENCE_VARIABLE, .index = index};
    struct dimension dimension = variable->unit.dimension;
    if (scope->port_unit)
        dimension = dimension_at_port(dimension, scope->port_unit->dimension);
    return check_assigned_value(action, variable->type, dimension, fault);
}

static int fault_not_assignable(const struct scope *scope, const struct action *action, struct fault *fault)
{
    struct candidates candidates = {.arena = scope->check->arena};
    for (int k = 0; k < scope->model->n_variables; k++)
        candidates_add(&candidates, scope->model->variables[k].name);
    for (int k = 0; k < scope->n_locals; k++)
        candidates_add(&candidates, scope->locals[k].name);
    const char *suggestion = candidates_suggestion(&candidates, action->name);
    if (!*suggestion && scope->model->kind == MODEL_SYNAPSE)
        suggestion = "; a variable of the target is called NAME_post";
    return source_fault(fault, action->name_span, "unknown variable '%s'%s", action->name, suggestion);
}

static int check_local_assigned(struct scope *scope, struct action *action, struct fault *fault)
{
    if (scope->port && strcmp(scope->port->argument, action->name) == 0)
        return source_fault(fault, action->name_span, "'%s' is what arrives at the port and cannot be assigned", action->name);
    for (int k = 0; k < scope->n_locals; k++)
        if (strcmp(scope->locals[k].name, action->name) == 0) {
            action->reference = (struct reference){.kind = REFERENCE_LOCAL, .index = k};
            return check_assigned_value(action, scope->locals[k].type, scope->locals[k].dimension, fault);
        }
    if (action->compound)
        return fault_not_assignable(scope, action, fault);
    TRY(name_check_reserved(action->name, action->name_span, fault));
    /* a synapse is checked again between its ends, when the script may have taken the name meanwhile */
    const struct named *named = scope->closed || scope->source ? NULL : named_find(scope->check, action->name);
    if (named)
        return source_fault(fault, action->name_span, "'%s' is a name of the script, see %s; a temporary needs another one",
                            action->name, source_place(scope->check->arena, named->span));
    action->reference = (struct reference){.kind = REFERENCE_LOCAL, .index = scope->n_locals};
    if (action->value->type != TYPE_BOOLEAN)
        TRY(expression_require(action->value, action->value->dimension, "the right side", fault));
    struct local *local = ARENA_PUSH(scope->check->arena, scope->locals, scope->n_locals, scope->locals_capacity, struct local);
    local->name = action->name;
    local->span = action->name_span;
    local->type = action->value->type == TYPE_INTEGER ? TYPE_REAL
                                                      : action->value->type; /* a later value need not be an integer */
    local->dimension = action->value->dimension;
    return 0;
}

/* A synapse may write to a state or a parameter that every population of its target set has. */
static int check_written(const struct scope *scope, const struct action *action, const struct population *population,
                         enum value_type type, struct fault *fault)
{
    const char *name = action->reference.variable_name, *why = NULL;
    const struct declaration *variable = &population->model->variables[model_variable(population->model, name)];
    if (variable->kind == DECLARATION_SUBEXPRESSION)
        why = "defined by an equation";
    else if (variable->kind == DECLARATION_INPUT)
        why = "summed over connections";
    else if (variable->flags & FLAG_CONSTANT)
        why = "(constant)";
    else if (variable->flags & FLAG_LINKED)
        why = "(linked)";
    else if (variable->flags & FLAG_SHARED)
        why = "(shared)";
    else if (variable->is_list)
        why = "a list";
    if (why)
        return source_fault(fault, scope->connected,
                            "synapse '%s' writes to '%s', but in the target population '%s' (model '%s') '%s' is %s",
                            scope->model->name, action->name, population->name, population->model->name, name, why);
    if ((variable->type == TYPE_BOOLEAN) != (type == TYPE_BOOLEAN))
        return source_fault(fault, scope->connected, "'%s' is a condition in some populations of the set, and a number in others",
                            action->name);
    return 0;
}

/* NAME_post = …, NAME_post += … */
static int check_end_assigned(struct scope *scope, struct action *action, struct fault *fault)
{
    struct expression name = {.kind = EXPRESSION_NAME, .span = action->name_span, .name = action->name};
    TRY(reference_check(scope, &name, fault));
    if (name_ends_with(action->name, "_pre"))
        return source_fault(fault, action->name_span,
                            "'%s': writing to variables of the source (_pre) is left to a later version", action->name);
    action->reference = name.reference;
    for (int k = 0; scope->target && k < scope->target->n_parts; k++) {
        const struct population *population = &scope->check->script->populations[scope->target->parts[k].population];
        TRY(check_written(scope, action, population, name.type, fault));
    }
    return check_assigned_value(action, name.type, name.dimension, fault);
}

/* A parameter that no statement changes. */
static bool is_fixed(const struct model *model, const struct declaration *variable)
{
    return variable->kind == DECLARATION_PARAMETER && !model_assigns(model, variable->name);
}

/* May a port's statement use this? Ports add up what arrives, in any order, so a term must not depend on the state. */
static int check_addend(const struct scope *scope, const struct expression *expression, struct fault *fault)
{
    const struct reference *reference = &expression->reference;
    if (expression->kind == EXPRESSION_NAME && reference->kind != REFERENCE_CONSTANT && reference->kind != REFERENCE_ARGUMENT &&
        reference->kind != REFERENCE_LOCAL && reference->kind != REFERENCE_DT &&
        !(reference->kind == REFERENCE_VARIABLE && is_fixed(scope->model, &scope->model->variables[reference->index])))
        return source_fault(fault, expression->span,
                            "'%s' changes in time: what a port adds may depend on '%s', parameters and constants only",
                            expression->name, scope->port->argument);
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k])
            TRY(check_addend(scope, expression->children[k], fault));
    return 0;
}

static int check_receive_action(const struct scope *scope, const struct action *action, struct fault *fault)
{
    bool adds = action->compound && (action->operator== OPERATOR_ADD || action->operator== OPERATOR_SUBTRACT);
    if (action->reference.kind == REFERENCE_LOCAL ? action->compound : !adds)
        return source_fault(fault, action->span,
                            "a port can only add to variables: VARIABLE += EXPRESSION of '%s', parameters and constants",
                            scope->port->argument);
    return check_addend(scope, action->value, fault);
}

static int check_action(struct scope *scope, struct action *action, struct fault *fault)
{
    TRY(expression_check(scope, action->value, fault));
    if (action->kind == ACTION_SEND)
        return expression_require(action->value, scope->port_unit ? scope->port_unit->dimension : action->value->dimension,
                                  "what is sent to this port", fault);
    int index = model_variable(scope->model, action->name);
    if (index >= 0)
        TRY(check_variable_assigned(scope, action, index, fault));
    else if (name_ends_with(action->name, "_post") || name_ends_with(action->name, "_pre"))
        TRY(check_end_assigned(scope, action, fault));
    else
        TRY(check_local_assigned(scope, action, fault));
    return scope->port ? check_receive_action(scope, action, fault) : 0;
}

int block_check(const struct scope *scope, struct block *block, struct fault *fault)
{
    struct scope inside = *scope;
    inside.locals = NULL;
    inside.n_locals = inside.locals_capacity = 0;
    for (int k = 0; k < block->n_actions; k++)
        TRY(check_action(&inside, &block->actions[k], fault));
    block->n_locals = inside.n_locals;
    for (int k = 0; k < inside.n_locals; k++)
        if (!inside.locals[k].is_read)
            check_warn(scope->check, inside.locals[k].span, "'%s' is no variable, so this is a temporary, and nothing reads it",
                       inside.locals[k].name);
    return 0;
}
