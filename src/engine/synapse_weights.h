/* The weights of synapses that couple continuously: what a variable of the source, or of the target, is multiplied by. */
#ifndef GLION_ENGINE_SYNAPSE_WEIGHTS_H
#define GLION_ENGINE_SYNAPSE_WEIGHTS_H

#include "network/edges.h"
#include "plan/plan.h"

/* Those of synapse k are at k*stride. */
struct synapse_weights {
    double *of_source, *of_target; /* the second NULL where the target's own value is not coupled; owned */
    size_t stride;                 /* 0: all synapses have the same */
};

void synapse_weights_create(const struct connection_plan *plan, const struct edges *edges, const struct script *script,
                            struct synapse_weights *weights);
void synapse_weights_release(struct synapse_weights *weights);

#endif
