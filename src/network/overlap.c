/* Ranges of indices overlap in a range, so sets that are made of ranges have few stretches, whatever their size. Lists of indices
 * are walked together and make at most one stretch per element: no more memory than the lists take. */
#include "network/overlap.h"

#include <stdlib.h>

#include "support/memory.h"

/* One more common node or run of them; joined to the last stretch where both positions go on. */
static void add_stretch(struct overlap *overlap, uint64_t first, uint64_t other, uint64_t length)
{
    struct overlap_stretch *last = overlap->n ? &overlap->stretches[overlap->n - 1] : NULL;
    if (last && last->first + last->length == first && last->other + last->length == other)
        last->length += length;
    else
        *MEMORY_PUSH(overlap->stretches, overlap->n, overlap->capacity, struct overlap_stretch,
                     TEMPORARY) = (struct overlap_stretch){.first = first, .other = other, .length = length};
}

/* A part from its `place` on, as far as indices are consecutive without looking: a whole range, one element of a list. */
struct run {
    uint64_t index, length;
};

static struct run part_run(const struct node_part *part, uint64_t place)
{
    if (part->list)
        return (struct run){part->list[place], 1};
    return (struct run){part->first + place, part->count - place};
}

/* Both parts ascend: walk them together, passing over what only one of them has. */
static void add_parts(struct overlap *overlap, const struct node_part *part, uint64_t part_begin, const struct node_part *other,
                      uint64_t other_begin)
{
    uint64_t place = 0, other_place = 0;
    while (place < part->count && other_place < other->count) {
        struct run here = part_run(part, place), there = part_run(other, other_place);
        uint64_t passed;
        if (here.index < there.index) {
            passed = there.index - here.index;
            place += passed < here.length ? passed : here.length;
        } else if (there.index < here.index) {
            passed = here.index - there.index;
            other_place += passed < there.length ? passed : there.length;
        } else {
            uint64_t length = here.length < there.length ? here.length : there.length;
            add_stretch(overlap, part_begin + place, other_begin + other_place, length);
            place += length;
            other_place += length;
        }
    }
}

static int compare_stretches(const void *left, const void *right)
{
    uint64_t a = ((const struct overlap_stretch *)left)->first, b = ((const struct overlap_stretch *)right)->first;
    return (a > b) - (a < b);
}

void overlap_create(const struct node_set *set, const struct node_set *other, struct overlap *overlap)
{
    *overlap = (struct overlap){0};
    uint64_t begin = 0;
    for (int k = 0; k < set->n_parts; begin += set->parts[k++].count) {
        uint64_t other_begin = 0;
        for (int m = 0; m < other->n_parts; other_begin += other->parts[m++].count)
            if (set->parts[k].population == other->parts[m].population)
                add_parts(overlap, &set->parts[k], begin, &other->parts[m], other_begin);
    }
    if (overlap->n)
        qsort(overlap->stretches, overlap->n, sizeof *overlap->stretches, compare_stretches);
    for (uint64_t k = 0; k < overlap->n; k++) {
        overlap->stretches[k].before = overlap->total;
        overlap->total += overlap->stretches[k].length;
    }
}

void overlap_release(struct overlap *overlap)
{
    memory_free(overlap->stretches);
    *overlap = (struct overlap){0};
}

/* The last stretch that begins at or before the position, or NULL. */
static const struct overlap_stretch *stretch_at(const struct overlap *overlap, uint64_t position)
{
    uint64_t low = 0, high = overlap->n; /* number of stretches that begin at or before it: in [low, high] */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (overlap->stretches[middle].first <= position)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &overlap->stretches[low - 1] : NULL;
}

bool overlap_find(const struct overlap *overlap, uint64_t position, uint64_t *other)
{
    const struct overlap_stretch *stretch = stretch_at(overlap, position);
    if (!stretch || position - stretch->first >= stretch->length)
        return false;
    *other = stretch->other + (position - stretch->first);
    return true;
}

uint64_t overlap_below(const struct overlap *overlap, uint64_t position)
{
    const struct overlap_stretch *stretch = stretch_at(overlap, position);
    if (!stretch)
        return 0;
    uint64_t within = position - stretch->first;
    return stretch->before + (within < stretch->length ? within : stretch->length);
}
