/* Programs and random numbers for many elements at once.
 *
 * An instruction is carried out for all elements before the next one: finding out what it says costs once, and its loop is as
 * tight as compiled code. The one text (wide_text.h) is compiled for each instruction set, and the bits are the same. */
#ifndef GLION_KERNELS_WIDE_H
#define GLION_KERNELS_WIDE_H

#include "kernels/interpreter.h"
#include "support/lanes.h"
#include "support/random.h"

/* Whom random numbers belong to, for each element: see value_maker.h. Elements may repeat one another. */
struct value_elements {
    const uint32_t *index, *second, *third;
};

/* What a program that makes values draws its counts of: for each element the block (index, second, round, third) of the key of
 * the instruction. Such elements are refused whose counts cannot be drawn. */
struct value_draws {
    const struct random_key *keys; /* [n_instructions] */
    const struct value_elements *elements;
    uint32_t round;
    unsigned char *refused; /* [n / LANES] written: bit l of number g, element LANES*g + l */
};

/* A law of random counts, tabulated for drawing: of a uniform number u the count is the first whose cumulative probability is
 * above u. */
struct count_law {
    const double *cumulative;   /* [number of counts] ascending, the last is 1 */
    const uint32_t *guide;      /* [n_cells] place of the first count that cell/n_cells can give */
    uint32_t n_cells;           /* a power of two */
    int n_outputs;              /* accumulators that get something */
    const double *const *added; /* [n_outputs][number of counts] what each count adds */
    const double *const *cells; /* [n_outputs][n_cells] the same by cell, NaN where a cell has several counts */
    const size_t *to;           /* [n_outputs] place of the accumulator among those of a block's first lane */
};

/* Whose counts are drawn: LANES elements in each block, of the stream blocks (first + k*step, c1, c2, c3). */
struct count_elements {
    uint32_t first, step, n_blocks, c1, c2, c3;
};

/* Registers that stand as they should before a program is run, and are left so. */
enum kept_registers {
    KEEPS_NONE,
    KEEPS_FILLED, /* those of constants, and of random numbers, which a run cannot draw */
    KEEPS_LEAVES  /* those of all instructions without operands: of the leaves, only `shared` is read, for what stands in lists */
};

/* For one instruction set. `n`: how many elements, a multiple of LANES. */
struct wide {
    /* As interpret(), but leaves and registers are [slot][width] instead of [slot][LANES], width >= n a multiple of LANES. */
    void (*interpret)(const struct program *program, const struct interpreter_leaves *leaves, enum kept_registers kept, int width,
                      int n, double *registers);
    /* out[n], aligned: a number of the block (index, second, round, third) of each element, as random_stream_uniform and
     * random_stream_normal draw it from there. */
    void (*uniform)(struct random_key key, const struct value_elements *elements, uint32_t round, int n, double *out);
    void (*normal)(struct random_key key, const struct value_elements *elements, uint32_t round, int n, double *out);
    /* Draw a count for each element, from the first number of its stream block, and add what it adds to sums[block*pitch + to +
     * lane]. */
    void (*add_counts)(struct random_key key, const struct count_law *law, const struct count_elements *elements, double *sums,
                       size_t pitch);
};

extern const struct wide wide_x86_64_v3, wide_x86_64_v4;

/* The best one for this processor; for a loop, ask once before it. */
const struct wide *wide_here(void);

#endif
