/* NEST's tripartite rule. Sources and targets are connected pairwise with probability p_primary. Each target has a pool of third
 * nodes, and with probability p_third_if_primary a primary connection takes one of them, uniformly and with replacement: then the
 * source connects to the third node (third_in) and the third node to the target (third_out), so there are as many of one as of
 * the other.
 *
 * A "random" pool is a set of pool_size different nodes, drawn for each target. "block" pools follow the position of the target
 * in the whole target set: pools of several nodes are disjoint and cover all third nodes; pools of one node serve several
 * consecutive targets. */
#include <string.h>

#include "language/source.h"
#include "network/rule.h"
#include "support/random.h"

enum argument { P_PRIMARY, P_THIRD_IF_PRIMARY, POOL_SIZE, POOL_TYPE };
enum pool_type { POOL_RANDOM, POOL_BLOCK };
static const char *const pool_types[] = {"random", "block", NULL};

/* By default the pool of each target is everything. */
static uint64_t pool_size(const struct projection *projection)
{
    const struct rule_value *value = &projection->arguments[POOL_SIZE];
    return value->given ? (uint64_t)value->number : projection->pool->size;
}

static int check_block(const struct projection *projection, struct fault *fault)
{
    uint64_t size = pool_size(projection), n_target = projection->target->size, n_pool = projection->pool->size;
    if (size == 1 && n_target % n_pool != 0)
        return source_fault(
            fault, projection->rule_span,
            "block pools of one node need a number of targets that is a multiple of the number of nodes in the pool, "
            "but there are %llu targets and %llu nodes in %s",
            (unsigned long long)n_target, (unsigned long long)n_pool, projection->pool->name);
    if (size > 1 && n_target * size != n_pool)
        return source_fault(fault, projection->rule_span,
                            "block pools of %llu nodes for %llu targets need a pool of %llu nodes, but %s has %llu",
                            (unsigned long long)size, (unsigned long long)n_target, (unsigned long long)(n_target * size),
                            projection->pool->name, (unsigned long long)n_pool);
    return 0;
}

static int tripartite_check(const struct projection *projection, struct fault *fault)
{
    uint64_t size = pool_size(projection), n_pool = projection->pool->size;
    if (n_pool == 0)
        return source_fault(fault, projection->rule_span, "the pool %s is empty", projection->pool->name);
    if (size > n_pool)
        return source_fault(fault, projection->rule_span, "pool_size = %llu is more than the %llu nodes of %s",
                            (unsigned long long)size, (unsigned long long)n_pool, projection->pool->name);
    if (projection->arguments[POOL_TYPE].word == POOL_BLOCK)
        return check_block(projection, fault);
    return 0;
}

#define EMPTY UINT32_MAX

/* Put a member into the hash table (open addressing, `mask` + 1 places) unless it is there already. */
static bool insert(node_id *table, uint64_t mask, node_id member)
{
    uint64_t place = member * UINT64_C(0x9e3779b97f4a7c15) >> 32 & mask;
    while (table[place] != EMPTY) {
        if (table[place] == member)
            return false;
        place = (place + 1) & mask;
    }
    table[place] = member;
    return true;
}

/* `size` different nodes out of n, each such set being equally likely (R. W. Floyd, in: J. Bentley, "Programming pearls: a sample
 * of brilliance", Commun. ACM 30:754, 1987). Lives in the scratch of `draw`, behind the hash table. */
static const node_id *draw_pool(struct random_key key, uint64_t target_position, uint64_t size, uint64_t n, struct draw *draw)
{
    uint64_t places = 4;
    while (places < 2 * size)
        places *= 2;
    node_id *table = draw_scratch(draw, places + size), *pool = table + places;
    memset(table, 0xff, places * sizeof *table); /* EMPTY */
    struct random_stream stream = random_stream_start(key, (uint32_t)target_position, 0);
    for (uint64_t k = 0; k < size; k++) {
        node_id last = (node_id)(n - size + k), member = (node_id)random_stream_below(&stream, (uint64_t)last + 1);
        if (!insert(table, places - 1, member)) {
            member = last;
            insert(table, places - 1, member);
        }
        pool[k] = member;
    }
    return pool;
}

