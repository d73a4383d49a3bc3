/* Philox4x32-10 for LANES counters at once, and the numbers made of its words: the same as random_block and the functions of
 * streams give for each counter (random.h).
 *
 * Plain arithmetic on 64-bit elements that hold one 32-bit word each. Only the low half of an element counts: the multiplication
 * reads no more, so whatever the other operations leave in the high half is harmless. As wide as a part of lanes.h, so that
 * who includes this gets the widest vectors that it is compiled for. Also part of every generated kernel that draws. */
#ifndef GLION_SUPPORT_PHILOX_H
#define GLION_SUPPORT_PHILOX_H

#include "support/maths.h"
#include "support/random.h"

#define PHILOX_ROUNDS 10
#define PHILOX_FACTOR_0 0xd2511f53 /* the constants of Salmon et al. 2011, table 2 */
#define PHILOX_FACTOR_1 0xcd9e8d57
#define PHILOX_WEYL_0 0x9e3779b9
#define PHILOX_WEYL_1 0xbb67ae85
#define PHILOX_LOW UINT64_C(0xffffffff)

/* word[w][p]: word w of the counters, or of their blocks, in part p of the lanes */
struct philox_blocks {
    part_words word[4][LANES_PARTS];
};

typedef uint32_t philox_words __attribute__((vector_size(4 * PART_WIDTH)));
typedef int philox_operand __attribute__((vector_size(8 * PART_WIDTH)));
typedef int philox_short __attribute__((vector_size(4 * PART_WIDTH)));

PART_INLINE part_words philox_same(uint32_t word)
{
    return (part_words){0} + word;
}

/* PART_WIDTH words, at any place */
PART_INLINE part_words philox_load(const uint32_t *word)
{
    philox_words words;
    __builtin_memcpy(&words, word, sizeof words);
#if PART_WIDTH == 8 && !defined(__clang__) /* gcc would make four instructions of it */
    return (part_words)__builtin_ia32_pmovzxdq512_mask((philox_short)words, (part_bits){0}, PART_ALL);
#else
    return __builtin_convertvector(words, part_words);
#endif
}

PART_INLINE void philox_store(part_words word, uint32_t *out)
{
    philox_words low = __builtin_convertvector(word, philox_words);
    __builtin_memcpy(out, &low, sizeof low);
}

/* The full products of the low halves. */
PART_INLINE part_words philox_multiply(part_words a, uint32_t factor)
{
    part_words b = philox_same(factor);
#if PART_WIDTH == 8 && defined(__clang__)
    return (part_words)__builtin_ia32_pmuludq512((philox_operand)a, (philox_operand)b);
#elif PART_WIDTH == 8
    return (part_words)__builtin_ia32_pmuludq512_mask((philox_operand)a, (philox_operand)b, (part_bits)a, PART_ALL);
#elif defined(__AVX2__)
    return (part_words)__builtin_ia32_pmuludq256((philox_operand)a, (philox_operand)b);
#else
    return (a & PHILOX_LOW) * b;
#endif
}

PART_INLINE struct philox_blocks philox_blocks(struct random_key key, struct philox_blocks counter)
{
    uint32_t key0 = key.word[0], key1 = key.word[1];
    struct philox_blocks block = counter;
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        for (int p = 0; p < LANES_PARTS; p++) {
            part_words product0 = philox_multiply(block.word[0][p], PHILOX_FACTOR_0);
            part_words product2 = philox_multiply(block.word[2][p], PHILOX_FACTOR_1);
            block.word[0][p] = (product2 >> 32) ^ block.word[1][p] ^ (uint64_t)key0;
            block.word[2][p] = (product0 >> 32) ^ block.word[3][p] ^ (uint64_t)key1;
            block.word[1][p] = product2;
            block.word[3][p] = product0;
        }
        key0 += PHILOX_WEYL_0;
        key1 += PHILOX_WEYL_1;
    }
    return block;
}

/* Whole numbers below 2^52 as doubles: placed in the fraction of 2^52. */
PART_INLINE part philox_to_double(part_words a)
{
    return (part)(a | UINT64_C(0x4330000000000000)) - 0x1p52;
}

/* Draw 0 or 1 of each block, uniform in [0, 1) as random_uniform_of; all sums are exact. */
PART_INLINE lanes philox_uniform(const struct philox_blocks *block, int draw)
{
    part numbers[LANES_PARTS];
    lanes all;
    for (int p = 0; p < LANES_PARTS; p++) {
        part_words high = block->word[2 * draw][p], low = block->word[2 * draw + 1][p];
        numbers[p] = philox_to_double(high & PHILOX_LOW) * 0x1p-32 + philox_to_double((low & PHILOX_LOW) >> 11) * 0x1p-53;
    }
    __builtin_memcpy(&all, numbers, sizeof all);
    return all;
}

/* The same in (0, 1), as random_open_uniform_of. */
PART_INLINE lanes philox_open_uniform(const struct philox_blocks *block, int draw)
{
    part numbers[LANES_PARTS];
    lanes all;
    for (int p = 0; p < LANES_PARTS; p++) {
        part_words high = block->word[2 * draw][p], low = block->word[2 * draw + 1][p];
        numbers[p] = philox_to_double(high & PHILOX_LOW) * 0x1p-32 + (philox_to_double((low & PHILOX_LOW) >> 12) + 0.5) * 0x1p-52;
    }
    __builtin_memcpy(&all, numbers, sizeof all);
    return all;
}

/* Box and Muller 1958: the distance from the origin of a point whose coordinates are two standard normal numbers, and the first
 * coordinate's part of it; of numbers uniform in (0, 1) and in [0, 1). */
PART_INLINE lanes philox_radius(lanes open_uniform)
{
    return lanes_sqrt(lanes_mul(lanes_set1(-2), lanes_log_of_normal(open_uniform)));
}

PART_INLINE lanes philox_cosine(lanes uniform)
{
    return lanes_cos_of_small(lanes_mul(lanes_set1(2 * MATHS_PI), uniform));
}

/* A standard normal number of each block, as random_stream_normal. */
PART_INLINE lanes philox_normal(const struct philox_blocks *block)
{
    return lanes_mul(philox_radius(philox_open_uniform(block, 0)), philox_cosine(philox_uniform(block, 1)));
}

#endif
