/* NAME.VARIABLE = VALUE, of populations and parts of them.
 *
 * A value that whole populations begin with takes the place of the one in their declaration, unless something has been made of
 * that one. All others are kept as assignments,
 * which the engine carries out in order, when the nodes are made or between runs; their expressions see the values of that
 * moment, and count i and N in the set that is assigned. */
#include "language/check.h"

/* ---- i and N ----------------------------------------------------------------------------------------------- */

static struct expression *number_of(struct check *check, const struct expression *at, double number)
{
    struct expression *expression = ARENA_NEW(check->arena, 1, struct expression);
    *expression = (struct expression){
        .kind = EXPRESSION_NUMBER, .span = at->span, .number = number, .is_integer = true, .type = TYPE_INTEGER, .depth = 1};
    return expression;
}

/* i counts nodes of the population where it is evaluated: it becomes i + shift, and N the size of the set. */
static void count_in_set(struct check *check, struct expression **expression, double shift, double size)
{
    struct expression *counted = *expression;
    for (int k = 0; k < counted->n_children; k++)
        if (counted->children[k])
            count_in_set(check, &counted->children[k], shift, size);
    if (counted->kind == EXPRESSION_NAME && counted->reference.kind == REFERENCE_SIZE)
        *expression = number_of(check, counted, size);
    if (counted->kind != EXPRESSION_NAME || counted->reference.kind != REFERENCE_INDEX_I || shift == 0)
        return;
    struct expression *sum = ARENA_NEW(check->arena, 1, struct expression);
    *sum = (struct expression){.kind = EXPRESSION_BINARY,
                               .span = counted->span,
                               .operator= OPERATOR_ADD,
                               .children = ARENA_NEW(check->arena, 2, struct expression *),
                               .n_children = 2,
                               .type = TYPE_INTEGER,
                               .depth = 2};
    sum->children[0] = counted;
    sum->children[1] = number_of(check, counted, shift);
    *expression = sum;
}

static bool mentions_index(const struct expression *expression)
{
    bool found = expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_INDEX_I;
    for (int k = 0; k < expression->n_children && !found; k++)
        found = expression->children[k] && mentions_index(expression->children[k]);
    return found;
}

/* ---- a part of a set ----------------------------------------------------------------------------------------- */

/* What a statement says of the nodes of one population. */
struct target {
    struct population *population;
    const struct node_part *part;
    const struct node_set *set;
    uint64_t position; /* of the part in the set */
};

static bool is_whole(const struct target *target)
{
    return target->part->count == target->population->size;
}

static struct value_table table_of(struct check *check, const struct target *target)
{
    return (struct value_table){
        .check = check, .model = target->population->model, .values = target->population->values, .size = target->set->size};
}

static int fault_part(const struct target *target, const struct statement *statement, struct fault *fault)
{
    if (!is_whole(target))
        return source_fault(fault, statement->name_span,
                            "'%s' belongs to the whole population '%s' and cannot be assigned to a part of it", statement->name,
                            target->population->name);
    return source_fault(fault, statement->name_span, "'%s' of population '%s' cannot change after a run", statement->name,
                        target->population->name);
}

/* Is any value of the population made from the variable, or this one from itself? */
static bool is_used(const struct target *target, int variable, const struct value *assigned)
{
    const struct model *model = target->population->model;
    if (assigned->expression && !assigned->array && value_mentions(model, assigned->expression, variable))
        return true;
    for (int k = 0; k < model->n_variables; k++) {
        const struct value *value = &target->population->values[k];
        if (value->expression && !value->is_constant && !value->array && value_mentions(model, value->expression, variable))
            return true;
    }
    return false;
}

