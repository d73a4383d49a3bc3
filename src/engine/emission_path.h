/* Devices that emit for each connection on its own (poisson_generator, poisson_input): nothing is exchanged. For each connection
 * and step the number of spikes is drawn where it arrives, from a stream keyed by the names of the connection and of the two
 * populations, and counted by target, source, step and copy; a draw of m spikes adds m times what the port makes of one. */
#ifndef GLION_ENGINE_EMISSION_PATH_H
#define GLION_ENGINE_EMISSION_PATH_H

#include <stdbool.h>

#include "engine/devices.h"
#include "engine/increments.h"
#include "kernels/wide.h"
#include "network/edges.h"
#include "support/random.h"

/* Which law: of a Poisson number, or of how many trials of equal probability succeed. */
struct count_distribution {
    double mean;
    double trials; /* 0: Poisson */
};

/* The law of one step of one device: counts low, low + 1, … with cumulative probabilities. Where most counts are not 0, a guide
 * says where the search for a uniform number begins (Chen & Asau 1974, AIIE Transactions 6:163), where it nearly always ends; and
 * what each count adds is tabulated. */
struct emission_law {
    struct count_distribution of; /* what is tabulated; mean 0: nothing */
    uint64_t low;
    double none_below; /* smaller uniform numbers make the count 0 */
    uint32_t n, capacity;
    double *cumulative;               /* [n], ascending, the last is 1; owned */
    bool is_frequent;                 /* only then is there more, and `cells`, `table` only where synapses are alike */
    uint32_t *guide;                  /* [n_cells] first place whose cumulative probability is above cell/n_cells; owned */
    uint32_t n_cells, guide_capacity; /* a power of two */
    uint32_t increments_capacity, cells_capacity;
    double *increments;                  /* [path->n_adding][n] what each count adds; owned */
    double *cells;                       /* [path->n_adding][n_cells] the count of a cell; NaN where counts change; owned */
    const double **added_of, **cells_of; /* [path->n_adding] into increments and cells; owned */
    struct count_law table;              /* all this for wide->add_counts */
};

struct emission_path {
    struct edges *edges; /* borrowed */
    step_count delay;    /* of all of them */
    const struct connection_plan *plan;
    const struct port_plan *port;
    struct devices devices;
    struct increments increments; /* where what a spike does is not the same for all synapses; then not `one` and what follows */
    double *one;                  /* [port's outputs] what a spike adds; owned */
    int n_adding;                 /* how many of them are not 0 */
    size_t *to;                   /* [n_adding] place of the accumulator in a block's arrivals; owned */
    struct random_key key;
    struct emission_law **laws; /* [n_laws] of the interval the first n_laws_used, each in memory of its own; owned */
    uint64_t n_laws, laws_capacity, n_laws_used;
    const struct emission_law **used; /* [n_steps_max][n_rows] in `laws`: equal neighbours share one; NULL: silent; owned */
    int n_steps_max;
    const struct wide *wide;
};

/* Where synapses differ the columns of the edges become increments; `keeps_columns` if somebody wants to see them. */
void emission_path_create(const struct connection_plan *plan, struct edges *edges, step_count delay, const struct script *script,
                          const struct node_plan *source, const struct nodes *target, bool keeps_columns,
                          struct emission_path *path);
/* The values of the synapses have changed, whose columns were kept. */
void emission_path_renew(struct emission_path *path, const struct script *script, const struct nodes *target);
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
void emission_path_prepare(struct emission_path *path, step_count begin, step_count end, struct emission_excess *excess);
/* How many counts are drawn in these steps. */
uint64_t emission_path_draws(const struct emission_path *path, step_count begin, step_count end);
void emission_path_deliver(const struct emission_path *path, const struct nodes *target, step_count begin, step_count end,
                           node_local first, node_local last);

#endif
