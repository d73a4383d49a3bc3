#include "network/set_view.h"

#include <assert.h>
#include <stdlib.h>

#include "support/ascending.h"
#include "support/memory.h"

static node_index part_last(const struct node_part *part)
{
    return part->list ? part->list[part->count - 1] : part->first + part->count - 1;
}

static node_index part_first(const struct node_part *part)
{
    return part->list ? part->list[0] : part->first;
}

/* Where a population stands, or would stand, among the ranges. */
static int range_place(const struct set_view *view, int population)
{
    int place = 0;
    while (place < view->n_ranges && view->ranges[place].population < population)
        place++;
    return place;
}

/* Widen the range of the part's population, or insert one. */
static void add_part(struct set_view *view, const struct node_part *part)
{
    node_index first = part_first(part), last = part_last(part);
    int place = range_place(view, part->population);
    struct set_range *range = &view->ranges[place];
    if (place < view->n_ranges && range->population == part->population) {
        node_index range_last = range->first + range->length - 1;
        range->first = first < range->first ? first : range->first;
        range->length = (last > range_last ? last : range_last) - range->first + 1;
        return;
    }
    for (int later = view->n_ranges++; later > place; later--)
        view->ranges[later] = view->ranges[later - 1];
    *range = (struct set_range){part->population, first, last - first + 1};
}

/* Where the places of a range begin. */
static node_id range_place_begin(const struct set_view *view, int range)
{
    node_id begin = 0;
    for (int k = 0; k < range; k++)
        begin += view->ranges[k].length;
    return begin;
}

static void lay_out_places(struct set_view *view)
{
    view->places_are_positions = true;
    for (int part = 0; part < view->set->n_parts; part++) {
        const struct node_part *of = &view->set->parts[part];
        if (of->count == 0)
            continue;
        view->part_place[part] = range_place_begin(view, view->part_range[part]) - view->ranges[view->part_range[part]].first;
        view->places_are_positions &= !of->list && view->part_place[part] + of->first == view->part_begin[part];
    }
}

void set_view_create(const struct node_set *set, struct set_view *view)
{
    *view = (struct set_view){
        .set = set,
        .ranges = MEMORY_NEW(set->n_parts, struct set_range, TEMPORARY),
        .part_range = MEMORY_NEW(set->n_parts, int, TEMPORARY),
        .part_begin = MEMORY_NEW(set->n_parts + 1, uint64_t, TEMPORARY),
        .part_place = MEMORY_NEW(set->n_parts, node_id, TEMPORARY),
    };
    for (int part = 0; part < set->n_parts; part++)
        if (set->parts[part].count > 0)
            add_part(view, &set->parts[part]);
    for (int part = 0; part < set->n_parts; part++) {
        view->part_range[part] = range_place(view, set->parts[part].population);
        view->part_begin[part + 1] = view->part_begin[part] + set->parts[part].count;
    }
    lay_out_places(view);
}

void set_view_release(struct set_view *view)
{
    memory_free(view->ranges);
    memory_free(view->part_range);
    memory_free(view->part_begin);
    memory_free(view->part_place);
    *view = (struct set_view){0};
}

