/* A distributed sort: the space of keys is cut into one block per rank, every synapse is sent to the rank of its block, and that
 * rank sorts. Rules spread their connections evenly over the keys, so the blocks are about equal, also when there is only one
 * source. Nothing is larger than the synapses that a rank sends and receives. */
#include "network/creation.h"

#include "network/exchange.h"
#include "network/set_view.h"
#include "network/sort.h"
#include "support/memory.h"

/* What turns stored edges into keys. */
struct keys {
    const struct network *network;
    const struct connection *connection;
    struct set_view source, target;
    node_id **target_position; /* [target.n_ranges][nodes of the population here] position in the target set; owned */
    uint64_t block;            /* number of keys per rank */
};

static void keys_create(const struct network *network, int connection, struct keys *keys)
{
    *keys = (struct keys){.network = network, .connection = &network->script->connections[connection]};
    set_view_create(keys->connection->source, &keys->source);
    set_view_create(keys->connection->target, &keys->target);
    keys->target_position = MEMORY_NEW(keys->target.n_ranges, node_id *, TEMPORARY);
    for (int range = 0; range < keys->target.n_ranges; range++)
        keys->target_position[range] = set_positions_here(&keys->target, range, network->partition,
                                                          &network->script->populations[keys->target.ranges[range].population],
                                                          network->rank);
    uint64_t n_keys = keys->connection->source->size * keys->connection->target->size;
    keys->block = n_keys / (uint64_t)network->partition.n_ranks + 1;
}

static void keys_release(struct keys *keys)
{
    for (int range = 0; range < keys->target.n_ranges; range++)
        memory_free(keys->target_position[range]);
    memory_free(keys->target_position);
    set_view_release(&keys->source);
    set_view_release(&keys->target);
}

/* Give the key of each synapse here, in the order of storage, to `visit`. */
static void for_each_key(const struct keys *keys, void (*visit)(void *context, uint64_t key), void *context)
{
    const struct network *network = keys->network;
    int begin = network->connection_begin[keys->connection->index], n_target = keys->target.n_ranges;
    for (int piece = 0; piece < keys->source.n_ranges * n_target; piece++) {
        const struct edges *edges = &network->edges[begin + piece];
        const node_id *target_position = keys->target_position[piece % n_target];
        for (uint32_t row = 0; row < edges->n_rows; row++) {
            uint64_t source = set_view_position(&keys->source, piece / n_target, edges->row_source[row]);
            for (edge_count k = edges->row_begin[row]; k < edges->row_begin[row + 1]; k++)
                visit(context, source * keys->connection->target->size + target_position[edges->target_local[k]]);
        }
    }
}

/* The keys on their way to the ranks of their blocks. */
struct parcel {
    uint64_t block;
    uint64_t *count;         /* [n_ranks] */
    uint64_t *place;         /* [n_ranks] where the next key of the rank goes */
    uint64_t *keys;          /* in order of ranks */
    const uint64_t *numbers; /* on the way back: the number of each, in the order of `keys` */
    uint64_t *sorted;        /* the numbers in the order of storage */
    uint64_t n;
};

static void count_key(void *context, uint64_t key)
{
    struct parcel *parcel = context;
    parcel->count[key / parcel->block]++;
}

static void pack_key(void *context, uint64_t key)
{
    struct parcel *parcel = context;
    parcel->keys[parcel->place[key / parcel->block]++] = key;
}

static void unpack_number(void *context, uint64_t key)
{
    struct parcel *parcel = context;
    parcel->sorted[parcel->n++] = parcel->numbers[parcel->place[key / parcel->block]++];
}

/* Where each rank's part begins; returns the sum. */
static uint64_t places(const uint64_t *count, int n_ranks, uint64_t *place)
{
    uint64_t sum = 0;
    for (int rank = 0; rank < n_ranks; rank++) {
        place[rank] = sum;
        sum += count[rank];
    }
    return sum;
}

