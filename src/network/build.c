/* Each rank draws the connections of its own targets, and only those: what a target gets depends on nothing but the target.
 *
 * They are drawn twice, once to count and once to fill the rows, so that nothing is ever stored but the rows: 4 bytes per
 * synapse. Keeping what was drawn instead would save a quarter of the time and double the peak of memory. */
#include "network/build.h"

#include <omp.h>

#include "network/rows.h"
#include "support/memory.h"

void build_create(const struct network *network, const struct projection *projection, struct build *build)
{
    *build = (struct build){
        .script = network->script,
        .projection = projection,
        .rule = rule_find(projection->rule->name),
        .partition = network->partition,
        .communicator = network->communicator,
        .rank = network->rank,
        .n_slots = omp_get_max_threads(),
    };
    set_view_create(projection->source, &build->source);
    set_view_create(projection->target, &build->target);
    if (projection->pool)
        set_view_create(projection->pool, &build->pool);
    build->draws = MEMORY_NEW(build->n_slots, struct draw, TEMPORARY);
}

void build_release(struct build *build)
{
    for (int slot = 0; slot < build->n_slots; slot++)
        draw_release(&build->draws[slot]);
    memory_free(build->draws);
    set_view_release(&build->source);
    set_view_release(&build->target);
    set_view_release(&build->pool);
}

/* Hand a slot's synapses to their rows. direct[n source ranges], third_out[n pool ranges]. */
static void add_slot(struct build *build, const struct set_members *members, int slot, struct rows *direct,
                     struct rows *third_out)
{
    struct draw *draw = &build->draws[slot];
    int source_part = 0, pool_part = 0;
    uint64_t begin, end;
    build_share(build, slot, members->n, &begin, &end);
    for (uint64_t k = begin; k < end; k++) {
        build_draw(build, members->position[k], draw);
        for (uint64_t c = 0; c < draw->n; c++) {
            struct set_node source = set_view_node(&build->source, draw->sources[c], &source_part);
            rows_add(&direct[source.range], slot, source.index, members->local[k]);
        }
        for (uint64_t c = 0; c < draw->n_thirds; c++) {
            struct set_node third = set_view_node(&build->pool, draw->thirds[c].node, &pool_part);
            rows_add(&third_out[third.range], slot, third.index, members->local[k]);
        }
    }
}

static void add_all(struct build *build, const struct set_members *members, struct rows *direct, struct rows *third_out)
{
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < build->n_slots; slot++)
        add_slot(build, members, slot, direct, third_out);
}

/* Rows for each range of a view, ready to count. `fraction` of the expected connections with this role arrives. */
static struct rows *rows_of_view(const struct build *build, const struct set_view *view, enum connection_role role,
                                 double fraction)
{
    struct rows *rows = MEMORY_NEW(view->n_ranges, struct rows, TEMPORARY);
    double expected = view->n_ranges ? fraction * build->rule->expected(build->projection, role) : 0;
    for (int range = 0; range < view->n_ranges; range++)
        rows_create(&rows[range], view->ranges[range].first, view->ranges[range].length, build->n_slots,
                    expected * view->ranges[range].length / (double)view->set->size);
    return rows;
}

static void lay_out(struct rows *rows, int n)
{
    for (int k = 0; k < n; k++)
        rows_lay_out(&rows[k]);
}

/* The rows of all source ranges become the edges of one target range. */
static void finish(struct rows *rows, int n_source, struct edges *edges, int target_range, int n_target)
{
    for (int k = 0; k < n_source; k++)
        rows_finish(&rows[k], &edges[k * n_target + target_range]);
    memory_free(rows);
}

void build_targets(struct build *build, struct edges *direct, struct edges *third_out)
{
    int n_target = build->target.n_ranges;
    for (int range = 0; range < n_target; range++) {
        const struct population *population = &build->script->populations[build->target.ranges[range].population];
        struct set_members members;
        set_members_create(&build->target, range, build->partition, population, build->rank, &members);
        double fraction = (double)members.n / (double)build->projection->target->size;
        struct rows *direct_rows = rows_of_view(build, &build->source, build->projection->pool ? ROLE_PRIMARY : ROLE_PLAIN,
                                                fraction);
        struct rows *third_rows = rows_of_view(build, &build->pool, ROLE_THIRD_OUT, fraction);

        add_all(build, &members, direct_rows, third_rows);
        lay_out(direct_rows, build->source.n_ranges);
        lay_out(third_rows, build->pool.n_ranges);
        add_all(build, &members, direct_rows, third_rows);

        finish(direct_rows, build->source.n_ranges, direct, range, n_target);
        finish(third_rows, build->pool.n_ranges, third_out, range, n_target);
        set_members_release(&members);
    }
}
