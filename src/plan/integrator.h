/* What integrators are made of: the equations at a stage, and where the result goes. */
#ifndef GLION_PLAN_INTEGRATOR_H
#define GLION_PLAN_INTEGRATOR_H

#include "plan/lower.h"
#include "plan/plan.h"

/* Why a method cannot serve. */
struct obstacle {
    struct span span; /* the term in the way */
    const char *text; /* "the equations of 'cells' must be linear …"; in the arena */
};

/* Plans a method for plan->model, whose variables have places: makes plan->update, with which plan->stepping begins. False if the
 * equations do not allow it. */
typedef bool integrator_plan(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle);

#define X(name, word, noise) integrator_plan integrator_plan_##word;
INTEGRATORS(X)
#undef X

/* INTEGRATOR_NONE for a name that no method has. */
enum integrator integrator_find(const char *name);
/* The first noise (xi) in an equation of a state, or NULL. */
const struct expression *integrator_noise(const struct node_plan *plan);
/* Is there no noise, or is the method for it? */
bool integrator_bears_noise(enum integrator integrator, struct arena *arena, const struct node_plan *plan,
                            struct obstacle *obstacle);
bool integrator_make(enum integrator integrator, struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle);

/* The method that the model names; or one that fits, with plan->integrator_reason. */
int integrator_choose(struct lowering *lowering, struct node_plan *plan, struct fault *fault);

/* ---- for integrators ---- */

struct lowered *integrator_values(struct lowering *lowering, const struct node_plan *plan); /* [n_states], to be filled */
/* The states at the begin of the step. */
struct lowered *integrator_states(struct lowering *lowering, const struct node_plan *plan);
/* dx/dt at a stage: at the given states and time (NULL: of the begin of the step). 0 for what stands still while refractory. */
struct lowered *integrator_rates(struct lowering *lowering, const struct node_plan *plan, const struct lowered *states,
                                 const struct lowered *time);
/* Begin plan->update, give it the states at the end of the step, but for what stands still, and end it. */
void integrator_begin(struct lowering *lowering, struct node_plan *plan);
void integrator_end(struct lowering *lowering, struct node_plan *plan, const struct lowered *next);
/* Does the state's equation have (unless refractory), and the nodes a refractory period? */
bool integrator_stands(const struct node_plan *plan, int state);

#endif
