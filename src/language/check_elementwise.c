/* Arithmetic with lists, element by element: 2*rates, a + b, exp(x), where(x > 0 mV, a, b).
 *
 * Lists that are combined have the same length, lists of lists the same rows; a single number goes with every element. What may
 * be done with lists is what may be done with their elements, so types and dimensions are checked as if each list were one of
 * them. For the numbers the lists at the leaves are found once, and then the whole expression is computed for one element after
 * the other: besides the leaves and the result nothing is kept, however long the lists are. */
#include "language/check.h"

int elementwise_check(struct scope *scope, struct expression *expression, operation_check *rule, struct fault *fault)
{
    bool is_list[FUNCTION_ARGUMENTS_MAX], is_matrix[FUNCTION_ARGUMENTS_MAX], any_list = false, any_matrix = false;
    for (int k = 0; k < expression->n_children; k++) { /* of all before any is changed: two may be the same argument */
        any_list |= is_list[k] = expression->children[k]->is_list;
        any_matrix |= is_matrix[k] = expression->children[k]->is_matrix;
    }
    for (int k = 0; k < expression->n_children; k++)
        expression->children[k]->is_list = expression->children[k]->is_matrix = false;
    TRY(rule(scope, expression, fault));
    for (int k = 0; k < expression->n_children; k++) {
        expression->children[k]->is_list = is_list[k];
        expression->children[k]->is_matrix = is_matrix[k];
    }
    expression->is_list = any_list;
    expression->is_matrix = any_matrix;
    return 0;
}

/* ---- numbers --------------------------------------------------------------------------------------------- */

static bool same_rows(const struct constant_value *a, const struct constant_value *b)
{
    return a->n_list == b->n_list && a->n_rows == b->n_rows &&
           (!a->row_begin || memcmp(a->row_begin, b->row_begin, (a->n_rows + 1) * sizeof *a->row_begin) == 0);
}

static const char *shape_text(struct check *check, const struct constant_value *list)
{
    if (list->n_columns)
        return arena_format(check->arena, "a matrix of %llu rows and %llu columns", (unsigned long long)list->n_rows,
                            (unsigned long long)list->n_columns);
    if (list->row_begin)
        return arena_format(check->arena, "a list of %llu lists, with %llu numbers in all", (unsigned long long)list->n_rows,
                            (unsigned long long)list->n_list);
    return arena_format(check->arena, "a list of length %llu", (unsigned long long)list->n_list);
}

/* Find the lists at the leaves, which all have the shape of the first one. */
static int find_leaves(struct scope *scope, struct expression *expression, struct constant_value *first, struct fault *fault)
{
    if (!expression->is_list)
        return 0;
    if (list_is_computed(expression)) {
        for (int k = 0; k < expression->n_children; k++)
            TRY(find_leaves(scope, expression->children[k], first, fault));
        return 0;
    }
    struct constant_value leaf;
    TRY(constant_list(scope, expression, &leaf, fault));
    if (!first->list)
        *first = leaf;
    first->is_data |= leaf.is_data;
    if (!same_rows(first, &leaf))
        return source_fault(fault, expression->span, "lists are combined element by element, but this is %s and the first is %s",
                            shape_text(scope->check, &leaf), shape_text(scope->check, first));
    expression->list = leaf.list;
    expression->n_list = leaf.n_list;
    return 0;
}

/* Only what is the same for all nodes, and at all times, can be combined with lists. */
static int require_constants(const struct expression *expression, const struct bindings *bindings, struct fault *fault)
{
    double number;
    if (!expression->is_list)
        return constant_evaluate(expression, bindings, &number)
                   ? 0
                   : source_fault(fault, expression->span, "this is not a constant, so it cannot be combined with a list");
    for (int k = 0; list_is_computed(expression) && k < expression->n_children; k++)
        TRY(require_constants(expression->children[k], bindings, fault));
    return 0;
}

static struct shared_list list_begin(const struct check *check, uint64_t n)
{
    const struct data_reader *reader = check->vocabulary->data;
    if (reader)
        return reader->list_begin(reader->context, check->arena, n);
    return (struct shared_list){.numbers = ARENA_NEW(check->arena, n, double), .fills = true};
}

static void list_end(const struct check *check, const struct shared_list *list)
{
    const struct data_reader *reader = check->vocabulary->data;
    if (reader)
        reader->list_end(reader->context, list);
}

/* Ranks that share the list leave computing it to one of them, and see for themselves whether it is good. */
int elementwise_numbers(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault)
{
    struct constant_value shape = {0};
    uint64_t place = 0;
    const struct bindings bindings = {.dt = scope->check->script->dt, .place = &place};
    TRY(find_leaves(scope, expression, &shape, fault));
    TRY(require_constants(expression, &bindings, fault));
    const struct shared_list list = list_begin(scope->check, shape.n_list);
    for (place = 0; list.fills && place < shape.n_list; place++)
        (void)constant_evaluate(expression, &bindings, &list.numbers[place]);
    list_end(scope->check, &list);
    for (place = 0; place < shape.n_list; place++)
        if (isnan(list.numbers[place]))
            return source_fault(fault, expression->span,
                                "element %llu is not a number (for example 0/0 or the root of a negative number)",
                                (unsigned long long)place);
    shape.type = out->type;
    shape.dimension = out->dimension;
    shape.list = list.numbers;
    *out = shape;
    return 0;
}
