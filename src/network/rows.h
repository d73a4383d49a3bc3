/* Turns synapses that come target by target into rows by source: a parallel, stable counting sort.
 *
 * The caller runs through its synapses twice, in the same order: rows_add for all of them (they are counted), rows_lay_out,
 * rows_add again for all (now they are stored), rows_finish. The order is cut into `n_slots` consecutive stretches that different
 * threads may handle at the same time; each has its own counters, so nothing is shared and the result does not depend on the
 * threads.
 *
 * Sources may come from several ranges of indices. They are named by their place: ranges stand one behind the other, so that
 * range k begins at the sum of the lengths of those before it. */
#ifndef GLION_NETWORK_ROWS_H
#define GLION_NETWORK_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "network/edges.h"
#include "network/set_view.h"
#include "support/types.h"

/* First the number of a bucket's synapses, then where its next one goes. */
union rows_cursor {
    edge_count count;
    node_local *target; /* when shift is 0 */
    uint64_t *pair;     /* when it is not */
};

/* A connection from a place to a target of its own. */
struct rows_pair {
    node_id place;
    node_local target;
};

struct rows {
    const struct set_range *ranges; /* [n_ranges]; borrowed */
    int n_ranges, n_slots;
    bool laid_out;
    int shift; /* bucket of a source = place >> shift */
    uint64_t n_buckets;
    union rows_cursor *cursor; /* [n_slots][n_buckets]; owned */
    node_local **target;       /* [n_ranges] the targets of each range in order of buckets, when shift is 0; all owned */
    uint64_t *pair; /* [synapses] place of the source (high half) and target, in order of buckets, when shift is not 0; owned */
    /* Bins, where there are: synapses on their way to the buckets. Bin of a source = place >> bin_shift. */
    int bin_shift;
    uint64_t n_bins, bin_capacity;
    uint64_t *bin_size;     /* [n_slots][n_bins]; owned */
    struct rows_pair *bins; /* [n_slots][n_bins][bin_capacity]; owned */
};

/* `expected`: about how many synapses will come; it decides how many counters may be spent. */
void rows_create(struct rows *rows, const struct set_range *ranges, int n_ranges, int n_slots, double expected);

/* Bytes that rows of so many synapses from sources at n_places need while they are made, beside the synapses themselves: at most
 * about 4.5 per synapse, or 12.5 where sources share counters. */
double rows_bytes(double expected, double n_places, int n_slots);

void rows_lay_out(struct rows *rows);

/* Synapses from the sources at n places to one target. Within a slot, and from slot to slot, the targets of a source ascend, so
 * that they do in its row. */
void rows_add(struct rows *rows, int slot, const node_id *places, uint64_t n, node_local target);

/* Any n of them, one after the other. */
void rows_add_pairs(struct rows *rows, int slot, const struct rows_pair *pairs, uint64_t n);

/* Fills the arrays of the edges of each range, edges[k * stride] for range k, and releases `rows`. */
void rows_finish(struct rows *rows, struct edges *edges, int stride);

#endif
