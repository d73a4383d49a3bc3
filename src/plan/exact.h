/* The method `exact`: dx/dt = A x + b, with A and b constant within a step, has x(t + dt) = P x + Q b, where P = exp(A dt) and Q
 * is the integral of exp(A s) over s from 0 to dt.
 *
 * What of P and Q is the same for all nodes stands in the shared table, what differs between them in slots of the nodes, and what
 * is 0 whatever the parameters are nowhere. The numbers are found when the nodes are made (kernels/propagator.h). Coefficients
 * may change from step to step: parameters that are assigned or summed, what is (constant over dt), timed arrays, a variable that
 * stands still while its node is refractory. What depends on these is computed in each step: in closed form where that is short,
 * else as kernels/changing_propagator.h does. */
#ifndef GLION_PLAN_EXACT_H
#define GLION_PLAN_EXACT_H

#include "plan/integrator.h"

/* The structure of what never changes of A, and of its powers together with 1: entry (i, j), at i*n + j, is false if it is 0
 * whatever the parameters are. Both have [n_states²]. */
void exact_structure(const struct node_plan *plan, bool *acts, bool *reaches);

/* Are the equations such as exact needs, and can each be solved for a state of its own? Else there is no single equilibrium,
 * whatever the coefficients are: an integral of another variable, a constant slope. Makes a program that is of no use afterwards.
 */
bool exact_has_equilibrium(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle);

#endif
