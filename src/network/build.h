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

/* Collective. */
void build_create(const struct network *network, const struct projection *projection, struct build *build);
void build_release(struct build *build);

/* Slot's share [*begin, *end) of n things in order. */
static inline void build_share(const struct build *build, int slot, uint64_t n, uint64_t *begin, uint64_t *end)
{
    *begin = n * (uint64_t)slot / (uint64_t)build->n_slots;
    *end = n * (uint64_t)(slot + 1) / (uint64_t)build->n_slots;
}

/* The targets of this rank in one range. */
struct build_targets {
    int range;
    struct set_members members;
};

void build_targets_create(const struct build *build, int range, struct build_targets *targets);
void build_targets_release(struct build_targets *targets);

/* Draw the k-th of these targets: its sources, and in a tripartite projection its third nodes. */
void build_draw(const struct build *build, const struct build_targets *targets, uint64_t k, struct draw *draw);

/* The connections onto the targets of this rank: plain or primary ones, and third_out. Fills edges of the projection's
 * connections 0 and 2, each [n source ranges][n target ranges]. */
void build_direct(struct build *build, struct edges *direct, struct edges *third_out);

/* Collective. The connections onto the third nodes of this rank: fills edges [n source ranges][n pool ranges]. */
void build_third_in(struct build *build, struct edges *third_in);

#endif
