/* NEST's earlier tripartite rule: pairwise_bernoulli(p_primary) with third bernoulli_with_pool(p_third_if_primary, …) in one. */
#include "network/rule.h"

enum argument { P_PRIMARY, P_THIRD_IF_PRIMARY, POOL_SIZE, POOL_TYPE };

static struct third_part part_of(const struct projection *projection)
{
    const struct rule_value *arguments = projection->arguments;
    return third_part(projection, &arguments[P_THIRD_IF_PRIMARY], &arguments[POOL_SIZE], &arguments[POOL_TYPE]);
}

static int check(const struct projection *projection, struct fault *fault)
{
    struct third_part part = part_of(projection);
    return third_check(&part, projection, projection->rule_span, fault);
}

static void draw_target(struct draw *draw, uint64_t target_position)
{
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, target_position);
    draw_pairwise_bernoulli(draw, &stream, target_position, P_PRIMARY);
}

static double expected(const struct script *script, const struct projection *projection)
{
    return rule_mean(script, projection, P_PRIMARY) * rule_allowed_pairs(projection);
}

const struct rule rule_tripartite_bernoulli_with_pool = {
    .signature =
        {.name = "tripartite_bernoulli_with_pool",
         .tripartite = true,
         .text = "each pair with probability p_primary; with p_third_if_primary it takes a third node from the target's pool",
         .arguments = {[P_PRIMARY] = {.name = "p_primary", .kind = RULE_PROBABILITY, .required = true, .may_use_pair = true},
                       [P_THIRD_IF_PRIMARY] = {.name = "p_third_if_primary", .kind = RULE_PROBABILITY, .value = 1},
                       [POOL_SIZE] = {.name = "pool_size", .kind = RULE_COUNT},
                       [POOL_TYPE] = {.name = "pool_type", .kind = RULE_WORD, .words = third_pool_types}},
         .check = check},
    .draw_target = draw_target,
    .expected = expected,
    .third_part = part_of,
};
