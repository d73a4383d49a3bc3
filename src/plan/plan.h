/* The plan: what the engine executes, as plain data.
 *
 * For each population: which integrator, where each variable lives, the programs of a step. For each connection: what its
 * synapses compute, how often, and what is exchanged. Every rank makes the same plan from the same script; plan_hash lets them
 * compare. */
#ifndef GLION_PLAN_PLAN_H
#define GLION_PLAN_PLAN_H

#include "language/script.h"
#include "plan/channels.h"
#include "plan/formula.h"
#include "plan/integrators.h"
#include "plan/lower.h"
#include "plan/pathways.h"
#include "plan/program.h"
#include "support/fault.h"

/* ---- nodes ---------------------------------------------------------------------------------------------------------------- */

/* How a step integrates. The numbers are those of MODEL_STEPPING in kernels/block.h. */
enum stepping {
    STEPPING_NONE,   /* there is nothing to integrate */
    STEPPING_UPDATE, /* node_plan.update */
    STEPPING_RKF45,  /* node_plan.derivative, with adaptive sub-steps */
};
/* When a node's threshold is tested, or the count of `emit COUNT`. The numbers are those of MODEL_THRESHOLD in kernels/block.h.
 */
enum spike_test { SPIKE_NEVER, SPIKE_ON_GRID, SPIKE_EACH_SUB_STEP, SPIKE_AFTER_SYNAPSES };

/* How a node becomes ready to spike again. The numbers are those of MODEL_REFRACTORY in kernels/block.h. */
enum refractory_kind {
    REFRACTORY_NEVER,  /* it always is */
    REFRACTORY_COUNTS, /* after a number of steps that is known when it spikes: the refractory slot counts those that are left */
    REFRACTORY_LASTS   /* asked at the beginning of each step: the refractory slot is 1 until then */
};

/* The most integrated variables that a model may have. */
#define NODE_STATES_MAX 64

/* A value that every node has: doubles in blocks of LANES nodes, [block][slot][lane]. The first n_states slots are the integrated
 * variables in order of the text. */
struct node_slot {
    const char *name; /* the variable's, or what it is for: "(refractory)", "(sub-step)" */
    int variable;     /* index in the model, -1 for the plan's own */
};

/* Where the increments of a step are added, summed over what arrived. */
struct arrival {
    int slot;        /* that the sum is added to */
    int factor_slot; /* that it is multiplied by before; -1: it is not */
};

/* event NAME if CONDITION { … } */
struct event_plan {
    int slot;              /* 1 in a step in which it happens, else 0 */
    struct program action; /* outputs: slots; of nodes at which it happens, after resets */
};

/* What one connection port does: increments of arrival accumulators. OPCODE_ARGUMENT slot 0 is J. Connections whose pathways add
 * to variables of the target meet ports that the plan makes (plan/arrival.h): OPCODE_ARGUMENT slot k is what variable k gets. */
struct port_plan {
    const char *name;          /* of the port, or of the variables: "g_e_post" */
    struct program increments; /* outputs: slot = arrival */
};

/* A coupling into `input` that reads the target's own `variable` too, as a gap junction does: b*Y_post. What all of them add is
 * (sum of the b)*Y, with the Y that is at hand wherever the input is read: at an integrator's stage, the stage's. The engine sums
 * the b's of the synapses that act in a step in input row plan->n_inputs + k, where k is the place of this term. */
struct own_term {
    int input;    /* input row */
    int variable; /* index in the model */
};

/* A value that continuous connections carry from this population, or that formulas read where its nodes live. */
struct coupling_plan {
    int variable;         /* index in the model */
    struct program value; /* one output */
    bool is_immediate;    /* some connection reads it without delay: ranks exchange it before the inputs of a step are formed */
};

/* An entry of the matrices of method exact. */
struct propagator_entry {
    int row, column; /* the state that it acts on, and the one that acts, or its input */
    bool of_input;   /* of Q, which stands before b; else of P */
    bool varies;     /* differs between nodes, and never changes */
    bool changes;    /* from step to step: in units of the states, and of a step of 1 */
    int slot;        /* a node's if it varies or changes, else one of the shared table */
};

/* The most equations that may have coefficients which change from step to step. */
#define EXACT_CHANGING_MAX 16

