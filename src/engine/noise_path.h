/* The way of a continuous value that is drawn for each connection on its own (noise_generator), over one piece of a connection:
 * weight*(offset + scale*z) into an input of the target, `delay` later, z being a standard normal number.
 *
 * Nothing is exchanged: every rank evaluates offset, scale and the number of the draw for each step and each device that has
 * targets there, and z is drawn where it arrives. It is a pure function of the names of the connection and of the two
 * populations, of target, source, copy and the number of the draw. It is kept, eight bytes for each connection, until the device
 * comes to another number. */
#ifndef GLION_ENGINE_NOISE_PATH_H
#define GLION_ENGINE_NOISE_PATH_H

#include <stdbool.h>

#include "engine/devices.h"
#include "engine/synapse_weights.h"
#include "network/edges.h"
#include "support/random.h"

/* What a device says for one step. */
struct noise_law {
    double offset, scale;
    uint64_t number;
    bool is_new; /* another number than in the last step in which the device drew */
};

struct noise_path {
    const struct edges *edges; /* borrowed */
    const struct noise_plan *noise;
    struct devices devices;
    struct synapse_weights weights;
    int input; /* which of the target population's inputs */
    step_count delay;
    struct random_key key;
    struct noise_law *laws; /* [n_rows][n_steps_max] of the interval at hand; owned */
    int n_steps_max;
    uint64_t *drawn; /* [n_rows] number of the draws in `normal`; meaningful where has_drawn; owned */
    bool *has_drawn; /* [n_rows] owned */
    double *normal;  /* [edges] z; owned */
};

/* `delay`: of all of the edges. */
void noise_path_create(const struct connection_plan *plan, const struct edges *edges, step_count delay,
                       const struct script *script, const struct node_plan *source, const struct nodes *target,
                       struct noise_path *path);
/* Its synapses, which have been kept as they are, have other values now. */
void noise_path_reweigh(const struct connection_plan *plan, const struct script *script, struct noise_path *path);
void noise_path_release(struct noise_path *path);
/* The laws of the steps [begin, end), to be delivered to every target. */
void noise_path_prepare(struct noise_path *path, step_count begin, step_count end);
/* Add to the input rows of the steps [begin, end). */
void noise_path_deliver(const struct noise_path *path, const struct nodes *target, step_count begin, step_count end,
                        node_local first, node_local last);

#endif
