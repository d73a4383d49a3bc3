/* Most operations are monotone in each operand, so their extremes lie at the corners of the box that the operands span: these are
 * computed side by side, in the lanes of one run of the operation. A truth value is an interval from 0 (may be false) to 1 (may
 * be true). */
#include "kernels/interval.h"

#include <math.h>
#include <stdbool.h>

#include "kernels/interpreter.h"
#include "support/lanes.h"
#include "support/maths.h"

static const struct interval everything = {-MATHS_INFINITY, MATHS_INFINITY};

static struct interval point(double value)
{
    return value == value ? (struct interval){value, value} : everything;
}

static bool spans_zero(struct interval a)
{
    return a.low <= 0 && a.high >= 0;
}

/* ---- monotone operations ------------------------------------------------------------------------------------------------ */

/* The smallest and the largest value of an operation at LANES points. */
static struct interval over_points(enum opcode opcode, const double points[2][LANES])
{
    struct instruction instructions[3] = {
        {.opcode = OPCODE_NODE, .slot = 0},
        {.opcode = OPCODE_NODE, .slot = 1},
        {.opcode = opcode, .operand = {0, 1, -1}},
    };
    const struct program program = {.instructions = instructions, .n_instructions = 3};
    _Alignas(LANES_ALIGNMENT) double registers[3 * LANES];
    interpret(&program, &(struct interpreter_leaves){.slots = points[0]}, registers);
    struct interval range = point(registers[2 * LANES]);
    for (int lane = 1; lane < LANES; lane++)
        range = interval_hull(range, point(registers[2 * LANES + lane]));
    return range;
}

/* At the corners, and where the first operand is 0, at which even functions turn. */
static struct interval over_corners(enum opcode opcode, struct interval a, struct interval b)
{
    _Alignas(LANES_ALIGNMENT) double points[2][LANES];
    for (int lane = 0; lane < LANES; lane++) {
        points[0][lane] = lane & 1 ? a.high : lane & 4 && spans_zero(a) ? 0 : a.low;
        points[1][lane] = lane & 2 ? b.high : b.low;
    }
    return over_points(opcode, points);
}

/* ---- truth values ------------------------------------------------------------------------------------------------------- */

static struct interval truth(bool may_be_true, bool may_be_false)
{
    return (struct interval){!may_be_false, may_be_true};
}

static struct interval less(struct interval a, struct interval b)
{
    return truth(a.low < b.high, a.high >= b.low);
}

static struct interval less_equal(struct interval a, struct interval b)
{
    return truth(a.low <= b.high, a.high > b.low);
}

static struct interval equal(struct interval a, struct interval b)
{
    return truth(a.low <= b.high && b.low <= a.high, !(a.low == a.high && b.low == b.high && a.low == b.low));
}

static struct interval negation(struct interval a)
{
    return (struct interval){1 - a.high, 1 - a.low};
}

static struct interval choice(struct interval condition, struct interval a, struct interval b)
{
    return condition.low == 1 ? a : condition.high == 0 ? b : interval_hull(a, b);
}

/* ---- a program ---------------------------------------------------------------------------------------------------------- */

/* a % b lies between 0 and b; where a does not pass a multiple of a fixed b, it grows with a. */
static struct interval remainder_of(struct interval a, struct interval b)
{
    if (spans_zero(b))
        return everything;
    if (b.low == b.high && floor(a.low / b.low) == floor(a.high / b.low))
        return over_corners(OPCODE_MODULO, a, b);
    return interval_hull(point(0), b);
}

/* Sums and differences, which are frequent, and monotone in double arithmetic as well. */
static struct interval sum(double low, double high)
{
    return low == low && high == high ? (struct interval){low, high} : everything;
}

static struct interval of_instruction(const struct instruction *i, const struct interval_leaves *leaves,
                                      const struct interval *registers)
{
    const int operands = opcode_operands(i->opcode);
    struct interval a = operands > 0 ? registers[i->operand[0]] : point(0);
    struct interval b = operands > 1 ? registers[i->operand[1]] : point(0);
    switch (i->opcode) {
    case OPCODE_CONSTANT:
        return point(i->value);
    case OPCODE_SHARED:
        return point(leaves->shared[i->slot]);
    case OPCODE_DISTANCE:
        return leaves->distance;
    case OPCODE_INDEX:
        return leaves->index[i->slot];
    case OPCODE_NODE:
        return leaves->slots[i->slot];
    case OPCODE_UNIFORM:
        return (struct interval){0, 1};
    case OPCODE_ADD:
        return sum(a.low + b.low, a.high + b.high);
    case OPCODE_SUBTRACT:
        return sum(a.low - b.high, a.high - b.low);
    case OPCODE_NEGATE:
        return (struct interval){-a.high, -a.low};
    case OPCODE_DIVIDE:
    case OPCODE_FLOOR_DIVIDE:
        return spans_zero(b) ? everything : over_corners(i->opcode, a, b);
    case OPCODE_MODULO:
        return remainder_of(a, b);
    case OPCODE_POWER:
        return a.low < 0 ? everything : over_corners(i->opcode, a, b);
    case OPCODE_SIN:
    case OPCODE_COS:
        return (struct interval){-1, 1};
    case OPCODE_TAN:
    case OPCODE_STEP_VALUE:
    case OPCODE_ELEMENT:
        return everything;
    case OPCODE_LESS:
        return less(a, b);
    case OPCODE_LESS_EQUAL:
        return less_equal(a, b);
    case OPCODE_GREATER:
        return less(b, a);
    case OPCODE_GREATER_EQUAL:
        return less_equal(b, a);
    case OPCODE_EQUAL:
        return equal(a, b);
    case OPCODE_NOT_EQUAL:
        return negation(equal(a, b));
    case OPCODE_AND:
        return over_corners(OPCODE_MINIMUM, a, b);
    case OPCODE_OR:
        return over_corners(OPCODE_MAXIMUM, a, b);
    case OPCODE_NOT:
        return negation(a);
    case OPCODE_SELECT:
        return choice(a, b, registers[i->operand[2]]);
    case OPCODE_NUMBER_OF:
        return a;
    default:
        return operands > 0 ? over_corners(i->opcode, a, b) : everything;
    }
}

struct interval interval_of_program(const struct program *program, const struct interval_leaves *leaves,
                                    struct interval *registers)
{
    if (program_draws_counts(program)) /* which makes all of a value NaN where a count cannot be drawn */
        return everything;
    for (int k = 0; k < program->n_instructions; k++)
        registers[k] = of_instruction(&program->instructions[k], leaves, registers);
    return registers[program->outputs[0].reg];
}
