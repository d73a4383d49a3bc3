#include "network/by_distance.h"

#include <math.h>
#include <string.h>

#include "network/rule.h"
#include "support/lanes.h"
#include "support/maths.h"
#include "support/memory.h"

/* ---- the argument ------------------------------------------------------------------------------------------------------- */

int by_distance_argument(const struct projection *projection)
{
    for (int k = 0; k < RULE_ARGUMENTS_MAX && projection->rule->arguments[k].name; k++)
        if (projection->arguments[k].expression)
            return k;
    return -1;
}

double by_distance_limit(const struct projection *projection, int argument)
{
    if (projection->rule->arguments[argument].kind == RULE_PROBABILITY)
        return 1;
    return POISSON_MEAN_MAX / (double)projection->source->size;
}

void by_distance_create(const struct script *script, const struct projection *projection, struct by_distance *out)
{
    int argument = by_distance_argument(projection);
    *out = (struct by_distance){
        .script = script,
        .projection = projection,
        .argument = argument,
        .limit = by_distance_limit(projection, argument),
    };
    node_tree_create(script, projection->source, &out->sources);
    pair_value_create(script, projection->arguments[argument].expression, &out->value);
    pair_bounds_create(&out->value, out->sources.refused ? 1 : node_tree_extent(&out->sources), &out->bounds);
}

void by_distance_release(struct by_distance *by_distance)
{
    node_tree_release(&by_distance->sources);
    pair_value_release(&by_distance->value);
    pair_bounds_release(&by_distance->bounds);
}

void by_distance_draw_create(const struct by_distance *by_distance, struct by_distance_draw *draw)
{
    *draw = (struct by_distance_draw){0};
    places_create(by_distance->script, by_distance->projection->target, &draw->targets);
    draw->scratch = memory_new(pair_value_scratch_bytes(&by_distance->value), MEMORY_TEMPORARY);
    if (by_distance->sources.refused)
        draw->refusal = (struct refusal){.kind = REFUSED_SOURCE_PLACE, .source = by_distance->sources.refused_position};
}

void by_distance_draw_release(struct by_distance_draw *draw)
{
    places_destroy(&draw->targets);
    memory_free(draw->offers);
    memory_free(draw->scratch);
    *draw = (struct by_distance_draw){0};
}

/* ---- one target --------------------------------------------------------------------------------------------------------- */

/* A target that looks for its sources. */
struct search {
    struct draw *draw;
    struct by_distance_draw *own;
    const struct by_distance *by_distance;
    uint64_t target;
    uint64_t self; /* its own position among the sources, if it must not connect with itself; else UINT64_MAX */
    double place[POSITION_DIMENSIONS_MAX];
    double little; /* so much of what is offered may be in vain, before it pays to look at a branch more closely */
    struct pair_leaves leaves;
    double uniform[RANDOM_PAGE_NUMBERS]; /* random numbers, drawn a page at a time */
    int n_used;
};

static void refuse(struct search *search, struct refusal refusal)
{
    struct refusal *first = &search->own->refusal;
    refusal.target = search->target;
    if (first->kind == REFUSED_NOTHING || refusal.target < first->target ||
        (refusal.target == first->target && refusal.source < first->source))
        *first = refusal;
}

/* False if there is nothing to be drawn. */
static bool search_begin(struct draw *draw, uint64_t target, struct search *search)
{
    const struct by_distance *by_distance = draw->drawing->by_distance;
    *search = (struct search){
        .draw = draw,
        .own = &draw->by_distance,
        .by_distance = by_distance,
        .target = target,
        .self = choice_of(draw->drawing, by_distance->projection->source->size, target).self,
        .little = 16,
        .n_used = RANDOM_PAGE_NUMBERS,
    };
    search->own->n = 0;
    const struct refusal *first = &search->own->refusal;
    if (by_distance->sources.refused || (first->kind != REFUSED_NOTHING && target > first->target))
        return false; /* the network is not to be */
    bool placed = places_at_one(search->own->targets, target, search->place);
    if (!placed)
        refuse(search, (struct refusal){.kind = REFUSED_TARGET_PLACE});
    return placed;
}

/* The values of LANES sources, given in order of the tree. */
static const double *values_of(struct search *search, const uint32_t nodes[LANES])
{
    node_tree_distance(&search->by_distance->sources, search->place, nodes, search->leaves.distance);
    return pair_value_compute(&search->by_distance->value, &search->leaves, search->own->scratch);
}

