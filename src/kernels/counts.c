#include "kernels/counts.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "support/maths.h"
#include "support/random_distributions.h"

static bool is_mean(double mean)
{
    return mean >= 0 && mean <= RANDOM_POISSON_MEAN_MAX;
}

static bool is_trials(double trials)
{
    return trials >= 0 && trials <= (double)RANDOM_BINOMIAL_TRIALS_MAX && trials == floor(trials);
}

static bool is_probability(double p)
{
    return p >= 0 && p <= 1;
}

double counts_one(enum count_kind kind, struct random_key key, const uint32_t counter[4], double mean_or_trials,
                  double probability)
{
    if (kind == COUNT_POISSON && !is_mean(mean_or_trials))
        return MATHS_NAN;
    if (kind == COUNT_BINOMIAL && !(is_trials(mean_or_trials) && is_probability(probability)))
        return MATHS_NAN;
    struct random_stream stream = random_stream_of_counter(key, counter);
    return kind == COUNT_POISSON ? (double)random_stream_poisson(&stream, mean_or_trials)
                                 : (double)random_stream_binomial(&stream, (uint64_t)mean_or_trials, probability);
}

unsigned counts_of_step(const struct counts_request *request)
{
    const struct random_key key = {{(uint32_t)request->key[0], (uint32_t)request->key[1]}};
    unsigned refused = 0;
    for (int k = 0; k < request->n; k++) {
        const uint64_t step = (uint64_t)request->step[k];
        const uint32_t counter[4] = {(uint32_t)request->index[k], (uint32_t)step, (uint32_t)(step >> 32),
                                     (uint32_t)request->evaluation[k]};
        const bool is_wanted = request->wanted >> k & 1;
        const double count = is_wanted
                                 ? counts_one(request->kind, key, counter, request->mean_or_trials[k], request->probability[k])
                                 : 0;
        request->counts[k] = count;
        refused |= (unsigned)(count != count) << k;
    }
    return refused;
}

/* The sign of a NaN means nothing. */
static double shown(double argument)
{
    return argument == argument ? argument : MATHS_NAN;
}

void counts_describe(enum count_kind kind, double mean_or_trials, double probability, char *text, size_t size)
{
    if (kind == COUNT_POISSON)
        snprintf(text, size, "poisson() needs a mean from 0 to 2**50, but gets %.10g", shown(mean_or_trials));
    else if (!is_trials(mean_or_trials))
        snprintf(text, size, "binomial() needs a whole number of trials from 0 to 2**50, but gets %.10g", shown(mean_or_trials));
    else
        snprintf(text, size, "binomial() needs a probability from 0 to 1, but gets %.10g", shown(probability));
}
