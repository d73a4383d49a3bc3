/* Where the synapses of a piece stand in the sets that are connected: i and j. */
#ifndef GLION_ENGINE_POSITIONS_H
#define GLION_ENGINE_POSITIONS_H

#include "engine/nodes.h"
#include "network/network.h"

struct positions {
    node_id *source; /* [edges->n_rows] i; owned; NULL: nobody asks */
    node_id *target; /* [nodes of the target population here] j; owned; likewise */
};

void positions_create(const struct connection *connection, const struct edges *edges, const struct nodes *target,
                      const struct network *network, struct positions *positions);
void positions_release(struct positions *positions);

#endif
