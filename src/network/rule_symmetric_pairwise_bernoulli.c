/* Each two different nodes of a set are connected in both directions with probability p, and else not at all.
 *
 * Every pair is decided once, for one of its nodes: the set is seen as a circle, and each node decides about the half of the
 * circle behind it. So all nodes have the same work. */
#include <string.h>

#include "language/source.h"
#include "network/rule.h"

static bool same_part(const struct node_part *a, const struct node_part *b)
{
    if (a->population != b->population || a->count != b->count || !a->list != !b->list)
        return false;
    return a->list ? memcmp(a->list, b->list, a->count * sizeof *a->list) == 0 : a->first == b->first;
}

static bool same_set(const struct node_set *a, const struct node_set *b)
{
    if (a->n_parts != b->n_parts)
        return false;
    for (int k = 0; k < a->n_parts; k++)
        if (!same_part(&a->parts[k], &b->parts[k]))
            return false;
    return true;
}

static int check(const struct projection *projection, struct fault *fault)
{
    if (same_set(projection->source, projection->target))
        return 0;
    return source_fault(fault, projection->rule_span,
                        "symmetric_pairwise_bernoulli connects a set with itself: sources and targets must be the same");
}

static uint64_t n_items(const struct projection *projection)
{
    return projection->source->size;
}

/* How many of the nodes behind `node` it decides about. Where the number of nodes is even, each has one opposite; the node in the
 * first half decides. */
static uint64_t n_partners(uint64_t n, uint64_t node)
{
    return (n - 1) / 2 + (n % 2 == 0 && node < n / 2);
}

static void draw_item(struct draw *draw, uint64_t node)
{
    const struct projection *projection = draw->drawing->projection;
    uint64_t n = projection->source->size;
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, node);
    struct choice partners = {n_partners(n, node), UINT64_MAX};
    draw->n = 0;
    draw_bernoulli(draw, &stream, partners, projection->arguments[0].number);
    draw_reserve_pairs(draw, 2 * draw->n);
    draw->n_pairs = 0;
    for (uint64_t k = 0; k < draw->n; k++) {
        node_id partner = (node_id)((node + 1 + draw->nodes[k]) % n);
        draw->pairs[draw->n_pairs++] = (struct pair){(node_id)node, partner};
        draw->pairs[draw->n_pairs++] = (struct pair){partner, (node_id)node};
    }
}

static double expected(const struct script *script, const struct projection *projection)
{
    double n = (double)projection->source->size;
    return projection->arguments[0].number * n * (n - 1);
}

const struct rule rule_symmetric_pairwise_bernoulli = {
    .signature = {.name = "symmetric_pairwise_bernoulli",
                  .text = "each two different nodes of a set in both directions with probability p",
                  .arguments = {{.name = "p", .kind = RULE_PROBABILITY, .required = true}},
                  .check = check},
    .n_items = n_items,
    .draw_item = draw_item,
    .expected = expected,
};
