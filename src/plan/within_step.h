/* What changes within a step, besides the states: the time, but for a value that is held between given times on the grid. This is
 * Brian 2's rule for what a coefficient of `exact` may be made of. */
#ifndef GLION_PLAN_WITHIN_STEP_H
#define GLION_PLAN_WITHIN_STEP_H

#include "language/script.h"

/* The first part of an expression that changes within a step of dt seconds though the states do not, through subexpressions too
 * that are not (constant over dt); NULL: there is none. */
const struct expression *changing_within_step(const struct model *model, const struct expression *expression, double dt);

#endif
