/* Each source says which targets it connects to, or each target its sources: `generator(j = EXPRESSION for k in A:B if
 * CONDITION)` and `generator(i = …)`, as Brian's connect(j='…') does.
 *
 * An item is the node that says so. For each k from A to B, or of those drawn with probability p, or of `size` drawn ones, the
 * expression is the position of the other end. Expressions are evaluated as they stand; what they may name is k, the positions of
 * the two nodes, values of these, and random numbers, which belong to the item and are drawn in order of k. */
#include <math.h>
#include <stdio.h>

#include "language/constant.h"
#include "language/source.h"
#include "network/rule.h"

enum argument { J, I, VARIABLE, BEGIN, END, STEP, CONDITION, P, SIZE, N, SKIP_IF_INVALID };

/* An item at work. */
struct item {
    const struct projection *projection;
    const struct generated_values *values; /* or NULL: nothing of nodes is read */
    struct random_stream random;           /* for expressions */
    double names[GENERATED_NAMES];         /* the item, k and what is generated, as the checker has numbered them */
};

static bool is_by_source(const struct projection *projection)
{
    return projection->arguments[J].given;
}

static const struct node_set *other_end(const struct projection *projection)
{
    return is_by_source(projection) ? projection->target : projection->source;
}

static struct item item_begin(const struct projection *projection, const struct generated_values *values,
                              struct random_stream random, uint64_t position)
{
    struct item item = {.projection = projection, .values = values, .random = random};
    item.names[GENERATED_ITEM] = (double)position;
    return item;
}

static uint64_t position_of(const struct item *item)
{
    return (uint64_t)item->names[GENERATED_ITEM];
}

static double leaf(struct item *item, enum argument argument, int k)
{
    const enum generated_leaf_kind kind = item->projection->arguments[argument].leaves[k].kind;
    if (kind == GENERATED_RAND)
        return random_stream_uniform(&item->random);
    if (kind == GENERATED_RANDN)
        return random_stream_normal(&item->random);
    const bool is_of_item = (kind == GENERATED_PRE) == is_by_source(item->projection);
    return item->values->of[argument][k][(uint64_t)item->names[is_of_item ? GENERATED_ITEM : GENERATED_OTHER]];
}

static double evaluate(struct item *item, enum argument argument)
{
    const struct rule_value *value = &item->projection->arguments[argument];
    double locals[GENERATED_NAMES + GENERATED_LEAVES_MAX], number = NAN;
    for (int k = 0; k < GENERATED_NAMES; k++)
        locals[k] = item->names[k];
    for (int k = 0; k < value->n_leaves; k++)
        locals[GENERATED_NAMES + k] = leaf(item, argument, k);
    (void)constant_evaluate(value->generated, &(struct bindings){.locals = locals}, &number);
    return number;
}

static double evaluate_or(struct item *item, enum argument argument, double otherwise)
{
    return item->projection->arguments[argument].given ? evaluate(item, argument) : otherwise;
}

static bool is_whole(double number)
{
    return number == floor(number) && fabs(number) < 0x1p53;
}

static void refuse(struct draw *draw, const struct item *item, enum argument argument, double value)
{
    const uint64_t position = position_of(item);
    if (!draw->refused_item.found || position < draw->refused_item.item)
        draw->refused_item = (struct item_refusal){true, (int)argument, position, item->names[GENERATED_VARIABLE], value};
}

/* ---- the values of k ---------------------------------------------------------------------------------------- */

/* begin, begin + step, …: n of them */
struct progression {
    double begin, step;
    uint64_t n;
};

/* None where a bound is refused. */
static struct progression find_range(struct draw *draw, struct item *item)
{
    struct progression range = {.step = 1};
    if (!item->projection->arguments[VARIABLE].given)
        return (struct progression){.step = 1, .n = 1};
    range.begin = evaluate(item, BEGIN);
    range.step = evaluate_or(item, STEP, 1);
    const double end = evaluate(item, END);
    if (!is_whole(range.begin))
        refuse(draw, item, BEGIN, range.begin);
    else if (!is_whole(range.step) || range.step == 0)
        refuse(draw, item, STEP, range.step);
    else if (!is_whole(end) || fabs(end - range.begin) > UINT32_MAX)
        refuse(draw, item, END, end);
    else if ((end - range.begin) / range.step > 0)
        range.n = (uint64_t)ceil((end - range.begin) / range.step);
    return range;
}

static bool skips(const struct projection *projection)
{
    return projection->arguments[SKIP_IF_INVALID].number != 0;
}

