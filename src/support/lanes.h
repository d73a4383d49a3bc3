/* Doubles that are computed together: the arithmetic of kernels, interpreter and host.
 *
 * In memory they stand in blocks of LANES = 8, whatever the processor. `lanes` hold LANES_GANG such blocks: one, unless a kernel
 * says otherwise before this text. Underneath stands `part`, the widest vector of the processor: with AVX-512 one part holds a
 * block, with AVX2 there are two. Every operation is emitted once for each part, and these chains run side by side: a processor
 * that has to wait for the result of one goes on with the other. Formulas are written once, for a part, with the natural
 * operators + - * / and the part_… functions below; lanes_… functions map them over the parts.
 *
 * Every operation is IEEE 754 in round-to-nearest, so the bits of a lane depend on the inputs of that lane alone: not on its
 * position, the instruction set, the compiler or its optimisation (compile with -ffp-contract=off, never with -ffast-math). Only
 * which NaN comes out of an operation is left open.
 *
 * This text also opens every generated kernel, so it includes nothing. `lanes` by value are for inlined functions: between
 * objects built for different processors pass pointers to double. */
#ifndef GLION_SUPPORT_LANES_H
#define GLION_SUPPORT_LANES_H

#define LANES 8
#ifndef LANES_GANG
#define LANES_GANG 1 /* 1, 2 or, with AVX-512, 4 */
#endif
#define LANES_WIDTH (LANES * LANES_GANG) /* doubles in `lanes` */
#define LANES_ALIGNMENT 64               /* bytes; of the arrays that lanes_load and lanes_store touch */

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define PART_WIDTH 8
#else
#define PART_WIDTH 4
#endif

#define PART_INLINE static inline __attribute__((always_inline, unused))
#define PART_RARE static __attribute__((noinline, cold, unused)) /* for the few lanes whose arguments are extreme */

typedef double part __attribute__((vector_size(8 * PART_WIDTH)));
typedef long long part_bits __attribute__((vector_size(8 * PART_WIDTH))); /* the same lanes seen as 64-bit integers */
typedef unsigned long long part_words __attribute__((vector_size(8 * PART_WIDTH)));
typedef part part_memory __attribute__((may_alias));
typedef part part_unaligned __attribute__((may_alias, aligned(8)));

/* ---- Parts: what differs between instruction sets. The compilers' builtins stand here and not the
 * intrinsics made of them, since the headers of those take longer to compile than most kernels.
 *
 * part_mask says for each lane whether a condition holds; & | ^ combine masks, part_not inverts. Comparisons with a NaN are
 * false, except ne. part_min(a, b) is a < b ? a : b, so b where one of them is NaN; part_max likewise. */

#if PART_WIDTH == 8

typedef unsigned char part_mask; /* bit k = lane k */

#define PART_ALL ((part_mask)0xff)
#define PART_ROUNDING 4 /* as the control register says: to nearest */
#define PART_COMPARISON(name, predicate)                                                          \
    PART_INLINE part_mask part_##name(part a, part b)                                             \
    {                                                                                             \
        return (part_mask)__builtin_ia32_cmppd512_mask(a, b, predicate, PART_ALL, PART_ROUNDING); \
    }
PART_COMPARISON(lt, 17) /* ordered, quiet */
PART_COMPARISON(le, 18)
PART_COMPARISON(gt, 30)
PART_COMPARISON(ge, 29)
PART_COMPARISON(eq, 0)
PART_COMPARISON(ne, 4) /* true for NaN */
#undef PART_COMPARISON

PART_INLINE part_mask part_not(part_mask mask)
{
    return (part_mask)~mask;
}

PART_INLINE part_bits part_bits_of_mask(part_mask mask)
{
    return (part_bits)__builtin_ia32_cvtmask2q512(mask);
}

PART_INLINE part_mask part_mask_of_bits(part_bits bits)
{
    return (part_mask)__builtin_ia32_cvtq2mask512(bits);
}

