/* Random numbers: the published answers of Philox, keys that stay what they are, bulk draws equal to single ones, and
 * distributions.
 *
 * Each statistical check has a false-alarm rate of about 1e-7 (statistics.h); there are about sixty. */
#include "support/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "statistics.h"
#include "support/memory.h"
#include "support/random_distributions.h"

static struct random_key key_of(uint32_t call_site)
{
    return random_key(1, RANDOM_VALUE, "random_test", "x", call_site);
}

/* From Random123's known-answer file. */
static void philox(void **state)
{
    static const struct {
        uint32_t counter[4], key[2], block[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        const uint32_t *c = known[k].counter;
        uint32_t block[4];
        random_block((struct random_key){{known[k].key[0], known[k].key[1]}}, c[0], c[1], c[2], c[3], block);
        assert_memory_equal(block, known[k].block, sizeof block);
    }
}

static bool keys_equal(struct random_key a, struct random_key b)
{
    return a.word[0] == b.word[0] && a.word[1] == b.word[1];
}

/* Every part of a key counts, and a key may never change: files that were made with it would not come out again. */
static void keys(void **state)
{
    for (int a = 0; a < RANDOM_PURPOSE_COUNT; a++)
        for (int b = 0; b < a; b++)
            assert_true(random_purpose_constant((enum random_purpose)a) != random_purpose_constant((enum random_purpose)b));
    const struct random_key key = random_key(42, RANDOM_CONNECT, "exc", "weight", 7);
    assert_true(keys_equal(key, (struct random_key){{0x6da62d9a, 0xb7a71d21}}));
    assert_false(keys_equal(key, random_key(43, RANDOM_CONNECT, "exc", "weight", 7)));
    assert_false(keys_equal(key, random_key(42, RANDOM_VALUE, "exc", "weight", 7)));
    assert_false(keys_equal(key, random_key(42, RANDOM_CONNECT, "ex", "cweight", 7)));
    assert_false(keys_equal(key, random_key(42, RANDOM_CONNECT, "exc", NULL, 7)));
    assert_false(keys_equal(key, random_key(42, RANDOM_CONNECT, "exc", "weight", 8)));
    assert_true(keys_equal(random_key(42, RANDOM_CONNECT, "exc", NULL, 7), random_key(42, RANDOM_CONNECT, "exc", "", 7)));
}

static void numbers_from_words(void **state)
{
    assert_true(random_uniform_of(0, 0) == 0);
    assert_true(random_uniform_of(UINT32_MAX, UINT32_MAX) == 1 - 0x1p-53);
    assert_true(random_open_uniform_of(0, 0) == 0x1p-53);
    assert_true(random_open_uniform_of(UINT32_MAX, UINT32_MAX) == 1 - 0x1p-53);
}

static void eight_at_once(void **state)
{
    const uint32_t index[8] = {0, 1, 7, 0xffffffff, 12345, 3, 3, 0x80000000};
    double out[8];
    random_uniform_block8(key_of(0), index, 5, 0xfffffffe, 7, out);
    for (int k = 0; k < 8; k++) {
        uint32_t block[4];
        random_block(key_of(0), index[k], 5, 0xfffffffe, 7, block);
        assert_true(out[k] == random_uniform_of(block[0], block[1]));
    }
}

/* A stream's draw d is words 2 (d mod 2) and the next of block d/2. */
static void streams(void **state)
{
    struct random_stream stream = random_stream_start(key_of(1), 17, 3);
    for (uint32_t d = 0; d < 200; d++) {
        uint32_t block[4];
        random_block(key_of(1), 17, 3, d / 2, 0, block);
        assert_true(random_stream_open_uniform(&stream) == random_open_uniform_of(block[2 * (d % 2)], block[2 * (d % 2) + 1]));
    }
}

/* Word k of the page of `stream` that begins with block `first`. */
static uint32_t page_word(const struct random_stream *stream, uint64_t first, int k)
{
    uint32_t block[4];
    uint64_t number = first + (uint64_t)(k % RANDOM_PAGE_BLOCKS);
    random_block(stream->key, stream->index, stream->second, (uint32_t)number, (uint32_t)(number >> 32), block);
    return block[k / RANDOM_PAGE_BLOCKS];
}

/* Pages begin with the first block that nothing was drawn from; the last one carries into the high half of the block's number. */
static void pages(void **state)
{
    const uint64_t draws[] = {0, 1, 2, 3, (UINT64_C(6) << 33) - 7};
    for (size_t d = 0; d < sizeof draws / sizeof *draws; d++) {
        struct random_stream before = random_stream_start(key_of(1), 17, 3);
        before.draw = draws[d];
        uint64_t first = (draws[d] + 1) / 2;
        struct random_stream stream = before;
        uint32_t words[RANDOM_PAGE_WORDS];
        random_stream_page_words(&stream, words);
        assert_int_equal(stream.draw, 2 * (first + RANDOM_PAGE_BLOCKS));
        for (int k = 0; k < RANDOM_PAGE_WORDS; k++)
            assert_int_equal(words[k], page_word(&before, first, k));
        for (int n = 0; n <= 3 * RANDOM_PAGE_NUMBERS; n++) {
            double numbers[3 * RANDOM_PAGE_NUMBERS + 1];
            numbers[n] = -1;
            stream = before;
            random_stream_fill_open_uniform(&stream, numbers, (size_t)n);
            for (int k = 0; k < n; k++) {
                uint64_t page = first + (uint64_t)(k / RANDOM_PAGE_NUMBERS * RANDOM_PAGE_BLOCKS);
                int word = k % RANDOM_PAGE_NUMBERS / RANDOM_PAGE_BLOCKS * 2 * RANDOM_PAGE_BLOCKS + k % RANDOM_PAGE_BLOCKS;
                assert_true(numbers[k] == random_open_uniform_of(page_word(&before, page, word),
                                                                 page_word(&before, page, word + RANDOM_PAGE_BLOCKS)));
            }
            assert_true(numbers[n] == -1);
        }
    }
}

/* Bounds of all sizes, of which those near 2^31 and 2^32 pass over up to half of the words. */
static void pages_below(void **state)
{
    const uint32_t bounds[] = {1, 2, 3, 1000, 20683, UINT32_C(1) << 31, (UINT32_C(1) << 31) + 1, 3000000000u, UINT32_MAX};
    const int counts[] = {0, 1, 31, 32, 33, 64, 200};
    for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            uint32_t numbers[201] = {[200] = 0xabcd};
            struct random_stream before = random_stream_start(key_of(5), 4, 2), stream = before;
            random_stream_fill_below(&stream, bounds[b], numbers, (size_t)counts[c]);
            uint64_t word = 0;
            for (int k = 0; k < counts[c]; k++) {
                uint64_t product;
                do {
                    product = (uint64_t)page_word(&before, word / RANDOM_PAGE_WORDS * RANDOM_PAGE_BLOCKS,
                                                  (int)(word % RANDOM_PAGE_WORDS)) *
                              bounds[b];
                    word++;
                } while ((uint32_t)product < (UINT64_C(1) << 32) % bounds[b]);
                assert_int_equal(numbers[k], product >> 32);
            }
            assert_int_equal(stream.draw, (word + RANDOM_PAGE_WORDS - 1) / RANDOM_PAGE_WORDS * 2 * RANDOM_PAGE_BLOCKS);
            assert_int_equal(numbers[200], 0xabcd);
        }
}

