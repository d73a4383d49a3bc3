/* What the engine shows of a run, interval by interval. The engine calls observers and knows no files; a recorder is an observer.
 *
 * An interval is the steps [begin, end) between two exchanges. Its length depends on the network (min-delay) and on where
 * `run` ends; nothing that an observer keeps may depend on it. All arrays here belong to the engine and hold until the call
 * returns. Every rank calls its observers for every interval, so an observer may communicate. */
#ifndef GLION_ENGINE_OBSERVER_H
#define GLION_ENGINE_OBSERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "language/script.h"
#include "support/fault.h"
#include "support/types.h"

/* Spikes of this rank's nodes of one population: ascending by (step, local). `multiplicity` > 1: several spikes in one step. */
struct spike {
    step_count step; /* the step n in which it was emitted: [n*dt, (n+1)*dt) */
    node_local local;
    uint32_t multiplicity;
};

struct spike_list {
    const struct spike *spikes;
    uint64_t n;
};

/* A request to sample a variable, made before the run, and the samples of the current interval. */
struct probe {
    int population;
    const char *variable;
    enum record_slot slot;   /* behind the start: of nodes whose steps run in two phases */
    bool at_spikes;          /* behind the thresholds, of the nodes that spike there only: other values are left over; or */
    const char *at_event;    /* NULL, or likewise of those at which this event happens; but itself is sampled of all */
    step_count first, every; /* grid steps first, first + every, …: the sample at the start of step n shows the grid time n*dt */
    step_count end;          /* … before this one; beyond the last run's end: also the step that would follow it */
    uint32_t n_nodes;
    const node_local *local; /* [n_nodes], ascending; borrowed from who asked */
    /* filled by the engine: */
    uint32_t n_frames;
    step_count frame_step; /* grid step of the first frame in this interval */
    double *values;        /* [n_frames][n_nodes], SI base units */
};

/* A synapse of this rank. */
struct synapse_place {
    uint32_t edges;      /* index in network->edges */
    edge_count position; /* in edges->target_local */
};

/* A request for a variable of synapses, made before the run, and its sample of the current interval, if one falls into it. */
struct synapse_probe {
    const char *variable;
    enum record_slot slot;
    step_count first, every, end; /* as of a probe */
    uint64_t n;
    const struct synapse_place *synapses; /* [n] borrowed from who asked */
    /* filled by the engine: */
    uint32_t n_frames; /* 0 or 1; the same on every rank */
    double *values;    /* [n_frames][n], SI base units */
};

/* What a synapse of a recorded connection transmitted. */
struct sent {
    step_count step;     /* of the emission */
    uint32_t edges;      /* index in network->edges */
    edge_count position; /* in edges->target_local */
    uint32_t copy;       /* 0 … multiplicity - 1 of the spike */
    double value;        /* SI base units */
};

struct sent_list {
    int connection;          /* index in script->connections */
    const struct sent *rows; /* [n] in any order */
    uint64_t n;
    step_count complete; /* what was emitted before this step has been shown */
};

struct interval_view {
    step_count begin, end;
    const struct spike_list *spikes; /* [script->n_populations] */
    const struct probe *probes;      /* [n_probes] in the order in which they were asked for */
    int n_probes;
    const struct sent_list *sent; /* [n_sent]: one per connection whose transmission was asked for */
    int n_sent;
    const struct synapse_probe *synapse_probes; /* [n_synapse_probes] in the order in which they were asked for */
    int n_synapse_probes;
};

struct observer {
    void *context;
    int (*interval)(void *context, const struct interval_view *view, struct fault *fault);
};

#endif
