/* Variables that are recorded: has each a value at the times at which it is taken? */
#ifndef GLION_PLAN_RECORDED_H
#define GLION_PLAN_RECORDED_H

#include "plan/plan.h"

/* Does a record of the script show the variable of a connection's synapses? */
bool recorded_looks_at(const struct script *script, const struct connection *connection, int variable);

/* Faults (input) where a record of the script asks for one that has not, or that nobody keeps. */
int recorded_check(struct arena *arena, const struct script *script, struct plan *plan, struct fault *fault);

#endif
