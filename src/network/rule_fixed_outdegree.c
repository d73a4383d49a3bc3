/* Each source makes `outdegree` connections to uniformly drawn targets: independently of each other with multapses, else to as
 * many different ones. */
#include "network/rule.h"

enum argument { OUTDEGREE, AUTAPSES, MULTAPSES };

static int check(const struct projection *projection, struct fault *fault)
{
    return rule_check_degree(projection, OUTDEGREE, projection->source, projection->target, fault);
}

static uint64_t n_items(const struct projection *projection)
{
    return projection->source->size;
}

static void draw_item(struct draw *draw, uint64_t source_position)
{
    const struct projection *projection = draw->drawing->projection;
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, source_position);
    struct choice targets = choice_of(draw->drawing, projection->target->size, source_position);
    draw->n = 0;
    draw_nodes(draw, &stream, targets, (uint64_t)projection->arguments[OUTDEGREE].number);
    draw_reserve_pairs(draw, draw->n);
    for (draw->n_pairs = 0; draw->n_pairs < draw->n; draw->n_pairs++)
        draw->pairs[draw->n_pairs] = (struct pair){(node_id)source_position, draw->nodes[draw->n_pairs]};
}

static double expected(const struct script *script, const struct projection *projection)
{
    return projection->arguments[OUTDEGREE].number * (double)projection->source->size;
}

const struct rule rule_fixed_outdegree = {
    .signature = {.name = "fixed_outdegree",
                  .text = "outdegree connections from each source, to targets drawn uniformly",
                  .arguments = {[OUTDEGREE] = {.name = "outdegree", .kind = RULE_TOTAL, .required = true},
                                [AUTAPSES] = {.name = "autapses", .kind = RULE_FLAG, .value = 1},
                                [MULTAPSES] = {.name = "multapses", .kind = RULE_FLAG, .value = 1}},
                  .check = check},
    .n_items = n_items,
    .draw_item = draw_item,
    .expected = expected,
};
