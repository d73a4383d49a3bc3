#include "network/by_pair.h"

#include <math.h>
#include <string.h>

#include "network/rule.h"
#include "support/lanes.h"
#include "support/maths.h"
#include "support/memory.h"

/* A pair has fewer synapses than this. */
#define COPIES_MAX 0x1p31

/* ---- the arguments ------------------------------------------------------------------------------------------------------ */

int by_pair_argument(const struct projection *projection, enum rule_argument_kind kind)
{
    const struct rule_argument *arguments = projection->rule->arguments;
    for (int k = 0; k < RULE_ARGUMENTS_MAX && arguments[k].name; k++)
        if (kind == RULE_CONDITION || kind == RULE_COPIES ? arguments[k].kind == kind
                                                          : arguments[k].may_use_pair && arguments[k].kind != RULE_COPIES)
            return k;
    return -1;
}

bool by_pair_is_needed(const struct projection *projection)
{
    for (int k = 0; k < RULE_ARGUMENTS_MAX && projection->rule->arguments[k].name; k++)
        if (projection->arguments[k].expression)
            return true;
    return false;
}

double by_pair_limit(const struct projection *projection, int argument)
{
    if (projection->rule->arguments[argument].kind == RULE_PROBABILITY)
        return 1;
    return POISSON_MEAN_MAX / (double)projection->source->size;
}

static bool is_computed(const struct projection *projection, int argument)
{
    return argument >= 0 && projection->arguments[argument].expression;
}

static void pair_sources_create(const struct by_pair *by_pair, const struct pair_value *value, struct pair_sources *own)
{
    const struct end_table *ends = &value->plan.ends;
    const struct node_tree *tree = &by_pair->sources;
    own->numbers = MEMORY_NEW(ends->n, double *, TEMPORARY);
    own->range = MEMORY_NEW(ends->n, struct interval *, TEMPORARY);
    for (int k = 0; k < ends->n; k++) {
        if (ends->values[k].kind != END_PRE)
            continue;
        double *by_position = start_values_all(by_pair->script, by_pair->projection->source, ends->values[k].variable,
                                               by_pair->projection->n_node_assignments);
        own->numbers[k] = MEMORY_NEW(tree->n, double, TEMPORARY);
        for (uint64_t place = 0; place < tree->n; place++)
            own->numbers[k][place] = by_position[tree->position[place]];
        memory_free(by_position);
        own->range[k] = node_tree_ranges(tree, own->numbers[k]);
    }
}

static void pair_sources_release(const struct pair_value *value, struct pair_sources *own)
{
    for (int k = 0; k < value->plan.ends.n; k++) {
        memory_free(own->numbers[k]);
        memory_free(own->range[k]);
    }
    memory_free(own->numbers);
    memory_free(own->range);
}

static struct interval *index_ranges(const struct node_tree *tree)
{
    double *index = MEMORY_NEW(tree->n, double, TEMPORARY);
    for (uint64_t place = 0; place < tree->n; place++)
        index[place] = tree->position[place];
    struct interval *ranges = node_tree_ranges(tree, index);
    memory_free(index);
    return ranges;
}

void by_pair_create(const struct script *script, const struct projection *projection, struct by_pair *out)
{
    *out = (struct by_pair){
        .script = script,
        .projection = projection,
        .condition = by_pair_argument(projection, RULE_CONDITION),
        .argument = by_pair_argument(projection, RULE_NUMBER),
        .copies = by_pair_argument(projection, RULE_COPIES),
    };
    out->limit = by_pair_limit(projection, out->argument);
    pair_value_create(script, projection, out->condition, out->argument, &out->value);
    out->computes_copies = is_computed(projection, out->copies);
    if (out->computes_copies)
        pair_value_create(script, projection, -1, out->copies, &out->copies_value);
    out->uses_distance = out->value.uses_distance || out->copies_value.uses_distance;
    if (out->uses_distance)
        node_tree_create(script, projection->source, &out->sources);
    else
        node_tree_create_plain(projection->source, &out->sources);
    if (out->sources.refused)
        return; /* the network is not to be */
    pair_sources_create(out, &out->value, &out->own);
    if (out->computes_copies)
        pair_sources_create(out, &out->copies_value, &out->copies_own);
    if (out->value.uses_index)
        out->index_range = index_ranges(&out->sources);
    out->is_of_distance = out->value.uses_distance && !out->value.uses_index && !out->value.uses_ends && !out->value.draws;
    if (out->is_of_distance)
        pair_bounds_create(&out->value, node_tree_extent(&out->sources), &out->bounds);
}