/* ---- what is offered ---------------------------------------------------------------------------------------------------- */

/* A little outside is taken for rounding. */
static bool is_allowed(const struct search *search, struct interval values)
{
    const double margin = 1e-9;
    return values.low >= -margin && values.high <= search->by_distance->limit * (1 + margin);
}

/* The largest value over a part, from all of its sources. */
static double look_at_all(struct search *search, struct tree_branch branch)
{
    const struct node_tree *sources = &search->by_distance->sources;
    double largest = 0;
    for (uint64_t first = branch.begin; first < branch.end; first += LANES) {
        uint32_t nodes[LANES];
        for (uint32_t lane = 0; lane < LANES; lane++)
            nodes[lane] = (uint32_t)(first + lane < branch.end ? first + lane : branch.end - 1);
        const double *values = values_of(search, nodes);
        for (int lane = 0; lane < LANES; lane++) {
            node_id source = sources->position[nodes[lane]];
            if (source == search->self)
                continue;
            if (!is_allowed(search, (struct interval){values[lane], values[lane]}))
                refuse(search, (struct refusal){.kind = REFUSED_VALUE,
                                                .source = source,
                                                .distance = search->leaves.distance[lane],
                                                .value = values[lane]});
            else
                largest = values[lane] > largest ? values[lane] : largest;
        }
    }
    return largest;
}

static void offer(struct search *search, struct tree_branch branch, double bound)
{
    struct by_distance_draw *own = search->own;
    if (bound <= 0)
        return;
    bound = bound < search->by_distance->limit ? bound : search->by_distance->limit;
    const struct offer *last = own->n ? &own->offers[own->n - 1] : NULL;
    double before = last ? last->before + (double)(last->end - last->begin) * last->bound : 0;
    *MEMORY_PUSH(own->offers, own->n, own->capacity, struct offer,
                 TEMPORARY) = (struct offer){.begin = branch.begin, .end = branch.end, .bound = bound, .before = before};
}

/* Between which numbers the values over a part lie. */
static struct interval values_over(const struct search *search, struct tree_branch branch)
{
    const struct by_distance *by_distance = search->by_distance;
    return pair_bounds_between(&by_distance->bounds, node_tree_distances(&by_distance->sources, branch, search->place));
}

static void look_at(struct search *search, struct tree_branch branch)
{
    struct interval values = values_over(search, branch);
    bool allowed = is_allowed(search, values);
    double wasted = (double)(branch.end - branch.begin) * (values.high - values.low);
    if (allowed && (values.low >= values.high / 2 || wasted <= search->little)) {
        offer(search, branch, values.high);
    } else if (node_tree_is_leaf(&search->by_distance->sources, branch)) {
        offer(search, branch, allowed ? values.high : look_at_all(search, branch));
    } else {
        look_at(search, node_tree_child(&search->by_distance->sources, branch, 0));
        look_at(search, node_tree_child(&search->by_distance->sources, branch, 1));
    }
}

/* ---- thinning ----------------------------------------------------------------------------------------------------------- */

/* Sources that were proposed, each with the bound that it was proposed with. */
struct proposals {
    uint32_t nodes[LANES]; /* in order of the tree */
    double bound[LANES];
    int n;
};

/* LANES uniform random numbers. */
static const double *next_uniforms(struct search *search, struct random_stream *stream)
{
    if (search->n_used == RANDOM_PAGE_NUMBERS) {
        random_stream_fill_open_uniform(stream, search->uniform, RANDOM_PAGE_NUMBERS);
        search->n_used = 0;
    }
    search->n_used += LANES;
    return search->uniform + search->n_used - LANES;
}

/* Which of the proposed sources are accepted, as bits. */
static unsigned accepted(struct search *search, struct random_stream *stream, struct proposals *proposals)
{
    unsigned bits = 0;
    for (int lane = proposals->n; lane < LANES; lane++)
        proposals->nodes[lane] = proposals->nodes[0];
    const double *numbers = next_uniforms(search, stream), *values = values_of(search, proposals->nodes);
    for (int lane = 0; lane < proposals->n; lane++)
        if (numbers[lane] * proposals->bound[lane] < values[lane] &&
            search->by_distance->sources.position[proposals->nodes[lane]] != search->self)
            bits |= 1u << lane;
    return bits;
}

