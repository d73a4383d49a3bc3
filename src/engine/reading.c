#include "engine/reading.h"

#include <string.h>

#include "kernels/interpreter.h"

void reading_begin(const struct nodes *nodes, uint32_t block, step_count step, double dt, struct reading_leaves *out)
{
    const struct node_plan *plan = nodes->plan;
    const double *slots = nodes_block(nodes, block);
    for (uint32_t lane = 0; lane < LANES; lane++) {
        out->time[lane] = (double)step * dt;
        out->step[lane] = (double)step;
        out->index[lane] = nodes_index(nodes, block * LANES + lane);
    }
    out->leaves = (struct interpreter_leaves){
        .shared = nodes->shared,
        .states = slots,
        .slots = slots,
        .time = out->time,
        .step = out->step,
        .index = out->index,
        .refractory = plan->refractory_slot < 0 ? NULL : slots + plan->refractory_slot * LANES,
    };
}

void reading_take(const struct nodes *nodes, const struct program *reading, uint32_t block, step_count step, double dt,
                  double *scratch, double *values)
{
    struct reading_leaves at;
    reading_begin(nodes, block, step, dt, &at);
    interpret(reading, &at.leaves, scratch);
    memcpy(values, scratch + reading->outputs[0].reg * LANES, LANES * sizeof *values);
}
