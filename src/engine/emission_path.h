/* Devices that emit for each connection on its own (poisson_generator): nothing is exchanged. For each connection and step the
 * number of spikes is drawn where it arrives, from a stream keyed by the names of the connection and of the two populations, and
 * counted by target, source, step and copy; one draw with multiplicity m sends J = m*weight. */
#ifndef GLION_ENGINE_EMISSION_PATH_H
#define GLION_ENGINE_EMISSION_PATH_H

#include <stdbool.h>

#include "engine/nodes.h"
#include "network/edges.h"
#include "support/random.h"

/* The law of one step of one device: counts low, low + 1, … with cumulative probabilities, and what each adds. */
struct emission_law {
    double mean; /* of the law that is tabulated; negative: none */
    uint64_t low;
    uint32_t n, capacity;
    double *cumulative; /* [n], ascending, the last is 1; owned */
    double *increments; /* [port's outputs][n]; owned */
};

struct emission_path {
    const struct edges *edges; /* borrowed */
    const struct connection_plan *plan;
    const struct port_plan *port;
    const struct nodes *source; /* all devices of the population, on every rank; borrowed */
    double weight;              /* what one spike sends */
    struct random_key key;
    double dt;
    struct emission_law *laws; /* [n_steps_max][n_rows] for the interval at hand; n == 0: silent; owned */
    int n_steps_max;
    double *scratch; /* owned */
};

void emission_path_create(const struct connection_plan *plan, const struct edges *edges, const struct script *script,
                          const struct nodes *source, const struct nodes *target, struct emission_path *path);
void emission_path_release(struct emission_path *path);
/* Mean counts per connection and step beyond this are refused: a law's table grows with the root of its mean. */
#define EMISSION_MEAN_MAX 1e8

/* A device whose mean is not a number or beyond EMISSION_MEAN_MAX. */
struct emission_excess {
    bool found;
    node_index device;
    step_count emitted;
    double mean;
};

/* The laws of the steps [begin, end); `excess` is filled when there is none for a device, which then emits nothing. */
void emission_path_prepare(struct emission_path *path, const struct nodes *target, step_count begin, step_count end,
                           struct emission_excess *excess);
void emission_path_deliver(const struct emission_path *path, const struct nodes *target, step_count begin, step_count end,
                           node_local first, node_local last);

#endif
