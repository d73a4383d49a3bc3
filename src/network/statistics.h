/* What a connection of the built network looks like in numbers. */
#ifndef GLION_NETWORK_STATISTICS_H
#define GLION_NETWORK_STATISTICS_H

#include "network/network.h"

struct degree {
    uint64_t min, max; /* over all nodes of the set, those without connections too */
    double mean;
};

struct connection_statistics {
    uint64_t count;            /* synapses */
    double expected;           /* synapses, by the rule */
    struct degree in;          /* per node of the target set */
    struct degree out;         /* per node of the source set */
    uint64_t pairs;            /* different (source, target) */
    uint64_t multiplicity_max; /* largest number of parallel synapses; 0 without synapses */
};

/* Collective; the same result on every rank. */
void network_statistics(const struct network *network, int connection, struct connection_statistics *statistics);

#endif