static void take_accepted(struct search *search, struct random_stream *stream, struct proposals *proposals)
{
    if (proposals->n == 0)
        return;
    unsigned bits = accepted(search, stream, proposals);
    struct draw *draw = search->draw;
    draw_reserve(draw, draw->n + LANES);
    for (; bits; bits &= bits - 1)
        draw->nodes[draw->n++] = search->by_distance->sources.position[proposals->nodes[__builtin_ctz(bits)]];
    proposals->n = 0;
}

static void propose(struct search *search, struct random_stream *stream, struct proposals *proposals, uint32_t node, double bound)
{
    proposals->nodes[proposals->n] = node;
    proposals->bound[proposals->n++] = bound;
    if (proposals->n == LANES)
        take_accepted(search, stream, proposals);
}

/* Exponentially distributed numbers. */
struct exponentials {
    double numbers[RANDOM_PAGE_NUMBERS];
    int used;
};

static double next_exponential(struct random_stream *stream, struct exponentials *exponentials)
{
    if (exponentials->used == RANDOM_PAGE_NUMBERS) {
        random_stream_fill_open_uniform(stream, exponentials->numbers, RANDOM_PAGE_NUMBERS);
        for (int k = 0; k < RANDOM_PAGE_NUMBERS; k += LANES)
            lanes_storeu(exponentials->numbers + k, lanes_neg(lanes_log(lanes_loadu(exponentials->numbers + k))));
        exponentials->used = 0;
    }
    return exponentials->numbers[exponentials->used++];
}

/* The offers are seen as a line on which each source takes a length of 1, and points fall on it with a density: what is left of
 * an exponential number at the end of an offer goes on in the next one. Points with density `bound` are the proposals of a
 * Poisson process. With density -log(1 - bound) a source is hit with probability `bound`; it is proposed once, and the rest of
 * its length is passed over. */
static void thin(struct search *search, struct random_stream *stream, bool repeats)
{
    struct exponentials exponentials = {.used = RANDOM_PAGE_NUMBERS};
    struct proposals proposals = {.n = 0};
    double left = next_exponential(stream, &exponentials);
    for (uint64_t k = 0; k < search->own->n; k++) {
        const struct offer offer = search->own->offers[k];
        double density = repeats ? offer.bound : -maths_log1p(-offer.bound); /* bound 1: infinite, so that each one is hit */
        double length = (double)(offer.end - offer.begin), at = 0;
        while (at + left / density < length) {
            double hit = at + left / density;
            propose(search, stream, &proposals, (uint32_t)(offer.begin + (uint64_t)hit), offer.bound);
            at = repeats ? hit : floor(hit) + 1;
            left = next_exponential(stream, &exponentials);
        }
        if (at < length)
            left -= (length - at) * density;
        left = left > 0 ? left : 0; /* rounding */
    }
    take_accepted(search, stream, &proposals);
}

void draw_bernoulli_by_distance(struct draw *draw, struct random_stream *stream, uint64_t target)
{
    struct search search;
    if (!search_begin(draw, target, &search))
        return;
    look_at(&search, node_tree_root(&search.by_distance->sources));
    thin(&search, stream, false);
}

void draw_poisson_by_distance(struct draw *draw, struct random_stream *stream, uint64_t target)
{
    struct search search;
    if (!search_begin(draw, target, &search))
        return;
    look_at(&search, node_tree_root(&search.by_distance->sources));
    thin(&search, stream, true);
}

/* ---- a fixed number ----------------------------------------------------------------------------------------------------- */

/* The offer in which a number from 0 to the sum of all weights falls. */
static const struct offer *find_offer(const struct by_distance_draw *own, double number)
{
    uint64_t low = 0, high = own->n;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (own->offers[middle].before <= number)
            low = middle;
        else
            high = middle;
    }
    return &own->offers[low];
}

