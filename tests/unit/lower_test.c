/* Expressions become programs that compute them: for values that all nodes share, and for values of each node. */
#include "kernels/shared_values.h"
#include "plan_fixture.h"

#define A 1.75
#define B -0.6
#define DT 1e-4

struct row {
    const char *text;
    double value;
};

/* An expression that C writes in the same way. */
#define SAME(expression)        \
    {                           \
#expression, expression \
    }

static double a = A, b = B;

static struct plan *plan_with(struct arena *arena, const char *expression, bool per_node)
{
    const char *values = per_node ? "{ a = [1.75, 1.75]; b = [-0.6, -0.6]; T = [0.35, 0.35] ms }" : "{}";
    return plan_of_text(arena, arena_format(arena,
                                            "neuron model m { a : 1 = 1.75; b : 1 = -0.6; T : ms = 0.35 ms\n y = %s : 1 }\n"
                                            "population cells[2] : m %s",
                                            expression, values));
}

static struct program program_of(struct arena *arena, struct plan *plan, const char *variable)
{
    struct program program;
    struct fault fault = {0};
    struct node_plan *nodes = &plan->nodes[0];
    if (node_plan_value(arena, nodes, model_variable(nodes->model, variable), &program, &fault))
        fail_msg("%s", fault.text);
    return program;
}

/* The value of y in lane 1, at step 7, for node 3. */
static double evaluate(const char *expression, bool per_node)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_with(arena, expression, per_node);
    struct program program = program_of(arena, plan, "y");
    struct nodes nodes;
    nodes_create(plan->script, &plan->nodes[0], NULL, (struct partition){&partition_round_robin, 1}, 0, 1, &nodes);
    _Alignas(LANES_ALIGNMENT) double time[LANES], step[LANES], index[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        step[lane] = 7;
        time[lane] = 7 * DT;
        index[lane] = 2 + lane;
    }
    double *scratch = memory_new(interpreter_scratch_bytes(&program), MEMORY_TEMPORARY);
    interpret(
        &program,
        &(struct interpreter_leaves){
            .shared = nodes.shared, .states = nodes.slots, .slots = nodes.slots, .time = time, .step = step, .index = index},
        scratch);
    double value = scratch[program.outputs[0].reg * LANES + 1];
    memory_free(scratch);
    nodes_release(&nodes);
    arena_destroy(&arena);
    return value;
}

static void test_values(void **state)
{
    const struct row rows[] = {
        SAME(a + b),
        SAME(a - b),
        SAME(a * b),
        SAME(a / b),
        SAME(-a),
        SAME(a + b * a - a / b / a),
        SAME(2 * a - b / 3),
        SAME(b + -a * 0.3),
        SAME(-a * 0.3 + b),
        SAME(b - -a * 0.3),
        SAME(-a * -b),
        SAME(-a * 0.3 - b),
        SAME(-(-a)),
        SAME(exp(b)),
        SAME(expm1(b)),
        SAME(log(a)),
        SAME(log10(a)),
        SAME(log1p(b)),
        SAME(sqrt(a)),
        SAME(sin(a)),
        SAME(cos(a)),
        SAME(tan(a)),
        SAME(sinh(a)),
        SAME(cosh(a)),
        SAME(tanh(b)),
        SAME(floor(b)),
        SAME(ceil(b)),
        {"abs(b)", fabs(b)},
        {"sign(b)", -1},
        {"sign(0*a)", 0},
        {"int(b*10)", -6},
        {"int(a > b)", 1},
        {"int(not a > b)", 0},
        {"arcsin(b)", asin(b)},
        {"arccos(b)", acos(b)},
        {"arctan(a)", atan(a)},
        {"exprel(b)", expm1(b) / b},
        {"exprel(0*a)", 1},
        {"a**b", pow(a, b)},
        {"b**2", b * b},
        {"b**3", b * b * b},
        {"b**-1", 1 / b},
        {"b**-3", 1 / (b * b * b)},
        {"b**0", 1},
        {"-b**2", -(b * b)},
        {"2**-a", pow(2, -a)},
        {"a**13", pow(a, 13)},
        {"a**0.5", sqrt(a)},
        {"a//b", floor(a / b)},
        {"a % b", fmod(a, b) + b},
        {"b % a", fmod(b, a) + a},
        {"mod(a, b)", fmod(a, b) + b},
        {"min(a, b)", b},
        {"max(a, b)", a},
        {"clip(a, b, 1)", 1},
        {"clip(b, 0, a)", 0},
        {"clip(a, b, 2)", a},
        {"where(a > b, 1, 2)", 1},
        {"where(a < b, 1, 2)", 2},
        {"where(a >= a and b <= b, 1, 2)", 1},
        {"where(a == b or a != b, 1, 2)", 1},
        {"where(not a == a, 1, 2)", 2},
        {"where(a > 0, 1, 2) + where(t_in_timesteps > 7, 10, 20)", 21},
        {"where(a > 0 and t_in_timesteps == 7, 1, 2)", 1},
        {"where(b < 0, 1.5, log(b))", 1.5},
        {"where(b > 0, sqrt(b), 1/(a - a))", INFINITY},
        {"where(b > 0, 0/(a - a), a)", A},
        {"t/dt", 7},
        {"t_in_timesteps*a", 7 * A},
        {"i + N*a", 3 + 2 * A},
        {"steps(T)", 4},
        {"steps(0.3 ms)", 3},
        {"steps(0.3004 ms)", 3},
        {"steps(0.301 ms)", 4},
        {"steps(inf*ms)", INFINITY},
        {"steps(T - T)", 0},
        {"timestep(T, dt)", 3},
        {"timestep(0.3 ms, dt)", 3},
        {"timestep(0.29995 ms, dt)", 3},
        {"timestep(0.2998 ms, dt)", 2},
        {"timestep(-T, dt)", -3},
        {"e*a + pi", M_E * A + M_PI},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        for (int per_node = 0; per_node < 2; per_node++)
            assert_relative(evaluate(rows[k].text, per_node), rows[k].value, 4e-16, rows[k].text);
}

/* What depends on parameters alone reaches the program of a node as one number; a truth value too. */
static void test_uniform_values_are_shared(void **state)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_with(arena, "a*exp(b)/(T/(1 ms)) + where(a > b and T > 1 us, sin(a), cos(b))", false);
    struct program program = program_of(arena, plan, "y");
    assert_int_equal(program.n_instructions, 1);
    assert_int_equal(program.instructions[0].opcode, OPCODE_SHARED);
    plan = plan_with(arena, "where(a > b, t/dt, i)", false);
    program = program_of(arena, plan, "y");
    assert_true(program_uses(&program, OPCODE_NOT_EQUAL)); /* the mask was a number in the table */
    assert_false(program_uses(&program, OPCODE_GREATER));
    arena_destroy(&arena);
}