/* Method exact, dx/dt = A x + b (plan/exact.h). A is per second. */
struct exact_plan {
    int *shared_coefficient;          /* [n_states²] by rows: shared slot of a coefficient that is the same for all nodes; -1 */
    struct program varying;           /* the others that never change: output slot row*n_states + column */
    struct program matrix;            /* all of A dt in units of the states, but for what is 0: outputs likewise */
    struct propagator_entry *entries; /* [n_entries] those that are not always 0; filled from A, not by setup */
    int n_entries, n_varying, n_changing;
    int changing_coefficient; /* row*n_states + column of the first that changes from step to step, or -1 */
};

/* What the script assigns to some nodes, when they are made or between runs. */
struct assignment_plan {
    const struct node_assignment *assignment;
    struct program value; /* of lower_value where it is an expression that differs or changes, else no outputs */
    int slot;             /* of the variable */
    bool is_foreseen;     /* follows from what the script gives to nodes alone, so it can be checked before the first run */
};

/* A value of a device that is drawn for each connection on its own: offset + scale*z, z being draw `number` of the connection. */
enum noise_output { NOISE_OFFSET, NOISE_SCALE, NOISE_NUMBER, NOISE_OUTPUTS };

struct noise_plan {
    int variable;       /* index in the model */
    int draw;           /* z */
    struct program law; /* outputs: enum noise_output */
};

/* `lastspike` of a node that has not spiked, in seconds, as Brian 2 has it. */
#define LASTSPIKE_AT_FIRST (-1e4)

struct node_plan {
    const struct population *population; /* NULL: a view of synapses, for integrators (plan/formula.c) */
    const struct model *model;
    uint64_t seed; /* the script's */
    double dt;     /* the script's, in seconds */
    enum integrator integrator;
    enum stepping stepping;
    const char *integrator_reason; /* why this one, in a modeller's words */
    struct place *places;          /* [model->n_variables] */
    bool *assigned;                /* [model->n_variables] some block of the model assigns it, or a synapse that leads here */
    int n_states, n_slots;
    struct node_slot *slots; /* [n_slots] */
    int slots_capacity;      /* while the plan is made */
    struct arena *arena;     /* likewise */
    struct program
        *initial; /* [n_slots] of lower_value where the script gives an expression as the initial value; else no outputs */
    struct assignment_plan *assignments; /* [n_assignments] in the order in which they are carried out */
    int n_assignments;
    int refractory_slot; /* above 0 while a node is refractory; -1 without a refractory period */
    int lastspike_slot;  /* the stamp of the last spike, in seconds; -1 if nobody reads it */
    int sub_step_slot;   /* adaptive integrators: the sub-step to try next, seconds; -1 */
    int held_step_slot;  /* the last step for which what is (constant over dt) was computed ahead of `every`; -1: never */
    bool *keeps_while_refractory; /* [n_states] flagged (unless refractory) */

    struct shared_table shared;
    int tolerance_slot; /* RKF45: shared slots tolerance_slot + k: absolute tolerance of state k, SI; + n_states: relative */
    int n_inputs;
    int *input_variable; /* [n_inputs] */
    int n_own_terms;
    struct own_term *own_terms; /* [n_own_terms] */
    int n_arrivals;
    struct arrival *arrivals; /* [n_arrivals] */
    struct program factors;   /* outputs: slots of factors, from values of the node that never change (plan/port.h) */

