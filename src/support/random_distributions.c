/* Small means by inversion: one uniform number, subtracting probabilities from 0 upwards. Means from 10 on by Hörmann's
 * transformed rejection with squeeze (PTRS and BTRS): a ratio of uniforms whose table mountain lies above the histogram;
 * about 1.2 trials of two draws, whatever the mean.
 *
 * The rejection compares logarithms of probabilities, which must be good to far below the noise of any sample even for counts of
 * 10^12. They are computed in Loader's saddle-point form, where nothing large cancels:
 *     log n! = log(sqrt(2 pi n) (n/e)^n) + stirling_rest(n),
 *     deviance(x, m) = x log(x/m) + m - x.
 *
 * W. Hörmann 1993, The transformed rejection method for generating Poisson random variables, doi:10.1016/0167-6687(93)90997-4;
 * W. Hörmann 1993, The generation of binomial random variates, doi:10.1080/00949659308811496;
 * C. Loader 2000, Fast and accurate computation of binomial probabilities. */
#include "support/random_distributions.h"

#include <assert.h>
#include <math.h> /* fabs and floor only, which are exact */

#include "support/maths.h"

#define MEAN_OF_REJECTION 10 /* the smallest mean for which PTRS and BTRS are valid */

/* log n! - log(sqrt(2 pi n) (n/e)^n) for n >= 1; from 16 on by Stirling's series, good to 2^-45 of itself. */
static double stirling_rest(double n)
{
    static const double small[] = {0, /* no value at 0 */
                                   0x1.4c071bcda0a5bp-4,
                                   0x1.52a9b923ea649p-5,
                                   0x1.c579a268d80b3p-6,
                                   0x1.54a2662fd78a9p-6,
                                   0x1.10b4e513fcbedp-6,
                                   0x1.c6b167bebdf36p-7,
                                   0x1.85d4d612e4a86p-7,
                                   0x1.552805e7b3076p-7,
                                   0x1.2f4871b12ab64p-7,
                                   0x1.10f9d4c0743a7p-7,
                                   0x1.f0593088014f8p-8,
                                   0x1.c7018733aa9c6p-8,
                                   0x1.a40514700f36cp-8,
                                   0x1.86076c002d4a7p-8,
                                   0x1.6c08f6f194a10p-8};
    if (n < 16)
        return small[(int)n];
    double square = n * n;
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / square) / square) / square) / square) / n;
}

/* x log(x/m) + m - x >= 0 for x >= 0, m > 0. Near x = m by the series of the logarithm in v = (x - m)/(x + m). */
static double deviance(double x, double m)
{
    if (x == 0)
        return m;
    double difference = x - m, v = difference / (x + m);
    if (fabs(v) >= 0.1)
        return x * maths_log(x / m) - difference;
    double sum = difference * v, power = 2 * x * v;
    for (int k = 3;; k += 2) {
        power *= v * v;
        double next = sum + power / k;
        if (next == sum)
            return sum;
        sum = next;
    }
}

/* log of mean^k e^-mean / k! */
static double log_poisson(double k, double mean)
{
    if (k == 0)
        return -mean;
    return -stirling_rest(k) - deviance(k, mean) - 0.5 * maths_log(2 * MATHS_PI * k);
}

/* A trial of transformed rejection takes (u, v) uniform, |u| < 1/2, and count = floor((2 a/(1/2 - |u|) + b) u + centre). It is
 * accepted at once within the squeeze, else when height = v * hat / (a/(1/2 - |u|)^2 + b) is at most the probability of `count`
 * (relative to the most probable count, for binomials). */
struct mountain {
    double a, b, centre, squeeze, hat;
};

struct trial {
    double count, height;
    int accepted; /* without a look at the probability */
};

static struct trial mountain_try(const struct mountain *mountain, struct random_stream *stream)
{
    double u = random_stream_open_uniform(stream) - 0.5, v = random_stream_open_uniform(stream);
    double edge = 0.5 - fabs(u);
    double count = floor((2 * mountain->a / edge + mountain->b) * u + mountain->centre);
    double height = v * mountain->hat / (mountain->a / (edge * edge) + mountain->b);
    return (struct trial){count, height, edge >= 0.07 && v <= mountain->squeeze};
}

static uint64_t poisson_by_inversion(struct random_stream *stream, double mean)
{
    double rest = random_stream_uniform(stream), probability = maths_exp(-mean);
    uint64_t count = 0;
    while (rest >= probability && probability > 0x1p-64) { /* what rounding left of `rest` must not count for ever */
        rest -= probability;
        count++;
        probability *= mean / (double)count;
    }
    return count;
}

static uint64_t poisson_by_rejection(struct random_stream *stream, double mean)
{
    double b = 0.931 + 2.53 * maths_sqrt(mean);
    const struct mountain mountain = {.a = -0.059 + 0.02483 * b,
                                      .b = b,
                                      .centre = mean + 0.43,
                                      .squeeze = 0.9277 - 3.6224 / (b - 2),
                                      .hat = 1.1239 + 1.1328 / (b - 3.4)};
    for (;;) {
        struct trial trial = mountain_try(&mountain, stream);
        if (trial.accepted || (trial.count >= 0 && maths_log(trial.height) <= log_poisson(trial.count, mean)))
            return (uint64_t)trial.count;
    }
}

