/* How far the functions of maths.h are from the true values, and what they do at the edges.
 *
 * The reference is the C library's long double: 64 bits of precision, so that it errs by thousandths of a unit in the last place
 * of a double. The limits are those stated in maths.h, rounded up. */
#include "support/maths.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "maths_hash.h"

/* Distance of `got` from `wanted` in units of the last place of a double of that size. */
static double error_in_ulp(double got, long double wanted)
{
    double nearest = (double)wanted;
    if (isnan(got) || isnan(nearest) || isinf(got) || isinf(nearest))
        return (isnan(got) && isnan(nearest)) || got == nearest ? 0 : INFINITY;
    int exponent;
    frexpl(wanted, &exponent);
    exponent = wanted == 0 || exponent < DBL_MIN_EXP ? DBL_MIN_EXP : exponent;
    return (double)fabsl(ldexpl((long double)got - wanted, DBL_MANT_DIG - exponent));
}

static long double exprel_reference(long double x)
{
    return x == 0 ? 1 : isinf(x) && x > 0 ? x : expm1l(x) / x;
}

struct function {
    const char *name;
    double (*function)(double);
    long double (*reference)(long double);
    double limit; /* ulp */
    double range; /* beyond ±range the function is constant, infinite or NaN; 0: nowhere */
};

static double sqrt_function(double x)
{
    return maths_sqrt(x);
}

#define FUNCTION(name, reference, limit, range)      \
    {                                                \
#name, maths_##name, reference, limit, range \
    }

static const struct function functions[] = {
    FUNCTION(exp, expl, 1.07, 746),         FUNCTION(expm1, expm1l, 0.83, 710), FUNCTION(exprel, exprel_reference, 1.52, 720),
    FUNCTION(log, logl, 0.83, 0),           FUNCTION(log10, log10l, 0.51, 0),   FUNCTION(log1p, log1pl, 0.83, 0),
    FUNCTION(sin, sinl, 0.83, 0),           FUNCTION(cos, cosl, 0.83, 0),       FUNCTION(tan, tanl, 1.17, 0),
    FUNCTION(sinh, sinhl, 0.8, 711),        FUNCTION(cosh, coshl, 0.83, 711),   FUNCTION(tanh, tanhl, 0.66, 20),
    FUNCTION(arcsin, asinl, 0.64, 1),       FUNCTION(arccos, acosl, 0.64, 1),   FUNCTION(arctan, atanl, 0.73, 0),
    {"sqrt", sqrt_function, sqrtl, 0.5, 0},
};
#define N_FUNCTIONS (sizeof functions / sizeof *functions)

static void check(const struct function *function, double x)
{
    double got = function->function(x);
    double error = error_in_ulp(got, function->reference(x));
    if (!(error <= function->limit))
        fail_msg("%s(%a) = %a is off by %.3f ulp, more than %.2f", function->name, x, got, error, function->limit);
}

/* Evenly spread over several scales, among them the whole range of interest, and random bits. */
static void accuracy(void **unused)
{
    static const double scales[] = {1e-3, 0.5, 1.5, 6, 40, 2e5};
    unsigned long long state = 11;
    for (size_t f = 0; f < N_FUNCTIONS; f++)
        for (int number = 0; number < 60000; number++) {
            double spread = (double)(long long)maths_hash_next(&state) * 0x1p-63;
            for (size_t k = 0; k < sizeof scales / sizeof *scales; k++)
                check(&functions[f], spread * scales[k]);
            check(&functions[f], spread * functions[f].range);
            check(&functions[f], 1 + 0.1 * spread);
            double any;
            unsigned long long bits = maths_hash_next(&state);
            memcpy(&any, &bits, sizeof any);
            check(&functions[f], any);
        }
}

