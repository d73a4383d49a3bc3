/* Elementary functions whose bits are our own: the same in compiled kernels, in the interpreter and on the host.
 *
 * No function of libm is called; everything is IEEE arithmetic with explicit fused multiply-adds, so that a value depends on the
 * arguments of its lane only (see lanes.h). lanes_NAME(lanes) computes eight values, maths_NAME(double) one, with the same bits.
 * NaN gives NaN, infinities, zeros (with their sign), denormals, overflow and underflow are as in C99, annex F, unless said
 * otherwise.
 *
 * Largest errors in units in the last place, among some four million arguments each, against 113-bit arithmetic:
 *     exp 1.05    log   0.81    sin 0.82    sinh 0.76    arcsin 0.62    pow  0.77
 *     expm1 0.81  log1p 0.82    cos 0.79    cosh 0.80    arccos 0.61    sqrt 0.50
 *     exprel 1.50 log10 0.501   tan 1.14    tanh 0.64    arctan 0.71
 * tests/unit/maths_test.c holds them to that.
 *
 * The polynomials are near-minimax: weighted least squares in Chebyshev's points for the relative error of the whole function,
 * the coefficients rounded one after the other, each time refitting those that follow. */
#ifndef GLION_SUPPORT_MATHS_H
#define GLION_SUPPORT_MATHS_H

#ifndef GLION_SUPPORT_LANES_H
#include "support/lanes.h"
#endif

#define MATHS_PI 0x1.921fb54442d18p+1
#define MATHS_INFINITY __builtin_inf()
#define MATHS_NAN __builtin_nan("")

/* A value as the unevaluated sum of two doubles. */
struct part_pair {
    part high, low;
};

/* a + b exactly, when |a| >= |b| or a = 0. */
PART_INLINE struct part_pair part_sum(part a, part b)
{
    part high = a + b;
    return (struct part_pair){high, b - (high - a)};
}

/* a + b exactly, whichever is larger. */
PART_INLINE struct part_pair part_sum_any(part a, part b)
{
    part high = a + b;
    part b_in_high = high - a;
    return (struct part_pair){high, (a - (high - b_in_high)) + (b - b_in_high)};
}

PART_INLINE struct part_pair part_product(part a, part b)
{
    part high = a * b;
    return (struct part_pair){high, part_fma(a, b, -high)};
}

/* a / b to nearly twice the precision. |b.low| is within the rounding of b.high, which is normal and has a normal inverse. */
PART_INLINE struct part_pair part_quotient(struct part_pair a, struct part_pair b)
{
    part inverse = 1.0 / b.high;
    part high = a.high * inverse;
    part rest = part_fma(-high, b.high, a.high) + (a.low - high * b.low);
    return (struct part_pair){high, rest * inverse};
}

/* coefficient[0] + coefficient[1]*x + … of at least two coefficients; even and odd powers apart, for two shorter chains. */
PART_INLINE part part_polynomial(part x, const double *coefficient, int count)
{
    part square = x * x;
    part sum[2] = {part_set1(coefficient[count - 2]), part_set1(coefficient[count - 1])};
#pragma GCC unroll 16
    for (int k = count - 3; k >= 0; k--) {
        part *same_parity = &sum[(count - k) % 2];
        *same_parity = part_fma(*same_parity, square, part_set1(coefficient[k]));
    }
    return count % 2 ? part_fma(sum[0], x, sum[1]) : part_fma(sum[1], x, sum[0]);
}

/* ---- Powers of two.
 *
 * Adding MATHS_SHIFT rounds to a whole number k, |k| < 2000, and leaves k + 2046 in the low bits of the sum ("shifted"). */

#define MATHS_SHIFT (0x1.8p52 + 2046)

/* value * 2^k, rounded once: the two factors are normal numbers for all k, and only the second product can be inexact. */
PART_INLINE part part_scale(part value, part shifted)
{
#if PART_WIDTH == 8
    return __builtin_ia32_scalefpd512_mask(value, shifted - MATHS_SHIFT, value, PART_ALL, PART_ROUNDING);
#else
    part_words half = (part_words)shifted >> 1;
    return value * (part)(half << 52) * (part)(((part_words)shifted - half) << 52);
#endif
}

/* 2^k for a whole k, -1022 <= k <= 1023 */
PART_INLINE part part_power_of_two(part k)
{
    return (part)((part_words)(k + (0x1.8p52 + 1023)) << 52);
}

