/* The nodes of one population on this rank: their state, and the inputs of the interval at hand.
 *
 * State stands in blocks of LANES nodes, [block][slot][lane], so that a block's state stays in the first cache while it runs all
 * steps of an interval. Lanes beyond the last node are copies of it; they compute along and are never seen. The
 * numbers that come and go with each step (struct tile) stand block by block too: a kernel reads its block's from one place. */
#ifndef GLION_ENGINE_NODES_H
#define GLION_ENGINE_NODES_H

#include "engine/observer.h"
#include "kernels/kernels.h"
#include "network/partition.h"
#include "plan/plan.h"
#include "support/lanes.h"

/* Numbers per node and step of an interval: [block][step][kind][lane]. */
struct tile {
    double *values; /* owned by the nodes */
    int n_kinds;
    size_t pitch; /* doubles from block to block */
};

/* What a block has for a step: [kind][LANES]. */
static inline double *tile_block(const struct tile *tile, uint32_t block, int step)
{
    return tile->values + block * tile->pitch + (size_t)step * (size_t)tile->n_kinds * LANES;
}

/* All nodes of a step and kind: the node with local position k is at row[tile_place(tile, k)]. */
static inline double *tile_row(const struct tile *tile, int step, int kind)
{
    return tile_block(tile, 0, step) + kind * LANES;
}

static inline size_t tile_place(const struct tile *tile, node_local local)
{
    return local / LANES * tile->pitch + local % LANES;
}

struct nodes {
    const struct node_plan *plan; /* borrowed */
    block_function *run;          /* NULL: nothing happens in a step */
    node_local n;                 /* on this rank */
    uint32_t n_blocks;
    step_count since;                   /* they exist from the beginning of this step on */
    node_index first_index, index_step; /* index of local k is first_index + k*index_step */
    const node_index *listed;           /* … or listed[k]: [n] ascending; borrowed; else NULL */
    double *slots;                      /* [n_blocks][plan->n_slots][LANES]; owned */
    double *shared;                     /* [plan->shared.n_shared]; owned */
    unsigned char *spiked;              /* [n_blocks] if steps run in phases: block_arguments.spiked; owned; else NULL */
    bool ends_early;    /* a step ends before inputs are formed: what ends it, or is recorded then, reads inputs, or the inputs of
                           some node, or `every`, read the state behind it */
    int n_steps_max;    /* the longest interval that the rows below hold */
    struct tile inputs; /* node_plan_input_rows(plan) per step */
    struct tile arrivals;    /* plan->n_arrivals per step */
    struct tile couplings;   /* plan->n_couplings per step */
    struct tile late_values; /* plan->n_late_values, of a step whose nodes run in two phases */
};

/* Which nodes this rank holds; nothing else is set. */
void nodes_place(const struct node_plan *plan, struct partition partition, int rank, struct nodes *out);
/* The same, with memory for their state, and the values that they begin with (node_values.h, which has checked them). */
void nodes_create(const struct script *script, const struct node_plan *plan, block_function *run, struct partition partition,
                  int rank, int n_steps_max, struct nodes *out);
/* The listed nodes of a population, [n] ascending, whoever owns them: their state, and no more. nodes_index and nodes_find are
 * not for them. */
void nodes_create_listed(const struct script *script, const struct node_plan *plan, const node_index *listed, node_local n,
                         struct nodes *out);
void nodes_release(struct nodes *nodes);

/* A block's slots. */
static inline double *nodes_block(const struct nodes *nodes, uint32_t block)
{
    return nodes->slots + (size_t)block * (size_t)nodes->plan->n_slots * LANES;
}

/* The input row of a variable that the plan has made an input. */
int nodes_input(const struct nodes *nodes, const char *name);
/* The coupling of a variable that the plan has made one. */
int nodes_coupling(const struct nodes *nodes, const char *name);
/* A late value, counted behind the couplings. */
int nodes_late_value(const struct nodes *nodes, const char *name);

static inline node_index nodes_index(const struct nodes *nodes, node_local local)
{
    return nodes->first_index + local * nodes->index_step;
}

/* Where the node of an index is, if it is on this rank. */
static inline bool nodes_find(const struct nodes *nodes, node_index index, node_local *local)
{
    if (nodes->n == 0 || index < nodes->first_index || (index - nodes->first_index) % nodes->index_step != 0)
        return false;
    *local = (index - nodes->first_index) / nodes->index_step;
    return *local < nodes->n;
}

#endif