    struct exact_plan exact;   /* EXACT */
    struct program update;     /* UPDATE; outputs: the states at the end of the step */
    struct program derivative; /* RKF45; outputs: state k's dx/dt */
    struct every_plan *everys; /* [n_everys] in order of the text */
    int n_everys;
    struct program before_step, after_step, after_synapses, reset; /* outputs: slots */
    struct program after_thresholds;                               /* tests events; outputs: their slots */
    struct event_plan *events;                                     /* [n_events] in order of the text */
    int n_events;
    struct program threshold;    /* one output, a mask; no outputs if spike_test is SPIKE_NEVER */
    struct program multiplicity; /* `emit COUNT`: one output, how many spikes the threshold stands for; else none: 1 */
    enum spike_test spike_test;
    enum refractory_kind refractory_kind;
    struct program refractory;       /* COUNTS: one output, the steps from a spike to the first that is not refractory */
    struct program refractory_lasts; /* LASTS: one output, a mask: does it stay refractory in the step that begins? */
    struct port_plan *ports;         /* [n_ports] the model's, and behind them those that the plan makes */
    int n_ports;
    struct coupling_plan *couplings; /* exchanged: computed when a step begins, its inputs formed */
    int n_couplings;
    struct coupling_plan *readings; /* read by formulas of this rank's synapses, or copied once to others */
    int n_readings;
    struct coupling_plan *late_values; /* exchanged for general pathways: as they are in the middle of a step, behind the
                                          threshold */
    int n_late_values;
    struct noise_plan *noises;
    int n_noises;
    struct program emit_mean, emit_trials, emit_probability, emit_condition; /* one output each, or none:
                             `emit per connection poisson(mean) if condition`, or binomial(trials, probability) */
    int split_connection; /* over which spikes arrive in the step of their emission, or act on the nodes' state as it is behind
                             the threshold, so that steps run in two phases (kernels/phases.h); -1: over none. plan_find_delays
                             sets it */
    bool is_seen_within;  /* something is recorded within its steps, for which they run in two phases, too; set likewise */
    bool has_step; /* anything to do in a step: states, a threshold, arrivals, couplings … (not so for a Poisson device) */
    bool spikes;   /* sends spikes through the exchange */
};

/* Do its steps run in two phases? */
static inline bool node_plan_is_split(const struct node_plan *plan)
{
    return plan->split_connection >= 0 || plan->is_seen_within;
}

/* Are some of its values read without delay? */
static inline bool node_plan_shows_apart(const struct node_plan *plan)
{
    for (int k = 0; k < plan->n_couplings; k++)
        if (plan->couplings[k].is_immediate)
            return true;
    return false;
}

/* Numbers per node and step that the engine adds up before the step: the inputs, and the weights of own terms. */
static inline int node_plan_input_rows(const struct node_plan *plan)
{
    return plan->n_inputs + plan->n_own_terms;
}

/* NULL: there is none of that name. */
const struct port_plan *node_plan_port(const struct node_plan *plan, const char *name);

/* The value of a variable (any kind but a list) as a program with one output, for recording. */
int node_plan_value(struct arena *arena, struct node_plan *plan, int variable, struct program *out, struct fault *fault);

/* ---- connections ------------------------------------------------------------------------------------------------------------
 */

/* The longest delay, in steps, of synapses whose delays or other values differ. */
#define CONNECTION_DELAY_MAX UINT16_MAX

enum connection_kind {
    CONNECTION_SPIKES,   /* on_pre { … send … }: runs once per source spike (its state depends on the source only), delivered
                            `delay` later. Likewise on_pre { X_post += … }, which runs when the spike arrives */
    CONNECTION_EMISSION, /* from a device that draws for each connection: no spikes are exchanged */
    CONNECTION_NOISE,    /* (summed) of a value that a device draws for each connection: nothing is exchanged */
    CONNECTION_COUPLING, /* (summed): weight times a source variable, each step, `delay` later */
    CONNECTION_FORMULA,  /* (summed) of any other form, and clock-driven variables: computed for each synapse and step */
    CONNECTION_PATHWAYS, /* general pathways: computed for each synapse and arrival, one after the other; there may be a formula
                            beside them */
};

/* A value that differs between the synapses of a connection: a number per synapse. */
struct column_plan {
    int variable;           /* in the synapse model */
    bool is_copy;           /* of a state that is kept per source, as it was at the synapse's last event: for who looks at it */
    struct program initial; /* of lower_value where the script gives an expression that differs, else no outputs (a number for
                               all, or a list). Leaves: OPCODE_NODE slot n_states + c for column c, OPCODE_INDEX slot 0 for i and
                               1 for j, random numbers */
};

/* Arguments of what is computed for a synapse: the time since the source's last event, and since the synapse's own, in seconds.
 * They differ where spikes of the target are events too. */
enum { ARGUMENT_SOURCE_ELAPSED, ARGUMENT_SYNAPSE_ELAPSED };

/* What a spike of the target does to a synapse, when it reaches it: once per spike and synapse. OPCODE_NODE slot k < n_states:
 * state k just after the source's last event; slot n_states + c: column c after the synapse's last event; outputs: slot c: the
 * new column. */