/* Said in assembly, since GCC 12 may keep a mask in memory as a byte and widen it by loading four. */
PART_INLINE unsigned part_mask_number(part_mask mask)
{
    unsigned number;
    __asm__("kmovb %1, %0" : "=r"(number) : "k"(mask));
    return number;
}

PART_INLINE part_mask part_mask_of_number(unsigned number)
{
    return (part_mask)number;
}

PART_INLINE part part_fma(part a, part b, part c)
{
    return __builtin_ia32_vfmaddpd512_mask(a, b, c, PART_ALL, PART_ROUNDING);
}

#ifdef __clang__
PART_INLINE part part_select(part_mask mask, part a, part b)
{
    return __builtin_ia32_selectpd_512(mask, a, b);
}

PART_INLINE part part_min(part a, part b)
{
    return __builtin_ia32_minpd512(a, b, PART_ROUNDING);
}

PART_INLINE part part_max(part a, part b)
{
    return __builtin_ia32_maxpd512(a, b, PART_ROUNDING);
}

PART_INLINE part part_sqrt(part a)
{
    return __builtin_ia32_sqrtpd512(a, PART_ROUNDING);
}
#else
PART_INLINE part part_select(part_mask mask, part a, part b)
{
    return __builtin_ia32_blendmpd_512_mask(b, a, mask);
}

PART_INLINE part part_min(part a, part b)
{
    return __builtin_ia32_minpd512_mask(a, b, a, PART_ALL, PART_ROUNDING);
}

PART_INLINE part part_max(part a, part b)
{
    return __builtin_ia32_maxpd512_mask(a, b, a, PART_ALL, PART_ROUNDING);
}

PART_INLINE part part_sqrt(part a)
{
    return __builtin_ia32_sqrtpd512_mask(a, a, PART_ALL, PART_ROUNDING);
}
#endif

#define PART_ROUND(a, mode) __builtin_ia32_rndscalepd_mask(a, mode, a, PART_ALL, PART_ROUNDING)

#else /* parts of four lanes: AVX2, or any processor by way of the compiler's generic vectors */

typedef part_bits part_mask; /* all bits of a lane are set, or none */

#define PART_COMPARISON(name, operator)               \
    PART_INLINE part_mask part_##name(part a, part b) \
    {                                                 \
        return (part_mask)(a operator b);             \
    }
PART_COMPARISON(lt, <)
PART_COMPARISON(le, <=)
PART_COMPARISON(gt, >)
PART_COMPARISON(ge, >=)
PART_COMPARISON(eq, ==)
PART_COMPARISON(ne, !=)
#undef PART_COMPARISON

PART_INLINE part_mask part_not(part_mask mask)
{
    return ~mask;
}

PART_INLINE part_bits part_bits_of_mask(part_mask mask)
{
    return mask;
}

PART_INLINE part_mask part_mask_of_bits(part_bits bits)
{
    return bits;
}

PART_INLINE part_mask part_mask_of_number(unsigned number)
{
    const part_bits bit = {1, 2, 4, 8};
    return ((long long)number & bit) != 0;
}

#if defined(__AVX2__) && defined(__FMA__)

PART_INLINE unsigned part_mask_number(part_mask mask)
{
    return (unsigned)__builtin_ia32_movmskpd256((part)mask);
}

PART_INLINE part part_fma(part a, part b, part c)
{
    return __builtin_ia32_vfmaddpd256(a, b, c);
}

PART_INLINE part part_select(part_mask mask, part a, part b)
{
    return __builtin_ia32_blendvpd256(b, a, (part)mask);
}

PART_INLINE part part_min(part a, part b)
{
    return __builtin_ia32_minpd256(a, b);
}

PART_INLINE part part_max(part a, part b)
{
    return __builtin_ia32_maxpd256(a, b);
}

PART_INLINE part part_sqrt(part a)
{
    return __builtin_ia32_sqrtpd256(a);
}

