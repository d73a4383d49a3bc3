/* Makes the values that the script gives to nodes and synapses: draws their random numbers, computes, and draws again what
 * `redraw` does not accept.
 *
 * A random number belongs to the call in the text (seed, object, variable, number of the call), to the element (three numbers:
 * for a node its index and two zeros; for a synapse its source, its target and the copy), and to the round, which is 0 where
 * nothing is redrawn. So a value does not depend on where and with whom its element is computed. */
#ifndef GLION_KERNELS_VALUE_MAKER_H
#define GLION_KERNELS_VALUE_MAKER_H

#include "kernels/interpreter.h"
#include "support/lanes.h"
#include "support/random.h"

/* So often an element draws before it gives up: one that is accepted once in 5000 rounds fails with a probability of 2e-9. */
#define REDRAW_ROUNDS 100000

/* For one thread. */
struct value_maker {
    const struct program *program; /* of lower_value; borrowed */
    struct random_key *keys;       /* [program->n_instructions] of those that draw; owned */
    double *random, *registers;    /* room for one round; owned */
};

/* Who gets a value, in each lane. Lanes may repeat one another. */
struct value_elements {
    uint32_t index[LANES], second[LANES], third[LANES];
};

/* `object`: the population or connection whose variable it is. */
void value_maker_create(const struct program *program, uint64_t seed, const char *object, const char *variable,
                        struct value_maker *out);
void value_maker_release(struct value_maker *maker);

/* The values of LANES elements. `leaves` says what the program reads besides random numbers. Returns the lanes, as bits, in which
 * no round was accepted; their value is that of the last one. */
unsigned value_maker_run(struct value_maker *maker, const struct value_elements *elements,
                         const struct interpreter_leaves *leaves, double values[LANES]);

#endif
