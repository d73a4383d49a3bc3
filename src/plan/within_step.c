#include "plan/within_step.h"

#include <math.h>

#include "language/functions.h"

static bool is_time(const struct expression *expression)
{
    return expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_TIME;
}

/* Is the call, of the time itself, constant between points of the grid? Brian 2 asks of a timed array that its intervals are
 * whole steps, in double arithmetic. */
static bool holds(const struct expression *call, double dt)
{
    if (call->kind != EXPRESSION_CALL)
        return false;
    double steps = call->list_dt / dt;
    return call->function == FUNCTION_STEP_VALUE ||
           (call->function == FUNCTION_TIMED_ARRAY && steps >= 1 && floor(steps) == steps);
}

const struct expression *changing_within_step(const struct model *model, const struct expression *expression, double dt)
{
    if (is_time(expression))
        return expression;
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_VARIABLE) {
        const struct declaration *variable = &model->variables[expression->reference.index];
        const bool is_inserted = variable->kind == DECLARATION_SUBEXPRESSION && !(variable->flags & FLAG_CONSTANT_OVER_DT);
        return is_inserted ? changing_within_step(model, variable->equation, dt) : NULL;
    }
    const struct expression *found = NULL;
    for (int k = 0; k < expression->n_children && !found; k++)
        if (!(is_time(expression->children[k]) && holds(expression, dt)))
            found = changing_within_step(model, expression->children[k], dt);
    return found;
}
