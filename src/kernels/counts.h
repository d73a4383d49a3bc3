/* Counts that programs draw: poisson(mean) and binomial(n, p).
 *
 * How many random numbers one takes differs from count to count, so it has a stream of its own, that of its counter
 * (random_stream_of_counter). The program itself draws them, one by one, for compiled kernels as for the interpreter: the bits
 * are the same, and a kernel stays small. */
#ifndef GLION_KERNELS_COUNTS_H
#define GLION_KERNELS_COUNTS_H

#include <stddef.h>

#include "kernels/runtime_host.h"
#include "support/random.h"

/* One count; NaN where there is no such law. `probability` is of COUNT_BINOMIAL. */
double counts_one(enum count_kind kind, struct random_key key, const uint32_t counter[4], double mean_or_trials,
                  double probability);

/* The counts that nodes ask for in a step. Returns the elements, as bits, for which there is no such law: theirs are NaN. */
unsigned counts_of_step(const struct counts_request *request);

/* What is wrong with the arguments of a law that does not exist: "poisson() needs a mean from 0 to 2**50, but gets -1". */
void counts_describe(enum count_kind kind, double mean_or_trials, double probability, char *text, size_t size);

#endif
