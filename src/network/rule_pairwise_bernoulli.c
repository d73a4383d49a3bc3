/* Each pair of a source and a target is connected with probability p, independently of all others; a node may connect to itself.
 *
 * Walking through the sources of one target, the number of sources that are passed over before the next connection has a
 * geometric distribution: floor(log(u) / log(1 - p)) with u uniform in (0, 1). So the work grows with the connections, not
 * with the pairs. */
#include "network/rule.h"
#include "support/maths.h"
#include "support/random.h"

#define BATCH 32 /* numbers are drawn and their logarithms taken this many at a time */

/* How many sources are passed over before each of the next connections; at most `limit`, since the number may be huge. */
static void draw_passed(struct random_stream *stream, double scale, double limit, uint64_t passed[BATCH])
{
    double numbers[BATCH];
    random_stream_fill_open_uniform(stream, numbers, BATCH);
    for (int k = 0; k < BATCH; k += LANES)
        lanes_storeu(numbers + k, lanes_mul(lanes_log(lanes_loadu(numbers + k)), lanes_set1(scale)));
    for (int k = 0; k < BATCH; k++)
        passed[k] = (uint64_t)(int64_t)(numbers[k] < limit ? numbers[k] : limit);
}

void draw_bernoulli(uint64_t seed, const struct projection *projection, uint64_t target_position, double p, struct draw *draw)
{
    draw->n = 0;
    if (p <= 0)
        return;
    struct random_key key = random_key(seed, RANDOM_CONNECT, projection->name, NULL, 0);
    struct random_stream stream = random_stream_start(key, (uint32_t)target_position, 0);
    double scale = 1 / maths_log1p(-p); /* p = 1: 1 / -inf, so that nothing is passed over */
    uint64_t source = 0, n_source = projection->source->size;
    for (;;) {
        uint64_t passed[BATCH];
        draw_passed(&stream, scale, (double)n_source, passed);
        draw_reserve(draw, draw->n + BATCH);
        for (int k = 0; k < BATCH; k++) {
            source += passed[k];
            if (source >= n_source)
                return;
            draw->sources[draw->n++] = (node_id)source++;
        }
    }
}

static void pairwise_bernoulli_draw(uint64_t seed, const struct projection *projection, uint64_t target_position,
                                    struct draw *draw)
{
    draw_bernoulli(seed, projection, target_position, projection->arguments[0].number, draw);
}

static double pairwise_bernoulli_expected(const struct projection *projection, enum connection_role role)
{
    return projection->arguments[0].number * (double)projection->source->size * (double)projection->target->size;
}

const struct rule rule_pairwise_bernoulli = {
    .signature = {.name = "pairwise_bernoulli",
                  .text = "each pair with probability p",
                  .arguments = {{.name = "p", .kind = RULE_PROBABILITY, .required = true}}},
    .draw = pairwise_bernoulli_draw,
    .expected = pairwise_bernoulli_expected,
};
