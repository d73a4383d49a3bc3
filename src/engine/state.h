/* The engine's state, for the files of this room only. One owner, engine.c; the parts know nothing of each other. */
#ifndef GLION_ENGINE_STATE_H
#define GLION_ENGINE_STATE_H

#include "engine/coupling_path.h"
#include "engine/delay_pieces.h"
#include "engine/emission_path.h"
#include "engine/engine.h"
#include "engine/exchange.h"
#include "engine/fan.h"
#include "engine/formula_path.h"
#include "engine/happened.h"
#include "engine/history.h"
#include "engine/laps.h"
#include "engine/loud_values.h"
#include "engine/noise_path.h"
#include "engine/pathway_path.h"
#include "engine/probes.h"
#include "engine/spike_path.h"
#include "engine/synapse_path.h"
#include "engine/synapse_probes.h"
#include "kernels/runtime_host.h"

enum path_kind { PATH_SPIKES, PATH_SYNAPSES, PATH_EMISSION, PATH_FAN, PATH_PATHWAY };

/* What adds to the arrivals of one population, or, a fan, of several; or acts on the nodes themselves. */
struct delivery {
    enum path_kind kind;
    int index;   /* in spike_paths, synapse_paths, emission_paths, fans or pathway_paths */
    int target;  /* population; -1: several */
    int pathway; /* of a pathway path: which one */
};

enum coupling_kind { COUPLING_LINEAR, COUPLING_FORMULA };

struct incoming_coupling {
    enum coupling_kind kind;
    int index; /* in coupling_paths or formula_paths */
};

/* What leads to one population besides spikes, in the order in which it is added up, and who looks at it. */
struct incoming {
    struct incoming_coupling *couplings; /* [n_couplings]; owned */
    int n_couplings, couplings_capacity;
    int *noises; /* [n_noises] in noise_paths, added up after the couplings; owned */
    int n_noises, noises_capacity;
    int *samplers; /* [n_samplers] in samplers; owned */
    int n_samplers;
    bool by_panels; /* what arrives is added up panel by panel (update.c) */
};

struct growing_spikes {
    struct spike *spikes; /* owned */
    uint64_t n, capacity;
};

enum failure_kind {
    FAILURE_OF_BLOCK,  /* its kernel reported a fault */
    FAILURE_OF_DEVICE, /* it would emit too much */
    FAILURE_OF_LAW,    /* it asks for a count that cannot be drawn */
};

/* What went wrong with a node, first in an interval. */
struct failure {
    bool failed;
    enum failure_kind kind;
    step_count step;
    int population;
    node_index index;       /* of the node in its population */
    enum block_fault fault; /* of a block; … */
    int slot;               /* … then the variable that is not finite */
    double value;           /* of that variable; of a device: the mean of its counts */
    struct span span;       /* of a law: what was to draw a count, in the text; … */
    enum count_kind law;    /* … and that count, … */
    double arguments[2];    /* … with its arguments */
};

struct worker {
    struct growing_spikes *spikes;    /* [n_populations] of this thread's nodes, as the kernels tell them */
    struct loud_values loud;          /* of this thread's nodes, in the interval at hand; owned */
    struct happened happened;         /* likewise; owned */
    struct block_spike *block_spikes; /* [block_spikes_room] of one call of a kernel; owned */
    double *scratch;                  /* of kernels and interpreter; owned */
    struct laps laps;
    double began; /* reading of the clock, at the work at hand */
    struct profile profile;
    uint32_t arrivals_before; /* blocks: that far before their place the arrivals of the panel at hand stand; else 0 */
    struct failure failure;   /* the first of the interval, by (step, population, node) */
};

