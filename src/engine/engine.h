/* The engine: executes a plan, interval by interval.
 *
 * An interval is at most min-delay steps: nothing that is emitted in it can arrive in it. So each block of nodes runs all steps
 * of the interval before the next block does, and ranks talk once per interval. Per interval: what arrives is computed (prepare),
 * each thread adds it up for its own nodes and advances them (update), all ranks share spikes and values (exchange), observers
 * look (observe). */
#ifndef GLION_ENGINE_ENGINE_H
#define GLION_ENGINE_ENGINE_H

#include "engine/observer.h"
#include "engine/profile.h"
#include "kernels/kernels.h"
#include "network/network.h"
#include "plan/plan.h"

#define ENGINE_PHASES(X)           \
    X(PREPARE, "prepare arrivals") \
    X(DELIVER, "deliver")          \
    X(INTEGRATE, "integrate")      \
    X(WAIT, "wait for threads")    \
    X(EXCHANGE, "exchange")        \
    X(OBSERVE, "record")

enum engine_phase {
#define X(name, text) PHASE_##name,
    ENGINE_PHASES(X)
#undef X
        ENGINE_PHASE_COUNT
};
extern const char *const engine_phase_texts[];

struct engine_options {
    int n_threads;
    struct probe *probes; /* [n_probes]; borrowed; served during the run */
    int n_probes;
    struct synapse_probe *synapse_probes; /* [n_synapse_probes]; borrowed; served during the run */
    int n_synapse_probes;
    const bool *sent;           /* [script->n_connections]: report what this connection transmits; NULL: none */
    struct observer *observers; /* [n_observers]; borrowed */
    int n_observers;
    bool is_profiled;                /* keep a profile */
    const volatile int *stop_signal; /* a signal handler sets it; then all ranks stop together. May be NULL */
};

struct engine;

/* Collective. Everything is allocated here; the step loop only grows its event lists. The network's edges that the engine
 * replaces by its own form (merged couplings) are released, unless `sent` needs them. */
int engine_create(struct arena *arena, struct plan *plan, struct network *network, const struct kernels *kernels,
                  const struct engine_options *options, struct engine **out, struct fault *fault);
void engine_destroy(struct engine **engine);

/* Collective: run to step `end`. On a fault (the same on all ranks) engine_now is the last step that was shown to observers. */
int engine_advance(struct engine *engine, step_count end, struct fault *fault);
/* Collective: carry out an assignment to synapses, unless they were made with it. Faults (input) are the same on all ranks. */
int engine_assign_synapses(struct engine *engine, int number, struct fault *fault);
/* Values that synapses of this rank have now: values[n]. */
void engine_look_at_synapses(const struct engine *engine, const char *variable, const struct synapse_place *synapses, uint64_t n,
                             double *values);
/* Carry out the assignments of the script from `first` to before `last`, between two runs. Not collective: on a fault of this
 * rank `node` is the one that it is about, so that ranks can agree on whose is told. */
int engine_assign(struct engine *engine, int first, int last, node_id *node, struct fault *fault);
/* Collective: report the transmissions that are still on their way, to observers that asked for them. */
int engine_finish(struct engine *engine, struct fault *fault);

/* What a program of node_plan_value that uses no inputs gives for this rank's nodes of a population, between two runs:
 * values[number of nodes here]. */
void engine_evaluate(const struct engine *engine, int population, const struct program *program, double *values);
/* Collective: the same for all nodes of a set, on every rank: [set->size] by position; the caller's (TEMPORARY). A program for
 * each part. */
double *engine_gather(const struct engine *engine, const struct node_set *set, const struct program *programs);

step_count engine_now(const struct engine *engine);
step_count engine_interval(const struct engine *engine);                     /* steps between exchanges */
uint64_t engine_spikes(const struct engine *engine, int population);         /* emitted so far on this rank */
double engine_seconds(const struct engine *engine, enum engine_phase phase); /* mean over this rank's threads */
/* A cell of the profile: seconds and number, summed over this rank's threads. */
struct profile_cell engine_profile(const struct engine *engine, enum profile_part what, int which);

#endif
