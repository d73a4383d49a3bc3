/* Formulas: continuous couplings of any form, clock-driven synapses, and those that change at regular times. NAME_post = …
 * (summed), and whatever else a synapse computes in every step from variables of its source, its target and its own, is a program
 * that runs for each synapse and step. Couplings that are linear with weights that do not change need none (coupling_form.h). */
#ifndef GLION_PLAN_FORMULA_H
#define GLION_PLAN_FORMULA_H

#include "plan/every.h"

struct connection_plan;
struct node_plan;
struct plan;

/* NAME_pre or NAME_post in a formula. */
struct formula_end {
    const char *name; /* of the variable, in every population at that end */
    bool is_source;
    bool is_steady; /* stays as it is during a run, in every population at that end */
};

/* What a synapse computes in each step. Leaves of the programs: OPCODE_ARGUMENT slot k: the value of end k; OPCODE_NODE slot c:
 * column c; time. */
struct formula_plan {
    struct formula_end *ends; /* [n_ends] */
    int n_ends;
    step_count delay;    /* the source is read as it was this many steps ago */
    const char **inputs; /* [n_inputs] of the targets: NAME of NAME_post */
    int n_inputs;
    /* Before all else in a step; the source is read without delay. OPCODE_UNIFORM and OPCODE_NORMAL slot k: call k that draws. */
    struct every_plan *everys; /* [n_everys] in order of the text */
    int n_everys;
    struct program sums; /* outputs: slot k: what the synapse adds to input k, in the step that begins */
    /* Clock-driven variables are the first n_clocked columns. */
    int n_clocked;
    const char *method; /* that advances them */
    /* OPCODE_STATE slot k: column k; OPCODE_NORMAL slot m: noise m of the model, drawn for each synapse and step; outputs: slot
     * k: column k at the end of the step. */
    struct program advance;
    /* Method exact, where the equations have no closed form that is short: how its propagator is found. Entries that are not the
     * same for all synapses stand behind the columns. NULL: there is none. */
    const struct node_plan *exact;
    /* At the end of the step in which a spike arrives, where it does nothing but change the synapse's own variables, so that it
     * need not be known when the step ends; outputs: slot c: the new column. Else its pathways are general (plan/pathways.h), and
     * so they are for who looks at the synapse between the two. */
    bool takes_spikes;
    struct program on_pre;
};

/* Does the synapse compute anything in each step, or in some at regular times? */
static inline bool formula_exists(const struct formula_plan *formula)
{
    return formula->n_inputs > 0 || formula->n_clocked > 0 || formula->n_everys > 0;
}

/* Does it read anything of its targets that changes? Then what it computes in a step is known when the step begins, not before.
 */
bool formula_reads_target(const struct formula_plan *formula);
/* Anything of its sources that changes, and is exchanged? */
bool formula_follows_source(const struct formula_plan *formula);
/* Does one of its programs read anything of its source? Then it waits until something of the source has come over. */
bool formula_reads_source(const struct formula_plan *formula, const struct program *program);

/* Does a synapse model ask for a formula: a variable that is clock-driven, `every`, or a (summed) equation that has no simpler
 * form? */
bool formula_is_needed(const struct model *synapse);

/* The formula of a connection whose variables have their places. Its ends are entered in the plans of their populations. Faults
 * (input) where something cannot be read. */
int formula_plan_make(struct lowering *lowering, struct connection_plan *plan, struct plan *all, struct fault *fault);

#endif
