/* What a kernel gets and gives: the steps of consecutive blocks of LANES nodes.
 *
 * This text, with lanes.h and maths.h before it, opens every generated kernel, and the program itself includes it for the
 * interpreter; the structures are the interface between both, so their layout must not depend on the instruction set: no `lanes`
 * in block_arguments. */
#ifndef GLION_KERNELS_RUNTIME_H
#define GLION_KERNELS_RUNTIME_H

#ifndef MODEL_HELD_SLOTS
#define MODEL_HELD_SLOTS 0 /* all of a node's slots if a kernel holds them while a gang runs (slot_load); else 0 */
#endif

#define GANG_MAX 4 /* the most blocks that a kernel computes side by side (LANES_GANG) */

enum block_fault {
    BLOCK_FINE,
    BLOCK_NOT_FINITE,      /* a state became NaN or infinite */
    BLOCK_TOO_MANY_STEPS,  /* the adaptive integrator makes no headway */
    BLOCK_TOO_MANY_SPIKES, /* a node would emit more than BLOCK_SPIKES_MAX spikes in a step */
    BLOCK_NO_SUCH_LAW      /* a count cannot be drawn: a negative mean, or the like */
};

/* More than any input can mean: nodes that repeat each other's spikes multiply them without end. */
#define BLOCK_SPIKES_MAX 1000000

/* A node that spiked `multiplicity` times in a step. */
struct block_spike {
    int step; /* counted from the first step of the call */
    int node; /* counted from lane 0 of the first block of the call */
    int multiplicity;
};

/* Counts that programs draw, one for each of n nodes: poisson(mean), binomial(trials, probability). The program itself draws them
 * (counts.h). */
enum count_kind { COUNT_POISSON, COUNT_BINOMIAL };

struct counts_request {
    enum count_kind kind;
    int n;
    unsigned wanted;                            /* bit k: element k gets one; others 0 */
    const double *key;                          /* two whole numbers, as the shared table has them */
    const double *index, *step, *evaluation;    /* [n] whom and when they are for (draw.h) */
    const double *mean_or_trials, *probability; /* [n] */
    double *counts;                             /* [n] written */
};

typedef unsigned counts_function(const struct counts_request *request);

/* Lanes for which there is no such law: of each the first draw that could not be, and its arguments. */
struct counts_refused {
    unsigned lanes;             /* as bits */
    int slot[LANES * GANG_MAX]; /* of the draw's key in the shared table */
    double mean_or_trials[LANES * GANG_MAX], probability[LANES * GANG_MAX];
};

/* A step in phases (phases.h), for nodes at which spikes arrive in the step of their emission. Those that a call asks for run in
 * this order. */
enum block_phase {
    BLOCK_TAKE_IN = 1, /* of the step before a->first_step: what arrived is taken in */
    BLOCK_RESET = 2,   /* of the step before a->first_step: nodes that spiked are reset */
    BLOCK_END = BLOCK_TAKE_IN | BLOCK_RESET,
    BLOCK_SHOW = 4, /* of a->first_step: nothing but the values that continuous connections carry */
    BLOCK_BEGIN = 8 /* of a->first_step: from these values to the thresholds */
};

/* Rows of numbers for each step, [step][kind][LANES], that stand block by block. */
struct block_rows {
    double *first;       /* of the first block; aligned */
    unsigned long pitch; /* doubles from block to block */
};

struct block_arguments {
    struct block_rows slots;     /* the blocks' state; one row per slot, no steps */
    const double *shared;        /* the population's shared table */
    struct block_rows inputs;    /* summed inputs; read */
    struct block_rows arrivals;  /* what arrives at the end of each step; read, and with BLOCK_TAKE_IN cleared */
    struct block_rows couplings; /* value k at the grid time at which the step begins; written */
    int n_blocks;
    int n_nodes;          /* from lane 0 of the first block on; lanes beyond hold none */
    long long first_step; /* grid step at which the first step begins */
    int n_steps;
    double dt;                  /* seconds */
    double index, index_step;   /* position in the population of the first node, and the distance from node to node */
    struct block_spike *spikes; /* written: within a step nodes ascend, save those that left their gang (stragglers.h) */
    int n_spikes, spikes_room;  /* grows; room for at least BLOCK_SPIKES(n_steps) */
    int n_done;                 /* written: blocks that have run all steps. The others have not begun: call again with them */
    enum block_fault fault; /* written: the first by (step, node), with the step after which it showed. The run is over then */
    int fault_step, fault_node; /* counted as in block_spike */
    int fault_slot;             /* written with BLOCK_NO_SUCH_LAW: as in struct counts_refused, and so are the arguments */
    double fault_arguments[2];
    counts_function *draw_counts; /* counts_of_step of kernels/counts.h */
    const void *plan;             /* interpreter: struct node_plan */
    double *scratch;              /* block_scratch_bytes of kernels/interpreter.h; aligned */
    int phases;            /* bits of enum block_phase; 0: whole steps. Nodes that run in phases (node_plan_is_split) run in
                              nothing else, others run whole steps or BLOCK_SHOW alone. With phases n_steps is 1 */
    unsigned char *spiked; /* [n_blocks] bit k: lane k is to be reset at the end of the step: BLOCK_BEGIN writes,
                              BLOCK_RESET reads. May be NULL for whole steps */
};

