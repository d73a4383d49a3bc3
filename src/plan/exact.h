/* The method `exact`: dx/dt = A x + b, with b constant within a step, has x(t + dt) = P x + Q b, where P = exp(A dt) and Q is the
 * integral of exp(A s) over s from 0 to dt.
 *
 * A may depend on anything of a node that never changes. What of P and Q is the same for all nodes stands in the shared table,
 * the rest in slots of the nodes, and what is 0 whatever the parameters are nowhere. The numbers are found when the nodes are
 * made (kernels/propagator.h). */
#ifndef GLION_PLAN_EXACT_H
#define GLION_PLAN_EXACT_H

#include "plan/plan.h"

/* The structure of A, and of its powers together with 1: entry (i, j), at i*n + j, is false if it is 0 whatever the parameters
 * are. Both have [n_states²]. */
void exact_structure(const struct node_plan *plan, bool *acts, bool *reaches);

#endif
