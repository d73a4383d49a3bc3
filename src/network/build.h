/* One projection while it is drawn on this rank. Internal to the room. */
#ifndef GLION_NETWORK_BUILD_H
#define GLION_NETWORK_BUILD_H

#include <mpi.h>

#include "network/edges.h"
#include "network/network.h"
#include "network/rule.h"
#include "network/set_view.h"

struct build {
    const struct script *script;
    struct drawing drawing;
    struct partition partition;
    MPI_Comm communicator;
    int rank;
    int n_slots;                          /* stretches of targets that threads handle at the same time */
    struct set_view source, target, pool; /* pool: empty unless tripartite */
    struct draw *draws;                   /* [n_slots] each slot's own */
    /* [target.n_ranges] for rules that draw items: the sources of each target here (gather.h), ascending where a third part
     * counts them; NULL for rules that draw targets. Owned. */
    struct edges *lists;
};

/* Bytes that one of n_ranks needs to build a projection, beside its synapses. */
double build_bytes(const struct script *script, const struct projection *projection, int n_ranks);

/* Collective. */
void build_create(const struct network *network, const struct projection *projection, struct build *build);
void build_release(struct build *build);

/* Slot's share [*begin, *end) of n things in order. */
static inline void build_share(const struct build *build, int slot, uint64_t n, uint64_t *begin, uint64_t *end)
{
    *begin = n * (uint64_t)slot / (uint64_t)build->n_slots;
    *end = n * (uint64_t)(slot + 1) / (uint64_t)build->n_slots;
}

/* Collective. Draws all connections of the projection onto nodes of this rank. edges[0]: the plain or primary ones, [n source
 * ranges][n target ranges]; of a tripartite projection also edges[1], third_in, [n source ranges][n pool ranges], and edges[2],
 * third_out, [n pool ranges][n target ranges]. */
void build_connections(struct build *build, struct edges *const edges[3]);

/* Collective, when all is drawn: a fault (input) if something could not be. */
int build_check(const struct build *build, struct fault *fault);

#endif