/* ---- The exponential function and its kin. */

#define MATHS_LOG2_E 0x1.71547652b82fep+0
#define MATHS_LN2 0x1.62e42fefa39efp-1
#define MATHS_LN2_REST 0x1.abc9e3b39803fp-56 /* ln 2 - MATHS_LN2 */

/* Steps: x = k ln 2 + r with |r| <= ln(2)/2, the first difference being exact (fma); e^r by a polynomial; scale by 2^k. Beyond
 * the clamps the result is 0 or infinite anyway. */
PART_INLINE part part_exp(part x)
{
    static const double coefficient[] = {
        0x1.0000000000005p-1,  0x1.5555555555559p-3,  0x1.55555555520f6p-5,  0x1.111111110f650p-7,  0x1.6c16c17f36ba7p-10,
        0x1.a01a01b00610cp-13, 0x1.a019a6881db78p-16, 0x1.71ddf808b6ae0p-19, 0x1.28a2a941e99d0p-22, 0x1.af5f37267188dp-26};
    x = part_max(part_set1(-746), part_min(part_set1(710), x));
    part shifted = part_fma(x, part_set1(MATHS_LOG2_E), part_set1(MATHS_SHIFT));
    part k = shifted - MATHS_SHIFT;
    part r = part_fma(k, part_set1(-MATHS_LN2), x);
    r = part_fma(k, part_set1(-MATHS_LN2_REST), r);
    part value = 1.0 + part_fma(r * r, part_polynomial(r, coefficient, 10), r);
    return part_scale(value, shifted);
}

/* e^x = 2^k (1 + most + rest) for a pair x, where most is near r + r^2/2, and |most| < 0.42. */
struct part_exponential {
    part shifted, k, most, rest;
};

PART_INLINE struct part_exponential part_exponential(struct part_pair x)
{
    static const double coefficient[] = {
        0x1.5555555555559p-3,  0x1.5555555555557p-5,  0x1.111111110f650p-7,  0x1.6c16c16c1577dp-10, 0x1.a01a01b00610cp-13,
        0x1.a01a01ab13cadp-16, 0x1.71ddf808b6ae0p-19, 0x1.27e4d14428d45p-22, 0x1.af5f37267188dp-26, 0x1.1f83e1c58be04p-29};
    part shifted = part_fma(x.high, part_set1(MATHS_LOG2_E), part_set1(MATHS_SHIFT));
    part k = shifted - MATHS_SHIFT;
    part whole = part_fma(k, part_set1(-MATHS_LN2), x.high);
    struct part_pair r = part_sum(whole, part_fma(k, part_set1(-MATHS_LN2_REST), x.low));
    struct part_pair square = part_product(r.high, r.high);
    struct part_pair most = part_sum(r.high, 0.5 * square.high);
    part cube = r.high * square.high;
    part rest = part_fma(cube, part_polynomial(r.high, coefficient, 10), part_fma(part_set1(0.5), square.low, r.low));
    return (struct part_exponential){shifted, k, most.high, most.low + rest};
}

/* e^x = 2^k * pair */
PART_INLINE struct part_pair part_exp_pair(struct part_exponential e)
{
    struct part_pair sum = part_sum(part_set1(1), e.most);
    sum.low += e.rest;
    return sum;
}

/* e^x - 1 = 2^k * pair, for k >= -1000. Beyond k = 64 the 1 that is taken away does not count. */
PART_INLINE struct part_pair part_expm1_pair(struct part_exponential e)
{
    struct part_pair one = part_sum_any(part_set1(1), -part_power_of_two(-part_min(e.k, part_set1(64))));
    struct part_pair sum = part_sum(one.high, e.most);
    sum.low += one.low + e.rest;
    return sum;
}

PART_INLINE part part_expm1(part x)
{
    part bounded = part_max(part_set1(-40), part_min(part_set1(710), x));
    struct part_exponential e = part_exponential((struct part_pair){bounded, part_set1(0)});
    struct part_pair value = part_expm1_pair(e);
    return part_with_sign_of(part_scale(value.high + value.low, e.shifted), x);
}

