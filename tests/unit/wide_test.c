/* Many elements at once have the bits that LANES of them have, whatever the instruction set, their number and their neighbours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/value_maker.h"
#include "plan/lower.h"
#include "support/maths.h"

#define WIDTH (9 * LANES)
#define N (7 * LANES)

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b);
}

/* Those that this processor can run: one of them twice if there is but one. */
static void all_here(const struct wide *all[2])
{
    all[0] = &wide_x86_64_v3;
    all[1] = wide_here();
}

/* ---- programs ---- */

/* Some leaves, and every operation on two of them. */
static void program_of_everything(struct arena *arena, struct program *program)
{
    program_begin(program, arena);
    int a = program_leaf(program, OPCODE_NODE, 0), b = program_leaf(program, OPCODE_NODE, 1);
    int mask = program_operation(program, OPCODE_LESS, a, b, -1), other = program_operation(program, OPCODE_EQUAL, a, b, -1);
    program_leaf(program, OPCODE_SHARED, 1);
    program_leaf(program, OPCODE_INDEX, 1);
    program_leaf(program, OPCODE_TIME, 0);
    program_leaf(program, OPCODE_NOT_REFRACTORY, 0);
    program_constant(program, 0.1);
    program_step_value(program, 2, a, b);
    program_element(program, 8, a, b);
    for (enum opcode opcode = OPCODE_ADD; opcode < OPCODE_COUNT; opcode++) {
        int operands = opcode_operands(opcode);
        bool of_masks = opcode == OPCODE_AND || opcode == OPCODE_OR || opcode == OPCODE_NOT || opcode == OPCODE_NUMBER_OF;
        if (opcode == OPCODE_SELECT)
            program_operation(program, opcode, mask, a, b);
        else if (opcode != OPCODE_STEP_VALUE && opcode != OPCODE_ELEMENT && !opcode_draws_count(opcode))
            program_operation(program, opcode, of_masks ? mask : a, operands < 2 ? -1 : of_masks ? other : b, -1);
    }
}

struct leaves {
    _Alignas(LANES_ALIGNMENT) double slots[2 * WIDTH], index[2 * WIDTH], time[WIDTH], refractory[WIDTH];
};

static void leaves_fill(struct leaves *leaves)
{
    const double extreme[] = {0, -0.0, 1, -1, 700, -1e300, MATHS_INFINITY, MATHS_NAN, 0x1p-1060, 3e7};
    const struct random_key key = random_key(1, RANDOM_VALUE, "wide", "leaves", 0);
    struct random_stream stream = random_stream_start(key, 0, 0);
    for (int k = 0; k < WIDTH; k++) {
        leaves->slots[k] = k % 7 ? 3 * random_stream_normal(&stream) : extreme[k / 7 % 10];
        leaves->slots[WIDTH + k] = k % 11 ? random_stream_normal(&stream) : extreme[k / 11 % 10];
        leaves->index[k] = leaves->index[WIDTH + k] = k;
        leaves->time[k] = 0.25 * k;
        leaves->refractory[k] = k % 3;
    }
}

static void take_lanes(const struct leaves *from, int at, struct leaves *to)
{
    for (int lane = 0; lane < LANES; lane++) {
        for (int slot = 0; slot < 2; slot++) {
            to->slots[slot * LANES + lane] = from->slots[slot * WIDTH + at + lane];
            to->index[slot * LANES + lane] = from->index[slot * WIDTH + at + lane];
        }
        to->time[lane] = from->time[at + lane];
        to->refractory[lane] = from->refractory[at + lane];
    }
}

static struct interpreter_leaves view(const struct leaves *leaves)
{
    /* shared: two numbers; where the two times and values of a step value stand; where an array stands, and its shape */
    static const double shared[] = {5, 6, 4, 2, -1, 0.5, 10, 20, 13, 2, 3, 1, 1, 30, 40, 50, 60, 70, 80};
    return (struct interpreter_leaves){
        .shared = shared, .slots = leaves->slots, .index = leaves->index, .time = leaves->time, .refractory = leaves->refractory};
}