void by_pair_release(struct by_pair *by_pair)
{
    if (!by_pair->sources.refused)
        pair_sources_release(&by_pair->value, &by_pair->own);
    if (!by_pair->sources.refused && by_pair->computes_copies)
        pair_sources_release(&by_pair->copies_value, &by_pair->copies_own);
    memory_free(by_pair->index_range);
    node_tree_release(&by_pair->sources);
    pair_value_release(&by_pair->value);
    if (by_pair->computes_copies)
        pair_value_release(&by_pair->copies_value);
    if (by_pair->is_of_distance)
        pair_bounds_release(&by_pair->bounds);
}

double by_pair_bytes(const struct script *script, const struct projection *projection)
{
    struct by_pair by_pair;
    const double tree = node_tree_bytes(script, projection->source), number = 8 + 8 + 4; /* by position, sorted, ranges */
    const struct pair_value *values[] = {&by_pair.value, &by_pair.copies_value};
    int copies = by_pair_argument(projection, RULE_COPIES), n = 1; /* the position itself */
    pair_value_create(script, projection, by_pair_argument(projection, RULE_CONDITION), by_pair_argument(projection, RULE_NUMBER),
                      &by_pair.value);
    by_pair.copies_value = (struct pair_value){0};
    if (is_computed(projection, copies))
        pair_value_create(script, projection, -1, copies, &by_pair.copies_value);
    for (int v = 0; v < 2; v++)
        for (int k = 0; k < values[v]->plan.ends.n; k++)
            n += values[v]->plan.ends.values[k].kind == END_PRE;
    pair_value_release(&by_pair.value);
    if (is_computed(projection, copies))
        pair_value_release(&by_pair.copies_value);
    return tree + number * n * (double)projection->source->size;
}

/* ---- threads ------------------------------------------------------------------------------------------------------------ */

static void worker_create(const struct by_pair *by_pair, const struct pair_value *value, struct pair_worker *worker)
{
    const struct end_table *ends = &value->plan.ends;
    pair_maker_create(value, &worker->maker);
    worker->targets = MEMORY_NEW(ends->n, struct start_values *, TEMPORARY);
    worker->slots = MEMORY_NEW(ends->n * LANES, double, TEMPORARY);
    for (int k = 0; k < ends->n; k++)
        if (ends->values[k].kind == END_POST)
            start_values_create(by_pair->script, by_pair->projection->target, ends->values[k].variable,
                                by_pair->projection->n_node_assignments, &worker->targets[k]);
}

static void worker_release(struct pair_worker *worker)
{
    if (!worker->maker.value)
        return;
    for (int k = 0; k < worker->maker.value->plan.ends.n; k++)
        start_values_destroy(&worker->targets[k]);
    memory_free(worker->targets);
    memory_free(worker->slots);
    pair_maker_release(&worker->maker);
}

void by_pair_draw_create(const struct by_pair *by_pair, struct by_pair_draw *draw)
{
    *draw = (struct by_pair_draw){0};
    if (by_pair->uses_distance)
        places_create(by_pair->script, by_pair->projection->target, &draw->targets);
    worker_create(by_pair, &by_pair->value, &draw->value);
    if (by_pair->computes_copies)
        worker_create(by_pair, &by_pair->copies_value, &draw->copies);
    draw->slots = MEMORY_NEW(by_pair->value.plan.ends.n, struct interval, TEMPORARY);
    draw->registers = MEMORY_NEW(by_pair->value.plan.program.n_instructions, struct interval, TEMPORARY);
    if (by_pair->sources.refused)
        draw->refusal = (struct refusal){.kind = REFUSED_SOURCE_PLACE, .source = by_pair->sources.refused_position};
}

void by_pair_draw_release(struct by_pair_draw *draw)
{
    places_destroy(&draw->targets);
    worker_release(&draw->value);
    worker_release(&draw->copies);
    memory_free(draw->slots);
    memory_free(draw->registers);
    memory_free(draw->offers);
    *draw = (struct by_pair_draw){0};
}

/* ---- one target --------------------------------------------------------------------------------------------------------- */

