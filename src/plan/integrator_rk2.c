/* The midpoint rule: k = dt f(x, t);  x' = x + dt f(x + k/2, t + dt/2). */
#include "plan/runge_kutta.h"

bool integrator_plan_rk2(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    static const struct tableau midpoint = {
        .n_stages = 2,
        .a = {{0}, {1.0 / 2}},
        .b = {0, 1},
        .c = {0, 1.0 / 2},
    };
    return runge_kutta_plan(lowering, plan, &midpoint);
}
