/* Explicit Runge-Kutta methods, given by their tableaux. */
#ifndef GLION_PLAN_RUNGE_KUTTA_H
#define GLION_PLAN_RUNGE_KUTTA_H

#include "plan/integrator.h"

enum { TABLEAU_STAGES_MAX = 4 };

/* k_i = dt f(x + sum over j < i of a_ij k_j, t + c_i dt);   x' = x + sum of b_i k_i.   What is 0 takes no operation. */
struct tableau {
    int n_stages;
    double a[TABLEAU_STAGES_MAX][TABLEAU_STAGES_MAX]; /* below the diagonal */
    double b[TABLEAU_STAGES_MAX], c[TABLEAU_STAGES_MAX];
};

bool runge_kutta_plan(struct lowering *lowering, struct node_plan *plan, const struct tableau *tableau);

#endif
