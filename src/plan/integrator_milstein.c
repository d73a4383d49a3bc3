/* Milstein's method without derivatives (Kloeden & Platen 1992, section 11.1), as Brian 2 has it: with
 * support_m = x + dt f(x, t) + sqrt(dt) g_m(x, t),
 *     x' = x + dt f(x, t) + g_m(x, t) dW_m + dW_m² (g_m(support_m, t) - g_m(x, t))/(2 sqrt(dt)),
 * whose solution is that of Stratonovich (Itô's has dW² - dt). The noise must be diagonal: each source in one equation, and each
 * equation with one source at most. Without noise the method is Euler's. */
#include "plan/noise.h"

static bool is_diagonal(const struct node_plan *plan, const struct noisy_rates *rates, struct obstacle *obstacle)
{
    const int n = plan->model->n_noises;
    for (int k = 0; k < plan->n_states; k++)
        for (int m = 0; m < n; m++) {
            int others = 0;
            for (int j = 0; j < n; j++)
                others += j != m && rates->has_noise[k * n + j];
            for (int j = 0; j < plan->n_states; j++)
                others += j != k && rates->has_noise[j * n + m];
            if (!rates->has_noise[k * n + m] || others == 0)
                continue;
            const struct expression *equation = plan->model->variables[plan->slots[k].variable].equation;
            obstacle->span = expression_noise(plan->model, equation)->span;
            obstacle->text = "each equation must have a noise of its own, and only one (xi_a, xi_b, …); heun needs no such thing";
            return false;
        }
    return true;
}

static struct lowered *support_of(struct lowering *lowering, const struct node_plan *plan, const struct noisy_rates *rates, int m)
{
    const int n = plan->model->n_noises;
    struct lowered *support = integrator_states(lowering, plan);
    for (int k = 0; k < plan->n_states; k++) {
        add_product(lowering, &support[k], lower_dt(lowering), rates->drift[k]);
        if (rates->has_noise[k * n + m])
            add_product(lowering, &support[k], noise_root_of_dt(lowering), rates->noise[k * n + m]);
    }
    return support;
}

bool integrator_plan_milstein(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    const int n = plan->model->n_noises;
    struct noisy_rates rates, supported;
    integrator_begin(lowering, plan);
    if (!noisy_rates(lowering, plan, NULL, NULL, &rates, obstacle) || !is_diagonal(plan, &rates, obstacle))
        return false;
    noisy_rates_stand(lowering, plan, &rates);
    struct lowered *next = noise_euler_step(lowering, plan, &rates), half = lower_constant(lowering, 0.5);
    struct lowered scale = lower_binary(lowering, OPCODE_DIVIDE, half, noise_root_of_dt(lowering));
    for (int m = 0; m < n; m++) {
        struct lowered change = noise_increment(lowering, m);
        struct lowered square = lower_binary(lowering, OPCODE_MULTIPLY, change, change);
        if (!noisy_rates(lowering, plan, support_of(lowering, plan, &rates, m), NULL, &supported, obstacle))
            return false;
        for (int k = 0; k < plan->n_states; k++) {
            if (!rates.has_noise[k * n + m])
                continue;
            struct lowered rise = lower_binary(lowering, OPCODE_SUBTRACT, supported.noise[k * n + m], rates.noise[k * n + m]);
            add_product(lowering, &next[k], lower_binary(lowering, OPCODE_MULTIPLY, square, scale), rise);
        }
    }
    integrator_end(lowering, plan, next);
    return true;
}
