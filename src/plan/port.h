/* What a port does with what arrives.
 *
 * What arrives at a node in a step is summed before it is added, and what a spike adds is computed once for all its targets. So
 * where a port uses values of its node, what it adds is taken apart into products: a signal, made of J and what is the same for
 * all nodes, is summed; a factor, made of values of the node that never change, multiplies the sum. The factors are computed when
 * the nodes are made. */
#ifndef GLION_PLAN_PORT_H
#define GLION_PLAN_PORT_H

#include "plan/plan.h"

/* All ports of the model, and those for synapses that add to its variables: plan->ports, plan->arrivals and plan->factors. Faults
 * are left in lowering->fault. */
void ports_plan(struct lowering *lowering, const struct script *script, struct node_plan *plan);

#endif