#define PART_ROUND(a, mode) __builtin_ia32_roundpd256(a, mode)

#else

#define PART_EACH(value) ((part){value(0), value(1), value(2), value(3)})

PART_INLINE unsigned part_mask_number(part_mask mask)
{
    return (unsigned)((mask[0] & 1) | (mask[1] & 2) | (mask[2] & 4) | (mask[3] & 8));
}

PART_INLINE part part_fma(part a, part b, part c)
{
#define K(k) __builtin_fma(a[k], b[k], c[k])
    return PART_EACH(K);
#undef K
}

PART_INLINE part part_select(part_mask mask, part a, part b)
{
    return (part)((mask & (part_bits)a) | (~mask & (part_bits)b));
}

PART_INLINE part part_min(part a, part b)
{
    return part_select(part_lt(a, b), a, b);
}

PART_INLINE part part_max(part a, part b)
{
    return part_select(part_gt(a, b), a, b);
}

PART_INLINE part part_sqrt(part a)
{
#define K(k) __builtin_sqrt(a[k])
    return PART_EACH(K);
#undef K
}

#endif
#endif

#ifdef PART_ROUND
#define PART_ROUNDING_FUNCTION(name, mode) \
    PART_INLINE part part_##name(part a)   \
    {                                      \
        return PART_ROUND(a, mode);        \
    }