/* Those that are taken: numbers of the range, into draw->nodes. False: all are. */
static bool choose(struct draw *draw, struct item *item, struct random_stream *stream, uint64_t n)
{
    const struct rule_value *arguments = item->projection->arguments;
    const struct choice all = {.n = n, .self = UINT64_MAX};
    if (arguments[SIZE].given) {
        const double size = evaluate(item, SIZE);
        const bool is_valid = is_whole(size) && size >= 0 && size <= (double)n;
        if (!is_valid && !(is_whole(size) && skips(item->projection)))
            refuse(draw, item, SIZE, size);
        else if (size > 0)
            draw_different(draw, stream, all, is_valid ? (uint64_t)size : n);
        return true;
    }
    if (!arguments[P].given)
        return false;
    const double p = evaluate(item, P);
    if (!(p >= 0 && p <= 1))
        refuse(draw, item, P, p);
    else
        draw_bernoulli(draw, stream, all, p);
    return true;
}

/* ---- the connections of a k --------------------------------------------------------------------------------- */

static bool reads_other(const struct rule_value *argument, bool by_source)
{
    for (int k = 0; k < argument->n_leaves; k++)
        if (argument->leaves[k].variable && (argument->leaves[k].kind == GENERATED_POST) == by_source)
            return true;
    return false;
}

static void connect(struct draw *draw, struct item *item)
{
    const struct projection *projection = item->projection;
    const enum argument argument = is_by_source(projection) ? J : I;
    const double position = item->names[GENERATED_OTHER] = evaluate(item, argument);
    const bool is_valid = is_whole(position) && position >= 0 && position < (double)other_end(projection)->size;
    const bool needs_node = reads_other(&projection->arguments[CONDITION], argument == J);
    if ((is_valid || !needs_node) && evaluate_or(item, CONDITION, 1) == 0)
        return;
    if (!is_valid && (!is_whole(position) || !skips(projection)))
        refuse(draw, item, argument, position);
    if (!is_valid)
        return;
    const double n = evaluate_or(item, N, 1);
    if (!is_whole(n) || n < 0 || n > INT32_MAX) {
        refuse(draw, item, N, n);
        return;
    }
    const uint64_t n_pairs = draw->n_pairs + (uint64_t)n;
    const node_id self = (node_id)position_of(item), other = (node_id)position;
    draw_reserve_pairs(draw, n_pairs);
    while (draw->n_pairs < n_pairs)
        draw->pairs[draw->n_pairs++] = argument == J ? (struct pair){self, other} : (struct pair){other, self};
}

static uint64_t n_items(const struct projection *projection)
{
    return is_by_source(projection) ? projection->source->size : projection->target->size;
}

static struct random_stream stream_of_expressions(const struct drawing *drawing, uint64_t item)
{
    const struct random_key key = random_key(drawing->seed, RANDOM_CONNECT, drawing->projection->name, "generator", 0);
    return random_stream_start(key, (uint32_t)item, 0);
}

static void draw_item(struct draw *draw, uint64_t position)
{
    const struct drawing *drawing = draw->drawing;
    struct random_stream stream = drawing_stream(drawing, RANDOM_CONNECT, position);
    struct item item = item_begin(drawing->projection, drawing->generated, stream_of_expressions(drawing, position), position);
    draw->n = draw->n_pairs = 0;
    const struct progression range = find_range(draw, &item);
    const bool is_chosen = choose(draw, &item, &stream, range.n);
    const uint64_t n = is_chosen ? draw->n : range.n;
    for (uint64_t k = 0; k < n; k++) {
        item.names[GENERATED_VARIABLE] = range.begin + range.step * (double)(is_chosen ? draw->nodes[k] : k);
        connect(draw, &item);
    }
}

/* ---- how many are expected ---------------------------------------------------------------------------------- */

/* Of n values of k: a look at some of them. */
static double expected_of_range(struct item *item, const struct progression *range)
{
    enum { LOOKED_AT = 100 };
    const struct projection *projection = item->projection;
    const uint64_t n_looked = range->n < LOOKED_AT ? range->n : LOOKED_AT;
    const double size = (double)other_end(projection)->size;
    double sum = 0;
    for (uint64_t k = 0; k < n_looked; k++) {
        item->names[GENERATED_VARIABLE] = range->begin + range->step * (double)(range->n * k / n_looked);
        item->names[GENERATED_OTHER] = evaluate(item, is_by_source(projection) ? J : I);
        const double other = item->names[GENERATED_OTHER];
        if (is_whole(other) && other >= 0 && other < size && evaluate_or(item, CONDITION, 1) != 0)
            sum += evaluate_or(item, N, 1);
    }
    return n_looked ? sum / (double)n_looked * (double)range->n : 0;
}

/* The part of a range that is taken. */
static double expected_part(struct item *item, uint64_t n)
{
    const double p = evaluate_or(item, P, 1), size = evaluate_or(item, SIZE, (double)n);
    return n ? fmin(fmax(p, 0), 1) * fmin(fmax(size, 0), (double)n) / (double)n : 0;
}

