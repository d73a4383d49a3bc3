/* Which rank owns which node. The schemes are in partitions/, one file each; nothing else knows how nodes are spread.
 *
 * On its owner a node has a local position among the nodes of its population there; local positions ascend with the index, so
 * that a list sorted by local position is sorted by index too. All functions are pure and cost O(1). */
#ifndef GLION_NETWORK_PARTITION_H
#define GLION_NETWORK_PARTITION_H

#include "language/script.h"
#include "support/fault.h"
#include "support/types.h"

struct partition {
    const struct partition_scheme *scheme;
    int n_ranks;
};

struct partition_scheme {
    const char *name;
    const char *text; /* one line for the help */
    node_local (*count)(int n_ranks, const struct population *population, int rank);
    int (*owner)(int n_ranks, const struct population *population, node_index index);
    node_local (*local)(int n_ranks, const struct population *population, node_index index); /* on its owner */
    node_index (*index)(int n_ranks, const struct population *population, int rank, node_local local);
    /* number of indices < bound that `rank` owns: the local position at which a range begins */
    node_local (*below)(int n_ranks, const struct population *population, int rank, node_index bound);
};

extern const struct partition_scheme partition_round_robin; /* partitions/round_robin.c */
extern const struct partition_scheme partition_block;       /* partitions/block.c */

/* NULL-terminated; the first is the default */
extern const struct partition_scheme *const partition_schemes[];
const struct partition_scheme *partition_find(const char *name); /* NULL if unknown */
/* The scheme that a user named, the default one for NULL. A fault (input) if it is unknown. */
int partition_choose(const char *name, int n_ranks, struct partition *out, struct fault *fault);

#endif