#else
#define PART_ROUNDING_FUNCTION(name, mode)                                                                             \
    PART_INLINE part part_##name(part a)                                                                               \
    {                                                                                                                  \
        return (part){__builtin_##name(a[0]), __builtin_##name(a[1]), __builtin_##name(a[2]), __builtin_##name(a[3])}; \
    }
#endif
PART_ROUNDING_FUNCTION(rint, 8) /* modes as in the instruction: to nearest even, down, up, towards zero; never inexact */
PART_ROUNDING_FUNCTION(floor, 9)
PART_ROUNDING_FUNCTION(ceil, 10)
PART_ROUNDING_FUNCTION(trunc, 11)
#undef PART_ROUNDING_FUNCTION

/* ---- Parts: what is the same everywhere. */

PART_INLINE part part_set1(double a)
{
#if PART_WIDTH == 8
    return (part){a, a, a, a, a, a, a, a};
#else
    return (part){a, a, a, a};
#endif
}

PART_INLINE part_bits part_sign_bit(part a)
{
    return (part_bits)a & (part_bits)part_set1(-0.0);
}

PART_INLINE part part_abs(part a)
{
    return (part)((part_bits)a & ~(part_bits)part_set1(-0.0));
}

/* Sets the sign bit where `sign` has it; elsewhere the magnitude must have none. */
PART_INLINE part part_with_sign_of(part magnitude, part sign)
{
    return (part)((part_bits)magnitude | part_sign_bit(sign));
}

PART_INLINE int part_any(part_mask mask)
{
    return part_mask_number(mask) != 0;
}

PART_INLINE part part_neg(part a)
{
    return -a;
}

PART_INLINE part part_add(part a, part b)
{
    return a + b;
}

PART_INLINE part part_sub(part a, part b)
{
    return a - b;
}

PART_INLINE part part_mul(part a, part b)
{
    return a * b;
}

PART_INLINE part part_div(part a, part b)
{
    return a / b;
}

PART_INLINE part_mask part_and(part_mask a, part_mask b)
{
    return a & b;
}

PART_INLINE part_mask part_or(part_mask a, part_mask b)
{
    return a | b;
}

PART_INLINE part_mask part_xor(part_mask a, part_mask b)
{
    return a ^ b;
}

/* a and not b */
PART_INLINE part_mask part_andnot(part_mask a, part_mask b)
{
    return a & part_not(b);
}

/* ---- Division with remainder, Python's rule: dividend = quotient*divisor + remainder with a whole quotient, and a remainder of
 * the divisor's sign.
 *
 * A divisor of 0 gives the quotient ±inf or NaN and the remainder NaN, an infinite dividend NaN for both, and an infinite divisor
 * counts as very large. From 2^53 on the quotient is the nearest double; the remainder is always right. */

struct part_division {
    part quotient, remainder;
};

/* The exact remainder of |a| / |b| with the sign of a, both finite and not 0, by long division 11 bits at a time. */
PART_RARE double part_remainder_of_one(double a, double b)
{
    const unsigned long long hidden = 1ull << 52;
    unsigned long long significand[2], bits;
    int exponent[2];
    for (int k = 0; k < 2; k++) {
        double magnitude = __builtin_fabs(k ? b : a);
        __builtin_memcpy(&bits, &magnitude, sizeof bits);
        int biased = (int)(bits >> 52);
        significand[k] = biased ? (bits & (hidden - 1)) | hidden : bits;
        exponent[k] = biased ? biased : 1;
    }
    int shift = exponent[0] - exponent[1];
    if (shift < 0)
        return a;
    unsigned long long rest = significand[0] % significand[1];
    for (; shift > 0; shift -= 11)
        rest = (rest << (shift < 11 ? shift : 11)) % significand[1];
    double last_place = __builtin_fabs(b) / (double)significand[1]; /* of b: a power of two */
    return (a < 0 ? -last_place : last_place) * (double)rest;
}

PART_INLINE struct part_division part_divide(part a, part b)
{
    const part infinity = part_set1(__builtin_inf());
    part quotient = part_floor(a / b);
    part remainder = part_select(part_eq(quotient, part_set1(0)), a, part_fma(-quotient, b, a));
    part_mask far = part_ge(part_abs(quotient), part_set1(0x1p53)) & part_lt(part_abs(a), infinity) & part_ne(b, part_set1(0));
    if (__builtin_expect(part_any(far), 0))
        for (unsigned k = 0; k < PART_WIDTH; k++)
            if (part_mask_number(far) >> k & 1)
                remainder[k] = part_remainder_of_one(a[k], b[k]);
    /* a/b may have been rounded up to the next whole number, and the far remainders follow a's sign */
    part_mask beyond = (part_lt(remainder, part_set1(0)) ^ part_lt(b, part_set1(0))) & part_ne(remainder, part_set1(0));
    quotient = part_select(beyond, quotient - 1.0, quotient);
    remainder = part_select(beyond, remainder + b, remainder);
    part zero = part_with_sign_of(part_set1(0), b);
    return (struct part_division){part_select(part_lt(part_abs(a), infinity), quotient, a - a),
                                  part_select(part_eq(remainder, zero), zero, remainder)};
}

PART_INLINE part part_floor_divide(part a, part b)
{
    return part_divide(a, b).quotient;
}

PART_INLINE part part_modulo(part a, part b)
{
    return part_divide(a, b).remainder;
}

/* ---- Lanes. */

/* LANES_OF(p0, p1, p2, p3): what makes up the lanes, the part of lanes 0… first. LANES_PUT(place, a): part k of a is assigned to
 * place(k). LANES_JOIN(join, a): all parts by a function of two. They drop the parts that there are not. */
#define LANES_PARTS (LANES_WIDTH / PART_WIDTH)
#if LANES_PARTS == 1
typedef struct {
    part p0;
} lanes;
typedef struct {
    part_mask p0;
} lanes_mask;
#define LANES_OF(p0, p1, p2, p3) \
    {                            \
        p0                       \
    }
#define LANES_PUT(place, a) place(0) = a.p0
#define LANES_JOIN(join, a) a.p0
#elif LANES_PARTS == 2
typedef struct {
    part p0, p1;
} lanes;
typedef struct {
    part_mask p0, p1;
} lanes_mask;
#define LANES_OF(p0, p1, p2, p3) \
    {                            \
        p0, p1                   \
    }
#define LANES_PUT(place, a) place(0) = a.p0, place(1) = a.p1
#define LANES_JOIN(join, a) join(a.p0, a.p1)
#else
typedef struct {
    part p0, p1, p2, p3;
} lanes;
typedef struct {
    part_mask p0, p1, p2, p3;
} lanes_mask;
#define LANES_OF(p0, p1, p2, p3) \
    {                            \
        p0, p1, p2, p3           \
    }
#define LANES_PUT(place, a) place(0) = a.p0, place(1) = a.p1, place(2) = a.p2, place(3) = a.p3
#define LANES_JOIN(join, a) join(join(a.p0, a.p1), join(a.p2, a.p3))
#endif
_Static_assert(sizeof(lanes) == LANES_WIDTH * sizeof(double), "lanes are as wide in memory on every processor");

/* A function of parts, for each of them. */
#define LANES_MAP1(f, a) LANES_OF(f(a.p0), f(a.p1), f(a.p2), f(a.p3))
#define LANES_MAP2(f, a, b) LANES_OF(f(a.p0, b.p0), f(a.p1, b.p1), f(a.p2, b.p2), f(a.p3, b.p3))
#define LANES_MAP3(f, a, b, c) LANES_OF(f(a.p0, b.p0, c.p0), f(a.p1, b.p1, c.p1), f(a.p2, b.p2, c.p2), f(a.p3, b.p3, c.p3))

#define LANES_UNARY(name)                         \
    PART_INLINE lanes lanes_##name(lanes a)       \
    {                                             \
        return (lanes)LANES_MAP1(part_##name, a); \
    }
#define LANES_BINARY(name)                           \
    PART_INLINE lanes lanes_##name(lanes a, lanes b) \
    {                                                \
        return (lanes)LANES_MAP2(part_##name, a, b); \
    }
#define LANES_COMPARISON(name)                            \
    PART_INLINE lanes_mask lanes_##name(lanes a, lanes b) \
    {                                                     \
        return (lanes_mask)LANES_MAP2(part_##name, a, b); \
    }
#define LANES_MASK_BINARY(name)                                          \
    PART_INLINE lanes_mask lanes_mask_##name(lanes_mask a, lanes_mask b) \
    {                                                                    \
        return (lanes_mask)LANES_MAP2(part_##name, a, b);                \
    }

LANES_UNARY(neg)
LANES_UNARY(abs)
LANES_UNARY(sqrt)
LANES_UNARY(floor)
LANES_UNARY(ceil)
LANES_UNARY(trunc)
LANES_UNARY(rint) /* to the nearest whole number, halves to the even one */
LANES_BINARY(add)
LANES_BINARY(sub)
LANES_BINARY(mul)
LANES_BINARY(div)
LANES_BINARY(min) /* a < b ? a : b */
LANES_BINARY(max) /* a > b ? a : b */
LANES_BINARY(floor_divide)
LANES_BINARY(modulo)
LANES_COMPARISON(lt)
LANES_COMPARISON(le)
LANES_COMPARISON(gt)
LANES_COMPARISON(ge)
LANES_COMPARISON(eq)
LANES_COMPARISON(ne)
LANES_MASK_BINARY(and)
LANES_MASK_BINARY(or)
LANES_MASK_BINARY(xor)
LANES_MASK_BINARY(andnot) /* a and not b */

PART_INLINE lanes_mask lanes_mask_not(lanes_mask a)
{
    return (lanes_mask)LANES_MAP1(part_not, a);
}

/* a*b + c, rounded once */
PART_INLINE lanes lanes_fma(lanes a, lanes b, lanes c)
{
    return (lanes)LANES_MAP3(part_fma, a, b, c);
}

/* a where the mask is true, else b */
PART_INLINE lanes lanes_select(lanes_mask mask, lanes a, lanes b)
{
    return (lanes)LANES_MAP3(part_select, mask, a, b);
}

PART_INLINE lanes lanes_set1(double a)
{
    return (lanes)LANES_OF(part_set1(a), part_set1(a), part_set1(a), part_set1(a));
}

/* `memory` holds LANES_WIDTH doubles, aligned to LANES_ALIGNMENT; the …u functions take any double. */
PART_INLINE lanes lanes_load(const double *memory)
{
    const part_memory *parts = (const part_memory *)memory;
    return (lanes)LANES_OF(parts[0], parts[1], parts[2], parts[3]);
}

PART_INLINE lanes lanes_loadu(const double *memory)
{
    const part_unaligned *parts = (const part_unaligned *)memory;
    return (lanes)LANES_OF(parts[0], parts[1], parts[2], parts[3]);
}

PART_INLINE void lanes_store(double *memory, lanes a)
{
    part_memory *parts = (part_memory *)memory;
#define PLACE(k) parts[k]
    LANES_PUT(PLACE, a);
#undef PLACE
}

PART_INLINE void lanes_storeu(double *memory, lanes a)
{
    part_unaligned *parts = (part_unaligned *)memory;
#define PLACE(k) parts[k]
    LANES_PUT(PLACE, a);
#undef PLACE
}

/* A gang: each of the blocks stands somewhere else, at blocks[k] + offset. */
#define GANG_PART(k) \
    (((part_memory *)(blocks[(k) / (LANES / PART_WIDTH)] + offset))[(k) % (LANES / PART_WIDTH)]) /* part k of the lanes */

PART_INLINE lanes lanes_load_gang(double *const *blocks, unsigned long offset)
{
    return (lanes)LANES_OF(GANG_PART(0), GANG_PART(1), GANG_PART(2), GANG_PART(3));
}

PART_INLINE void lanes_store_gang(double *const *blocks, unsigned long offset, lanes a)
{
    LANES_PUT(GANG_PART, a);
}
#undef GANG_PART

PART_INLINE double lane_get(lanes a, int lane)
{
    const part parts[] = LANES_OF(a.p0, a.p1, a.p2, a.p3);
    return parts[lane / PART_WIDTH][lane % PART_WIDTH];
}

/* 0, 1, … */
PART_INLINE lanes lanes_iota(void)
{
#if PART_WIDTH == 8
    const part first = {0, 1, 2, 3, 4, 5, 6, 7};
#else
    const part first = {0, 1, 2, 3};
#endif
    return (lanes)LANES_OF(first, first + 1.0 * PART_WIDTH, first + 2.0 * PART_WIDTH, first + 3.0 * PART_WIDTH);
}

/* Masks as data: true is all bits of a lane set, false is +0; mask_of_lanes takes nothing else. */
PART_INLINE lanes lanes_of_mask(lanes_mask mask)
{
#define DATA(mask_of_part) (part) part_bits_of_mask(mask_of_part)
    return (lanes)LANES_MAP1(DATA, mask);
#undef DATA
}

PART_INLINE lanes_mask mask_of_lanes(lanes a)
{
#define MASK(data) part_mask_of_bits((part_bits)(data))
    return (lanes_mask)LANES_MAP1(MASK, a);
#undef MASK
}

/* Bit k = lane k. */
PART_INLINE unsigned lanes_bits(lanes_mask mask)
{
    const unsigned parts[] = LANES_MAP1(part_mask_number, mask);
    unsigned bits = 0;
    for (int k = 0; k < LANES_PARTS; k++)
        bits |= parts[k] << k * PART_WIDTH;
    return bits;
}

PART_INLINE lanes_mask mask_from_bits(unsigned bits)
{
#define PART_OF_BITS(k) part_mask_of_number(bits >> (k)*PART_WIDTH)
    return (lanes_mask)LANES_OF(PART_OF_BITS(0), PART_OF_BITS(1), PART_OF_BITS(2), PART_OF_BITS(3));
#undef PART_OF_BITS
}

PART_INLINE int lanes_any(lanes_mask mask)
{
    return part_any(LANES_JOIN(part_or, mask));
}

PART_INLINE int lanes_all(lanes_mask mask)
{
    return !part_any(part_not(LANES_JOIN(part_and, mask)));
}

#endif
