/* The synapses that a record selects, as columns of a file: in order of creation, in blocks of about equal length on all ranks.
 */
#ifndef GLION_RECORDING_SYNAPSE_COLUMNS_H
#define GLION_RECORDING_SYNAPSE_COLUMNS_H

#include "engine/observer.h"
#include "network/network.h"
#include "recording/column_exchange.h"

/* What a file says of a synapse. Populations: which of those of the connection's end, in ascending order. */
struct synapse_column {
    uint64_t number;
    node_index source, target;
    int source_population, target_population;
};

struct synapse_columns {
    struct column_exchange exchange;
    uint64_t n_here;               /* selected synapses of this rank */
    struct synapse_place *here;    /* [n_here] in order of creation; owned */
    struct synapse_column *column; /* [exchange.count] of this rank's block; owned */
};

/* Collective. */
void synapse_columns_create(const struct network *network, const struct synapse_selection *selection,
                            struct synapse_columns *columns);
void synapse_columns_release(struct synapse_columns *columns);

#endif
