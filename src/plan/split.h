/* Cuts the program of a synapse in two: what depends on the source alone, computed once per spike and source, and what differs
 * between the synapses of a source. What the second part needs of the first are the factors: they travel with the spike. */
#ifndef GLION_PLAN_SPLIT_H
#define GLION_PLAN_SPLIT_H

#include "plan/program.h"

/* Slots of the whole program. Leaves: OPCODE_NODE slot k < n_states is a state that the synapses of a source share, slot
 * n_states + c is column c; OPCODE_ARGUMENT slots >= own_arguments differ between synapses. Outputs: the same slots, and n_states
 * + n_columns + s for number s that is sent. No output of a shared state may depend on what differs.
 *
 * Leaves and outputs of the parts:
 *   source: as the whole program; outputs slot k < n_states, and n_states + f for factor f
 *   synapse: OPCODE_NODE slot c; OPCODE_ARGUMENT slot 0 for own_arguments, slot 1 + f for factor f; outputs slot c, and n_columns
 * + s for number s that is sent. */
struct split {
    int n_states, n_columns, own_arguments;
    struct program source, synapse;
    int n_factors;
};

/* does[register]: it depends on what differs between synapses; in the program's arena */
bool *split_differs(const struct program *whole, int n_states, int own_arguments);
void split_program(const struct program *whole, struct split *split);

#endif
