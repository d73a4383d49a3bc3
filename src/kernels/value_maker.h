/* Makes the values that the script gives to nodes and synapses: draws their random numbers, computes, and draws again what
 * `redraw` does not accept.
 *
 * A random number belongs to the call in the text (seed, object, variable, number of the call), to the element (three numbers:
 * for a node its index and two zeros; for a synapse its source, its target and the copy), and to the round, which is 0 where
 * nothing is redrawn. So a value does not depend on where and with whom its element is computed. */
#ifndef GLION_KERNELS_VALUE_MAKER_H
#define GLION_KERNELS_VALUE_MAKER_H

#include "kernels/wide.h"

/* So often an element draws before it gives up: one that is accepted once in 5000 rounds fails with a probability of 2e-9. */
#define REDRAW_ROUNDS 100000

/* For one thread. */
struct value_maker {
    const struct program *program; /* of lower_value; borrowed */
    const struct wide *wide;
    int width;               /* elements at once, a multiple of LANES */
    struct random_key *keys; /* [program->n_instructions] of those that draw; owned */
    double *registers;       /* [program->n_instructions][width] of a round; owned */
    unsigned char *no_law;   /* [width / LANES] of a round: elements, as bits, with a count that cannot be drawn; owned */
    /* What is drawn again: the element that stands at each place of the registers, whom its numbers belong to, and where it
     * stood in the round before. All [width]; owned. */
    uint32_t *element, *before;
    uint32_t *index, *second, *third;
};

/* `object`: the population or connection whose variable it is. `width`: for how many elements at once, a multiple of LANES. */
void value_maker_create(const struct program *program, uint64_t seed, const char *object, const char *variable, int width,
                        struct value_maker *out);
void value_maker_release(struct value_maker *maker);

/* The values of n <= width elements, n a multiple of LANES. `leaves`, [slot][width], say what the program reads besides random
 * numbers. refused[n / LANES]: bit l of number g says that no round was accepted for element LANES*g + l; its value is that of
 * the last one. Returns whether there are any. A value with a count that cannot be drawn is NaN. */
bool value_maker_run(struct value_maker *maker, const struct value_elements *elements, int n,
                     const struct interpreter_leaves *leaves, double *values, unsigned char *refused);

#endif
