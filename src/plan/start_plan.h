/* The value that a variable of a population's nodes has where connections are made, as programs: what NAME_pre and NAME_post
 * stand for there. It is the one with which the nodes begin, and what the script has assigned until then. */
#ifndef GLION_PLAN_START_PLAN_H
#define GLION_PLAN_START_PLAN_H

#include "plan/lower.h"

/* A variable gets a value: the one that nodes begin with or, to some of them, an assigned one. */
struct start_step {
    int variable;
    const struct value *value;
    const struct node_assignment *assignment; /* NULL: what all nodes begin with */
    struct program program;                   /* of lower_given_value; no outputs where the value is a number or a list */
};

struct start_plan {
    const struct population *population;
    struct shared_table shared;
    /* What enters and may differ from node to node: first what variables begin with, each behind those that it uses, then what is
     * assigned, in the order of the script. OPCODE_NODE slot k is variable k. */
    struct start_step *steps; /* [n_steps] */
    int n_steps;
    struct program value; /* one output: the variable itself */
};

/* Everything lives in the arena. `n_assignments`: so many of script->assignments have been carried out. A fault (input), at
 * `span`, where the variable has no value outside of the steps. */
int start_plan_make(struct arena *arena, const struct script *script, const struct population *population, const char *variable,
                    int n_assignments, struct span span, struct start_plan *out, struct fault *fault);

#endif
