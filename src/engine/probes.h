/* Sampling of variables for observers: at the beginning of a step, after its inputs were formed, in the blocks that hold a probed
 * node. */
#ifndef GLION_ENGINE_PROBES_H
#define GLION_ENGINE_PROBES_H

#include "engine/nodes.h"

/* A probe and how it is served. */
struct sampler {
    struct probe *probe;  /* borrowed from who asked */
    struct program value; /* one output */
    uint32_t
        *block_begin; /* [n_blocks + 1]: the probe's nodes in block b are local[block_begin[b] … block_begin[b + 1]); owned */
    double *values;   /* the probe's; owned */
    uint32_t frames_max; /* in one interval */
    int event_slot;      /* of the nodes' event at which it is sampled; -1: at spikes, or at all nodes */
};

/* `program` has been lowered before the population's shared table was made. */
void sampler_create(struct probe *probe, const struct program *program, const struct nodes *nodes, struct sampler *sampler);
void sampler_release(struct sampler *sampler); /* the probe may be gone already */

/* Set the number of frames that fall into [begin, end). */
void sampler_begin(struct sampler *sampler, step_count begin, step_count end);
bool sampler_is_due(const struct sampler *sampler, step_count step);
/* Are the nodes at hand all that it samples, or those that spike or have an event? */
bool sampler_is_sparse(const struct sampler *sampler);
/* The first block from `block` on that holds a node of the probe; UINT32_MAX: none does. */
uint32_t sampler_next_block(const struct sampler *sampler, uint32_t block);
/* Sample the probe's nodes in a block at `step`, the (step - begin)th of the interval. */
void sampler_take(const struct sampler *sampler, const struct nodes *nodes, uint32_t block, step_count begin, step_count step,
                  double dt, double *scratch);

#endif