static int keep(struct check *check, const struct target *target, int variable, struct value value, struct expression *owned,
                int n_calls, struct fault *fault)
{
    struct population *population = target->population;
    struct script *script = check->script;
    value.span = value.expression->span;
    if (population->model->emit.kind == EMIT_AT)
        return source_fault(
            fault, value.span,
            "the spikes of '%s' follow from its values, so these are given for the whole population, before it runs",
            population->name);
    value.is_constant = !value.array && constant_evaluate(value.expression, &(struct bindings){.dt = script->dt}, &value.number);
    const struct declaration *declaration = &population->model->variables[variable];
    if ((declaration->flags & FLAG_SHARED) && (!value.is_constant || !is_whole(target)))
        return source_fault(fault, value.span,
                            "'%s' is (shared): all nodes of '%s' have one value, which cannot be drawn or depend on the node",
                            declaration->name, population->name);
    if (declaration->type == TYPE_INTEGER)
        value.number = trunc(value.number);
    if (value.is_constant)
        TRY(variable_check_number(check->arena, declaration, declaration->unit, value.number, value.span, fault));
    for (uint64_t k = 0; k < value.n_array; k++)
        TRY(variable_check_number(check->arena, declaration, declaration->unit, value.array[k], value.span, fault));
    if (owned)
        calls_of_assignment(owned, population->n_call_sites);
    population->n_call_sites += n_calls;
    population->values[variable].is_reassigned = true;
    population->n_assignments++;
    *ARENA_PUSH(check->arena, script->assignments, script->n_assignments, check->assignments_capacity,
                struct node_assignment) = (struct node_assignment){
        .population = population->index, .variable = variable, .epoch = script->n_epochs, .part = *target->part, .value = value};
    return 0;
}

/* The part of the value that concerns it. An expression becomes a copy that counts in the set: *owned. */
static int cut_value(struct check *check, const struct target *target, struct value *value, struct expression **owned,
                     struct fault *fault)
{
    if (value->array && target->part->count < target->set->size) {
        value->array += target->position;
        value->n_array = target->part->count;
    }
    *owned = NULL;
    if (value->array)
        return 0;
    *owned = expression_clone(check->arena, value->expression);
    if (target->part->list && mentions_index(*owned))
        return source_fault(fault, value->expression->span, "'i' cannot be used for nodes that were chosen one by one");
    count_in_set(check, owned, (double)target->position - (double)target->part->first, (double)target->set->size);
    value->expression = *owned;
    return 0;
}

static int assign(struct check *check, const struct target *target, const struct statement *statement, struct fault *fault)
{
    struct population *population = target->population;
    const bool is_beginning = is_whole(target) && population->epoch == check->script->n_epochs;
    const int variable = model_variable(population->model, statement->name);
    const bool is_position = position_is_setting(population->model, statement->name);
    if (!is_beginning && (is_position || (variable >= 0 && population->model->variables[variable].is_list)))
        return fault_part(target, statement, fault);
    if (is_position) {
        TRY(position_set(check, population, statement->name, statement->value, fault));
        return position_finish(population, fault);
    }
    struct value_table table = table_of(check, target);
    struct value value;
    int n_calls = 0;
    TRY(value_table_read(&table, statement->name, statement->name_span, statement->value, &n_calls, &value, fault));
    struct expression *owned = NULL;
    if (!population->model->variables[variable].is_list)
        TRY(cut_value(check, target, &value, &owned, fault));
    if (!is_beginning || population->n_assignments > 0 || is_used(target, variable, &value) ||
        pair_uses(check, population, variable))
        return keep(check, target, variable, value, owned, n_calls, fault);
    population->values[variable] = value;
    table.size = population->size;
    TRY(value_table_finish(&table, fault));
    return emissions_find(check, population, fault);
}

int assignment_check(struct check *check, struct statement *statement, struct fault *fault)
{
    struct script *script = check->script;
    if (record_is_of_synapses(check, statement->target))
        return synapses_assignment_check(check, statement, fault);
    if (statement_is_link(check, statement))
        return link_check(check, statement, fault);
    const struct node_set *set;
    uint64_t position = 0;
    TRY(set_require(check, statement->target, NULL, &set, fault));
    for (int k = 0; k < set->n_parts; k++) {
        const struct target part = {&script->populations[set->parts[k].population], &set->parts[k], set, position};
        TRY(assign(check, &part, statement, fault));
        position += set->parts[k].count;
    }
    return 0;
}
