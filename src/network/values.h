/* Values and delays that differ from synapse to synapse: made once, when the connections have been drawn. */
#ifndef GLION_NETWORK_VALUES_H
#define GLION_NETWORK_VALUES_H

#include "network/network.h"
#include "plan/plan.h"

/* Collective. Gives every synapse of the network on this rank its values, in the columns that the plan asks for, and its delay;
 * the rows of such connections are cut in runs (runs.h), for n_slabs slabs of targets. Then the plan's min_delay and max_delay
 * are known for all connections. Costs per synapse 8 bytes for each column.
 *
 * A random number of a synapse belongs to its connection, its source and target (positions in the connection's sets) and the
 * number of its copy among those of the pair: it is the same for any layout. A list has a number for each synapse, in order of
 * creation; to find their places takes up to 40 bytes per synapse of the connection for the time. Faults (input): a value outside
 * of its range, or that `redraw` never accepts; a list of another length; a delay that is shorter than the synapse needs, or
 * longer than CONNECTION_DELAY_MAX steps. */
int network_assign(struct network *network, struct plan *plan, int n_slabs, struct fault *fault);

/* Collective. Carry out one of a connection's assignments, from the values that its synapses have now. network_assign has carried
 * out those that belong to the epoch in which the connection is made. `ends_now`: [later->ends.n] what its variables of sources
 * and targets are now, by position in the sets; freed here. Faults (input) as there, the same on all ranks. */
int network_reassign(struct network *network, struct plan *plan, const struct synapse_assignment_plan *later,
                     double *const *ends_now, struct fault *fault);

/* The most bytes that each of n_ranks is expected to need, beside those of network_bytes, for values and delays that differ.
 * Where delays are drawn, a source is expected to have no more than 100 different ones for each connection: 10 ms in steps of 0.1
 * ms. */
double values_bytes(const struct plan *plan, int n_ranks);

#endif
