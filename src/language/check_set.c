/* Sets of nodes: populations, slices, listed nodes, unions, samples.
 *
 * A set is an ordered concatenation of parts, each within one population and ascending. Parts never overlap and are never empty.
 * A part is a range where it can be, else a list; lists cost four bytes a node. */
#include "language/check.h"
#include "support/random.h"

const struct model *set_model(const struct check *check, const struct node_set *set, int part)
{
    return check->script->populations[set->parts[part].population].model;
}

struct node_set *set_new(struct check *check, int n_parts)
{
    struct node_set *set = ARENA_NEW(check->arena, 1, struct node_set);
    set->parts = ARENA_NEW(check->arena, n_parts, struct node_part);
    return set;
}

void set_append(struct node_set *set, struct node_part part)
{
    set->parts[set->n_parts++] = part;
    set->size += part.count;
}

const struct node_set *set_of_population(struct check *check, const struct population *population)
{
    struct node_set *set = set_new(check, 1);
    set_append(set, (struct node_part){.population = population->index, .count = population->size});
    set->name = population->name;
    return set;
}

static node_index part_node(const struct node_part *part, node_index position)
{
    return part->list ? part->list[position] : part->first + position;
}

/* ---- unions ---------------------------------------------------------------------------------------------- */

/* The first node that two parts share; both ascend. */
static bool parts_overlap(const struct node_part *a, const struct node_part *b, node_index *node)
{
    if (a->population != b->population)
        return false;
    node_index in_a = 0, in_b = 0;
    while (in_a < a->count && in_b < b->count) {
        node_index node_a = part_node(a, in_a), node_b = part_node(b, in_b);
        if (node_a == node_b) {
            *node = node_a;
            return true;
        }
        /* a range can be left behind at once, so only lists are walked */
        if (node_a < node_b)
            in_a = a->list ? in_a + 1 : node_b - a->first < a->count ? node_b - a->first : a->count;
        else
            in_b = b->list ? in_b + 1 : node_a - b->first < b->count ? node_a - b->first : b->count;
    }
    return false;
}

static const char *set_text(struct check *check, const struct expression *expression)
{
    return source_excerpt(check->arena, expression->span, "the set");
}

static int set_union(struct check *check, const struct expression *expression, const struct node_set *a, const struct node_set *b,
                     const struct node_set **out, struct fault *fault)
{
    for (int x = 0; x < a->n_parts; x++)
        for (int y = 0; y < b->n_parts; y++) {
            node_index node;
            if (parts_overlap(&a->parts[x], &b->parts[y], &node))
                return source_fault(fault, expression->span, "%s and %s overlap: both hold node %u of population '%s'",
                                    set_text(check, expression->children[0]), set_text(check, expression->children[1]), node,
                                    check->script->populations[a->parts[x].population].name);
        }
    struct node_set *set = set_new(check, a->n_parts + b->n_parts);
    for (int k = 0; k < a->n_parts; k++)
        set_append(set, a->parts[k]);
    for (int k = 0; k < b->n_parts; k++)
        set_append(set, b->parts[k]);
    if (a->name && b->name)
        set->name = arena_format(check->arena, "%s_%s", a->name, b->name);
    *out = set;
    return 0;
}

/* ---- slices ---------------------------------------------------------------------------------------------- */

static struct node_part part_slice(struct node_part part, node_index begin, node_index end)
{
    if (part.list)
        part.list += begin;
    else
        part.first += begin;
    part.count = end - begin;
    return part;
}

static struct node_set *set_slice(struct check *check, const struct node_set *set, uint64_t begin, uint64_t end)
{
    struct node_set *slice = set_new(check, set->n_parts);
    uint64_t before = 0;
    for (int k = 0; k < set->n_parts; before += set->parts[k++].count) {
        uint64_t from = begin > before ? begin - before : 0;
        uint64_t to = end > before ? end - before : 0;
        to = to < set->parts[k].count ? to : set->parts[k].count;
        if (from < to)
            set_append(slice, part_slice(set->parts[k], (node_index)from, (node_index)to));
    }
    return slice;
}

/* A slice that no `let` names is called by what it is cut from, and its bounds: exc[50] exc_50, exc[10:20] exc_10_20. */
const char *slice_name(struct check *check, const char *whole, bool is_one, uint64_t begin, uint64_t end)
{
    if (!whole) /* a sample that has no name, or a part of one */
        return NULL;
    return is_one ? arena_format(check->arena, "%s_%llu", whole, (unsigned long long)begin)
                  : arena_format(check->arena, "%s_%llu_%llu", whole, (unsigned long long)begin, (unsigned long long)end);
}

static int slice_bound(struct check *check, struct expression *bound, double otherwise, double *out, struct fault *fault)
{
    *out = otherwise;
    return bound ? constant_count(check, bound, "the bound of a slice", -INFINITY, INFINITY, out, fault) : 0;
}

/* ---- listed nodes ------------------------------------------------------------------------------------------ */

