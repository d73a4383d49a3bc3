/* Linear equations of a synapse in closed form: what happens to its variables between two events, or in a step. */
#ifndef GLION_PLAN_EVENT_DRIVEN_H
#define GLION_PLAN_EVENT_DRIVEN_H

#include "plan/integrator.h"

/* Bring the variables unknowns[n] of the model that is lowered on by elapsed[k] seconds each, the same for those that drive each
 * other: their values count as assigned afterwards. False if they have no closed form; then nothing is assigned. */
bool closed_form_advance(struct lowering *lowering, const int *unknowns, const struct lowered *elapsed, int n,
                         struct obstacle *obstacle);

/* The same from the last event to this one, for event-driven variables; faults (input) where that cannot be. */
int event_driven_advance(struct lowering *lowering, const int *unknowns, const struct lowered *elapsed, int n,
                         struct fault *fault);

#endif
