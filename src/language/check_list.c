/* Lists and matrices of numbers: their elements when they are written, and one element, or some, when these are used.
 *
 * A matrix is a list of lists of equal length, row after row; a list of lists of other lengths is none, but can have a value for
 * each node. All are constants: their numbers are known when the checker comes to them, in SI base units. */
#include "language/check.h"

/* ---- written out ----------------------------------------------------------------------------------------- */

static bool is_empty(const struct expression *list)
{
    return list->kind == EXPRESSION_ARRAY && list->n_children == 0;
}

/* [] has no dimension of its own. */
static const struct expression *first_with_dimension(const struct expression *array)
{
    for (int k = 0; k < array->n_children; k++)
        if (!is_empty(array->children[k]))
            return array->children[k];
    return NULL;
}

static int check_element(const struct expression *array, const struct expression *element, struct fault *fault)
{
    const struct expression *first = first_with_dimension(array);
    if (element->is_matrix)
        return source_fault(fault, element->span, "a matrix has rows and columns only: its rows are lists of numbers");
    if (element->is_list != array->children[0]->is_list)
        return source_fault(fault, element->span,
                            "the elements of a list must be all numbers or all lists (the rows of a matrix)");
    if (!type_is_number(element->type))
        return source_fault(fault, element->span, "expected a number, but this is %s", expression_type_text(element));
    if (is_empty(element))
        return 0;
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
    for (int k = 0; k < array->n_children; k++)
        TRY(expression_check(scope, array->children[k], fault));
    for (int k = 0; k < array->n_children; k++)
        TRY(check_element(array, array->children[k], fault));
    const struct expression *first = first_with_dimension(array);
    struct dimension none = {0};
    expression_set_result(array, TYPE_REAL, array->has_unit ? array->unit.dimension : first ? first->dimension : none);
    array->is_list = true;
    array->is_matrix = array->n_children && array->children[0]->is_list;
    return 0;
}

/* ---- their numbers --------------------------------------------------------------------------------------- */

static int fill_list(struct scope *scope, const struct expression *array, struct constant_value *out, struct fault *fault)
{
    const struct bindings bindings = {.dt = scope->check->script->dt};
    double *list = ARENA_NEW(scope->check->arena, array->n_children, double);
    for (int k = 0; k < array->n_children; k++) {
        if (!constant_evaluate(array->children[k], &bindings, &list[k]))
            return source_fault(fault, array->children[k]->span, "the elements of a list must be constants");
        if (isnan(list[k]))
            return source_fault(fault, array->children[k]->span, "this is not a number");
    }
    out->list = list;
    out->n_list = (uint64_t)array->n_children;
    return 0;
}

static int fill_rows(struct scope *scope, const struct expression *array, struct constant_value *out, struct fault *fault)
{
    struct arena *arena = scope->check->arena;
    const int n_rows = array->n_children;
    struct constant_value *rows = ARENA_NEW(arena, n_rows, struct constant_value);
    uint64_t *row_begin = ARENA_NEW(arena, n_rows + 1, uint64_t);
    bool is_matrix = true;
    for (int k = 0; k < n_rows; k++) {
        TRY(constant_list(scope, array->children[k], &rows[k], fault));
        row_begin[k + 1] = row_begin[k] + rows[k].n_list;
        is_matrix &= rows[k].n_list == rows[0].n_list;
    }
    double *numbers = ARENA_NEW(arena, row_begin[n_rows], double);
    for (int k = 0; k < n_rows; k++)
        memcpy(numbers + row_begin[k], rows[k].list, rows[k].n_list * sizeof *numbers);
    out->list = numbers;
    out->n_list = row_begin[n_rows];
    out->row_begin = row_begin;
    out->n_rows = (uint64_t)n_rows;
    out->n_columns = is_matrix ? rows[0].n_list : 0;
    return 0;
}

static int written_numbers(struct scope *scope, const struct expression *array, struct constant_value *out, struct fault *fault)
{
    TRY(array->is_matrix ? fill_rows(scope, array, out, fault) : fill_list(scope, array, out, fault));
    if (!array->has_unit)
        return 0;
    double *scaled = ARENA_NEW(scope->check->arena, out->n_list, double);
    for (uint64_t k = 0; k < out->n_list; k++)
        scaled[k] = out->list[k] * array->unit.scale;
    out->list = scaled;
    return 0;
}

static int slice_numbers(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault);

int constant_list(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault)
{
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind != REFERENCE_CONSTANT)
        return source_fault(fault, expression->span, "the list '%s' of the model can be used by 'emit at' and step_value() only",
                            expression->name);
    if (expression->kind == EXPRESSION_NAME) {
        *out = named_find(scope->check, expression->name)->value;
        return 0;
    }
    *out = (struct constant_value){.type = expression->type, .is_list = true, .dimension = expression->dimension};
    if (list_is_computed(expression))
        return elementwise_numbers(scope, expression, out, fault);
    if (expression->kind == EXPRESSION_CALL)
        return list_function_numbers(scope, expression, out, fault);
    if (expression->kind == EXPRESSION_INDEX)
        return slice_numbers(scope, expression, out, fault);
    return written_numbers(scope, expression, out, fault);
}

int constant_plain_list(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault)
{
    TRY(constant_of(scope, expression, out, fault));
    if (!out->is_list || out->row_begin || !type_is_number(out->type))
        return source_fault(fault, expression->span, "expected a list of numbers, such as [1, 2], but this is %s",
                            expression_type_text(expression));
    return 0;
}

