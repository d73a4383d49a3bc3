#include "language/functions.h"

#include <string.h>

const struct function_signature function_signatures[FUNCTIONS] = {
    [FUNCTION_ABS] = {"abs", "x", 1, DIMENSION_SAME, TYPE_UNKNOWN, false, "absolute value"},
    [FUNCTION_ARCCOS] = {"arccos", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "inverse cosine"},
    [FUNCTION_ARCSIN] = {"arcsin", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "inverse sine"},
    [FUNCTION_ARCTAN] = {"arctan", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "inverse tangent"},
    [FUNCTION_BINOMIAL] = {"binomial", "n, p", 2, DIMENSION_NONE, TYPE_INTEGER, true,
                           "how many of n trials succeed, each with probability p"},
    [FUNCTION_BY_NODE] = {"by_node", "nodes, values", 2, DIMENSION_LIST, TYPE_REAL, false,
                          "a list for each node: those of the values that stand where the nodes list it"},
    [FUNCTION_BY_PAIR] = {"by_pair", "sources, targets, values", 3, DIMENSION_LIST, TYPE_REAL, false,
                          "the values of listed pairs, in the order in which their synapses are created"},
    [FUNCTION_CEIL] = {"ceil", "x", 1, DIMENSION_NONE, TYPE_INTEGER, false, "smallest integer not below x"},
    [FUNCTION_CLIP] = {"clip", "x, low, high", 3, DIMENSION_SAME, TYPE_UNKNOWN, false, "min(max(x, low), high)"},
    [FUNCTION_COS] = {"cos", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "cosine"},
    [FUNCTION_COSH] = {"cosh", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "hyperbolic cosine"},
    [FUNCTION_CSV] = {"csv", "file, column", 2, DIMENSION_LIST, TYPE_REAL, false, "a column of a CSV file, as a list"},
    [FUNCTION_EXP] = {"exp", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "exponential"},
    [FUNCTION_EXPM1] = {"expm1", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "exp(x) - 1, accurate near 0"},
    [FUNCTION_EXPREL] = {"exprel", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "(exp(x) - 1)/x, and 1 at 0"},
    [FUNCTION_FLOOR] = {"floor", "x", 1, DIMENSION_NONE, TYPE_INTEGER, false, "largest integer not above x"},
    [FUNCTION_HDF5] = {"hdf5", "file, dataset, column", 3, DIMENSION_LIST, TYPE_REAL, false,
                       "a dataset of an HDF5 file, or a column of one, as a list"},
    [FUNCTION_INT] = {"int", "x", 1, DIMENSION_TRUNCATED, TYPE_INTEGER, false, "x without its fraction; 1 for a true condition"},
    [FUNCTION_LEN] = {"len", "list", 1, DIMENSION_LIST, TYPE_INTEGER, false, "how many elements a list has"},
    [FUNCTION_LINSPACE] = {"linspace", "first, last, n", 3, DIMENSION_LIST, TYPE_REAL, false,
                           "a list of n numbers at equal distances, from the first to the last"},
    [FUNCTION_LOG] = {"log", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "natural logarithm"},
    [FUNCTION_LOG10] = {"log10", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "logarithm to base 10"},
    [FUNCTION_LOG1P] = {"log1p", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "log(1 + x), accurate near 0"},
    [FUNCTION_MAX] = {"max", "a, b", 2, DIMENSION_SAME, TYPE_UNKNOWN, false, "the larger one"},
    [FUNCTION_MIN] = {"min", "a, b", 2, DIMENSION_SAME, TYPE_UNKNOWN, false, "the smaller one"},
    [FUNCTION_MOD] = {"mod", "a, b", 2, DIMENSION_SAME, TYPE_UNKNOWN, false,
                      "a % b: what is left of a after whole multiples of b"},
    [FUNCTION_POISSON] = {"poisson", "mean", 1, DIMENSION_NONE, TYPE_INTEGER, true, "a Poisson-distributed integer"},
    [FUNCTION_RAND] = {"rand", "", 0, DIMENSION_NONE, TYPE_REAL, true, "uniform in [0, 1)"},
    [FUNCTION_RANDN] = {"randn", "", 0, DIMENSION_NONE, TYPE_REAL, true, "standard normal"},
    [FUNCTION_RANDN_PER_CONNECTION] = {"randn_per_connection", "k", 1, DIMENSION_NONE, TYPE_REAL, true,
                                       "number k of a connection's own standard normal numbers"},
    [FUNCTION_RANGE] = {"range", "begin, end, step", 3, DIMENSION_LIST, TYPE_REAL, false,
                        "the list begin, begin + step, … without the end; from 0 and by 1 if that is not given"},
    [FUNCTION_REDRAW] = {"redraw", "x, low, high", 3, DIMENSION_SAME, TYPE_UNKNOWN, true,
                         "x, drawn again until it lies in [low, high]"},
    [FUNCTION_SIGN] = {"sign", "x", 1, DIMENSION_ANY_TO_NONE, TYPE_INTEGER, false, "-1, 0 or 1"},
    [FUNCTION_SIN] = {"sin", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "sine"},
    [FUNCTION_SINH] = {"sinh", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "hyperbolic sine"},
    [FUNCTION_SQRT] = {"sqrt", "x", 1, DIMENSION_ROOT, TYPE_REAL, false, "square root"},
    [FUNCTION_STEPS] = {"steps", "time", 1, DIMENSION_TIME, TYPE_INTEGER, false,
                        "ceil(rint(time/1 us)*(1 us/dt) - 1e-9): whole steps that cover a time"},
    [FUNCTION_STEP_VALUE] = {"step_value", "times, values, t, before", 4, DIMENSION_STEP_VALUE, TYPE_REAL, false,
                             "the value of the last time that t has reached; `before` until the first"},
    [FUNCTION_TAN] = {"tan", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "tangent"},
    [FUNCTION_TANH] = {"tanh", "x", 1, DIMENSION_NONE, TYPE_REAL, false, "hyperbolic tangent"},
    [FUNCTION_TIMED_ARRAY] = {"timed_array", "values, dt", 2, DIMENSION_NONE, TYPE_REAL, false,
                              "by `let`: a function of time with one value for each interval dt"},
    [FUNCTION_TIMESTEP] = {"timestep", "time, dt", 2, DIMENSION_TIME, TYPE_INTEGER, false,
                           "trunc((time + 1e-3*dt)/dt): the step in which a time lies"},
    [FUNCTION_WHERE] = {"where", "condition, a, b", 3, DIMENSION_CHOICE, TYPE_UNKNOWN, false,
                        "a where the condition holds, else b"},
};

int function_find(const char *name)
{
    for (int k = 0; k < FUNCTIONS; k++)
        if (strcmp(function_signatures[k].name, name) == 0)
            return k;
    return -1;
}
