/* Radix sort from the lowest digit up. Digits in which all keys agree cost one reading. */
#include "network/sort.h"

#include <stdbool.h>
#include <string.h>

#include "support/memory.h"

#define DIGIT_BITS 11
#define DIGIT_VALUES (1u << DIGIT_BITS)

static uint32_t digit(uint64_t key, int shift)
{
    return (uint32_t)(key >> shift) & (DIGIT_VALUES - 1);
}

/* place[v]: number of keys whose digit is less than v. False if all keys have the same digit. */
static bool digit_places(const uint64_t *keys, uint64_t n, int shift, uint64_t *place)
{
    memset(place, 0, DIGIT_VALUES * sizeof *place);
    for (uint64_t k = 0; k < n; k++)
        place[digit(keys[k], shift)]++;
    if (place[digit(keys[0], shift)] == n)
        return false;
    uint64_t before = 0;
    for (uint32_t value = 0; value < DIGIT_VALUES; value++) {
        uint64_t count = place[value];
        place[value] = before;
        before += count;
    }
    return true;
}

void sort_by_key(uint64_t *keys, uint64_t *values, uint64_t n)
{
    if (n < 2)
        return;
    uint64_t place[DIGIT_VALUES];
    uint64_t *sorted_keys = MEMORY_NEW(n, uint64_t, TEMPORARY), *sorted_values = MEMORY_NEW(n, uint64_t, TEMPORARY);
    for (int shift = 0; shift < 64; shift += DIGIT_BITS) {
        if (!digit_places(keys, n, shift, place))
            continue;
        for (uint64_t k = 0; k < n; k++) {
            uint64_t to = place[digit(keys[k], shift)]++;
            sorted_keys[to] = keys[k];
            sorted_values[to] = values[k];
        }
        memcpy(keys, sorted_keys, n * sizeof *keys);
        memcpy(values, sorted_values, n * sizeof *values);
    }
    memory_free(sorted_keys);
    memory_free(sorted_values);
}
