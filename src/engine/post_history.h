/* The spikes of the nodes of one population on this rank, for synapses that listen to their targets: `on_post`.
 *
 * A synapse takes in what its target did when its source spikes next, which may be any time later, so all of it is kept: 8 bytes
 * for each spike of such a target. */
#ifndef GLION_ENGINE_POST_HISTORY_H
#define GLION_ENGINE_POST_HISTORY_H

#include "engine/observer.h"

struct node_spikes {
    step_count *steps; /* [n] ascending; a step stands there as often as the node spiked in it; owned */
    uint64_t n, capacity;
};

struct post_history {
    node_local n_nodes;
    struct node_spikes *nodes; /* [n_nodes]; owned; NULL: nobody listens to this population */
};

void post_history_create(node_local n_nodes, struct post_history *history);
void post_history_release(struct post_history *history);
/* The spikes of an interval. */
void post_history_add(struct post_history *history, const struct spike *spikes, uint64_t n);

#endif
