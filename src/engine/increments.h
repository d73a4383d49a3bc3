/* What the synapses of a piece of a connection do to their targets with every spike, where that is always the same: computed
 * once. */
#ifndef GLION_ENGINE_INCREMENTS_H
#define GLION_ENGINE_INCREMENTS_H

#include "engine/nodes.h"
#include "network/edges.h"

/* What arrives at one accumulator of the targets. */
struct increment_column {
    int arrival;          /* of the target population */
    const double *values; /* [edges_size] one per synapse, of the edges; NULL: all have `common` */
    double common;
};

struct increments {
    struct increment_column *columns; /* [n] those that are not 0 everywhere; owned */
    int n;
    double *sent; /* [edges_size] what each synapse sends, if it was asked for; else NULL; owned */
};

/* The columns of `edges` become increments: a weight needs no second place in memory, unless somebody wants to see it. Then
 * increments follow the columns. */
void increments_create(const struct connection_plan *plan, struct edges *edges, const struct script *script,
                       const struct nodes *target, bool wants_sent, bool keeps_columns, struct increments *increments);
/* The same again, where columns were kept and their values have changed. */
void increments_renew(const struct connection_plan *plan, struct edges *edges, const struct script *script,
                      const struct nodes *target, struct increments *increments);
void increments_release(struct increments *increments);

#endif