/* What some of the items make, for all. */
static double expected(const struct script *script, const struct projection *projection)
{
    enum { LOOKED_AT = 100 };
    const struct drawing drawing = {.seed = script->seed, .projection = projection};
    struct draw draw = {.drawing = &drawing};
    struct generated_values values = {0};
    if (generated_values_are_needed(projection))
        generated_values_create(script, projection, &values);
    const uint64_t n_all = n_items(projection), n_looked = n_all < LOOKED_AT ? n_all : LOOKED_AT;
    double sum = 0;
    for (uint64_t k = 0; k < n_looked; k++) {
        const uint64_t position = n_all * k / n_looked;
        struct item item = item_begin(projection, &values, stream_of_expressions(&drawing, position), position);
        const struct progression range = find_range(&draw, &item);
        sum += expected_part(&item, range.n) * expected_of_range(&item, &range);
    }
    generated_values_release(&values);
    return n_looked ? sum / (double)n_looked * (double)n_all : 0;
}

/* ---- the signature ------------------------------------------------------------------------------------------ */

static int check_constant(const struct projection *projection, enum argument argument, double largest, struct fault *fault)
{
    const struct expression *expression = projection->arguments[argument].generated;
    double number;
    if (!expression || !constant_evaluate(expression, &(struct bindings){0}, &number) || (number >= 0 && number <= largest))
        return 0;
    return source_fault(fault, expression->span,
                        argument == P ? "probability '%s' must be from 0 to 1, but is %.15g"
                                      : "'%s' must be a whole number, 0 or more, but is %.15g",
                        projection->rule->arguments[argument].name, number);
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
    if (arguments[SIZE].given && !arguments[VARIABLE].given)
        return source_fault(fault, projection->rule_span,
                            "generator: 'size' goes with 'for NAME in A:B', of which it takes so many");
    if (arguments[P].given && arguments[SIZE].given)
        return source_fault(fault, projection->rule_span,
                            "generator: of the values either each is taken with probability 'p', or "
                            "'size' of them are: not both");
    TRY(check_constant(projection, P, 1, fault));
    TRY(check_constant(projection, SIZE, INFINITY, fault));
    return check_constant(projection, N, INFINITY, fault);
}

static int report(const struct projection *projection, const struct item_refusal *refusal, struct fault *fault)
{
    const bool by_source = is_by_source(projection);
    const struct span span = projection->arguments[refusal->argument].generated->span;
    const char *item = by_source ? "i" : "j", *others = by_source ? "targets" : "sources";
    const unsigned long long position = refusal->item;
    char at[96] = "";
    if (projection->arguments[VARIABLE].given)
        snprintf(at, sizeof at, ", %.40s = %.15g", projection->arguments[VARIABLE].name, refusal->variable);
    switch ((enum argument)refusal->argument) {
    case BEGIN:
    case END:
        return source_fault(fault, span,
                            "the bounds of a range must be whole numbers, less than 2^32 apart, but for %s = %llu this is %.15g",
                            item, position, refusal->value);
    case STEP:
        return source_fault(fault, span, "the step of a range must be a whole number, and not 0, but for %s = %llu this is %.15g",
                            item, position, refusal->value);
    case P:
        return source_fault(fault, span, "a probability must be from 0 to 1, but for %s = %llu this is %.15g", item, position,
                            refusal->value);
    case SIZE:
        return source_fault(
            fault, span, "a size must be a whole number, from 0 to that of the values of '%s', but for %s = %llu this is %.15g",
            projection->arguments[VARIABLE].name, item, position, refusal->value);
    case N:
        return source_fault(fault, span,
                            "the number of synapses must be a whole one, 0 or more, but for %s = %llu%s this is %.15g", item,
                            position, at, refusal->value);
    default:
        break;
    }
    if (!is_whole(refusal->value))
        return source_fault(fault, span, "a position must be a whole number, but for %s = %llu%s this is %.15g", item, position,
                            at, refusal->value);
    return source_fault(
        fault, span,
        "for %s = %llu%s this is %.15g, but the %s have positions from 0 to %llu: exclude it by a condition, or write "
        "skip_if_invalid = true",
        item, position, at, refusal->value, others, (unsigned long long)other_end(projection)->size - 1);
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
                                [STEP] = {.name = "step", .kind = RULE_GENERATED},
                                [CONDITION] = {.name = "if", .kind = RULE_GENERATED_CONDITION, .sees_generated = true},
                                [P] = {.name = "p", .kind = RULE_GENERATED},
                                [SIZE] = {.name = "size", .kind = RULE_GENERATED},
                                [N] = {.name = "n", .kind = RULE_GENERATED, .sees_generated = true},
                                [SKIP_IF_INVALID] = {.name = "skip_if_invalid", .kind = RULE_FLAG}},
                  .check = check},
    .n_items = n_items,
    .draw_item = draw_item,
    .report = report,
    .expected = expected,
};
