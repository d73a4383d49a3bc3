/* Each pair of a source and a target is connected with probability p, independently of all others. */
#include "network/rule.h"

enum argument { P, AUTAPSES };

static void draw_target(struct draw *draw, uint64_t target_position)
{
    const struct projection *projection = draw->drawing->projection;
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, target_position);
    struct choice sources = choice_of(draw->drawing, projection->source->size, target_position);
    draw->n = 0;
    draw_bernoulli(draw, &stream, sources, projection->arguments[P].number);
}

static double expected(const struct projection *projection)
{
    return projection->arguments[P].number * rule_allowed_pairs(projection);
}

const struct rule rule_pairwise_bernoulli = {
    .signature = {.name = "pairwise_bernoulli",
                  .text = "each pair with probability p",
                  .arguments = {[P] = {.name = "p", .kind = RULE_PROBABILITY, .required = true},
                                [AUTAPSES] = {.name = "autapses", .kind = RULE_FLAG, .value = 1}}},
    .draw_target = draw_target,
    .expected = expected,
};
