#include "engine/synapse_draws.h"

#include "support/memory.h"

/* These stand in one slab of a row, perhaps in several runs. */
uint8_t *synapse_numbers(const struct edges *edges, node_local n_targets)
{
    uint32_t *row_of = MEMORY_NEW(n_targets, uint32_t, TEMPORARY); /* in which a target was met last, + 1 */
    uint8_t *count = MEMORY_NEW(n_targets, uint8_t, TEMPORARY);
    uint8_t *number = MEMORY_NEW(edges_size(edges), uint8_t, SYNAPSES);
    for (uint32_t row = 0; row < edges->n_rows; row++)
        for (edge_count k = edges->row_begin[row]; k < edges->row_begin[row + 1]; k++) {
            const node_local target = edges->target_local[k];
            count[target] = row_of[target] == row + 1 ? count[target] + 1 : 0;
            row_of[target] = row + 1;
            number[k] = count[target];
        }
    memory_free(row_of);
    memory_free(count);
    return number;
}

struct random_key *synapse_keys(const struct program *program, uint64_t seed, const char *connection, const char *what)
{
    if (!program_draws(program))
        return NULL;
    struct random_key *keys = MEMORY_NEW(program->n_instructions, struct random_key, BUFFERS);
    for (int k = 0; k < program->n_instructions; k++)
        keys[k] = random_key(seed, RANDOM_STATE, connection, what, (uint32_t)program->instructions[k].slot);
    return keys;
}

static void fill(double *values, int n, double value)
{
    for (int k = 0; k < n; k++)
        values[k] = value;
}

void synapse_draw(const struct wide *wide, const struct program *program, const struct random_key *keys,
                  const struct value_elements *elements, step_count step, int width, int n, double *registers)
{
    for (int k = 0; k < program->n_instructions; k++) {
        double *numbers = registers + k * width;
        if (program->instructions[k].opcode == OPCODE_UNIFORM)
            wide->uniform(keys[k], elements, (uint32_t)step, n, numbers);
        else if (program->instructions[k].opcode == OPCODE_NORMAL)
            wide->normal(keys[k], elements, (uint32_t)step, n, numbers);
        else if (program->instructions[k].opcode == OPCODE_CONSTANT)
            fill(numbers, n, program->instructions[k].value);
    }
}