static void test_programs(void **state)
{
    struct arena *arena = arena_create();
    struct program program;
    struct leaves leaves, few;
    const struct wide *all[2];
    program_of_everything(arena, &program);
    leaves_fill(&leaves);
    all_here(all);
    double *wide = MEMORY_NEW(program.n_instructions * WIDTH, double, TEMPORARY);
    double *narrow = memory_new(interpreter_scratch_bytes(&program), MEMORY_TEMPORARY);
    const struct interpreter_leaves wide_view = view(&leaves), narrow_view = view(&few);
    const struct interpreter_leaves shared_only = {.shared = wide_view.shared};
    for (int which = 0; which < 2; which++) {
        all[which]->interpret(&program, &wide_view, KEEPS_NONE, WIDTH, N, wide);
        all[which]->interpret(&program, &shared_only, KEEPS_LEAVES, WIDTH, N, wide);
        all[which]->interpret(&program, &wide_view, KEEPS_FILLED, WIDTH, N, wide);
        for (int at = 0; at < N; at += LANES) {
            take_lanes(&leaves, at, &few);
            interpret(&program, &narrow_view, narrow);
            for (int k = 0; k < program.n_instructions; k++)
                for (int lane = 0; lane < LANES; lane++)
                    if (!same(wide[k * WIDTH + at + lane], narrow[k * LANES + lane]))
                        fail_msg("instruction %d (opcode %d), element %d: %a and %a", k, (int)program.instructions[k].opcode,
                                 at + lane, wide[k * WIDTH + at + lane], narrow[k * LANES + lane]);
        }
        for (int k = 0; k < program.n_instructions; k++)
            for (int beyond = N; beyond < WIDTH; beyond++)
                assert_true(wide[k * WIDTH + beyond] == 0);
    }
    memory_free(wide);
    memory_free(narrow);
    arena_destroy(&arena);
}

/* ---- random numbers ---- */

struct names {
    uint32_t index[WIDTH], second[WIDTH], third[WIDTH];
};

static struct value_elements names_fill(struct names *names)
{
    for (uint32_t k = 0; k < WIDTH; k++) {
        names->index[k] = 0xfffffff0u + 3 * k;
        names->second[k] = k / 5;
        names->third[k] = k % 2;
    }
    return (struct value_elements){names->index, names->second, names->third};
}

static void test_random_numbers(void **state)
{
    _Alignas(LANES_ALIGNMENT) double uniform[N], normal[N];
    struct names names;
    const struct value_elements elements = names_fill(&names);
    const struct random_key key = random_key(1, RANDOM_VALUE, "wide", "numbers", 0);
    const struct wide *all[2];
    all_here(all);
    for (int which = 0; which < 2; which++) {
        all[which]->uniform(key, &elements, 12, N, uniform);
        all[which]->normal(key, &elements, 12, N, normal);
        for (int k = 0; k < N; k++) {
            uint64_t block = (uint64_t)names.third[k] << 32 | 12;
            struct random_stream one = random_stream_start_at(key, names.index[k], names.second[k], block), other = one;
            assert_true(same(uniform[k], random_stream_uniform(&one)));
            assert_true(same(normal[k], random_stream_normal(&other)));
        }
    }
}

/* ---- drawing again ---- */

/* A normal number above what the element's first slot says. */
static void program_of_bounded(struct arena *arena, struct program *program)
{
    program_begin(program, arena);
    int number = program_leaf(program, OPCODE_NORMAL, 0), bound = program_leaf(program, OPCODE_NODE, 0);
    program_output(program, VALUE_NUMBER, number);
    program_output(program, VALUE_ACCEPTED, program_operation(program, OPCODE_GREATER, number, bound, -1));
}

/* Against one element after the other, whose stream is read until a number is accepted. Most have several rounds, and two of the
 * bounds are never exceeded: the largest number of 53 bits is below 8.6. */
static void test_drawing_again(void **state)
{
    _Alignas(LANES_ALIGNMENT) double bound[WIDTH], values[N];
    unsigned char refused[N / LANES];
    struct arena *arena = arena_create();
    struct program program;
    struct value_maker maker;
    struct names names;
    const struct value_elements elements = names_fill(&names);
    program_of_bounded(arena, &program);
    value_maker_create(&program, 3, "wide", "bounded", WIDTH, &maker);
    for (int k = 0; k < WIDTH; k++)
        bound[k] = k % 3 * 1.2 - 1;
    for (int has_impossible = 0; has_impossible < 2; has_impossible++) {
        if (has_impossible)
            bound[9] = bound[31] = 9;
        bool any = value_maker_run(&maker, &elements, N, &(struct interpreter_leaves){.slots = bound}, values, refused);
        assert_true(any == has_impossible);
        for (int k = 0; k < N; k++) {
            bool is_impossible = bound[k] == 9;
            assert_true((refused[k / LANES] >> k % LANES & 1) == is_impossible);
            double number = bound[k];
            for (uint32_t round = 0; !is_impossible && number <= bound[k]; round++) {
                uint64_t block = (uint64_t)names.third[k] << 32 | round;
                struct random_stream stream = random_stream_start_at(random_key(3, RANDOM_VALUE, "wide", "bounded", 0),
                                                                     names.index[k], names.second[k], block);
                number = random_stream_normal(&stream);
            }
            assert_true(is_impossible || same(values[k], number));
        }
    }
    value_maker_release(&maker);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_programs),
        cmocka_unit_test(test_random_numbers),
        cmocka_unit_test(test_drawing_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
