/* Parameters that the script sets to expressions of the time: `population p[10] : poisson_generator { rate = 50 Hz*sin(…t…) }`.
 *
 * Such a parameter has a value in every step, like a subexpression, so it becomes one: in a copy of the model that belongs to the
 * population, the declaration of the parameter turns into NAME = EXPRESSION. Equations see it as they see any parameter, the same
 * over a step: there it is (constant over dt). */
#include "language/check.h"

static bool names_time(const struct expression *expression)
{
    if (expression->kind == EXPRESSION_NAME &&
        (strcmp(expression->name, "t") == 0 || strcmp(expression->name, "t_in_timesteps") == 0))
        return true;
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k] && names_time(expression->children[k]))
            return true;
    return false;
}

/* May the variable follow the time? */
static int check_variable(const struct model *model, int variable, const struct setting *setting, struct fault *fault)
{
    const struct declaration *declaration = &model->variables[variable];
    if (declaration->kind == DECLARATION_DERIVATIVE)
        return source_fault(fault, setting->value->span, "'%s' has a differential equation: its initial value cannot depend on t",
                            setting->name);
    if (declaration->flags & FLAG_LINKED)
        return source_fault(fault, setting->value->span, "'%s' is (linked), so it takes no value", setting->name);
    if (declaration->is_list)
        return source_fault(fault, setting->value->span, "'%s' is a list, which cannot depend on t", setting->name);
    if (model_assigns(model, declaration->name))
        return source_fault(fault, setting->value->span, "'%s' cannot follow t: model '%s' assigns it itself", setting->name,
                            model->name);
    return 0;
}

static bool has_equations(const struct model *model)
{
    for (int k = 0; k < model->n_variables; k++)
        if (model->variables[k].kind == DECLARATION_DERIVATIVE)
            return true;
    return false;
}

static int check_equation(struct check *check, const struct model *model, struct declaration *variable, struct fault *fault)
{
    struct scope scope = {.check = check,
                          .model = model,
                          .script_first = true,
                          .sees_time = true,
                          .sees_position = true,
                          .random_refusal = "in a value that follows t"};
    TRY(expression_check(&scope, variable->equation, fault));
    if (variable->type == TYPE_BOOLEAN && variable->equation->type != TYPE_BOOLEAN)
        return source_fault(fault, variable->equation->span, "'%s' is boolean, so its value must be a condition", variable->name);
    if (variable->type == TYPE_BOOLEAN)
        return 0;
    const char *what = arena_format(check->arena, "'%s'", variable->name);
    return expression_require(variable->equation, variable->unit.dimension, what, fault);
}

int time_values_check(struct check *check, const struct settings *settings, struct model **model, struct fault *fault)
{
    const struct model *original = *model;
    for (int k = 0; k < settings->n_items; k++) {
        const struct setting *setting = &settings->items[k];
        int index = model_variable(original, setting->name);
        if (index < 0 || original->variables[index].kind == DECLARATION_SUBEXPRESSION || !names_time(setting->value))
            continue;
        TRY(check_variable(original, index, setting, fault));
        if (*model == original) {
            *model = model_clone(check->arena, original);
            (*model)->checked = (*model)->used = false;
            (*model)->extends = NULL; /* it has been extended */
            TRY(model_check(check, *model, fault));
        }
        struct declaration *variable = &(*model)->variables[index];
        variable->kind = DECLARATION_SUBEXPRESSION;
        variable->equation = expression_clone(check->arena, setting->value);
        variable->value = NULL;
        variable->name_span = setting->span;
        variable->flags &= ~(unsigned)FLAG_CONSTANT;
        if (has_equations(original))
            variable->flags |= FLAG_CONSTANT_OVER_DT;
        TRY(check_equation(check, *model, variable, fault));
    }
    return *model == original ? 0 : model_check_circles(check, *model, fault);
}

bool time_value_is_set(const struct model *model, const struct setting *setting)
{
    int index = model_variable(model, setting->name);
    const struct expression *equation = index < 0 ? NULL : model->variables[index].equation;
    return equation && equation->span.source == setting->value->span.source && equation->span.begin == setting->value->span.begin;
}
