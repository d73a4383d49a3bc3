#include <string.h>

#include "engine/state.h"
#include "kernels/interpreter.h"

void engine_evaluate(const struct engine *engine, int population, const struct program *program, double *values)
{
    const struct nodes *nodes = &engine->nodes[population];
    const struct node_plan *plan = nodes->plan;
    _Alignas(LANES_ALIGNMENT) double time[LANES], steps[LANES], index[LANES];
    double *scratch = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    for (int lane = 0; lane < LANES; lane++) {
        time[lane] = (double)engine->now * engine->script->dt;
        steps[lane] = (double)engine->now;
    }
    for (uint32_t block = 0; block < nodes->n_blocks; block++) {
        double *slots = nodes_block(nodes, block);
        node_local first = block * LANES, n = nodes->n - first < LANES ? nodes->n - first : LANES;
        for (node_local lane = 0; lane < LANES; lane++)
            index[lane] = nodes_index(nodes, first + lane);
        interpret(program,
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
        memcpy(values + first, scratch + program->outputs[0].reg * LANES, n * sizeof *values);
    }
    memory_free(scratch);
}
