/* Each source says which targets it connects to, or each target its sources: `generator(j = EXPRESSION for k in A:B if
 * CONDITION)` and `generator(i = …)`, as Brian's connect(j='…') does.
 *
 * An item is the node that says so. For each k from A to B, or of those drawn with probability p, the expression is the position
 * of the other end. Expressions are evaluated as they stand; what they may name are whole numbers: the item's position, k, and
 * the sizes of the sets. */
#include <math.h>
#include <stdio.h>

#include "language/constant.h"
#include "language/source.h"
#include "network/rule.h"

enum argument { J, I, VARIABLE, BEGIN, END, CONDITION, P, SKIP_IF_INVALID };

/* The item, k and the sizes, as the checker has numbered them. */
struct names {
    double values[GENERATED_NAMES];
};

static bool is_by_source(const struct projection *projection)
{
    return projection->arguments[J].given;
}

static const struct node_set *other_end(const struct projection *projection)
{
    return is_by_source(projection) ? projection->target : projection->source;
}

static struct names names_of_item(const struct projection *projection, uint64_t item)
{
    struct names names;
    names.values[GENERATED_ITEM] = (double)item;
    names.values[GENERATED_VARIABLE] = 0;
    names.values[GENERATED_N_PRE] = (double)projection->source->size;
    names.values[GENERATED_N_POST] = (double)projection->target->size;
    return names;
}

static double evaluate(const struct projection *projection, enum argument argument, const struct names *names)
{
    double number = NAN;
    (void)constant_evaluate(projection->arguments[argument].generated, &(struct bindings){.locals = names->values}, &number);
    return number;
}

static bool is_whole(double number)
{
    return number == floor(number) && fabs(number) < 0x1p53;
}

static void refuse(struct draw *draw, uint64_t item, const struct names *names, enum argument argument, double value)
{
    if (!draw->refused_item.found || item < draw->refused_item.item)
        draw->refused_item = (struct item_refusal){true, (int)argument, item, names->values[GENERATED_VARIABLE], value};
}

/* Positions [0, *n) stand for the values of k from *begin on; none where a bound is refused. */
static void find_range(struct draw *draw, uint64_t item, const struct names *names, double *begin, uint64_t *n)
{
    const struct projection *projection = draw->drawing->projection;
    *begin = 0;
    *n = 1;
    if (!projection->arguments[VARIABLE].given)
        return;
    *n = 0;
    const double bounds[2] = {evaluate(projection, BEGIN, names), evaluate(projection, END, names)};
    *begin = bounds[0];
    if (!is_whole(bounds[0]))
        refuse(draw, item, names, BEGIN, bounds[0]);
    else if (!is_whole(bounds[1]) || bounds[1] - bounds[0] > UINT32_MAX)
        refuse(draw, item, names, END, bounds[1]);
    else if (bounds[1] > bounds[0])
        *n = (uint64_t)(bounds[1] - bounds[0]);
}

static void connect(struct draw *draw, uint64_t item, struct names *names)
{
    const struct projection *projection = draw->drawing->projection;
    if (projection->arguments[CONDITION].given && evaluate(projection, CONDITION, names) == 0)
        return;
    const enum argument argument = is_by_source(projection) ? J : I;
    const double position = evaluate(projection, argument, names);
    const bool is_valid = is_whole(position) && position >= 0 && position < (double)other_end(projection)->size;
    if (!is_valid && (!is_whole(position) || projection->arguments[SKIP_IF_INVALID].number == 0))
        refuse(draw, item, names, argument, position);
    if (!is_valid)
        return;
    draw_reserve_pairs(draw, draw->n_pairs + 1);
    draw->pairs[draw->n_pairs++] = is_by_source(projection) ? (struct pair){(node_id)item, (node_id)position}
                                                            : (struct pair){(node_id)position, (node_id)item};
}

static uint64_t n_items(const struct projection *projection)
{
    return is_by_source(projection) ? projection->source->size : projection->target->size;
}

static void draw_item(struct draw *draw, uint64_t item)
{
    const struct projection *projection = draw->drawing->projection;
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, item);
    struct names names = names_of_item(projection, item);
    const double p = projection->arguments[P].number;
    double begin;
    uint64_t n;
    find_range(draw, item, &names, &begin, &n);
    draw->n = draw->n_pairs = 0;
    if (p < 1)
        draw_bernoulli(draw, &stream, (struct choice){.n = n, .self = UINT64_MAX}, p);
    const uint64_t n_chosen = p < 1 ? draw->n : n;
    for (uint64_t k = 0; k < n_chosen; k++) {
        names.values[GENERATED_VARIABLE] = begin + (double)(p < 1 ? draw->nodes[k] : k);
        connect(draw, item, &names);
    }
}

