/* The nodes of one population on this rank: their state, and the inputs of the interval at hand.
 *
 * State stands in blocks of LANES nodes, [block][slot][lane], so that a block's state stays in the first cache while it runs all
 * steps of an interval. Lanes beyond the last node are copies of it; they compute along and are never seen. Inputs stand in rows,
 * [step][input][node], so that delivery touches one row at a time. */
#ifndef GLION_ENGINE_NODES_H
#define GLION_ENGINE_NODES_H

#include "engine/observer.h"
#include "kernels/kernels.h"
#include "network/partition.h"
#include "plan/plan.h"

struct nodes {
    const struct node_plan *plan; /* borrowed */
    block_function *run;          /* NULL: nothing happens in a step */
    node_local n;                 /* on this rank */
    uint32_t n_blocks;
    long long stride;                   /* n_blocks*LANES */
    node_index first_index, index_step; /* index of local k is first_index + k*index_step */
    double *slots;                      /* [n_blocks][plan->n_slots][LANES]; owned */
    double *shared;                     /* [plan->shared.n_shared]; owned */
    int n_steps_max;                    /* the longest interval that the rows below hold */
    double *inputs;                     /* [n_steps_max][plan->n_inputs][stride]; owned */
    double *arrivals;                   /* [n_steps_max][plan->n_arrivals][stride]; owned */
    double *couplings;                  /* [n_steps_max][plan->n_couplings][stride]; owned */
};

/* Allocate, and give every slot its initial value: the same for a node wherever it lives. `all_here`: this rank holds all nodes
 * (devices that every rank evaluates for itself). */
void nodes_create(const struct script *script, const struct node_plan *plan, block_function *run, struct partition partition,
                  int rank, bool all_here, int n_steps_max, struct nodes *out);
void nodes_release(struct nodes *nodes);

/* A block's slots. */
static inline double *nodes_block(const struct nodes *nodes, uint32_t block)
{
    return nodes->slots + (size_t)block * (size_t)nodes->plan->n_slots * 8;
}

/* Row of arrival k (input k) for a step of the interval: [stride]. */
static inline double *nodes_arrivals(const struct nodes *nodes, int step, int k)
{
    return nodes->arrivals + ((long long)step * nodes->plan->n_arrivals + k) * nodes->stride;
}

static inline double *nodes_inputs(const struct nodes *nodes, int step, int k)
{
    return nodes->inputs + ((long long)step * nodes->plan->n_inputs + k) * nodes->stride;
}

static inline double *nodes_couplings(const struct nodes *nodes, int step, int k)
{
    return nodes->couplings + ((long long)step * nodes->plan->n_couplings + k) * nodes->stride;
}

const struct port_plan *nodes_port(const struct nodes *nodes, const char *name);
node_index nodes_index(const struct nodes *nodes, node_local local);
/* Bits of the lanes of a block that hold nodes. */
unsigned nodes_live(const struct nodes *nodes, uint32_t block);

#endif
