/* General pathways: synapses whose statements at an arrival do more than plan/arrival.h asks for. They read variables of their
 * target or set them, there are several on_pre, or on_post acts on the target.
 *
 * The events of such a synapse act one after the other, each on what those before it left behind: first the synapse's
 * event-driven variables are brought to the time of the event, then the statements run. */
#ifndef GLION_PLAN_PATHWAYS_H
#define GLION_PLAN_PATHWAYS_H

#include "plan/lower.h"

struct connection_plan;
struct plan;

/* What pathways read of the nodes at both ends. */
struct pathway_end {
    const char *name;
    bool is_source; /* NAME_pre; else NAME_post, as it is when the event acts */
    bool is_steady; /* of a source: it stays as it is during a run; else it is that of the step of arrival, behind the threshold
                       (node_plan.late_values) */
    bool is_kept;   /* not the target's variable, but whether it loses now what is written: above 0 while refractory */
    struct program *readings; /* [parts of the set] one output: the variable of the part's population; none if is_kept */
};

/* One pathway. Leaves: OPCODE_NODE slot c < n_columns: column c; slot n_columns: seconds since the synapse's last event;
 * OPCODE_ARGUMENT slot k: end k; OPCODE_TIME, OPCODE_STEP: of the arrival; OPCODE_INDEX slot 0: i, slot 1: j; random numbers,
 * which are drawn for each event. Outputs: slot c: the new column; slot n_columns + k: the new value of variable k of `written`.
 */
struct pathway_plan {
    const struct pathway *pathway;
    bool delay_differs; /* from synapse to synapse */
    int delay_column;   /* where it does: the column that has it, in seconds; -1: it is the delay of the edges */
    /* Steps, the same where it does not differ. Where a column has it, network_assign finds them (max < min before, and where
     * there is no synapse); not meaningful where the edges have it. */
    step_count min_delay, max_delay;
    struct program program;
};

struct pathways_plan {
    struct pathway_end *ends; /* [n_ends] */
    int n_ends;
    const char **written; /* [n_written] variables of the target, without _post */
    int n_written;
    struct pathway_plan *list; /* [n] as the model's pathways */
    int n;
    bool has_events; /* some variables are event-driven: the time of each synapse's last event is kept */
};

/* The pathways of a connection whose variables have their places. Their ends are read of the plans of both populations. Faults
 * (input) where something cannot be read or written. */
int pathways_plan_make(struct lowering *lowering, struct connection_plan *plan, struct plan *all, struct fault *fault);

/* Do they read anything of their sources that changes? */
bool pathways_read_late(const struct pathways_plan *pathways);
/* Does it write to its target? */
bool pathway_writes_target(const struct connection_plan *plan, const struct pathway_plan *pathway);

#endif
