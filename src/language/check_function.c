/* Functions of the script, let f(x, y) = EXPRESSION, and timed arrays, let f = timed_array(VALUES, DT).
 *
 * A call of a function becomes its right side: later rooms know no functions of the script. What stands for a parameter is the
 * argument itself, in every place the same node of the tree, so it has one value. A function sees the functions that stand
 * before it only, so none calls itself. Dimensions are found at each call; what is wrong whatever the arguments are is found
 * where the function is defined. */
#include "language/check.h"

/* ---- the right side of a function ------------------------------------------------------------------------ */

static int parameter_of(const struct statement *function, const char *name)
{
    for (int k = 0; k < function->n_parameters; k++)
        if (strcmp(function->parameters[k], name) == 0)
            return k;
    return -1;
}

/* A copy of an expression with arguments[k] in the places of parameter k. */
static struct expression *substitute(struct arena *arena, const struct expression *expression, const struct statement *function,
                                     struct expression **arguments)
{
    if (!expression)
        return NULL;
    int parameter = expression->kind == EXPRESSION_NAME ? parameter_of(function, expression->name) : -1;
    if (parameter >= 0)
        return arguments[parameter];
    struct expression *copy = ARENA_NEW(arena, 1, struct expression);
    *copy = *expression;
    copy->children = ARENA_NEW(arena, expression->n_children, struct expression *);
    for (int k = 0; k < expression->n_children; k++)
        copy->children[k] = substitute(arena, expression->children[k], function, arguments);
    return copy;
}

static int uses_of(const struct expression *expression, const char *name)
{
    int n = expression->kind == EXPRESSION_NAME && strcmp(expression->name, name) == 0;
    for (int k = 0; k < expression->n_children; k++)
        n += expression->children[k] ? uses_of(expression->children[k], name) : 0;
    return n;
}

static bool calls(const struct expression *expression, const char *name)
{
    if (expression->kind == EXPRESSION_CALL && strcmp(expression->name, name) == 0)
        return true;
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k] && calls(expression->children[k], name))
            return true;
    return false;
}

/* ---- definitions ----------------------------------------------------------------------------------------- */

static int check_parameters(struct check *check, const struct statement *function, struct fault *fault)
{
    for (int k = 0; k < function->n_parameters; k++) {
        TRY(name_check_new(check, function->parameters[k], function->parameter_spans[k], fault));
        if (parameter_of(function, function->parameters[k]) < k || strcmp(function->parameters[k], function->name) == 0)
            return source_fault(fault, function->parameter_spans[k], "'%s' names two things here", function->parameters[k]);
    }
    return 0;
}

/* With parameters whose dimension is not known yet, in a copy of its own. */
static int check_right_side(struct check *check, const struct statement *function, struct fault *fault)
{
    struct local *locals = ARENA_NEW(check->arena, function->n_parameters, struct local);
    int n_call_sites = 0;
    for (int k = 0; k < function->n_parameters; k++)
        locals[k] = (struct local){.name = function->parameters[k], .type = TYPE_UNKNOWN};
    struct scope scope = {
        .check = check,
        .locals = locals,
        .n_locals = function->n_parameters,
        .n_call_sites = &n_call_sites,
        .is_value = true,
    };
    struct expression *copy = expression_clone(check->arena, function->value);
    TRY(expression_check(&scope, copy, fault));
    bool is_plain = (type_is_number(copy->type) || copy->type == TYPE_BOOLEAN) && !copy->is_list;
    return is_plain ? 0
                    : source_fault(fault, copy->span, "a function gives a number or a condition, but this is %s",
                                   expression_type_text(copy));
}

int function_define(struct check *check, const struct statement *statement, struct fault *fault)
{
    TRY(check_parameters(check, statement, fault));
    if (calls(statement->value, statement->name))
        return source_fault(fault, statement->value->span, "'%s' cannot call itself", statement->name);
    TRY(check_right_side(check, statement, fault));
    named_add_local(check, NAMED_FUNCTION, statement->name, statement->name_span)->function = statement;
    return 0;
}

bool timed_array_is_let(const struct statement *statement)
{
    return statement->value->kind == EXPRESSION_CALL && strcmp(statement->value->name, "timed_array") == 0;
}

int timed_array_define(struct check *check, const struct statement *statement, struct fault *fault)
{
    struct expression *call = statement->value;
    struct scope scope = {.check = check};
    struct constant_value values;
    if (call->n_children != 2)
        return source_fault(fault, call->span, "timed_array(values, dt) takes 2 arguments, not %d", call->n_children);
    for (int k = 0; k < 2; k++)
        if (call->argument_names && call->argument_names[k] && strcmp(call->argument_names[k], k ? "dt" : "values") != 0)
            return source_fault(fault, call->children[k]->span, "the arguments of 'timed_array' are values and dt");
    TRY(constant_of(&scope, call->children[0], &values, fault));
    if (!values.is_list)
        return source_fault(fault, call->children[0]->span, "the values of a timed array are a list or a matrix, but this is %s",
                            expression_type_text(call->children[0]));
    TRY(matrix_require(&values, call->children[0]->span, fault));
    if (values.n_list == 0)
        return source_fault(fault, call->children[0]->span, "a timed array needs at least one value");
    TRY(constant_number(check, call->children[1], dimension_of_time(), "the dt of a timed array", &values.number, fault));
    if (!(values.number > 0) || isinf(values.number))
        return source_fault(fault, call->children[1]->span, "the dt of a timed array must be above 0, but is %g s",
                            values.number);
    named_add_local(check, NAMED_TIMED_ARRAY, statement->name, statement->name_span)->value = values;
    return 0;
}

