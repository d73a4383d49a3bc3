/* Formulas: continuous couplings of any form. NAME_post = … (summed), and whatever else a synapse computes in every step from
 * variables of its source, its target and its own, is a program that runs for each synapse and step. Couplings that are linear
 * with weights that do not change need none (coupling_form.h). */
#ifndef GLION_PLAN_FORMULA_H
#define GLION_PLAN_FORMULA_H

#include "plan/lower.h"

struct connection_plan;
struct plan;

/* NAME_pre or NAME_post in a formula. */
struct formula_end {
    const char *name; /* of the variable, in every population at that end */
    bool is_source;
    bool is_steady; /* stays as it is during a run, in every population at that end */
};

struct formula_plan {
    struct formula_end *ends; /* [n_ends] */
    int n_ends;
    const char **inputs; /* [n_inputs] of the targets: NAME of NAME_post */
    int n_inputs;        /* 0: the synapses have no formula */
    /* Leaves: OPCODE_ARGUMENT slot k: the value of end k; OPCODE_NODE slot c: column c; time. Outputs: slot k: what the synapse
     * adds to input k. */
    struct program sums;
};

/* Does it read anything of its targets that changes? Then what it adds to a step is known when the step begins, not before. */
bool formula_reads_target(const struct formula_plan *formula);

/* The formula of a connection whose variables have their places. Its ends are entered in the plans of their populations. Faults
 * (input) where something cannot be read. */
int formula_plan_make(struct lowering *lowering, struct connection_plan *plan, struct plan *all, struct fault *fault);

#endif