/* The last part that begins at or before the position; empty parts are passed over since the next one begins there too. */
int set_view_part(const struct set_view *view, uint64_t position)
{
    int low = 0, high = view->set->n_parts; /* the answer is in [low, high) */
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (view->part_begin[middle] <= position)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int set_view_range(const struct set_view *view, int population)
{
    int range = 0;
    while (view->ranges[range].population != population)
        range++;
    return range;
}

void set_view_places(const struct set_view *view, node_id *positions, uint64_t n)
{
    int part = 0;
    if (view->places_are_positions)
        return;
    for (uint64_t k = 0; k < n; k++) {
        node_index index = set_view_node(view, positions[k], &part).index; /* first, since it finds the part */
        positions[k] = view->part_place[part] + index;
    }
}

/* Place of an index in a part's list, which ascends; the list's length if it is not there. */
static node_index place_in_list(const struct node_part *part, node_index index)
{
    node_index place = (node_index)ascending_place(part->list, 0, part->count, index);
    return place < part->count && part->list[place] == index ? place : part->count;
}

uint64_t set_view_position(const struct set_view *view, int range, node_index index)
{
    for (int k = 0; k < view->set->n_parts; k++) {
        const struct node_part *part = &view->set->parts[k];
        if (part->count == 0 || view->part_range[k] != range)
            continue;
        node_index place = part->list ? place_in_list(part, index) : index - part->first; /* huge when index < first */
        if (place < part->count)
            return view->part_begin[k] + place;
    }
    assert(!"the node is in the set");
    return 0;
}

/* Local positions of a range of indices: [*begin, *end). */
static void local_range(struct partition partition, const struct population *population, int rank, const struct node_part *part,
                        node_local *begin, node_local *end)
{
    *begin = partition.scheme->below(partition.n_ranks, population, rank, part->first);
    *end = partition.scheme->below(partition.n_ranks, population, rank, part->first + part->count);
}

static node_local count_members(struct partition partition, const struct population *population, int rank,
                                const struct node_part *part)
{
    if (!part->list) {
        node_local begin, end;
        local_range(partition, population, rank, part, &begin, &end);
        return end - begin;
    }
    node_local count = 0;
    for (node_index k = 0; k < part->count; k++)
        count += partition.scheme->owner(partition.n_ranks, population, part->list[k]) == rank;
    return count;
}

struct member {
    node_local local;
    node_id position;
};

static struct member *add_members(struct partition partition, const struct population *population, int rank,
                                  const struct node_part *part, uint64_t part_begin, struct member *next)
{
    if (part->list) {
        for (node_index k = 0; k < part->count; k++)
            if (partition.scheme->owner(partition.n_ranks, population, part->list[k]) == rank)
                *next++ = (struct member){partition.scheme->local(partition.n_ranks, population, part->list[k]),
                                          (node_id)(part_begin + k)};
        return next;
    }
    node_local begin, end;
    local_range(partition, population, rank, part, &begin, &end);
    for (node_local local = begin; local < end; local++) {
        node_index index = partition.scheme->index(partition.n_ranks, population, rank, local);
        *next++ = (struct member){local, (node_id)(part_begin + (index - part->first))};
    }
    return next;
}

static int compare_members(const void *left, const void *right)
{
    node_local a = ((const struct member *)left)->local, b = ((const struct member *)right)->local;
    return (a > b) - (a < b);
}

void set_members_create(const struct set_view *view, int range, struct partition partition, const struct population *population,
                        int rank, struct set_members *members)
{
    const struct node_part *parts = view->set->parts;
    node_local n = 0;
    int n_parts = 0;
    for (int part = 0; part < view->set->n_parts; part++)
        if (parts[part].count > 0 && view->part_range[part] == range) {
            n += count_members(partition, population, rank, &parts[part]);
            n_parts++;
        }
    struct member *sorted = MEMORY_NEW(n, struct member, TEMPORARY), *next = sorted;
    for (int part = 0; part < view->set->n_parts; part++)
        if (parts[part].count > 0 && view->part_range[part] == range)
            next = add_members(partition, population, rank, &parts[part], view->part_begin[part], next);
    if (n_parts > 1)
        qsort(sorted, n, sizeof *sorted, compare_members);

    *members = (struct set_members){n, MEMORY_NEW(n, node_local, TEMPORARY), MEMORY_NEW(n, node_id, TEMPORARY)};
    for (node_local k = 0; k < n; k++) {
        members->local[k] = sorted[k].local;
        members->position[k] = sorted[k].position;
    }
    memory_free(sorted);
}

void set_members_release(struct set_members *members)
{
    memory_free(members->local);
    memory_free(members->position);
    *members = (struct set_members){0};
}

node_id *set_positions_here(const struct set_view *view, int range, struct partition partition,
                            const struct population *population, int rank)
{
    struct set_members members;
    set_members_create(view, range, partition, population, rank, &members);
    node_id *position = MEMORY_NEW(partition.scheme->count(partition.n_ranks, population, rank), node_id, TEMPORARY);
    for (node_local k = 0; k < members.n; k++)
        position[members.local[k]] = members.position[k];
    set_members_release(&members);
    return position;
}
