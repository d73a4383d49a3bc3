/* Each rank draws the connections of its own targets, and only those: what a target gets depends on nothing but the target. Rules
 * that decide about something else have been asked before, and their answers brought to the targets.
 *
 * Targets are drawn twice, once to count and once to fill the rows, so that nothing is ever stored but the rows: 4 bytes per
 * synapse. Keeping what was drawn instead would save a quarter of the time and double the peak of memory. */
#include "network/build.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "network/gather.h"
#include "network/rows.h"
#include "support/memory.h"

/* ---- rules that draw items ---------------------------------------------------------------------------------------------- */

static void draw_item(struct build *build, const void *context, uint64_t k, struct draw *draw)
{
    const uint64_t *first = context;
    build->drawing.rule->draw_item(draw, *first + k);
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
        .pairs_each = n ? rule_expected(projection, ROLE_PLAIN) / (double)n : 0,
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
    drawing_create(network->script->seed, projection, &build->drawing);
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

void build_targets_create(const struct build *build, int range, struct build_targets *targets)
{
    const struct population *population = &build->script->populations[build->target.ranges[range].population];
    targets->range = range;
    set_members_create(&build->target, range, build->partition, population, build->rank, &targets->members);
}

void build_targets_release(struct build_targets *targets)
{
    set_members_release(&targets->members);
}

static void copy_list(const struct edges *lists, node_local target, struct draw *draw)
{
    int64_t row = edges_row(lists, target);
    draw->n = row < 0 ? 0 : lists->row_begin[row + 1] - lists->row_begin[row];
    draw_reserve(draw, draw->n);
    if (draw->n)
        memcpy(draw->nodes, &lists->target_local[lists->row_begin[row]], draw->n * sizeof *draw->nodes);
}

void build_draw(const struct build *build, const struct build_targets *targets, uint64_t k, struct draw *draw)
{
    if (build->lists)
        copy_list(&build->lists[targets->range], targets->members.local[k], draw);
    else
        build->drawing.rule->draw_target(draw, targets->members.position[k]);
    draw->n_pairs = 0;
    if (build->drawing.projection->pool)
        third_draw(draw, targets->members.position[k]);
}

/* ---- rows -------------------------------------------------------------------------------------------------------------- */

/* Hand a slot's synapses to their rows. */
static void add_slot(struct build *build, const struct build_targets *targets, int slot, struct rows *direct,
                     struct rows *third_out)
{
    struct draw *draw = &build->draws[slot];
    uint64_t begin, end;
    build_share(build, slot, targets->members.n, &begin, &end);
    for (uint64_t k = begin; k < end; k++) {
        node_local target = targets->members.local[k];
        build_draw(build, targets, k, draw);
        set_view_places(&build->source, draw->nodes, draw->n);
        rows_add(direct, slot, draw->nodes, draw->n, target);
        if (draw->n_pairs == 0)
            continue;
        node_id *thirds = draw_scratch(draw, draw->n_pairs);
        for (uint64_t c = 0; c < draw->n_pairs; c++)
            thirds[c] = draw->pairs[c].node;
        set_view_places(&build->pool, thirds, draw->n_pairs);
        rows_add(third_out, slot, thirds, draw->n_pairs, target);
    }
}

static void add_all(struct build *build, const struct build_targets *targets, struct rows *direct, struct rows *third_out)
{
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < build->n_slots; slot++)
        add_slot(build, targets, slot, direct, third_out);
}

/* For the sources that a view shows, ready to count. `fraction` of the expected connections with this role arrives. */
static void create_rows(const struct build *build, const struct set_view *view, enum connection_role role, double fraction,
                        struct rows *rows)
{
    double expected = view->n_ranges ? fraction * rule_expected(build->drawing.projection, role) : 0;
    rows_create(rows, view->ranges, view->n_ranges, build->n_slots, expected);
}

void build_direct(struct build *build, struct edges *direct, struct edges *third_out)
{
    int n_target = build->target.n_ranges;
    for (int range = 0; range < n_target; range++) {
        struct build_targets targets;
        build_targets_create(build, range, &targets);
        double fraction = (double)targets.members.n / (double)build->target.set->size;
        struct rows direct_rows, third_rows;
        create_rows(build, &build->source, ROLE_PLAIN, fraction, &direct_rows);
        create_rows(build, &build->pool, ROLE_THIRD_OUT, fraction, &third_rows);

        add_all(build, &targets, &direct_rows, &third_rows);
        rows_lay_out(&direct_rows);
        rows_lay_out(&third_rows);
        add_all(build, &targets, &direct_rows, &third_rows);

        rows_finish(&direct_rows, direct + range, n_target);
        rows_finish(&third_rows, third_out + range, n_target);
        build_targets_release(&targets);
    }
}
