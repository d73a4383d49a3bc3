#include "engine/reading.h"

#include <string.h>

#include "kernels/interpreter.h"

void reading_take(const struct nodes *nodes, const struct program *reading, uint32_t block, step_count step, double dt,
                  double *scratch, double *values)
{
    const struct node_plan *plan = nodes->plan;
    const double *slots = nodes_block(nodes, block);
    _Alignas(LANES_ALIGNMENT) double time[LANES], steps[LANES], index[LANES];
    for (uint32_t lane = 0; lane < LANES; lane++) {
        time[lane] = (double)step * dt;
        steps[lane] = (double)step;
        index[lane] = nodes_index(nodes, block * LANES + lane);
    }
    interpret(reading,
              &(struct interpreter_leaves){
                  .shared = nodes->shared,
                  .states = slots,
                  .slots = slots,
                  .time = time,
                  .step = steps,
                  .index = index,
                  .refractory = plan->refractory_slot < 0 ? NULL : slots + plan->refractory_slot * LANES,
              },
              scratch);
    memcpy(values, scratch + reading->outputs[0].reg * LANES, LANES * sizeof *values);
}