/* (e^x - 1)/x; 1 at 0, 0 at -inf, inf at inf. Divided before it is scaled, so that it overflows only when it must. */
PART_INLINE part part_exprel(part x)
{
    part divisor = part_min(part_set1(720), x);
    struct part_exponential e = part_exponential((struct part_pair){part_max(part_set1(-40), divisor), part_set1(0)});
    struct part_pair value = part_expm1_pair(e);
    part result = part_scale((value.high + value.low) / divisor, e.shifted);
    return part_select(part_eq(x, part_set1(0)), part_set1(1), result);
}

/* With t = e^x - 1: sinh x = (t + t/(t + 1))/2. Where 2^k is large, t/(t + 1) is 1 and hardly counts. */
PART_INLINE part part_sinh(part x)
{
    part magnitude = part_min(part_set1(720), part_abs(x));
    struct part_exponential e = part_exponential((struct part_pair){magnitude, part_set1(0)});
    struct part_pair t = part_expm1_pair(e);
    part k = part_min(e.k, part_set1(64));
    part power = part_power_of_two(k), inverse_power = part_power_of_two(-k);
    struct part_pair scaled = {t.high * power, t.low * power};
    struct part_pair above = part_sum_any(part_set1(1), scaled.high);
    struct part_pair other = part_quotient(scaled, part_sum(above.high, above.low + scaled.low));
    struct part_pair sum = part_sum(t.high, other.high * inverse_power);
    sum.low += t.low + other.low * inverse_power;
    return part_with_sign_of(part_scale(sum.high + sum.low, e.shifted - 1.0), x);
}

PART_INLINE part part_cosh(part x)
{
    part magnitude = part_min(part_set1(720), part_abs(x));
    struct part_exponential e = part_exponential((struct part_pair){magnitude, part_set1(0)});
    struct part_pair up = part_exp_pair(e);
    part down = part_power_of_two(-2.0 * part_min(e.k, part_set1(64))) / (up.high + up.low);
    struct part_pair sum = part_sum(up.high, down);
    return part_scale(sum.high + (sum.low + up.low), e.shifted - 1.0);
}

/* With t = e^(-2|x|) - 1: tanh |x| = -t/(2 + t). */
PART_INLINE part part_tanh(part x)
{
    part magnitude = part_min(part_set1(20), part_abs(x)); /* 1 - tanh 20 is far below the last place */
    struct part_exponential e = part_exponential((struct part_pair){-2.0 * magnitude, part_set1(0)});
    struct part_pair t = part_expm1_pair(e);
    part power = part_power_of_two(e.k);
    struct part_pair below = {-t.high * power, -t.low * power};
    struct part_pair above = part_sum(part_set1(2), -below.high);
    struct part_pair ratio = part_quotient(below, part_sum(above.high, above.low - below.low));
    return part_with_sign_of(ratio.high + ratio.low, x);
}

/* ---- Logarithms. */

#define MATHS_SQRT_HALF 0x1.6a09e667f3bcdp-1
#define MATHS_LN2_SHORT 0x1.62e42fefa3800p-1 /* 42 bits, so that multiples by an exponent are exact */
#define MATHS_LN2_SHORT_REST 0x1.ef35793c76730p-45

/* x = 2^k * m with sqrt(1/2) <= m < sqrt(2), for finite x > 0; anything for others. */
struct part_binary {
    part k, m;
};

/* `bias`: what is added to k in the exponent of x. */
PART_INLINE struct part_binary part_binary_biased(part x, part bias)
{
    const part_words one = (part_words)part_set1(1), root = (part_words)part_set1(MATHS_SQRT_HALF);
    part_words bits = (part_words)x + (one - root);
    part biased = (part)((bits >> 52) | (part_words)part_set1(0x1p52));
    return (struct part_binary){biased - (0x1p52 + bias), (part)((bits & 0x000fffffffffffffull) + root)};
}

PART_INLINE struct part_binary part_binary(part x)
{
    part_mask denormal = part_lt(x, part_set1(0x1p-1022));
    return part_binary_biased(part_select(denormal, x * 0x1p54, x), part_select(denormal, part_set1(1023 + 54), part_set1(1023)));
}

PART_INLINE part_mask part_log_is_regular(part x)
{
    return part_gt(x, part_set1(0)) & part_lt(x, part_set1(MATHS_INFINITY));
}

