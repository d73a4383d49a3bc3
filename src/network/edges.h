/* The synapses of one connection from one source population to one target population, on the rank that owns the targets.
 *
 * Rows by source. Only sources that have a target on this rank have a row, so nothing here grows with the whole network. Within a
 * row the targets ascend (by local position, hence by index); parallel synapses stand next to each other, in order of their
 * copies. The order (source, target, copy) is the order of creation of DESIGN section 3, restricted to this rank. */
#ifndef GLION_NETWORK_EDGES_H
#define GLION_NETWORK_EDGES_H

#include <stdbool.h>

#include "support/types.h"

struct edges {
    int connection;     /* index in script->connections */
    int source, target; /* populations: indices in script->populations */
    uint32_t n_rows;
    node_index *row_source;   /* [n_rows], ascending source indices; owned */
    edge_count *row_begin;    /* [n_rows + 1], strictly ascending, from 0; owned */
    node_local *target_local; /* [row_begin[n_rows]]; owned */
};

/* Row of a source, or -1 if it has no target here. O(log n_rows), O(1) when every source has a row. */
int64_t edges_row(const struct edges *edges, node_index source);
edge_count edges_size(const struct edges *edges);
void edges_release(struct edges *edges); /* frees the arrays */
/* All invariants above, for tests and debug builds. n_source and n_target_local: sizes to stay within. */
bool edges_is_valid(const struct edges *edges, node_index n_source, node_local n_target_local);

#endif
