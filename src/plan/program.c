#include "plan/program.h"

#include <assert.h>
#include <string.h>

static const struct {
    int operands;
    const char *function;
} opcodes[] = {
#define X(name, operands, function) {operands, function},
    OPCODES(X)
#undef X
};

int opcode_operands(enum opcode opcode)
{
    return opcodes[opcode].operands;
}

const char *opcode_function(enum opcode opcode)
{
    return opcodes[opcode].function;
}

bool opcode_gives_mask(enum opcode opcode)
{
    return opcode == OPCODE_NOT_REFRACTORY || (opcode >= OPCODE_LESS && opcode <= OPCODE_NOT);
}

bool opcode_draws_count(enum opcode opcode)
{
    return opcode >= OPCODE_POISSON && opcode <= OPCODE_DRAWN_BINOMIAL;
}

bool opcode_draws(enum opcode opcode)
{
    return (opcode >= OPCODE_UNIFORM && opcode <= OPCODE_DRAWN_NORMAL) || opcode_draws_count(opcode);
}

void program_begin(struct program *program, struct arena *arena)
{
    *program = (struct program){.arena = arena};
}

/* Arrays in an arena grow by leaving the old one behind: programs are short and the arena dies soon enough. */
static void *grown(struct arena *arena, const void *old, int n, int *capacity, size_t size)
{
    if (n < *capacity)
        return (void *)old;
    *capacity = *capacity ? 2 * *capacity : 32;
    void *new = arena_new(arena, (size_t)*capacity * size);
    if (n)
        memcpy(new, old, (size_t)n * size);
    return new;
}

void program_copy(const struct program *program, struct program *out)
{
    program_begin(out, program->arena);
    out->n_instructions = out->instructions_capacity = program->n_instructions;
    out->instructions = ARENA_NEW(out->arena, program->n_instructions, struct instruction);
    if (program->n_instructions)
        memcpy(out->instructions, program->instructions, (size_t)program->n_instructions * sizeof *out->instructions);
}

/* Bits, not values: 0.0 and -0.0 are different constants, and NaN is equal to itself. */
static bool instruction_equal(const struct instruction *a, const struct instruction *b)
{
    return a->opcode == b->opcode && a->slot == b->slot && !memcmp(a->operand, b->operand, sizeof a->operand) &&
           !memcmp(&a->value, &b->value, sizeof a->value);
}

static int program_append(struct program *program, struct instruction instruction)
{
    for (int k = 0; k < program->n_instructions; k++)
        if (instruction_equal(&program->instructions[k], &instruction))
            return k;
    program->instructions = grown(program->arena, program->instructions, program->n_instructions, &program->instructions_capacity,
                                  sizeof instruction);
    program->instructions[program->n_instructions] = instruction;
    return program->n_instructions++;
}

int program_leaf(struct program *program, enum opcode opcode, int slot)
{
    return program_append(program, (struct instruction){.opcode = opcode, .operand = {-1, -1, -1}, .slot = slot});
}

int program_constant(struct program *program, double value)
{
    return program_append(program, (struct instruction){.opcode = OPCODE_CONSTANT, .operand = {-1, -1, -1}, .value = value});
}

/* What a register is the negative of, or -1. */
static int negated(const struct program *program, int reg)
{
    return program->instructions[reg].opcode == OPCODE_NEGATE ? program->instructions[reg].operand[0] : -1;
}

/* Signs move outwards, until a sum takes them in: the same bits (but for the sign of a NaN), and one operation less in each decay
 * -x/tau. Returns the register, or -1 where there is nothing to move. */
