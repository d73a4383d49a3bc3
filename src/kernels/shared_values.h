/* The numbers of a shared table: what setup computes from a population's (or a connection's) parameters, and the propagator of
 * method exact. */
#ifndef GLION_KERNELS_SHARED_VALUES_H
#define GLION_KERNELS_SHARED_VALUES_H

#include "plan/plan.h"

/* `values`: one per variable of the model, SI; constants only are read. Returns shared[table->n_shared]; owned by the caller. */
double *shared_values(const struct shared_table *table, const struct model *model, const struct value *values, double dt,
                      double size, enum memory_tag tag);
/* The same for a population, with the propagator filled in. */
double *shared_values_of_nodes(const struct node_plan *plan, double dt);

#endif