int matrix_require(const struct constant_value *list, struct span span, struct fault *fault)
{
    for (uint64_t k = 0; k < list->n_rows && !list->n_columns; k++) {
        const uint64_t length = list->row_begin[k + 1] - list->row_begin[k];
        if (length == 0)
            return source_fault(fault, span, "a row of a matrix cannot be empty, as row %llu is", (unsigned long long)k);
        if (length != list->row_begin[1])
            return source_fault(fault, span,
                                "the rows of a matrix must have the same length, but row %llu has %llu and the first %llu",
                                (unsigned long long)k, (unsigned long long)length, (unsigned long long)list->row_begin[1]);
    }
    return 0;
}

/* ---- one element, or some -------------------------------------------------------------------------------- */

/* Positions [begin, end) of a list, or of one of the two directions of a matrix. */
struct selection {
    uint64_t begin, end;
};

static bool is_slice(const struct expression *expression, int which)
{
    return expression->children[which]->kind == EXPRESSION_SLICE;
}

/* `elements` is what the message calls the things that there are `size` of: "row". */
static int find_selection(struct scope *scope, const struct expression *expression, int which, uint64_t size,
                          const char *elements, struct selection *out, struct fault *fault)
{
    struct check *check = scope->check;
    struct expression *index = expression->children[which];
    const char *list = source_excerpt(check->arena, expression->children[0]->span, "the list"), *plural = size == 1 ? "" : "s";
    double begin = 0, end = (double)size;
    if (!is_slice(expression, which)) {
        TRY(constant_count(check, index, "an index", -INFINITY, INFINITY, &begin, fault));
        end = begin + 1;
    }
    for (int k = 0; k < 2 && is_slice(expression, which); k++)
        if (index->children[k])
            TRY(constant_count(check, index->children[k], "the bound of a slice", -INFINITY, INFINITY, k ? &end : &begin, fault));
    if ((begin < 0 || end > (double)size) && is_slice(expression, which))
        return source_fault(fault, index->span, "%s has %llu %s%s, so a slice must lie within 0:%llu, not %.15g:%.15g", list,
                            (unsigned long long)size, elements, plural, (unsigned long long)size, begin, end);
    if (begin < 0 || end > (double)size)
        return source_fault(fault, index->span, "%s has %llu %s%s, so an index must be from 0 to %.0f, not %.15g", list,
                            (unsigned long long)size, elements, plural, (double)size - 1, begin);
    if (begin > end)
        return source_fault(fault, index->span, "the slice %.0f:%.0f ends before it begins", begin, end);
    *out = (struct selection){(uint64_t)begin, (uint64_t)end};
    return 0;
}

/* The list, and what its indices say: of a plain list it is one row. */
static int find_selections(struct scope *scope, struct expression *expression, struct constant_value *list,
                           struct selection *rows, struct selection *columns, struct fault *fault)
{
    TRY(constant_of(scope, expression->children[0], list, fault));
    if (expression->n_children != (list->row_begin ? 3 : 2))
        return source_fault(fault, expression->span, "%s takes %s", expression_type_text(expression->children[0]),
                            list->row_begin ? "two indices: [row, column]" : "one index");
    *rows = (struct selection){0, 1};
    if (!list->row_begin)
        return find_selection(scope, expression, 1, list->n_list, "element", columns, fault);
    TRY(find_selection(scope, expression, 1, list->n_rows, "row", rows, fault));
    if (is_slice(expression, 1))
        TRY(matrix_require(list, expression->children[0]->span, fault));
    uint64_t n_columns = rows->end > rows->begin ? list->row_begin[rows->begin + 1] - list->row_begin[rows->begin] : 0;
    return find_selection(scope, expression, 2, n_columns, "column", columns, fault);
}

static uint64_t row_begin(const struct constant_value *list, uint64_t row)
{
    return list->row_begin ? list->row_begin[row] : 0;
}

static bool has_slice(const struct expression *expression)
{
    return is_slice(expression, 1) || (expression->n_children > 2 && is_slice(expression, 2));
}

int list_index_check(struct scope *scope, struct expression *expression, struct fault *fault)
{
    struct constant_value list;
    struct selection rows, columns;
    TRY(find_selections(scope, expression, &list, &rows, &columns, fault));
    expression_set_result(expression, expression->children[0]->type, list.dimension);
    expression->reference = (struct reference){0};
    expression->is_list = has_slice(expression);
    expression->is_matrix = list.row_begin && is_slice(expression, 1) && is_slice(expression, 2);
    if (!expression->is_list)
        expression->reference = (struct reference){.kind = REFERENCE_CONSTANT,
                                                   .value = list.list[row_begin(&list, rows.begin) + columns.begin]};
    return 0;
}

static int slice_numbers(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault)
{
    struct constant_value list;
    struct selection rows, columns;
    TRY(find_selections(scope, expression, &list, &rows, &columns, fault));
    const uint64_t n_rows = rows.end - rows.begin, n_columns = columns.end - columns.begin;
    out->n_list = n_rows * n_columns;
    out->is_data = list.is_data;
    if (n_rows == 1) { /* it stands in the list */
        out->list = list.list + row_begin(&list, rows.begin) + columns.begin;
    } else {
        double *numbers = ARENA_NEW(scope->check->arena, out->n_list, double);
        for (uint64_t row = 0; row < n_rows; row++)
            memcpy(numbers + row * n_columns, list.list + row_begin(&list, rows.begin + row) + columns.begin,
                   n_columns * sizeof *numbers);
        out->list = numbers;
    }
    if (!expression->is_matrix)
        return 0;
    uint64_t *begins = ARENA_NEW(scope->check->arena, n_rows + 1, uint64_t);
    for (uint64_t row = 0; row <= n_rows; row++)
        begins[row] = row * n_columns;
    out->row_begin = begins;
    out->n_rows = n_rows;
    out->n_columns = n_columns;
    return 0;
}
