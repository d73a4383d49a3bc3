#include "engine/synapse_weights.h"

#include <string.h>

#include "kernels/interpreter.h"
#include "kernels/shared_values.h"
#include "support/lanes.h"
#include "support/memory.h"

/* LANES synapses at a time, from place `begin` on. */
static void compute_weights(const struct connection_plan *plan, const struct edges *edges, const double *shared, double *columns,
                            double *registers, edge_count begin, const struct synapse_weights *weights)
{
    const struct program *program = &plan->weights;
    const edge_count left = weights->stride ? edges_size(edges) - begin : 1;
    const size_t n = left < LANES ? left : LANES;
    for (int c = 0; c < plan->n_columns; c++)
        memcpy(columns + c * LANES, edges->columns[c] + begin, n * sizeof(double));
    interpret(program, &(struct interpreter_leaves){.shared = shared, .slots = columns}, registers);
    for (int k = 0; k < program->n_outputs; k++) {
        double *out = program->outputs[k].slot == WEIGHT_OF_SOURCE ? weights->of_source : weights->of_target;
        memcpy(out + begin, registers + program->outputs[k].reg * LANES, n * sizeof(double));
    }
}

void synapse_weights_create(const struct connection_plan *plan, const struct edges *edges, const struct script *script,
                            struct synapse_weights *weights)
{
    double *shared = shared_values(&plan->shared, plan->synapse, plan->connection->values, script->dt, 0, MEMORY_TEMPORARY);
    double *columns = MEMORY_NEW(plan->n_columns * LANES, double, TEMPORARY);
    double *registers = memory_new(interpreter_scratch_bytes(&plan->weights), MEMORY_TEMPORARY);
    const edge_count n = edges_size(edges), n_different = plan->n_columns > 0 ? n : n > 0;
    *weights = (struct synapse_weights){.stride = plan->n_columns > 0};
    weights->of_source = MEMORY_NEW(n_different, double, SYNAPSES);
    weights->of_target = plan->target_variable ? MEMORY_NEW(n_different, double, SYNAPSES) : NULL;
    for (edge_count begin = 0; begin < n_different; begin += LANES)
        compute_weights(plan, edges, shared, columns, registers, begin, weights);
    memory_free(registers);
    memory_free(columns);
    memory_free(shared);
}

void synapse_weights_release(struct synapse_weights *weights)
{
    memory_free(weights->of_source);
    memory_free(weights->of_target);
    *weights = (struct synapse_weights){0};
}
