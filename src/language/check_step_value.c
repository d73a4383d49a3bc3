/* The lists of step_value(times, values, t, before): a function of time that is constant between the listed times.
 *
 * A list is written out, a constant of the script, or a parameter of the model. Constants are looked at where the call stands.
 * Parameters are what a population makes of them, maybe in several statements, so those are looked at when the script ends. */
#include "language/check.h"

/* A list as it is known: where it stands, and its numbers. */
struct known_list {
    const double *numbers; /* [n], SI */
    uint64_t n;
    struct span span;
    const char *name; /* of the parameter, or what else to call it */
};

static int check_numbers(const struct known_list *times, const struct known_list *values, struct fault *fault)
{
    for (uint64_t k = 1; k < times->n; k++)
        if (!(times->numbers[k - 1] < times->numbers[k]))
            return source_fault(fault, times->span, "the times of step_value() must ascend, but %.10g ms follows %.10g ms in %s",
                                times->numbers[k] * 1e3, times->numbers[k - 1] * 1e3, times->name);
    if (times->n != values->n)
        return source_fault(fault, values->span, "step_value() needs as many values as times, but %s has %llu and %s has %llu",
                            values->name, (unsigned long long)values->n, times->name, (unsigned long long)times->n);
    return 0;
}

/* ---- the call -------------------------------------------------------------------------------------------- */

static bool is_parameter(const struct expression *list)
{
    return list->kind == EXPRESSION_NAME && list->reference.kind == REFERENCE_VARIABLE;
}

static bool depends_on_dt(const struct expression *expression)
{
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_DT)
        return true;
    if (expression->kind == EXPRESSION_CALL && expression->function == FUNCTION_STEPS)
        return true;
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k] && depends_on_dt(expression->children[k]))
            return true;
    return false;
}

static int require_list(struct scope *scope, struct expression *list, struct fault *fault)
{
    if (!list->is_list || list->is_matrix || list->type == TYPE_BOOLEAN)
        return source_fault(fault, list->span, "step_value() needs a list here, such as [10, 20] ms, but this is %s",
                            expression_type_text(list));
    if (is_parameter(list))
        return 0;
    struct constant_value numbers;
    TRY(constant_list(scope, list, &numbers, fault));
    scope->check->simulation_used |= depends_on_dt(list);
    list->list = numbers.list;
    list->n_list = numbers.n_list;
    return 0;
}

/* [] has no dimension of its own. */
static bool is_empty(const struct expression *list)
{
    return !is_parameter(list) && list->n_list == 0;
}

static struct known_list written_list(const struct expression *list, const char *name)
{
    return (struct known_list){list->list, list->n_list, list->span, name};
}

int step_value_check(struct scope *scope, struct expression *call, struct fault *fault)
{
    struct expression *times = call->children[0], *values = call->children[1], *t = call->children[2],
                      *before = call->children[3];
    TRY(require_list(scope, times, fault));
    TRY(require_list(scope, values, fault));
    if (!is_empty(times) && !dimension_equal(times->dimension, dimension_of_time()))
        return source_fault(fault, times->span, "the times of step_value() must be %s, but this list is %s",
                            IN_DIMENSION(dimension_of_time()), IN_DIMENSION(times->dimension));
    TRY(expression_require(t, dimension_of_time(), "the third argument of step_value()", fault));
    TRY(expression_require_any_number(before, fault));
    if (before->type != TYPE_UNKNOWN && !is_empty(values) && !dimension_equal(values->dimension, before->dimension))
        return source_fault(fault, before->span, "the values of step_value() are %s, but what holds before them is %s",
                            IN_DIMENSION(values->dimension), IN_DIMENSION(before->dimension));
    expression_set_result(call, TYPE_REAL, is_empty(values) ? before->dimension : values->dimension);
    if (is_parameter(times) || is_parameter(values)) {
        *ARENA_PUSH(scope->check->arena, scope->check->step_calls, scope->check->n_step_calls, scope->check->step_calls_capacity,
                    struct step_call) = (struct step_call){scope->model, call};
        return 0;
    }
    struct known_list known_times = written_list(times, "the list of times"), known_values = written_list(values, "this list");
    return check_numbers(&known_times, &known_values, fault);
}

/* ---- the lists of populations ---------------------------------------------------------------------------- */

/* A default stands in the model's text, so a message about it points to the population. */
static struct known_list list_of(struct check *check, const struct population *population, const struct expression *list)
{
    if (!is_parameter(list))
        return written_list(list, "the list in the equation");
    const struct declaration *variable = &population->model->variables[list->reference.index];
    const struct value *value = &population->values[list->reference.index];
    bool is_default = value->expression == variable->value;
    const char *name = arena_format(check->arena, "'%s' of '%s'", variable->name, population->name);
    return (struct known_list){value->array, value->n_array, is_default ? population->span : value->expression->span, name};
}

static int require_one_list(const struct population *population, const struct expression *list, struct fault *fault)
{
    const struct value *value = is_parameter(list) ? &population->values[list->reference.index] : NULL;
    if (!value || !value->row_begin)
        return 0;
    return source_fault(fault, value->expression->span, "step_value() takes '%s', so it must be one list for all nodes",
                        list->name);
}

int step_values_finish(struct check *check, struct fault *fault)
{
    for (int k = 0; k < check->n_step_calls; k++)
        for (int p = 0; p < check->script->n_populations; p++) {
            const struct population *population = &check->script->populations[p];
            if (population->model != check->step_calls[k].model)
                continue;
            const struct expression *call = check->step_calls[k].call;
            TRY(require_one_list(population, call->children[0], fault));
            TRY(require_one_list(population, call->children[1], fault));
            struct known_list times = list_of(check, population, call->children[0]);
            struct known_list values = list_of(check, population, call->children[1]);
            TRY(check_numbers(&times, &values, fault));
        }
    return 0;
}
