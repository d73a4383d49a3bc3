/* Each stage lowers the equations again, subexpressions and t included; what does not depend on the stage comes out as the same
 * instructions, which a program has once. */
#include "plan/runge_kutta.h"

/* t + fraction*dt */
static struct lowered time_of_stage(struct lowering *lowering, double fraction)
{
    struct lowered passed = lower_binary(lowering, OPCODE_MULTIPLY, lower_constant(lowering, fraction), lower_dt(lowering));
    return lower_binary(lowering, OPCODE_ADD, lower_time(lowering), passed);
}

/* x + sum of weights[j]*changes[j][state], of the stages before `end` */
static struct lowered combined(struct lowering *lowering, int state, const double *weights, struct lowered *const *changes,
                               int end)
{
    struct lowered sum = lower_leaf(lowering, OPCODE_STATE, state);
    for (int j = 0; j < end; j++) {
        if (weights[j] == 0)
            continue;
        struct lowered change = changes[j][state];
        if (weights[j] != 1)
            change = lower_binary(lowering, OPCODE_MULTIPLY, change, lower_constant(lowering, weights[j]));
        sum = lower_binary(lowering, OPCODE_ADD, sum, change);
    }
    return sum;
}

bool runge_kutta_plan(struct lowering *lowering, struct node_plan *plan, const struct tableau *tableau)
{
    struct lowered *changes[TABLEAU_STAGES_MAX], *next = integrator_values(lowering, plan);
    integrator_begin(lowering, plan);
    for (int i = 0; i < tableau->n_stages; i++) {
        struct lowered *states = integrator_values(lowering, plan), time;
        for (int k = 0; k < plan->n_states; k++)
            states[k] = combined(lowering, k, tableau->a[i], changes, i);
        if (tableau->c[i] != 0)
            time = time_of_stage(lowering, tableau->c[i]);
        changes[i] = integrator_rates(lowering, plan, states, tableau->c[i] != 0 ? &time : NULL);
        for (int k = 0; k < plan->n_states; k++)
            changes[i][k] = lower_binary(lowering, OPCODE_MULTIPLY, lower_dt(lowering), changes[i][k]);
    }
    for (int k = 0; k < plan->n_states; k++)
        next[k] = combined(lowering, k, tableau->b, changes, tableau->n_stages);
    integrator_end(lowering, plan, next);
    return true;
}
