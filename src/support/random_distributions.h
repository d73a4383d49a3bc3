/* Counts drawn from a stream: Poisson, binomial and hypergeometric, exact for any mean or number of trials.
 *
 * How many draws a count takes differs from count to count, so give each element its own stream. */
#ifndef GLION_SUPPORT_RANDOM_DISTRIBUTIONS_H
#define GLION_SUPPORT_RANDOM_DISTRIBUTIONS_H

#include <stdint.h>

#include "support/random.h"

/* The largest mean and number of trials; beyond, counts would not be exact in a double. */
#define RANDOM_POISSON_MEAN_MAX 0x1p50
#define RANDOM_BINOMIAL_TRIALS_MAX (UINT64_C(1) << 50)

/* 0 <= mean <= RANDOM_POISSON_MEAN_MAX */
uint64_t random_stream_poisson(struct random_stream *stream, double mean);

/* Successes among n trials; 0 <= p <= 1, n <= RANDOM_BINOMIAL_TRIALS_MAX */
uint64_t random_stream_binomial(struct random_stream *stream, uint64_t n, double p);

/* Good ones among n that are drawn without replacement from `good` good and `bad` bad ones; n <= good + bad,
 * n <= RANDOM_BINOMIAL_TRIALS_MAX. Takes as many steps as the count deviates from the most probable one. */
uint64_t random_stream_hypergeometric(struct random_stream *stream, uint64_t n, uint64_t good, uint64_t bad);

#endif
