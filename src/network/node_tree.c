/* Nodes are sorted along a curve that fills space (G. M. Morton, A computer oriented geodetic data base, IBM 1966), and this
 * order is halved again and again, so that the tree needs no pointers: the nodes of a branch are a stretch, and each branch knows
 * the smallest box around them. It takes 4 + 8*dimensions bytes per node for the nodes, and 2 to 4 times dimensions for the
 * boxes, as much on every rank. */
#include "network/node_tree.h"

#include <math.h>

#include "network/set_view.h"
#include "network/sort.h"
#include "network/space.h"
#include "support/memory.h"

/* The largest number of nodes in a leaf is less than twice of it. */
#define LEAF_NODES 8
#define PLAIN_LEAF_NODES \
    32 /* without places: to bound an expression costs as much as it takes to compute it for dozens of pairs */

#define CELLS_PER_AXIS 0x1p21 /* of Morton's curve */

/* ---- places ------------------------------------------------------------------------------------------------------------- */

/* The coordinates of up to LANES nodes from position `first` on, which are in one part of the set. */
static void make_block(struct places *places, uint64_t first, uint64_t end, struct node_tree *tree)
{
    uint64_t position[LANES];
    double block[POSITION_DIMENSIONS_MAX * LANES];
    for (uint64_t lane = 0; lane < LANES; lane++)
        position[lane] = first + lane < end ? first + lane : end - 1;
    if (!places_at(places, position, block)) {
        tree->refused = true;
        tree->refused_position = first;
        while (places_at_one(places, tree->refused_position, block))
            tree->refused_position++;
        return;
    }
    for (int axis = 0; axis < tree->space.n_dimensions; axis++)
        for (uint64_t lane = 0; lane < LANES && first + lane < end; lane++)
            tree->coordinates[axis][first + lane] = block[(uint64_t)axis * LANES + lane];
}

/* The coordinates of all nodes in order of the set. */
static void make_coordinates(const struct script *script, const struct node_set *set, struct node_tree *tree)
{
    struct places *places;
    struct set_view view;
    places_create(script, set, &places);
    set_view_create(set, &view);
    for (int k = 0; k < set->n_parts; k++)
        for (uint64_t first = view.part_begin[k]; first < view.part_begin[k + 1] && !tree->refused; first += LANES)
            make_block(places, first, view.part_begin[k + 1], tree);
    set_view_release(&view);
    places_destroy(&places);
}

/* ---- order -------------------------------------------------------------------------------------------------------------- */

static struct interval range_of(const double *numbers, uint64_t begin, uint64_t end)
{
    struct interval range = {numbers[begin], numbers[begin]};
    for (uint64_t k = begin + 1; k < end; k++) {
        range.low = numbers[k] < range.low ? numbers[k] : range.low;
        range.high = numbers[k] > range.high ? numbers[k] : range.high;
    }
    return range;
}

/* The cell's bits along all axes, the highest ones first. */
static uint64_t interleave(const uint64_t *cell, int n_dimensions)
{
    uint64_t key = 0;
    for (int bit = 20; bit >= 0; bit--)
        for (int axis = 0; axis < n_dimensions; axis++)
            key = key << 1 | (cell[axis] >> bit & 1);
    return key;
}

static uint64_t *morton_keys(const struct node_tree *tree)
{
    int n_dimensions = tree->space.n_dimensions;
    struct interval range[POSITION_DIMENSIONS_MAX];
    uint64_t *keys = MEMORY_NEW(tree->n, uint64_t, TEMPORARY);
    for (int axis = 0; axis < n_dimensions; axis++)
        range[axis] = range_of(tree->coordinates[axis], 0, tree->n);
    for (uint64_t k = 0; k < tree->n; k++) {
        uint64_t cell[POSITION_DIMENSIONS_MAX];
        for (int axis = 0; axis < n_dimensions; axis++) {
            double width = range[axis].high - range[axis].low, offset = tree->coordinates[axis][k] - range[axis].low;
            double number = width > 0 && width < INFINITY ? offset / width * CELLS_PER_AXIS : 0;
            cell[axis] = (uint64_t)(number < CELLS_PER_AXIS ? number : CELLS_PER_AXIS - 1);
        }
        keys[k] = interleave(cell, n_dimensions);
    }
    return keys;
}

