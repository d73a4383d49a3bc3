/* The synapses of one connection in the order of their creation: by source position, target position, copy. They are numbered
 * from 0 and spread over the ranks: each rank holds a run of consecutive numbers, whatever nodes it owns. */
#ifndef GLION_NETWORK_CREATION_H
#define GLION_NETWORK_CREATION_H

#include "network/network.h"

struct creation {
    uint64_t first; /* number of the first synapse here */
    uint64_t n;     /* number of synapses here */
    uint64_t *key;  /* [n] ascending: source position * size of the target set + target position; owned */
    uint64_t *from; /* [n] place of each in the order in which they came from the ranks that own their targets; owned */
    uint64_t *sent, *received; /* [n_ranks] number of synapses given to and got from each rank; owned */
};

/* Collective. */
void creation_create(const struct network *network, int connection, struct creation *creation);
void creation_release(struct creation *creation);

/* Collective. `stored` has a number for each synapse of the connection on this rank, over all its edges and in the order of
 * storage. Returns those of the synapses that this rank holds in the order of creation: [creation->n], owned by the caller
 * (TEMPORARY). */
double *creation_bring(const struct network *network, int connection, const struct creation *creation, const double *stored);

#endif
