/* The pairs of which a condition holds, each with probability p, and n synapses for each that is connected. */
#include "network/rule.h"

enum argument { CONDITION, P, N, AUTAPSES };

static void draw_target(struct draw *draw, uint64_t target_position)
{
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, target_position);
    draw->n = 0;
    draw_bernoulli_by_pair(draw, &stream, target_position);
}

static double expected(const struct script *script, const struct projection *projection)
{
    return rule_mean(script, projection, P) * rule_mean(script, projection, N) * rule_allowed_pairs(projection);
}

const struct rule rule_condition = {
    .signature = {.name = "condition",
                  .text = "the pairs of which a condition holds",
                  .arguments = {[CONDITION] = {.name = "condition", .kind = RULE_CONDITION, .required = true},
                                [P] = {.name = "p", .kind = RULE_PROBABILITY, .value = 1, .may_use_pair = true},
                                [N] = {.name = "n", .kind = RULE_COPIES, .value = 1, .may_use_pair = true},
                                [AUTAPSES] = {.name = "autapses", .kind = RULE_FLAG, .value = 1}}},
    .draw_target = draw_target,
    .expected = expected,
};
