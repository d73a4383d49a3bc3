/* x' = x + dt f(x, t) */
#include "plan/integrator.h"

bool integrator_plan_euler(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    integrator_begin(lowering, plan);
    struct lowered *next = integrator_rates(lowering, plan, NULL, NULL);
    for (int k = 0; k < plan->n_states; k++) {
        struct lowered change = lower_binary(lowering, OPCODE_MULTIPLY, lower_dt(lowering), next[k]);
        next[k] = lower_binary(lowering, OPCODE_ADD, lower_leaf(lowering, OPCODE_STATE, k), change);
    }
    integrator_end(lowering, plan, next);
    return true;
}
