/* Registers of constants are filled once, and random numbers are drawn to where they are read.
 *
 * The first round is of all elements. Those that it does not accept move to the front of the registers, with what the program's
 * leaves are for them, and so on from round to round: a round costs as much as there is left to draw. */
#include "kernels/value_maker.h"

#include <string.h>

#include "support/maths.h"

static const unsigned every_lane = (1u << LANES) - 1;

/* Registers that are filled before a round: those of counts are computed in it. */
static bool is_drawn_before(const struct instruction *instruction)
{
    return instruction->opcode == OPCODE_UNIFORM || instruction->opcode == OPCODE_NORMAL;
}

void value_maker_create(const struct program *program, uint64_t seed, const char *object, const char *variable, int width,
                        struct value_maker *maker)
{
    maker->program = program;
    maker->wide = wide_here();
    maker->width = width;
    maker->keys = MEMORY_NEW(program->n_instructions, struct random_key, TEMPORARY);
    maker->registers = MEMORY_NEW(program->n_instructions * width, double, TEMPORARY);
    maker->no_law = MEMORY_NEW(width / LANES, unsigned char, TEMPORARY);
    maker->element = MEMORY_NEW(width, uint32_t, TEMPORARY);
    maker->before = MEMORY_NEW(width, uint32_t, TEMPORARY);
    maker->index = MEMORY_NEW(width, uint32_t, TEMPORARY);
    maker->second = MEMORY_NEW(width, uint32_t, TEMPORARY);
    maker->third = MEMORY_NEW(width, uint32_t, TEMPORARY);
    for (int k = 0; k < program->n_instructions; k++) {
        const struct instruction *instruction = &program->instructions[k];
        if (opcode_draws(instruction->opcode))
            maker->keys[k] = random_key(seed, RANDOM_VALUE, object, variable, (uint32_t)instruction->slot);
        for (int at = 0; instruction->opcode == OPCODE_CONSTANT && at < width; at++)
            maker->registers[k * width + at] = instruction->value;
    }
}

void value_maker_release(struct value_maker *maker)
{
    memory_free(maker->keys);
    memory_free(maker->registers);
    memory_free(maker->no_law);
    memory_free(maker->element);
    memory_free(maker->before);
    memory_free(maker->index);
    memory_free(maker->second);
    memory_free(maker->third);
    *maker = (struct value_maker){0};
}

static double *register_of(const struct value_maker *maker, int k)
{
    return &maker->registers[k * maker->width];
}

static const double *output_of(const struct value_maker *maker, int output)
{
    return register_of(maker, maker->program->outputs[output].reg);
}

/* The numbers of a round: of each element's stream those of the block (third, round). A number takes at most two draws. */
static void draw(const struct value_maker *maker, const struct value_elements *elements, uint32_t round, int n)
{
    for (int k = 0; k < maker->program->n_instructions; k++) {
        if (maker->program->instructions[k].opcode == OPCODE_NORMAL)
            maker->wide->normal(maker->keys[k], elements, round, n, register_of(maker, k));
        else if (maker->program->instructions[k].opcode == OPCODE_UNIFORM)
            maker->wide->uniform(maker->keys[k], elements, round, n, register_of(maker, k));
    }
}

/* A value that has no law for one of its counts is NaN, also where the count is a part of a condition. */
static void mark_lawless(const struct value_maker *maker, int n)
{
    double *values = register_of(maker, maker->program->outputs[VALUE_NUMBER].reg);
    for (int at = 0; at < n; at++)
        if (maker->no_law[at / LANES] && maker->no_law[at / LANES] >> at % LANES & 1)
            values[at] = MATHS_NAN;
}

static void run_round(const struct value_maker *maker, const struct value_elements *elements, uint32_t round, int n,
                      const struct interpreter_leaves *leaves, enum kept_registers kept)
{
    const struct value_draws draws = {maker->keys, elements, round, maker->no_law};
    struct interpreter_leaves all = *leaves;
    all.values = &draws;
    memset(maker->no_law, 0, (size_t)n / LANES);
    draw(maker, elements, round, n);
    maker->wide->interpret(maker->program, &all, kept, maker->width, n, maker->registers);
    mark_lawless(maker, n);
}