/* The nodes of one part of a set, which begins at position `before`, that stand at the given ascending positions from *next on.
 */
static struct node_part part_pick(struct check *check, const struct node_part *part, uint64_t before, const double *positions,
                                  uint64_t n, uint64_t *next)
{
    const uint64_t first = *next;
    while (*next < n && positions[*next] < (double)(before + part->count))
        ++*next;
    struct node_part picked = {.population = part->population, .count = (node_index)(*next - first)};
    node_index *list = ARENA_NEW(check->arena, picked.count, node_index);
    for (uint64_t k = first; k < *next; k++)
        list[k - first] = part_node(part, (node_index)(positions[k] - (double)before));
    picked.list = list;
    return picked;
}

/* cells_1_4_5; of many cells_1_to_99_50_nodes, the first and the last one, and how many there are */
static const char *listed_name(struct check *check, const char *whole, const double *positions, uint64_t n)
{
    enum { NAMED_MAX = 4 };
    if (!whole)
        return NULL;
    if (n > NAMED_MAX)
        return arena_format(check->arena, "%s_%.0f_to_%.0f_%llu_nodes", whole, positions[0], positions[n - 1],
                            (unsigned long long)n);
    for (uint64_t k = 0; k < n; k++)
        whole = arena_format(check->arena, "%s_%.0f", whole, positions[k]);
    return whole;
}

/* SET[LIST] */
static int set_listed(struct scope *scope, const struct node_set *set, struct expression *index, const struct node_set **out,
                      struct fault *fault)
{
    struct check *check = scope->check;
    struct constant_value list;
    TRY(constant_plain_list(scope, index, &list, fault));
    if (!type_is_number(list.type) || !dimension_none(list.dimension) || !list.n_list)
        return source_fault(fault, index->span, "nodes are listed by their positions, such as [0, 2, 5]");
    for (uint64_t k = 0; k < list.n_list; k++) {
        const double position = list.list[k];
        if (!(position == floor(position) && position >= 0 && position < (double)set->size))
            return source_fault(fault, index->span, "the set has %llu nodes, so positions must be from 0 to %llu, not %.15g",
                                (unsigned long long)set->size, (unsigned long long)set->size - 1, position);
        if (k > 0 && position <= list.list[k - 1])
            return source_fault(fault, index->span, "positions must ascend, but behind %.15g stands %.15g", list.list[k - 1],
                                position);
    }
    struct node_set *listed = set_new(check, set->n_parts);
    uint64_t before = 0, next = 0;
    for (int k = 0; k < set->n_parts; before += set->parts[k++].count) {
        const struct node_part part = part_pick(check, &set->parts[k], before, list.list, list.n_list, &next);
        if (part.count)
            set_append(listed, part);
    }
    listed->name = listed_name(check, set->name, list.list, list.n_list);
    *out = listed;
    return 0;
}

/* ---- slices and single nodes ------------------------------------------------------------------------------- */

/* As in Python, a negative position counts from the end. */
static double from_end(double position, double size)
{
    return position < 0 ? position + size : position;
}

static int set_index(struct scope *scope, struct expression *expression, const struct node_set **out, struct fault *fault)
{
    const struct node_set *set;
    const struct named *family = family_of(scope, expression->children[0]);
    if (family)
        return family_set(scope->check, family, expression->children[1], out, fault);
    TRY(set_of(scope, expression->children[0], &set, fault));
    struct expression *index = expression->children[1];
    double begin, end, size = (double)set->size;
    if (index->is_list)
        return set_listed(scope, set, index, out, fault);
    if (index->kind == EXPRESSION_SLICE) {
        TRY(slice_bound(scope->check, index->children[0], 0, &begin, fault));
        TRY(slice_bound(scope->check, index->children[1], size, &end, fault));
        begin = from_end(begin, size);
        end = from_end(end, size);
    } else {
        TRY(constant_count(scope->check, index, "an index", -INFINITY, INFINITY, &begin, fault));
        begin = from_end(begin, size);
        end = begin + 1;
    }
    const char *text = set_text(scope->check, expression->children[0]);
    bool is_slice = index->kind == EXPRESSION_SLICE;
    if ((begin < 0 || end > size) && is_slice)
        return source_fault(fault, index->span, "%s has %.0f nodes, so a slice must lie within 0:%.0f, not %.15g:%.15g", text,
                            size, size, begin, end);
    if (begin < 0 || end > size)
        return source_fault(fault, index->span, "%s has %.0f nodes, so an index must be from 0 to %.0f, not %.15g", text, size,
                            size - 1, begin);
    if (!(begin < end))
        return source_fault(fault, index->span, "the slice %.0f:%.0f is empty", begin, end);
    struct node_set *slice = set_slice(scope->check, set, (uint64_t)begin, (uint64_t)end);
    const bool is_all = is_slice && slice->size == set->size;
    slice->name = is_all ? set->name : slice_name(scope->check, set->name, !is_slice, (uint64_t)begin, (uint64_t)end);
    *out = slice;
    return 0;
}

