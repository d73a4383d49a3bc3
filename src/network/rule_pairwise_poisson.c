/* Each pair of a source and a target has a number of parallel connections that is Poisson distributed with the given mean,
 * independently of all others. So a target has a Poisson number of connections, each from a uniformly drawn source. */
#include "language/source.h"
#include "network/rule.h"
#include "support/random_distributions.h"

enum argument { MEAN, AUTAPSES };

static int check(const struct projection *projection, struct fault *fault)
{
    double mean = projection->arguments[MEAN].number, sources = (double)projection->source->size;
    if (mean * sources > POISSON_MEAN_MAX)
        return source_fault(fault, projection->rule_span,
                            "pairwise_poisson: mean = %.15g and %llu sources would give each target %.3g connections; "
                            "at most %.0f are possible",
                            mean, (unsigned long long)projection->source->size, mean * sources, POISSON_MEAN_MAX);
    return 0;
}

static void draw_target(struct draw *draw, uint64_t target_position)
{
    const struct projection *projection = draw->drawing->projection;
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_CONNECT, target_position);
    struct choice sources = choice_of(draw->drawing, projection->source->size, target_position);
    double mean = projection->arguments[MEAN].number * (double)sources.n;
    draw->n = 0;
    if (draw->drawing->by_pair)
        draw_poisson_by_pair(draw, &stream, target_position);
    else
        draw_independent(draw, &stream, sources, random_stream_poisson(&stream, mean));
}

static double expected(const struct script *script, const struct projection *projection)
{
    return rule_mean(script, projection, MEAN) * rule_allowed_pairs(projection);
}

const struct rule rule_pairwise_poisson = {
    .signature = {.name = "pairwise_poisson",
                  .text = "a Poisson number of connections for each pair",
                  .arguments = {[MEAN] = {.name = "mean", .kind = RULE_NUMBER, .required = true, .may_use_pair = true},
                                [AUTAPSES] = {.name = "autapses", .kind = RULE_FLAG, .value = 1}},
                  .check = check},
    .draw_target = draw_target,
    .expected = expected,
};
