/* What an argument that depends on the distance is on average: from at most 256 targets and 1024 sources, without the tree, so
 * that it can be asked before a network is built. */
#include <math.h>

#include "network/rule.h"
#include "network/space.h"
#include "support/memory.h"

enum { SAMPLED_SOURCES = 1024, SAMPLED_TARGETS = 256 };

/* Positions in a set, evenly spread, also where the set repeats itself: multiples of the golden section. */
static uint64_t sampled_position(uint64_t k, uint64_t n_sampled, uint64_t n)
{
    double turns = (double)k * 0.61803398874989485;
    return n_sampled == n ? k : (uint64_t)((turns - floor(turns)) * (double)n);
}

/* The places of sampled nodes, [blocks][n_dimensions][LANES]; at the origin, where there is none and behind it. */
static double *sampled_places(const struct script *script, const struct node_set *set, uint64_t n_sampled)
{
    struct places *places;
    bool placed = true;
    places_create(script, set, &places);
    uint64_t n_dimensions = (uint64_t)space_of(script, set).n_dimensions;
    double *coordinates = MEMORY_NEW((n_sampled + LANES) * n_dimensions, double, TEMPORARY);
    for (uint64_t k = 0; k < n_sampled && placed; k++) {
        double place[POSITION_DIMENSIONS_MAX];
        placed = places_at_one(places, sampled_position(k, n_sampled, set->size), place);
        for (uint64_t axis = 0; axis < n_dimensions; axis++)
            coordinates[(k / LANES * n_dimensions + axis) * LANES + k % LANES] = placed ? place[axis] : 0;
    }
    places_destroy(&places);
    return coordinates;
}

static double clipped(double value, double limit)
{
    return value > 0 ? value < limit ? value : limit : 0;
}

static double mean_of_sample(const struct script *script, const struct projection *projection, int argument)
{
    const struct node_set *source = projection->source, *target = projection->target;
    uint64_t n_sources = source->size < SAMPLED_SOURCES ? source->size : SAMPLED_SOURCES;
    uint64_t n_targets = target->size < SAMPLED_TARGETS ? target->size : SAMPLED_TARGETS;
    struct space space = space_of(script, source);
    uint64_t n_dimensions = (uint64_t)space.n_dimensions;
    struct pair_value value;
    pair_value_create(script, projection->arguments[argument].expression, &value);
    double *scratch = memory_new(pair_value_scratch_bytes(&value), MEMORY_TEMPORARY);
    double *sources = sampled_places(script, source, n_sources), *targets = sampled_places(script, target, n_targets), sum = 0;
    for (uint64_t t = 0; t < n_targets; t++) {
        double place[POSITION_DIMENSIONS_MAX];
        for (uint64_t axis = 0; axis < n_dimensions; axis++)
            place[axis] = targets[(t / LANES * n_dimensions + axis) * LANES + t % LANES];
        for (uint64_t first = 0; first < n_sources; first += LANES) {
            struct pair_leaves leaves;
            space_distances(&space, place, sources + first * n_dimensions, leaves.distance);
            const double *values = pair_value_compute(&value, &leaves, scratch);
            for (uint64_t lane = 0; lane < LANES && first + lane < n_sources; lane++)
                sum += clipped(values[lane], by_distance_limit(projection, argument));
        }
    }
    memory_free(sources);
    memory_free(targets);
    memory_free(scratch);
    pair_value_release(&value);
    return sum / ((double)n_sources * (double)n_targets);
}

double rule_mean(const struct script *script, const struct projection *projection, int argument)
{
    const struct rule_value *value = &projection->arguments[argument];
    return value->expression ? mean_of_sample(script, projection, argument) : value->number;
}
