/* Event-driven equations: what happens to a synapse's variables between two events, in closed form. */
#ifndef GLION_PLAN_EVENT_DRIVEN_H
#define GLION_PLAN_EVENT_DRIVEN_H

#include "plan/lower.h"

/* Bring the variables unknowns[n] of the model that is lowered from their last event to this one: their values count as assigned
 * afterwards. elapsed[k]: the time that has passed for each, in seconds; the same for those that drive each other. */
int event_driven_advance(struct lowering *lowering, const int *unknowns, const struct lowered *elapsed, int n,
                         struct fault *fault);

#endif
