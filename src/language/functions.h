/* The functions that expressions can call, as data: what they take, what they give, whether they draw.
 * The plan maps `enum function` to operations; constant.c evaluates those without randomness. */
#ifndef GLION_LANGUAGE_FUNCTIONS_H
#define GLION_LANGUAGE_FUNCTIONS_H

#include <stdbool.h>

#include "language/ast.h"

enum function {
    FUNCTION_ABS,
    FUNCTION_ARCCOS,
    FUNCTION_ARCSIN,
    FUNCTION_ARCTAN,
    FUNCTION_BINOMIAL,
    FUNCTION_BY_NODE,
    FUNCTION_BY_PAIR,
    FUNCTION_CEIL,
    FUNCTION_CLIP,
    FUNCTION_COS,
    FUNCTION_COSH,
    FUNCTION_CSV,
    FUNCTION_EXP,
    FUNCTION_EXPM1,
    FUNCTION_EXPREL,
    FUNCTION_FLOOR,
    FUNCTION_HDF5,
    FUNCTION_INT,
    FUNCTION_LEN,
    FUNCTION_LINSPACE,
    FUNCTION_LOG,
    FUNCTION_LOG10,
    FUNCTION_LOG1P,
    FUNCTION_MAX,
    FUNCTION_MIN,
    FUNCTION_MOD,
    FUNCTION_POISSON,
    FUNCTION_RAND,
    FUNCTION_RANDN,
    FUNCTION_RANDN_PER_CONNECTION,
    FUNCTION_RANGE,
    FUNCTION_REDRAW,
    FUNCTION_SIGN,
    FUNCTION_SIN,
    FUNCTION_SINH,
    FUNCTION_SQRT,
    FUNCTION_STEPS,
    FUNCTION_STEP_VALUE,
    FUNCTION_TAN,
    FUNCTION_TANH,
    FUNCTION_TIMED_ARRAY, /* the call of one, under the name that its `let` gave it */
    FUNCTION_TIMESTEP,
    FUNCTION_WHERE,
    FUNCTIONS
};

/* What the dimensions of the arguments must be, and what follows for the result. */
enum dimension_rule {
    DIMENSION_NONE,        /* all dimensionless, so is the result */
    DIMENSION_SAME,        /* all equal; the result has it too */
    DIMENSION_ANY_TO_NONE, /* anything; the result is dimensionless */
    DIMENSION_ROOT,        /* anything; the result has half of every exponent */
    DIMENSION_CHOICE,      /* (condition, a, b): a and b equal; the result has it too */
    DIMENSION_TIME,        /* times; the result is dimensionless */
    DIMENSION_TRUNCATED,   /* a dimensionless number or a boolean; the result is dimensionless */
    DIMENSION_STEP_VALUE,  /* (list of times, list, time, b): list and b equal; the result has it too */
    DIMENSION_LIST,        /* makes a list, or tells of one: each has its own rule (check_list_function.c) */
};

#define FUNCTION_ARGUMENTS_MAX 4

struct function_signature {
    const char *name;
    const char *arguments; /* as shown in messages */
    int n_arguments;       /* at most so many, where it is about lists */
    enum dimension_rule rule;
    enum value_type result; /* TYPE_REAL or TYPE_INTEGER; TYPE_UNKNOWN: integer if all arguments are, else real */
    bool random;            /* draws: a new value for every element and evaluation */
    const char *text;
};

/* Indexed by enum function. */
extern const struct function_signature function_signatures[FUNCTIONS];

int function_find(const char *name); /* enum function, or -1 */

#endif
