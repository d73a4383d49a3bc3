#include "engine/source_values.h"

#include "support/memory.h"

void source_values_create(const struct edges *edges, int coupling, step_count depth, struct source_values *values)
{
    *values = (struct source_values){
        .edges = edges,
        .coupling = coupling,
        .depth = depth,
        .past = MEMORY_NEW((size_t)edges->n_rows * (size_t)depth, double, BUFFERS),
        .told = MEMORY_NEW(edges->n_rows, step_count, BUFFERS),
    };
}

void source_values_release(struct source_values *values)
{
    memory_free(values->past);
    memory_free(values->told);
    *values = (struct source_values){0};
}

void source_values_tell(struct source_values *values, node_index source, step_count begin, step_count end, const double *numbers)
{
    int64_t row = edges_row(values->edges, source);
    if (row < 0)
        return;
    double *past = values->past + row * values->depth;
    step_count silent = values->told[row] > begin - values->depth ? values->told[row] : begin - values->depth + 1;
    for (step_count step = silent > 0 ? silent : 0; step < begin; step++)
        past[step % values->depth] = 0;
    step_count place = begin % values->depth;
    for (step_count step = begin; step < end; step++) {
        past[place] = numbers[step - begin];
        place = place + 1 < values->depth ? place + 1 : 0;
    }
    values->told[row] = end;
}
