/* Philox for one counter is Random123's; for eight it is philox.h. The unit test holds the two equal. */
#include "support/random.h"

#include <Random123/philox.h>
#include <assert.h>
#include <string.h>
#include <xxhash.h>

#include "support/maths.h"
#include "support/philox.h"

static const char *const purpose_name[] = {
#define X(name) #name,
    RANDOM_PURPOSES(X)
#undef X
};

uint64_t random_purpose_constant(enum random_purpose purpose)
{
    return XXH3_64bits(purpose_name[purpose], strlen(purpose_name[purpose]));
}

static uint64_t hash_text(const char *text, uint64_t before)
{
    return XXH3_64bits_withSeed(text ? text : "", text ? strlen(text) : 0, before);
}

/* The numbers as little-endian bytes are hashed first; each text then with the hash so far as its seed, so that ("ab", "c")
 * differs from ("a", "bc"). */
struct random_key random_key(uint64_t seed, enum random_purpose purpose, const char *object, const char *variable,
                             uint32_t call_site)
{
    const uint64_t number[3] = {seed, random_purpose_constant(purpose), call_site};
    unsigned char bytes[sizeof number];
    for (size_t k = 0; k < sizeof bytes; k++)
        bytes[k] = (unsigned char)(number[k / 8] >> 8 * (k % 8));
    uint64_t hash = hash_text(variable, hash_text(object, XXH3_64bits(bytes, sizeof bytes)));
    return (struct random_key){{(uint32_t)hash, (uint32_t)(hash >> 32)}};
}

_Static_assert(PHILOX_FACTOR_0 == PHILOX_M4x32_0 && PHILOX_FACTOR_1 == PHILOX_M4x32_1 && PHILOX_WEYL_0 == PHILOX_W32_0 &&
                   PHILOX_WEYL_1 == PHILOX_W32_1 && PHILOX_ROUNDS == PHILOX4x32_DEFAULT_ROUNDS,
               "philox.h is Random123's Philox4x32-10");

void random_block(struct random_key key, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t out[4])
{
    philox4x32_ctr_t counter = {{c0, c1, c2, c3}};
    philox4x32_key_t philox_key = {{key.word[0], key.word[1]}};
    philox4x32_ctr_t block = philox4x32(counter, philox_key);
    memcpy(out, block.v, sizeof block.v);
}

/* ---- Eight blocks at once. */

static struct philox_blocks blocks_of(struct random_key key, const uint32_t index[8], uint32_t c1, uint32_t c2,
                                      const uint32_t c3[8])
{
    struct philox_blocks counter;
    for (int p = 0; p < LANES_PARTS; p++) {
        counter.word[0][p] = philox_load(index + p * PART_WIDTH);
        counter.word[1][p] = philox_same(c1);
        counter.word[2][p] = philox_same(c2);
        counter.word[3][p] = philox_load(c3 + p * PART_WIDTH);
    }
    return philox_blocks(key, counter);
}

void random_uniform_block8(struct random_key key, const uint32_t index[8], uint32_t c1, uint32_t c2, uint32_t c3, double out[8])
{
    const uint32_t third[8] = {c3, c3, c3, c3, c3, c3, c3, c3};
    struct philox_blocks block = blocks_of(key, index, c1, c2, third);
    lanes_storeu(out, philox_uniform(&block, 0));
}

void random_normal_block8(struct random_key key, const uint32_t index[8], uint32_t c1, uint32_t c2, const uint32_t c3[8],
                          double out[8])
{
    struct philox_blocks block = blocks_of(key, index, c1, c2, c3);
    lanes_storeu(out, philox_normal(&block));
}

/* ---- Streams. */

struct random_stream random_stream_start(struct random_key key, uint32_t index, uint32_t second)
{
    return (struct random_stream){.key = key, .index = index, .second = second};
}

struct random_stream random_stream_start_at(struct random_key key, uint32_t index, uint32_t second, uint64_t block)
{
    return (struct random_stream){.key = key, .index = index, .second = second, .draw = 2 * block};
}

struct random_stream random_stream_of_counter(struct random_key key, const uint32_t counter[4])
{
    uint32_t block[4];
    random_block(key, counter[0], counter[1], counter[2], counter[3], block);
    return random_stream_start((struct random_key){{block[0], block[1]}}, block[2], block[3]);
}

static void stream_read_block(struct random_stream *stream)
{
    uint64_t block = stream->draw / 2;
    random_block(stream->key, stream->index, stream->second, (uint32_t)block, (uint32_t)(block >> 32), stream->word);
}

/* The two words of the next draw. */
static const uint32_t *stream_next(struct random_stream *stream)
{
    if (stream->draw % 2 == 0)
        stream_read_block(stream);
    return stream->word + 2 * (stream->draw++ % 2);
}

uint64_t random_stream_bits(struct random_stream *stream)
{
    const uint32_t *word = stream_next(stream);
    return (uint64_t)word[0] << 32 | word[1];
}

double random_stream_uniform(struct random_stream *stream)
{
    const uint32_t *word = stream_next(stream);
    return random_uniform_of(word[0], word[1]);
}

