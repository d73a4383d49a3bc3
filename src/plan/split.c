#include "plan/split.h"

#include <assert.h>

static bool leaf_differs(const struct instruction *leaf, int n_states, int own_arguments)
{
    return (leaf->opcode == OPCODE_NODE && leaf->slot >= n_states) ||
           (leaf->opcode == OPCODE_ARGUMENT && leaf->slot >= own_arguments);
}

bool *split_differs(const struct program *whole, int n_states, int own_arguments)
{
    bool *differs = ARENA_NEW(whole->arena, whole->n_instructions, bool);
    for (int k = 0; k < whole->n_instructions; k++) {
        differs[k] = leaf_differs(&whole->instructions[k], n_states, own_arguments);
        for (int o = 0; o < opcode_operands(whole->instructions[k].opcode); o++)
            differs[k] |= differs[whole->instructions[k].operand[o]];
    }
    return differs;
}

struct cut {
    const struct program *whole;
    struct split *split;
    const bool *differs;
    int *source, *synapse; /* [whole->n_instructions] register + 1 in the part, 0: not there */
};

static int copy_to_source(struct cut *cut, int reg)
{
    const struct instruction *instruction = &cut->whole->instructions[reg];
    struct program *program = &cut->split->source;
    assert(!cut->differs[reg]);
    if (cut->source[reg])
        return cut->source[reg] - 1;
    int n = opcode_operands(instruction->opcode), operand[3] = {-1, -1, -1}, made;
    for (int o = 0; o < n; o++)
        operand[o] = copy_to_source(cut, instruction->operand[o]);
    if (n)
        made = program_operation(program, instruction->opcode, operand[0], operand[1], operand[2]);
    else if (instruction->opcode == OPCODE_CONSTANT)
        made = program_constant(program, instruction->value);
    else
        made = program_leaf(program, instruction->opcode, instruction->slot);
    cut->source[reg] = made + 1;
    return made;
}

/* A register of the source's part becomes a factor. Truth values travel as numbers. */
static int take_factor(struct cut *cut, int reg)
{
    struct split *split = cut->split;
    bool mask = opcode_gives_mask(cut->whole->instructions[reg].opcode);
    int carried = copy_to_source(cut, reg);
    if (mask)
        carried = program_operation(&split->source, OPCODE_NUMBER_OF, carried, -1, -1);
    program_output(&split->source, split->n_states + split->n_factors, carried);
    int made = program_leaf(&split->synapse, OPCODE_ARGUMENT, 1 + split->n_factors++);
    if (mask)
        made = program_operation(&split->synapse, OPCODE_NOT_EQUAL, made, program_constant(&split->synapse, 0), -1);
    return made;
}

static int copy_to_synapse(struct cut *cut, int reg)
{
    const struct instruction *instruction = &cut->whole->instructions[reg];
    struct program *program = &cut->split->synapse;
    if (cut->synapse[reg])
        return cut->synapse[reg] - 1;
    int n = opcode_operands(instruction->opcode), operand[3] = {-1, -1, -1}, made;
    for (int o = 0; cut->differs[reg] && o < n; o++)
        operand[o] = copy_to_synapse(cut, instruction->operand[o]);
    if (instruction->opcode == OPCODE_CONSTANT)
        made = program_constant(program, instruction->value);
    else if (instruction->opcode == OPCODE_SHARED)
        made = program_leaf(program, OPCODE_SHARED, instruction->slot);
    else if (!cut->differs[reg])
        made = take_factor(cut, reg);
    else if (n)
        made = program_operation(program, instruction->opcode, operand[0], operand[1], operand[2]);
    else if (instruction->opcode == OPCODE_NODE)
        made = program_leaf(program, OPCODE_NODE, instruction->slot - cut->split->n_states);
    else
        made = program_leaf(program, OPCODE_ARGUMENT, instruction->slot - cut->split->own_arguments);
    cut->synapse[reg] = made + 1;
    return made;
}

void split_program(const struct program *whole, struct split *split)
{
    struct cut cut = {
        .whole = whole,
        .split = split,
        .differs = split_differs(whole, split->n_states, split->own_arguments),
        .source = ARENA_NEW(whole->arena, whole->n_instructions, int),
        .synapse = ARENA_NEW(whole->arena, whole->n_instructions, int),
    };
    program_begin(&split->source, whole->arena);
    program_begin(&split->synapse, whole->arena);
    split->n_factors = 0;
    for (int k = 0; k < whole->n_outputs; k++) {
        const struct output *output = &whole->outputs[k];
        if (output->slot < split->n_states)
            program_output(&split->source, output->slot, copy_to_source(&cut, output->reg));
        else
            program_output(&split->synapse, output->slot - split->n_states, copy_to_synapse(&cut, output->reg));
    }
    program_finish(&split->source);
    program_finish(&split->synapse);
}
