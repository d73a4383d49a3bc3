/* The connections from the sources to the third nodes (third_in) are decided where the target lives but stored where the third
 * node lives. Each rank draws its targets again, a batch at a time, and sends (source, third) to the owner of the third node; so
 * send buffers stay small whatever the size of the network.
 *
 * What arrives is brought into rows by two counting sorts: first into lists by third node, then, third nodes ascending, into rows
 * by source. Parallel synapses (same source, same third node) differ in nothing, so the order of arrival leaves no trace. */
#include <string.h>

#include "network/build.h"
#include "network/exchange.h"
#include "network/rows.h"
#include "support/memory.h"

/* About how many connections a batch of targets makes. */
#define BATCH_CONNECTIONS 1048576.0

/* What a slot drew, or what came in as one batch. */
struct third_list {
    struct third *thirds; /* [n]; owned */
    uint64_t n, capacity;
};

struct inbox {
    struct third_list *batches; /* [n_batches]; owned */
    uint64_t n_batches, capacity;
};

/* ---- sending -------------------------------------------------------------------------------------------------------- */

static void draw_slot(struct build *build, const struct set_members *members, uint64_t first, uint64_t last, int slot,
                      struct third_list *list)
{
    struct draw *draw = &build->draws[slot];
    uint64_t begin, end;
    build_share(build, slot, last - first, &begin, &end);
    list->n = 0;
    for (uint64_t k = first + begin; k < first + end; k++) {
        build_draw(build, members->position[k], draw);
        if (list->n + draw->n_thirds > list->capacity) {
            list->capacity = 2 * (list->n + draw->n_thirds);
            list->thirds = MEMORY_RESIZE(list->thirds, list->capacity, struct third, TEMPORARY);
        }
        if (draw->n_thirds)
            memcpy(list->thirds + list->n, draw->thirds, draw->n_thirds * sizeof *draw->thirds);
        list->n += draw->n_thirds;
    }
}

static int owner_of_third(const struct build *build, node_id third, int *part)
{
    struct set_node node = set_view_node(&build->pool, third, part);
    const struct population *population = &build->script->populations[build->pool.ranges[node.range].population];
    return build->partition.scheme->owner(build->partition.n_ranks, population, node.index);
}

/* Bring what all slots drew into the order of its owners: count[n_ranks]. Owned by the caller. */
static struct third *pack(const struct build *build, const struct third_list *lists, uint64_t *count)
{
    int n_ranks = build->partition.n_ranks, part = 0;
    memset(count, 0, (size_t)n_ranks * sizeof *count);
    for (int slot = 0; slot < build->n_slots; slot++)
        for (uint64_t k = 0; k < lists[slot].n; k++)
            count[owner_of_third(build, lists[slot].thirds[k].node, &part)]++;
    uint64_t *place = MEMORY_NEW(n_ranks + 1, uint64_t, TEMPORARY);
    for (int rank = 0; rank < n_ranks; rank++)
        place[rank + 1] = place[rank] + count[rank];
    struct third *packed = MEMORY_NEW(place[n_ranks], struct third, TEMPORARY);
    for (int slot = 0; slot < build->n_slots; slot++)
        for (uint64_t k = 0; k < lists[slot].n; k++)
            packed[place[owner_of_third(build, lists[slot].thirds[k].node, &part)]++] = lists[slot].thirds[k];
    memory_free(place);
    return packed;
}

/* Collective: draw targets [first, last), send what comes out, and keep what arrives. */
static void exchange_batch(struct build *build, const struct set_members *members, uint64_t first, uint64_t last,
                           struct third_list *lists, struct inbox *inbox)
{
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < build->n_slots; slot++)
        draw_slot(build, members, first, last, slot, &lists[slot]);

    int n_ranks = build->partition.n_ranks;
    uint64_t *send_count = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY), *receive_count = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY);
    struct third *send = pack(build, lists, send_count);
    struct third_list *batch = MEMORY_PUSH(inbox->batches, inbox->n_batches, inbox->capacity, struct third_list, TEMPORARY);
    *batch = (struct third_list){0};
    batch->thirds = exchange_records(build->communicator, send, send_count, sizeof(struct third), receive_count);
    for (int rank = 0; rank < n_ranks; rank++)
        batch->n += receive_count[rank];
    memory_free(send);
    memory_free(send_count);
    memory_free(receive_count);
}

/* Collective: all ranks take part in as many batches as the one with the most targets needs. */
static void exchange_range(struct build *build, int range, struct third_list *lists, struct inbox *inbox)
{
    const struct projection *projection = build->projection;
    const struct population *population = &build->script->populations[build->target.ranges[range].population];
    struct set_members members;
    set_members_create(&build->target, range, build->partition, population, build->rank, &members);
    uint64_t most = members.n;
    MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_UINT64_T, MPI_MAX, build->communicator);
    double per_target = build->rule->expected(projection, ROLE_THIRD_IN) / (double)projection->target->size;
    uint64_t batch = per_target > 1 ? (uint64_t)(BATCH_CONNECTIONS / per_target) + 1 : (uint64_t)BATCH_CONNECTIONS;
    for (uint64_t first = 0; first < most; first += batch) {
        uint64_t begin = first < members.n ? first : members.n;
        uint64_t end = members.n - begin < batch ? members.n : begin + batch;
        exchange_batch(build, &members, begin, end, lists, inbox);
    }
    set_members_release(&members);
}

