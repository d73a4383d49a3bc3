/* Every source connects to every target. */
#include "network/rule.h"

static void draw_target(struct draw *draw, uint64_t target_position)
{
    struct choice sources = choice_of(draw->drawing, draw->drawing->projection->source->size, target_position);
    draw_reserve(draw, sources.n);
    for (draw->n = 0; draw->n < sources.n; draw->n++)
        draw->nodes[draw->n] = choice_at(sources, draw->n);
}

static double expected(const struct script *script, const struct projection *projection)
{
    return rule_allowed_pairs(projection);
}

const struct rule rule_all_to_all = {
    .signature = {.name = "all_to_all",
                  .text = "every source to every target",
                  .arguments = {{.name = "autapses", .kind = RULE_FLAG, .value = 1}}},
    .draw_target = draw_target,
    .expected = expected,
};