/* The logarithm's value where it is not regular: -inf at 0, NaN below, x itself for inf and NaN. */
PART_INLINE part part_log_edges(part x, part regular)
{
    part edge = part_select(part_eq(x, part_set1(0)), part_set1(-MATHS_INFINITY), x);
    edge = part_select(part_lt(x, part_set1(0)), part_set1(MATHS_NAN), edge);
    return part_select(part_log_is_regular(x), regular, edge);
}

/* k ln 2 + log(1 + f) + correction, where s = f/(2 + f) and log(1 + f) = 2 s + s R(s^2) = f - f^2/2 + s (f^2/2 + R). */
PART_INLINE part part_log_sum(part k, part f, part correction)
{
    static const double coefficient[] = {0x1.5555555555555p-1, 0x1.9999999999d0ap-2, 0x1.249249243a361p-2, 0x1.c71c724a82c6fp-3,
                                         0x1.745ce20ffd0bcp-3, 0x1.3b2018a521d73p-3, 0x1.0f68463bb8667p-3, 0x1.0f05040883d52p-3};
    part s = f / (2.0 + f);
    part z = s * s;
    part series = z * part_polynomial(z, coefficient, 8);
    part half_square = 0.5 * f * f;
    part low = part_fma(s, half_square + series, part_fma(k, part_set1(MATHS_LN2_SHORT_REST), correction));
    return part_fma(k, part_set1(MATHS_LN2_SHORT), f - (half_square - low));
}

PART_INLINE part part_log(part x)
{
    struct part_binary binary = part_binary(x);
    return part_log_edges(x, part_log_sum(binary.k, binary.m - 1.0, part_set1(0)));
}

/* part_log for numbers that are neither extreme nor denormal: 2^-1022 <= x < inf. */
PART_INLINE part part_log_of_normal(part x)
{
    struct part_binary binary = part_binary_biased(x, part_set1(1023));
    return part_log_sum(binary.k, binary.m - 1.0, part_set1(0));
}

/* u = 1 + x rounded, and c what rounding took away: log(1 + x) = log u + c/u. Where k = 0, x itself serves as f. */
PART_INLINE part part_log1p(part x)
{
    struct part_pair u = part_sum_any(part_set1(1), x);
    struct part_binary binary = part_binary(u.high);
    part_mask near = part_eq(binary.k, part_set1(0));
    part f = part_select(near, x, binary.m - 1.0);
    part correction = part_select(near, part_set1(0), u.low / u.high);
    return part_with_sign_of(part_log_edges(u.high, part_log_sum(binary.k, f, correction)), x);
}

/* log x for finite x > 0 with a relative error below 2^-64.
 *
 * With s = (m - 1)/(m + 1): log m = 2 s (1 + z/3 + z^2 Q(z)), z = s^2 <= 0.03; all but Q in pairs. */
PART_INLINE struct part_pair part_log_pair(part x)
{
    static const double coefficient[] = {0x1.9999999999995p-3, 0x1.2492492493150p-3, 0x1.c71c71c56444fp-4, 0x1.745d183dec639p-4,
                                         0x1.3b135fff863dfp-4, 0x1.112112a7d433ep-4, 0x1.de26213628c94p-5, 0x1.eb76255ddc6b8p-5};
    const part third = part_set1(0x1.5555555555555p-2), third_rest = part_set1(0x1.5555555555555p-56);
    struct part_binary binary = part_binary(x);
    struct part_pair above = part_sum(part_set1(1), binary.m); /* exact although m may exceed 1: both are within [1/2, 2] */
    struct part_pair s = part_quotient((struct part_pair){binary.m - 1.0, part_set1(0)}, above);
    s = part_sum(s.high, s.low);
    struct part_pair z = part_product(s.high, s.high);
    z.low = part_fma(2.0 * s.high, s.low, z.low);

    part q = part_polynomial(z.high, coefficient, 8);
    struct part_pair zq = part_product(z.high, q);
    struct part_pair factor = part_sum(third, zq.high);
    factor.low += third_rest + part_fma(z.low, q, zq.low);
    struct part_pair p = part_product(z.high, factor.high);
    p.low += part_fma(z.high, factor.low, z.low * factor.high);
    struct part_pair sp = part_product(s.high, p.high);
    sp.low += part_fma(s.high, p.low, s.low * p.high);

    struct part_pair half = part_sum(s.high, sp.high); /* of log m */
    half.low += sp.low + s.low;
    struct part_pair sum = part_sum(binary.k * MATHS_LN2_SHORT, 2.0 * half.high);
    sum.low += part_fma(part_set1(2), half.low, binary.k * MATHS_LN2_SHORT_REST);
    return part_sum(sum.high, sum.low);
}

