/* What a kernel gets and gives: the steps of one block of LANES nodes.
 *
 * This text, with lanes.h and maths.h before it, opens every generated kernel, and the program itself includes it for the
 * interpreter; the structures are the interface between both, so their layout must not depend on the instruction set: no `lanes`
 * in block_arguments. */
#ifndef GLION_KERNELS_RUNTIME_H
#define GLION_KERNELS_RUNTIME_H

enum block_fault {
    BLOCK_FINE,
    BLOCK_NOT_FINITE,     /* a state became NaN or infinite */
    BLOCK_TOO_MANY_STEPS, /* the adaptive integrator makes no headway */
    BLOCK_TOO_MANY_SPIKES /* a node would emit more than BLOCK_SPIKES_MAX spikes in a step */
};

/* More than any input can mean: nodes that repeat each other's spikes multiply them without end. */
#define BLOCK_SPIKES_MAX 1000000

/* A lane that spiked `multiplicity` times in a step. */
struct block_spike {
    int step; /* counted from the first step of the call */
    int lane;
    int multiplicity;
};

struct block_arguments {
    double *slots;          /* [slots][LANES], this block's; aligned */
    const double *shared;   /* the population's shared table */
    const double *inputs;   /* [step][input][LANES] summed inputs of this block; aligned */
    const double *arrivals; /* likewise: what arrives at the end of step s */
    double *couplings;      /* likewise: value k at the grid time at which step s begins; written */
    long long first_step;   /* grid step at which the first step begins */
    int n_steps;
    double dt;                  /* seconds */
    double index, index_step;   /* position in the population of lane 0, and the distance from lane to lane */
    unsigned live;              /* bit k: lane k holds a node */
    struct block_spike *spikes; /* written; room for n_steps*LANES */
    int n_spikes;               /* grows */
    enum block_fault fault;     /* written, with the step (counted from the first) after which it showed, and the lanes */
    int fault_step;
    unsigned fault_lanes;
    const void *plan; /* interpreter: struct node_plan */
    double *scratch;  /* interpreter: room for its registers; aligned */
};

/* The surroundings in which a program runs. */
struct frame {
    double *slots;
    const double *shared;
    const double *inputs; /* of this step */
    lanes time;           /* seconds; at an integrator's stage, the stage's */
    lanes step;           /* the grid step at which the step begins */
    lanes index;
    lanes dt;
    lanes_mask not_refractory;
    lanes_mask live; /* lanes that hold a node */
    const void *plan;
    double *scratch;
};

#define HOOK static inline __attribute__((always_inline, unused))

#endif
