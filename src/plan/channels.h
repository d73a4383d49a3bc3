/* What pathways run at: the spikes of a population, or one of its events that some pathway asks for. Each is a channel of its
 * own, over which ranks tell each other where it happened. Channel p has the spikes of population p; events stand behind all of
 * them.
 */
#ifndef GLION_PLAN_CHANNELS_H
#define GLION_PLAN_CHANNELS_H

#include "language/script.h"
#include "support/memory.h"

struct plan;

struct channel {
    int population;
    int event;    /* in the population's model; -1: its spikes */
    node_id base; /* between ranks a node is base + its index; channels ascend by it */
};

struct channels {
    struct channel *list; /* [n] */
    int n;
    int first_event; /* those of events begin here: as many as there are populations */
};

/* Of a plan whose connections have been planned. Faults (input) where there are too many nodes for them. */
int channels_make(struct arena *arena, const struct plan *plan, struct channels *channels, struct fault *fault);

/* Where a pathway finds what it runs at, at nodes of the population. */
int channels_of_pathway(const struct channels *channels, const struct script *script, int population,
                        const struct pathway *pathway);
/* Of which channel a node came. */
int channels_of_id(const struct channels *channels, node_id id);

#endif
