#include "network/pair_value.h"

#include <assert.h>
#include <string.h>

#include "kernels/interpreter.h"
#include "kernels/shared_values.h"
#include "kernels/value_maker.h"
#include "support/lanes.h"

/* ---- values ------------------------------------------------------------------------------------------------------------- */

void pair_value_create(const struct script *script, const struct projection *projection, int condition, int argument,
                       struct pair_value *value)
{
    struct fault fault = {0};
    *value = (struct pair_value){.script = script, .projection = projection->name, .arena = arena_create()};
    int status = pair_plan_make(value->arena, condition < 0 ? NULL : projection->arguments[condition].expression,
                                &projection->arguments[argument], &value->plan, &fault);
    assert(!status); /* plan_create has made it before */
    (void)status;
    const struct program *program = &value->plan.program;
    value->shared = shared_values(&value->plan.shared, &(struct model){0}, NULL, script->dt, 0, MEMORY_TEMPORARY);
    value->uses_distance = program_uses(program, OPCODE_DISTANCE);
    value->uses_index = program_uses(program, OPCODE_INDEX);
    value->uses_ends = value->plan.ends.n > 0;
    value->draws = program_draws(program);
}

void pair_value_release(struct pair_value *value)
{
    memory_free(value->shared);
    arena_destroy(&value->arena);
    *value = (struct pair_value){0};
}

/* No variable of a synapse is called so, whose numbers would be the same. */
#define DRAWN_BY_RULE "(rule)"

void pair_maker_create(const struct pair_value *value, struct pair_maker *maker)
{
    const struct program *program = &value->plan.program;
    *maker = (struct pair_maker){.value = value};
    maker->registers = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    maker->numbers = MEMORY_NEW(LANES, double, TEMPORARY);
    if (!value->draws)
        return;
    maker->maker = MEMORY_NEW(1, struct value_maker, TEMPORARY);
    value_maker_create(program, value->script->seed, value->projection, DRAWN_BY_RULE, LANES, maker->maker);
}

void pair_maker_release(struct pair_maker *maker)
{
    if (maker->maker)
        value_maker_release(maker->maker);
    memory_free(maker->maker);
    memory_free(maker->registers);
    memory_free(maker->numbers);
    *maker = (struct pair_maker){0};
}

const double *pair_maker_run(struct pair_maker *maker, const struct pair_leaves *leaves)
{
    static const uint32_t zeros[LANES];
    const struct pair_value *value = maker->value;
    const struct program *program = &value->plan.program;
    const struct interpreter_leaves all = {
        .shared = value->shared, .distance = leaves->distance, .index = leaves->index, .slots = leaves->slots};
    if (value->draws) {
        const struct value_elements elements = {.index = leaves->target, .second = leaves->source, .third = zeros};
        unsigned char refused;
        value_maker_run(maker->maker, &elements, LANES, &all, maker->numbers, &refused);
        return maker->numbers;
    }
    interpret(program, &all, maker->registers);
    return maker->registers + program->outputs[VALUE_NUMBER].reg * LANES;
}

/* ---- bounds ------------------------------------------------------------------------------------------------------------- */

/* The leading bits of a positive double: those of its exponent, and of its mantissa as many as tell the bins apart. */
enum { SHIFT = 52 - 4 };
_Static_assert(DISTANCE_BINS_PER_OCTAVE == 1 << (52 - SHIFT), "the mantissa's leading bits count the bins of an octave");
_Static_assert(DISTANCE_BINS < 1 << DISTANCE_LEVELS, "two stretches of a power of two cover all bins");

static uint64_t leading_bits(double distance)
{
    uint64_t bits;
    memcpy(&bits, &distance, sizeof bits);
    return bits >> SHIFT;
}

static double beginning_of(uint64_t leading)
{
    uint64_t bits = leading << SHIFT;
    double distance;
    memcpy(&distance, &bits, sizeof distance);
    return distance;
}

static int bin_of(const struct pair_bounds *bounds, double distance)
{
    uint64_t leading = leading_bits(distance);
    if (leading <= bounds->first)
        return 0;
    return leading - bounds->first < DISTANCE_BINS ? (int)(leading - bounds->first) : DISTANCE_BINS - 1;
}

static struct interval distances_of_bin(const struct pair_bounds *bounds, int bin)
{
    return (struct interval){
        bin > 0 ? beginning_of(bounds->first + (uint64_t)bin) : 0,
        bin < DISTANCE_BINS - 1 ? beginning_of(bounds->first + (uint64_t)bin + 1) : 1e300,
    };
}

void pair_bounds_create(const struct pair_value *value, double largest, struct pair_bounds *bounds)
{
    double end = 4 * (largest > 0x1p-900 ? largest : 1);
    bounds->first = leading_bits(end) - DISTANCE_BINS + 1;
    for (int level = 0; level < DISTANCE_LEVELS; level++)
        bounds->range[level] = MEMORY_NEW(DISTANCE_BINS, struct interval, TEMPORARY);
    struct interval *registers = MEMORY_NEW(value->plan.program.n_instructions, struct interval, TEMPORARY);
    for (int bin = 0; bin < DISTANCE_BINS; bin++) {
        const struct interval_leaves leaves = {.shared = value->shared, .distance = distances_of_bin(bounds, bin)};
        bounds->range[0][bin] = interval_of_program(&value->plan.program, &leaves, registers);
    }
    memory_free(registers);
    for (int level = 1; level < DISTANCE_LEVELS; level++)
        for (int bin = 0; bin + (1 << level) <= DISTANCE_BINS; bin++)
            bounds->range[level][bin] = interval_hull(bounds->range[level - 1][bin],
                                                      bounds->range[level - 1][bin + (1 << (level - 1))]);
}

void pair_bounds_release(struct pair_bounds *bounds)
{
    for (int level = 0; level < DISTANCE_LEVELS; level++)
        memory_free(bounds->range[level]);
    *bounds = (struct pair_bounds){0};
}

struct interval pair_bounds_between(const struct pair_bounds *bounds, struct interval distance)
{
    int first = bin_of(bounds, distance.low), last = bin_of(bounds, distance.high);
    int level = 31 - __builtin_clz((unsigned)(last - first + 1));
    return interval_hull(bounds->range[level][first], bounds->range[level][last - (1 << level) + 1]);
}
