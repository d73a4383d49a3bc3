/* The form of a continuous coupling: NAME_post = a*X_pre + b*Y_post, where X is a variable of the source, Y one of the target,
 * and a and b are made from the synapse's own values. A gap junction is one: weight*(V_m_pre - V_m_post). */
#ifndef GLION_PLAN_COUPLING_FORM_H
#define GLION_PLAN_COUPLING_FORM_H

#include "plan/lower.h"

struct coupling_form {
    const char *source_variable;                 /* X */
    const char *target_variable;                 /* Y, or NULL without such a term */
    struct lowered source_weight, target_weight; /* a; b, meaningful with Y */
};

/* The equation that makes a synapse model a coupling, or NULL. */
const struct declaration *coupling_equation(const struct model *synapse);
/* NAME of NAME_post = …: the input of the target. */
const char *coupling_input(struct arena *arena, const struct declaration *equation);
/* Y, or NULL; known without lowering. */
const char *coupling_target_variable(const struct expression *expression);

/* Faults (input) where the equation has another form; lowering->fault has it then. */
void coupling_form(struct lowering *lowering, const struct expression *expression, struct coupling_form *form);

#endif
