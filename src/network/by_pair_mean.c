/* What an argument that is an expression of the pair is on average: from at most 256 targets and 1024 sources, without the tree,
 * so that it can be asked before a network is built. */
#include <math.h>

#include "network/rule.h"
#include "network/space.h"
#include "support/memory.h"

enum { SAMPLED_SOURCES = 1024, SAMPLED_TARGETS = 256 };

/* Some nodes of a set, in blocks of LANES, and what is read of them; behind the last it is 0. */
struct sample {
    uint64_t n;
    uint64_t *position;  /* [n, padded]; owned */
    double *coordinates; /* [blocks][n_dimensions][LANES]; at the origin, where there is no place; owned */
    double **numbers;    /* [ends.n][n, padded]; NULL of the other set's; owned */
};

/* Positions in a set, evenly spread, also where the set repeats itself: multiples of the golden section. */
static uint64_t sampled_position(uint64_t k, uint64_t n_sampled, uint64_t n)
{
    double turns = (double)k * 0.61803398874989485;
    return n_sampled == n ? k : (uint64_t)((turns - floor(turns)) * (double)n);
}

static double *sampled_places(const struct script *script, const struct node_set *set, const struct sample *sample)
{
    struct places *places;
    bool placed = true;
    places_create(script, set, &places);
    uint64_t n_dimensions = (uint64_t)space_of(script, set).n_dimensions;
    double *coordinates = MEMORY_NEW((sample->n + LANES) * n_dimensions, double, TEMPORARY);
    for (uint64_t k = 0; k < sample->n && placed; k++) {
        double place[POSITION_DIMENSIONS_MAX];
        placed = places_at_one(places, sample->position[k], place);
        for (uint64_t axis = 0; axis < n_dimensions; axis++)
            coordinates[(k / LANES * n_dimensions + axis) * LANES + k % LANES] = placed ? place[axis] : 0;
    }
    places_destroy(&places);
    return coordinates;
}

static double *sampled_numbers(const struct script *script, const struct node_set *set, const char *variable, int n_assignments,
                               const struct sample *sample)
{
    struct start_values *values;
    double *numbers = MEMORY_NEW(sample->n + LANES, double, TEMPORARY);
    start_values_create(script, set, variable, n_assignments, &values);
    for (uint64_t k = 0; k < sample->n; k++)
        numbers[k] = start_values_at_one(values, sample->position[k]);
    start_values_destroy(&values);
    return numbers;
}

static void sample_create(const struct pair_value *value, const struct projection *projection, enum end_kind kind, uint64_t most,
                          struct sample *sample)
{
    const struct end_table *ends = &value->plan.ends;
    const struct node_set *set = kind == END_PRE ? projection->source : projection->target;
    *sample = (struct sample){.n = set->size < most ? set->size : most};
    sample->position = MEMORY_NEW(sample->n + LANES, uint64_t, TEMPORARY);
    for (uint64_t k = 0; k < sample->n; k++)
        sample->position[k] = sampled_position(k, sample->n, set->size);
    if (value->uses_distance)
        sample->coordinates = sampled_places(value->script, set, sample);
    sample->numbers = MEMORY_NEW(ends->n, double *, TEMPORARY);
    for (int k = 0; k < ends->n; k++)
        if (ends->values[k].kind == kind)
            sample->numbers[k] = sampled_numbers(value->script, set, ends->values[k].variable, projection->n_node_assignments,
                                                 sample);
}

static void sample_release(const struct pair_value *value, struct sample *sample)
{
    for (int k = 0; k < value->plan.ends.n; k++)
        memory_free(sample->numbers[k]);
    memory_free(sample->numbers);
    memory_free(sample->coordinates);
    memory_free(sample->position);
}

/* What the pairs of a target and a block of sources read. */
static void fill_leaves(const struct pair_value *value, const struct space *space, const struct sample *sources, uint64_t first,
                        const struct sample *targets, uint64_t target, struct pair_leaves *leaves)
{
    uint64_t n_dimensions = (uint64_t)space->n_dimensions;
    for (uint64_t lane = 0; lane < LANES; lane++) {
        leaves->source[lane] = (uint32_t)sources->position[first + lane];
        leaves->target[lane] = (uint32_t)targets->position[target];
        leaves->index[lane] = leaves->source[lane];
        leaves->index[LANES + lane] = leaves->target[lane];
    }
    for (int k = 0; k < value->plan.ends.n; k++)
        for (uint64_t lane = 0; lane < LANES; lane++)
            leaves->slots[(uint64_t)k * LANES + lane] = sources->numbers[k] ? sources->numbers[k][first + lane]
                                                                            : targets->numbers[k][target];
    if (value->uses_distance) {
        double place[POSITION_DIMENSIONS_MAX];
        for (uint64_t axis = 0; axis < n_dimensions; axis++)
            place[axis] = targets->coordinates[(target / LANES * n_dimensions + axis) * LANES + target % LANES];
        space_distances(space, place, sources->coordinates + first * n_dimensions, leaves->distance);
    }
}

static double clipped(double value, double limit)
{
    return value > 0 ? value < limit ? value : limit : 0;
}

static double mean_of_sample(const struct pair_value *value, const struct projection *projection, double limit)
{
    struct space space = space_of(value->script, projection->source);
    struct sample sources, targets;
    struct pair_maker maker;
    struct pair_leaves leaves = {.slots = MEMORY_NEW(value->plan.ends.n * LANES, double, TEMPORARY)};
    double sum = 0;
    sample_create(value, projection, END_PRE, SAMPLED_SOURCES, &sources);
    sample_create(value, projection, END_POST, SAMPLED_TARGETS, &targets);
    pair_maker_create(value, &maker);
    for (uint64_t t = 0; t < targets.n; t++)
        for (uint64_t first = 0; first < sources.n; first += LANES) {
            fill_leaves(value, &space, &sources, first, &targets, t, &leaves);
            const double *values = pair_maker_run(&maker, &leaves);
            for (uint64_t lane = 0; lane < LANES && first + lane < sources.n; lane++)
                sum += clipped(values[lane], limit);
        }
    sum /= (double)sources.n * (double)targets.n;
    memory_free(leaves.slots);
    pair_maker_release(&maker);
    sample_release(value, &sources);
    sample_release(value, &targets);
    return sum;
}

double rule_mean(const struct script *script, const struct projection *projection, int argument)
{
    int condition = by_pair_argument(projection, RULE_CONDITION);
    if (!projection->arguments[argument].expression && condition < 0)
        return projection->arguments[argument].number;
    struct pair_value value;
    bool is_count = projection->rule->arguments[argument].kind == RULE_COPIES;
    pair_value_create(script, projection, is_count ? -1 : condition, argument, &value);
    double mean = mean_of_sample(&value, projection, by_pair_limit(projection, argument));
    pair_value_release(&value);
    return mean;
}
