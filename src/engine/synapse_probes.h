/* Sampling of variables of synapses for observers. A synapse's numbers stay where they are during a run, so a sampler knows the
 * place of each of them. Those of synapses that listen to their targets are brought up to date for the sample alone. */
#ifndef GLION_ENGINE_SYNAPSE_PROBES_H
#define GLION_ENGINE_SYNAPSE_PROBES_H

#include "engine/observer.h"
#include "engine/plastic.h"

/* From where a sample takes a number, and where it puts it. */
struct sampled_number {
    const double *from; /* borrowed */
    double *to;         /* among the probe's values */
};

/* A column of a synapse that on_post changes whenever its target spikes. */
struct shown_number {
    const struct plastic *plastic; /* borrowed */
    struct shown_synapse synapse;
    int column;
    double *to; /* among the probe's values */
};

struct sampled_numbers {
    struct sampled_number *numbers; /* [n]; owned */
    uint64_t n, capacity;
    struct shown_number *shown; /* [n_shown]; owned */
    uint64_t n_shown, shown_capacity;
};

struct synapse_sampler {
    struct synapse_probe *probe; /* borrowed from who asked */
    double *values;              /* the probe's; owned */
    /* Synapses onto nodes whose steps run in two phases are one step behind the others within an interval; those of them that are
     * clock-driven, and those that change at regular times, only to the middle of its work. */
    struct sampled_numbers whole, split, clocked;
};

#endif
