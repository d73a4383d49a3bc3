/* Functions that make lists, or tell of one: range, linspace, by_node, by_pair, len; and the table of them all.
 *
 * Their arguments are constants. What type and dimension a list has is known from the arguments; it is made when its numbers are
 * asked for. */
#include <stdlib.h>

#include "language/check.h"

/* The longest list that is made up: longer ones are data, which belong into files. */
#define MADE_LENGTH_MAX 1000000

/* by_node() has rows for all nodes up to the largest. */
#define NAMED_NODES_MAX 0x1p24

struct list_function {
    enum function function;
    int n_least;                                                                     /* arguments, up to those of its signature */
    int (*check)(struct scope *scope, struct expression *call, struct fault *fault); /* its arguments have been checked */
    int (*numbers)(struct scope *scope, struct expression *call, struct constant_value *out, struct fault *fault);
};

static int give_list(struct expression *call, enum value_type type, struct dimension dimension)
{
    expression_set_result(call, type, dimension);
    call->is_list = true;
    return 0;
}

/* The first n arguments are numbers of one dimension. */
static int require_same(const struct scope *scope, const struct expression *call, int n, struct fault *fault)
{
    TRY(expression_require_any_number(call->children[0], fault));
    const char *what = arena_format(scope->check->arena, "an argument of %s() like the first", call->name);
    for (int k = 1; k < n; k++)
        TRY(expression_require(call->children[k], call->children[0]->dimension, what, fault));
    return 0;
}

/* The numbers of the first n arguments, which are finite. */
static int arguments_of(struct scope *scope, const struct expression *call, int n, double *out, struct fault *fault)
{
    struct constant_value value;
    for (int k = 0; k < n; k++) {
        TRY(constant_of(scope, call->children[k], &value, fault));
        if (!isfinite(value.number))
            return source_fault(fault, call->children[k]->span, "an argument of %s() must be finite", call->name);
        out[k] = value.number;
    }
    return 0;
}

/* n numbers from `first` on. */
static int make(struct scope *scope, const struct expression *call, double first, double step, double n,
                struct constant_value *out, struct fault *fault)
{
    if (n > MADE_LENGTH_MAX)
        return source_fault(fault, call->span, "a list of %.15g numbers is too long: at most %d can be made", n, MADE_LENGTH_MAX);
    out->n_list = n > 0 ? (uint64_t)n : 0;
    double *numbers = ARENA_NEW(scope->check->arena, out->n_list, double);
    for (uint64_t k = 0; k < out->n_list; k++)
        numbers[k] = first + (double)k * step;
    out->list = numbers;
    return 0;
}

/* ---- range(end), range(begin, end), range(begin, end, step) ------------------------------------------------ */

static int check_range(struct scope *scope, struct expression *call, struct fault *fault)
{
    TRY(require_same(scope, call, call->n_children, fault));
    if (call->n_children < 3 && !dimension_none(call->children[0]->dimension))
        return source_fault(fault, call->span, "range() of numbers that are %s needs a step: range(begin, end, step)",
                            IN_DIMENSION(call->children[0]->dimension));
    bool is_integer = true;
    for (int k = 0; k < call->n_children; k++)
        is_integer &= call->children[k]->type == TYPE_INTEGER;
    return give_list(call, is_integer ? TYPE_INTEGER : TYPE_REAL, call->children[0]->dimension);
}

static int range_numbers(struct scope *scope, struct expression *call, struct constant_value *out, struct fault *fault)
{
    double given[3], step = 1;
    TRY(arguments_of(scope, call, call->n_children, given, fault));
    const double begin = call->n_children > 1 ? given[0] : 0, end = call->n_children > 1 ? given[1] : given[0];
    if (call->n_children == 3)
        step = given[2];
    if (step == 0)
        return source_fault(fault, call->children[2]->span, "the step of range() cannot be 0");
    /* 1 ms/(0.1 ms) is not always 10: an end that is missed by rounding alone does not count as another element */
    return make(scope, call, begin, step, ceil((end - begin) / step - 1e-9), out, fault);
}

