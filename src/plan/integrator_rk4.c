/* The classical Runge-Kutta method (Kutta 1901): k1 = dt f(x, t);  k2 = dt f(x + k1/2, t + dt/2);  k3 = dt f(x + k2/2, t + dt/2);
 * k4 = dt f(x + k3, t + dt);  x' = x + (k1 + 2 k2 + 2 k3 + k4)/6. */
#include "plan/runge_kutta.h"

bool integrator_plan_rk4(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    static const struct tableau classical = {
        .n_stages = 4,
        .a = {{0}, {1.0 / 2}, {0, 1.0 / 2}, {0, 0, 1}},
        .b = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6},
        .c = {0, 1.0 / 2, 1.0 / 2, 1},
    };
    return runge_kutta_plan(lowering, plan, &classical);
}