PART_INLINE part part_log10(part x)
{
    struct part_pair natural = part_log_pair(x);
    struct part_pair decimal = part_product(natural.high, part_set1(0x1.bcb7b1526e50ep-2));
    decimal.low += part_fma(natural.high, part_set1(0x1.95355baaafad3p-57), natural.low * 0x1.bcb7b1526e50ep-2);
    return part_log_edges(x, decimal.high + decimal.low);
}

/* x^y = e^(y log|x|), with the sign and the exceptions of C99: 1 for y = 0 and for x = 1 whatever the other is. */
PART_INLINE part part_pow(part x, part y)
{
    const part one = part_set1(1), infinity = part_set1(MATHS_INFINITY);
    part base = part_abs(x);
    struct part_pair logarithm = part_log_pair(base);
    logarithm.high = part_log_edges(base, logarithm.high);
    struct part_pair exponent = part_product(y, logarithm.high);
    exponent.low = part_fma(y, logarithm.low, exponent.low);
    part_mask in_range = part_lt(part_abs(exponent.high), part_set1(800)) & part_log_is_regular(base);
    exponent.low = part_select(in_range, exponent.low, part_set1(0));
    exponent.high = part_max(part_set1(-800), part_min(part_set1(800), exponent.high));
    struct part_exponential e = part_exponential(exponent);
    struct part_pair power = part_exp_pair(e);
    part magnitude = part_scale(power.high + power.low, e.shifted);

    part_mask whole = part_eq(part_rint(y), y);
    part_mask odd = whole & part_ne(part_rint(0.5 * y), 0.5 * y);
    part_mask undefined = part_lt(x, part_set1(0)) & part_gt(x, -infinity) & part_not(whole);
    part_mask unit = part_eq(y, part_set1(0)) | part_eq(x, one) | (part_eq(base, one) & part_eq(part_abs(y), infinity));
    part result = part_select(odd, part_with_sign_of(magnitude, x), magnitude);
    result = part_select(undefined, part_set1(MATHS_NAN), result);
    return part_select(unit, one, result);
}

/* ---- Circular functions. */

/* pi/2 as a sum of three doubles */
#define MATHS_HALF_PI 0x1.921fb54442d18p+0
#define MATHS_HALF_PI_2 0x1.1a62633145c07p-54
#define MATHS_HALF_PI_3 -0x1.f1976b7ed8fbcp-110

/* x = quadrant*pi/2 + rest, |rest| <= pi/4 and a little; of the quadrant only the two lowest bits count. */
struct part_angle {
    struct part_pair rest;
    part_bits quadrant;
};

/* The same for one large finite x > 0 (Payne and Hanek 1983): only the bits of 2/pi that can change x*2/pi modulo 4 are
 * multiplied. */
