/* Each rank draws the connections of its own targets, and only those: what a target gets depends on nothing but the target. Rules
 * that decide about something else have been asked before, and their answers brought to the targets.
 *
 * Targets are drawn twice, once to count and once to fill the rows, so that nothing is ever stored but the rows: 4 bytes per
 * synapse. A number costs a few processor cycles to draw again, and to keep it would double the peak of memory. */
#include "network/build.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "network/gather.h"
#include "network/rows.h"
#include "network/third_in.h"
#include "support/memory.h"

/* ---- rules that draw items ---------------------------------------------------------------------------------------------- */

static void draw_item(struct build *build, void *context, uint64_t k, int slot)
{
    const uint64_t *first = context;
    build->drawing.rule->draw_item(&build->draws[slot], *first + k);
}

static int compare_nodes(const void *left, const void *right)
{
    node_id a = *(const node_id *)left, b = *(const node_id *)right;
    return (a > b) - (a < b);
}

/* How lists arrive depends on the ranks; which connection takes a third node must not. */
static void sort_lists(struct edges *lists)
{
#pragma omp parallel for schedule(dynamic, 64)
    for (uint32_t row = 0; row < lists->n_rows; row++)
        qsort(&lists->target_local[lists->row_begin[row]], lists->row_begin[row + 1] - lists->row_begin[row], sizeof(node_local),
              compare_nodes);
}

/* Collective: each rank draws an equal share of the items. */
static void gather_items(struct build *build)
{
    const struct projection *projection = build->drawing.projection;
    uint64_t n = build->drawing.rule->n_items(projection), n_ranks = (uint64_t)build->partition.n_ranks;
    uint64_t first = n * (uint64_t)build->rank / n_ranks, end = n * ((uint64_t)build->rank + 1) / n_ranks;
    struct gather_task task = {
        .n = end - first,
        .pairs_each = n ? rule_expected(build->script, projection, ROLE_PLAIN) / (double)n : 0,
        .draw = draw_item,
        .context = &first,
    };
    struct gather gather;
    gather_create(build, &build->target, &gather);
    gather_draw(&gather, &task);
    build->lists = MEMORY_NEW(build->target.n_ranges, struct edges, TEMPORARY);
    gather_finish(&gather, build->lists);
    for (int range = 0; projection->pool && range < build->target.n_ranges; range++)
        sort_lists(&build->lists[range]);
}

double build_bytes(const struct script *script, const struct projection *projection, int n_ranks)
{
    int n_slots = omp_get_max_threads();
    double n = rule_expected(script, projection, ROLE_PLAIN) / n_ranks;
    double bytes = rows_bytes(n, (double)projection->source->size, n_slots);
    if (by_pair_is_needed(projection))
        bytes += by_pair_bytes(script, projection);
    if (rule_find(projection->rule->name)->draw_item)
        bytes += gather_bytes(n);
    if (projection->pool) {
        double n_third = rule_expected(script, projection, ROLE_THIRD_OUT) / n_ranks;
        bytes += rows_bytes(n_third, (double)projection->pool->size, n_slots) + gather_bytes(n_third);
    }
    return bytes;
}

/* ---- the build of a projection -------------------------------------------------------------------------------------------- */

void build_create(const struct network *network, const struct projection *projection, struct build *build)
{
    *build = (struct build){
        .script = network->script,
        .partition = network->partition,
        .communicator = network->communicator,
        .rank = network->rank,
        .n_slots = omp_get_max_threads(),
    };
    drawing_create(network->script, projection, &build->drawing);
    set_view_create(projection->source, &build->source);
    set_view_create(projection->target, &build->target);
    if (projection->pool)
        set_view_create(projection->pool, &build->pool);
    build->draws = MEMORY_NEW(build->n_slots, struct draw, TEMPORARY);
    for (int slot = 0; slot < build->n_slots; slot++)
        draw_create(&build->drawing, &build->draws[slot]);
    if (build->drawing.rule->draw_item)
        gather_items(build);
}

void build_release(struct build *build)
{
    for (int range = 0; build->lists && range < build->target.n_ranges; range++)
        edges_release(&build->lists[range]);
    memory_free(build->lists);
    for (int slot = 0; slot < build->n_slots; slot++)
        draw_release(&build->draws[slot]);
    memory_free(build->draws);
    set_view_release(&build->source);
    set_view_release(&build->target);
    set_view_release(&build->pool);
    drawing_release(&build->drawing);
}

/* ---- targets ------------------------------------------------------------------------------------------------------------- */

/* The targets of this rank in one range, and the rows of what they get. */
struct stretch {
    int range;
    struct set_members members;
    struct rows direct, third_out;
};

static void copy_list(const struct edges *lists, node_local target, struct draw *draw)
{
    int64_t row = edges_row(lists, target);
    draw->n = row < 0 ? 0 : lists->row_begin[row + 1] - lists->row_begin[row];
    draw_reserve(draw, draw->n);
    if (draw->n)
        memcpy(draw->nodes, &lists->target_local[lists->row_begin[row]], draw->n * sizeof *draw->nodes);
}