/* ---- linspace(first, last, n) ------------------------------------------------------------------------------ */

static int check_linspace(struct scope *scope, struct expression *call, struct fault *fault)
{
    TRY(require_same(scope, call, 2, fault));
    TRY(expression_require(call->children[2], (struct dimension){0}, "the count of linspace()", fault));
    return give_list(call, TYPE_REAL, call->children[0]->dimension);
}

static int linspace_numbers(struct scope *scope, struct expression *call, struct constant_value *out, struct fault *fault)
{
    double bounds[2], n;
    TRY(arguments_of(scope, call, 2, bounds, fault));
    TRY(constant_count(scope->check, call->children[2], "the count of linspace()", 2, MADE_LENGTH_MAX, &n, fault));
    return make(scope, call, bounds[0], (bounds[1] - bounds[0]) / (n - 1), n, out, fault);
}

/* ---- by_node(nodes, values) and by_pair(sources, targets, values) ------------------------------------------ */

/* Lists of nodes, and one of values. */
static int check_listed(struct scope *scope, struct expression *call, struct fault *fault)
{
    static const char *const names[2][3] = {{"nodes", "values"}, {"sources", "targets", "values"}};
    const int last = call->n_children - 1;
    for (int k = 0; k <= last; k++) {
        const struct expression *argument = call->children[k];
        const char *name = names[call->function == FUNCTION_BY_PAIR][k];
        if (!argument->is_list || argument->is_matrix || !type_is_number(argument->type))
            return source_fault(fault, argument->span, "the %s of %s() must be a list of numbers, but this is %s", name,
                                call->name, expression_type_text(argument));
        if (k < last && !dimension_none(argument->dimension))
            return source_fault(fault, argument->span, "the %s of %s() must be dimensionless, but this list is %s", name,
                                call->name, IN_DIMENSION(argument->dimension));
    }
    return give_list(call, call->children[last]->type, call->children[last]->dimension);
}

static int listed_numbers(struct scope *scope, struct expression *call, struct constant_value *lists, struct fault *fault)
{
    for (int k = 0; k < call->n_children; k++) {
        TRY(constant_plain_list(scope, call->children[k], &lists[k], fault));
        if (lists[k].n_list != lists[0].n_list)
            return source_fault(fault, call->children[k]->span,
                                "%s() needs lists of equal length, but this one has %llu and the first %llu", call->name,
                                (unsigned long long)lists[k].n_list, (unsigned long long)lists[0].n_list);
    }
    return 0;
}

static int check_by_node(struct scope *scope, struct expression *call, struct fault *fault)
{
    TRY(check_listed(scope, call, fault));
    call->is_matrix = true;
    return 0;
}

/* The number of rows: one for each node up to the largest. */
static int count_rows(const struct expression *call, const struct constant_value *nodes, struct constant_value *out,
                      struct fault *fault)
{
    for (uint64_t k = 0; k < nodes->n_list; k++) {
        const double node = nodes->list[k];
        if (node != floor(node) || node < 0 || node >= NAMED_NODES_MAX)
            return source_fault(fault, call->children[0]->span, "by_node(): %.15g is no node (row %llu)", node,
                                (unsigned long long)k);
        if (node >= (double)out->n_rows) {
            out->n_rows = (uint64_t)node + 1;
            out->last_row_from = k;
        }
    }
    return 0;
}

/* Values of one node stay in the order in which they are listed. */
static int by_node_numbers(struct scope *scope, struct expression *call, struct constant_value *out, struct fault *fault)
{
    struct constant_value lists[2];
    TRY(listed_numbers(scope, call, lists, fault));
    TRY(count_rows(call, &lists[0], out, fault));
    const uint64_t n = lists[0].n_list;
    uint64_t *row_begin = ARENA_NEW(scope->check->arena, out->n_rows + 1, uint64_t);
    uint64_t *next = MEMORY_NEW(out->n_rows, uint64_t, TEMPORARY);
    double *numbers = ARENA_NEW(scope->check->arena, n, double);
    for (uint64_t k = 0; k < n; k++)
        row_begin[(uint64_t)lists[0].list[k] + 1]++;
    for (uint64_t row = 0; row < out->n_rows; row++) {
        next[row] = row_begin[row];
        row_begin[row + 1] += row_begin[row];
    }
    for (uint64_t k = 0; k < n; k++)
        numbers[next[(uint64_t)lists[0].list[k]]++] = lists[1].list[k];
    memory_free(next);
    out->list = numbers;
    out->n_list = n;
    out->row_begin = row_begin;
    out->rows_may_lack = true;
    return 0;
}

