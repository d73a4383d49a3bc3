/* Philox for one counter is Random123's; for eight it is written here, as plain arithmetic on four 64-bit elements per vector
 * that hold one 32-bit word each. Only the low half of an element counts: the multiplication reads no more, so whatever the other
 * operations leave in the high half is harmless. The unit test holds the two equal. */
#include "support/random.h"

#include <Random123/philox.h>
#include <assert.h>
#include <string.h>
#include <xxhash.h>

#include "support/maths.h"

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

void random_block(struct random_key key, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t out[4])
{
    philox4x32_ctr_t counter = {{c0, c1, c2, c3}};
    philox4x32_key_t philox_key = {{key.word[0], key.word[1]}};
    philox4x32_ctr_t block = philox4x32(counter, philox_key);
    memcpy(out, block.v, sizeof block.v);
}

/* ---- Eight blocks at once. */

typedef uint64_t quad __attribute__((vector_size(32))); /* one word of four counters; the high halves are of no account */
typedef int quad_operand __attribute__((vector_size(32)));
typedef int64_t signed_quad __attribute__((vector_size(32))); /* AVX2 compares signed numbers only */

#define QUAD_LOW UINT64_C(0xffffffff)

/* the full products of the low halves */
static inline quad quad_multiply(quad a, uint32_t factor)
{
#ifdef __AVX2__
    quad b = {factor, factor, factor, factor};
    return (quad)__builtin_ia32_pmuludq256((quad_operand)a, (quad_operand)b);
#else
    return (a & QUAD_LOW) * (uint64_t)factor;
#endif
}

/* word[w][h]: word w of counters 4h … 4h+3 */
struct eight_blocks {
    quad word[4][2];
};

static inline struct eight_blocks eight_blocks(struct random_key key, struct eight_blocks counter)
{
    uint32_t key0 = key.word[0], key1 = key.word[1];
    struct eight_blocks block = counter;
    for (int round = 0; round < PHILOX4x32_DEFAULT_ROUNDS; round++) {
        for (int half = 0; half < 2; half++) {
            quad product0 = quad_multiply(block.word[0][half], PHILOX_M4x32_0);
            quad product2 = quad_multiply(block.word[2][half], PHILOX_M4x32_1);
            block.word[0][half] = (product2 >> 32) ^ block.word[1][half] ^ (uint64_t)key0;
            block.word[2][half] = (product0 >> 32) ^ block.word[3][half] ^ (uint64_t)key1;
            block.word[1][half] = product2;
            block.word[3][half] = product0;
        }
        key0 += PHILOX_W32_0;
        key1 += PHILOX_W32_1;
    }
    return block;
}

typedef double quad_double __attribute__((vector_size(32)));

/* whole numbers below 2^52 as doubles: placed in the fraction of 2^52 */
static inline quad_double quad_to_double(quad a)
{
    return (quad_double)(a | UINT64_C(0x4330000000000000)) - 0x1p52;
}

/* As random_uniform_of and random_open_uniform_of: all sums are exact. */
static inline quad_double quad_uniform(quad high, quad low)
{
    return quad_to_double(high & QUAD_LOW) * 0x1p-32 + quad_to_double((low & QUAD_LOW) >> 11) * 0x1p-53;
}

static inline quad_double quad_open_uniform(quad high, quad low)
{
    return quad_to_double(high & QUAD_LOW) * 0x1p-32 + (quad_to_double((low & QUAD_LOW) >> 12) + 0.5) * 0x1p-52;
}

static inline quad quad_same(uint32_t a)
{
    return (quad){a, a, a, a};
}

void random_uniform_block8(struct random_key key, const uint32_t index[8], uint32_t c1, uint32_t c2, uint32_t c3, double out[8])
{
    struct eight_blocks counter = {{{{index[0], index[1], index[2], index[3]}, {index[4], index[5], index[6], index[7]}},
                                    {quad_same(c1), quad_same(c1)},
                                    {quad_same(c2), quad_same(c2)},
                                    {quad_same(c3), quad_same(c3)}}};
    struct eight_blocks block = eight_blocks(key, counter);
    for (int half = 0; half < 2; half++) {
        quad_double uniform = quad_uniform(block.word[0][half], block.word[1][half]);
        memcpy(out + 4 * half, &uniform, sizeof uniform);
    }
}