/* A target that looks for its sources. */
struct search {
    struct draw *draw;
    struct by_pair_draw *own;
    const struct by_pair *by_pair;
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

static struct interval point(double number)
{
    return isnan(number) ? (struct interval){-INFINITY, INFINITY} : (struct interval){number, number};
}

/* What is read of the target, the same for all of its sources. */
static void take_target(struct pair_worker *worker, uint64_t target, struct interval *slots)
{
    for (int k = 0; k < worker->maker.value->plan.ends.n; k++) {
        if (!worker->targets[k])
            continue;
        double number = start_values_at_one(worker->targets[k], target);
        for (int lane = 0; lane < LANES; lane++)
            worker->slots[k * LANES + lane] = number;
        if (slots)
            slots[k] = point(number);
    }
}

/* False if there is nothing to be drawn. */
static bool search_begin(struct draw *draw, uint64_t target, struct search *search)
{
    const struct by_pair *by_pair = draw->drawing->by_pair;
    *search = (struct search){
        .draw = draw,
        .own = &draw->by_pair,
        .by_pair = by_pair,
        .target = target,
        .self = choice_of(draw->drawing, by_pair->projection->source->size, target).self,
        .little = 16,
        .n_used = RANDOM_PAGE_NUMBERS,
    };
    search->own->n = 0;
    const struct refusal *first = &search->own->refusal;
    if (by_pair->sources.refused || (first->kind != REFUSED_NOTHING && target > first->target))
        return false; /* the network is not to be */
    for (int lane = 0; lane < LANES; lane++) {
        search->leaves.index[LANES + lane] = (double)target;
        search->leaves.target[lane] = (uint32_t)target;
    }
    take_target(&search->own->value, target, search->own->slots);
    if (by_pair->computes_copies)
        take_target(&search->own->copies, target, NULL);
    bool placed = !by_pair->uses_distance || places_at_one(search->own->targets, target, search->place);
    if (!placed)
        refuse(search, (struct refusal){.kind = REFUSED_TARGET_PLACE});
    return placed;
}

/* The numbers of LANES sources, given in order of the tree. */
static const double *numbers_of(struct search *search, struct pair_worker *worker, const struct pair_sources *own,
                                const uint32_t nodes[LANES])
{
    const struct node_tree *sources = &search->by_pair->sources;
    const struct pair_value *value = worker->maker.value;
    struct pair_leaves *leaves = &search->leaves;
    if (value->uses_distance)
        node_tree_distance(sources, search->place, nodes, leaves->distance);
    for (int lane = 0; (value->uses_index || value->draws) && lane < LANES; lane++) {
        leaves->source[lane] = sources->position[nodes[lane]];
        leaves->index[lane] = leaves->source[lane];
    }
    for (int k = 0; k < value->plan.ends.n; k++)
        for (int lane = 0; own->numbers[k] && lane < LANES; lane++)
            worker->slots[k * LANES + lane] = own->numbers[k][nodes[lane]];
    leaves->slots = worker->slots;
    return pair_maker_run(&worker->maker, leaves);
}

static const double *values_of(struct search *search, const uint32_t nodes[LANES])
{
    return numbers_of(search, &search->own->value, &search->by_pair->own, nodes);
}

/* ---- what is offered ---------------------------------------------------------------------------------------------------- */

/* A little outside is taken for rounding. */
static bool is_allowed(const struct search *search, struct interval values)
{
    const double margin = 1e-9;
    return values.low >= -margin && values.high <= search->by_pair->limit * (1 + margin);
}

/* The largest value over a part, from all of its sources. */
static double look_at_all(struct search *search, struct tree_branch branch)
{
    const struct node_tree *sources = &search->by_pair->sources;
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
    struct by_pair_draw *own = search->own;
    if (bound <= 0)
        return;
    bound = bound < search->by_pair->limit ? bound : search->by_pair->limit;
    const struct offer *last = own->n ? &own->offers[own->n - 1] : NULL;
    double before = last ? last->before + (double)(last->end - last->begin) * last->bound : 0;
    *MEMORY_PUSH(own->offers, own->n, own->capacity, struct offer,
                 TEMPORARY) = (struct offer){.begin = branch.begin, .end = branch.end, .bound = bound, .before = before};
}

/* Between which numbers the values over a part lie. */
static struct interval values_over(const struct search *search, struct tree_branch branch)
{
    const struct by_pair *by_pair = search->by_pair;
    struct interval_leaves leaves = {.shared = by_pair->value.shared, .slots = search->own->slots};
    if (by_pair->value.uses_distance)
        leaves.distance = node_tree_distances(&by_pair->sources, branch, search->place);
    if (by_pair->is_of_distance)
        return pair_bounds_between(&by_pair->bounds, leaves.distance);
    if (by_pair->index_range)
        leaves.index[0] = by_pair->index_range[branch.id];
    leaves.index[1] = point((double)search->target);
    for (int k = 0; k < by_pair->value.plan.ends.n; k++)
        if (by_pair->own.range[k])
            search->own->slots[k] = by_pair->own.range[k][branch.id];
    return interval_of_program(&by_pair->value.plan.program, &leaves, search->own->registers);
}

static void look_at(struct search *search, struct tree_branch branch)
{
    struct interval values = values_over(search, branch);
    bool allowed = is_allowed(search, values);
    double wasted = (double)(branch.end - branch.begin) * (values.high - values.low);
    if (allowed && (values.low >= values.high / 2 || wasted <= search->little)) {
        offer(search, branch, values.high);
    } else if (node_tree_is_leaf(&search->by_pair->sources, branch)) {
        offer(search, branch, allowed ? values.high : look_at_all(search, branch));
    } else {
        look_at(search, node_tree_child(&search->by_pair->sources, branch, 0));
        look_at(search, node_tree_child(&search->by_pair->sources, branch, 1));
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
    const double *values = values_of(search, proposals->nodes);
    bool is_open = false; /* must chance decide? */
    for (int lane = 0; lane < proposals->n; lane++)
        is_open |= values[lane] > 0 && values[lane] < proposals->bound[lane];
    const double *numbers = is_open ? next_uniforms(search, stream) : NULL;
    for (int lane = 0; lane < proposals->n; lane++)
        if ((is_open ? numbers[lane] * proposals->bound[lane] < values[lane] : values[lane] > 0) &&
            search->by_pair->sources.position[proposals->nodes[lane]] != search->self)
            bits |= 1u << lane;
    return bits;
}

/* A source as often as the projection's pairs have synapses. */
static void take(struct draw *draw, node_id source, uint64_t copies)
{
    draw_reserve(draw, draw->n + copies);
    for (uint64_t k = 0; k < copies; k++)
        draw->nodes[draw->n++] = source;
}

/* How many synapses each accepted source has. */
static void take_copies(struct search *search, const struct proposals *proposals, unsigned bits)
{
    const struct by_pair *by_pair = search->by_pair;
    const double *copies = numbers_of(search, &search->own->copies, &by_pair->copies_own, proposals->nodes);
    for (; bits; bits &= bits - 1) {
        int lane = __builtin_ctz(bits);
        node_id source = by_pair->sources.position[proposals->nodes[lane]];
        if (copies[lane] >= 0 && copies[lane] < COPIES_MAX && copies[lane] == floor(copies[lane]))
            take(search->draw, source, (uint64_t)copies[lane]);
        else
            refuse(search, (struct refusal){.kind = REFUSED_COPIES, .source = source, .value = copies[lane]});
    }
}

static void take_accepted(struct search *search, struct random_stream *stream, struct proposals *proposals)
{
    if (proposals->n == 0)
        return;
    const struct by_pair *by_pair = search->by_pair;
    unsigned bits = accepted(search, stream, proposals);
    if (by_pair->computes_copies && bits)
        take_copies(search, proposals, bits);
    else
        for (; bits; bits &= bits - 1)
            take(search->draw, by_pair->sources.position[proposals->nodes[__builtin_ctz(bits)]],
                 by_pair->copies < 0 ? 1 : (uint64_t)by_pair->projection->arguments[by_pair->copies].number);
    proposals->n = 0;
}

static void propose(struct search *search, struct random_stream *stream, struct proposals *proposals, uint32_t node, double bound)
{
    proposals->nodes[proposals->n] = node;
    proposals->bound[proposals->n++] = bound;
    if (proposals->n == LANES)
        take_accepted(search, stream, proposals);
}

/* Where every source is hit, no number is needed to say which. */
static void propose_all(struct search *search, struct random_stream *stream, struct proposals *proposals, struct offer offer)
{
    for (uint64_t node = offer.begin; node < offer.end; node++)
        propose(search, stream, proposals, (uint32_t)node, offer.bound);
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
        if (!repeats && offer.bound >= 1) {
            propose_all(search, stream, &proposals, offer);
            continue;
        }
        double density = repeats ? offer.bound : -maths_log1p(-offer.bound);
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

void draw_bernoulli_by_pair(struct draw *draw, struct random_stream *stream, uint64_t target)
{
    struct search search;
    if (!search_begin(draw, target, &search))
        return;
    look_at(&search, node_tree_root(&search.by_pair->sources));
    thin(&search, stream, false);
}

void draw_poisson_by_pair(struct draw *draw, struct random_stream *stream, uint64_t target)
{
    struct search search;
    if (!search_begin(draw, target, &search))
        return;
    look_at(&search, node_tree_root(&search.by_pair->sources));
    thin(&search, stream, true);
}

/* ---- a fixed number ----------------------------------------------------------------------------------------------------- */

/* The offer in which a number from 0 to the sum of all weights falls. */
static const struct offer *find_offer(const struct by_pair_draw *own, double number)
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
    const struct by_pair_draw *own = search->own;
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
            node_id source = search->by_pair->sources.position[proposals.nodes[__builtin_ctz(bits)]];
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
    const struct node_tree *sources = &search->by_pair->sources;
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

void draw_nodes_by_pair(struct draw *draw, struct random_stream *stream, uint64_t target, uint64_t count)
{
    struct search search;
    if (count == 0 || !search_begin(draw, target, &search))
        return;
    struct tree_branch root = node_tree_root(&search.by_pair->sources);
    search.little = values_over(&search, root).high; /* what the best of all places may be worth */
    look_at(&search, root);
    draw_reserve(draw, count);
    draw_members_begin(draw, count);
    draw_by_proposals(&search, stream, count);
    if (draw->n < count)
        draw_rest(&search, stream, count);
}
