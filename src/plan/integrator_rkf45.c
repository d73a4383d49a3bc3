/* Runge-Kutta-Fehlberg with adaptive sub-steps (kernels/rkf45.h): the plan gives it the derivative and the tolerances. */
#include "plan/integrator.h"

static void plan_derivative(struct lowering *lowering, struct node_plan *plan)
{
    lowering_program(lowering, &plan->derivative);
    const struct lowered *rates = integrator_rates(lowering, plan, NULL, NULL);
    for (int k = 0; k < plan->n_states; k++)
        program_output(&plan->derivative, k, lower_register(lowering, rates[k]));
    program_finish(&plan->derivative);
}

static struct lowered tolerance(struct lowering *lowering, const struct expression *expression, double fallback)
{
    return expression ? lower_expression(lowering, expression) : lower_constant(lowering, fallback);
}

/* Tolerances stand in the shared table, one for each state in its declared unit, so that changing them does not recompile. */
static void plan_tolerances(struct lowering *lowering, struct node_plan *plan)
{
    const struct model *model = plan->model;
    struct lowered absolute = tolerance(lowering, model->method_abs, 1e-6);
    struct lowered relative = tolerance(lowering, model->method_rel, 0);
    plan->tolerance_slot = plan->shared.n_shared;
    for (int k = 0; k <= plan->n_states; k++) {
        struct lowered value = relative;
        if (k < plan->n_states)
            value = lower_binary(lowering, OPCODE_MULTIPLY, absolute,
                                 lower_constant(lowering, model->variables[plan->slots[k].variable].unit.scale));
        program_output(&plan->shared.setup, plan->shared.n_shared++, value.reg);
    }
}

bool integrator_plan_rkf45(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    plan->stepping = STEPPING_RKF45;
    plan->sub_step_slot = node_plan_slot(plan, "(sub-step)", -1);
    plan_derivative(lowering, plan);
    plan_tolerances(lowering, plan);
    return true;
}
