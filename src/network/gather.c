/* Everything is drawn a batch at a time, so send buffers stay small whatever the size of the network. What has arrived is brought
 * into lists by a counting sort. */
#include "network/gather.h"

#include <string.h>

#include "network/exchange.h"
#include "network/rows.h"
#include "support/memory.h"

/* About how many pairs a batch makes, and what a pair takes while it is drawn, addressed and sent. */
#define BATCH_PAIRS 524288.0
#define BATCH_BYTES (2 * sizeof(struct pair) + 4 * sizeof(struct rows_pair) + sizeof(int))

/* They arrive as pairs, and are then sorted into lists. */
double gather_bytes(double n)
{
    double batch = n < BATCH_PAIRS ? n : BATCH_PAIRS;
    return n * (sizeof(struct rows_pair) + sizeof(node_local)) + batch * BATCH_BYTES;
}

static struct set_range local_range(const struct build *build, const struct set_range *range, int rank)
{
    const struct population *population = &build->script->populations[range->population];
    struct partition partition = build->partition;
    node_local first = partition.scheme->below(partition.n_ranks, population, rank, range->first);
    node_local end = partition.scheme->below(partition.n_ranks, population, rank, range->first + range->length);
    return (struct set_range){range->population, first, end - first};
}

void gather_create(struct build *build, const struct set_view *view, struct gather *gather)
{
    int n_ranks = build->partition.n_ranks;
    *gather = (struct gather){.build = build,
                              .view = view,
                              .local = MEMORY_NEW((uint64_t)n_ranks * (uint64_t)view->n_ranges, struct set_range, TEMPORARY),
                              .slots = MEMORY_NEW(build->n_slots, struct pair_list, TEMPORARY)};
    for (int rank = 0; rank < n_ranks; rank++)
        for (int range = 0; range < view->n_ranges; range++)
            gather->local[rank * view->n_ranges + range] = local_range(build, &view->ranges[range], rank);
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

/* The next things of a slot's share, from the done-th on. */
static void draw_slot(struct gather *gather, const struct gather_task *task, uint64_t done, uint64_t n, int slot)
{
    uint64_t begin, end;
    build_share(gather->build, slot, task->n, &begin, &end);
    gather->slots[slot].n = 0;
    for (uint64_t k = begin + done; k < end && k < begin + done + n; k++) {
        task->draw(gather->build, task->context, k, slot);
        append(&gather->slots[slot], &gather->build->draws[slot]);
    }
}

/* The rank that owns the node of a pair, and the pair as that rank will know it. */
static int address(const struct gather *gather, struct pair pair, int *part, struct rows_pair *out)
{
    const struct partition *partition = &gather->build->partition;
    struct set_node node = set_view_node(gather->view, pair.node, part);
    const struct set_range *range = &gather->view->ranges[node.range];
    const struct population *population = &gather->build->script->populations[range->population];
    int rank = partition->scheme->owner(partition->n_ranks, population, node.index);
    const struct set_range *local = &gather->local[rank * gather->view->n_ranges];
    node_id place = partition->scheme->local(partition->n_ranks, population, node.index) - local[node.range].first;
    for (int k = 0; k < node.range; k++)
        place += local[k].length;
    *out = (struct rows_pair){place, pair.source};
    return rank;
}

/* All pairs of a slot. */
static void address_slot(const struct gather *gather, int slot, int *owner, struct rows_pair *out)
{
    int part = 0;
    for (uint64_t k = 0; k < gather->slots[slot].n; k++)
        owner[k] = address(gather, gather->slots[slot].pairs[k], &part, &out[k]);
}

/* Bring what all slots drew into the order of its owners: count[n_ranks]. Owned by the caller. */
static struct rows_pair *pack(const struct gather *gather, uint64_t *count)
{
    int n_ranks = gather->build->partition.n_ranks, n_slots = gather->build->n_slots;
    uint64_t n = 0, *begin = MEMORY_NEW(n_slots, uint64_t, TEMPORARY);
    for (int slot = 0; slot < n_slots; slot++) {
        begin[slot] = n;
        n += gather->slots[slot].n;
    }
    struct rows_pair *pairs = MEMORY_NEW(n, struct rows_pair, TEMPORARY), *packed = MEMORY_NEW(n, struct rows_pair, TEMPORARY);
    int *owner = MEMORY_NEW(n, int, TEMPORARY);
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < n_slots; slot++)
        address_slot(gather, slot, owner + begin[slot], pairs + begin[slot]);
    memset(count, 0, (size_t)n_ranks * sizeof *count);
    for (uint64_t k = 0; k < n; k++)
        count[owner[k]]++;
    uint64_t *place = MEMORY_NEW(n_ranks + 1, uint64_t, TEMPORARY);
    for (int rank = 0; rank < n_ranks; rank++)
        place[rank + 1] = place[rank] + count[rank];
    for (uint64_t k = 0; k < n; k++)
        packed[place[owner[k]]++] = pairs[k];
    memory_free(begin);
    memory_free(place);
    memory_free(owner);
    memory_free(pairs);
    return packed;
}

