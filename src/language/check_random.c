/* Calls that draw random numbers: where they may stand, their numbers, and the bounds of `redraw`. */
#include "language/check.h"

static bool draws(const struct expression *expression)
{
    if (expression->kind == EXPRESSION_CALL && function_signatures[expression->function].random)
        return true;
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k] && draws(expression->children[k]))
            return true;
    return false;
}

static const struct expression *find_redraw(const struct expression *expression)
{
    if (expression->kind == EXPRESSION_CALL && expression->function == FUNCTION_REDRAW)
        return expression;
    for (int k = 0; k < expression->n_children; k++) {
        const struct expression *found = expression->children[k] ? find_redraw(expression->children[k]) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

/* redraw(x, low, high): x draws, the bounds do not, and something lies between them. */
static int check_redraw(struct scope *scope, const struct expression *call, struct fault *fault)
{
    const struct expression *drawn = call->children[0];
    double bounds[2];
    bool known = true;
    if (!scope->is_value)
        return source_fault(fault, call->span, "'redraw' can be used in values that the script gives to nodes and synapses only");
    if (!draws(drawn))
        return source_fault(fault, drawn->span, "nothing is drawn here, so 'redraw' could not change it");
    const struct expression *inner = find_redraw(drawn);
    if (inner)
        return source_fault(fault, inner->span, "'redraw' cannot stand within another one");
    for (int k = 0; k < 2; k++) {
        const struct expression *bound = call->children[1 + k];
        if (draws(bound))
            return source_fault(fault, bound->span, "a bound of 'redraw' cannot be random");
        known = known && constant_evaluate(bound, &(struct bindings){.dt = scope->check->script->dt}, &bounds[k]);
    }
    if (known && !(bounds[0] <= bounds[1]))
        return source_fault(fault, call->span, "nothing lies within these bounds of 'redraw'");
    return 0;
}

static bool is_drawn_equation(const struct expression *equation)
{
    return equation->kind == EXPRESSION_CALL && equation->function == FUNCTION_RANDN_PER_CONNECTION;
}

static bool draws_per_connection(const struct model *model, const struct expression *expression)
{
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_VARIABLE && !expression->is_list)
        return model_draws_per_connection(model, expression->reference.index);
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k] && draws_per_connection(model, expression->children[k]))
            return true;
    return is_drawn_equation(expression);
}

bool model_draws_per_connection(const struct model *model, int variable)
{
    return model->variables[variable].kind == DECLARATION_SUBEXPRESSION &&
           draws_per_connection(model, model->variables[variable].equation);
}

static int check_draw_per_connection(const struct scope *scope, const struct expression *call, struct fault *fault)
{
    if (call != scope->drawn_equation)
        return source_fault(fault, call->span,
                            "'randn_per_connection' must be the whole right side of an equation of a device: "
                            "NAME = randn_per_connection(k) : 1");
    if (call->children[0]->type != TYPE_INTEGER)
        return source_fault(fault, call->children[0]->span,
                            "'randn_per_connection' needs a whole number, such as t_in_timesteps: a draw for each");
    return 0;
}

int random_check(struct scope *scope, struct expression *call, struct fault *fault)
{
    if (call->function == FUNCTION_RANDN_PER_CONNECTION)
        return check_draw_per_connection(scope, call, fault);
    if (scope->random_refusal || !scope->n_call_sites)
        return source_fault(fault, call->span, "'%s' cannot be used %s", call->name,
                            scope->random_refusal ? scope->random_refusal
                                                  : "in a constant, which has one value for the whole network");
    if (call->function == FUNCTION_BINOMIAL && call->children[0]->type == TYPE_REAL) /* what is read of an end is not known yet */
        return source_fault(fault, call->children[0]->span,
                            "'binomial' needs a whole number of trials, such as a variable 'n : integer' or int(…)");
    if (call->function == FUNCTION_REDRAW)
        TRY(check_redraw(scope, call, fault));
    call->call_site = (*scope->n_call_sites)++;
    return 0;
}

const char *expression_count_needs(const struct expression *expression)
{
    if (expression->kind == EXPRESSION_CALL && expression->function == FUNCTION_POISSON)
        return "poisson() needs a mean from 0 to 2**50";
    if (expression->kind == EXPRESSION_CALL && expression->function == FUNCTION_BINOMIAL)
        return "binomial() needs a whole number of trials from 0 to 2**50, and a probability from 0 to 1";
    for (int k = 0; k < expression->n_children; k++) {
        const char *needs = expression->children[k] ? expression_count_needs(expression->children[k]) : NULL;
        if (needs)
            return needs;
    }
    return NULL;
}
