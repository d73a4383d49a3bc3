/* What the spikes of their targets did to synapses since the last spike of their sources: found out when the source spikes again.
 *
 * A spike of the target stamped s reaches a synapse of delay d at s + d, and acts there on its columns. Between two spikes of the
 * source, stamped `previous` and `stamp`, these are the times in (previous, stamp]; at the ends the order of the blocks decides:
 * those that come before on_pre act at `stamp` still, and those that come behind it acted at `previous` only now. Where a synapse
 * has been brought up to a time behind `previous`, `settled`, that time takes its place: what is left acts from there on. */
#ifndef GLION_ENGINE_REPLAY_H
#define GLION_ENGINE_REPLAY_H

#include "engine/post_history.h"
#include "kernels/runner.h"
#include "support/lanes.h"

/* A synapse whose source spikes again. Times are stamps, in steps. */
struct replayed_synapse {
    const struct node_spikes *target;
    step_count since;           /* spikes of the target before this step came before the synapse */
    step_count shift;           /* from the step in which its target spikes to the time at which that acts */
    step_count previous, stamp; /* of its source's spikes */
    step_count settled;         /* what acts up to the stamp of a spike of the source at this time has acted */
    step_count last;            /* out: its last event before `stamp` comes into effect */
};

/* What the programs run on. All owned by the caller. */
struct replay_room {
    const struct program_runner *on_post; /* [plan->n_on_post] */
    const double *shared;                 /* the synapses' shared table */
    double *slots;   /* [plan->n_states + plan->n_columns][LANES] states just after `previous`, columns; columns change */
    double *scratch; /* of the programs */
    double dt;
};

/* All LANES synapses; columns of the first n lanes change. */
void replay(const struct connection_plan *plan, struct replayed_synapse synapses[LANES], int n, const struct replay_room *room);

#endif
