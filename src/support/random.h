/* Random numbers that belong to what they are for.
 *
 * A draw is a pure function of a key and a counter (Philox4x32-10, Salmon et al. 2011, doi:10.1145/2063384.2063405): no generator
 * has state that travels, so any rank or thread can compute any draw, and the same one comes out. The key says what is drawn:
 * H(seed, purpose, object, variable, call site). The counter says for which element and when. Keyed by names and not by the
 * order of statements, so that adding a line to a network file leaves all other draws as they were.
 *
 * One block of Philox has four words of 32 bits. Words 0 and 1 make draw 2b of a stream, words 2 and 3 draw 2b + 1, b being the
 * block. */
#ifndef GLION_SUPPORT_RANDOM_H
#define GLION_SUPPORT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define RANDOM_PURPOSES(X)                                                                  \
    X(CONNECT) /* which connections a rule makes */                                         \
    X(THIRD)   /* which of them reach a third node */                                       \
    X(POOL)    /* which nodes stand in a pool */                                            \
    X(VALUE)   /* rand() and randn() in expressions: initial values, parameters, weights */ \
    X(SAMPLE)  /* sample(set, n) */                                                         \
    X(POISSON) /* spikes of Poisson generators */                                           \
    X(STATE)   /* rand() and randn() while the network runs */

enum random_purpose {
#define X(name) RANDOM_##name,
    RANDOM_PURPOSES(X)
#undef X
        RANDOM_PURPOSE_COUNT
};

struct random_key {
    uint32_t word[2];
};

/* The hash of a purpose's name: stable when purposes are added or reordered. */
uint64_t random_purpose_constant(enum random_purpose purpose);

/* `object` (projection, population, record, …) and `variable` may be NULL, which counts as "". */
struct random_key random_key(uint64_t seed, enum random_purpose purpose, const char *object, const char *variable,
                             uint32_t call_site);

void random_block(struct random_key key, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t out[4]);

/* ---- Numbers from words. */

/* Uniform in [0, 1), a multiple of 2^-53. */
static inline double random_uniform_of(uint32_t high, uint32_t low)
{
    return (double)(int64_t)((uint64_t)high << 21 | low >> 11) * 0x1p-53;
}

/* Uniform in (0, 1), an odd multiple of 2^-53: its logarithm is finite, and so is that of 1 minus it. */
static inline double random_open_uniform_of(uint32_t high, uint32_t low)
{
    return ((double)(int64_t)((uint64_t)high << 20 | low >> 12) + 0.5) * 0x1p-52;
}

/* Eight elements at once: out[k] is the uniform number of words 0 and 1 of the counter (index[k], c1, c2, c3). */
void random_uniform_block8(struct random_key key, const uint32_t index[8], uint32_t c1, uint32_t c2, uint32_t c3, double out[8]);

/* Eight standard normal numbers: out[k] of the block with the counter (index[k], c1, c2, c3[k]), as random_stream_normal makes it
 * of the two numbers of a block. */
void random_normal_block8(struct random_key key, const uint32_t index[8], uint32_t c1, uint32_t c2, const uint32_t c3[8],
                          double out[8]);

/* ---- Streams: all draws of one element, one after the other. The counter is (index, second, low and high half of the block). */

struct random_stream {
    struct random_key key;
    uint32_t index, second;
    uint64_t draw;    /* number of the next draw */
    uint32_t word[4]; /* the block of draw − 1, valid when `draw` is odd */
};

struct random_stream random_stream_start(struct random_key key, uint32_t index, uint32_t second);
/* From another block on: the next draw is 2*block. */
struct random_stream random_stream_start_at(struct random_key key, uint32_t index, uint32_t second, uint64_t block);
/* For a number that takes nobody knows how many draws, where a counter is all of one block that it has: the stream whose key and
 * place the block is. Different counters have different blocks, so no two of a key share a stream. */
struct random_stream random_stream_of_counter(struct random_key key, const uint32_t counter[4]);
uint64_t random_stream_bits(struct random_stream *stream);       /* one draw: 64 random bits */
double random_stream_uniform(struct random_stream *stream);      /* [0, 1) */
double random_stream_open_uniform(struct random_stream *stream); /* (0, 1) */
/* 0 … n − 1, each equally likely; n >= 1. One draw, seldom more (Lemire 2019, doi:10.1145/3230636). */
uint64_t random_stream_below(struct random_stream *stream, uint64_t n);
double random_stream_normal(struct random_stream *stream); /* two draws */

/* Many at once. They take whole pages, eight blocks each, from the first block on that nothing was drawn from, and no later draw
 * takes what is left of the last page. Of a page the words 0 of all blocks come first, then the words 1, 2 and 3 (for numbers
 * that need two words: words 0 and 1 of all blocks, then 2 and 3). */
#define RANDOM_PAGE_BLOCKS 8
#define RANDOM_PAGE_WORDS 32   /* of 32 bits */
#define RANDOM_PAGE_NUMBERS 16 /* of two words */

void random_stream_page_words(struct random_stream *stream, uint32_t out[RANDOM_PAGE_WORDS]);
/* in (0, 1), as random_open_uniform_of */
void random_stream_fill_open_uniform(struct random_stream *stream, double *out, size_t n);
/* 0 … bound − 1, each equally likely: of each word w the high word of w * bound, but for those words whose low word is less than
 * 2^32 mod bound, which are passed over (Lemire 2019, doi:10.1145/3230636). bound >= 1 unless n is 0. */
void random_stream_fill_below(struct random_stream *stream, uint32_t bound, uint32_t *out, size_t n);

#endif