static void bring_into_order(struct node_tree *tree)
{
    uint64_t *keys = morton_keys(tree), *order = MEMORY_NEW(tree->n, uint64_t, TEMPORARY);
    for (uint64_t k = 0; k < tree->n; k++)
        order[k] = k;
    sort_by_key(keys, order, tree->n);
    for (uint64_t k = 0; k < tree->n; k++)
        tree->position[k] = (node_id)order[k];
    for (int axis = 0; axis < tree->space.n_dimensions; axis++) {
        double *sorted = MEMORY_NEW(tree->n, double, TEMPORARY);
        for (uint64_t k = 0; k < tree->n; k++)
            sorted[k] = tree->coordinates[axis][order[k]];
        memory_free(tree->coordinates[axis]);
        tree->coordinates[axis] = sorted;
    }
    memory_free(keys);
    memory_free(order);
}

/* ---- the tree ----------------------------------------------------------------------------------------------------------- */

struct tree_branch node_tree_root(const struct node_tree *tree)
{
    return (struct tree_branch){.id = 1, .end = tree->n};
}

struct tree_branch node_tree_child(const struct node_tree *tree, struct tree_branch branch, int side)
{
    uint64_t middle = branch.begin + (branch.end - branch.begin) / 2;
    return (struct tree_branch){
        .id = 2 * branch.id + (uint32_t)side,
        .level = branch.level + 1,
        .begin = side ? middle : branch.begin,
        .end = side ? branch.end : middle,
    };
}

static double *box_of(const struct node_tree *tree, uint32_t id)
{
    return tree->boxes + (size_t)id * (size_t)tree->space.n_dimensions * 2;
}

static void make_boxes(struct node_tree *tree, struct tree_branch branch)
{
    int n_dimensions = tree->space.n_dimensions;
    double *box = box_of(tree, branch.id);
    if (node_tree_is_leaf(tree, branch)) {
        for (int axis = 0; axis < n_dimensions; axis++) {
            struct interval range = range_of(tree->coordinates[axis], branch.begin, branch.end);
            box[2 * axis] = range.low;
            box[2 * axis + 1] = range.high;
        }
        return;
    }
    for (int side = 0; side < 2; side++)
        make_boxes(tree, node_tree_child(tree, branch, side));
    const double *a = box_of(tree, 2 * branch.id), *b = box_of(tree, 2 * branch.id + 1);
    for (int axis = 0; axis < n_dimensions; axis++) {
        box[2 * axis] = a[2 * axis] < b[2 * axis] ? a[2 * axis] : b[2 * axis];
        box[2 * axis + 1] = a[2 * axis + 1] > b[2 * axis + 1] ? a[2 * axis + 1] : b[2 * axis + 1];
    }
}

static void choose_depth(struct node_tree *tree, uint64_t leaf_nodes)
{
    while (tree->n >> (tree->depth + 1) >= leaf_nodes)
        tree->depth++;
}

void node_tree_create_plain(const struct node_set *set, struct node_tree *tree)
{
    *tree = (struct node_tree){.n = set->size};
    tree->position = MEMORY_NEW(tree->n, node_id, TEMPORARY);
    for (uint64_t k = 0; k < tree->n; k++)
        tree->position[k] = (node_id)k;
    choose_depth(tree, PLAIN_LEAF_NODES);
}

void node_tree_create(const struct script *script, const struct node_set *set, struct node_tree *tree)
{
    *tree = (struct node_tree){.space = space_of(script, set), .n = set->size};
    for (int axis = 0; axis < tree->space.n_dimensions; axis++)
        tree->coordinates[axis] = MEMORY_NEW(tree->n, double, TEMPORARY);
    tree->position = MEMORY_NEW(tree->n, node_id, TEMPORARY);
    make_coordinates(script, set, tree);
    if (tree->refused)
        return;
    bring_into_order(tree);
    choose_depth(tree, LEAF_NODES);
    tree->boxes = MEMORY_NEW(((size_t)2 << tree->depth) * (size_t)tree->space.n_dimensions * 2, double, TEMPORARY);
    make_boxes(tree, node_tree_root(tree));
}

void node_tree_release(struct node_tree *tree)
{
    for (int axis = 0; axis < tree->space.n_dimensions; axis++)
        memory_free(tree->coordinates[axis]);
    memory_free(tree->position);
    memory_free(tree->boxes);
    *tree = (struct node_tree){0};
}