/* ---- Distributions. */

static void check_chi_square(const char *what, double sum, int degrees)
{
    if (!(sum < chi_square_limit(degrees)))
        fail_msg("%s: chi-square %g with %d degrees of freedom", what, sum, degrees);
}

/* Uniform numbers fill the cells of a square evenly: with the next draw of their stream, and with the same draw of the next
 * index. */
static void uniform(void **state)
{
    enum { SIDE = 32, N_DRAWS = 1000000 };
    static uint64_t successive[SIDE * SIDE], neighbours[SIDE * SIDE];
    struct random_stream stream = random_stream_start(key_of(2), 0, 0);
    for (uint32_t k = 0; k < N_DRAWS; k++) {
        int x = (int)(SIDE * random_stream_uniform(&stream)), y = (int)(SIDE * random_stream_uniform(&stream));
        successive[SIDE * x + y]++;
        struct random_stream left = random_stream_start(key_of(3), 2 * k, 0),
                             right = random_stream_start(key_of(3), 2 * k + 1, 0);
        x = (int)(SIDE * random_stream_open_uniform(&left));
        y = (int)(SIDE * random_stream_open_uniform(&right));
        neighbours[SIDE * x + y]++;
    }
    check_chi_square("successive draws", chi_square_uniform(successive, SIDE * SIDE), SIDE * SIDE - 1);
    check_chi_square("neighbouring indices", chi_square_uniform(neighbours, SIDE * SIDE), SIDE * SIDE - 1);
}