static int move_sign(struct program *program, enum opcode opcode, int a, int b)
{
    const int minus_a = negated(program, a), minus_b = b < 0 ? -1 : negated(program, b);
    if (opcode == OPCODE_NEGATE)
        return minus_a;
    if (opcode == OPCODE_MULTIPLY && minus_a >= 0 && minus_b >= 0)
        return program_operation(program, OPCODE_MULTIPLY, minus_a, minus_b, -1);
    if (opcode == OPCODE_MULTIPLY && (minus_a >= 0 || minus_b >= 0)) {
        int product = program_operation(program, OPCODE_MULTIPLY, minus_a >= 0 ? minus_a : a, minus_b >= 0 ? minus_b : b, -1);
        return program_operation(program, OPCODE_NEGATE, product, -1, -1);
    }
    if (opcode == OPCODE_ADD && minus_b >= 0)
        return program_operation(program, OPCODE_SUBTRACT, a, minus_b, -1);
    if (opcode == OPCODE_ADD && minus_a >= 0)
        return program_operation(program, OPCODE_SUBTRACT, b, minus_a, -1);
    if (opcode == OPCODE_SUBTRACT && minus_b >= 0)
        return program_operation(program, OPCODE_ADD, a, minus_b, -1);
    return -1;
}

int program_operation(struct program *program, enum opcode opcode, int a, int b, int c)
{
    const int operand[3] = {a, b, c};
    for (int k = 0; k < 3; k++)
        assert(k < opcode_operands(opcode) ? operand[k] >= 0 && operand[k] < program->n_instructions : operand[k] == -1);
    const int moved = move_sign(program, opcode, a, b);
    return moved >= 0 ? moved : program_append(program, (struct instruction){.opcode = opcode, .operand = {a, b, c}});
}

int program_step_value(struct program *program, int slot, int time, int before)
{
    return program_append(program,
                          (struct instruction){.opcode = OPCODE_STEP_VALUE, .operand = {time, before, -1}, .slot = slot});
}

int program_element(struct program *program, int slot, int row, int column)
{
    return program_append(program, (struct instruction){.opcode = OPCODE_ELEMENT, .operand = {row, column, -1}, .slot = slot});
}

int program_count(struct program *program, enum opcode opcode, int slot, int mean_or_trials, int probability, int wanted)
{
    struct instruction count = {.opcode = opcode, .operand = {mean_or_trials, wanted, -1}, .slot = slot};
    if (probability >= 0) {
        count.operand[1] = probability;
        count.operand[2] = wanted;
    }
    return program_append(program, count);
}

void program_output(struct program *program, int slot, int reg)
{
    program->outputs = grown(program->arena, program->outputs, program->n_outputs, &program->outputs_capacity,
                             sizeof(struct output));
    program->outputs[program->n_outputs++] = (struct output){slot, reg};
}

void program_finish(struct program *program)
{
    int n = program->n_instructions;
    int *place = ARENA_NEW(program->arena, n + 1, int); /* 1 while needed, then the new register + 1 */
    for (int k = 0; k < program->n_outputs; k++)
        place[program->outputs[k].reg] = 1;
    for (int k = n - 1; k >= 0; k--)
        for (int o = 0; place[k] && o < 3; o++)
            if (program->instructions[k].operand[o] >= 0)
                place[program->instructions[k].operand[o]] = 1;
    int kept = 0;
    for (int k = 0; k < n; k++) {
        if (!place[k])
            continue;
        struct instruction instruction = program->instructions[k];
        for (int o = 0; o < 3; o++)
            if (instruction.operand[o] >= 0)
                instruction.operand[o] = place[instruction.operand[o]] - 1;
        program->instructions[kept] = instruction;
        place[k] = ++kept;
    }
    program->n_instructions = kept;
    for (int k = 0; k < program->n_outputs; k++)
        program->outputs[k].reg = place[program->outputs[k].reg] - 1;
}

bool program_uses(const struct program *program, enum opcode opcode)
{
    for (int k = 0; k < program->n_instructions; k++)
        if (program->instructions[k].opcode == opcode)
            return true;
    return false;
}

bool program_draws(const struct program *program)
{
    for (int k = 0; k < program->n_instructions; k++)
        if (opcode_draws(program->instructions[k].opcode))
            return true;
    return false;
}

bool program_draws_counts(const struct program *program)
{
    for (int k = 0; k < program->n_instructions; k++)
        if (opcode_draws_count(program->instructions[k].opcode))
            return true;
    return false;
}
