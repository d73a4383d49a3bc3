/* Sorting numbers. */
#ifndef GLION_NETWORK_SORT_H
#define GLION_NETWORK_SORT_H

#include <stdint.h>

/* Sorts keys[n], ascending, and values[n] with them; equal keys keep their order. Needs as much memory again. */
void sort_by_key(uint64_t *keys, uint64_t *values, uint64_t n);

#endif
