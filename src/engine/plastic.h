/* Synapses that are not the same at every spike and differ from each other: a weight per synapse together with short-term
 * plasticity, or a value per synapse that spikes change, those of its source or those of its target (engine/replay.h).
 *
 * What depends on the source alone is computed when a spike is known, once per spike and row, and kept until it has arrived
 * everywhere. The rest (plan->per_synapse) is computed at arrival, LANES synapses at a time, by the thread that owns the targets:
 * it alone reads and writes these synapses' columns. A synapse's events arrive in order of emission, since its delay does not
 * change. */
#ifndef GLION_ENGINE_PLASTIC_H
#define GLION_ENGINE_PLASTIC_H

#include "engine/calendar.h"
#include "engine/event_ring.h"
#include "engine/nodes.h"
#include "engine/observer.h"
#include "engine/post_history.h"

struct growing_sent {
    struct sent *rows; /* owned */
    uint64_t n, capacity;
};

/* What a slab's thread works with. */
struct plastic_worker {
    double *slots; /* [plan->n_states + plan->n_columns][LANES] of the synapses at hand: states as their source's last spike left
                      them, if on_post may read them; columns; owned */
    double *arguments;        /* [1 + plan->n_factors][LANES] of plan->per_synapse; owned */
    double *sending;          /* [plan->n_sent][LANES] what they send; owned */
    double *scratch;          /* the interpreter's; owned */
    struct growing_sent sent; /* what arrived in the interval, if it is reported */
};

struct plastic {
    const struct connection_plan *plan;            /* borrowed */
    struct edges *edges;                           /* borrowed; their columns change */
    int edges_index;                               /* in network->edges */
    const struct port_plan *port;                  /* of the target population */
    const double *target_shared;                   /* the target population's shared table */
    struct program_runner per_synapse, increments; /* of the plan, and of the port */
    struct program_runner *on_post;                /* [plan->n_on_post]; owned */
    bool is_reported;                              /* somebody wants to see what is sent */
    const struct post_history *post;               /* of the target population; borrowed; NULL without on_post */
    step_count post_offset;                        /* 1 where the target model stamps the end of the step, else 0 */
    struct source_state source;
    struct row_events fresh; /* those that plastic_tell was told of last */
    uint64_t first_fresh;    /* their first one's number */
    step_count settled;      /* what spikes of targets did before this step is in the columns, whatever the sources did */
    struct event_ring ring;
    int n_slabs;
    struct plastic_worker *workers; /* [n_slabs]; owned */
};

void plastic_create(const struct connection_plan *plan, struct edges *edges, int edges_index, const struct script *script,
                    const struct nodes *target, const struct post_history *post, const struct kernels *kernels, bool is_reported,
                    struct plastic *plastic);
void plastic_release(struct plastic *plastic);

/* Take in what was emitted in the steps [begin, end), which follow on those of the last call; whatever arrives before the step
 * `arriving` has been delivered. Returns the number of events, which are numbered from plastic->first_fresh in the history's
 * order. */
uint64_t plastic_tell(struct plastic *plastic, const struct history *history, step_count begin, step_count end,
                      step_count arriving);

/* Add what arrives in step `arrival` over the runs of a slab to the arrival rows of its targets: `step` counts from the beginning
 * of the interval. Different threads may do so for different slabs. Returns the number of synapses. */
uint64_t plastic_arrive(const struct plastic *plastic, int slab, const struct arriving_runs *runs, const struct tile *arrivals,
                        step_count arrival, int step);

/* A synapse that somebody looks at: its place in the edges, and the row that it is in. */
struct shown_synapse {
    edge_count place;
    uint32_t row;
};

/* A column of n <= LANES synapses as it is before step `now`, with what spikes of their targets have done since the last spike of
 * their sources that has arrived: values[LANES]. Nothing changes. Synapses that send are those of their delay ago: what arrives
 * in step `now` would be sent by them. */
void plastic_show(const struct plastic *plastic, const struct shown_synapse *synapses, int n, step_count now, int column,
                  double *values);

/* Bring all columns to what they are before step `now`. For synapses that listen to their targets; of others they are. */
void plastic_settle(struct plastic *plastic, step_count now);

#endif
