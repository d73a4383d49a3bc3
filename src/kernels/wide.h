/* Programs and random numbers for many elements at once.
 *
 * An instruction is carried out for all elements before the next one: finding out what it says costs once, and its loop is as
 * tight as compiled code. The one text (wide_text.h) is compiled for each instruction set, and the bits are the same. */
#ifndef GLION_KERNELS_WIDE_H
#define GLION_KERNELS_WIDE_H

#include "kernels/interpreter.h"
#include "support/lanes.h"
#include "support/random.h"

/* Which of the elements: [begin, end) of rows that are `width` long. All three are multiples of LANES. */
struct wide_extent {
    int width, begin, end;
};

/* Whom random numbers belong to, in each lane: see value_maker.h. Lanes may repeat one another. */
struct value_elements {
    uint32_t index[LANES], second[LANES], third[LANES];
};

/* For one instruction set. */
struct wide {
    /* As interpret(), but leaves and registers are [slot][width] instead of [slot][LANES]. */
    void (*interpret)(const struct program *program, const struct interpreter_leaves *leaves, struct wide_extent extent,
                      double *registers);
    /* out[k], begin <= k < end: a number of the block (index, second, round, third) of element k, that is of
     * elements[k / LANES] in lane k % LANES, as random_stream_uniform and random_stream_normal draw it from there. */
    void (*uniform)(struct random_key key, const struct value_elements *elements, uint32_t round, struct wide_extent extent,
                    double *out);
    void (*normal)(struct random_key key, const struct value_elements *elements, uint32_t round, struct wide_extent extent,
                   double *out);
};

extern const struct wide wide_x86_64_v3, wide_x86_64_v4;

/* The best one for this processor; for a loop, ask once before it. */
const struct wide *wide_here(void);

#endif
