/* An expression that belongs to no model, as a program: a coordinate of nodes (it may read i, N and draw), or a number for each
 * pair of a source and a target (it may read i, j, values of the two nodes, the distance, and draw). */
#ifndef GLION_PLAN_EXPRESSION_PLAN_H
#define GLION_PLAN_EXPRESSION_PLAN_H

#include "plan/lower.h"

struct expression_plan {
    struct program program; /* of lower_value */
    struct shared_table shared;
    struct end_table ends; /* of pairs */
};

/* Everything lives in the arena. A fault (input) where the expression holds what cannot stand there. */
int expression_plan_make(struct arena *arena, const struct expression *expression, struct expression_plan *out,
                         struct fault *fault);

/* An argument of a rule for pairs. `condition`: NULL, or where it does not hold the number is 0. */
int pair_plan_make(struct arena *arena, const struct expression *condition, const struct rule_value *argument,
                   struct expression_plan *out, struct fault *fault);

#endif
