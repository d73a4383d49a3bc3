#include "network/draw.h"

#include <string.h>

#include "network/rule.h"
#include "support/maths.h"
#include "support/memory.h"

/* ---- what is drawn ------------------------------------------------------------------------------------------------------ */

void drawing_create(const struct script *script, const struct projection *projection, struct drawing *drawing)
{
    *drawing = (struct drawing){
        .seed = script->seed,
        .projection = projection,
        .rule = rule_find(projection->rule->name),
        .multapses = rule_allows(projection, "multapses"),
        .third = rule_third_part(projection),
    };
    bool by_target = drawing->rule->draw_target;
    if (!rule_allows(projection, "autapses"))
        overlap_create(by_target ? projection->target : projection->source, by_target ? projection->source : projection->target,
                       &drawing->forbidden);
    if (by_pair_is_needed(projection)) {
        drawing->by_pair = MEMORY_NEW(1, struct by_pair, TEMPORARY);
        by_pair_create(script, projection, drawing->by_pair);
    }
    if (generated_values_are_needed(projection)) {
        drawing->generated = MEMORY_NEW(1, struct generated_values, TEMPORARY);
        generated_values_create(script, projection, drawing->generated);
    }
}

void drawing_release(struct drawing *drawing)
{
    overlap_release(&drawing->forbidden);
    if (drawing->by_pair)
        by_pair_release(drawing->by_pair);
    memory_free(drawing->by_pair);
    if (drawing->generated)
        generated_values_release(drawing->generated);
    memory_free(drawing->generated);
}

struct random_stream drawing_stream(const struct drawing *drawing, enum random_purpose purpose, uint64_t position)
{
    return random_stream_start(random_key(drawing->seed, purpose, drawing->projection->name, NULL, 0), (uint32_t)position, 0);
}

/* ---- room --------------------------------------------------------------------------------------------------------------- */

