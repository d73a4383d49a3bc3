/* Random numbers of programs that run for synapses, in a step or at an event. Each belongs to what it is for, the nodes that the
 * synapse connects, which of the synapses between them it is, and the step: so it is the same for any layout. */
#ifndef GLION_ENGINE_SYNAPSE_DRAWS_H
#define GLION_ENGINE_SYNAPSE_DRAWS_H

#include "kernels/wide.h"
#include "network/edges.h"
#include "plan/program.h"

/* Which of the synapses between the same two nodes each is, [edges_size], owned by the caller: the 257th counts as the first.
 * `n_targets`: nodes of the target population on this rank. */
uint8_t *synapse_numbers(const struct edges *edges, node_local n_targets);

/* What each call of a program that draws is for, [n_instructions], owned by the caller; NULL where nothing is drawn. */
struct random_key *synapse_keys(const struct program *program, uint64_t seed, const char *connection, const char *what);

/* Fill the registers, [n_instructions][width], of random numbers, but counts, and constants, for the first n elements, a multiple
 * of LANES: as KEEPS_FILLED asks for. */
void synapse_draw(const struct wide *wide, const struct program *program, const struct random_key *keys,
                  const struct value_elements *elements, step_count step, int width, int n, double *registers);

#endif
