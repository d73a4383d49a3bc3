/* Each operation on lanes against the same operation on doubles, lane by lane; masks in all their forms; Python's division. */
#include "support/lanes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const double edges[] = {0.0, -0.0,       1,           -1,    0.5,    -0.5,   1.5,     -1.5,     2.5,       3,
                               -3,  0x1p53 + 2, -0x1p52 - 1, 1e300, -1e300, 5e-324, -5e-324, INFINITY, -INFINITY, NAN};
#define N_EDGES ((int)(sizeof edges / sizeof *edges))

/* Equal bits; which NaN it is does not matter. */
static void check_same(const char *name, double a, double b, double got, double wanted)
{
    if ((got == wanted && signbit(got) == signbit(wanted)) || (isnan(got) && isnan(wanted)))
        return;
    fail_msg("%s(%a, %a) = %a, not %a", name, a, b, got, wanted);
}

/* All pairs of edges pass through all lanes. */
#define CHECK_BINARY(name, expression)                                    \
    for (int i = 0; i < N_EDGES; i++)                                     \
        for (int j = 0; j < N_EDGES; j++) {                               \
            double x[LANES], y[LANES];                                    \
            for (int k = 0; k < LANES; k++) {                             \
                x[k] = edges[(i + k) % N_EDGES];                          \
                y[k] = edges[(j + 3 * k) % N_EDGES];                      \
            }                                                             \
            lanes result = lanes_##name(lanes_loadu(x), lanes_loadu(y));  \
            for (int k = 0; k < LANES; k++) {                             \
                double a = x[k], b = y[k];                                \
                check_same(#name, a, b, lane_get(result, k), expression); \
            }                                                             \
        }

static void arithmetic(void **state)
{
    CHECK_BINARY(add, a + b);
    CHECK_BINARY(sub, a - b);
    CHECK_BINARY(mul, a * b);
    CHECK_BINARY(div, a / b);
    CHECK_BINARY(min, a < b ? a : b);
    CHECK_BINARY(max, a > b ? a : b);
}

#define lanes_second_neg(a, b) lanes_neg(b)
#define lanes_second_abs(a, b) lanes_abs(b)
#define lanes_second_sqrt(a, b) lanes_sqrt(b)
#define lanes_second_floor(a, b) lanes_floor(b)
#define lanes_second_ceil(a, b) lanes_ceil(b)
#define lanes_second_trunc(a, b) lanes_trunc(b)
#define lanes_second_rint(a, b) lanes_rint(b)
#define lanes_fma_with_third(a, b) lanes_fma(a, b, lanes_set1(0.1))

static void functions_of_one(void **state)
{
    CHECK_BINARY(second_neg, -b);
    CHECK_BINARY(second_abs, fabs(b));
    CHECK_BINARY(second_sqrt, sqrt(b));
    CHECK_BINARY(second_floor, floor(b));
    CHECK_BINARY(second_ceil, ceil(b));
    CHECK_BINARY(second_trunc, trunc(b));
    CHECK_BINARY(second_rint, rint(b));
    CHECK_BINARY(fma_with_third, fma(a, b, 0.1));
}

#define lanes_number_of(comparison, a, b) lanes_select(comparison(a, b), lanes_set1(1), lanes_set1(0))
#define lanes_is_lt(a, b) lanes_number_of(lanes_lt, a, b)
#define lanes_is_le(a, b) lanes_number_of(lanes_le, a, b)
#define lanes_is_gt(a, b) lanes_number_of(lanes_gt, a, b)
#define lanes_is_ge(a, b) lanes_number_of(lanes_ge, a, b)
#define lanes_is_eq(a, b) lanes_number_of(lanes_eq, a, b)
#define lanes_is_ne(a, b) lanes_number_of(lanes_ne, a, b)

static void comparisons(void **state)
{
    CHECK_BINARY(is_lt, a < b);
    CHECK_BINARY(is_le, a <= b);
    CHECK_BINARY(is_gt, a > b);
    CHECK_BINARY(is_ge, a >= b);
    CHECK_BINARY(is_eq, a == b);
    CHECK_BINARY(is_ne, a != b);
}

/* Python's rule from the exact remainder of C. */
static double python_modulo(double a, double b)
{
    double rest = fmod(a, b);
    if (rest == 0)
        return copysign(0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
}

/* The quotient of small whole numbers and halves, whose division is exact enough for floor. */
static double python_floor_divide(double a, double b)
{
    return floor(a / b);
}

static void division_with_remainder(void **state)
{
    CHECK_BINARY(modulo, python_modulo(a, b));
    for (double a = -20; a <= 20; a += 0.5)
        for (double b = -7; b <= 7; b += 0.5) {
            double wanted = isinf(a) ? NAN : python_floor_divide(a, b);
            check_same("floor_divide", a, b, lane_get(lanes_floor_divide(lanes_set1(a), lanes_set1(b)), 7), wanted);
        }
    static const struct {
        double a, b, quotient, remainder;
    } cases[] = {
        {-1e-20, 1, -1, 1},                /* the remainder rounds up to the divisor, as in Python */
        {1, 0.1, 9, 0x1.9999999999996p-4}, /* 1/0.1 rounds to 10, but ten times the double 0.1 is more than 1 */
        {-5, INFINITY, -1, INFINITY},
        {5, -INFINITY, -1, -INFINITY},
        {5, INFINITY, 0, 5},
        {1e300, 7, 1e300 / 7, 1},
        {-1e300, 7, -1e300 / 7, 6},
        {1, 0, INFINITY, NAN},
        {INFINITY, 2, NAN, NAN},
        {NAN, 2, NAN, NAN},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        lanes a = lanes_set1(cases[k].a), b = lanes_set1(cases[k].b);
        check_same("floor_divide", cases[k].a, cases[k].b, lane_get(lanes_floor_divide(a, b), 3), cases[k].quotient);
        check_same("modulo", cases[k].a, cases[k].b, lane_get(lanes_modulo(a, b), 3), cases[k].remainder);
    }
}

static void masks(void **state)
{
    for (unsigned bits = 0; bits < 256; bits++) {
        lanes_mask mask = mask_from_bits((unsigned char)bits);
        assert_int_equal(lanes_bits(mask), bits);
        assert_int_equal(lanes_any(mask), bits != 0);
        assert_int_equal(lanes_all(mask), bits == 255);
        assert_int_equal(lanes_bits(lanes_mask_not(mask)), 255 - bits);
        assert_int_equal(lanes_bits(mask_of_lanes(lanes_of_mask(mask))), bits);
        lanes_mask other = mask_from_bits(0x5c);
        assert_int_equal(lanes_bits(lanes_mask_and(mask, other)), bits & 0x5c);
        assert_int_equal(lanes_bits(lanes_mask_or(mask, other)), bits | 0x5c);
        assert_int_equal(lanes_bits(lanes_mask_xor(mask, other)), bits ^ 0x5c);
        assert_int_equal(lanes_bits(lanes_mask_andnot(mask, other)), bits & ~0x5cu);

        uint64_t word[LANES];
        lanes_storeu((double *)word, lanes_of_mask(mask));
        lanes chosen = lanes_select(mask, lanes_iota(), lanes_set1(-1));
        for (int k = 0; k < LANES; k++) {
            assert_int_equal(word[k], bits >> k & 1 ? UINT64_MAX : 0);
            assert_true(lane_get(chosen, k) == (bits >> k & 1 ? k : -1));
        }
    }
}

static void memory(void **state)
{
    _Alignas(LANES_ALIGNMENT) double from[2 * LANES], to[2 * LANES] = {0};
    for (int k = 0; k < 2 * LANES; k++)
        from[k] = k + 0.25;
    lanes_store(to + LANES, lanes_load(from + LANES));
    assert_memory_equal(to + LANES, from + LANES, LANES * sizeof(double));
    lanes_storeu(to + 1, lanes_loadu(from + 3));
    assert_memory_equal(to + 1, from + 3, LANES * sizeof(double));
    assert_true(to[0] == 0 && to[LANES + 1] == from[LANES + 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic),  cmocka_unit_test(functions_of_one),
        cmocka_unit_test(comparisons), cmocka_unit_test(division_with_remainder),
        cmocka_unit_test(masks),       cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
