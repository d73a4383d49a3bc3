/* The values that continuous couplings carry, on their way to the wire: an entry for each node whose numbers in the interval are
 * not all 0. Each thread packs those of its own nodes right after they were computed. Which entry comes first does not matter:
 * each is of another source or another value. */
#ifndef GLION_ENGINE_LOUD_VALUES_H
#define GLION_ENGINE_LOUD_VALUES_H

#include "engine/nodes.h"

/* An entry: population, coupling (of its plan; behind them, late values), index of the node, one number per step of the interval.
 */
enum { LOUD_POPULATION, LOUD_COUPLING, LOUD_INDEX, LOUD_HEAD };

static inline uint64_t loud_length(step_count n_steps)
{
    return LOUD_HEAD + (uint64_t)n_steps;
}

/* Entries of one length, one behind the other; zero-initialised there are none. */
struct loud_values {
    double *numbers; /* [n]; owned */
    uint64_t n, capacity;
};

/* Append what the blocks [first, last) carry in an interval of n_steps: the values that are read without delay, or the others. */
void loud_values_pack(const struct nodes *nodes, int population, uint32_t first, uint32_t last, int n_steps, bool are_immediate,
                      struct loud_values *list);
/* Append the late values of a step. */
void loud_values_pack_late(const struct nodes *nodes, int population, uint32_t first, uint32_t last, struct loud_values *list);

#endif