void draw_create(const struct drawing *drawing, struct draw *draw)
{
    *draw = (struct draw){.drawing = drawing};
    if (drawing->by_pair)
        by_pair_draw_create(drawing->by_pair, &draw->by_pair);
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
    by_pair_draw_release(&draw->by_pair);
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

/* Added to 2^52, a whole number stands in the lowest bits. */
void draw_whole_parts(const double numbers[RANDOM_PAGE_NUMBERS], uint32_t whole[RANDOM_PAGE_NUMBERS])
{
    double sums[RANDOM_PAGE_NUMBERS];
    uint64_t bits[RANDOM_PAGE_NUMBERS];
    for (int k = 0; k < RANDOM_PAGE_NUMBERS; k += LANES)
        lanes_storeu(sums + k, lanes_add(lanes_floor(lanes_loadu(numbers + k)), lanes_set1(0x1p52)));
    memcpy(bits, sums, sizeof bits);
    for (int k = 0; k < RANDOM_PAGE_NUMBERS; k++)
        whole[k] = (uint32_t)bits[k];
}

void draw_independent(struct draw *draw, struct random_stream *stream, struct choice choice, uint64_t count)
{
    draw_reserve(draw, draw->n + count);
    node_id *drawn = draw->nodes + draw->n;
    random_stream_fill_below(stream, (uint32_t)choice.n, drawn, count);
    if (choice.self != UINT64_MAX)
        for (uint64_t k = 0; k < count; k++)
            drawn[k] += drawn[k] >= (node_id)choice.self;
    draw->n += count;
}

/* One number after the other, each below a bound of its own; as random_stream_fill_below. */
struct words {
    struct random_stream *stream;
    uint32_t word[RANDOM_PAGE_WORDS];
    int n; /* used up */
};

static uint32_t words_below(struct words *words, uint32_t bound)
{
    for (;;) {
        if (words->n == RANDOM_PAGE_WORDS) {
            random_stream_page_words(words->stream, words->word);
            words->n = 0;
        }
        uint64_t product = (uint64_t)words->word[words->n++] * bound;
        if ((uint32_t)product >= bound || (uint32_t)product >= -bound % bound) /* the remainder of 2^32 is seldom needed */
            return (uint32_t)(product >> 32);
    }
}

#define EMPTY UINT32_MAX

/* Open addressing. */
void draw_members_begin(struct draw *draw, uint64_t count)
{
    uint64_t places = 4;
    while (places < 2 * count)
        places *= 2;
    memset(draw_scratch(draw, places), 0xff, places * sizeof *draw->scratch); /* EMPTY */
    draw->members_mask = places - 1;
}

static uint64_t place_of_member(const struct draw *draw, node_id member)
{
    uint64_t place = member * UINT64_C(0x9e3779b97f4a7c15) >> 32 & draw->members_mask;
    while (draw->scratch[place] != EMPTY && draw->scratch[place] != member)
        place = (place + 1) & draw->members_mask;
    return place;
}

bool draw_members_has(const struct draw *draw, node_id member)
{
    return draw->scratch[place_of_member(draw, member)] == member;
}

bool draw_members_add(struct draw *draw, node_id member)
{
    uint64_t place = place_of_member(draw, member);
    bool is_new = draw->scratch[place] == EMPTY;
    draw->scratch[place] = member;
    return is_new;
}

/* Where few of many are drawn, members are remembered in a hash table. */
static void draw_sparse(struct draw *draw, struct words *words, uint64_t n, uint64_t count)
{
    draw_members_begin(draw, count);
    for (uint64_t last = n - count; last < n; last++) {
        node_id member = words_below(words, (uint32_t)last + 1);
        if (!draw_members_add(draw, member)) {
            member = (node_id)last;
            draw_members_add(draw, member);
        }
        draw->nodes[draw->n++] = member;
    }
}

/* Else in a bit for each node. */
static void draw_dense(struct draw *draw, struct words *words, uint64_t n, uint64_t count)
{
    uint64_t size = n / 32 + 1;
    uint32_t *bits = draw_scratch(draw, size);
    memset(bits, 0, size * sizeof *bits);
    for (uint64_t last = n - count; last < n; last++) {
        node_id member = words_below(words, (uint32_t)last + 1);
        member = bits[member / 32] >> member % 32 & 1 ? (node_id)last : member;
        bits[member / 32] |= UINT32_C(1) << member % 32;
        draw->nodes[draw->n++] = member;
    }
}

/* R. W. Floyd, in: J. Bentley, "Programming pearls: a sample of brilliance", Commun. ACM 30:754, 1987. */
void draw_different(struct draw *draw, struct random_stream *stream, struct choice choice, uint64_t count)
{
    struct words words = {.stream = stream, .n = RANDOM_PAGE_WORDS};
    uint64_t first = draw->n;
    draw_reserve(draw, draw->n + count);
    if (choice.n / 64 > count)
        draw_sparse(draw, &words, choice.n, count);
    else
        draw_dense(draw, &words, choice.n, count);
    for (uint64_t k = first; choice.self != UINT64_MAX && k < draw->n; k++)
        draw->nodes[k] = choice_at(choice, draw->nodes[k]);
}

void draw_nodes(struct draw *draw, struct random_stream *stream, struct choice choice, uint64_t count)
{
    if (draw->drawing->multapses)
        draw_independent(draw, stream, choice, count);
    else
        draw_different(draw, stream, choice, count);
}

/* How many nodes are passed over before each of the next ones; at most `limit`, since the number may be huge. */
static void draw_passed(struct random_stream *stream, double scale, double limit, uint32_t passed[RANDOM_PAGE_NUMBERS])
{
    double numbers[RANDOM_PAGE_NUMBERS];
    random_stream_fill_open_uniform(stream, numbers, RANDOM_PAGE_NUMBERS);
    for (int k = 0; k < RANDOM_PAGE_NUMBERS; k += LANES) {
        lanes number = lanes_mul(lanes_log_of_normal(lanes_loadu(numbers + k)), lanes_set1(scale));
        lanes_storeu(numbers + k, lanes_min(number, lanes_set1(limit)));
    }
    draw_whole_parts(numbers, passed);
}

/* The number of nodes that are passed over before the next one has a geometric distribution: floor(log(u) / log(1 - p)) with u
 * uniform in (0, 1). So the work grows with the connections, not with the pairs. */
void draw_bernoulli(struct draw *draw, struct random_stream *stream, struct choice choice, double p)
{
    if (p <= 0)
        return;
    double scale = 1 / maths_log1p(-p); /* p = 1: 1 / -inf, so that nothing is passed over */
    uint64_t next = 0;
    while (next < choice.n) {
        uint32_t passed[RANDOM_PAGE_NUMBERS];
        uint64_t places[RANDOM_PAGE_NUMBERS];
        draw_passed(stream, scale, (double)choice.n, passed);
        for (int k = 0; k < RANDOM_PAGE_NUMBERS; k++) {
            places[k] = next + passed[k];
            next = places[k] + 1;
        }
        draw_reserve(draw, draw->n + RANDOM_PAGE_NUMBERS);
        for (int k = 0; k < RANDOM_PAGE_NUMBERS; k++)
            draw->nodes[draw->n + (uint64_t)k] = choice_at(choice, places[k]);
        int n = RANDOM_PAGE_NUMBERS;
        while (n > 0 && places[n - 1] >= choice.n)
            n--;
        draw->n += (uint64_t)n;
    }
}

void draw_pairwise_bernoulli(struct draw *draw, struct random_stream *stream, uint64_t target_position, int p)
{
    const struct projection *projection = draw->drawing->projection;
    draw->n = 0;
    if (draw->drawing->by_pair)
        draw_bernoulli_by_pair(draw, stream, target_position);
    else
        draw_bernoulli(draw, stream, choice_of(draw->drawing, projection->source->size, target_position),
                       projection->arguments[p].number);
}