static int count(const struct program *program, enum opcode opcode)
{
    int n = 0;
    for (int k = 0; k < program->n_instructions; k++)
        n += program->instructions[k].opcode == opcode;
    return n;
}

/* Equal parts are computed once, through names of subexpressions too; a division by a shared value is no division. */
static void test_common_parts(void **state)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, "neuron model m { tau : ms = 5 ms\n r = exp(v/tau*ms) : 1\n unused = sin(v) : 1\n"
                                            "y = r/(1 + r) + exp(v/tau*ms)/tau*ms : 1\n dv/dt = -v**3/tau : 1 }\n"
                                            "population cells[2] : m");
    struct program program = program_of(arena, plan, "y");
    assert_int_equal(count(&program, OPCODE_EXP), 1);
    assert_int_equal(count(&program, OPCODE_SIN), 0);
    assert_int_equal(count(&program, OPCODE_DIVIDE), 1); /* by 1 + r */
    for (int k = 0; k < program.n_instructions; k++)
        for (int o = 0; o < opcode_operands(program.instructions[k].opcode); o++)
            assert_in_range(program.instructions[k].operand[o], 0, k - 1);
    arena_destroy(&arena);
}

/* A sign costs nothing where a sum can take it in. */
static void test_signs_move(void **state)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_with(arena, "-a*0.3*b + 1 - -b*-0.2*a", true);
    struct program program = program_of(arena, plan, "y");
    assert_int_equal(count(&program, OPCODE_NEGATE), 0);
    plan = plan_with(arena, "exp(-a*b)", true);
    program = program_of(arena, plan, "y");
    assert_int_equal(count(&program, OPCODE_NEGATE), 1);
    arena_destroy(&arena);
}

static void test_dead_code_goes(void **state)
{
    struct arena *arena = arena_create();
    struct program program;
    program_begin(&program, arena);
    int x = program_leaf(&program, OPCODE_NODE, 4);
    program_operation(&program, OPCODE_EXP, x, -1, -1);
    int minus_zero = program_constant(&program, -0.0), zero = program_constant(&program, 0.0);
    assert_int_not_equal(minus_zero, zero);
    assert_int_equal(program_constant(&program, NAN), program_constant(&program, NAN));
    int sum = program_operation(&program, OPCODE_ADD, x, zero, -1);
    assert_int_equal(program_operation(&program, OPCODE_ADD, x, zero, -1), sum);
    program_output(&program, 9, sum);
    program_finish(&program);
    assert_int_equal(program.n_instructions, 3);
    assert_int_equal(program.outputs[0].slot, 9);
    assert_int_equal(program.outputs[0].reg, 2);
    assert_int_equal(program.instructions[0].slot, 4);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),         cmocka_unit_test(test_uniform_values_are_shared),
        cmocka_unit_test(test_common_parts),   cmocka_unit_test(test_signs_move),
        cmocka_unit_test(test_dead_code_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
