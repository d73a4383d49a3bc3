/* Where nodes lie, and how far they are from each other.
 *
 * A position is a pure function of the seed, the population's name and the node's index, so any rank can compute that of any
 * node. */
#ifndef GLION_NETWORK_PLACES_H
#define GLION_NETWORK_PLACES_H

#include <stdbool.h>

#include "language/script.h"
/* The space that the populations of both sets lie in. */
struct space {
    int n_dimensions;
    double period[POSITION_DIMENSIONS_MAX]; /* [n_dimensions] metres; 0: opposite edges do not meet */
};

/* The populations of a set lie in one space, which the checker has seen to. */
struct space space_of(const struct script *script, const struct node_set *set);

/* Makes positions; for one thread. */
struct places;

void places_create(const struct script *script, const struct node_set *set, struct places **out);
void places_destroy(struct places **places);

/* The nodes at eight positions of the set, all in one part: coordinates[n_dimensions][8]. Returns false if one of them cannot
 * be placed: a coordinate is not finite, or redraw has accepted none. */
bool places_at(struct places *places, const uint64_t position[8], double *coordinates);
/* The node at one position: coordinates[n_dimensions]. */
bool places_at_one(struct places *places, uint64_t position, double *coordinates);

#endif