/* Collective: draw the next n things of each slot, send what comes out, and keep what arrives. */
static void exchange_batch(struct gather *gather, const struct gather_task *task, uint64_t done, uint64_t n)
{
    struct build *build = gather->build;
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < build->n_slots; slot++)
        draw_slot(gather, task, done, n, slot);

    int n_ranks = build->partition.n_ranks;
    uint64_t *send_count = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY), *receive_count = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY);
    struct rows_pair *send = pack(gather, send_count);
    struct gather_batch *batch = MEMORY_PUSH(gather->batches, gather->n_batches, gather->capacity, struct gather_batch,
                                             TEMPORARY);
    *batch = (struct gather_batch){0};
    batch->pairs = exchange_records(build->communicator, send, send_count, sizeof(struct rows_pair), receive_count);
    for (int rank = 0; rank < n_ranks; rank++)
        batch->n += receive_count[rank];
    memory_free(send);
    memory_free(send_count);
    memory_free(receive_count);
}

/* All ranks take part in as many batches as the slot with the most to draw needs. */
void gather_draw(struct gather *gather, const struct gather_task *task)
{
    uint64_t n_slots = (uint64_t)gather->build->n_slots, n[2] = {n_slots, (task->n + n_slots - 1) / n_slots};
    MPI_Allreduce(MPI_IN_PLACE, n, 2, MPI_UINT64_T, MPI_MAX, gather->build->communicator);
    double slot_pairs = BATCH_PAIRS / (double)n[0];
    uint64_t batch = (uint64_t)(task->pairs_each > 1 ? slot_pairs / task->pairs_each : slot_pairs) + 1;
    for (uint64_t done = 0; done < n[1]; done += batch)
        exchange_batch(gather, task, done, batch);
}

/* ---- sorting -------------------------------------------------------------------------------------------------------- */

static uint64_t n_arrived(const struct gather *gather)
{
    uint64_t n = 0;
    for (uint64_t k = 0; k < gather->n_batches; k++)
        n += gather->batches[k].n;
    return n;
}

/* The "source" of these rows is the node's place; their "target" is the position of the source in its set. */
static void add_all(const struct gather *gather, struct rows *rows)
{
#pragma omp parallel for schedule(static, 1)
    for (int slot = 0; slot < gather->build->n_slots; slot++)
        for (uint64_t b = 0; b < gather->n_batches; b++) {
            uint64_t begin, end;
            build_share(gather->build, slot, gather->batches[b].n, &begin, &end);
            rows_add_pairs(rows, slot, gather->batches[b].pairs + begin, end - begin);
        }
}

void gather_finish(struct gather *gather, struct edges *lists)
{
    for (int slot = 0; slot < gather->build->n_slots; slot++)
        memory_free(gather->slots[slot].pairs);
    memory_free(gather->slots);
    struct rows rows;
    rows_create(&rows, &gather->local[gather->build->rank * gather->view->n_ranges], gather->view->n_ranges,
                gather->build->n_slots, (double)n_arrived(gather));
    add_all(gather, &rows);
    rows_lay_out(&rows);
    add_all(gather, &rows);
    rows_finish(&rows, lists, 1);
    for (uint64_t batch = 0; batch < gather->n_batches; batch++)
        memory_free(gather->batches[batch].pairs);
    memory_free(gather->batches);
    memory_free(gather->local);
    *gather = (struct gather){0};
}
