/* n connections in all, between pairs that are drawn uniformly: independently of each other with multapses, else n different
 * ones.
 *
 * How many of them a target gets is found without looking at the other targets: at the root of a binary tree over the target
 * positions stand all n, and each node splits its number between its halves by a draw of its own, binomial (hypergeometric
 * without multapses) in proportion to the pairs that each half may connect. A rank walks down only to its own targets, and from
 * one target to the next it begins where their ways part. The sources of a target are then drawn as for fixed_indegree. */
#include "language/source.h"
#include "network/rule.h"
#include "support/random_distributions.h"

enum argument { N, AUTAPSES, MULTAPSES };

static int check(const struct projection *projection, struct fault *fault)
{
    double n = projection->arguments[N].number, pairs = rule_allowed_pairs(projection);
    if (n > (double)RANDOM_BINOMIAL_TRIALS_MAX)
        return source_fault(fault, projection->rule_span, "fixed_total_number: n = %.0f is more than the %.0f that are possible",
                            n, (double)RANDOM_BINOMIAL_TRIALS_MAX);
    if (n > 0 && pairs == 0)
        return source_fault(fault, projection->rule_span,
                            "fixed_total_number: n = %.0f, but no pair of a source and a target may be connected", n);
    if (!rule_allows(projection, "multapses") && n > pairs)
        return source_fault(fault, projection->rule_span,
                            "fixed_total_number without multapses: n = %.0f is more than the %.0f pairs that may be connected", n,
                            pairs);
    return 0;
}

/* Number of pairs that targets [begin, end) may take part in. */
static uint64_t pairs_of(const struct drawing *drawing, uint64_t begin, uint64_t end)
{
    return (end - begin) * drawing->projection->source->size -
           (overlap_below(&drawing->forbidden, end) - overlap_below(&drawing->forbidden, begin));
}

/* How many connections of a tree node go to its targets before `middle`. */
static uint64_t split(const struct drawing *drawing, const struct tree_node *node, uint64_t middle)
{
    struct random_key key = random_key(drawing->seed, RANDOM_CONNECT, drawing->projection->name, "split", 0);
    struct random_stream stream = random_stream_start(key, (uint32_t)node->begin, (uint32_t)(node->end - node->begin));
    uint64_t left = pairs_of(drawing, node->begin, middle), all = pairs_of(drawing, node->begin, node->end);
    if (node->count == 0)
        return 0;
    if (drawing->multapses)
        return random_stream_binomial(&stream, node->count, (double)left / (double)all);
    return random_stream_hypergeometric(&stream, node->count, left, all - left);
}

static struct tree_node child(const struct drawing *drawing, const struct tree_node *node, uint64_t target)
{
    uint64_t middle = node->begin + (node->end - node->begin) / 2, left = split(drawing, node, middle);
    if (target < middle)
        return (struct tree_node){node->begin, middle, left};
    return (struct tree_node){middle, node->end, node->count - left};
}

static uint64_t in_degree(struct draw *draw, uint64_t target)
{
    const struct projection *projection = draw->drawing->projection;
    while (draw->depth > 0 && (target < draw->path[draw->depth - 1].begin || target >= draw->path[draw->depth - 1].end))
        draw->depth--;
    if (draw->depth == 0)
        draw->path[draw->depth++] = (struct tree_node){0, projection->target->size, (uint64_t)projection->arguments[N].number};
    while (draw->path[draw->depth - 1].end - draw->path[draw->depth - 1].begin > 1) {
        draw->path[draw->depth] = child(draw->drawing, &draw->path[draw->depth - 1], target);
        draw->depth++;
    }
    return draw->path[draw->depth - 1].count;
}

static void draw_target(struct draw *draw, uint64_t target_position)
{
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, target_position);
    struct choice sources = choice_of(draw->drawing, draw->drawing->projection->source->size, target_position);
    draw->n = 0;
    draw_nodes(draw, &stream, sources, in_degree(draw, target_position));
}

static double expected(const struct script *script, const struct projection *projection)
{
    return projection->arguments[N].number;
}

const struct rule rule_fixed_total_number = {
    .signature = {.name = "fixed_total_number",
                  .text = "n connections in all, between pairs drawn uniformly",
                  .arguments = {[N] = {.name = "n", .kind = RULE_TOTAL, .required = true},
                                [AUTAPSES] = {.name = "autapses", .kind = RULE_FLAG, .value = 1},
                                [MULTAPSES] = {.name = "multapses", .kind = RULE_FLAG, .value = 1}},
                  .check = check},
    .draw_target = draw_target,
    .expected = expected,
};
