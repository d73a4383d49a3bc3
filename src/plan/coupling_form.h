/* The form of a continuous coupling that takes one multiplication per synapse and step: NAME_post = a*X_pre + b*Y_post, where X
 * is a variable of the source, Y one of the target, and a and b are made from values of the synapse that do not change. A gap
 * junction is one: weight*(V_m_pre - V_m_post). Couplings of any other form are computed as they are written (formula.h). */
#ifndef GLION_PLAN_COUPLING_FORM_H
#define GLION_PLAN_COUPLING_FORM_H

#include "plan/lower.h"

struct coupling_form {
    const struct declaration *equation; /* NAME_post = … */
    const char *source_variable;        /* X */
    const char *target_variable;        /* Y, or NULL without such a term */
};

/* The first (summed) equation of a synapse model, or NULL: it is no coupling. */
const struct declaration *coupling_equation(const struct model *synapse);
/* NAME of NAME_post = …: the input of the target. */
const char *coupling_input(struct arena *arena, const struct declaration *equation);

/* Has the model this form? Known without lowering, from its text alone. */
bool coupling_form_find(const struct model *synapse, struct coupling_form *form);
/* a and b; b is meaningful with Y. */
void coupling_form_weights(struct lowering *lowering, const struct coupling_form *form, struct lowered *source_weight,
                           struct lowered *target_weight);

#endif
