/* Each target gets `indegree` connections from uniformly drawn sources: independently of each other with multapses, else from as
 * many different ones. */
#include "network/rule.h"

enum argument { INDEGREE, AUTAPSES, MULTAPSES };

static int check(const struct projection *projection, struct fault *fault)
{
    return rule_check_degree(projection, INDEGREE, projection->target, projection->source, fault);
}

static void draw_target(struct draw *draw, uint64_t target_position)
{
    const struct projection *projection = draw->drawing->projection;
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, target_position);
    struct choice sources = choice_of(draw->drawing, projection->source->size, target_position);
    draw->n = 0;
    draw_nodes(draw, &stream, sources, (uint64_t)projection->arguments[INDEGREE].number);
}

static double expected(const struct projection *projection)
{
    return projection->arguments[INDEGREE].number * (double)projection->target->size;
}

const struct rule rule_fixed_indegree = {
    .signature = {.name = "fixed_indegree",
                  .text = "indegree connections to each target, from sources drawn uniformly",
                  .arguments = {[INDEGREE] = {.name = "indegree", .kind = RULE_TOTAL, .required = true},
                                [AUTAPSES] = {.name = "autapses", .kind = RULE_FLAG, .value = 1},
                                [MULTAPSES] = {.name = "multapses", .kind = RULE_FLAG, .value = 1}},
                  .check = check},
    .draw_target = draw_target,
    .expected = expected,
};
