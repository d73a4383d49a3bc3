/* All synapses without state that start at one population, fused for delivery: a spike's targets in one row, whichever connection
 * and target population they belong to.
 *
 * A row is a list of additions: where (an accumulator of the interval's arrivals, of any population) and how much. It is cut in
 * runs, by slab and delay (network/runs.h), which enter a thread's calendar when the spike is known. A run of ten synapses costs
 * two or three reads of memory that nothing foretells; fused, runs are as many times longer as connections are fused.
 *
 * The order of additions is that of the connections only as far as it matters: for each accumulator (paths.c sees to it). */
#ifndef GLION_ENGINE_FAN_H
#define GLION_ENGINE_FAN_H

#include "engine/calendar.h"
#include "engine/history.h"
#include "engine/increments.h"
#include "engine/nodes.h"

/* A piece of a connection that goes into a fan. */
struct fan_piece {
    struct edges *edges;          /* borrowed; what the fan replaces is released, unless is_kept */
    int edges_index;              /* in network->edges */
    struct increments increments; /* owned */
    const struct tile *arrivals;  /* of the target population */
    size_t arrivals_begin;        /* where they begin among the arrivals of all populations */
    bool is_split;                /* the steps of its targets run in two phases */
    bool is_kept;                 /* its edges are needed as they are: somebody wants to see what is sent */
};

struct fan {
    int source;               /* population */
    bool is_split;            /* the steps of its targets run in two phases */
    struct fan_piece *pieces; /* [n_pieces] in order of arrival; owned */
    int n_pieces, capacity;
    /* Rows by source as in network/edges.h; target_local says where to add, counted from the arrivals of all populations, for the
     * first step of an interval; column 0 says how much, where that differs. Owned. */
    struct edges rows;
    const double *values; /* column 0; NULL: `singles`, or all additions are `common` */
    const float *singles; /* column 0 in single precision, where that is what all numbers have (flag `single`) */
    double common;
    size_t step_length;         /* doubles from one step of an interval to the next: the same in all target populations */
    struct calendar *calendars; /* [rows.n_slabs]; owned */
};

/* May the piece go into the fan? All additions are of different numbers, or of the same; steps are equally long, and all targets
 * take them in at the same time. */
bool fan_takes(const struct fan *fan, const struct fan_piece *piece);
/* The first piece makes the fan. Takes what the piece owns. */
void fan_add(struct fan *fan, const struct fan_piece *piece);
/* When all pieces are there. `depth`: of the calendars. */
void fan_finish(struct fan *fan, step_count depth);
void fan_release(struct fan *fan);

/* Enter what was emitted in the steps [begin, end) for one slab; different threads may do so for different slabs. Returns the
 * number of runs. */
uint64_t fan_expect(struct fan *fan, int slab, const struct history *history, step_count begin, step_count end);
/* Add what arrives in the steps [begin, end) for one slab to the arrivals of all populations. Returns the number of additions. */
uint64_t fan_deliver(struct fan *fan, int slab, double *arrivals, step_count begin, step_count end);

#endif
