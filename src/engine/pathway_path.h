/* The way of spikes over one piece of a connection whose pathways are general (plan/pathways.h).
 *
 * Such an event acts on the state of its target as it is in the middle of a step, behind the threshold: each thread runs the
 * events of its own targets, in the order of DESIGN section 4: pathway by pathway, within one by emission step, source and
 * synapse. What has been added up for a target by then is taken in before the first event that meets it.
 *
 * LANES events run at once, as long as none of them needs what another one of them does. */
#ifndef GLION_ENGINE_PATHWAY_PATH_H
#define GLION_ENGINE_PATHWAY_PATH_H

#include "engine/history.h"
#include "engine/nodes.h"
#include "engine/positions.h"
#include "engine/source_values.h"
#include "kernels/runtime_host.h"
#include "network/network.h"

struct pathway_worker;

/* Where the value of an end is found. */
struct end_reading {
    double *copied;                 /* [edges->n_rows] of sources whose value stays; owned; else NULL */
    struct source_values exchanged; /* of sources whose value changes; else empty */
    const struct program *program;  /* of the end's population, where it is not just a slot */
    int slot;                       /* of the target's; -1: there is none */
};

struct pathway_path {
    const struct connection_plan *plan; /* borrowed */
    struct edges *edges;                /* borrowed; their columns change */
    int edges_index;                    /* in network->edges */
    const struct history *history;
    int *channel;                        /* [plan->pathways.n] of the history: what each runs at; owned */
    const struct nodes *source, *target; /* the target's state changes */
    double dt;
    double *shared;                  /* the synapses' shared table; owned */
    struct end_reading *readings;    /* [plan->pathways.n_ends]; owned */
    int *written_slot;               /* [plan->pathways.n_written] of the target; owned */
    struct program_runner *programs; /* [plan->pathways.n]; owned */
    step_count *last;                /* [edges_size] arrival of the synapse's last event, at first 0; owned; NULL: nobody asks */
    edge_count *target_begin;        /* [target->n + 1] where the synapses of each target begin in by_target */
    edge_count *by_target;           /* [edges_size] places in the edges, ascending for each target; both owned, and only with
                                        on_post */
    uint16_t **delay;                /* [plan->pathways.n] of each synapse, [edges_size] steps; owned; NULL: it does not differ,
                                        or how rows are cut says it */
    uint8_t *number;                 /* [edges_size] among synapses of the same nodes; owned; NULL: no pathway draws */
    const struct wide *wide;         /* for pathways that draw */
    bool asks_for_rows;              /* some pathway reads something of the source */
    struct random_key **keys;        /* [plan->pathways.n] of a pathway that draws: [n_instructions] of the program; owned */
    struct positions positions;      /* empty: nobody asks */
    int n_workers;
    struct pathway_worker *workers; /* [n_workers] one per thread; owned */
};

/* An event with a count that cannot be drawn: a negative mean, or the like. */
struct pathway_failure {
    bool found;
    int pathway;
    step_count step; /* of arrival */
    node_local target;
    enum count_kind law;
    double arguments[2]; /* of the law */
};

void pathway_path_create(const struct connection_plan *plan, struct edges *edges, int edges_index, const struct network *network,
                         const struct channels *channels, const struct history *history, const struct nodes *source,
                         const struct nodes *target, const struct kernels *kernels, int n_threads, struct pathway_path *path);
void pathway_path_release(struct pathway_path *path);

/* Collective, before the first step of a run: what sources keep for good is asked of their owners. */
void pathway_path_begin_run(struct pathway_path *path, const struct network *network);

/* The events of a pathway that arrive in the steps [begin, end), at the targets with local positions [first, last), which are
 * those of a thread. Returns how many. */
uint64_t pathway_path_deliver(const struct pathway_path *path, int pathway, int thread, step_count begin, step_count end,
                              node_local first, node_local last);

/* The first one of a thread so far, by (step, target). */
const struct pathway_failure *pathway_path_failure(const struct pathway_path *path, int thread);

#endif
