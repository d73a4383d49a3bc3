/* Numbers of a column while they are read. */
#ifndef GLION_DATA_NUMBERS_H
#define GLION_DATA_NUMBERS_H

#include <stdint.h>

struct numbers {
    double *values; /* [n]; owned: memory_free */
    uint64_t n, capacity;
};

#endif