/* ---- samples --------------------------------------------------------------------------------------------- */

/* `count` different positions of 0 … size-1, every choice equally likely, as bits of a map: Floyd's algorithm (Bentley & Floyd
 * 1987, CACM 30:754). The map costs an eighth of a byte per node while the sample is drawn. */
static uint64_t *draw_positions(struct random_key key, uint64_t size, uint64_t count)
{
    uint64_t *chosen = MEMORY_NEW(size / 64 + 1, uint64_t, TEMPORARY);
    struct random_stream stream = random_stream_start(key, 0, 0);
    for (uint64_t last = size - count; last < size; last++) {
        uint64_t drawn = random_stream_below(&stream, last + 1);
        bool is_taken = chosen[drawn / 64] >> (drawn % 64) & 1;
        uint64_t position = is_taken ? last : drawn;
        chosen[position / 64] |= UINT64_C(1) << (position % 64);
    }
    return chosen;
}

/* The chosen nodes of one part of a set that begins at position `before`. */
static struct node_part part_sample(struct check *check, const struct node_part *part, uint64_t before, const uint64_t *chosen)
{
    struct node_part sample = {.population = part->population};
    for (uint64_t k = before; k < before + part->count; k++)
        sample.count += chosen[k / 64] >> (k % 64) & 1;
    node_index *list = ARENA_NEW(check->arena, sample.count, node_index);
    node_index n = 0;
    for (uint64_t k = before; k < before + part->count; k++)
        if (chosen[k / 64] >> (k % 64) & 1)
            list[n++] = part_node(part, (node_index)(k - before));
    sample.list = list;
    return sample;
}

static int set_sample(struct scope *scope, struct expression *call, const struct node_set **out, struct fault *fault)
{
    struct check *check = scope->check;
    const struct node_set *set;
    double count;
    if (!scope->set_name)
        return source_fault(fault, call->span, "a sample needs a name, which decides what is drawn: let NAME = sample(…)");
    int call_site = scope->n_samples++;
    TRY(set_of(scope, call->children[0], &set, fault));
    TRY(constant_count(check, call->children[1], "the count of 'sample'", 1, (double)UINT32_MAX, &count, fault));
    if (count > (double)set->size)
        return source_fault(fault, call->children[1]->span, "cannot draw %.0f different nodes: %s has %llu", count,
                            set_text(check, call->children[0]), (unsigned long long)set->size);
    check->simulation_used = true;
    struct random_key key = random_key(check->script->seed, RANDOM_SAMPLE, scope->set_name, NULL, (uint32_t)call_site);
    uint64_t *chosen = draw_positions(key, set->size, (uint64_t)count);
    struct node_set *sample = set_new(check, set->n_parts);
    uint64_t before = 0;
    for (int k = 0; k < set->n_parts; before += set->parts[k++].count) {
        struct node_part part = part_sample(check, &set->parts[k], before, chosen);
        if (part.count)
            set_append(sample, part);
    }
    memory_free(chosen);
    *out = sample;
    return 0;
}

/* ---- any set --------------------------------------------------------------------------------------------- */

int set_of(struct scope *scope, struct expression *expression, const struct node_set **out, struct fault *fault)
{
    const struct node_set *a, *b;
    switch (expression->kind) {
    case EXPRESSION_NAME:
        *out = named_find(scope->check, expression->name)->value.set;
        return 0;
    case EXPRESSION_BINARY:
        TRY(set_of(scope, expression->children[0], &a, fault));
        TRY(set_of(scope, expression->children[1], &b, fault));
        return set_union(scope->check, expression, a, b, out, fault);
    case EXPRESSION_INDEX:
        return set_index(scope, expression, out, fault);
    default: /* the only function that gives nodes */
        return set_sample(scope, expression, out, fault);
    }
}

/* Synapses have places of their own, and cannot stand where nodes are meant. */
static int refuse_synapses(struct check *check, const struct expression *expression, struct fault *fault)
{
    const bool is_part = expression->kind == EXPRESSION_INDEX;
    const struct expression *name = is_part ? expression->children[0] : expression;
    const struct named *named = name->kind == EXPRESSION_NAME ? named_find(check, name->name) : NULL;
    if (named && (named->kind == NAMED_SYNAPSES || named->kind == NAMED_PROJECTION))
        return source_fault(fault, name->span,
                            "'%s' are synapses, but here nodes are meant, a population or a set of them; synapses as sources or "
                            "targets are left to a later version",
                            name->name);
    return 0;
}

int set_require(struct check *check, struct expression *expression, const char *name, const struct node_set **out,
                struct fault *fault)
{
    struct scope scope = {.check = check, .set_name = name, .wants_nodes = true};
    TRY(refuse_synapses(check, expression, fault));
    TRY(expression_check(&scope, expression, fault));
    if (expression->type != TYPE_NODES)
        return source_fault(fault, expression->span, "expected a population or a set of nodes");
    return set_of(&scope, expression, out, fault);
}
