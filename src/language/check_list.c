/* Lists and matrices of numbers: their elements when they are written, and one element when it is used.
 *
 * A matrix is a list of lists of equal length. Both are constants: their numbers are known when the checker comes to them, in SI
 * base units, and a matrix lies row after row. */
#include "language/check.h"

/* ---- written out ----------------------------------------------------------------------------------------- */

static int check_element(const struct expression *array, const struct expression *element, struct fault *fault)
{
    const struct expression *first = array->children[0];
    if (element->is_matrix)
        return source_fault(fault, element->span, "a matrix has rows and columns only: its rows are lists of numbers");
    if (element->is_list != first->is_list)
        return source_fault(fault, element->span,
                            "the elements of a list must be all numbers or all lists (the rows of a matrix)");
    if (!element->is_list)
        TRY(expression_require_any_number(element, fault));
    if (array->has_unit && !dimension_none(element->dimension))
        return source_fault(fault, element->span, "the list has a unit behind it, so its elements must be plain numbers");
    if (!dimension_equal(element->dimension, first->dimension))
        return source_fault(fault, element->span,
                            "the elements of a list must have the same dimension, but this is %s and the first is %s",
                            IN_DIMENSION(element->dimension), IN_DIMENSION(first->dimension));
    return 0;
}

int array_check(struct scope *scope, struct expression *array, struct fault *fault)
{
    for (int k = 0; k < array->n_children; k++) {
        TRY(expression_check(scope, array->children[k], fault));
        TRY(check_element(array, array->children[k], fault));
    }
    const struct expression *first = array->n_children ? array->children[0] : NULL;
    struct dimension none = {0};
    expression_set_result(array, TYPE_REAL, array->has_unit ? array->unit.dimension : first ? first->dimension : none);
    array->is_list = true;
    array->is_matrix = first && first->is_list;
    return 0;
}

/* ---- their numbers --------------------------------------------------------------------------------------- */

static int fill_list(struct check *check, const struct expression *array, double *list, struct fault *fault)
{
    const struct bindings bindings = {.dt = check->script->dt};
    for (int k = 0; k < array->n_children; k++) {
        if (!constant_evaluate(array->children[k], &bindings, &list[k]))
            return source_fault(fault, array->children[k]->span, "the elements of a list must be constants");
        if (isnan(list[k]))
            return source_fault(fault, array->children[k]->span, "this is not a number");
    }
    return 0;
}

static int fill_matrix(struct scope *scope, const struct expression *array, struct constant_value *out, struct fault *fault)
{
    struct constant_value row;
    double *numbers = NULL;
    for (int k = 0; k < array->n_children; k++) {
        TRY(constant_list(scope, array->children[k], &row, fault));
        if (row.n_list == 0)
            return source_fault(fault, array->children[k]->span, "a row of a matrix cannot be empty");
        if (k == 0) {
            out->n_columns = row.n_list;
            numbers = ARENA_NEW(scope->check->arena, (uint64_t)array->n_children * row.n_list, double);
        }
        if (row.n_list != out->n_columns)
            return source_fault(fault, array->children[k]->span,
                                "the rows of a matrix must have the same length, but this one has %llu and the first %llu",
                                (unsigned long long)row.n_list, (unsigned long long)out->n_columns);
        memcpy(numbers + (uint64_t)k * row.n_list, row.list, row.n_list * sizeof *numbers);
    }
    out->n_list = (uint64_t)array->n_children * out->n_columns;
    out->list = numbers;
    return 0;
}

int constant_list(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault)
{
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind != REFERENCE_CONSTANT)
        return source_fault(fault, expression->span, "the list '%s' of the model can be used by 'emit at' and step_value() only",
                            expression->name);
    if (expression->kind == EXPRESSION_NAME) {
        *out = named_find(scope->check, expression->name)->value;
        return 0;
    }
    *out = (struct constant_value){.type = TYPE_REAL, .is_list = true, .dimension = expression->dimension};
    if (expression->is_matrix) {
        TRY(fill_matrix(scope, expression, out, fault));
    } else {
        double *list = ARENA_NEW(scope->check->arena, expression->n_children, double);
        TRY(fill_list(scope->check, expression, list, fault));
        out->list = list;
        out->n_list = (uint64_t)expression->n_children;
    }
    if (!expression->has_unit)
        return 0;
    double *scaled = ARENA_NEW(scope->check->arena, out->n_list, double);
    for (uint64_t k = 0; k < out->n_list; k++)
        scaled[k] = out->list[k] * expression->unit.scale;
    out->list = scaled;
    return 0;
}

int constant_plain_list(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault)
{
    TRY(constant_of(scope, expression, out, fault));
    if (!out->is_list || out->n_columns)
        return source_fault(fault, expression->span, "expected a list of numbers, such as [1, 2], but this is %s",
                            expression_type_text(expression));
    return 0;
}

/* ---- one element ----------------------------------------------------------------------------------------- */

/* An index of one of the two directions of a matrix, or of a list: below `size`, which the message says in `elements`. */
static int find_position(struct scope *scope, const struct expression *expression, int which, uint64_t size, const char *elements,
                         uint64_t *out, struct fault *fault)
{
    struct expression *index = expression->children[which];
    double position;
    if (index->kind == EXPRESSION_SLICE)
        return source_fault(fault, index->span, "slices of lists are not supported yet");
    TRY(constant_count(scope->check, index, "an index", -INFINITY, INFINITY, &position, fault));
    if (position < 0 || position >= (double)size)
        return source_fault(fault, index->span, "%s has %llu %s%s, so an index must be from 0 to %.0f, not %.15g",
                            source_excerpt(scope->check->arena, expression->children[0]->span, "the list"),
                            (unsigned long long)size, elements, size == 1 ? "" : "s", (double)size - 1, position);
    *out = (uint64_t)position;
    return 0;
}

int list_index_check(struct scope *scope, struct expression *expression, struct fault *fault)
{
    struct constant_value list;
    uint64_t row = 0, column = 0;
    TRY(constant_of(scope, expression->children[0], &list, fault));
    bool is_matrix = list.n_columns > 0;
    if (expression->n_children != (is_matrix ? 3 : 2))
        return source_fault(fault, expression->span, "%s takes %s", expression_type_text(expression->children[0]),
                            is_matrix ? "two indices: [row, column]" : "one index");
    if (is_matrix)
        TRY(find_position(scope, expression, 1, list.n_list / list.n_columns, "row", &row, fault));
    TRY(find_position(scope, expression, is_matrix ? 2 : 1, is_matrix ? list.n_columns : list.n_list,
                      is_matrix ? "column" : "element", &column, fault));
    expression_set_result(expression, TYPE_REAL, list.dimension);
    expression->reference = (struct reference){.kind = REFERENCE_CONSTANT, .value = list.list[row * list.n_columns + column]};
    return 0;
}
