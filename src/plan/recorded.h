/* Variables of synapses that are recorded: has each one value at the times at which it is taken? */
#ifndef GLION_PLAN_RECORDED_H
#define GLION_PLAN_RECORDED_H

#include "plan/plan.h"

/* Faults (input) where a record of the script asks for one that has not, or that nobody keeps. */
int recorded_check(const struct script *script, const struct plan *plan, struct fault *fault);

#endif