void creation_create(const struct network *network, int connection, struct creation *creation)
{
    int n_ranks = network->partition.n_ranks;
    struct keys keys;
    keys_create(network, connection, &keys);
    *creation = (struct creation){.sent = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY),
                                  .received = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY)};
    struct parcel parcel = {
        .block = keys.block,
        .count = creation->sent,
        .place = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY),
    };
    for_each_key(&keys, count_key, &parcel);
    parcel.keys = MEMORY_NEW(places(parcel.count, n_ranks, parcel.place), uint64_t, TEMPORARY);
    for_each_key(&keys, pack_key, &parcel);
    creation->key = exchange_records(network->communicator, parcel.keys, creation->sent, sizeof(uint64_t), creation->received);
    creation->n = places(creation->received, n_ranks, parcel.place);
    memory_free(parcel.keys);
    memory_free(parcel.place);
    keys_release(&keys);

    /* parallel synapses come from one rank, in order of their copies, and stay so */
    creation->from = MEMORY_NEW(creation->n, uint64_t, TEMPORARY);
    for (uint64_t k = 0; k < creation->n; k++)
        creation->from[k] = k;
    sort_by_key(creation->key, creation->from, creation->n);
    MPI_Exscan(&creation->n, &creation->first, 1, MPI_UINT64_T, MPI_SUM, network->communicator);
    if (network->rank == 0)
        creation->first = 0;
}

void creation_release(struct creation *creation)
{
    memory_free(creation->key);
    memory_free(creation->from);
    memory_free(creation->sent);
    memory_free(creation->received);
    *creation = (struct creation){0};
}

/* Numbers on their way to the ranks of their synapses' keys. */
struct load {
    uint64_t block;
    uint64_t *place;      /* [n_ranks] where the next number for the rank goes */
    const double *stored; /* the next one */
    double *packed;       /* in order of ranks */
};

static void pack_value(void *context, uint64_t key)
{
    struct load *load = context;
    load->packed[load->place[key / load->block]++] = *load->stored++;
}

double *creation_bring(const struct network *network, int connection, const struct creation *creation, const double *stored)
{
    int n_ranks = network->partition.n_ranks;
    struct keys keys;
    keys_create(network, connection, &keys);
    struct load load = {.block = keys.block, .place = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY), .stored = stored};
    load.packed = MEMORY_NEW(places(creation->sent, n_ranks, load.place), double, TEMPORARY);
    for_each_key(&keys, pack_value, &load);
    keys_release(&keys);
    memory_free(load.place);

    uint64_t *count = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY);
    double *came = exchange_records(network->communicator, load.packed, creation->sent, sizeof(double), count);
    memory_free(load.packed);
    memory_free(count);
    double *ordered = MEMORY_NEW(creation->n, double, TEMPORARY);
    for (uint64_t k = 0; k < creation->n; k++)
        ordered[k] = came[creation->from[k]];
    memory_free(came);
    return ordered;
}

uint64_t *network_number(const struct network *network, int connection, uint64_t *n)
{
    struct creation creation;
    creation_create(network, connection, &creation);
    uint64_t *numbers = MEMORY_NEW(creation.n, uint64_t, TEMPORARY); /* in the order in which the keys came */
    for (uint64_t k = 0; k < creation.n; k++)
        numbers[creation.from[k]] = creation.first + k;
    int n_ranks = network->partition.n_ranks;
    uint64_t *count = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY);
    uint64_t *back = exchange_records(network->communicator, numbers, creation.received, sizeof(uint64_t), count);
    memory_free(numbers);

    struct keys keys;
    keys_create(network, connection, &keys);
    struct parcel parcel = {.block = keys.block, .place = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY), .numbers = back};
    parcel.sorted = MEMORY_NEW(places(count, n_ranks, parcel.place), uint64_t, TEMPORARY);
    for_each_key(&keys, unpack_number, &parcel);
    *n = parcel.n;
    memory_free(parcel.place);
    memory_free(back);
    memory_free(count);
    keys_release(&keys);
    creation_release(&creation);
    return parcel.sorted;
}
