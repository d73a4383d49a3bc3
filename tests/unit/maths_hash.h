/* One number for all results of lanes.h and maths.h over edges and scattered arguments. maths_layout_test.c compiles it in
 * several ways and compares. It needs nothing but the two headers. */
#ifndef GLION_TESTS_MATHS_HASH_H
#define GLION_TESTS_MATHS_HASH_H

#include "support/lanes.h"
#include "support/maths.h"

#define MATHS_HASH_UNARY(X) \
    X(exp)                  \
    X(expm1)                \
    X(exprel)               \
    X(log)                  \
    X(log10)                \
    X(log1p)                \
    X(sin)                  \
    X(cos)                  \
    X(tan)                  \
    X(sinh)                 \
    X(cosh)                 \
    X(tanh)                 \
    X(arcsin)               \
    X(arccos)               \
    X(arctan)               \
    X(sign)                 \
    X(sqrt)                 \
    X(floor)                \
    X(ceil)                 \
    X(trunc)                \
    X(rint)                 \
    X(abs)                  \
    X(neg)
#define MATHS_HASH_BINARY(X) X(pow) X(floor_divide) X(modulo) X(min) X(max) X(div)

/* FNV-1a over 64-bit words; all NaNs count as one */
static unsigned long long maths_hash_add(unsigned long long hash, lanes values)
{
    for (int k = 0; k < LANES; k++) {
        double value = lane_get(values, k);
        unsigned long long bits = 0x7ff8000000000000ull;
        if (value == value)
            __builtin_memcpy(&bits, &value, sizeof bits);
        hash = (hash ^ bits) * 0x100000001b3ull;
    }
    return hash;
}

/* Steele, Lea and Flood's SplitMix, good enough to scatter arguments. */
static unsigned long long maths_hash_next(unsigned long long *state)
{
    unsigned long long z = *state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

/* Edges first; then by turns within ±1, ±30, ±800, ±10^5, and any bits. */
static double maths_hash_argument(int number, unsigned long long *state)
{
    static const double edge[] = {0.0,
                                  -0.0,
                                  1,
                                  -1,
                                  0.5,
                                  -0.5,
                                  2,
                                  3,
                                  -3,
                                  1e-310,
                                  -1e-310,
                                  5e-324,
                                  0x1p-1022,
                                  709.79,
                                  -745.14,
                                  -708.4,
                                  710.48,
                                  1e22,
                                  0x1p30,
                                  0x1p53,
                                  1e300,
                                  -1e300,
                                  1e308,
                                  0x1p-60,
                                  37.43,
                                  -37.43,
                                  __builtin_inf(),
                                  -__builtin_inf(),
                                  __builtin_nan("")};
    static const double range[] = {1, 30, 800, 1e5};
    if (number < (int)(sizeof edge / sizeof *edge))
        return edge[number];
    unsigned long long bits = maths_hash_next(state);
    if (number % 5 < 4)
        return ((double)(long long)bits * 0x1p-63) * range[number % 5];
    double value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

static inline unsigned long long maths_hash(void)
{
    enum { N_ARGUMENTS = 4096 };
    static double argument[N_ARGUMENTS];
    unsigned long long state = 1, hash = 0xcbf29ce484222325ull;
    for (int k = 0; k < N_ARGUMENTS; k++)
        argument[k] = maths_hash_argument(k, &state);
    for (int k = 0; k < N_ARGUMENTS; k += LANES) {
        lanes x = lanes_loadu(argument + k), y = lanes_loadu(argument + (k * 37 + 11) % (N_ARGUMENTS - LANES));
#define X(name) hash = maths_hash_add(hash, lanes_##name(x));
        MATHS_HASH_UNARY(X)
#undef X
#define X(name) hash = maths_hash_add(hash, lanes_##name(x, y));
        MATHS_HASH_BINARY(X)
#undef X
    }
    return hash;
}

#endif