static void exchange_all(struct build *build, struct inbox *inbox)
{
    struct third_list *lists = MEMORY_NEW(build->n_slots, struct third_list, TEMPORARY);
    for (int range = 0; range < build->target.n_ranges; range++)
        exchange_range(build, range, lists, inbox);
    for (int slot = 0; slot < build->n_slots; slot++)
        memory_free(lists[slot].thirds);
    memory_free(lists);
}

/* ---- sorting -------------------------------------------------------------------------------------------------------- */

static uint64_t inbox_size(const struct inbox *inbox)
{
    uint64_t n = 0;
    for (uint64_t k = 0; k < inbox->n_batches; k++)
        n += inbox->batches[k].n;
    return n;
}

/* Hand a slot's share of what came in, as far as it belongs to one pool range, to its rows. The "source" of these rows is the
 * third node's local position; their "target" is the source's position in its set. */
static void add_inbox(const struct build *build, const struct inbox *inbox, int pool_range, int slot, struct rows *rows)
{
    const struct population *population = &build->script->populations[build->pool.ranges[pool_range].population];
    int part = 0;
    for (uint64_t b = 0; b < inbox->n_batches; b++) {
        uint64_t begin, end;
        build_share(build, slot, inbox->batches[b].n, &begin, &end);
        for (uint64_t k = begin; k < end; k++) {
            struct third third = inbox->batches[b].thirds[k];
            struct set_node node = set_view_node(&build->pool, third.node, &part);
            if (node.range != pool_range)
                continue;
            node_local local = build->partition.scheme->local(build->partition.n_ranks, population, node.index);
            rows_add(rows, slot, local, third.source);
        }
    }
}

static void add_inbox_all(const struct build *build, const struct inbox *inbox, int pool_range, struct rows *rows)
{
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < build->n_slots; slot++)
        add_inbox(build, inbox, pool_range, slot, rows);
}

/* For each third node here that takes part, ascending: the source positions of its connections, in order of arrival. */
static void lists_by_third(const struct build *build, const struct inbox *inbox, int pool_range, struct edges *lists)
{
    const struct set_range *range = &build->pool.ranges[pool_range];
    const struct population *population = &build->script->populations[range->population];
    struct partition partition = build->partition;
    node_local first = partition.scheme->below(partition.n_ranks, population, build->rank, range->first);
    node_local end = partition.scheme->below(partition.n_ranks, population, build->rank, range->first + range->length);
    struct rows rows;
    rows_create(&rows, first, end - first, build->n_slots, (double)inbox_size(inbox));
    add_inbox_all(build, inbox, pool_range, &rows);
    rows_lay_out(&rows);
    add_inbox_all(build, inbox, pool_range, &rows);
    rows_finish(&rows, lists);
}

static void add_lists(const struct build *build, const struct edges *lists, int slot, struct rows *rows)
{
    uint64_t begin, end;
    int part = 0;
    build_share(build, slot, lists->n_rows, &begin, &end);
    for (uint64_t row = begin; row < end; row++)
        for (edge_count k = lists->row_begin[row]; k < lists->row_begin[row + 1]; k++) {
            struct set_node source = set_view_node(&build->source, lists->target_local[k], &part);
            rows_add(&rows[source.range], slot, source.index, lists->row_source[row]);
        }
}

static void add_lists_all(const struct build *build, const struct edges *lists, struct rows *rows)
{
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < build->n_slots; slot++)
        add_lists(build, lists, slot, rows);
}

/* From lists by third node to rows by source, one per source range. */
static void rows_by_source(const struct build *build, const struct edges *lists, struct edges *third_in, int pool_range)
{
    const struct set_view *source = &build->source;
    struct rows *rows = MEMORY_NEW(source->n_ranges, struct rows, TEMPORARY);
    for (int range = 0; range < source->n_ranges; range++)
        rows_create(&rows[range], source->ranges[range].first, source->ranges[range].length, build->n_slots,
                    (double)edges_size(lists) / source->n_ranges);
    add_lists_all(build, lists, rows);
    for (int range = 0; range < source->n_ranges; range++)
        rows_lay_out(&rows[range]);
    add_lists_all(build, lists, rows);
    for (int range = 0; range < source->n_ranges; range++)
        rows_finish(&rows[range], &third_in[range * build->pool.n_ranges + pool_range]);
    memory_free(rows);
}

void build_third_in(struct build *build, struct edges *third_in)
{
    int n_pool = build->pool.n_ranges;
    struct inbox inbox = {0};
    exchange_all(build, &inbox);
    struct edges *lists = MEMORY_NEW(n_pool, struct edges, TEMPORARY);
    for (int range = 0; range < n_pool; range++)
        lists_by_third(build, &inbox, range, &lists[range]);
    for (uint64_t batch = 0; batch < inbox.n_batches; batch++)
        memory_free(inbox.batches[batch].thirds);
    memory_free(inbox.batches);
    for (int range = 0; range < n_pool; range++) {
        rows_by_source(build, &lists[range], third_in, range);
        edges_release(&lists[range]);
    }
    memory_free(lists);
}