static void propose_by_weight(struct search *search, struct random_stream *stream, struct proposals *proposals)
{
    const struct by_distance_draw *own = search->own;
    const struct offer *last = &own->offers[own->n - 1];
    const double *numbers = next_uniforms(search, stream), total = last->before + (double)(last->end - last->begin) * last->bound;
    for (int lane = 0; lane < LANES; lane++) {
        double number = numbers[lane] * total;
        const struct offer *offer = find_offer(own, number);
        uint64_t place = offer->begin + (uint64_t)((number - offer->before) / offer->bound);
        proposals->nodes[lane] = (uint32_t)(place < offer->end ? place : offer->end - 1);
        proposals->bound[lane] = offer->bound;
    }
    proposals->n = LANES;
}

/* A source may be taken once, or again and again. */
static bool may_take(struct draw *draw, node_id source)
{
    return draw->drawing->multapses || draw_members_add(draw, source);
}

/* Propose and accept, but not for ever: what then is missing is left to draw_rest. */
static void draw_by_proposals(struct search *search, struct random_stream *stream, uint64_t count)
{
    struct draw *draw = search->draw;
    uint64_t rounds = search->own->n ? 64 + 8 * count : 0;
    for (; draw->n < count && rounds > 0; rounds--) {
        struct proposals proposals;
        propose_by_weight(search, stream, &proposals);
        unsigned bits = accepted(search, stream, &proposals);
        for (; bits && draw->n < count; bits &= bits - 1) {
            node_id source = search->by_distance->sources.position[proposals.nodes[__builtin_ctz(bits)]];
            if (may_take(draw, source))
                draw->nodes[draw->n++] = source;
        }
    }
}

/* A source that may be drawn, and its value. */
struct weighted {
    node_id source;
    double value;
};

static struct weighted *weigh_all(struct search *search, uint64_t *n)
{
    const struct node_tree *sources = &search->by_distance->sources;
    const struct draw *draw = search->draw;
    struct weighted *list = MEMORY_NEW(sources->n, struct weighted, TEMPORARY);
    *n = 0;
    for (uint64_t first = 0; first < sources->n; first += LANES) {
        uint32_t nodes[LANES];
        for (uint32_t lane = 0; lane < LANES; lane++)
            nodes[lane] = (uint32_t)(first + lane < sources->n ? first + lane : sources->n - 1);
        const double *values = values_of(search, nodes);
        for (uint64_t lane = 0; lane < LANES && first + lane < sources->n; lane++) {
            node_id source = sources->position[nodes[lane]];
            bool free = draw->drawing->multapses || !draw_members_has(draw, source);
            if (values[lane] > 0 && source != search->self && free)
                list[(*n)++] = (struct weighted){source, values[lane]};
        }
    }
    return list;
}

/* The index of an element, drawn with a probability in proportion to its value. */
static uint64_t pick(struct random_stream *stream, const struct weighted *list, uint64_t n)
{
    double total = 0, sum = 0;
    for (uint64_t k = 0; k < n; k++)
        total += list[k].value;
    double number = random_stream_open_uniform(stream) * total;
    for (uint64_t k = 0; k + 1 < n; k++) {
        sum += list[k].value;
        if (number < sum)
            return k;
    }
    return n - 1;
}

/* Where nearly all proposals fail: from the values of all sources. */
static void draw_rest(struct search *search, struct random_stream *stream, uint64_t count)
{
    struct draw *draw = search->draw;
    uint64_t n, n_before = draw->n;
    struct weighted *list = weigh_all(search, &n);
    uint64_t needed = draw->drawing->multapses ? 1 : count - draw->n;
    if (n < needed)
        refuse(search,
               (struct refusal){.kind = REFUSED_TOO_FEW, .value = (double)(n + (draw->drawing->multapses ? 0 : n_before))});
    while (n >= needed && draw->n < count) {
        uint64_t k = pick(stream, list, n);
        draw->nodes[draw->n++] = list[k].source;
        if (draw->drawing->multapses)
            continue;
        list[k] = list[--n];
        needed--;
    }
    memory_free(list);
}

void draw_nodes_by_distance(struct draw *draw, struct random_stream *stream, uint64_t target, uint64_t count)
{
    struct search search;
    if (count == 0 || !search_begin(draw, target, &search))
        return;
    struct tree_branch root = node_tree_root(&search.by_distance->sources);
    search.little = values_over(&search, root).high; /* what the best of all places may be worth */
    look_at(&search, root);
    draw_reserve(draw, count);
    draw_members_begin(draw, count);
    draw_by_proposals(&search, stream, count);
    if (draw->n < count)
        draw_rest(&search, stream, count);
}
