/* What the sources of a piece's rows had of late: one continuous value per source, told step by step as ranks exchange it.
 * Only sources with a row, hence with a target on this rank, are remembered, for as long as somebody may ask. */
#ifndef GLION_ENGINE_SOURCE_VALUES_H
#define GLION_ENGINE_SOURCE_VALUES_H

#include "network/edges.h"

struct source_values {
    const struct edges *edges; /* whose rows they are; borrowed */
    int coupling;              /* which of the source population's couplings */
    step_count depth;          /* grid steps that are remembered */
    double *past;              /* [n_rows][depth] the source's value at grid step g in place g % depth; owned */
    step_count *told;          /* [n_rows] grid step up to which `past` was told; from there on the value is 0; owned */
};

void source_values_create(const struct edges *edges, int coupling, step_count depth, struct source_values *values);
void source_values_release(struct source_values *values);

/* A source's numbers at the grid steps begin, begin + 1, …, end - 1, later than any it told before. What it does not tell is 0.
 */
void source_values_tell(struct source_values *values, node_index source, step_count begin, step_count end, const double *numbers);

/* At a grid step among the last `depth`. */
static inline double source_values_at(const struct source_values *values, uint32_t row, step_count grid)
{
    return grid < values->told[row] ? values->past[row * values->depth + grid % values->depth] : 0;
}

#endif
