/* Turns synapses that come target by target into rows by source: a parallel, stable counting sort.
 *
 * The caller runs through its synapses twice, in the same order: rows_add for each (they are counted), rows_lay_out, rows_add
 * again for each (now they are stored), rows_finish. The order is cut into `n_slots` consecutive stretches that different threads
 * may handle at the same time; each has its own counters, so nothing is shared and the result does not depend on the threads. */
#ifndef GLION_NETWORK_ROWS_H
#define GLION_NETWORK_ROWS_H

#include <stdint.h>

#include "network/edges.h"
#include "support/types.h"

struct rows {
    node_index first; /* sources lie in [first, first + length) */
    uint32_t length;
    int n_slots;
    int shift; /* bucket of a source = (source - first) >> shift */
    uint64_t n_buckets;
    edge_count *cursor; /* [n_slots][n_buckets] counts, then where the slot's next synapse of the bucket goes; owned */
    node_local *target; /* [edge_count] in order of buckets, when shift is 0; owned */
    uint64_t *pair;     /* [edge_count] source - first (high half) and target, in order of buckets, when shift is not 0; owned */
};

/* `expected`: about how many synapses will come; it decides how many counters may be spent. */
void rows_create(struct rows *rows, node_index first, uint32_t length, int n_slots, double expected);

void rows_lay_out(struct rows *rows);

/* Within a slot, and from slot to slot, the targets of a source ascend, so that they do in its row. */
static inline void rows_add(struct rows *rows, int slot, node_index source, node_local target)
{
    uint32_t offset = source - rows->first;
    edge_count place = rows->cursor[(uint64_t)slot * rows->n_buckets + (offset >> rows->shift)]++;
    if (rows->target)
        rows->target[place] = target;
    else if (rows->pair)
        rows->pair[place] = (uint64_t)offset << 32 | target;
}

/* Fills the arrays of `edges` and releases `rows`. */
void rows_finish(struct rows *rows, struct edges *edges);

#endif
