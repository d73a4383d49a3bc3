/* Nanoseconds per value of the maths functions and of uniform random numbers: best of many passes over data in the first cache.
 *
 * cc -O3 -march=native -ffp-contract=off -fno-math-errno -Isrc tools/bench/maths.c src/support/random.c -lxxhash -o
 * /tmp/bench_maths */
#include <stdio.h>
#include <time.h>

#include "support/maths.h"
#include "support/random.h"

enum { N_VALUES = 1024, N_PASSES = 5000 };

static _Alignas(LANES_ALIGNMENT) double argument[N_VALUES], result[N_VALUES];

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void report(const char *name, void (*pass)(void))
{
    double best = 1;
    for (int k = 0; k < N_PASSES; k++) {
        double begin = seconds();
        pass();
        double elapsed = seconds() - begin;
        best = elapsed < best ? elapsed : best;
    }
    printf("%-12s %6.2f ns\n", name, best / N_VALUES * 1e9);
}

/* X(function, from, to): arguments evenly spread */
#define FUNCTIONS(X) \
    X(sqrt, 0, 9)    \
    X(exp, -30, 10)  \
    X(expm1, -3, 3)  \
    X(exprel, -3, 3) \
    X(log, 0, 9)     \
    X(log10, 0, 9)   \
    X(log1p, 0, 9)   \
    X(sin, -9, 9)    \
    X(cos, -9, 9)    \
    X(tan, -9, 9)    \
    X(sinh, -9, 9)   \
    X(cosh, -9, 9)   \
    X(tanh, -9, 9)   \
    X(arcsin, -1, 1) \
    X(arccos, -1, 1) \
    X(arctan, -9, 9)

#define X(name, from, to)                                                    \
    static void pass_##name(void)                                            \
    {                                                                        \
        for (int k = 0; k < N_VALUES; k += LANES)                            \
            lanes_store(result + k, lanes_##name(lanes_load(argument + k))); \
    }
FUNCTIONS(X)
#undef X

static void pass_pow(void)
{
    for (int k = 0; k < N_VALUES; k += LANES)
        lanes_store(result + k, lanes_pow(lanes_load(argument + k), lanes_set1(2.7)));
}

static void pass_stream(void)
{
    struct random_stream stream = random_stream_start((struct random_key){{1, 2}}, 3, 4);
    random_stream_fill_open_uniform(&stream, result, N_VALUES);
}

static void pass_block8(void)
{
    uint32_t index[LANES] = {0, 1, 2, 3, 4, 5, 6, 7};
    for (uint32_t k = 0; k < N_VALUES; k += LANES)
        random_uniform_block8((struct random_key){{1, 2}}, index, k, 0, 0, result + k);
}

static void spread(double from, double to)
{
    for (int k = 0; k < N_VALUES; k++)
        argument[k] = from + (to - from) * (k + 0.5) / N_VALUES;
}

int main(void)
{
#define X(name, from, to) \
    spread(from, to);     \
    report(#name, pass_##name);
    FUNCTIONS(X)
#undef X
    spread(0, 9);
    report("pow", pass_pow);
    report("stream", pass_stream);
    report("block8", pass_block8);
    return 0;
}
