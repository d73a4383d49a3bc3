/* The value with which a variable of a population's nodes begins, as programs: what NAME_pre and NAME_post stand for where
 * connections are made. */
#ifndef GLION_PLAN_START_PLAN_H
#define GLION_PLAN_START_PLAN_H

#include "plan/lower.h"

struct start_plan {
    const struct population *population;
    struct shared_table shared;
    /* Variables that enter and differ from node to node, each behind those that it uses. OPCODE_NODE slot k is variable k. */
    int *order;               /* [n_order] */
    struct program *programs; /* [model->n_variables] of lower_value; of those in `order`, if they are no lists */
    int n_order;
    struct program value; /* one output: the variable itself */
};

/* Everything lives in the arena. A fault (input), at `span`, where the variable has no value before the first step. */
int start_plan_make(struct arena *arena, const struct population *population, const char *variable, struct span span,
                    struct start_plan *out, struct fault *fault);

#endif
