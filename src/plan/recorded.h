/* Variables that somebody looks at: a record, and of synapses a print or an assignment, too. */
#ifndef GLION_PLAN_RECORDED_H
#define GLION_PLAN_RECORDED_H

#include "plan/plan.h"

/* Does one of the script look at the variable of a connection's synapses? */
bool recorded_looks_at(struct arena *arena, const struct script *script, const struct connection *connection, int variable);
/* Does a record look at its synapses between what they compute in a step and what arrives in it? */
bool recorded_before_arrivals(const struct script *script, int connection);
/* Are the values of a connection's synapses printed, or assigned between runs? Records say themselves which synapses they want.
 */
bool recorded_needs_all(const struct script *script, const struct connection *connection);

/* Faults (input) where a record or print of the script asks for one that has no value at that time, or that nobody keeps. */
int recorded_check(struct arena *arena, const struct script *script, struct plan *plan, struct fault *fault);

#endif