PART_RARE int part_angle_of_one(double x, double *rest_high, double *rest_low)
{
    /* 64 zeros, then the binary fraction of 2/pi */
    static const unsigned long long two_over_pi[] = {0,
                                                     0xa2f9836e4e441529,
                                                     0xfc2757d1f534ddc0,
                                                     0xdb6295993c439041,
                                                     0xfe5163abdebbc561,
                                                     0xb7246e3a424dd2e0,
                                                     0x06492eea09d1921c,
                                                     0xfe1deb1cb129a73e,
                                                     0xe88235f52ebb4484,
                                                     0xe99c7026b45f7e41,
                                                     0x3991d639835339f4,
                                                     0x9c845f8bbdf9283b,
                                                     0x1ff897ffde05980f,
                                                     0xef2f118b5a0a6d1f,
                                                     0x6d367ecf27cb09b7,
                                                     0x4f463f669e5fea2d,
                                                     0x7527bac7ebe5f17b,
                                                     0x3d0739f78a5292ea,
                                                     0x6bfb5fb11f8d5d08,
                                                     0x56033046fc7b6bab,
                                                     0xf0cfbc209af4361d};
    unsigned long long bits, window[3];
    __builtin_memcpy(&bits, &x, sizeof bits);
    unsigned long long significand = (bits & ((1ull << 52) - 1)) | 1ull << 52;
    int exponent = (int)(bits >> 52) - 1075; /* x = significand * 2^exponent */
    int first = exponent + 62;               /* this bit of the table has the weight 2^(1 - exponent) */
    for (int k = 0; k < 3; k++) {
        const unsigned long long *word = two_over_pi + first / 64 + k;
        window[k] = first % 64 ? word[0] << first % 64 | word[1] >> (64 - first % 64) : word[0];
    }
    /* significand * window modulo 2^192, in units of 2^-190 */
    unsigned __int128 low = (unsigned __int128)significand * window[2];
    unsigned __int128 middle = (unsigned __int128)significand * window[1] + (unsigned long long)(low >> 64);
    unsigned long long high = significand * window[0] + (unsigned long long)(middle >> 64);
    unsigned long long next = (unsigned long long)middle;
    unsigned __int128 fraction = (unsigned __int128)(high << 2 | next >> 62) << 64 | (next << 2 | (unsigned long long)low >> 62);
    __int128 centred = (__int128)fraction; /* from half a quadrant on it counts back from the next one */
    const long long mask = (1ll << 43) - 1;
    double most = (double)(long long)(centred >> 86) * 0x1p-42, more = (double)((long long)(centred >> 43) & mask) * 0x1p-85;
    double rest = (double)((long long)centred & mask) * 0x1p-128 + (more - ((most + more) - most));
    double turn = (most + more) + rest, turn_rest = ((most + more) - turn) + rest;
    *rest_high = turn * MATHS_HALF_PI;
    *rest_low = __builtin_fma(turn, MATHS_HALF_PI, -*rest_high) + (turn * MATHS_HALF_PI_2 + turn_rest * MATHS_HALF_PI);
    return (int)(high >> 62) + (int)(fraction >> 127);
}

/* For 0 <= x < 2^30. Cody and Waite's subtraction with fma: the first difference is exact. */
PART_INLINE struct part_angle part_angle_of_small(part x)
{
    part shifted = part_fma(x, part_set1(0x1.45f306dc9c883p-1), part_set1(0x1.8p52));
    part k = shifted - 0x1.8p52;
    part whole = part_fma(k, part_set1(-MATHS_HALF_PI), x);
    struct part_pair second = part_product(k, part_set1(MATHS_HALF_PI_2));
    struct part_angle angle = {part_sum_any(whole, -second.high), (part_bits)shifted};
    angle.rest.low -= part_fma(k, part_set1(MATHS_HALF_PI_3), second.low);
    return angle;
}

/* For x >= 0. */
PART_INLINE struct part_angle part_angle(part x)
{
    struct part_angle angle = part_angle_of_small(x);
    part_mask far = part_ge(x, part_set1(0x1p30)) & part_lt(x, part_set1(MATHS_INFINITY));
    if (__builtin_expect(part_any(far), 0))
        for (unsigned lane = 0; lane < PART_WIDTH; lane++)
            if (part_mask_number(far) >> lane & 1) {
                double high, low;
                angle.quadrant[lane] = part_angle_of_one(x[lane], &high, &low);
                angle.rest.high[lane] = high;
                angle.rest.low[lane] = low;
            }
    return angle;
}

/* sine of a rest */
PART_INLINE struct part_pair part_sine(struct part_pair rest)
{
    static const double coefficient[] = {-0x1.5555555555548p-3, 0x1.111111110f77dp-7,   -0x1.a01a019bf7efap-13,
                                         0x1.71de3564d2b7bp-19, -0x1.ae5e594b78a4cp-26, 0x1.5d8fa7fd5c9d2p-33};
    part z = rest.high * rest.high;
    part low = part_fma(rest.low, -0.5 * z, rest.low);
    return (struct part_pair){rest.high, part_fma(z * rest.high, part_polynomial(z, coefficient, 6), low)};
}

/* cosine of a rest */
PART_INLINE struct part_pair part_cosine(struct part_pair rest)
{
    static const double coefficient[] = {0x1.555555555554bp-5,   -0x1.6c16c16c1504bp-10, 0x1.a01a019c97777p-16,
                                         -0x1.27e4f7f8eae3ap-22, 0x1.1ee9e15f38979p-29,  -0x1.8fa9952065738p-37};
    part z = rest.high * rest.high;
    struct part_pair sum = part_sum(part_set1(1), -0.5 * z);
    sum.low += part_fma(z * z, part_polynomial(z, coefficient, 6), -rest.high * rest.low);
    return sum;
}

