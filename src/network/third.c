#include "network/third.h"

#include "language/source.h"
#include "network/draw.h"

enum pool_type { POOL_RANDOM, POOL_BLOCK };
const char *const third_pool_types[] = {"random", "block", NULL};

struct third_part third_part(const struct projection *projection, const struct rule_value *p, const struct rule_value *pool_size,
                             const struct rule_value *pool_type)
{
    return (struct third_part){.p = p->number,
                               .pool_size = pool_size->given ? (uint64_t)pool_size->number : projection->pool->size,
                               .block = pool_type->word == POOL_BLOCK};
}

static int check_block(const struct third_part *part, const struct projection *projection, struct span span, struct fault *fault)
{
    uint64_t size = part->pool_size, n_target = projection->target->size, n_pool = projection->pool->size;
    if (size == 1 && n_target % n_pool != 0)
        return source_fault(
            fault, span,
            "block pools of one node need a number of targets that is a multiple of the number of nodes in the pool, "
            "but there are %llu targets and %llu nodes in %s",
            (unsigned long long)n_target, (unsigned long long)n_pool, projection->pool->name);
    if (size > 1 && n_target * size != n_pool)
        return source_fault(fault, span, "block pools of %llu nodes for %llu targets need a pool of %llu nodes, but %s has %llu",
                            (unsigned long long)size, (unsigned long long)n_target, (unsigned long long)(n_target * size),
                            projection->pool->name, (unsigned long long)n_pool);
    return 0;
}

int third_check(const struct third_part *part, const struct projection *projection, struct span span, struct fault *fault)
{
    uint64_t n_pool = projection->pool->size;
    if (n_pool == 0)
        return source_fault(fault, span, "the pool %s is empty", projection->pool->name);
    if (part->pool_size > n_pool)
        return source_fault(fault, span, "pool_size = %llu is more than the %llu nodes of %s",
                            (unsigned long long)part->pool_size, (unsigned long long)n_pool, projection->pool->name);
    return part->block ? check_block(part, projection, span, fault) : 0;
}

/* The pool of a target: the run of nodes that begins at *first, or the listed ones, which stand behind the draw's own nodes. */
static const node_id *target_pool(struct draw *draw, uint64_t target_position, node_id *first)
{
    const struct projection *projection = draw->drawing->projection;
    const struct third_part *part = &draw->drawing->third;
    uint64_t n = projection->pool->size, n_sources = draw->n;
    *first = 0;
    if (part->pool_size == n)
        return NULL;
    if (part->block) {
        *first = (node_id)(part->pool_size > 1 ? target_position * part->pool_size
                                               : target_position / (projection->target->size / n));
        return NULL;
    }
    struct random_stream stream = drawing_stream(draw->drawing, RANDOM_POOL, target_position);
    draw_different(draw, &stream, (struct choice){n, UINT64_MAX}, part->pool_size);
    draw->n = n_sources;
    return draw->nodes + n_sources;
}

/* Which of the connections take a third node, and which member of the pool. One uniform number decides both: below p there is
 * one, and then number / p, again uniform, says which. No branch depends on the numbers, since none could be foreseen. */
static void draw_members(struct draw *draw, struct random_stream stream)
{
    double p = draw->drawing->third.p, size = (double)draw->drawing->third.pool_size, scale = size / p;
    draw_reserve_pairs(draw, draw->n + 1); /* one more may be written than counts */
    struct pair *next = draw->pairs;
    for (uint64_t done = 0; done < draw->n; done += RANDOM_PAGE_NUMBERS) {
        uint64_t n = draw->n - done < RANDOM_PAGE_NUMBERS ? draw->n - done : RANDOM_PAGE_NUMBERS;
        double numbers[RANDOM_PAGE_NUMBERS], scaled[RANDOM_PAGE_NUMBERS];
        node_id members[RANDOM_PAGE_NUMBERS];
        random_stream_fill_open_uniform(&stream, numbers, RANDOM_PAGE_NUMBERS);
        for (int k = 0; k < RANDOM_PAGE_NUMBERS; k++) {
            double member = numbers[k] * scale;
            scaled[k] = member < size - 1 ? member : size - 1; /* rounded up, or there is none */
        }
        draw_whole_parts(scaled, members);
        const node_id *sources = draw->nodes + done;
        for (uint64_t k = 0; k < n; k++) {
            *next = (struct pair){sources[k], members[k]};
            next += numbers[k] < p;
        }
    }
    draw->n_pairs = (uint64_t)(next - draw->pairs);
}

void third_draw(struct draw *draw, uint64_t target_position)
{
    draw->n_pairs = 0;
    if (draw->drawing->third.p <= 0)
        return;
    draw_members(draw, drawing_stream(draw->drawing, RANDOM_THIRD, target_position));
    node_id first;
    const node_id *pool = target_pool(draw, target_position, &first);
    for (uint64_t k = 0; k < draw->n_pairs; k++)
        draw->pairs[k].node = pool ? pool[draw->pairs[k].node] : first + draw->pairs[k].node;
}
