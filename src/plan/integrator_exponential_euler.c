/* Each equation is linear in its own variable, f = A x + B, with A and B from the values at the begin of the step, also that of x
 * where it stands within a function or a divisor, as in gates that follow the potential at once. With these
 * kept over the step, x' = (x + B/A) exp(A dt) - B/A;   without a term in x: x + dt B;   without any other: x exp(A dt). Where a
 * node's A happens to be 0 it is the second form, as it is in the limit. */
#include "plan/integrator.h"
#include "plan/linear.h"

static struct lowered decayed(struct lowering *lowering, struct lowered x, struct lowered coefficient)
{
    struct lowered exponent = lower_binary(lowering, OPCODE_MULTIPLY, coefficient, lower_dt(lowering));
    return lower_binary(lowering, OPCODE_MULTIPLY, x, lower_unary(lowering, OPCODE_EXP, exponent));
}

static struct lowered next_value(struct lowering *lowering, struct lowered x, const struct linear_form *form)
{
    struct lowered a = form->coefficients[0], b = form->constant;
    if (!form->has_constant)
        return form->has_coefficient[0] ? decayed(lowering, x, a) : x;
    struct lowered straight = lower_binary(lowering, OPCODE_ADD, x,
                                           lower_binary(lowering, OPCODE_MULTIPLY, lower_dt(lowering), b));
    if (!form->has_coefficient[0])
        return straight;
    struct lowered offset = lower_binary(lowering, OPCODE_DIVIDE, b, a);
    struct lowered bent = lower_binary(lowering, OPCODE_SUBTRACT,
                                       decayed(lowering, lower_binary(lowering, OPCODE_ADD, x, offset), a), offset);
    struct lowered is_straight = lower_binary(lowering, OPCODE_EQUAL, a, lower_constant(lowering, 0));
    return lower_operation(lowering, OPCODE_SELECT, is_straight, straight, bent);
}

bool integrator_plan_exponential_euler(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    struct lowered *next = integrator_values(lowering, plan);
    integrator_begin(lowering, plan);
    for (int k = 0; k < plan->n_states; k++) {
        const struct declaration *variable = &plan->model->variables[plan->slots[k].variable];
        const struct expression *culprit;
        struct linear_form form;
        if (!conditionally_linear_form(lowering, variable->equation, plan->slots[k].variable, &form, &culprit)) {
            obstacle->span = culprit->span;
            obstacle->text = arena_format(lowering->arena, "the equation of '%s' must be linear in '%s' itself, as A*%s + B",
                                          variable->name, variable->name, variable->name);
            return false;
        }
        next[k] = next_value(lowering, lower_leaf(lowering, OPCODE_STATE, k), &form);
    }
    integrator_end(lowering, plan, next);
    return true;
}
