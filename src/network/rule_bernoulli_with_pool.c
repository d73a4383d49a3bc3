/* NEST's third-factor rule, which stands behind any other rule: see third.h. */
#include "network/rule.h"

enum argument { P, POOL_SIZE, POOL_TYPE };

static struct third_part part_of(const struct projection *projection)
{
    const struct rule_value *arguments = projection->third_arguments;
    return third_part(projection, &arguments[P], &arguments[POOL_SIZE], &arguments[POOL_TYPE]);
}

static int check(const struct projection *projection, struct fault *fault)
{
    struct third_part part = part_of(projection);
    return third_check(&part, projection, projection->third_span, fault);
}

const struct rule rule_bernoulli_with_pool = {
    .signature = {.name = "bernoulli_with_pool",
                  .is_third = true,
                  .text = "each connection of another rule takes a third node from the target's pool with probability p",
                  .arguments = {[P] = {.name = "p", .kind = RULE_PROBABILITY, .value = 1},
                                [POOL_SIZE] = {.name = "pool_size", .kind = RULE_COUNT},
                                [POOL_TYPE] = {.name = "pool_type", .kind = RULE_WORD, .words = third_pool_types}},
                  .check = check},
    .third_part = part_of,
};
