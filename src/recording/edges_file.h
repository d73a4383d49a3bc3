/* The synapses of a built network as SONATA edges, one file per connection: CONNECTION.h5.
 *
 * The edges of a group go from one population to one population; so a connection between unions has one group for each pair,
 * named SOURCE__TARGET__CONNECTION, else it has one group with its own name. Within a group the edges stand in the order of their
 * creation (source position, target position, copy): if there is one group, the number of an edge is the number of the synapse.
 *
 * An edge carries its delay, and syn_weight if the synapse has a variable `weight`, in the unit of the port that it meets. Where
 * they differ between synapses they are those that network_assign has made. */
#ifndef GLION_RECORDING_EDGES_FILE_H
#define GLION_RECORDING_EDGES_FILE_H

#include "network/network.h"
#include "plan/plan.h"
#include "support/fault.h"

/* Collective. Replaces a file of that name in the folder, which exists. The same file for any layout. */
int edges_file_write(const struct network *network, const struct connection_plan *plan, const char *folder, struct fault *fault);

#endif
