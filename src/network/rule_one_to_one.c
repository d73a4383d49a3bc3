/* The k-th source connects to the k-th target. */
#include "language/source.h"
#include "network/rule.h"

static int check(const struct projection *projection, struct fault *fault)
{
    if (projection->source->size == projection->target->size)
        return 0;
    return source_fault(fault, projection->rule_span, "one_to_one needs as many sources as targets, but there are %llu and %llu",
                        (unsigned long long)projection->source->size, (unsigned long long)projection->target->size);
}

static void draw_target(struct draw *draw, uint64_t target_position)
{
    draw_reserve(draw, 1);
    draw->n = 1;
    draw->nodes[0] = (node_id)target_position;
}

static double expected(const struct projection *projection)
{
    return (double)projection->target->size;
}

const struct rule rule_one_to_one = {
    .signature = {.name = "one_to_one", .text = "the k-th source to the k-th target", .check = check},
    .draw_target = draw_target,
    .expected = expected,
};