double random_stream_open_uniform(struct random_stream *stream)
{
    const uint32_t *word = stream_next(stream);
    return random_open_uniform_of(word[0], word[1]);
}

/* The high half of bits*n is spread evenly but for 2^64 mod n values of the low half, which are drawn again. */
uint64_t random_stream_below(struct random_stream *stream, uint64_t n)
{
    assert(n >= 1);
    unsigned __int128 product = (unsigned __int128)random_stream_bits(stream) * n;
    if ((uint64_t)product < n) {
        uint64_t excess = -n % n;
        while ((uint64_t)product < excess)
            product = (unsigned __int128)random_stream_bits(stream) * n;
    }
    return (uint64_t)(product >> 64);
}

/* Box and Muller 1958, the cosine half. */
double random_stream_normal(struct random_stream *stream)
{
    double radius = maths_sqrt(-2 * maths_log(random_stream_open_uniform(stream)));
    return radius * maths_cos(2 * MATHS_PI * random_stream_uniform(stream));
}

/* ---- Pages of a stream. */

static struct philox_blocks stream_read_page(struct random_stream *stream)
{
    struct philox_blocks counter;
    uint64_t first = (stream->draw + 1) / 2;
    for (int p = 0; p < LANES_PARTS; p++) {
        part_words number;
        for (int k = 0; k < PART_WIDTH; k++)
            number[k] = first + (uint64_t)(p * PART_WIDTH + k);
        counter.word[0][p] = philox_same(stream->index);
        counter.word[1][p] = philox_same(stream->second);
        counter.word[2][p] = number;
        counter.word[3][p] = number >> 32;
    }
    stream->draw = 2 * (first + RANDOM_PAGE_BLOCKS);
    return philox_blocks(stream->key, counter);
}

void random_stream_page_words(struct random_stream *stream, uint32_t out[RANDOM_PAGE_WORDS])
{
    struct philox_blocks block = stream_read_page(stream);
    for (int word = 0; word < 4; word++)
        for (int p = 0; p < LANES_PARTS; p++)
            philox_store(block.word[word][p], out + LANES * word + PART_WIDTH * p);
}

static void read_open_uniforms(struct random_stream *stream, double out[RANDOM_PAGE_NUMBERS])
{
    struct philox_blocks block = stream_read_page(stream);
    lanes_storeu(out, philox_open_uniform(&block, 0));
    lanes_storeu(out + LANES, philox_open_uniform(&block, 1));
}

void random_stream_fill_open_uniform(struct random_stream *stream, double *out, size_t n)
{
    double page[RANDOM_PAGE_NUMBERS];
    for (; n >= RANDOM_PAGE_NUMBERS; n -= RANDOM_PAGE_NUMBERS, out += RANDOM_PAGE_NUMBERS)
        read_open_uniforms(stream, out);
    if (n > 0) {
        read_open_uniforms(stream, page);
        memcpy(out, page, n * sizeof *out);
    }
}

/* The numbers of a page, close together in `out`; returns how many there are. Without a branch per word as long as none is passed
 * over, which for bounds far below 2^32 is nearly always so. */
static size_t read_below(struct random_stream *stream, uint32_t bound, uint32_t excess, uint32_t out[RANDOM_PAGE_WORDS])
{
    struct philox_blocks block = stream_read_page(stream);
    part_bits passed_over = {0};
    for (int word = 0; word < 4; word++)
        for (int p = 0; p < LANES_PARTS; p++) {
            part_words product = philox_multiply(block.word[word][p], bound);
            passed_over |= (part_bits)(product & PHILOX_LOW) < (int64_t)excess;
            block.word[word][p] = product;
            philox_store(product >> 32, out + LANES * word + PART_WIDTH * p);
        }
    long long any = 0;
    for (int k = 0; k < PART_WIDTH; k++)
        any |= passed_over[k];
    if (!any)
        return RANDOM_PAGE_WORDS;
    size_t n = 0;
    for (int k = 0; k < RANDOM_PAGE_WORDS; k++) {
        uint64_t product = block.word[k / LANES][k % LANES / PART_WIDTH][k % PART_WIDTH];
        if ((uint32_t)product >= excess)
            out[n++] = (uint32_t)(product >> 32);
    }
    return n;
}

void random_stream_fill_below(struct random_stream *stream, uint32_t bound, uint32_t *out, size_t n)
{
    if (n == 0)
        return;
    assert(bound >= 1);
    uint32_t excess = -bound % bound; /* 2^32 mod bound */
    while (n >= RANDOM_PAGE_WORDS) {
        size_t drawn = read_below(stream, bound, excess, out);
        out += drawn;
        n -= drawn;
    }
    while (n > 0) {
        uint32_t page[RANDOM_PAGE_WORDS];
        size_t drawn = read_below(stream, bound, excess, page);
        drawn = drawn < n ? drawn : n;
        memcpy(out, page, drawn * sizeof *out);
        out += drawn;
        n -= drawn;
    }
}
