/* Events at which pathways run, on their way to the wire. Each thread packs those of its own nodes when the step has been tested
 * for them; which comes first does not matter. */
#ifndef GLION_ENGINE_HAPPENED_H
#define GLION_ENGINE_HAPPENED_H

#include "engine/exchange.h"
#include "engine/nodes.h"

/* Zero-initialised there are none. */
struct happened {
    struct wire_spike *events; /* [n]; owned */
    uint64_t n, capacity;
};

/* Append those that nodes of the blocks [first, last) had in the only step of an interval. */
void happened_pack(const struct nodes *nodes, const struct channels *channels, int population, uint32_t first, uint32_t last,
                   struct happened *list);

#endif
