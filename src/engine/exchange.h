/* What all ranks tell each other at the end of an interval: how they are, who spiked, and the continuous values that are not 0.
 * One MPI_Allgather of fixed-size headers, then one MPI_Allgatherv for each kind of data that anybody has. */
#ifndef GLION_ENGINE_EXCHANGE_H
#define GLION_ENGINE_EXCHANGE_H

#include <mpi.h>

#include "support/fault.h"
#include "support/types.h"

/* A spike on the wire, or an event. */
struct wire_spike {
    node_id node;  /* and of which channel (plan/channels.h); of a spike it is the global id */
    uint16_t step; /* counted from the beginning of the interval */
    uint16_t multiplicity;
};

#define INTERVAL_STEPS_MAX 1024 /* so that a step fits, and a fault is noticed soon */

/* How a rank is: the same structure from every rank, in a vector indexed by rank. */
struct wire_header {
    int64_t failed;     /* 0 or 1 */
    int64_t fault_step; /* of several faults the one with the lowest (step, node) is reported */
    int64_t fault_node;
    int64_t signal; /* a signal that asks to stop, 0 none */
    int64_t n_spikes;
    int64_t n_values; /* doubles of continuous values */
};

struct exchange {
    MPI_Comm communicator; /* borrowed */
    int rank, n_ranks;
    struct wire_spike *spikes_out; /* [n_spikes_out]; owned */
    uint64_t n_spikes_out, spikes_out_capacity;
    double *values_out; /* [n_values_out] entries of loud_values.h; owned */
    uint64_t n_values_out, values_out_capacity;
    struct wire_spike *spikes_in; /* [n_spikes_in], by rank; owned */
    uint64_t n_spikes_in, spikes_in_capacity;
    double *values_in; /* [n_values_in], by rank; owned */
    uint64_t n_values_in, values_in_capacity;
    struct wire_header *headers; /* [n_ranks]; owned */
    int *counts, *offsets;       /* [n_ranks]; owned */
    MPI_Datatype spike_type;
};

void exchange_create(MPI_Comm communicator, struct exchange *exchange);
void exchange_release(struct exchange *exchange);

/* Forget what was to be sent. */
void exchange_begin(struct exchange *exchange);
void exchange_add_spike(struct exchange *exchange, struct wire_spike spike);
void exchange_add_values(struct exchange *exchange, const double *values, uint64_t n);
/* Collective. Afterwards `headers` are filled; if no rank failed, so is what came in. Returns the rank whose fault counts, -1 if
 * none failed. */
int exchange_run(struct exchange *exchange, struct wire_header own);

#endif