/* Hand what target k gets to the rows. Its third nodes stay in the draw, for third_in. */
static void add_target(struct build *build, void *context, uint64_t k, int slot)
{
    struct stretch *targets = context;
    struct draw *draw = &build->draws[slot];
    node_local target = targets->members.local[k];
    if (build->lists)
        copy_list(&build->lists[targets->range], target, draw);
    else
        build->drawing.rule->draw_target(draw, targets->members.position[k]);
    draw->n_pairs = 0;
    if (build->drawing.projection->pool)
        third_draw(draw, targets->members.position[k]);

    set_view_places(&build->source, draw->nodes, draw->n);
    rows_add(&targets->direct, slot, draw->nodes, draw->n, target);
    if (draw->n_pairs == 0)
        return;
    node_id *thirds = draw_scratch(draw, draw->n_pairs);
    for (uint64_t c = 0; c < draw->n_pairs; c++)
        thirds[c] = draw->pairs[c].node;
    set_view_places(&build->pool, thirds, draw->n_pairs);
    rows_add(&targets->third_out, slot, thirds, draw->n_pairs, target);
}

static void add_targets(struct build *build, struct stretch *targets)
{
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < build->n_slots; slot++) {
        uint64_t begin, end;
        build_share(build, slot, targets->members.n, &begin, &end);
        for (uint64_t k = begin; k < end; k++)
            add_target(build, targets, k, slot);
    }
}

/* ---- rows ---------------------------------------------------------------------------------------------------------------- */

/* For the sources that a view shows, ready to count. `fraction` of the expected connections with this role arrives. */
static void create_rows(const struct build *build, const struct set_view *view, enum connection_role role, double fraction,
                        struct rows *rows)
{
    double expected = view->n_ranges ? fraction * rule_expected(build->script, build->drawing.projection, role) : 0;
    rows_create(rows, view->ranges, view->n_ranges, build->n_slots, expected);
}

static struct stretch *create_stretches(const struct build *build)
{
    struct stretch *stretches = MEMORY_NEW(build->target.n_ranges, struct stretch, TEMPORARY);
    for (int range = 0; range < build->target.n_ranges; range++) {
        const struct population *population = &build->script->populations[build->target.ranges[range].population];
        struct stretch *targets = &stretches[range];
        targets->range = range;
        set_members_create(&build->target, range, build->partition, population, build->rank, &targets->members);
        double fraction = (double)targets->members.n / (double)build->target.set->size;
        create_rows(build, &build->source, ROLE_PLAIN, fraction, &targets->direct);
        create_rows(build, &build->pool, ROLE_THIRD_OUT, fraction, &targets->third_out);
    }
    return stretches;
}

/* Count, and meanwhile send each third node's sources to its rank. */
static void count_and_gather(struct build *build, struct stretch *stretches, struct edges *third_in)
{
    const struct projection *projection = build->drawing.projection;
    struct gather gather;
    gather_create(build, &build->pool, &gather);
    for (int range = 0; range < build->target.n_ranges; range++) {
        struct gather_task task = {
            .n = stretches[range].members.n,
            .pairs_each = rule_expected(build->script, projection, ROLE_THIRD_IN) / (double)projection->target->size,
            .draw = add_target,
            .context = &stretches[range],
        };
        gather_draw(&gather, &task);
    }
    third_in_finish(build, &gather, third_in);
}

static void store(struct build *build, struct stretch *targets, struct edges *direct, struct edges *third_out)
{
    rows_lay_out(&targets->direct);
    rows_lay_out(&targets->third_out);
    add_targets(build, targets);
    rows_finish(&targets->direct, direct + targets->range, build->target.n_ranges);
    rows_finish(&targets->third_out, third_out ? third_out + targets->range : NULL, build->target.n_ranges);
    set_members_release(&targets->members);
}

/* Third_in is finished before anything is stored, since it needs room for what it exchanges. */
void build_connections(struct build *build, struct edges *const edges[3])
{
    struct stretch *stretches = create_stretches(build);
    if (build->drawing.projection->pool)
        count_and_gather(build, stretches, edges[1]);
    else
        for (int range = 0; range < build->target.n_ranges; range++)
            add_targets(build, &stretches[range]);
    for (int range = 0; range < build->target.n_ranges; range++)
        store(build, &stretches[range], edges[0], edges[2]);
    memory_free(stretches);
}

/* The first refused item of all ranks. */
static int check_items(const struct build *build, struct fault *fault)
{
    struct item_refusal first = {0};
    struct {
        double item;
        int rank;
    } own = {.item = INFINITY, .rank = build->rank}, least;
    for (int slot = 0; slot < build->n_slots; slot++) {
        const struct item_refusal *refusal = &build->draws[slot].refused_item;
        if (refusal->found && (!first.found || refusal->item < first.item))
            first = *refusal;
    }
    if (first.found)
        own.item = (double)first.item;
    MPI_Allreduce(&own, &least, 1, MPI_DOUBLE_INT, MPI_MINLOC, build->communicator);
    MPI_Bcast(&first, sizeof first, MPI_BYTE, least.rank, build->communicator);
    return first.found ? build->drawing.rule->report(build->drawing.projection, &first, fault) : 0;
}

int build_check(const struct build *build, struct fault *fault)
{
    const struct by_pair *by_pair = build->drawing.by_pair;
    if (build->drawing.rule->report)
        TRY(check_items(build, fault));
    return by_pair ? by_pair_check(by_pair, build->draws, build->n_slots, build->communicator, fault) : 0;
}
