#include <string.h>

#include "engine/reading.h"
#include "engine/state.h"
#include "kernels/interpreter.h"

void engine_evaluate(const struct engine *engine, int population, const struct program *program, double *values)
{
    const struct nodes *nodes = &engine->nodes[population];
    double *scratch = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    for (uint32_t block = 0; block < nodes->n_blocks; block++) {
        double of_block[LANES];
        node_local first = block * LANES, n = nodes->n - first < LANES ? nodes->n - first : LANES;
        reading_take(nodes, program, block, engine->now, engine->script->dt, scratch, of_block);
        memcpy(values + first, of_block, n * sizeof *values);
    }
    memory_free(scratch);
}
