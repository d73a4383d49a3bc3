/* The stochastic Heun method, whose solution is that of Stratonovich (Rümelin 1982, doi:10.1137/0719041), as Brian 2 has it: with
 * support_m = x + g_m(x, t) dW_m for each noise,
 *     x' = x + dt f(x, t) + sum over m of dW_m (g_m(x, t) + g_m(support_m, t + dt))/2.
 * Its drift is Euler's, so without noise the method is. */
#include "plan/noise.h"

static struct lowered end_of_step(struct lowering *lowering)
{
    return lower_binary(lowering, OPCODE_ADD, lower_time(lowering), lower_dt(lowering));
}

static struct lowered *support_of(struct lowering *lowering, const struct node_plan *plan, const struct noisy_rates *rates, int m)
{
    const int n = plan->model->n_noises;
    struct lowered *support = integrator_states(lowering, plan);
    for (int k = 0; k < plan->n_states; k++)
        if (rates->has_noise[k * n + m])
            add_product(lowering, &support[k], rates->noise[k * n + m], noise_increment(lowering, m));
    return support;
}

bool integrator_plan_heun(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    const int n = plan->model->n_noises;
    struct noisy_rates rates, supported;
    integrator_begin(lowering, plan);
    if (!noisy_rates(lowering, plan, NULL, NULL, &rates, obstacle))
        return false;
    noisy_rates_stand(lowering, plan, &rates);
    struct lowered *next = integrator_states(lowering, plan), half = lower_constant(lowering, 0.5);
    for (int k = 0; k < plan->n_states; k++)
        add_product(lowering, &next[k], lower_dt(lowering), rates.drift[k]);
    for (int m = 0; m < n; m++) {
        struct lowered end = end_of_step(lowering), change = noise_increment(lowering, m);
        if (!noisy_rates(lowering, plan, support_of(lowering, plan, &rates, m), &end, &supported, obstacle))
            return false;
        for (int k = 0; k < plan->n_states; k++) {
            if (!rates.has_noise[k * n + m])
                continue;
            struct lowered sum = lower_binary(lowering, OPCODE_ADD, rates.noise[k * n + m], supported.noise[k * n + m]);
            add_product(lowering, &next[k], lower_binary(lowering, OPCODE_MULTIPLY, half, change), sum);
        }
    }
    integrator_end(lowering, plan, next);
    return true;
}
