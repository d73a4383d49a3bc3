/* Search in ascending lists of 32-bit numbers: node indices and local positions. */
#ifndef GLION_SUPPORT_ASCENDING_H
#define GLION_SUPPORT_ASCENDING_H

#include <stdint.h>

/* The first place in [low, high) whose entry is not below `bound`, high if there is none: where `bound` could stand. */
static inline uint64_t ascending_place(const uint32_t *list, uint64_t low, uint64_t high, uint32_t bound)
{
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (list[middle] < bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#endif
