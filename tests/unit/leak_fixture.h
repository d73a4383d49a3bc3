/* A teardown for tests of what owns memory. */
#ifndef GLION_TESTS_LEAK_FIXTURE_H
#define GLION_TESTS_LEAK_FIXTURE_H

#include "support/memory.h"

/* All that was allocated is given back. */
static inline int assert_no_leak(void **state)
{
    for (int tag = 0; tag < MEMORY_TAG_COUNT; tag++)
        if (memory_used((enum memory_tag)tag))
            return -1;
    return 0;
}

#endif