double node_tree_bytes(const struct script *script, const struct node_set *set)
{
    const double position = sizeof(node_id), coordinates_and_boxes = (8 + 4) * space_of(script, set).n_dimensions;
    const double sorting = 4 * sizeof(uint64_t); /* keys and numbers, twice */
    return (double)set->size * (position + coordinates_and_boxes + sorting);
}

/* ---- ranges -------------------------------------------------------------------------------------------------------------- */

static struct interval range_with_nan(const double *numbers, uint64_t begin, uint64_t end)
{
    for (uint64_t k = begin; k < end; k++)
        if (isnan(numbers[k]))
            return (struct interval){-INFINITY, INFINITY};
    return range_of(numbers, begin, end);
}

static struct interval fill_ranges(const struct node_tree *tree, struct tree_branch branch, const double *numbers,
                                   struct interval *ranges)
{
    struct interval *range = &ranges[branch.id];
    if (node_tree_is_leaf(tree, branch))
        *range = range_with_nan(numbers, branch.begin, branch.end);
    else
        *range = interval_hull(fill_ranges(tree, node_tree_child(tree, branch, 0), numbers, ranges),
                               fill_ranges(tree, node_tree_child(tree, branch, 1), numbers, ranges));
    return *range;
}

struct interval *node_tree_ranges(const struct node_tree *tree, const double *numbers)
{
    struct interval *ranges = MEMORY_NEW((size_t)2 << tree->depth, struct interval, TEMPORARY);
    fill_ranges(tree, node_tree_root(tree), numbers, ranges);
    return ranges;
}

/* ---- distances ---------------------------------------------------------------------------------------------------------- */

/* Between which numbers |difference| lies. Rounding keeps the order, here as in space_component, so no node lies
 * outside. */
static struct interval plain_component(struct interval difference)
{
    double low = fabs(difference.low), high = fabs(difference.high);
    bool around = difference.low <= 0 && difference.high >= 0;
    return (struct interval){around ? 0 : low < high ? low : high, low > high ? low : high};
}

/* The same for the distance to the nearest image. Rounding does not keep the order here: a little is added on both sides. */
static struct interval periodic_component(struct interval difference, double period)
{
    const double margin = 1e-12 * (period + fabs(difference.low) + fabs(difference.high));
    double low = difference.low / period, high = difference.high / period;
    double at_low = fabs(low - rint(low)), at_high = fabs(high - rint(high));
    double least = floor(high) >= ceil(low) ? 0 : at_low < at_high ? at_low : at_high;
    double most = floor(high - 0.5) >= ceil(low - 0.5) ? 0.5 : at_low > at_high ? at_low : at_high;
    return (struct interval){least * period > margin ? least * period - margin : 0, most * period + margin};
}

struct interval node_tree_distances(const struct node_tree *tree, struct tree_branch branch, const double *place)
{
    const double *box = box_of(tree, branch.id);
    lanes components[POSITION_DIMENSIONS_MAX];
    _Alignas(LANES_ALIGNMENT) double length[LANES] = {0};
    for (int axis = 0; axis < tree->space.n_dimensions; axis++) {
        struct interval difference = {box[2 * axis] - place[axis], box[2 * axis + 1] - place[axis]};
        double period = tree->space.period[axis];
        struct interval component = period > 0 ? periodic_component(difference, period) : plain_component(difference);
        length[0] = component.low;
        length[1] = component.high;
        components[axis] = lanes_load(length);
    }
    lanes_store(length, space_length(&tree->space, components));
    return (struct interval){length[0], length[1]};
}

double node_tree_extent(const struct node_tree *tree)
{
    const double *box = box_of(tree, 1);
    double squares = 0;
    for (int axis = 0; axis < tree->space.n_dimensions; axis++) {
        double width = box[2 * axis + 1] - box[2 * axis] + tree->space.period[axis];
        squares += width * width;
    }
    return sqrt(squares);
}

void node_tree_distance(const struct node_tree *tree, const double *place, const uint32_t nodes[LANES], double distance[LANES])
{
    _Alignas(LANES_ALIGNMENT) double coordinates[POSITION_DIMENSIONS_MAX * LANES];
    for (int axis = 0; axis < tree->space.n_dimensions; axis++)
        for (int lane = 0; lane < LANES; lane++)
            coordinates[axis * LANES + lane] = tree->coordinates[axis][nodes[lane]];
    space_distances(&tree->space, place, coordinates, distance);
}
