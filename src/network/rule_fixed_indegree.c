/* Each target gets `indegree` connections from randomly drawn sources: independently of each other with multapses, else from as
 * many different ones. All sources are equally likely, or each as likely as p says: it is drawn uniformly, and accepted with this
 * probability, again and again until there are enough. */
#include "language/source.h"
#include "network/rule.h"

enum argument { INDEGREE, AUTAPSES, MULTAPSES, P };

static int check(const struct projection *projection, struct fault *fault)
{
    double indegree = projection->arguments[INDEGREE].number;
    if (indegree > 0 && projection->arguments[P].number == 0 && !projection->arguments[P].expression)
        return source_fault(fault, projection->rule_span,
                            "fixed_indegree: with p = 0 no source is accepted, so none can have indegree = %.0f", indegree);
    return rule_check_degree(projection, INDEGREE, projection->target, projection->source, fault);
}

static void draw_target(struct draw *draw, uint64_t target_position)
{
    const struct projection *projection = draw->drawing->projection;
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, target_position);
    struct choice sources = choice_of(draw->drawing, projection->source->size, target_position);
    uint64_t indegree = (uint64_t)projection->arguments[INDEGREE].number;
    draw->n = 0;
    if (draw->drawing->by_pair)
        draw_nodes_by_pair(draw, &stream, target_position, indegree);
    else
        draw_nodes(draw, &stream, sources, indegree);
}

static double expected(const struct script *script, const struct projection *projection)
{
    return projection->arguments[INDEGREE].number * (double)projection->target->size;
}

const struct rule rule_fixed_indegree = {
    .signature = {.name = "fixed_indegree",
                  .text = "indegree connections to each target, from sources drawn uniformly, or as p says",
                  .arguments = {[INDEGREE] = {.name = "indegree", .kind = RULE_TOTAL, .required = true},
                                [AUTAPSES] = {.name = "autapses", .kind = RULE_FLAG, .value = 1},
                                [MULTAPSES] = {.name = "multapses", .kind = RULE_FLAG, .value = 1},
                                [P] = {.name = "p", .kind = RULE_PROBABILITY, .value = 1, .may_use_pair = true}},
                  .check = check},
    .draw_target = draw_target,
    .expected = expected,
};