/* Room for the spikes of two gangs, the one at hand and its stragglers. */
#define BLOCK_SPIKES(n_steps) (2 * GANG_MAX * LANES * (n_steps))

/* The surroundings in which a program runs: a gang of LANES_GANG blocks that are computed side by side. */
struct frame {
    double *slots[LANES_GANG]; /* of each block: [slot][LANES] */
    const double *shared;
    double *inputs[LANES_GANG]; /* of each block, in this step: [input][LANES] */
    double *arrivals[LANES_GANG];
    double *couplings[LANES_GANG];
    lanes time; /* seconds; at an integrator's stage, the stage's */
    lanes step; /* the grid step at which the step begins */
    lanes index;
    lanes evaluation; /* of what runs several times in a step, the how manieth: the spikes in it so far */
    lanes dt;
    lanes_mask not_refractory;
    unsigned acting; /* lanes, as bits, in which what is computed counts: the others draw no counts */
    counts_function *draw_counts;
    struct counts_refused *refused;
    lanes_mask present; /* lanes whose couplings count: those that hold a node which has not left its gang (stragglers.h) */
    const void *plan;
    double *scratch;                                     /* of the interpreter */
    int is_whole;                                        /* all blocks of the gang hold LANES nodes */
    int phases;                                          /* of the call */
    lanes held[MODEL_HELD_SLOTS ? MODEL_HELD_SLOTS : 1]; /* the slots, where they do not stay in memory */
};

#define HOOK static inline __attribute__((always_inline, unused))
#define HOOK_APART static __attribute__((noinline, unused)) /* large, and not on the way of most steps */

/* Where a slot of a gang stands between two calls. */
HOOK lanes slot_fetch(const struct frame *f, int slot)
{
    return lanes_load_gang(f->slots, (unsigned long)slot * LANES);
}

HOOK void slot_leave(const struct frame *f, int slot, lanes value)
{
    lanes_store_gang(f->slots, (unsigned long)slot * LANES, value);
}

/* Where it stands while the gang runs: there, or with MODEL_HELD_SLOTS in f->held, which the compiler keeps in registers. (It
 * keeps nothing in registers for memory: for all it knows, a gang's blocks lie across each other.) */
HOOK lanes slot_load(const struct frame *f, int slot)
{
    return MODEL_HELD_SLOTS ? f->held[slot] : slot_fetch(f, slot);
}

HOOK void slot_store(struct frame *f, int slot, lanes value)
{
    if (MODEL_HELD_SLOTS)
        f->held[slot] = value;
    else
        slot_leave(f, slot, value);
}

/* Stores a value where the mask holds. */
HOOK void slot_store_where(struct frame *f, int slot, lanes_mask mask, lanes value)
{
    slot_store(f, slot, lanes_select(mask, value, slot_load(f, slot)));
}

HOOK lanes input_load(const struct frame *f, int input)
{
    return lanes_load_gang(f->inputs, (unsigned long)input * LANES);
}

HOOK lanes arrival_load(const struct frame *f, int arrival)
{
    return lanes_load_gang(f->arrivals, (unsigned long)arrival * LANES);
}

/* Where a node has left, its true value may stand already: a straggler may be steps ahead of its gang. */
HOOK void coupling_store(const struct frame *f, int coupling, lanes value)
{
    const unsigned long row = (unsigned long)coupling * LANES;
    lanes_store_gang(f->couplings, row, lanes_select(f->present, value, lanes_load_gang(f->couplings, row)));
}

#endif
