/* A plain evaluator of expression trees on doubles, with the same scalar maths as the kernels. */
#include "language/constant.h"

#include <math.h>

#include "language/functions.h"
#include "language/script.h"
#include "language/timed_array.h"
#include "support/maths.h"

static bool evaluate_variable(const struct reference *reference, const struct bindings *bindings, double *out)
{
    if (!bindings->model)
        return false;
    const struct declaration *variable = &bindings->model->variables[reference->index];
    if (variable->kind == DECLARATION_SUBEXPRESSION)
        return constant_evaluate(variable->equation, bindings, out);
    if (variable->kind == DECLARATION_INPUT)
        return false;
    const double *known = variable->is_list                                ? bindings->element
                          : bindings->variables                            ? &bindings->variables[reference->index]
                          : !bindings->values                              ? NULL
                          : bindings->values[reference->index].is_constant ? &bindings->values[reference->index].number
                                                                           : NULL;
    if (known)
        *out = *known;
    return known && !isnan(*known);
}

static bool take(const double *known, double *out)
{
    if (known)
        *out = *known;
    return known;
}

static bool evaluate_name(const struct expression *name, const struct bindings *bindings, double *out)
{
    const struct reference *reference = &name->reference;
    switch (reference->kind) {
    case REFERENCE_CONSTANT:
        return take(&reference->value, out);
    case REFERENCE_VARIABLE:
        return evaluate_variable(reference, bindings, out);
    case REFERENCE_LOCAL:
        return take(bindings->locals ? &bindings->locals[reference->index] : NULL, out);
    case REFERENCE_ARGUMENT:
        return take(bindings->argument, out);
    case REFERENCE_DT:
        return take(bindings->dt > 0 ? &bindings->dt : NULL, out);
    case REFERENCE_DISTANCE:
        return take(bindings->distance, out);
    case REFERENCE_TIME_IN_TIMESTEPS:
        return take(bindings->time_in_steps, out);
    case REFERENCE_TIME:
        if (!bindings->time_in_steps || !(bindings->dt > 0))
            return false;
        *out = *bindings->time_in_steps * bindings->dt;
        return true;
    default:
        return false;
    }
}

