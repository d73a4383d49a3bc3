/* The synapses of one connection from one source population to one target population, on the rank that owns the targets.
 *
 * Rows by source. Only sources that have a target on this rank have a row, so nothing here grows with the whole network. The
 * targets of a row ascend (by local position, hence by index); parallel synapses stand next to each other, in order of their
 * copies. The order (source, target, copy) is the order of creation of DESIGN section 3, restricted to this rank.
 *
 * Where values or delays differ between synapses, a row is cut in runs (network/runs.h): by slab, which is a stretch of targets
 * that one thread looks after, and within a slab by delay, so that what one thread delivers in one step stands together. The
 * targets of a run ascend. Copies of a pair are then counted by ascending delay. */
#ifndef GLION_NETWORK_EDGES_H
#define GLION_NETWORK_EDGES_H

#include <stdbool.h>

#include "support/types.h"

struct edges {
    int connection;     /* index in script->connections */
    int source, target; /* populations: indices in script->populations */
    step_count since;   /* connected at the beginning of this step: spikes that were emitted before do not go over it */
    uint32_t n_rows;
    node_index *row_source;   /* [n_rows], ascending source indices; owned */
    edge_count *row_begin;    /* [n_rows + 1], strictly ascending, from 0; owned */
    node_local *target_local; /* [row_begin[n_rows]]; owned */

    /* Runs; all NULL in edges whose rows are not cut. Slabs ascend within a row, delays within a slab. */
    int n_slabs;
    edge_count *slab_run; /* [n_rows*n_slabs + 1] first run of each row and slab; owned */
    uint32_t *run_end;    /* [number of runs] counted from the row's beginning; owned */
    uint16_t *run_delay;  /* [number of runs] in steps; owned */

    /* Values that differ between synapses (network/values.h): in the order of target_local. */
    int n_columns;
    double **columns; /* [n_columns][row_begin[n_rows]]; owned */
};

/* Row of a source, or -1 if it has no target here. O(log n_rows), O(1) when every source has a row. */
int64_t edges_row(const struct edges *edges, node_index source);
/* Row that a position of target_local is in: the last that begins at or before it. O(log n_rows). */
uint32_t edges_row_at(const struct edges *edges, edge_count position);
/* Delay of the synapse at a position of a row, in edges whose rows are cut. O(runs of the row). */
step_count edges_delay_at(const struct edges *edges, uint32_t row, edge_count position);
edge_count edges_size(const struct edges *edges);
void edges_release(struct edges *edges); /* frees the arrays */
/* Frees what is kept per synapse, and how rows are cut, when a path has taken it over; the rows themselves stay. */
void edges_forget_synapses(struct edges *edges);
/* All invariants above, for tests and debug builds. n_source and n_target_local: sizes to stay within. */
bool edges_is_valid(const struct edges *edges, node_index n_source, node_local n_target_local);

#endif
