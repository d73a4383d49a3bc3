/* Each pair of a source and a target is connected with probability p, independently of all others. */
#include "network/rule.h"

enum argument { P, AUTAPSES };

static void draw_target(struct draw *draw, uint64_t target_position)
{
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, target_position);
    draw_pairwise_bernoulli(draw, &stream, target_position, P);
}

static double expected(const struct script *script, const struct projection *projection)
{
    return rule_mean(script, projection, P) * rule_allowed_pairs(projection);
}

const struct rule rule_pairwise_bernoulli = {
    .signature = {.name = "pairwise_bernoulli",
                  .text = "each pair with probability p",
                  .arguments = {[P] = {.name = "p", .kind = RULE_PROBABILITY, .required = true, .may_use_pair = true},
                                [AUTAPSES] = {.name = "autapses", .kind = RULE_FLAG, .value = 1}}},
    .draw_target = draw_target,
    .expected = expected,
};
