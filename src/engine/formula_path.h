/* The way of a formula (plan/formula.h) over one piece of a connection: in each step, for each synapse, programs of values of its
 * source `delay` ago, of its target as the step begins, and of its own. First runs what is done at regular times. What they give
 * is summed into inputs of the target, in order of source and synapse, and clock-driven variables go on to the end of the step;
 * there spikes that arrive change them.
 *
 * The thread that owns a target computes its synapses, many at a time, whatever rows they stand in; it alone reads and writes
 * their columns. A step of the nodes begins behind that of their synapses. */
#ifndef GLION_ENGINE_FORMULA_PATH_H
#define GLION_ENGINE_FORMULA_PATH_H

#include "engine/history.h"
#include "engine/nodes.h"
#include "engine/positions.h"
#include "engine/source_values.h"
#include "kernels/wide.h"
#include "network/network.h"

/* A value of an end. Of the three ways to have it one is in use. */
struct formula_reading {
    const struct program *program; /* of the nodes' plan: sources that are copied, and targets */
    struct source_values exchanged;
    double *copied;    /* [n_rows] of the sources; owned */
    double *of_target; /* [target->n_blocks][LANES] as the step begins; each thread writes its own part; owned */
};

struct formula_worker;

struct formula_path {
    const struct connection_plan *plan; /* borrowed */
    struct edges *edges;                /* borrowed; their columns change */
    const struct history *history;      /* the spikes of all ranks; borrowed */
    const struct nodes *source, *target;
    struct formula_reading *readings; /* [plan->formula.n_ends]; owned */
    int *inputs;                      /* [plan->formula.n_inputs] rows of the target's inputs; owned */
    double *shared;                   /* owned */
    struct positions positions;       /* empty: nobody asks */
    struct random_key *noise_keys;    /* [n_instructions] of what advances the synapses; owned; NULL: there is no noise */
    struct random_key **every_keys;   /* [plan->formula.n_everys] of those that draw: [n_instructions]; owned */
    uint8_t *number;                  /* [edges_size] among synapses of the same nodes; owned; NULL: nothing is drawn */
    double dt;
    step_count delay;         /* from the spikes of sources to on_pre */
    step_count reading_delay; /* of what is read of sources */
    const struct wide *wide;
    bool sums_wait, advance_waits; /* until something of the source has come over */
    bool changes_columns;
    int n_slabs;
    struct formula_worker *workers; /* [n_slabs]; owned */
};

/* `source`, `target`: of this rank, where they will stay. */
void formula_path_create(const struct connection_plan *plan, struct edges *edges, const struct network *network,
                         const struct history *history, const struct nodes *source, const struct nodes *target, int n_slabs,
                         struct formula_path *path);
void formula_path_release(struct formula_path *path);

/* Collective: take up what does not change during a run. */
void formula_path_begin_run(struct formula_path *path, const struct network *network);

/* What arrives before step `now` has been received, also without delay, which else waits for the next step. */
void formula_path_receive(const struct formula_path *path, step_count now);

/* What is done at regular times has been done in step `now`, too, all else in it not yet; its nodes are as it begins. */
void formula_path_act(const struct formula_path *path, step_count now);

/* Add to the input rows of the steps [begin, end), and take the synapses through them, for the targets of one slab's thread,
 * which are the blocks [first, last). Returns how many synapses that took, counted step by step. */
uint64_t formula_path_deliver(const struct formula_path *path, int slab, step_count begin, step_count end, uint32_t first,
                              uint32_t last);

#endif
