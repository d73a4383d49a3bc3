#include "plan/divided_difference.h"

struct lowered decay_over(struct lowering *lowering, struct lowered a, struct lowered elapsed)
{
    return lower_unary(lowering, OPCODE_EXP, lower_binary(lowering, OPCODE_MULTIPLY, a, elapsed));
}

struct lowered divided_difference(struct lowering *lowering, struct lowered a, struct lowered b, struct lowered elapsed)
{
    struct lowered high = lower_binary(lowering, OPCODE_MAXIMUM, a, b), low = lower_binary(lowering, OPCODE_MINIMUM, a, b);
    struct lowered difference = lower_binary(lowering, OPCODE_SUBTRACT, low, high);
    struct lowered ratio = lower_unary(lowering, OPCODE_EXPREL, lower_binary(lowering, OPCODE_MULTIPLY, difference, elapsed));
    struct lowered decay = decay_over(lowering, high, elapsed);
    return lower_binary(lowering, OPCODE_MULTIPLY, lower_binary(lowering, OPCODE_MULTIPLY, elapsed, decay), ratio);
}