static inline quad quad_of(const uint32_t a[4])
{
    return (quad){a[0], a[1], a[2], a[3]};
}

void random_uniform_pair8(struct random_key key, const uint32_t index[8], const uint32_t second[8], uint32_t c2,
                          const uint32_t third[8], double open[8], double uniform[8])
{
    struct eight_blocks counter = {{{quad_of(index), quad_of(index + 4)},
                                    {quad_of(second), quad_of(second + 4)},
                                    {quad_same(c2), quad_same(c2)},
                                    {quad_of(third), quad_of(third + 4)}}};
    struct eight_blocks block = eight_blocks(key, counter);
    for (int half = 0; half < 2; half++) {
        quad_double first = quad_open_uniform(block.word[0][half], block.word[1][half]);
        quad_double then = quad_uniform(block.word[2][half], block.word[3][half]);
        memcpy(open + 4 * half, &first, sizeof first);
        memcpy(uniform + 4 * half, &then, sizeof then);
    }
}

/* Box and Muller 1958, the cosine half. */
void random_normal_block8(struct random_key key, const uint32_t index[8], uint32_t c1, uint32_t c2, const uint32_t c3[8],
                          double out[8])
{
    const uint32_t second[8] = {c1, c1, c1, c1, c1, c1, c1, c1};
    double open[8], uniform[8];
    random_uniform_pair8(key, index, second, c2, c3, open, uniform);
    lanes radius = lanes_sqrt(lanes_mul(lanes_set1(-2), lanes_log(lanes_loadu(open))));
    lanes_storeu(out, lanes_mul(radius, lanes_cos(lanes_mul(lanes_set1(2 * MATHS_PI), lanes_loadu(uniform)))));
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

static struct eight_blocks stream_read_page(struct random_stream *stream)
{
    struct eight_blocks counter;
    uint64_t first = (stream->draw + 1) / 2;
    for (int half = 0; half < 2; half++) {
        quad number = first + 4 * (uint64_t)half + (quad){0, 1, 2, 3};
        counter.word[0][half] = quad_same(stream->index);
        counter.word[1][half] = quad_same(stream->second);
        counter.word[2][half] = number;
        counter.word[3][half] = number >> 32;
    }
    stream->draw = 2 * (first + RANDOM_PAGE_BLOCKS);
    return eight_blocks(stream->key, counter);
}

static inline void store_low(quad a, uint32_t out[4])
{
    typedef uint32_t four_words __attribute__((vector_size(16)));
    four_words low = __builtin_convertvector(a, four_words);
    memcpy(out, &low, sizeof low);
}

void random_stream_page_words(struct random_stream *stream, uint32_t out[RANDOM_PAGE_WORDS])
{
    struct eight_blocks block = stream_read_page(stream);
    for (int word = 0; word < 4; word++)
        for (int half = 0; half < 2; half++)
            store_low(block.word[word][half], out + 8 * word + 4 * half);
}

static void read_open_uniforms(struct random_stream *stream, double out[RANDOM_PAGE_NUMBERS])
{
    struct eight_blocks block = stream_read_page(stream);
    for (int draw = 0; draw < 2; draw++)
        for (int half = 0; half < 2; half++) {
            quad_double number = quad_open_uniform(block.word[2 * draw][half], block.word[2 * draw + 1][half]);
            memcpy(out + 8 * draw + 4 * half, &number, sizeof number);
        }
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
    struct eight_blocks block = stream_read_page(stream);
    quad passed_over = {0};
    for (int word = 0; word < 4; word++)
        for (int half = 0; half < 2; half++) {
            quad product = quad_multiply(block.word[word][half], bound);
            passed_over |= (quad)((signed_quad)(product & QUAD_LOW) < (int64_t)excess);
            block.word[word][half] = product;
            store_low(product >> 32, out + 8 * word + 4 * half);
        }
    if (!(passed_over[0] | passed_over[1] | passed_over[2] | passed_over[3]))
        return RANDOM_PAGE_WORDS;
    size_t n = 0;
    for (int k = 0; k < RANDOM_PAGE_WORDS; k++) {
        uint64_t product = block.word[k / 8][k / 4 % 2][k % 4];
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
