/* The linear form of a right-hand side: dx_i/dt = sum over j of A_ij x_j + b_i, where neither A_ij nor b_i mentions an x that is
 * not held. */
#ifndef GLION_PLAN_LINEAR_H
#define GLION_PLAN_LINEAR_H

#include "plan/lower.h"

struct linear_form {
    struct lowered constant; /* b; meaningful where has_constant */
    bool has_constant;
    struct lowered *coefficients; /* [n]; meaningful where has_coefficient */
    bool *has_coefficient;        /* [n] */
};

/* The unknowns x_0 … x_{n-1} are the variables unknowns[n] of the model. Returns false if the expression is not linear in them;
 * then *culprit is the term in the way. `form` comes from the arena. */
bool linear_form(struct lowering *lowering, const struct expression *expression, const int *unknowns, int n,
                 struct linear_form *form, const struct expression **culprit);
/* The same with one unknown, which is held at the value of the moment where it stands within a function, a divisor, an exponent
 * or a condition: (E - x)/(1 + exp(x)) has b = E/(1 + exp(x)) and A = -1/(1 + exp(x)). False also if it stands in such places
 * only. */
bool conditionally_linear_form(struct lowering *lowering, const struct expression *expression, int unknown,
                               struct linear_form *form, const struct expression **culprit);
/* As linear_form() with the model's noises, xi_0 … xi_{n-1}, for unknowns: f + sum over k of g_k xi_k. */
bool noise_form(struct lowering *lowering, const struct expression *expression, struct linear_form *form,
                const struct expression **culprit);

#endif
