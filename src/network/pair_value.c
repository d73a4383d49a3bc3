#include "network/pair_value.h"

#include <assert.h>
#include <string.h>

#include "kernels/interpreter.h"
#include "kernels/shared_values.h"
#include "support/lanes.h"

/* ---- values ------------------------------------------------------------------------------------------------------------- */

void pair_value_create(const struct script *script, const struct expression *expression, struct pair_value *value)
{
    struct fault fault = {0};
    *value = (struct pair_value){.arena = arena_create()};
    int status = expression_plan_make(value->arena, expression, &value->plan, &fault);
    assert(!status); /* plan_create has made it before */
    (void)status;
    value->shared = shared_values(&value->plan.shared, &(struct model){0}, NULL, script->dt, 0, MEMORY_TEMPORARY);
}

void pair_value_release(struct pair_value *value)
{
    memory_free(value->shared);
    arena_destroy(&value->arena);
    *value = (struct pair_value){0};
}

size_t pair_value_scratch_bytes(const struct pair_value *value)
{
    return interpreter_scratch_bytes(&value->plan.program);
}

const double *pair_value_compute(const struct pair_value *value, const struct pair_leaves *leaves, double *scratch)
{
    const struct program *program = &value->plan.program;
    interpret(program, &(struct interpreter_leaves){.shared = value->shared, .distance = leaves->distance}, scratch);
    return scratch + program->outputs[VALUE_NUMBER].reg * LANES;
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
    for (int bin = 0; bin < DISTANCE_BINS; bin++)
        bounds->range[0][bin] = interval_of_program(&value->plan.program, value->shared, distances_of_bin(bounds, bin));
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
