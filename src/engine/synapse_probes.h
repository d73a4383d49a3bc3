/* Sampling of variables of synapses for observers. A synapse's numbers stay where they are during a run, so a sampler knows the
 * place of each of them. */
#ifndef GLION_ENGINE_SYNAPSE_PROBES_H
#define GLION_ENGINE_SYNAPSE_PROBES_H

#include "engine/observer.h"

/* From where a sample takes a number, and where it puts it. */
struct sampled_number {
    const double *from; /* borrowed */
    double *to;         /* among the probe's values */
};

struct sampled_numbers {
    struct sampled_number *numbers; /* [n]; owned */
    uint64_t n, capacity;
};

struct synapse_sampler {
    struct synapse_probe *probe; /* borrowed from who asked */
    double *values;              /* the probe's; owned */
    /* Synapses onto nodes whose steps run in two phases are one step behind the others within an interval. */
    struct sampled_numbers whole, split;
};

#endif
