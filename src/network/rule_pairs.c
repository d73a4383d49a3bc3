/* The connections are listed: the k-th one goes from the source at position sources[k] to the target at position targets[k]. Each
 * is made with probability p, and n times. */
#include "language/source.h"
#include "network/rule.h"

enum argument { SOURCES, TARGETS, P, N };

static int check_positions(const struct projection *projection, enum argument argument, const struct node_set *set,
                           struct fault *fault)
{
    const struct rule_value *list = &projection->arguments[argument];
    for (uint64_t k = 0; k < list->n_indices; k++)
        if (list->indices[k] >= set->size)
            return source_fault(
                fault, projection->rule_span, "pairs: '%s' has position %u (row %llu), but %s has %llu nodes, from 0 to %llu",
                projection->rule->arguments[argument].name, list->indices[k], (unsigned long long)k,
                set->name ? set->name : "the set", (unsigned long long)set->size, (unsigned long long)set->size - 1);
    return 0;
}

static int check(const struct projection *projection, struct fault *fault)
{
    const struct rule_value *list = projection->arguments;
    if (list[SOURCES].n_indices != list[TARGETS].n_indices)
        return source_fault(fault, projection->rule_span, "pairs needs two lists of equal length, but they have %llu and %llu",
                            (unsigned long long)list[SOURCES].n_indices, (unsigned long long)list[TARGETS].n_indices);
    TRY(check_positions(projection, SOURCES, projection->source, fault));
    return check_positions(projection, TARGETS, projection->target, fault);
}

static uint64_t n_items(const struct projection *projection)
{
    return projection->arguments[SOURCES].n_indices;
}

static void draw_item(struct draw *draw, uint64_t item)
{
    const struct rule_value *list = draw->drawing->projection->arguments;
    const double p = list[P].number;
    draw->n_pairs = 0;
    if (p < 1) {
        struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, item);
        if (random_stream_uniform(&stream) >= p)
            return;
    }
    const uint64_t n = (uint64_t)list[N].number;
    draw_reserve_pairs(draw, n);
    while (draw->n_pairs < n)
        draw->pairs[draw->n_pairs++] = (struct pair){list[SOURCES].indices[item], list[TARGETS].indices[item]};
}

static double expected(const struct script *script, const struct projection *projection)
{
    const struct rule_value *list = projection->arguments;
    return (double)list[SOURCES].n_indices * list[P].number * list[N].number;
}

const struct rule rule_pairs = {
    .signature = {.name = "pairs",
                  .text = "the listed pairs: the source at sources[k] to the target at targets[k]",
                  .arguments = {[SOURCES] = {.name = "sources", .kind = RULE_INDICES, .required = true},
                                [TARGETS] = {.name = "targets", .kind = RULE_INDICES, .required = true},
                                [P] = {.name = "p", .kind = RULE_PROBABILITY, .value = 1},
                                [N] = {.name = "n", .kind = RULE_COPIES, .value = 1}},
                  .check = check},
    .n_items = n_items,
    .draw_item = draw_item,
    .expected = expected,
};
