/* The network of a script on this rank: its edges. Every rank and thread builds its part, the same network for any layout. */
#ifndef GLION_NETWORK_NETWORK_H
#define GLION_NETWORK_NETWORK_H

#include <mpi.h>
#include <stdbool.h>

#include "language/script.h"
#include "network/edges.h"
#include "network/partition.h"
#include "support/fault.h"

struct network {
    const struct script *script; /* borrowed */
    struct partition partition;
    MPI_Comm communicator; /* borrowed */
    int rank;
    struct edges *edges;   /* [n_edges], ordered by (connection, source population, target population); owned */
    int n_edges;           /* the same on every rank */
    int *connection_begin; /* [script->n_connections + 1] where in `edges` those of each connection begin; owned */
};

/* Collective. Draws all projections of the script. A fault (input), the same on all ranks, where what depends on positions cannot
 * be drawn. */
int network_create(const struct script *script, struct partition partition, MPI_Comm communicator, struct network **out,
                   struct fault *fault);
void network_destroy(struct network **network);
/* Every invariant of the edges on this rank. */
bool network_is_valid(const struct network *network);
/* Collective: one number for the whole network, the same for any layout: a sum over all synapses of a hash of (connection,
 * source, target, copy). */
uint64_t network_checksum(const struct network *network);

/* Collective: number of synapses of each connection over all ranks; counts[script->n_connections], the same on every rank. */
void network_count(const struct network *network, uint64_t *counts);

/* Collective: bring together numbers of which each is one rank's alone; in the others' arrays its bits are zero. */
void network_share_bits(const struct network *network, double *numbers, uint64_t n);

/* Expected number of synapses of a connection, from its rule alone: for the estimate of memory before building. */
double network_expected(const struct script *script, const struct connection *connection);
/* The most bytes that each of n_ranks is expected to need for the network at any time: all synapses with their rows, and what the
 * projection that needs most takes while it is built. Projections are built one after the other. */
double network_bytes(const struct script *script, int n_ranks);

/* Collective: the creation numbers of this rank's synapses of a connection (over all its edges, in the order of network->edges
 * and within each in storage order): connect statement, source position, target position, copy; numbers count from 0 within the
 * connection. Returns an array (owned by the caller, MEMORY_TEMPORARY) and its length. Used by exports and recordings. */
uint64_t *network_number(const struct network *network, int connection, uint64_t *n);

#endif
