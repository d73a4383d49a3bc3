#include "engine/exchange.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "support/memory.h"

void exchange_create(MPI_Comm communicator, struct exchange *exchange)
{
    *exchange = (struct exchange){.communicator = communicator};
    MPI_Comm_rank(communicator, &exchange->rank);
    MPI_Comm_size(communicator, &exchange->n_ranks);
    exchange->headers = MEMORY_NEW(exchange->n_ranks, struct wire_header, BUFFERS);
    exchange->counts = MEMORY_NEW(exchange->n_ranks, int, BUFFERS);
    exchange->offsets = MEMORY_NEW(exchange->n_ranks, int, BUFFERS);
    MPI_Type_contiguous(sizeof(struct wire_spike), MPI_BYTE, &exchange->spike_type);
    MPI_Type_commit(&exchange->spike_type);
}

void exchange_release(struct exchange *exchange)
{
    if (!exchange->headers)
        return;
    MPI_Type_free(&exchange->spike_type);
    memory_free(exchange->headers);
    memory_free(exchange->counts);
    memory_free(exchange->offsets);
    memory_free(exchange->spikes_out);
    memory_free(exchange->values_out);
    memory_free(exchange->spikes_in);
    memory_free(exchange->values_in);
    *exchange = (struct exchange){0};
}

void exchange_begin(struct exchange *exchange)
{
    exchange->n_spikes_out = 0;
    exchange->n_values_out = 0;
}

void exchange_add_spike(struct exchange *exchange, struct wire_spike spike)
{
    *MEMORY_PUSH(exchange->spikes_out, exchange->n_spikes_out, exchange->spikes_out_capacity, struct wire_spike, BUFFERS) = spike;
}

void exchange_add_values(struct exchange *exchange, const double *values, uint64_t n)
{
    if (n == 0)
        return;
    if (exchange->n_values_out + n > exchange->values_out_capacity) {
        exchange->values_out_capacity = 2 * (exchange->n_values_out + n);
        exchange->values_out = MEMORY_RESIZE(exchange->values_out, exchange->values_out_capacity, double, BUFFERS);
    }
    memcpy(exchange->values_out + exchange->n_values_out, values, n * sizeof(double));
    exchange->n_values_out += n;
}

/* The failed rank with the lowest (step, node). */
static int worst_rank(const struct exchange *exchange)
{
    int worst = -1;
    for (int rank = 0; rank < exchange->n_ranks; rank++) {
        const struct wire_header *a = &exchange->headers[rank], *b = worst < 0 ? NULL : &exchange->headers[worst];
        if (a->failed &&
            (!b || a->fault_step < b->fault_step || (a->fault_step == b->fault_step && a->fault_node < b->fault_node)))
            worst = rank;
    }
    return worst;
}

/* What one rank alone would send to itself is there already. */
static void keep(void **out, uint64_t *out_capacity, void **in, uint64_t *in_capacity)
{
    void *sent = *out;
    uint64_t capacity = *out_capacity;
    *out = *in;
    *out_capacity = *in_capacity;
    *in = sent;
    *in_capacity = capacity;
}

/* Gather what all ranks have of one kind. `counts` are set. Returns the sum. */
static uint64_t gather(struct exchange *exchange, const void *out, void **in, uint64_t *capacity, MPI_Datatype type, size_t size)
{
    uint64_t total = 0;
    for (int rank = 0; rank < exchange->n_ranks; rank++) {
        exchange->offsets[rank] = (int)total;
        total += (uint64_t)exchange->counts[rank];
    }
    assert(total <= INT_MAX);
    if (total > *capacity) {
        memory_free(*in);
        *capacity = total + total / 2;
        *in = memory_new(*capacity * size, MEMORY_BUFFERS);
    }
    if (total)
        MPI_Allgatherv(out, exchange->counts[exchange->rank], type, *in, exchange->counts, exchange->offsets, type,
                       exchange->communicator);
    return total;
}

int exchange_run(struct exchange *exchange, struct wire_header own)
{
    own.n_spikes = (int64_t)exchange->n_spikes_out;
    own.n_values = (int64_t)exchange->n_values_out;
    int size = sizeof own;
    MPI_Allgather(&own, size, MPI_BYTE, exchange->headers, size, MPI_BYTE, exchange->communicator);
    int worst = worst_rank(exchange);
    if (worst >= 0)
        return worst;
    for (int rank = 0; rank < exchange->n_ranks; rank++)
        exchange->counts[rank] = (int)exchange->headers[rank].n_spikes;
    if (exchange->n_ranks == 1) {
        keep((void **)&exchange->spikes_out, &exchange->spikes_out_capacity, (void **)&exchange->spikes_in,
             &exchange->spikes_in_capacity);
        keep((void **)&exchange->values_out, &exchange->values_out_capacity, (void **)&exchange->values_in,
             &exchange->values_in_capacity);
        exchange->n_spikes_in = exchange->n_spikes_out;
        exchange->n_values_in = exchange->n_values_out;
        return -1;
    }
    exchange->n_spikes_in = gather(exchange, exchange->spikes_out, (void **)&exchange->spikes_in, &exchange->spikes_in_capacity,
                                   exchange->spike_type, sizeof(struct wire_spike));
    for (int rank = 0; rank < exchange->n_ranks; rank++)
        exchange->counts[rank] = (int)exchange->headers[rank].n_values;
    exchange->n_values_in = gather(exchange, exchange->values_out, (void **)&exchange->values_in, &exchange->values_in_capacity,
                                   MPI_DOUBLE, sizeof(double));
    return -1;
}