/* ---- calls ----------------------------------------------------------------------------------------------- */

const struct named *callable_find(const struct scope *scope, const char *name)
{
    const struct named *named = scope->closed ? NULL : named_find(scope->check, name);
    return named && (named->kind == NAMED_FUNCTION || named->kind == NAMED_TIMED_ARRAY) ? named : NULL;
}

const char *callable_arguments(struct check *check, const struct named *named)
{
    if (named->kind == NAMED_TIMED_ARRAY)
        return named->value.n_columns ? "t, i" : "t";
    const struct statement *function = named->function;
    const char *text = function->parameters[0];
    for (int k = 1; k < function->n_parameters; k++)
        text = arena_format(check->arena, "%s, %s", text, function->parameters[k]);
    return text;
}

/* What is wrong with a right side is wrong with a call of it, too. */
static int add_call(struct check *check, const char *name, struct span span, struct fault *fault)
{
    int status = fault->status;
    const char *text = arena_format(check->arena, "%s\n    in the call of '%s' at %s", fault->text, name,
                                    source_place(check->arena, span));
    fault_clear(fault);
    return status == FAULT_RUN ? fault_run(fault, "%s", text) : fault_input(fault, "%s", text);
}

static int check_function_arguments(struct scope *scope, struct expression *call, const struct statement *function,
                                    struct fault *fault)
{
    for (int k = 0; k < call->n_children; k++) {
        int before = scope->n_call_sites ? *scope->n_call_sites : 0;
        TRY(expression_check(scope, call->children[k], fault));
        if (!type_is_number(call->children[k]->type))
            TRY(expression_require_any_number(call->children[k], fault));
        bool draws = scope->n_call_sites && *scope->n_call_sites > before;
        if (draws && uses_of(function->value, function->parameters[k]) > 1)
            return source_fault(
                fault, call->children[k]->span,
                "'%s' uses '%s' in several places, so what stands for it cannot be drawn: give it a name of its own", call->name,
                function->parameters[k]);
    }
    return 0;
}

/* The arguments are numbered again, where they stand, if they draw. */
static int check_function_call(struct scope *scope, struct expression *call, const struct statement *function,
                               struct fault *fault)
{
    int first_site = scope->n_call_sites ? *scope->n_call_sites : 0;
    const char *name = call->name;
    struct span span = call->span;
    TRY(check_function_arguments(scope, call, function, fault));
    if (scope->n_call_sites)
        *scope->n_call_sites = first_site;
    *call = *substitute(scope->check->arena, function->value, function, call->children);
    call->span = span;
    if (scope->n_inside++ == 0)
        scope->n_inlined = 0;
    if (expression_check(scope, call, fault))
        return add_call(scope->check, name, span, fault);
    scope->n_inside--;
    return 0;
}

static int check_timed_array_call(struct scope *scope, struct expression *call, const struct named *array, struct fault *fault)
{
    for (int k = 0; k < call->n_children; k++)
        TRY(expression_check(scope, call->children[k], fault));
    TRY(expression_require(call->children[0], dimension_of_time(), "the argument of a timed array", fault));
    if (call->n_children == 2) {
        TRY(expression_require(call->children[1], (struct dimension){0}, "the second argument of a timed array", fault));
        if (call->children[1]->type == TYPE_REAL)
            return source_fault(fault, call->children[1]->span,
                                "the second argument of a timed array is the index of a column: a whole number, such as i");
    }
    scope->check->simulation_used |= !scope->model;
    expression_set_result(call, TYPE_REAL, array->value.dimension);
    call->function = FUNCTION_TIMED_ARRAY;
    call->list = array->value.list;
    call->n_list = array->value.n_list;
    call->n_columns = array->value.n_columns;
    call->list_dt = array->value.number;
    return 0;
}

int callable_check(struct scope *scope, struct expression *call, const struct named *named, struct fault *fault)
{
    bool is_array = named->kind == NAMED_TIMED_ARRAY;
    int n = is_array ? (named->value.n_columns ? 2 : 1) : named->function->n_parameters;
    if (call->n_children != n)
        return source_fault(fault, call->span, "%s(%s) takes %d argument%s, not %d", call->name,
                            callable_arguments(scope->check, named), n, n == 1 ? "" : "s", call->n_children);
    return is_array ? check_timed_array_call(scope, call, named, fault)
                    : check_function_call(scope, call, named->function, fault);
}