/* The pool of a target: the run of `size` nodes that begins at *first, or the listed ones. */
static const node_id *target_pool(uint64_t seed, const struct projection *projection, uint64_t target_position, uint64_t size,
                                  node_id *first, struct draw *draw)
{
    uint64_t n = projection->pool->size;
    *first = 0;
    if (size == n)
        return NULL;
    if (projection->arguments[POOL_TYPE].word == POOL_RANDOM)
        return draw_pool(random_key(seed, RANDOM_POOL, projection->name, NULL, 0), target_position, size, n, draw);
    *first = (node_id)(size > 1 ? target_position * size : target_position / (projection->target->size / n));
    return NULL;
}

#define BATCH 32

/* Which of the connections take a third node, and which member of the pool. One uniform number decides both: below p there is
 * one, and then number / p, again uniform, says which. No branch depends on the numbers, since none could be foreseen. */
static void draw_members(struct random_stream stream, double p, uint64_t size, struct draw *draw)
{
    double numbers[BATCH];
    draw_reserve_thirds(draw, draw->n);
    draw->n_thirds = 0;
    for (uint64_t k = 0; k < draw->n; k++) {
        if (k % BATCH == 0)
            random_stream_fill_open_uniform(&stream, numbers, BATCH);
        double number = numbers[k % BATCH];
        int64_t member = (int64_t)((number < p ? number : p) / p * (double)size);
        member -= member == (int64_t)size; /* rounded up, or there is none */
        draw->thirds[draw->n_thirds] = (struct third){draw->sources[k], (node_id)member};
        draw->n_thirds += number < p;
    }
}

static void tripartite_draw(uint64_t seed, const struct projection *projection, uint64_t target_position, struct draw *draw)
{
    draw_bernoulli(seed, projection, target_position, projection->arguments[P_PRIMARY].number, draw);
    double p = projection->arguments[P_THIRD_IF_PRIMARY].number;
    draw->n_thirds = 0;
    if (p <= 0)
        return;
    uint64_t size = pool_size(projection);
    struct random_key key = random_key(seed, RANDOM_THIRD, projection->name, NULL, 0);
    draw_members(random_stream_start(key, (uint32_t)target_position, 0), p, size, draw);
    node_id first;
    const node_id *pool = target_pool(seed, projection, target_position, size, &first, draw);
    for (uint64_t k = 0; k < draw->n_thirds; k++)
        draw->thirds[k].node = pool ? pool[draw->thirds[k].node] : first + draw->thirds[k].node;
}

static double tripartite_expected(const struct projection *projection, enum connection_role role)
{
    double primary = projection->arguments[P_PRIMARY].number * (double)projection->source->size *
                     (double)projection->target->size;
    return role == ROLE_PRIMARY ? primary : projection->arguments[P_THIRD_IF_PRIMARY].number * primary;
}

const struct rule rule_tripartite_bernoulli_with_pool = {
    .signature =
        {.name = "tripartite_bernoulli_with_pool",
         .tripartite = true,
         .text = "each pair with probability p_primary; with p_third_if_primary it takes a third node from the target's pool",
         .arguments = {[P_PRIMARY] = {.name = "p_primary", .kind = RULE_PROBABILITY, .required = true},
                       [P_THIRD_IF_PRIMARY] = {.name = "p_third_if_primary", .kind = RULE_PROBABILITY, .value = 1},
                       [POOL_SIZE] = {.name = "pool_size", .kind = RULE_COUNT},
                       [POOL_TYPE] = {.name = "pool_type", .kind = RULE_WORD, .words = pool_types}},
         .check = tripartite_check},
    .draw = tripartite_draw,
    .expected = tripartite_expected,
};