struct engine {
    const struct script *script;
    struct plan *plan;
    struct network *network;
    const struct kernels *kernels;
    struct engine_options options;
    step_count now, interval;
    bool is_split;                  /* the steps of some nodes run in two phases; then intervals are one step */
    bool is_open;                   /* at those nodes the step before `now` has begun, and has not ended */
    bool shows_apart;               /* some values are read without delay: they are exchanged in the middle of a step, too */
    bool samples_within;            /* some samples of synapses are taken in the middle of the work of an interval */
    bool is_finished;               /* no step is taken any more; what is on its way arrives */
    step_count expected;            /* spikes that were emitted before this step are in the calendars of synapse paths */
    struct nodes *nodes;            /* [n_populations] on this rank */
    struct spike_path *spike_paths; /* [n_spike_paths] */
    int n_spike_paths;
    struct synapse_path *synapse_paths; /* [n_synapse_paths] */
    int n_synapse_paths;
    struct fan *fans;     /* [n_fans] */
    double *fan_arrivals; /* the arrivals of all populations, which stand in one block; owned */
    int n_fans;
    struct delay_pieces *delay_pieces;    /* [network->n_edges] where paths serve one delay each, but delays differ; owned */
    struct emission_path *emission_paths; /* [n_emission_paths] */
    int n_emission_paths;
    struct coupling_path *coupling_paths; /* [n_coupling_paths] */
    int n_coupling_paths;
    struct formula_path *formula_paths; /* [n_formula_paths] */
    int n_formula_paths;
    struct source_values **source_values; /* [n_source_values] of all paths, to be told what was exchanged; borrowed */
    int n_source_values, source_values_capacity;
    struct noise_path *noise_paths; /* [n_noise_paths] */
    int n_noise_paths;
    struct pathway_path *pathway_paths; /* [n_pathway_paths] */
    int n_pathway_paths;
    struct delivery *deliveries; /* [n_deliveries] in an order that is, for each population, that of DESIGN section 4 */
    int n_deliveries, deliveries_capacity;
    struct post_history *post;                /* [n_populations] empty unless some synapse has on_post there */
    struct incoming *incoming;                /* [n_populations] */
    bool *is_probed;                          /* [network->n_edges] a synapse probe looks at some of their synapses; owned */
    bool *is_heard;                           /* [n_populations] some spike path starts there: its spikes are exchanged */
    struct sampler *samplers;                 /* [options.n_probes] */
    struct synapse_sampler *synapse_samplers; /* [options.n_synapse_probes] */
    struct failure emission_failure;          /* of a device, in the interval at hand */
    struct history history;
    struct exchange exchange;
    struct worker *workers;        /* [options.n_threads] */
    struct growing_spikes *spikes; /* [n_populations] of this rank, the interval's, ascending by (step, local) */
    uint64_t *emission_next;       /* [n_populations] next of the listed spikes, counted through their periods; owned */
    struct spike_list *spike_view; /* [n_populations] */
    struct sent_list *sent_view;   /* [n_sent] */
    struct growing_sent *sent;     /* [n_sent] */
    int n_sent;
    uint64_t *n_spikes;     /* [n_populations] emitted so far on this rank */
    struct laps laps;       /* phases that one thread does */
    struct profile profile; /* of them, and the numbers of all threads' deliveries */
};

/* Steps [begin, end). */
struct steps {
    step_count begin, end;
};

/* Whose arrivals are taken in at a population in the interval [begin, end): at nodes whose steps run in two phases those of the
 * step that is open, since only now all its spikes are known. */
static inline struct steps engine_arrivals(const struct engine *engine, int population, step_count begin, step_count end)
{
    if (!node_plan_is_split(&engine->plan->nodes[population]) || engine->is_finished)
        return (struct steps){begin, end};
    return (struct steps){begin - engine->is_open, begin};
}

/* Which steps are sampled for the probe in the interval: behind the arrivals that of the step that is open. */
static inline struct steps engine_sampled_steps(const struct engine *engine, const struct probe *probe, step_count begin,
                                                step_count end)
{
    return probe->slot < RECORD_AT_AFTER_SYNAPSES ? (struct steps){begin, end}
                                                  : engine_arrivals(engine, probe->population, begin, end);
}

/* A few thousand spikes more than a kernel has to have room for, so that it seldom stops for want of it. */
static inline int block_spikes_room(const struct engine *engine)
{
    return BLOCK_SPIKES((int)engine->interval) + 4096;
}

/* update.c: each thread adds up what arrives at its nodes and advances them through [begin, end): those whose steps run in two
 * phases from the threshold of the step before to that of the last. */
void engine_update(struct engine *engine, step_count begin, step_count end);
/* The open step ends; nothing begins. */
void engine_close(struct engine *engine);

/* synapse_probes.c: what the samplers read, once there are paths. */
void engine_make_synapse_samplers(struct engine *engine);
void engine_release_synapse_samplers(struct engine *engine);
void engine_make_synapse_sampler(const struct engine *engine, struct synapse_probe *probe, struct synapse_sampler *sampler);
void engine_release_synapse_sampler(struct synapse_sampler *sampler);
/* Between runs. */
void engine_sample_now(const struct engine *engine, struct synapse_sampler *sampler);
/* Samples of synapses around an interval [begin, until), or around the end of a step that has stayed open, where both are the
 * same: `before` it is prepared, and `after` its spikes have been shared. */
void engine_sample_before(struct engine *engine, step_count begin, step_count until, bool is_first);
void engine_sample_after(struct engine *engine, step_count begin, step_count until);
/* Those that are taken when all has arrived before `begin`, but nothing of that step has been computed. */
void engine_sample_within(struct engine *engine, step_count begin);
/* Samples of the state that the last step left behind; returns whether any are due. */
bool engine_sample_last(struct engine *engine);
/* The first step behind `begin` at which an interval must end, for samples of synapses to be taken. */
step_count engine_next_sample(const struct engine *engine, step_count begin);

/* share.c: all ranks exchange the values that are read without delay, at the beginning of a step. */
void engine_share_values(struct engine *engine, step_count step);
/* share.c: all ranks exchange what the interval [begin, end) made. A fault of any rank becomes everybody's. */
int engine_share(struct engine *engine, step_count begin, step_count end, struct fault *fault);

/* show.c: show observers the interval [begin, end), and what was transmitted since the last call; whatever arrives before the
 * step `arrived` has been computed. */
int engine_show(struct engine *engine, step_count begin, step_count end, step_count arrived, struct fault *fault);
/* show.c: nothing but the samples of probes. */
int engine_show_samples(struct engine *engine, struct fault *fault);

/* engine_create's parts, in paths.c */
void engine_make_paths(struct engine *engine);
void engine_release_paths(struct engine *engine);

#endif