static int whole_lanes(int n)
{
    return (n + LANES - 1) / LANES * LANES;
}

static void run_again(const struct value_maker *maker, const struct interpreter_leaves *leaves, uint32_t round, int n)
{
    const struct value_elements elements = {maker->index, maker->second, maker->third};
    run_round(maker, &elements, round, n, leaves, KEEPS_LEAVES);
}

/* Which of the n places at the front have numbers that are not accepted: before[]. Returns how many. */
static int find_refused(const struct value_maker *maker, int n)
{
    const double *accepted = output_of(maker, VALUE_ACCEPTED);
    int left = 0;
    for (int at = 0; at < n; at += LANES) {
        unsigned refused = ~lanes_bits(mask_of_lanes(lanes_load(accepted + at))) & every_lane;
        for (; refused && at + __builtin_ctz(refused) < n; refused &= refused - 1)
            maker->before[left++] = (uint32_t)(at + __builtin_ctz(refused));
    }
    return left;
}

/* Of each place the number in before[]; the last is repeated up to whole lanes. `from` and `to` may be the same. */
static void bring_numbers(const struct value_maker *maker, int left, const double *from, double *to)
{
    for (int k = 0; k < whole_lanes(left); k++)
        to[k] = k < left ? from[maker->before[k]] : to[left - 1];
}

static void bring_words(const struct value_maker *maker, int left, const uint32_t *from, uint32_t *to)
{
    for (int k = 0; k < whole_lanes(left); k++)
        to[k] = k < left ? from[maker->before[k]] : to[left - 1];
}

static void move_to_front(const struct value_maker *maker, const struct value_elements *elements, int left)
{
    bring_words(maker, left, elements->index, maker->index);
    bring_words(maker, left, elements->second, maker->second);
    bring_words(maker, left, elements->third, maker->third);
    for (int k = 0; k < maker->program->n_instructions; k++) {
        const struct instruction *instruction = &maker->program->instructions[k];
        double *leaf = register_of(maker, k);
        if (opcode_operands(instruction->opcode) == 0 && !is_drawn_before(instruction) && instruction->opcode != OPCODE_CONSTANT)
            bring_numbers(maker, left, leaf, leaf);
    }
}

/* The elements that the first round left. Returns how many are left after all rounds: element[]. */
static int draw_again(struct value_maker *maker, const struct value_elements *elements, int left,
                      const struct interpreter_leaves *leaves, double *values)
{
    const double *number = output_of(maker, VALUE_NUMBER);
    move_to_front(maker, elements, left);
    memcpy(maker->element, maker->before, (size_t)left * sizeof *maker->element);
    for (uint32_t round = 1; left && round < REDRAW_ROUNDS; round++) {
        run_again(maker, leaves, round, whole_lanes(left));
        for (int k = 0; k < left; k++)
            values[maker->element[k]] = number[k];
        left = find_refused(maker, left);
        if (left) {
            move_to_front(maker, &(struct value_elements){maker->index, maker->second, maker->third}, left);
            bring_words(maker, left, maker->element, maker->element);
        }
    }
    return left;
}

bool value_maker_run(struct value_maker *maker, const struct value_elements *elements, int n,
                     const struct interpreter_leaves *leaves, double *values, unsigned char *refused)
{
    run_round(maker, elements, 0, n, leaves, KEEPS_FILLED);
    memcpy(values, output_of(maker, VALUE_NUMBER), (size_t)n * sizeof *values);
    memset(refused, 0, (size_t)n / LANES);
    if (maker->program->n_outputs <= VALUE_ACCEPTED)
        return false;
    int left = find_refused(maker, n);
    if (left)
        left = draw_again(maker, elements, left, leaves, values);
    for (int k = 0; k < left; k++)
        refused[maker->element[k] / LANES] |= (unsigned char)(1u << maker->element[k] % LANES);
    return left > 0;
}
