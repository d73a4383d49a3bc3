/* Everything is drawn a batch at a time, so send buffers stay small whatever the size of the network. What has arrived is brought
 * into lists by a counting sort. */
#include "network/gather.h"

#include <string.h>

#include "network/exchange.h"
#include "network/rows.h"
#include "support/memory.h"

/* About how many pairs a batch makes. */
#define BATCH_PAIRS 1048576.0

void gather_create(struct build *build, const struct set_view *view, struct gather *gather)
{
    *gather = (struct gather){.build = build, .view = view, .slots = MEMORY_NEW(build->n_slots, struct pair_list, TEMPORARY)};
}

/* ---- sending -------------------------------------------------------------------------------------------------------- */

static void append(struct pair_list *list, const struct draw *draw)
{
    if (list->n + draw->n_pairs > list->capacity) {
        list->capacity = 2 * (list->n + draw->n_pairs);
        list->pairs = MEMORY_RESIZE(list->pairs, list->capacity, struct pair, TEMPORARY);
    }
    if (draw->n_pairs)
        memcpy(list->pairs + list->n, draw->pairs, draw->n_pairs * sizeof *draw->pairs);
    list->n += draw->n_pairs;
}

static void draw_slot(struct gather *gather, const struct gather_task *task, uint64_t first, uint64_t last, int slot)
{
    struct draw *draw = &gather->build->draws[slot];
    uint64_t begin, end;
    build_share(gather->build, slot, last - first, &begin, &end);
    gather->slots[slot].n = 0;
    for (uint64_t k = first + begin; k < first + end; k++) {
        task->draw(gather->build, task->context, k, draw);
        append(&gather->slots[slot], draw);
    }
}

static int owner_of_node(const struct gather *gather, node_id position, int *part)
{
    const struct build *build = gather->build;
    struct set_node node = set_view_node(gather->view, position, part);
    const struct population *population = &build->script->populations[gather->view->ranges[node.range].population];
    return build->partition.scheme->owner(build->partition.n_ranks, population, node.index);
}

/* Bring what all slots drew into the order of its owners: count[n_ranks]. Owned by the caller. */
static struct pair *pack(const struct gather *gather, uint64_t *count)
{
    int n_ranks = gather->build->partition.n_ranks, n_slots = gather->build->n_slots, part = 0;
    memset(count, 0, (size_t)n_ranks * sizeof *count);
    for (int slot = 0; slot < n_slots; slot++)
        for (uint64_t k = 0; k < gather->slots[slot].n; k++)
            count[owner_of_node(gather, gather->slots[slot].pairs[k].node, &part)]++;
    uint64_t *place = MEMORY_NEW(n_ranks + 1, uint64_t, TEMPORARY);
    for (int rank = 0; rank < n_ranks; rank++)
        place[rank + 1] = place[rank] + count[rank];
    struct pair *packed = MEMORY_NEW(place[n_ranks], struct pair, TEMPORARY);
    for (int slot = 0; slot < n_slots; slot++)
        for (uint64_t k = 0; k < gather->slots[slot].n; k++)
            packed[place[owner_of_node(gather, gather->slots[slot].pairs[k].node, &part)]++] = gather->slots[slot].pairs[k];
    memory_free(place);
    return packed;
}

/* Collective: draw [first, last), send what comes out, and keep what arrives. */
static void exchange_batch(struct gather *gather, const struct gather_task *task, uint64_t first, uint64_t last)
{
    struct build *build = gather->build;
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < build->n_slots; slot++)
        draw_slot(gather, task, first, last, slot);

    int n_ranks = build->partition.n_ranks;
    uint64_t *send_count = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY), *receive_count = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY);
    struct pair *send = pack(gather, send_count);
    struct pair_list *batch = MEMORY_PUSH(gather->batches, gather->n_batches, gather->capacity, struct pair_list, TEMPORARY);
    *batch = (struct pair_list){0};
    batch->pairs = exchange_records(build->communicator, send, send_count, sizeof(struct pair), receive_count);
    for (int rank = 0; rank < n_ranks; rank++)
        batch->n += receive_count[rank];
    memory_free(send);
    memory_free(send_count);
    memory_free(receive_count);
}

/* All ranks take part in as many batches as the one with the most to draw needs. */
void gather_draw(struct gather *gather, const struct gather_task *task)
{
    uint64_t most = task->n;
    MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_UINT64_T, MPI_MAX, gather->build->communicator);
    uint64_t batch = task->pairs_each > 1 ? (uint64_t)(BATCH_PAIRS / task->pairs_each) + 1 : (uint64_t)BATCH_PAIRS;
    for (uint64_t first = 0; first < most; first += batch) {
        uint64_t begin = first < task->n ? first : task->n;
        uint64_t end = task->n - begin < batch ? task->n : begin + batch;
        exchange_batch(gather, task, begin, end);
    }
}

/* ---- sorting -------------------------------------------------------------------------------------------------------- */

static uint64_t n_arrived(const struct gather *gather)
{
    uint64_t n = 0;
    for (uint64_t k = 0; k < gather->n_batches; k++)
        n += gather->batches[k].n;
    return n;
}

/* Hand a slot's share of what has arrived, as far as it belongs to one range of the view, to its rows. The "source" of these rows
 * is the node's local position; their "target" is the source's position in its set. */
static void add_slot(const struct gather *gather, int range, int slot, struct rows *rows)
{
    const struct partition *partition = &gather->build->partition;
    const struct population *population = &gather->build->script->populations[gather->view->ranges[range].population];
    int part = 0;
    for (uint64_t b = 0; b < gather->n_batches; b++) {
        uint64_t begin, end;
        build_share(gather->build, slot, gather->batches[b].n, &begin, &end);
        for (uint64_t k = begin; k < end; k++) {
            struct pair pair = gather->batches[b].pairs[k];
            struct set_node node = set_view_node(gather->view, pair.node, &part);
            if (node.range == range)
                rows_add(rows, slot, partition->scheme->local(partition->n_ranks, population, node.index), pair.source);
        }
    }
}

static void add_all(const struct gather *gather, int range, struct rows *rows)
{
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < gather->build->n_slots; slot++)
        add_slot(gather, range, slot, rows);
}

static void make_lists(const struct gather *gather, int range, struct edges *lists)
{
    const struct build *build = gather->build;
    const struct set_range *of = &gather->view->ranges[range];
    const struct population *population = &build->script->populations[of->population];
    struct partition partition = build->partition;
    node_local first = partition.scheme->below(partition.n_ranks, population, build->rank, of->first);
    node_local end = partition.scheme->below(partition.n_ranks, population, build->rank, of->first + of->length);
    struct rows rows;
    rows_create(&rows, first, end - first, build->n_slots, (double)n_arrived(gather));
    add_all(gather, range, &rows);
    rows_lay_out(&rows);
    add_all(gather, range, &rows);
    rows_finish(&rows, lists);
}

void gather_finish(struct gather *gather, struct edges *lists)
{
    for (int slot = 0; slot < gather->build->n_slots; slot++)
        memory_free(gather->slots[slot].pairs);
    memory_free(gather->slots);
    for (int range = 0; range < gather->view->n_ranges; range++)
        make_lists(gather, range, &lists[range]);
    for (uint64_t batch = 0; batch < gather->n_batches; batch++)
        memory_free(gather->batches[batch].pairs);
    memory_free(gather->batches);
    *gather = (struct gather){0};
}