static bool evaluate_unary(const struct expression *expression, const struct bindings *bindings, double *out)
{
    double operand;
    if (!constant_evaluate(expression->children[0], bindings, &operand))
        return false;
    *out = expression->operator== OPERATOR_NEGATE ? -operand : operand == 0;
    return true;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* Python's: with the sign of b. */
static double modulo(double a, double b)
{
    return a - b * floor(a / b);
}

static double operate(enum operator operator, double a, double b)
{
    switch (operator) {
    case OPERATOR_ADD:
        return a + b;
    case OPERATOR_SUBTRACT:
        return a - b;
    case OPERATOR_MULTIPLY:
        return a * b;
    case OPERATOR_DIVIDE:
        return a / b;
    case OPERATOR_FLOOR_DIVIDE:
        return floor(a / b);
    case OPERATOR_MODULO:
        return modulo(a, b);
    case OPERATOR_POWER:
        return maths_pow(a, b);
    case OPERATOR_LESS:
        return a < b;
    case OPERATOR_LESS_EQUAL:
        return a <= b;
    case OPERATOR_GREATER:
        return a > b;
    case OPERATOR_GREATER_EQUAL:
        return a >= b;
    case OPERATOR_EQUAL:
        return a == b;
    case OPERATOR_NOT_EQUAL:
        return a != b;
    case OPERATOR_AND:
        return a != 0 && b != 0;
    case OPERATOR_OR:
        return a != 0 || b != 0;
    default:
        return NAN;
    }
}

static bool evaluate_binary(const struct expression *expression, const struct bindings *bindings, double *out)
{
    double a, b;
    if (!constant_evaluate(expression->children[0], bindings, &a) || !constant_evaluate(expression->children[1], bindings, &b))
        return false;
    *out = operate(expression->operator, a, b);
    return true;
}

/* steps() as NEST counts durations: to its tic of 1 us, then up to whole steps. */
static double steps(double time, double dt)
{
    return ceil(rint(time / 1e-6) * (1e-6 / dt) - 1e-9);
}

static double apply(enum function function, const double *x, double dt)
{
    switch (function) {
    case FUNCTION_ABS:
        return fabs(x[0]);
    case FUNCTION_ARCCOS:
        return maths_arccos(x[0]);
    case FUNCTION_ARCSIN:
        return maths_arcsin(x[0]);
    case FUNCTION_ARCTAN:
        return maths_arctan(x[0]);
    case FUNCTION_CEIL:
        return ceil(x[0]);
    case FUNCTION_CLIP:
        return larger(x[0], x[1]) < x[2] ? larger(x[0], x[1]) : x[2];
    case FUNCTION_COS:
        return maths_cos(x[0]);
    case FUNCTION_COSH:
        return maths_cosh(x[0]);
    case FUNCTION_EXP:
        return maths_exp(x[0]);
    case FUNCTION_EXPM1:
        return maths_expm1(x[0]);
    case FUNCTION_EXPREL:
        return maths_exprel(x[0]);
    case FUNCTION_FLOOR:
        return floor(x[0]);
    case FUNCTION_INT:
        return trunc(x[0]);
    case FUNCTION_LOG:
        return maths_log(x[0]);
    case FUNCTION_LOG10:
        return maths_log10(x[0]);
    case FUNCTION_LOG1P:
        return maths_log1p(x[0]);
    case FUNCTION_MAX:
        return larger(x[0], x[1]);
    case FUNCTION_MIN:
        return x[0] < x[1] ? x[0] : x[1];
    case FUNCTION_MOD:
        return modulo(x[0], x[1]);
    case FUNCTION_SIGN:
        return maths_sign(x[0]);
    case FUNCTION_SIN:
        return maths_sin(x[0]);
    case FUNCTION_SINH:
        return maths_sinh(x[0]);
    case FUNCTION_SQRT:
        return maths_sqrt(x[0]);
    case FUNCTION_STEPS:
        return steps(x[0], dt);
    case FUNCTION_TAN:
        return maths_tan(x[0]);
    case FUNCTION_TANH:
        return maths_tanh(x[0]);
    case FUNCTION_TIMESTEP:
        return trunc((x[0] + 1e-3 * x[1]) / x[1]);
    case FUNCTION_WHERE:
        return x[0] != 0 ? x[1] : x[2];
    default: /* the random ones have no constant value */
        return NAN;
    }
}

/* step_value() of lists that are written out; at a time within a thousandth of a step of the next one, that has been reached. */
static bool evaluate_step_value(const struct expression *call, const struct bindings *bindings, double *out)
{
    const struct expression *times = call->children[0], *values = call->children[1];
    double time, before;
    if (!times->list || !values->list || !(bindings->dt > 0) || !constant_evaluate(call->children[2], bindings, &time) ||
        !constant_evaluate(call->children[3], bindings, &before))
        return false;
    *out = before;
    for (uint64_t k = 0; k < times->n_list && times->list[k] <= time + 1e-3 * bindings->dt; k++)
        *out = values->list[k];
    return true;
}

static double held(double place, uint64_t n)
{
    return place > 0 ? fmin(place, (double)n - 1) : 0;
}

static bool evaluate_timed_array(const struct expression *call, const struct bindings *bindings, double *out)
{
    const uint64_t n_columns = call->n_columns ? call->n_columns : 1;
    double time, column = 0;
    if (!(bindings->dt > 0) || !constant_evaluate(call->children[0], bindings, &time) ||
        (call->n_children == 2 && !constant_evaluate(call->children[1], bindings, &column)))
        return false;
    double row = held(timed_array_row(time, call->list_dt, bindings->dt), call->n_list / n_columns);
    *out = call->list[(uint64_t)row * n_columns + (uint64_t)held(column, n_columns)];
    return true;
}

static bool evaluate_call(const struct expression *call, const struct bindings *bindings, double *out)
{
    const struct function_signature *signature = &function_signatures[call->function];
    double arguments[FUNCTION_ARGUMENTS_MAX];
    if (call->function == FUNCTION_STEP_VALUE)
        return evaluate_step_value(call, bindings, out);
    if (call->function == FUNCTION_TIMED_ARRAY)
        return evaluate_timed_array(call, bindings, out);
    if (signature->rule == DIMENSION_LIST) /* one that is about a list, and a number */
        return take(&call->reference.value, out);
    if (signature->random || (call->function == FUNCTION_STEPS && !(bindings->dt > 0)))
        return false;
    for (int k = 0; k < call->n_children; k++)
        if (!constant_evaluate(call->children[k], bindings, &arguments[k]))
            return false;
    *out = apply((enum function)call->function, arguments, bindings->dt);
    return true;
}

bool list_is_computed(const struct expression *list)
{
    return list->kind == EXPRESSION_UNARY || list->kind == EXPRESSION_BINARY ||
           (list->kind == EXPRESSION_CALL && function_signatures[list->function].rule != DIMENSION_LIST);
}

bool constant_evaluate(const struct expression *expression, const struct bindings *bindings, double *out)
{
    if (expression->is_list && !list_is_computed(expression))
        return take(bindings->place ? &expression->list[*bindings->place] : NULL, out);
    switch (expression->kind) {
    case EXPRESSION_NUMBER:
        *out = expression->has_unit ? expression->number * expression->unit.scale : expression->number;
        return true;
    case EXPRESSION_NAME:
        return evaluate_name(expression, bindings, out);
    case EXPRESSION_INDEX:
        return expression->type != TYPE_NODES && evaluate_name(expression, bindings, out);
    case EXPRESSION_UNARY:
        return evaluate_unary(expression, bindings, out);
    case EXPRESSION_BINARY:
        return evaluate_binary(expression, bindings, out);
    case EXPRESSION_CALL:
        return evaluate_call(expression, bindings, out);
    default:
        return false;
    }
}