/* Masks of the quadrants in which sine and cosine change places, and sign bits of those where the value is negated. */
PART_INLINE part_mask part_quadrant_is_odd(part_bits quadrant)
{
    return part_mask_of_bits(-(quadrant & 1));
}

PART_INLINE part_bits part_quadrant_sign(part_bits quadrant)
{
    return (part_bits)(((part_words)quadrant & 2) << 62);
}

/* sin(rest + quadrant*pi/2) */
PART_INLINE part part_sine_in_quadrant(struct part_pair rest, part_bits quadrant)
{
    struct part_pair sine = part_sine(rest), cosine = part_cosine(rest);
    part value = part_select(part_quadrant_is_odd(quadrant), cosine.high + cosine.low, sine.high + sine.low);
    return (part)((part_bits)value ^ part_quadrant_sign(quadrant));
}

PART_INLINE part part_sin(part x)
{
    struct part_angle angle = part_angle(part_abs(x));
    part value = part_sine_in_quadrant(angle.rest, angle.quadrant);
    return (part)((part_bits)value ^ part_sign_bit(x));
}

PART_INLINE part part_cos(part x)
{
    struct part_angle angle = part_angle(part_abs(x));
    return part_sine_in_quadrant(angle.rest, angle.quadrant + 1);
}

/* part_cos for 0 <= x < 2^30. */
PART_INLINE part part_cos_of_small(part x)
{
    struct part_angle angle = part_angle_of_small(x);
    return part_sine_in_quadrant(angle.rest, angle.quadrant + 1);
}

PART_INLINE part part_tan(part x)
{
    struct part_angle angle = part_angle(part_abs(x));
    struct part_pair sine = part_sine(angle.rest), cosine = part_cosine(angle.rest);
    part_mask odd = part_quadrant_is_odd(angle.quadrant);
    struct part_pair above = {part_select(odd, -cosine.high, sine.high), part_select(odd, -cosine.low, sine.low)};
    struct part_pair below = {part_select(odd, sine.high, cosine.high), part_select(odd, sine.low, cosine.low)};
    struct part_pair ratio = part_quotient(above, part_sum(below.high, below.low));
    return (part)((part_bits)(ratio.high + ratio.low) ^ part_sign_bit(x));
}

/* arcsin x = s + tail for 0 <= x <= 1/2. Beyond, arcsin x = pi/2 - 2 (s + tail) with s = sqrt((1 - x)/2). NaN for x > 1. */
struct part_arcsine {
    part s, tail;
    part_mask beyond;
};

PART_INLINE struct part_arcsine part_arcsine(part x)
{
    static const double coefficient[] = {0x1.5555555555577p-3, 0x1.333333332e1d7p-4, 0x1.6db6db72067c3p-5, 0x1.f1c71a9a612bcp-6,
                                         0x1.6e8bde357e3ffp-6, 0x1.1c49fd309612cp-6, 0x1.ca1e4bde65f16p-7, 0x1.759020e3f57d1p-7,
                                         0x1.60fff6c6f49f2p-7, 0x1.e995aa7ea282cp-9, 0x1.627f8e45fcf05p-6, -0x1.5667f5d274d99p-6,
                                         0x1.0ac783d4e1577p-5};
    part_mask beyond = part_gt(x, part_set1(0.5));
    part z = part_select(beyond, 0.5 * (1.0 - x), x * x);
    part root = part_sqrt(z);
    part root_rest = part_fma(-root, root, z) / (2.0 * part_max(root, part_set1(0x1p-100))); /* x = 1 has no root to divide by */
    part s = part_select(beyond, root, x);
    part s_rest = part_select(beyond, root_rest, part_set1(0));
    return (struct part_arcsine){s, part_fma(s * z, part_polynomial(z, coefficient, 13), s_rest), beyond};
}

/* base + factor*(s + tail) with base a pair */
PART_INLINE part part_arcsine_sum(struct part_pair base, part factor, struct part_arcsine arcsine)
{
    struct part_pair sum = part_sum(base.high, factor * arcsine.s);
    return sum.high + (sum.low + part_fma(factor, arcsine.tail, base.low));
}

