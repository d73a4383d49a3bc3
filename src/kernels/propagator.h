/* The numbers of method exact (plan/exact.h): P and Q of a step, for all nodes or for the nodes of a block; and for synapses. */
#ifndef GLION_KERNELS_PROPAGATOR_H
#define GLION_KERNELS_PROPAGATOR_H

#include "kernels/interpreter.h"

/* For the nodes of one population, in one thread. */
struct propagator;

void propagator_create(const struct node_plan *plan, double dt, struct propagator **out);
void propagator_destroy(struct propagator **propagator);

/* Entries that are the same for all nodes, in the population's shared table, which is filled otherwise. */
void propagator_fill_shared(const struct node_plan *plan, double dt, double *shared);
/* The others, of LANES nodes or synapses whose parameters are set: `leaves` are what the coefficients read, `slots` those of the
 * entries. */
void propagator_fill_block(struct propagator *propagator, const struct interpreter_leaves *leaves, double *slots);

#endif
