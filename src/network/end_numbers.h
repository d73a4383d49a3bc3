/* What the values of a connection's synapses read of their sources and targets: values of these nodes, how many synapses they
 * have, and the distance between them. Held for all nodes of the sets, 8 bytes each, as long as values are made. */
#ifndef GLION_NETWORK_END_NUMBERS_H
#define GLION_NETWORK_END_NUMBERS_H

#include "network/network.h"
#include "network/places.h"
#include "plan/plan.h"

/* Where in the script values are given: in which epoch, behind so many of script->assignments. */
struct script_moment {
    int epoch, n_node_assignments;
};

struct end_numbers {
    const struct end_table *ends; /* borrowed */
    double **numbers;             /* [ends->n] by position in the source or target set; owned */
    bool uses_distance;
    struct space space;
    /* Coordinates by position, [n_dimensions]; NaN where there is no place. Owned. */
    double *source[POSITION_DIMENSIONS_MAX], *target[POSITION_DIMENSIONS_MAX];
};

/* Does making them need all ranks? */
bool end_numbers_are_collective(const struct end_table *ends);
/* Collective if they say so. Synapses are counted over all connections of declared synapses that exist in the epoch; those that
 * reach a target only on its own rank. `now`: NULL, or [ends->n] what their variables are now, by position, which is then owned
 * here; else nodes have the values that they begin with. */
void end_numbers_create(const struct network *network, const struct connection *connection, const struct end_table *ends,
                        struct script_moment at, bool uses_distance, double *const *now, struct end_numbers *out);
void end_numbers_release(struct end_numbers *numbers);

/* Of n synapses, a multiple of LANES, given by the positions of their ends: slots[ends->n][width], distance[n]. */
void end_numbers_fill(const struct end_numbers *numbers, const uint32_t *source, const uint32_t *target, int n, int width,
                      double *slots, double *distance);

#endif
