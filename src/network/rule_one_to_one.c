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
    uint64_t self;
    bool forbidden = overlap_find(&draw->drawing->forbidden, target_position, &self) && self == target_position;
    draw_reserve(draw, 1);
    draw->n = !forbidden;
    draw->nodes[0] = (node_id)target_position;
}

/* Number of nodes that stand at the same position in both sets. */
static uint64_t n_in_place(const struct projection *projection)
{
    struct overlap overlap;
    uint64_t n = 0;
    overlap_create(projection->target, projection->source, &overlap);
    for (uint64_t k = 0; k < overlap.n; k++)
        if (overlap.stretches[k].first == overlap.stretches[k].other)
            n += overlap.stretches[k].length;
    overlap_release(&overlap);
    return n;
}

static double expected(const struct script *script, const struct projection *projection)
{
    return (double)(projection->target->size - (rule_allows(projection, "autapses") ? 0 : n_in_place(projection)));
}

const struct rule rule_one_to_one = {
    .signature = {.name = "one_to_one",
                  .text = "the k-th source to the k-th target",
                  .arguments = {{.name = "autapses", .kind = RULE_FLAG, .value = 1}},
                  .check = check},
    .draw_target = draw_target,
    .expected = expected,
};
