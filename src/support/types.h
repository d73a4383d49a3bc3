/* Integers by meaning. */
#ifndef GLION_SUPPORT_TYPES_H
#define GLION_SUPPORT_TYPES_H

#include <stdint.h>

typedef uint32_t node_id;    /* a node's position in the whole network (global id): populations in order of declaration */
typedef uint32_t node_index; /* a node's position in its population */
typedef uint32_t node_local; /* a node's position among the nodes of its population on one rank; ascending with node_index */
typedef int64_t step_count;  /* time in steps of the resolution; t = step*dt, never accumulated */
typedef uint64_t edge_count; /* a number of synapses; beyond 2^32 on one rank is a normal day */

#define POPULATION_SIZE_MAX (UINT32_C(1) << 31)

#endif