/* Of n values of k, how many the condition lets through: a look at some of them. */
static double expected_of_item(const struct projection *projection, struct names *names, double begin, uint64_t n)
{
    enum { LOOKED_AT = 100 };
    const uint64_t n_looked = n < LOOKED_AT ? n : LOOKED_AT;
    uint64_t n_held = 0;
    for (uint64_t k = 0; k < n_looked; k++) {
        names->values[GENERATED_VARIABLE] = begin + (double)(n * k / n_looked);
        n_held += !projection->arguments[CONDITION].given || evaluate(projection, CONDITION, names) != 0;
    }
    return n_looked ? (double)n_held / (double)n_looked * (double)n : 0;
}

/* What some of the items make, for all. */
static double expected(const struct script *script, const struct projection *projection)
{
    enum { LOOKED_AT = 100 };
    struct draw draw = {.drawing = &(struct drawing){.projection = projection}};
    const uint64_t n_all = n_items(projection), n_looked = n_all < LOOKED_AT ? n_all : LOOKED_AT;
    double sum = 0;
    for (uint64_t k = 0; k < n_looked; k++) {
        struct names names = names_of_item(projection, n_all * k / n_looked);
        double begin;
        uint64_t n;
        find_range(&draw, 0, &names, &begin, &n);
        sum += expected_of_item(projection, &names, begin, n);
    }
    return n_looked ? sum / (double)n_looked * (double)n_all * projection->arguments[P].number : 0;
}

static int check(const struct projection *projection, struct fault *fault)
{
    const struct rule_value *arguments = projection->arguments;
    if (arguments[J].given == arguments[I].given)
        return source_fault(
            fault, projection->rule_span,
            "generator needs the targets of each source, j = EXPRESSION, or the sources of each target, i = EXPRESSION");
    for (int k = BEGIN; k <= CONDITION; k++)
        if (arguments[k].given && !arguments[VARIABLE].given)
            return source_fault(fault, projection->rule_span, "generator: '%s' goes with 'for NAME in A:B'",
                                projection->rule->arguments[k].name);
    return 0;
}

static int report(const struct projection *projection, const struct item_refusal *refusal, struct fault *fault)
{
    const bool by_source = is_by_source(projection);
    const struct expression *expression = projection->arguments[refusal->argument].generated;
    if (refusal->argument == BEGIN || refusal->argument == END)
        return source_fault(fault, expression->span,
                            "the bounds of a range must be whole numbers, less than 2^32 apart, but for %s = %llu this is %.15g",
                            by_source ? "i" : "j", (unsigned long long)refusal->item, refusal->value);
    char at[96] = "";
    if (projection->arguments[VARIABLE].given)
        snprintf(at, sizeof at, ", %.40s = %.15g", projection->arguments[VARIABLE].name, refusal->variable);
    if (!is_whole(refusal->value))
        return source_fault(fault, expression->span, "a position must be a whole number, but for %s = %llu%s this is %.15g",
                            by_source ? "i" : "j", (unsigned long long)refusal->item, at, refusal->value);
    return source_fault(
        fault, expression->span,
        "for %s = %llu%s this is %.15g, but the %s have positions from 0 to %llu: exclude it by a condition, or write "
        "skip_if_invalid = true",
        by_source ? "i" : "j", (unsigned long long)refusal->item, at, refusal->value, by_source ? "targets" : "sources",
        (unsigned long long)other_end(projection)->size - 1);
}

const struct rule rule_generator = {
    .signature = {.name = "generator",
                  .text =
                      "for each source the targets j = EXPRESSION for k in A:B if CONDITION, or for each target the sources i",
                  .arguments = {[J] = {.name = "j", .kind = RULE_GENERATED},
                                [I] = {.name = "i", .kind = RULE_GENERATED},
                                [VARIABLE] = {.name = "for", .kind = RULE_VARIABLE},
                                [BEGIN] = {.name = "in", .kind = RULE_GENERATED},
                                [END] = {.name = ":", .kind = RULE_GENERATED},
                                [CONDITION] = {.name = "if", .kind = RULE_GENERATED_CONDITION},
                                [P] = {.name = "p", .kind = RULE_PROBABILITY, .value = 1},
                                [SKIP_IF_INVALID] = {.name = "skip_if_invalid", .kind = RULE_FLAG}},
                  .check = check},
    .n_items = n_items,
    .draw_item = draw_item,
    .report = report,
    .expected = expected,
};