struct listed_pair {
    double source, target, value;
    uint64_t row;
};

/* As synapses are created: by source, target and copy. */
static int compare_pairs(const void *a, const void *b)
{
    const struct listed_pair *x = a, *y = b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int by_pair_numbers(struct scope *scope, struct expression *call, struct constant_value *out, struct fault *fault)
{
    struct constant_value lists[3];
    TRY(listed_numbers(scope, call, lists, fault));
    const uint64_t n = lists[0].n_list;
    struct listed_pair *pairs = MEMORY_NEW(n, struct listed_pair, TEMPORARY);
    for (uint64_t k = 0; k < n; k++)
        pairs[k] = (struct listed_pair){lists[0].list[k], lists[1].list[k], lists[2].list[k], k};
    qsort(pairs, n, sizeof *pairs, compare_pairs);
    double *numbers = ARENA_NEW(scope->check->arena, n, double);
    for (uint64_t k = 0; k < n; k++)
        numbers[k] = pairs[k].value;
    memory_free(pairs);
    out->list = numbers;
    out->n_list = n;
    return 0;
}

/* ---- len(list) --------------------------------------------------------------------------------------------- */

static int check_len(struct scope *scope, struct expression *call, struct fault *fault)
{
    struct constant_value list;
    if (!call->children[0]->is_list)
        return source_fault(fault, call->children[0]->span, "len() counts the elements of a list, but this is %s",
                            expression_type_text(call->children[0]));
    TRY(constant_of(scope, call->children[0], &list, fault));
    expression_set_result(call, TYPE_INTEGER, (struct dimension){0});
    call->reference = (struct reference){.kind = REFERENCE_CONSTANT,
                                         .value = (double)(list.row_begin ? list.n_rows : list.n_list)};
    return 0;
}

/* ---- any of them ------------------------------------------------------------------------------------------- */

static const struct list_function functions[] = {
    {FUNCTION_BY_NODE, 2, check_by_node, by_node_numbers},
    {FUNCTION_BY_PAIR, 3, check_listed, by_pair_numbers},
    {FUNCTION_CSV, 2, data_check, data_numbers},
    {FUNCTION_HDF5, 2, data_check, data_numbers},
    {FUNCTION_LEN, 1, check_len, NULL},
    {FUNCTION_LINSPACE, 3, check_linspace, linspace_numbers},
    {FUNCTION_RANGE, 1, check_range, range_numbers},
};

static const struct list_function *function_of(const struct expression *call)
{
    const struct list_function *function = functions;
    while ((int)function->function != call->function)
        function++;
    return function;
}

int list_function_check(struct scope *scope, struct expression *call, struct fault *fault)
{
    const struct function_signature *signature = &function_signatures[call->function];
    const int least = function_of(call)->n_least, most = signature->n_arguments;
    if (call->n_children < least || call->n_children > most)
        return source_fault(fault, call->span, "%s(%s) takes %s%d argument%s, not %d", call->name, signature->arguments,
                            least < most ? arena_format(scope->check->arena, "%d to ", least) : "", most, most == 1 ? "" : "s",
                            call->n_children);
    for (int k = 0; k < call->n_children; k++)
        TRY(expression_check(scope, call->children[k], fault));
    return function_of(call)->check(scope, call, fault);
}

int list_function_numbers(struct scope *scope, struct expression *call, struct constant_value *out, struct fault *fault)
{
    return function_of(call)->numbers(scope, call, out, fault);
}