/* Arguments that are hard: next to multiples of pi/2, to changes of formula, to overflow and underflow. */
static void hard_arguments(void **unused)
{
    const double centres[] = {0x1p-1022,
                              0.25,
                              0.3465735902799726,
                              0.41421356237309503,
                              0.5,
                              0.7071067811865476,
                              1,
                              1.4142135623730951,
                              2,
                              20,
                              36.7368005696771,
                              37.42994775023705,
                              40,
                              708.3964185322641,
                              709.782712893384,
                              710.4758600739439,
                              720,
                              744.4400719213812,
                              745.1332191019412,
                              0x1p30,
                              0x1p53,
                              DBL_MAX};
    for (size_t f = 0; f < N_FUNCTIONS; f++) {
        for (size_t k = 0; k < sizeof centres / sizeof *centres; k++) {
            double above = centres[k], below = centres[k];
            for (int step = 0; step < 50; step++) {
                check(&functions[f], above);
                check(&functions[f], -above);
                check(&functions[f], below);
                check(&functions[f], -below);
                above = nextafter(above, INFINITY);
                below = nextafter(below, 0);
            }
        }
        for (int k = 1; k < 2000; k++)
            check(&functions[f], k * 1.5707963267948966);
        check(&functions[f], 0x1.6ac5b262ca1ffp+849); /* the double nearest to a multiple of pi/2 */
        check(&functions[f], 0x1.921fb54442d18p+1000);
    }
}

/* Zeros with their sign, infinities, NaN, denormals: as C99 says. */
static void edges(void **unused)
{
    static const double values[] = {0.0, -0.0,     5e-324,    -5e-324, 1e-310,  -1e-310, 1,
                                    -1,  INFINITY, -INFINITY, NAN,     DBL_MAX, -DBL_MAX};
    for (size_t f = 0; f < N_FUNCTIONS; f++)
        for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
            check(&functions[f], values[k]);
            double got = functions[f].function(values[k]), wanted = (double)functions[f].reference(values[k]);
            if (!isnan(wanted) && signbit(got) != signbit(wanted))
                fail_msg("%s(%a) = %a has the wrong sign", functions[f].name, values[k], got);
        }
    assert_true(maths_sign(5e-324) == 1 && maths_sign(-INFINITY) == -1 && maths_sign(-0.0) == 0 && isnan(maths_sign(NAN)));
    assert_true(maths_exprel(-INFINITY) == 0 && maths_exprel(0) == 1 && maths_exprel(-0.0) == 1);
    for (int k = -5; k <= 22; k++)
        assert_true(k < 0 || maths_log10(pow(10, k)) == k); /* exact powers */
}

static void check_power(double x, double y)
{
    double got = maths_pow(x, y), error = error_in_ulp(got, powl(x, y));
    if (!(error <= 0.8))
        fail_msg("pow(%a, %a) = %a is off by %.3f ulp", x, y, got, error);
}

static void powers(void **unused)
{
    unsigned long long state = 5;
    for (int number = 0; number < 400000; number++) {
        double a = (double)(long long)maths_hash_next(&state) * 0x1p-63, b = (double)(long long)maths_hash_next(&state) * 0x1p-63;
        double wide = exp(700 * a);
        check_power(wide, 750 * b / log(wide)); /* the result may be any number */
        check_power(1 + 1e-3 * a, 7e5 * b);
        check_power(10 * fabs(a), 10 * b);
        check_power(-10 * fabs(a), rint(30 * b));
    }
    static const double edge[] = {0.0,    -0.0,         0.5,     -0.5,    1,        -1,        2,       -2,     3,
                                  -3,     2.5,          -2.5,    1e300,   -1e300,   5e-324,    -5e-324, 0x1p53, 0x1p53 - 1,
                                  0x1p54, 0x1p52 + 0.5, DBL_MIN, DBL_MAX, INFINITY, -INFINITY, NAN};
    for (size_t k = 0; k < sizeof edge / sizeof *edge; k++)
        for (size_t l = 0; l < sizeof edge / sizeof *edge; l++) {
            check_power(edge[k], edge[l]);
            double got = maths_pow(edge[k], edge[l]), wanted = pow(edge[k], edge[l]);
            if (!isnan(wanted) && signbit(got) != signbit(wanted))
                fail_msg("pow(%a, %a) = %a has the wrong sign", edge[k], edge[l], got);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accuracy),
        cmocka_unit_test(hard_arguments),
        cmocka_unit_test(edges),
        cmocka_unit_test(powers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
