#include "kernels/value_maker.h"

#include "support/maths.h"

static const unsigned every_lane = (1u << LANES) - 1;

static bool draws(const struct instruction *instruction)
{
    return instruction->opcode == OPCODE_UNIFORM || instruction->opcode == OPCODE_NORMAL;
}

void value_maker_create(const struct program *program, uint64_t seed, const char *object, const char *variable,
                        struct value_maker *maker)
{
    maker->program = program;
    maker->keys = MEMORY_NEW(program->n_instructions, struct random_key, TEMPORARY);
    maker->random = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    maker->registers = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
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

/* Box and Muller 1958, the cosine half: as random_stream_normal. */
static lanes normal_of(const double open[LANES], const double uniform[LANES])
{
    lanes radius = lanes_sqrt(lanes_mul(lanes_set1(-2), lanes_log(lanes_load(open))));
    return lanes_mul(radius, lanes_cos(lanes_mul(lanes_set1(2 * MATHS_PI), lanes_load(uniform))));
}

/* The numbers of a round: of each element's stream those of the block (third, round). A number takes at most two draws. */
static void draw(struct value_maker *maker, const struct value_elements *elements, uint32_t round)
{
    _Alignas(LANES_ALIGNMENT) double open[LANES], uniform[LANES];
    for (int k = 0; k < maker->program->n_instructions; k++) {
        const struct instruction *call = &maker->program->instructions[k];
        double *numbers = &maker->random[k * LANES];
        if (!draws(call))
            continue;
        if (call->opcode == OPCODE_NORMAL) {
            random_uniform_pair8(maker->keys[k], elements->index, elements->second, round, elements->third, open, uniform);
            lanes_store(numbers, normal_of(open, uniform));
            continue;
        }
        for (int lane = 0; lane < LANES; lane++) {
            uint64_t block = (uint64_t)elements->third[lane] << 32 | round;
            struct random_stream stream = random_stream_start_at(maker->keys[k], elements->index[lane], elements->second[lane],
                                                                 block);
            numbers[lane] = random_stream_uniform(&stream);
        }
    }
}

/* The lanes, as bits, that the last round's numbers are accepted in. */
static unsigned accepted(const struct value_maker *maker)
{
    const struct program *program = maker->program;
    if (program->n_outputs <= VALUE_ACCEPTED)
        return every_lane;
    return lanes_bits(mask_of_lanes(lanes_load(maker->registers + program->outputs[VALUE_ACCEPTED].reg * LANES)));
}

unsigned value_maker_run(struct value_maker *maker, const struct value_elements *elements,
                         const struct interpreter_leaves *leaves, double values[LANES])
{
    const double *number = maker->registers + maker->program->outputs[VALUE_NUMBER].reg * LANES;
    struct interpreter_leaves all = *leaves;
    all.random = maker->random;
    unsigned left = every_lane;
    for (uint32_t round = 0; left && round < REDRAW_ROUNDS; round++) {
        draw(maker, elements, round);
        interpret(maker->program, &all, maker->registers);
        for (int lane = 0; lane < LANES; lane++)
            if (left >> lane & 1)
                values[lane] = number[lane];
        left &= ~accepted(maker);
    }
    return left;
}