struct post_plan {
    const struct pathway *pathway;
    bool is_early; /* acts before on_pre, where both happen at the same time */
    struct program program;
};

/* What the script assigns to some synapses of a connection, when they are made or between runs. */
struct synapse_assignment_plan {
    const struct synapse_assignment *assignment;
    int column;
    struct program value; /* as a column's `initial`, of what the columns have at that time */
    struct end_table ends;
    /* Between runs, what the ends' variables are then: [ends.n], of those with a variable [n_parts of the set] node_plan_value.
     * NULL: carried out when the synapses are made, from what nodes begin with. */
    struct program **ends_now;
};

struct connection_plan {
    const struct connection *connection;
    enum connection_kind kind;
    const struct model *synapse;
    struct place *places;
    struct shared_table shared;
    /* The delays of its synapses, in steps. Where they are drawn, network_assign sets them (max < min before, and where there is
     * no synapse), and plan_find_delays takes them up. */
    step_count min_delay, max_delay;
    struct program delay; /* of lower_value, in seconds, where delays differ, else no outputs; leaves as in column_plan, and
                             OPCODE_NODE slot n_states + n_columns for a synapse's own in a list of delays */
    /* CONNECTION_SPIKES, CONNECTION_EMISSION */
    const char *port;            /* that it meets: of its `send`, or one that the plan made of what it adds to */
    int n_sent;                  /* numbers that a spike brings to the port: 1 of a `send` */
    bool at_arrival;             /* on_pre runs when the spike arrives, which is the time of its events */
    int n_states;                /* event-driven variables and other values that on_pre changes, kept per source */
    int *state_variable;         /* [n_states] */
    int n_columns;               /* values kept per synapse */
    struct column_plan *columns; /* [n_columns] */
    struct end_table ends;       /* what their values and the delay read of source and target; behind the columns and a slot */
    struct synapse_assignment_plan *assignments; /* [n_assignments] in the order in which they are carried out */
    int n_assignments;
    /* Once per spike and source. OPCODE_NODE slot k: state k at the last event; OPCODE_ARGUMENT: time since then; outputs: slot k
     * < n_states: new state; slot n_states + f: factor f. Where nothing differs, the factors are what is sent. For EMISSION: what
     * one spike sends. */
    struct program on_pre;
    int n_factors;
    /* Where values or delays differ, once per spike and synapse: leaves and outputs as split.h says of `synapse`. */
    struct program per_synapse;
    struct post_plan *on_post; /* [n_on_post] in the order in which they act */
    int n_on_post;
    step_count on_post_delay; /* at_arrival: steps from a spike of the target to on_post; else that is the synapse's delay */
    /* CONNECTION_COUPLING, CONNECTION_NOISE */
    const char *input;                             /* name of the `receive` variable in the target models */
    const char *source_variable, *target_variable; /* the second is NULL unless the target's own value is coupled too */
    /* CONNECTION_COUPLING, CONNECTION_NOISE: the weights of a synapse. OPCODE_NODE slot c: column c; outputs: enum
     * coupling_weight, the second only with target_variable. */
    struct program weights;
    struct formula_plan formula;   /* CONNECTION_FORMULA, and CONNECTION_PATHWAYS if it exists */
    struct pathways_plan pathways; /* CONNECTION_PATHWAYS */
};

enum coupling_weight { WEIGHT_OF_SOURCE, WEIGHT_OF_TARGET };

/* The column that shows what a synapse has of a variable; -1: all synapses of a source have the same, or all synapses. */
static inline int connection_plan_column(const struct connection_plan *plan, int variable)
{
    for (int c = 0; c < plan->n_columns; c++)
        if (plan->columns[c].variable == variable)
            return c;
    return -1;
}

/* Spikes, formulas and pathways find their way among delays that differ; the others serve one delay each, so their edges are cut
 * into pieces (engine/delay_pieces.h). */
static inline bool connection_plan_has_delay_pieces(const struct connection_plan *plan)
{
    return !plan->connection->delay_is_constant &&
           (plan->kind == CONNECTION_EMISSION || plan->kind == CONNECTION_NOISE || plan->kind == CONNECTION_COUPLING);
}

