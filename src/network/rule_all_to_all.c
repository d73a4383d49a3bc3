/* Every source connects to every target. */
#include "network/rule.h"

static void all_to_all_draw(uint64_t seed, const struct projection *projection, uint64_t target_position, struct draw *draw)
{
    draw->n = projection->source->size;
    draw_reserve(draw, draw->n);
    for (uint64_t source = 0; source < draw->n; source++)
        draw->sources[source] = (node_id)source;
}

static double all_to_all_expected(const struct projection *projection, enum connection_role role)
{
    return (double)projection->source->size * (double)projection->target->size;
}

const struct rule rule_all_to_all = {
    .signature = {.name = "all_to_all", .text = "every source to every target"},
    .draw = all_to_all_draw,
    .expected = all_to_all_expected,
};
