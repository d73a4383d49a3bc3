#include "network/draw.h"

#include <string.h>

#include "network/rule.h"
#include "support/maths.h"
#include "support/memory.h"

#define BATCH 32 /* numbers are drawn this many at a time */

/* ---- what is drawn ------------------------------------------------------------------------------------------------------ */

void drawing_create(uint64_t seed, const struct projection *projection, struct drawing *drawing)
{
    *drawing = (struct drawing){
        .seed = seed,
        .projection = projection,
        .rule = rule_find(projection->rule->name),
        .multapses = rule_allows(projection, "multapses"),
        .third = rule_third_part(projection),
    };
    bool by_target = drawing->rule->draw_target;
    if (!rule_allows(projection, "autapses"))
        overlap_create(by_target ? projection->target : projection->source, by_target ? projection->source : projection->target,
                       &drawing->forbidden);
}

void drawing_release(struct drawing *drawing)
{
    overlap_release(&drawing->forbidden);
}

struct random_stream drawing_stream(const struct drawing *drawing, enum random_purpose purpose, uint64_t position)
{
    return random_stream_start(random_key(drawing->seed, purpose, drawing->projection->name, NULL, 0), (uint32_t)position, 0);
}

/* ---- room --------------------------------------------------------------------------------------------------------------- */

void draw_create(const struct drawing *drawing, struct draw *draw)
{
    *draw = (struct draw){.drawing = drawing};
}

/* At least doubles, so that growing costs little. */
static uint64_t larger(uint64_t needed, uint64_t capacity)
{
    return needed > 2 * capacity ? needed : 2 * capacity;
}

void draw_reserve(struct draw *draw, uint64_t capacity)
{
    if (capacity <= draw->capacity)
        return;
    draw->capacity = larger(capacity, draw->capacity);
    draw->nodes = MEMORY_RESIZE(draw->nodes, draw->capacity, node_id, TEMPORARY);
}

void draw_reserve_pairs(struct draw *draw, uint64_t capacity)
{
    if (capacity <= draw->pairs_capacity)
        return;
    draw->pairs_capacity = larger(capacity, draw->pairs_capacity);
    draw->pairs = MEMORY_RESIZE(draw->pairs, draw->pairs_capacity, struct pair, TEMPORARY);
}

node_id *draw_scratch(struct draw *draw, uint64_t size)
{
    if (size > draw->scratch_capacity) {
        draw->scratch_capacity = size;
        draw->scratch = MEMORY_RESIZE(draw->scratch, size, node_id, TEMPORARY);
    }
    return draw->scratch;
}

void draw_release(struct draw *draw)
{
    memory_free(draw->nodes);
    memory_free(draw->pairs);
    memory_free(draw->scratch);
    *draw = (struct draw){0};
}

/* ---- choosing nodes ----------------------------------------------------------------------------------------------------- */

struct choice choice_of(const struct drawing *drawing, uint64_t set_size, uint64_t position)
{
    uint64_t self;
    if (overlap_find(&drawing->forbidden, position, &self))
        return (struct choice){set_size - 1, self};
    return (struct choice){set_size, UINT64_MAX};
}

void draw_independent(struct draw *draw, struct random_stream *stream, struct choice choice, uint64_t count)
{
    double numbers[BATCH];
    draw_reserve(draw, draw->n + count);
    for (uint64_t done = 0; done < count;) {
        uint64_t n = count - done < BATCH ? count - done : BATCH;
        random_stream_fill_open_uniform(stream, numbers, n);
        for (uint64_t k = 0; k < n; k++) {
            uint64_t place = (uint64_t)(int64_t)(numbers[k] * (double)choice.n);
            place -= place == choice.n; /* rounded up */
            draw->nodes[draw->n++] = choice_at(choice, place);
        }
        done += n;
    }
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

/* R. W. Floyd, in: J. Bentley, "Programming pearls: a sample of brilliance", Commun. ACM 30:754, 1987. */
void draw_different(struct draw *draw, struct random_stream *stream, struct choice choice, uint64_t count)
{
    uint64_t places = 4;
    while (places < 2 * count)
        places *= 2;
    node_id *table = draw_scratch(draw, places);
    memset(table, 0xff, places * sizeof *table); /* EMPTY */
    draw_reserve(draw, draw->n + count);
    for (uint64_t k = 0; k < count; k++) {
        node_id last = (node_id)(choice.n - count + k), member = (node_id)random_stream_below(stream, (uint64_t)last + 1);
        if (!insert(table, places - 1, member)) {
            member = last;
            insert(table, places - 1, member);
        }
        draw->nodes[draw->n++] = choice_at(choice, member);
    }
}

void draw_nodes(struct draw *draw, struct random_stream *stream, struct choice choice, uint64_t count)
{
    if (draw->drawing->multapses)
        draw_independent(draw, stream, choice, count);
    else
        draw_different(draw, stream, choice, count);
}

/* How many nodes are passed over before each of the next ones; at most `limit`, since the number may be huge. */
static void draw_passed(struct random_stream *stream, double scale, double limit, uint64_t passed[BATCH])
{
    double numbers[BATCH];
    random_stream_fill_open_uniform(stream, numbers, BATCH);
    for (int k = 0; k < BATCH; k += LANES)
        lanes_storeu(numbers + k, lanes_mul(lanes_log(lanes_loadu(numbers + k)), lanes_set1(scale)));
    for (int k = 0; k < BATCH; k++)
        passed[k] = (uint64_t)(int64_t)(numbers[k] < limit ? numbers[k] : limit);
}

/* The number of nodes that are passed over before the next one has a geometric distribution: floor(log(u) / log(1 - p)) with u
 * uniform in (0, 1). So the work grows with the connections, not with the pairs. */
void draw_bernoulli(struct draw *draw, struct random_stream *stream, struct choice choice, double p)
{
    if (p <= 0)
        return;
    double scale = 1 / maths_log1p(-p); /* p = 1: 1 / -inf, so that nothing is passed over */
    uint64_t next = 0;
    for (;;) {
        uint64_t passed[BATCH];
        draw_passed(stream, scale, (double)choice.n, passed);
        draw_reserve(draw, draw->n + BATCH);
        for (int k = 0; k < BATCH; k++) {
            next += passed[k];
            if (next >= choice.n)
                return;
            draw->nodes[draw->n++] = choice_at(choice, next++);
        }
    }
}
