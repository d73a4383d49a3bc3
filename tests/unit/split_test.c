/* A synapse's program, cut in two, gives what the whole gives. */
#include "plan/split.h"
#include "plan_fixture.h"
#include "support/lanes.h"

enum { STATES = 2, COLUMNS = 2, OWN_ARGUMENTS = 1, SENT = STATES + COLUMNS, NUMBERS = 16 };

/* Results by output slot. */
static void run(const struct program *program, const double *slots, const double *arguments, double results[][LANES])
{
    double *scratch = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    const double shared[] = {7};
    interpret(program, &(struct interpreter_leaves){.shared = shared, .slots = slots, .argument = arguments}, scratch);
    for (int k = 0; k < program->n_outputs; k++)
        memcpy(results[program->outputs[k].slot], scratch + program->outputs[k].reg * LANES, LANES * sizeof(double));
    memory_free(scratch);
}

/* state 0 decays; state 1 stays; column 1 takes what a condition of the source says; column 0 and a later argument are sent. */
static void write_whole(struct program *whole, struct arena *arena)
{
    program_begin(whole, arena);
    int state = program_leaf(whole, OPCODE_NODE, 0), column = program_leaf(whole, OPCODE_NODE, STATES + 0);
    int other = program_leaf(whole, OPCODE_NODE, STATES + 1), elapsed = program_leaf(whole, OPCODE_ARGUMENT, 0);
    int decayed = program_operation(
        whole, OPCODE_MULTIPLY, state,
        program_operation(whole, OPCODE_EXP, program_operation(whole, OPCODE_NEGATE, elapsed, -1, -1), -1, -1), -1);
    int shared = program_leaf(whole, OPCODE_SHARED, 0);
    int is_large = program_operation(whole, OPCODE_GREATER, decayed, program_constant(whole, 1), -1);
    int taken = program_operation(whole, OPCODE_SELECT, is_large, other, shared);
    int own = program_leaf(whole, OPCODE_ARGUMENT, OWN_ARGUMENTS);
    int sent = program_operation(whole, OPCODE_ADD, program_operation(whole, OPCODE_MULTIPLY, column, decayed, -1), own, -1);
    program_output(whole, 0, decayed);
    program_output(whole, 1, program_leaf(whole, OPCODE_NODE, 1));
    program_output(whole, STATES + 1, taken);
    program_output(whole, SENT, sent);
    program_finish(whole);
}

static void test_parts_give_the_whole(void **state)
{
    struct arena *arena = arena_create();
    struct program whole;
    write_whole(&whole, arena);
    struct split split = {.n_states = STATES, .n_columns = COLUMNS, .own_arguments = OWN_ARGUMENTS};
    split_program(&whole, &split);
    assert_int_equal(split.n_factors,
                     2); /* the decayed state, and whether it is large; what is shared is read where it is used */
    _Alignas(LANES_ALIGNMENT) double slots[(STATES + COLUMNS) * LANES], arguments[2 * LANES];
    _Alignas(LANES_ALIGNMENT) double expected[NUMBERS][LANES] = {{0}}, source[NUMBERS][LANES] = {{0}};
    _Alignas(LANES_ALIGNMENT) double synapse[NUMBERS][LANES] = {{0}}, own[(1 + 2) * LANES];
    for (int lane = 0; lane < LANES; lane++) {
        for (int k = 0; k < STATES + COLUMNS; k++)
            slots[k * LANES + lane] = 0.7 * lane + k;
        arguments[lane] = 0.1 * lane;
        arguments[LANES + lane] = 100 * lane;
    }
    run(&whole, slots, arguments, expected);
    run(&split.source, slots, arguments, source);
    memcpy(own, arguments + LANES, LANES * sizeof(double));
    for (int f = 0; f < split.n_factors; f++)
        memcpy(own + (1 + f) * LANES, source[STATES + f], LANES * sizeof(double));
    run(&split.synapse, slots + STATES * LANES, own, synapse);
    assert_memory_equal(source[0], expected[0], sizeof expected[0]);
    assert_memory_equal(source[1], expected[1], sizeof expected[1]);
    assert_memory_equal(synapse[1], expected[STATES + 1], sizeof expected[0]);
    assert_memory_equal(synapse[COLUMNS], expected[SENT], sizeof expected[0]);
    assert_true(expected[STATES + 1][0] == 7 && expected[STATES + 1][LANES - 1] == slots[(STATES + 1) * LANES + LANES - 1]);
    arena_destroy(&arena);
}

static void test_what_differs(void **state)
{
    struct arena *arena = arena_create();
    struct program whole;
    write_whole(&whole, arena);
    const bool *differs = split_differs(&whole, STATES, OWN_ARGUMENTS);
    for (int k = 0; k < whole.n_outputs; k++)
        assert_int_equal(differs[whole.outputs[k].reg], whole.outputs[k].slot >= STATES);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_give_the_whole),
        cmocka_unit_test(test_what_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
