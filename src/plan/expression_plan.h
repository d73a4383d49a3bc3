/* An expression that belongs to no model, as a program: a coordinate of nodes (it may read i, N and draw), or a number for each
 * pair of a source and a target (it may read the distance). */
#ifndef GLION_PLAN_EXPRESSION_PLAN_H
#define GLION_PLAN_EXPRESSION_PLAN_H

#include "plan/lower.h"

struct expression_plan {
    struct program program; /* of lower_value */
    struct shared_table shared;
};

/* Everything lives in the arena. A fault (input) where the expression holds what cannot stand there. */
int expression_plan_make(struct arena *arena, const struct expression *expression, struct expression_plan *out,
                         struct fault *fault);

#endif
