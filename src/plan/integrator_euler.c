/* x' = x + dt f(x, t) + g dW (Maruyama 1955): with noise that is additive. */
#include "plan/noise.h"

bool integrator_plan_euler(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    struct noisy_rates rates;
    integrator_begin(lowering, plan);
    if (!noisy_rates(lowering, plan, NULL, NULL, &rates, obstacle) || !noise_is_additive(lowering, plan, &rates, obstacle))
        return false;
    integrator_end(lowering, plan, noise_euler_step(lowering, plan, &rates));
    return true;
}