uint64_t random_stream_poisson(struct random_stream *stream, double mean)
{
    assert(mean >= 0 && mean <= RANDOM_POISSON_MEAN_MAX);
    return mean < MEAN_OF_REJECTION ? poisson_by_inversion(stream, mean) : poisson_by_rejection(stream, mean);
}

/* For p <= 1/2. */
static uint64_t binomial_by_inversion(struct random_stream *stream, uint64_t n, double p)
{
    double rest = random_stream_uniform(stream), probability = maths_exp((double)n * maths_log1p(-p)), odds = p / (1 - p);
    uint64_t count = 0;
    while (rest >= probability && probability > 0x1p-64 && count < n) {
        rest -= probability;
        probability *= odds * (double)(n - count) / (double)(count + 1);
        count++;
    }
    return count;
}

/* For p <= 1/2. A binomial probability is that of two Poisson counts given their sum; the sum's own is the same for all counts.
 */
static uint64_t binomial_by_rejection(struct random_stream *stream, uint64_t n, double p)
{
    double trials = (double)n, mean = trials * p, mean_of_failures = trials * (1 - p);
    double deviation = maths_sqrt(mean * (1 - p));
    double b = 1.15 + 2.53 * deviation;
    const struct mountain mountain = {.a = -0.0873 + 0.0248 * b + 0.01 * p,
                                      .b = b,
                                      .centre = mean + 0.5,
                                      .squeeze = 0.92 - 4.2 / b,
                                      .hat = (2.83 + 5.1 / b) * deviation};
    double mode = floor((trials + 1) * p);
    double log_mode = log_poisson(mode, mean) + log_poisson(trials - mode, mean_of_failures);
    for (;;) {
        struct trial trial = mountain_try(&mountain, stream);
        if (trial.count < 0 || trial.count > trials)
            continue;
        if (trial.accepted)
            return (uint64_t)trial.count;
        double log_probability = log_poisson(trial.count, mean) + log_poisson(trials - trial.count, mean_of_failures);
        if (maths_log(trial.height) <= log_probability - log_mode)
            return (uint64_t)trial.count;
    }
}

uint64_t random_stream_binomial(struct random_stream *stream, uint64_t n, double p)
{
    assert(p >= 0 && p <= 1 && n <= RANDOM_BINOMIAL_TRIALS_MAX);
    if (p > 0.5)
        return n - random_stream_binomial(stream, n, 1 - p);
    return (double)n * p < MEAN_OF_REJECTION ? binomial_by_inversion(stream, n, p) : binomial_by_rejection(stream, n, p);
}

/* A hypergeometric probability is that of two binomial counts given their sum. 0 < n < good + bad. */
static double log_binomial(double k, double n, double p, double q)
{
    return log_poisson(k, n * p) + log_poisson(n - k, n * q) - log_poisson(n, n);
}

static double log_hypergeometric(double k, double n, double good, double bad)
{
    double all = good + bad, p = n / all, q = (all - n) / all;
    return log_binomial(k, good, p, q) + log_binomial(n - k, bad, p, q) - log_binomial(n, all, p, q);
}

/* By inversion from the mode outwards, since there both neighbours are found by recurrence: as many steps as the deviation. */
uint64_t random_stream_hypergeometric(struct random_stream *stream, uint64_t n, uint64_t good, uint64_t bad)
{
    assert(n <= RANDOM_BINOMIAL_TRIALS_MAX && n <= good + bad);
    uint64_t least = n > bad ? n - bad : 0, most = n < good ? n : good;
    if (least == most)
        return least;
    double trials = (double)n, successes = (double)good, failures = (double)bad, spare = failures - trials;
    uint64_t mode = (uint64_t)floor((trials + 1) * ((successes + 1) / (successes + failures + 2)));
    mode = mode < least ? least : mode > most ? most : mode;
    double rest = random_stream_uniform(stream), above = maths_exp(log_hypergeometric((double)mode, trials, successes, failures));
    double below = above;
    uint64_t up = mode, down = mode;
    if (rest < above)
        return mode;
    rest -= above;
    do {
        double k = (double)up;
        above *= (successes - k) * (trials - k) / ((k + 1) * (spare + k + 1)); /* 0 beyond the most */
        if (rest < above)
            return up + 1;
        rest -= above;
        up += up < most;
        k = (double)down;
        below *= k * (spare + k) / ((successes - k + 1) * (trials - k + 1)); /* 0 beyond the least */
        if (rest < below)
            return down - 1;
        rest -= below;
        down -= down > least;
    } while (above > 0x1p-64 || below > 0x1p-64); /* what rounding left of `rest` must not count for ever */
    return mode;
}