/* Small n class by class; n near 2^64 by its largest part, where numbers are drawn again with probability 1/3. */
static void below(void **state)
{
    enum { N_DRAWS = 200000 };
    struct random_stream stream = random_stream_start(key_of(4), 0, 0);
    static const uint64_t small[] = {1, 2, 3, 7, 10, 1000};
    for (size_t s = 0; s < sizeof small / sizeof *small; s++) {
        uint64_t counts[1000] = {0};
        for (int k = 0; k < N_DRAWS; k++) {
            uint64_t number = random_stream_below(&stream, small[s]);
            assert_true(number < small[s]);
            counts[number]++;
        }
        if (small[s] > 1)
            check_chi_square("below", chi_square_uniform(counts, (int)small[s]), (int)small[s] - 1);
    }
    const uint64_t third = UINT64_C(0x4000000000000000);
    uint64_t counts[3] = {0};
    uint64_t before = stream.draw;
    for (int k = 0; k < N_DRAWS; k++)
        counts[random_stream_below(&stream, 3 * third) / third]++;
    check_chi_square("below 3*2^62", chi_square_uniform(counts, 3), 2);
    double trials = (double)(stream.draw - before);
    assert_true(fabs(binomial_deviation(N_DRAWS, trials, 0.75)) < NORMAL_LIMIT);
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Kolmogorov and Smirnov: sqrt(n) D exceeds 2.9 with probability 2 exp(-2*2.9^2) = 1e-7. */
static void normal(void **state)
{
    enum { N_DRAWS = 200000 };
    double *numbers = MEMORY_NEW(N_DRAWS, double, TEMPORARY), largest = 0;
    struct random_stream stream = random_stream_start(key_of(5), 0, 0);
    for (int k = 0; k < N_DRAWS; k++)
        numbers[k] = random_stream_normal(&stream);
    qsort(numbers, N_DRAWS, sizeof *numbers, compare_doubles);
    for (int k = 0; k < N_DRAWS; k++) {
        double below = 0.5 * erfc(-numbers[k] / sqrt(2));
        largest = fmax(largest, fmax(fabs(below - (double)k / N_DRAWS), fabs(below - (double)(k + 1) / N_DRAWS)));
    }
    memory_free(numbers);
    assert_true(sqrt(N_DRAWS) * largest < 2.9);
}

/* Probabilities of the counts first … first + n - 1, which hold nearly all; the rest is put into the outermost classes.
 * Chi-square over neighbouring counts taken together until at least 20 are expected. */
static void check_counts(const char *what, const uint64_t *observed, const double *probability, int n, double n_draws)
{
    double sum = 0, expected = 0, seen = 0, expected_before = 0, seen_before = 0;
    int n_classes = 0;
    for (int k = 0; k < n; k++) {
        expected += n_draws * probability[k];
        seen += (double)observed[k];
        if (expected < 20 || n_draws - expected_before - expected < 20)
            continue;
        sum += (seen - expected) * (seen - expected) / expected;
        expected_before += expected;
        seen_before += seen;
        expected = seen = 0;
        n_classes++;
    }
    expected = n_draws - expected_before;
    seen = n_draws - seen_before;
    if (expected > 0.5)
        sum += (seen - expected) * (seen - expected) / expected;
    else
        assert_true(seen == expected);
    if (n_classes > 0)
        check_chi_square(what, sum, n_classes);
}

#define COUNTS_MAX 40000 /* counts that are told apart */

struct counts {
    double first, sum, sum_of_squares; /* the smallest count that is told apart; moments of the distance from the mean */
    uint64_t *observed;                /* [COUNTS_MAX] */
    double *probability;               /* [COUNTS_MAX] */
};

static struct counts counts_create(double mean, double deviation)
{
    return (struct counts){.first = floor(fmax(0, mean - 12 * deviation - 20)),
                           .observed = MEMORY_NEW(COUNTS_MAX, uint64_t, TEMPORARY),
                           .probability = MEMORY_NEW(COUNTS_MAX, double, TEMPORARY)};
}

static void counts_add(struct counts *counts, uint64_t count, double mean)
{
    double place = (double)count - counts->first, distance = (double)count - mean;
    if (place >= 0 && place < COUNTS_MAX)
        counts->observed[(int)place]++;
    counts->sum += distance;
    counts->sum_of_squares += distance * distance;
}

/* The moments, and the shape where the classes reach to all counts that occur. */
static void counts_check(struct counts *counts, const char *what, double n_draws, double mean, double variance)
{
    if (variance > 0) {
        assert_true(fabs(counts->sum) < NORMAL_LIMIT * sqrt(n_draws * variance));
        /* the variance of a squared distance is 2 variance^2, and about `variance` more for rare events */
        assert_true(fabs(counts->sum_of_squares - n_draws * variance) <
                    NORMAL_LIMIT * sqrt(n_draws * (2 * variance * variance + variance)));
    }
    if (24 * sqrt(variance) + 40 < COUNTS_MAX)
        check_counts(what, counts->observed, counts->probability, COUNTS_MAX, n_draws);
    memory_free(counts->observed);
    memory_free(counts->probability);
}

static void poisson(void **state)
{
    static const struct {
        double mean;
        uint32_t n_draws; /* more where the rejection has to be right in its smallest details */
    } cases[] = {{0, 1000},    {1e-3, 200000}, {0.2, 200000}, {3, 200000},   {9.99, 200000}, {10, 2000000},
                 {12, 200000}, {50, 2000000},  {1e4, 200000}, {1e9, 200000}, {1e12, 200000}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double mean = cases[c].mean;
        struct counts counts = counts_create(mean, sqrt(mean));
        for (int k = 0; k < COUNTS_MAX; k++) {
            long double count = counts.first + k;
            counts.probability[k] = mean == 0 ? k == 0 : (double)expl(count * logl(mean) - mean - lgammal(count + 1));
        }
        for (uint32_t k = 0; k < cases[c].n_draws; k++) {
            struct random_stream stream = random_stream_start(key_of(6), k, (uint32_t)c);
            counts_add(&counts, random_stream_poisson(&stream, mean), mean);
        }
        counts_check(&counts, "Poisson", cases[c].n_draws, mean, mean);
    }
}

static void binomial(void **state)
{
    static const struct {
        uint64_t n;
        double p;
        uint32_t n_draws;
    } cases[] = {{0, 0.5, 1000},
                 {10, 0, 1000},
                 {10, 1, 1000},
                 {1, 0.3, 200000},
                 {19, 0.5, 200000},
                 {20, 0.5, 2000000},
                 {100, 0.3, 2000000},
                 {100, 0.9, 200000},
                 {1000, 1e-3, 200000},
                 {8000, 0.1, 200000},
                 {1000000, 0.7, 200000},
                 {UINT64_C(1) << 40, 1e-12, 200000},
                 {UINT64_C(1) << 40, 1e-9, 200000},
                 {UINT64_C(1) << 40, 0.5, 200000}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double n = (double)cases[c].n, p = cases[c].p, mean = n * p, variance = mean * (1 - p);
        struct counts counts = counts_create(mean, sqrt(variance));
        for (int k = 0; k < COUNTS_MAX; k++) {
            long double x = counts.first + k, q = 1 - (long double)p;
            if (p == 0 || p == 1 || x > n)
                counts.probability[k] = (double)x == mean;
            else
                counts.probability[k] = (double)expl(lgammal((long double)n + 1) - lgammal(x + 1) -
                                                     lgammal((long double)n - x + 1) + x * logl(p) +
                                                     ((long double)n - x) * (q == 0 ? 0 : log1pl(-(long double)p)));
        }
        for (uint32_t k = 0; k < cases[c].n_draws; k++) {
            struct random_stream stream = random_stream_start(key_of(7), k, (uint32_t)c);
            uint64_t count = random_stream_binomial(&stream, cases[c].n, p);
            assert_true(count <= cases[c].n);
            counts_add(&counts, count, mean);
        }
        counts_check(&counts, "binomial", cases[c].n_draws, mean, variance);
    }
}

static long double log_choose(long double n, long double k)
{
    return lgammal(n + 1) - lgammal(k + 1) - lgammal(n - k + 1);
}

static void hypergeometric(void **state)
{
    static const struct {
        uint64_t n, good, bad;
        uint32_t n_draws;
    } cases[] = {{0, 5, 5, 1000},
                 {10, 5, 5, 1000},
                 {7, 0, 20, 1000},
                 {7, 20, 0, 1000},
                 {1, 3, 7, 200000},
                 {5, 5, 5, 200000},
                 {9, 5, 5, 1000000},
                 {30, 20, 40, 1000000},
                 {500, 600, 400, 200000},
                 {1000, 1000000, 3000000, 200000},
                 {40, 1000, UINT64_C(1) << 40, 200000},
                 {100000, UINT64_C(1) << 61, UINT64_C(1) << 62, 20000}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double n = (double)cases[c].n, good = (double)cases[c].good, bad = (double)cases[c].bad, all = good + bad;
        double mean = n * (good / all), variance = mean * (bad / all) * ((all - n) / (all - 1));
        struct counts counts = counts_create(mean, sqrt(variance));
        for (int k = 0; k < COUNTS_MAX; k++) {
            double x = counts.first + k;
            bool possible = x <= n && x <= good && n - x <= bad;
            counts.probability[k] = possible ? (double)expl(log_choose(good, x) + log_choose(bad, n - x) - log_choose(all, n))
                                             : 0;
        }
        for (uint32_t k = 0; k < cases[c].n_draws; k++) {
            struct random_stream stream = random_stream_start(key_of(8), k, (uint32_t)c);
            uint64_t count = random_stream_hypergeometric(&stream, cases[c].n, cases[c].good, cases[c].bad);
            assert_true(count <= cases[c].n && count <= cases[c].good && cases[c].n - count <= cases[c].bad);
            counts_add(&counts, count, mean);
        }
        counts_check(&counts, "hypergeometric", cases[c].n_draws, mean, variance);
    }
}

/* Block by block as a stream makes them. */
static void eight_normals(void **state)
{
    const uint32_t index[8] = {0, 1, 7, 7, 1000000, 0xffffffff, 3, 4}, last[8] = {0, 0, 0, 1, 5, 9, 0x10000, 0x7fffffff};
    for (uint32_t k = 0; k < 200; k++) {
        double out[8];
        random_normal_block8(key_of(k), index, k, 3 * k, last, out);
        for (int lane = 0; lane < 8; lane++) {
            uint64_t block = (uint64_t)last[lane] << 32 | 3 * k;
            struct random_stream stream = random_stream_start_at(key_of(k), index[lane], k, block);
            assert_true(out[lane] == random_stream_normal(&stream));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox),        cmocka_unit_test(keys),           cmocka_unit_test(numbers_from_words),
        cmocka_unit_test(eight_normals), cmocka_unit_test(eight_at_once),  cmocka_unit_test(streams),
        cmocka_unit_test(pages),         cmocka_unit_test(pages_below),    cmocka_unit_test(uniform),
        cmocka_unit_test(below),         cmocka_unit_test(normal),         cmocka_unit_test(poisson),
        cmocka_unit_test(binomial),      cmocka_unit_test(hypergeometric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
