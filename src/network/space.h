/* Distances in a space, eight at once. Internal to the room. */
#ifndef GLION_NETWORK_SPACE_H
#define GLION_NETWORK_SPACE_H

#include "network/places.h"
#include "support/lanes.h"

/* The distance along one axis: of all the images of the second node that of the nearest. */
static inline lanes space_component(const struct space *space, int axis, lanes from, lanes to)
{
    lanes difference = lanes_sub(to, from);
    if (space->period[axis] > 0) {
        lanes period = lanes_set1(space->period[axis]);
        difference = lanes_sub(difference, lanes_mul(period, lanes_rint(lanes_div(difference, period))));
    }
    return lanes_abs(difference);
}

/* The length of a vector, given the absolute values of its components. */
static inline lanes space_length(const struct space *space, const lanes *component)
{
    lanes squares = lanes_mul(component[0], component[0]);
    for (int axis = 1; axis < space->n_dimensions; axis++)
        squares = lanes_fma(component[axis], component[axis], squares);
    return lanes_sqrt(squares);
}

/* From a place, [n_dimensions], to LANES others, coordinates[n_dimensions][LANES]; both arrays of LANES are aligned. */
static inline void space_distances(const struct space *space, const double *place, const double *coordinates,
                                   double distance[LANES])
{
    lanes component[POSITION_DIMENSIONS_MAX];
    for (int axis = 0; axis < space->n_dimensions; axis++)
        component[axis] = space_component(space, axis, lanes_set1(place[axis]), lanes_load(coordinates + axis * LANES));
    lanes_store(distance, space_length(space, component));
}

#endif
