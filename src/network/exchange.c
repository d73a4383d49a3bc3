/* MPI counts in int, and a message should not need buffers as large as the data. So the records go in rounds: in each, a rank
 * sends any other at most a fixed number of records, through two staging buffers of bounded size. */
#include "network/exchange.h"

#include <string.h>

#include "support/memory.h"

/* A staging buffer holds at most this many records, or one for each rank. */
#define STAGE_RECORDS (UINT64_C(1) << 20)

struct lane {
    char *data;                     /* all records, in order of the ranks */
    const uint64_t *count;          /* [n_ranks] records per rank */
    uint64_t *begin;                /* [n_ranks] index of each rank's first record */
    char *stage;                    /* the records of one round */
    int *stage_count, *stage_begin; /* [n_ranks] for MPI */
};

static uint64_t sum(const uint64_t *count, int n)
{
    uint64_t total = 0;
    for (int k = 0; k < n; k++)
        total += count[k];
    return total;
}

static struct lane lane_create(char *data, const uint64_t *count, int n_ranks, uint64_t stage_records, size_t size)
{
    struct lane lane = {
        .data = data,
        .count = count,
        .begin = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY),
        .stage = memory_new(stage_records * (uint64_t)n_ranks * size, MEMORY_TEMPORARY),
        .stage_count = MEMORY_NEW(n_ranks, int, TEMPORARY),
        .stage_begin = MEMORY_NEW(n_ranks, int, TEMPORARY),
    };
    for (int rank = 1; rank < n_ranks; rank++)
        lane.begin[rank] = lane.begin[rank - 1] + count[rank - 1];
    return lane;
}

static void lane_release(struct lane *lane)
{
    memory_free(lane->begin);
    memory_free(lane->stage);
    memory_free(lane->stage_count);
    memory_free(lane->stage_begin);
}

/* What a round moves: of each rank the records [done, done + stage_count). */
static void lane_round(struct lane *lane, int n_ranks, uint64_t done, uint64_t limit)
{
    int place = 0;
    for (int rank = 0; rank < n_ranks; rank++) {
        uint64_t left = lane->count[rank] > done ? lane->count[rank] - done : 0;
        lane->stage_count[rank] = (int)(left < limit ? left : limit);
        lane->stage_begin[rank] = place;
        place += lane->stage_count[rank];
    }
}

/* Address of a rank's records of this round in the whole data. */
static char *lane_place(const struct lane *lane, int rank, uint64_t done, size_t size)
{
    return lane->data + (lane->begin[rank] + done) * size;
}

static void exchange_round(MPI_Comm communicator, int n_ranks, struct lane *out, struct lane *in, MPI_Datatype record,
                           size_t size, uint64_t done, uint64_t limit)
{
    lane_round(out, n_ranks, done, limit);
    lane_round(in, n_ranks, done, limit);
    for (int rank = 0; rank < n_ranks; rank++)
        if (out->stage_count[rank])
            memcpy(out->stage + (size_t)out->stage_begin[rank] * size, lane_place(out, rank, done, size),
                   (size_t)out->stage_count[rank] * size);
    MPI_Alltoallv(out->stage, out->stage_count, out->stage_begin, record, in->stage, in->stage_count, in->stage_begin, record,
                  communicator);
    for (int rank = 0; rank < n_ranks; rank++)
        if (in->stage_count[rank])
            memcpy(lane_place(in, rank, done, size), in->stage + (size_t)in->stage_begin[rank] * size,
                   (size_t)in->stage_count[rank] * size);
}

void *exchange_records(MPI_Comm communicator, const void *send, const uint64_t *send_count, size_t size, uint64_t *receive_count)
{
    int n_ranks;
    MPI_Comm_size(communicator, &n_ranks);
    MPI_Alltoall(send_count, 1, MPI_UINT64_T, receive_count, 1, MPI_UINT64_T, communicator);
    uint64_t largest = 0; /* number of records between any two ranks */
    for (int rank = 0; rank < n_ranks; rank++)
        largest = send_count[rank] > largest ? send_count[rank] : largest;
    MPI_Allreduce(MPI_IN_PLACE, &largest, 1, MPI_UINT64_T, MPI_MAX, communicator);
    uint64_t limit = STAGE_RECORDS / (uint64_t)n_ranks + 1;
    limit = largest < limit ? largest : limit;

    char *received = memory_new(sum(receive_count, n_ranks) * size, MEMORY_TEMPORARY);
    struct lane out = lane_create((char *)send, send_count, n_ranks, limit, size);
    struct lane in = lane_create(received, receive_count, n_ranks, limit, size);
    MPI_Datatype record;
    MPI_Type_contiguous((int)size, MPI_BYTE, &record);
    MPI_Type_commit(&record);
    for (uint64_t done = 0; done < largest; done += limit)
        exchange_round(communicator, n_ranks, &out, &in, record, size, done, limit);
    MPI_Type_free(&record);
    lane_release(&out);
    lane_release(&in);
    return received;
}

static uint64_t rank_of(const char *record, uint64_t block)
{
    uint64_t key;
    memcpy(&key, record, sizeof key);
    return key / block;
}

/* A stable counting sort by rank. Owned by the caller. */
static char *order_by_rank(const char *records, uint64_t n, size_t size, uint64_t block, int n_ranks, uint64_t *count)
{
    for (uint64_t k = 0; k < n; k++)
        count[rank_of(records + k * size, block)]++;
    uint64_t *place = MEMORY_NEW(n_ranks + 1, uint64_t, TEMPORARY);
    for (int rank = 0; rank < n_ranks; rank++)
        place[rank + 1] = place[rank] + count[rank];
    char *ordered = memory_new(n * size, MEMORY_TEMPORARY);
    for (uint64_t k = 0; k < n; k++)
        memcpy(ordered + place[rank_of(records + k * size, block)]++ * size, records + k * size, size);
    memory_free(place);
    return ordered;
}

void *exchange_by_key(MPI_Comm communicator, void *records, uint64_t *n, size_t size, uint64_t block)
{
    int n_ranks;
    MPI_Comm_size(communicator, &n_ranks);
    uint64_t *sent = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY), *received = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY);
    char *ordered = order_by_rank(records, *n, size, block, n_ranks, sent);
    memory_free(records);
    void *arrived = exchange_records(communicator, ordered, sent, size, received);
    *n = sum(received, n_ranks);
    memory_free(ordered);
    memory_free(sent);
    memory_free(received);
    return arrived;
}