/* Every spike sends the same over a synapse: nothing that spikes change, and nothing of the source, enters what is sent. */
static inline bool connection_plan_is_steady(const struct connection_plan *plan)
{
    return plan->n_factors == 0 && plan->per_synapse.n_outputs == plan->n_sent && plan->n_on_post == 0 &&
           !plan->connection->is_assigned_between;
}

/* What acts at its place among the arrivals of a step: a connection, or one pathway of a connection whose pathways are general.
 */
struct arriving {
    int connection; /* index in script->connections */
    int pathway;    /* in its pathways.list; else 0 */
};

struct plan {
    const struct script *script;
    struct node_plan *nodes;             /* [script->n_populations] */
    struct connection_plan *connections; /* [script->n_connections] */
    struct program ***printed;           /* [script->n_prints][items][parts of the set]: what prints show of nodes; else NULL */
    struct arriving *arrival_order;      /* [n_arriving] by (order, name + "_" + pathway), bytes */
    int n_arriving;
    struct channels channels;        /* what pathways run at */
    step_count min_delay, max_delay; /* of what is exchanged */
    int min_delay_connection;        /* what set it; -1: nothing is exchanged, as far as is known before drawing */
    int immediate_connection;        /* a continuous coupling without delay; -1 */
    int stepwise_connection; /* that needs to know in each step what its targets have done, which so must not run ahead: a formula
                                that reads them, or on_post without a send; -1 */
};

/* Faults (input) where the script asks for what cannot be planned: an integrator that does not fit, a coupling that is not
 * linear. */
int plan_create(struct arena *arena, const struct script *script, struct plan **out, struct fault *fault);

/* Min-delay and max-delay over the connections, and which nodes are split: again, once delays that are drawn are known. */
void plan_find_delays(struct plan *plan);
/* Are there synapses whose delays are drawn? Until they are, min_delay and max_delay leave them out. */
bool plan_draws_delays(const struct plan *plan);

/* Equal plans, equal numbers: ranks compare it before they run together. */
uint64_t plan_hash(const struct plan *plan);

/* internal to the room */
/* Does what the program reads stay as it is once the nodes are made, but for the time? */
bool node_plan_is_steady(const struct node_plan *plan, const struct program *program);
/* [model->n_variables], in the arena: does some block of the model assign the variable, or a synapse that leads here? */
bool *node_plan_assigned(struct arena *arena, const struct script *script, const struct population *population);
/* Has a variable that has storage one value for all nodes, which stays? `assigned`: node_plan_assigned. */
bool node_plan_is_shared(const struct population *population, int variable, const bool *assigned);
int node_plan_slot(struct node_plan *plan, const char *name, int variable); /* a new slot of the nodes */
int node_plan_make(struct arena *arena, const struct script *script, const struct population *population, struct node_plan *plan,
                   struct fault *fault);
int node_plan_couple(struct arena *arena, struct node_plan *plan, int variable, struct fault *fault);
/* The same as node_plan_value, but as it is within a step, when what is (constant over dt) has been computed. */
int node_plan_value_within_step(struct arena *arena, struct node_plan *plan, int variable, struct program *out,
                                struct fault *fault);
int node_plan_read(struct arena *arena, struct node_plan *plan, int variable, struct fault *fault);
/* A value that pathways of other nodes read in the middle of each step. */
int node_plan_read_late(struct arena *arena, struct node_plan *plan, int variable, struct fault *fault);
/* The value of a variable that has been entered by node_plan_read. */
const struct program *node_plan_reading(const struct node_plan *plan, int variable);
/* Does it stay as it is during a run? */
bool node_plan_stays(const struct node_plan *plan, const struct program *value);
/* Is it made from inputs? */
bool node_plan_depends_on_inputs(struct arena *arena, const struct node_plan *plan, int variable);
int node_plan_draw(struct arena *arena, struct node_plan *plan, int variable, struct fault *fault);
/* Can what is read of the ends of a projection's pairs, or of a connection's (else NULL), be computed, behind so many of the
 * script's assignments to nodes? */
int plan_check_ends(struct arena *arena, const struct plan *plan, const struct end_table *ends,
                    const struct projection *projection, const struct connection *connection, int n_assignments, struct span span,
                    struct fault *fault);
int connection_plan_make(struct arena *arena, const struct script *script, const struct connection *connection, struct plan *plan,
                         struct fault *fault);

#endif
