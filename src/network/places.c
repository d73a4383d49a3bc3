#include "network/places.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "kernels/shared_values.h"
#include "kernels/value_maker.h"
#include "network/set_view.h"
#include "plan/expression_plan.h"
#include "support/lanes.h"

/* One coordinate of a part's nodes. */
struct coordinate {
    const struct value *value;
    struct value_maker maker; /* where the value is an expression */
    double *shared;           /* owned */
};

struct places {
    struct arena *arena; /* of the programs; owned */
    struct space space;
    struct set_view view;           /* of the set */
    struct coordinate *coordinates; /* [set->n_parts][n_dimensions]; owned */
};

struct space space_of(const struct script *script, const struct node_set *set)
{
    const struct population *population = &script->populations[set->parts[0].population];
    struct space space = {.n_dimensions = population->n_dimensions};
    for (int axis = 0; axis < population->n_periods; axis++)
        space.period[axis] = population->period[axis];
    return space;
}

/* ---- creation ----------------------------------------------------------------------------------------------------------- */

static bool is_expression(const struct value *value)
{
    return !value->array && !value->is_constant;
}

static void coordinate_create(struct arena *arena, const struct script *script, const struct population *population, int axis,
                              struct coordinate *coordinate)
{
    *coordinate = (struct coordinate){.value = &population->position[axis]};
    if (!is_expression(coordinate->value))
        return;
    struct expression_plan *plan = ARENA_NEW(arena, 1, struct expression_plan);
    struct fault fault = {0};
    int status = expression_plan_make(arena, coordinate->value->expression, plan, &fault);
    assert(!status); /* plan_create has made it before */
    (void)status;
    value_maker_create(&plan->program, script->seed, population->name, "position", LANES, &coordinate->maker);
    coordinate->shared = shared_values(&plan->shared, &(struct model){0}, NULL, script->dt, (double)population->size,
                                       MEMORY_TEMPORARY);
}

void places_create(const struct script *script, const struct node_set *set, struct places **out)
{
    struct places *places = *out = MEMORY_NEW(1, struct places, TEMPORARY);
    *places = (struct places){.arena = arena_create(), .space = space_of(script, set)};
    set_view_create(set, &places->view);
    int n = places->space.n_dimensions;
    places->coordinates = MEMORY_NEW(set->n_parts * n, struct coordinate, TEMPORARY);
    for (int k = 0; k < set->n_parts; k++)
        for (int axis = 0; axis < n; axis++)
            coordinate_create(places->arena, script, &script->populations[set->parts[k].population], axis,
                              &places->coordinates[k * n + axis]);
}

void places_destroy(struct places **out)
{
    struct places *places = *out;
    if (!places)
        return;
    for (int k = 0; k < places->view.set->n_parts * places->space.n_dimensions; k++)
        if (is_expression(places->coordinates[k].value)) {
            value_maker_release(&places->coordinates[k].maker);
            memory_free(places->coordinates[k].shared);
        }
    memory_free(places->coordinates);
    set_view_release(&places->view);
    arena_destroy(&places->arena);
    memory_free(places);
    *out = NULL;
}

/* ---- positions ---------------------------------------------------------------------------------------------------------- */

/* One coordinate of LANES nodes. Returns whether all have one. */
static bool make(struct coordinate *coordinate, const struct value_elements *elements, double *numbers)
{
    const struct value *value = coordinate->value;
    _Alignas(LANES_ALIGNMENT) double index[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        index[lane] = elements->index[lane];
        numbers[lane] = value->array ? value->array[elements->index[lane]] : value->number;
    }
    const struct interpreter_leaves leaves = {.shared = coordinate->shared, .index = index};
    unsigned char refused;
    if (is_expression(value) && value_maker_run(&coordinate->maker, elements, LANES, &leaves, numbers, &refused))
        return false;
    for (int lane = 0; lane < LANES; lane++)
        if (!isfinite(numbers[lane]))
            return false;
    return true;
}

bool places_at(struct places *places, const uint64_t position[LANES], double *coordinates)
{
    static const uint32_t zeros[LANES];
    uint32_t index[LANES];
    const struct value_elements elements = {index, zeros, zeros};
    int n = places->space.n_dimensions, in = 0;
    bool all = true;
    for (int lane = 0; lane < LANES; lane++)
        index[lane] = set_view_node(&places->view, position[lane], &in).index;
    for (int axis = 0; axis < n; axis++)
        all &= make(&places->coordinates[in * n + axis], &elements, coordinates + axis * LANES);
    return all;
}

bool places_at_one(struct places *places, uint64_t position, double *coordinates)
{
    double lanes_of[POSITION_DIMENSIONS_MAX * LANES];
    uint64_t positions[LANES];
    for (int lane = 0; lane < LANES; lane++)
        positions[lane] = position;
    bool placed = places_at(places, positions, lanes_of);
    for (int axis = 0; axis < places->space.n_dimensions; axis++)
        coordinates[axis] = lanes_of[axis * LANES];
    return placed;
}
