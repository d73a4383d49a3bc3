/* `for`: the statements of a loop, executed pass by pass over a range or a list.
 *
 * The variable and every `let` of a pass end with it; nothing is shadowed. What else a pass names (sets, connections, files)
 * lives on under a name that tells the passes apart (name_in_pass). Populations are members of families. All loops together
 * execute a limited number of statements, so that a few bytes of text cannot keep the checker busy for hours. */
#include <stdio.h>
#include <stdlib.h>

#include "language/check.h"

#define EXECUTED_MAX 1000000

/* What a loop runs over. */
struct passes {
    uint64_t n;
    bool is_range; /* from `first`, in steps of 1 */
    double first;
    struct constant_value list; /* otherwise */
    bool labelled_by_value;     /* the values are whole and not negative, so that names can end in them */
};

/* ---- ranges and lists ------------------------------------------------------------------------------------ */

static int range_of(struct check *check, const struct expression *range, struct passes *out, struct fault *fault)
{
    const double exact_max = 0x1p53;
    double end;
    TRY(constant_count(check, range->children[0], "the first number of a range", -exact_max, exact_max, &out->first, fault));
    TRY(constant_count(check, range->children[1], "the end of a range", -exact_max, exact_max, &end, fault));
    if (end < out->first)
        return source_fault(fault, range->span, "the range %.0f:%.0f ends before it begins", out->first, end);
    out->is_range = true;
    out->n = (uint64_t)(end - out->first);
    out->labelled_by_value = out->first >= 0;
    return 0;
}

static int list_of(struct check *check, struct expression *expression, struct passes *out, struct fault *fault)
{
    struct scope scope = {.check = check};
    TRY(expression_check(&scope, expression, fault));
    if (!expression->is_list || expression->is_matrix || expression->type == TYPE_BOOLEAN)
        return source_fault(fault, expression->span, "a loop runs over a range, such as 0:8, or a list, but this is %s",
                            expression_type_text(expression));
    TRY(constant_list(&scope, expression, &out->list, fault));
    out->n = out->list.n_list;
    out->labelled_by_value = dimension_none(out->list.dimension);
    for (uint64_t k = 0; k < out->n; k++) {
        double value = out->list.list[k];
        out->labelled_by_value &= value >= 0 && value == floor(value) && value < (double)POPULATION_SIZE_MAX;
    }
    return 0;
}

static struct constant_value value_of_pass(const struct passes *passes, uint64_t pass)
{
    if (passes->is_range)
        return (struct constant_value){.type = TYPE_INTEGER, .number = passes->first + (double)pass};
    return (struct constant_value){.type = TYPE_REAL, .dimension = passes->list.dimension, .number = passes->list.list[pass]};
}

/* ---- passes ---------------------------------------------------------------------------------------------- */

static int count_executed(struct check *check, struct span span, struct fault *fault)
{
    if (check->n_executed++ < EXECUTED_MAX)
        return 0;
    return source_fault(fault, span, "the loops come to more than %d passes and statements: connect larger populations instead",
                        EXECUTED_MAX);
}

static void print_passes(FILE *out, const struct loop *loop)
{
    if (loop->outer)
        print_passes(out, loop->outer);
    fprintf(out, "%s%s = %.10g", loop->outer ? ", " : "", loop->variable, loop->value.number);
    if (!dimension_none(loop->value.dimension)) {
        char unit[96];
        fprintf(out, " %s", dimension_text(loop->value.dimension, unit, sizeof unit));
    }
}

/* Say behind a message in which pass it came up. */
static int add_passes(const struct loop *loop, struct fault *fault)
{
    char *message = NULL;
    size_t length;
    int status = fault->status;
    FILE *out = open_memstream(&message, &length);
    if (!out)
        memory_exhausted(0);
    fprintf(out, "%s\n    in the pass with ", fault->text);
    print_passes(out, loop);
    if (fclose(out) != 0)
        memory_exhausted(length);
    fault_clear(fault);
    return fault_take(fault, status, message);
}

static int execute_pass(struct check *check, const struct statement *statement, const struct loop *loop, struct fault *fault)
{
    int n_outer = check->n_locals;
    check->loop = loop;
    named_add_local(check, NAMED_LET, statement->name, statement->name_span)->value = loop->value;
    for (int k = 0; k < statement->n_body; k++) {
        struct statement *inner = &statement->body[k];
        TRY(count_executed(check, inner->span, fault));
        if (statement_check(check, inner, fault))
            return inner->kind == STATEMENT_FOR ? fault->status : add_passes(loop, fault);
    }
    names_end(check, n_outer);
    check->loop = loop->outer;
    return 0;
}

int for_check(struct check *check, struct statement *statement, struct fault *fault)
{
    struct passes passes = {0};
    TRY(name_check_new(check, statement->name, statement->name_span, fault));
    if (statement->value->kind == EXPRESSION_SLICE)
        TRY(range_of(check, statement->value, &passes, fault));
    else
        TRY(list_of(check, statement->value, &passes, fault));
    for (uint64_t k = 0; k < passes.n; k++) {
        TRY(count_executed(check, statement->span, fault));
        struct loop loop = {.outer = check->loop, .variable = statement->name, .value = value_of_pass(&passes, k)};
        loop.label = passes.labelled_by_value ? (uint64_t)loop.value.number : k;
        TRY(execute_pass(check, statement, &loop, fault));
    }
    return 0;
}
