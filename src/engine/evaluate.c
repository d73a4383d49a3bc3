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

/* This rank's nodes of a part of a set, in their places from values[0] on. The numbers of other ranks are left alone. */
static void evaluate_part(const struct engine *engine, const struct node_part *piece, const struct program *program,
                          double *values)
{
    const struct network *network = engine->network;
    const struct population *population = &engine->script->populations[piece->population];
    const struct partition_scheme *scheme = network->partition.scheme;
    const int n_ranks = network->partition.n_ranks;
    double *own = MEMORY_NEW(engine->nodes[piece->population].n, double, TEMPORARY);
    engine_evaluate(engine, piece->population, program, own);
    for (node_index k = 0; k < piece->count; k++) {
        node_index index = piece->list ? piece->list[k] : piece->first + k;
        if (scheme->owner(n_ranks, population, index) == network->rank)
            values[k] = own[scheme->local(n_ranks, population, index)];
    }
    memory_free(own);
}

double *engine_gather(const struct engine *engine, const struct node_set *set, const struct program *programs)
{
    double *values = MEMORY_NEW(set->size, double, TEMPORARY);
    uint64_t position = 0;
    for (int k = 0; k < set->n_parts; k++) {
        evaluate_part(engine, &set->parts[k], &programs[k], values + position);
        position += set->parts[k].count;
    }
    network_share_bits(engine->network, values, set->size);
    return values;
}