PART_INLINE part part_arcsin(part x)
{
    const part zero = part_set1(0);
    struct part_arcsine arcsine = part_arcsine(part_abs(x));
    struct part_pair base = {part_select(arcsine.beyond, part_set1(MATHS_HALF_PI), zero),
                             part_select(arcsine.beyond, part_set1(MATHS_HALF_PI_2), zero)};
    part factor = part_select(arcsine.beyond, part_set1(-2), part_set1(1));
    return part_with_sign_of(part_arcsine_sum(base, factor, arcsine), x);
}

PART_INLINE part part_arccos(part x)
{
    struct part_arcsine arcsine = part_arcsine(part_abs(x));
    part_mask negative = part_lt(x, part_set1(0));
    part quarters = part_select(arcsine.beyond, part_select(negative, part_set1(2), part_set1(0)), part_set1(1));
    struct part_pair base = {quarters * MATHS_HALF_PI, quarters * MATHS_HALF_PI_2};
    part factor = part_select(arcsine.beyond, part_set1(2), part_set1(-1));
    return part_arcsine_sum(base, part_select(negative, -factor, factor), arcsine);
}

/* |x| < 1/2: arctan x by its polynomial. To 2: pi/4 + arctan((x - 1)/(x + 1)). Beyond: pi/2 + arctan(-1/x). */
PART_INLINE part part_arctan(part x)
{
    static const double coefficient[] = {-0x1.5555555555551p-2, 0x1.9999999998f3cp-3, -0x1.249249244b8e9p-3, 0x1.c71c71a867d41p-4,
                                         -0x1.745d134ffdc95p-4, 0x1.3b135ca9d2b7dp-4, -0x1.110c44c1017c5p-4, 0x1.e18034692367fp-5,
                                         -0x1.ac64d4d4bea2fp-5, 0x1.77cabeddc1cedp-5, -0x1.2fab150dfefdbp-5, 0x1.8274c05e3bb66p-6,
                                         -0x1.10cbb544d2e9fp-7};
    const part one = part_set1(1);
    part magnitude = part_min(part_set1(0x1p100), part_abs(x));
    part_mask small = part_lt(magnitude, part_set1(0.5)), large = part_gt(magnitude, part_set1(2));
    struct part_pair above = {part_select(large, -one, part_select(small, magnitude, magnitude - 1.0)), part_set1(0)};
    struct part_pair below = part_sum_any(magnitude, part_select(small | large, part_set1(0), one));
    below.high = part_select(small, one, below.high);
    below.low = part_select(small, part_set1(0), below.low);
    struct part_pair t = part_quotient(above, below);
    part z = t.high * t.high;
    part tail = part_fma(t.high * z, part_polynomial(z, coefficient, 13), t.low);
    part eighths = part_select(large, part_set1(2), part_select(small, part_set1(0), one)); /* of the whole turn */
    struct part_pair sum = part_sum(eighths * (0.5 * MATHS_HALF_PI), t.high);
    return part_with_sign_of(sum.high + (sum.low + part_fma(eighths, part_set1(0.5 * MATHS_HALF_PI_2), tail)), x);
}

/* -1, 0 or 1; NaN for NaN */
PART_INLINE part part_sign(part x)
{
    part sign = part_with_sign_of(part_set1(1), x);
    return part_select(part_ne(part_abs(x), part_set1(0)) & part_eq(x, x), sign, x);
}

/* ---- For lanes, and for one number. */

#define MATHS_UNARY(name)                       \
    LANES_UNARY(name)                           \
    static inline double maths_##name(double x) \
    {                                           \
        return part_##name(part_set1(x))[0];    \
    }
MATHS_UNARY(exp)
MATHS_UNARY(expm1)
MATHS_UNARY(exprel)
MATHS_UNARY(log)
MATHS_UNARY(log10)
MATHS_UNARY(log1p)
MATHS_UNARY(sin)
MATHS_UNARY(cos)
LANES_UNARY(log_of_normal)
LANES_UNARY(cos_of_small)
MATHS_UNARY(tan)
MATHS_UNARY(sinh)
MATHS_UNARY(cosh)
MATHS_UNARY(tanh)
MATHS_UNARY(arcsin)
MATHS_UNARY(arccos)
MATHS_UNARY(arctan)
MATHS_UNARY(sign)
#undef MATHS_UNARY

LANES_BINARY(pow)

static inline double maths_pow(double x, double y)
{
    return part_pow(part_set1(x), part_set1(y))[0];
}

static inline double maths_sqrt(double x)
{
    return part_sqrt(part_set1(x))[0];
}

#endif
