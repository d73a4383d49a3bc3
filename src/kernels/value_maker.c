/* The first round is one of all elements together. Few are drawn again, so later rounds take LANES elements each: those of which
 * some have not been accepted. */
#include "kernels/value_maker.h"

#include <string.h>

static const unsigned char every_lane = (1u << LANES) - 1;

static bool draws(const struct instruction *instruction)
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
    maker->random = MEMORY_NEW(program->n_instructions * width, double, TEMPORARY);
    maker->registers = MEMORY_NEW(program->n_instructions * width, double, TEMPORARY);
    for (int k = 0; k < program->n_instructions; k++)
        if (draws(&program->instructions[k]))
            maker->keys[k] = random_key(seed, RANDOM_VALUE, object, variable, (uint32_t)program->instructions[k].slot);
}

void value_maker_release(struct value_maker *maker)
{
    memory_free(maker->keys);
    memory_free(maker->random);
    memory_free(maker->registers);
    *maker = (struct value_maker){0};
}

/* The numbers of a round: of each element's stream those of the block (third, round). A number takes at most two draws. */
static void draw(const struct value_maker *maker, const struct value_elements *elements, uint32_t round,
                 struct wide_extent extent)
{
    for (int k = 0; k < maker->program->n_instructions; k++) {
        double *numbers = &maker->random[k * maker->width];
        if (maker->program->instructions[k].opcode == OPCODE_NORMAL)
            maker->wide->normal(maker->keys[k], elements, round, extent, numbers);
        else if (maker->program->instructions[k].opcode == OPCODE_UNIFORM)
            maker->wide->uniform(maker->keys[k], elements, round, extent, numbers);
    }
}

static void run_round(const struct value_maker *maker, const struct value_elements *elements,
                      const struct interpreter_leaves *leaves, uint32_t round, struct wide_extent extent)
{
    struct interpreter_leaves all = *leaves;
    all.random = maker->random;
    draw(maker, elements, round, extent);
    maker->wide->interpret(maker->program, &all, extent, maker->registers);
}

static const double *output_of(const struct value_maker *maker, int output)
{
    return maker->registers + maker->program->outputs[output].reg * maker->width;
}

/* The lanes from element `at` on, as bits, in which the last round's numbers are accepted. */
static unsigned char accepted(const struct value_maker *maker, int at)
{
    return (unsigned char)lanes_bits(mask_of_lanes(lanes_load(output_of(maker, VALUE_ACCEPTED) + at)));
}

/* The lanes from element `at` on that are left by the first round. Returns those that are left after all rounds. */
static unsigned char draw_again(const struct value_maker *maker, const struct value_elements *elements,
                                const struct interpreter_leaves *leaves, int at, unsigned char left, double *values)
{
    const double *number = output_of(maker, VALUE_NUMBER);
    for (uint32_t round = 1; left && round < REDRAW_ROUNDS; round++) {
        run_round(maker, elements, leaves, round, (struct wide_extent){maker->width, at, at + LANES});
        for (int lane = 0; lane < LANES; lane++)
            if (left >> lane & 1)
                values[at + lane] = number[at + lane];
        left &= (unsigned char)~accepted(maker, at);
    }
    return left;
}

bool value_maker_run(struct value_maker *maker, const struct value_elements *elements, int n,
                     const struct interpreter_leaves *leaves, double *values, unsigned char *refused)
{
    bool any = false;
    run_round(maker, elements, leaves, 0, (struct wide_extent){maker->width, 0, n});
    memcpy(values, output_of(maker, VALUE_NUMBER), (size_t)n * sizeof *values);
    memset(refused, 0, (size_t)n / LANES);
    if (maker->program->n_outputs <= VALUE_ACCEPTED)
        return false;
    for (int at = 0; at < n; at += LANES) {
        unsigned char left = (unsigned char)(every_lane & ~accepted(maker, at));
        if (left)
            refused[at / LANES] = draw_again(maker, elements, leaves, at, left, values);
        any |= refused[at / LANES] != 0;
    }
    return any;
}
