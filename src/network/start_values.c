#include "network/start_values.h"

#include <assert.h>
#include <string.h>

#include "kernels/shared_values.h"
#include "kernels/value_maker.h"
#include "network/set_view.h"
#include "plan/start_plan.h"
#include "support/lanes.h"

/* The nodes of one part. */
struct start_part {
    struct start_plan plan;
    double *shared;             /* owned */
    struct value_maker *makers; /* [plan.n_steps] of those that are computed; owned */
    struct value_maker value;
    double *slots; /* [n_variables][LANES]; owned */
};

struct start_values {
    struct arena *arena; /* of the programs; owned */
    struct set_view view;
    struct start_part *parts; /* [set->n_parts]; owned */
};

/* ---- creation ----------------------------------------------------------------------------------------------------------- */

static bool is_computed(const struct start_step *step)
{
    return step->program.n_outputs > 0;
}

static void part_create(struct arena *arena, const struct script *script, const struct population *population,
                        const char *variable, int n_assignments, struct start_part *piece)
{
    const struct model *model = population->model;
    struct fault fault = {0};
    int status = start_plan_make(arena, script, population, variable, n_assignments, population->span, &piece->plan, &fault);
    assert(!status); /* plan_create has made it before */
    (void)status;
    piece->shared = shared_values(&piece->plan.shared, model, population->values, script->dt, population->size, MEMORY_TEMPORARY);
    piece->makers = MEMORY_NEW(piece->plan.n_steps, struct value_maker, TEMPORARY);
    piece->slots = MEMORY_NEW(model->n_variables * LANES, double, TEMPORARY);
    for (int k = 0; k < piece->plan.n_steps; k++) {
        const struct start_step *step = &piece->plan.steps[k];
        if (is_computed(step))
            value_maker_create(&step->program, script->seed, population->name, model->variables[step->variable].name, LANES,
                               &piece->makers[k]);
    }
    value_maker_create(&piece->plan.value, script->seed, population->name, variable, LANES, &piece->value);
}

void start_values_create(const struct script *script, const struct node_set *set, const char *variable, int n_assignments,
                         struct start_values **out)
{
    struct start_values *values = *out = MEMORY_NEW(1, struct start_values, TEMPORARY);
    *values = (struct start_values){.arena = arena_create()};
    set_view_create(set, &values->view);
    values->parts = MEMORY_NEW(set->n_parts, struct start_part, TEMPORARY);
    for (int k = 0; k < set->n_parts; k++)
        part_create(values->arena, script, &script->populations[set->parts[k].population], variable, n_assignments,
                    &values->parts[k]);
}

static void part_release(struct start_part *piece)
{
    for (int k = 0; k < piece->plan.n_steps; k++)
        if (is_computed(&piece->plan.steps[k]))
            value_maker_release(&piece->makers[k]);
    value_maker_release(&piece->value);
    memory_free(piece->makers);
    memory_free(piece->shared);
    memory_free(piece->slots);
}

void start_values_destroy(struct start_values **out)
{
    struct start_values *values = *out;
    if (!values)
        return;
    for (int k = 0; k < values->view.set->n_parts; k++)
        part_release(&values->parts[k]);
    memory_free(values->parts);
    set_view_release(&values->view);
    arena_destroy(&values->arena);
    memory_free(values);
    *out = NULL;
}

/* ---- values ------------------------------------------------------------------------------------------------------------- */

/* What the script gives to the nodes: [LANES]. What `redraw` never accepts is found, and refused, where the nodes are made. */
static void give(struct start_part *piece, int k, const struct value_elements *elements, const struct interpreter_leaves *leaves)
{
    const struct start_step *step = &piece->plan.steps[k];
    const struct value *value = step->value;
    double numbers[LANES], *slot = piece->slots + step->variable * LANES;
    unsigned char refused;
    if (is_computed(step))
        value_maker_run(&piece->makers[k], elements, LANES, leaves, numbers, &refused);
    for (int lane = 0; lane < LANES; lane++) {
        const node_index node = elements->index[lane];
        const int64_t place = step->assignment ? node_part_place(&step->assignment->part, node) : node;
        if (place >= 0)
            slot[lane] = value->array ? value->array[place] : is_computed(step) ? numbers[lane] : value->number;
    }
}

static void make(struct start_part *piece, const uint32_t index[LANES], double *numbers)
{
    static const uint32_t zeros[LANES];
    const struct value_elements elements = {index, zeros, zeros};
    _Alignas(LANES_ALIGNMENT) double indices[LANES];
    for (int lane = 0; lane < LANES; lane++)
        indices[lane] = index[lane];
    const struct interpreter_leaves leaves = {.shared = piece->shared, .slots = piece->slots, .index = indices};
    unsigned char refused;
    for (int k = 0; k < piece->plan.n_steps; k++)
        give(piece, k, &elements, &leaves);
    value_maker_run(&piece->value, &elements, LANES, &leaves, numbers, &refused);
}

void start_values_at(struct start_values *values, const uint64_t position[LANES], double numbers[LANES])
{
    uint32_t index[LANES];
    int in = 0;
    for (int lane = 0; lane < LANES; lane++)
        index[lane] = set_view_node(&values->view, position[lane], &in).index;
    make(&values->parts[in], index, numbers);
}

double start_values_at_one(struct start_values *values, uint64_t position)
{
    uint64_t positions[LANES];
    double numbers[LANES];
    for (int lane = 0; lane < LANES; lane++)
        positions[lane] = position;
    start_values_at(values, positions, numbers);
    return numbers[0];
}

/* The positions [begin, end) of one part, eight at a time. */
static void make_stretch(struct start_values *values, uint64_t begin, uint64_t end, double *numbers)
{
    for (uint64_t first = begin; first < end; first += LANES) {
        uint64_t position[LANES];
        double block[LANES];
        for (uint64_t lane = 0; lane < LANES; lane++)
            position[lane] = first + lane < end ? first + lane : end - 1;
        start_values_at(values, position, block);
        memcpy(numbers + first, block, (size_t)(end - first < LANES ? end - first : LANES) * sizeof *block);
    }
}

double *start_values_all(const struct script *script, const struct node_set *set, const char *variable, int n_assignments)
{
    enum { STRETCH = 4096 };
    double *numbers = MEMORY_NEW(set->size, double, TEMPORARY);
#pragma omp parallel
    {
        struct start_values *values;
        start_values_create(script, set, variable, n_assignments, &values);
        for (int piece = 0; piece < set->n_parts; piece++) {
            uint64_t begin = values->view.part_begin[piece], end = values->view.part_begin[piece + 1];
#pragma omp for
            for (uint64_t first = begin; first < end; first += STRETCH)
                make_stretch(values, first, end - first < STRETCH ? end : first + STRETCH, numbers);
        }
        start_values_destroy(&values);
    }
    return numbers;
}
