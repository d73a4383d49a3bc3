/* Lowering: checked expressions and blocks become programs.
 *
 * Whatever depends on shared parameters and constants only is computed once, in the `setup` program, not once per node and
 * stage: it reaches the per-node programs as a slot of the shared table. So that this pays, the division by such a value is the
 * multiplication by its reciprocal (this is the meaning, in every executor; it differs from the division by at most one
 * rounding). */
#ifndef GLION_PLAN_LOWER_H
#define GLION_PLAN_LOWER_H

#include "language/script.h"
#include "plan/program.h"
#include "support/fault.h"
#include "support/random.h"

/* A value while it is lowered: a register of the setup program (the same for all nodes), or of the program at hand. */
struct lowered {
    bool uniform;
    int reg;
};

enum place_kind {
    PLACE_SHARED,        /* a parameter with one value for all: leaf of the setup program, slot = index of the variable */
    PLACE_STATE,         /* integrated: slot among the states */
    PLACE_NODE,          /* any other value of a node or synapse that may differ or change: slot */
    PLACE_INPUT,         /* summed over the connections: slot among the inputs */
    PLACE_HELD,          /* a subexpression (constant over dt): slot of what it came to at the beginning of the step */
    PLACE_SUBEXPRESSION, /* no storage: lowered where it is named */
    PLACE_LIST,          /* a list, the same for all nodes, read by `emit at` and step_value() only */
};

struct place {
    enum place_kind kind;
    int slot;
};

/* A list of numbers: the value of a parameter, or constant. */
struct list_source {
    int variable;          /* index in the model; -1: constant */
    const double *numbers; /* constant: [n] */
    uint64_t n;
};

/* The lists of a step_value(). The table has in `slot` where the times begin, counted from its own beginning, and behind it their
 * number; the values follow on the times. So the length of a list does not shape a kernel. */
struct step_lists {
    int slot;
    struct list_source times, values;
};

/* A timed array. The table has from `slot` on: where its values begin, its rows and columns, the step of the fine grid in
 * seconds, and how many of them make an interval (language/timed_array.h). */
enum { ARRAY_BEGIN, ARRAY_ROWS, ARRAY_COLUMNS, ARRAY_FINE_STEP, ARRAY_POINTS, ARRAY_HEAD };

struct shared_array {
    int slot;
    const struct expression *call; /* that it was first met in */
};

/* What is drawn for each node and step while the network runs. Its key stands in the table, in two whole numbers. */
struct step_draw {
    const char *name;              /* what it is for */
    const struct expression *call; /* NULL: there is none in the text */
    int call_site;
    struct random_key key;
    int slot;
};

/* Values that are the same for all nodes, and how they are computed: setup's leaves OPCODE_SHARED with slot k < n_variables are
 * the parameters, n_variables is dt, n_variables + 1 is N, n_variables + 2 + b is borrowed value b. Its outputs fill the shared
 * table; behind it stand the lists. */
struct shared_table {
    struct program setup;
    int n_shared;
    double *borrowed; /* [n_borrowed] parameters of a synapse's source or target, in the arena */
    int n_borrowed;
    int *slot_of_register; /* [capacity], slot + 1 of a setup register that is in the table; in the arena */
    int capacity;
    struct step_lists *step_lists; /* [n_step_lists], in the arena */
    int n_step_lists;
    struct shared_array *arrays; /* [n_arrays], in the arena */
    int n_arrays;
    struct step_draw *draws; /* [n_draws], in the arena */
    int n_draws;
    bool draws_counts; /* poisson() or binomial() in a step */
};

struct node_plan;
struct plan;

/* What a block of a synapse adds to variables of the target: NAME_post += …, which it does not read (plan/arrival.h). */
struct additions {
    const char *const *variables; /* [n] names without _post */
    int n;
    struct lowered *sums; /* [n] meaningful where is_made */
    bool *is_made;        /* [n] */
};

/* What a synapse's program reads of its ends: OPCODE_ARGUMENT slot k is names[k], NAME_pre or NAME_post. */
struct end_name {
    const char *name; /* without the suffix */
    bool is_source;
    bool is_kept;    /* not the variable, but whether it loses now what is written to it (plan/pathways.h) */
    bool is_written; /* by the block so far; then what follows reads `written` */
    struct lowered written;
};

struct end_names {
    const struct model *source, *target; /* models at the ends; of several the first, they have these variables alike */
    struct end_name *names;              /* [n], in the arena, in the order in which they are met */
    int n;
};

/* What a program reads of the ends of a pair or synapse, while its values are made. */
enum end_kind {
    END_PRE,      /* a variable of the source */
    END_POST,     /* of the target */
    END_SYNAPSES, /* number of synapses */
    END_OUTGOING, /* number of synapses that leave the source */
    END_INCOMING, /* that reach the target */
};

struct end_value {
    enum end_kind kind;
    const char *variable; /* END_PRE, END_POST */
};

/* They stand in slots of OPCODE_NODE, from first_slot on. */
struct end_table {
    struct end_value *values; /* [n], in the arena */
    int n, capacity;
    int first_slot;
};

/* One side of a `where` that is being lowered: what stands in it is of interest where the condition holds, or where it does not.
 */
struct branch {
    struct lowered condition;
    bool where_it_holds;
    const struct branch *outer; /* NULL: none */
};

struct lowering {
    struct arena *arena;
    const struct model *model;
    const struct place *places;    /* [model->n_variables] */
    const struct node_plan *nodes; /* whose programs are made; NULL: a synapse's */
    double dt;                     /* the script's, in seconds; of nodes and synapses */
    struct end_names *ends;        /* grows; NULL: the program at hand reads nothing of a source or target */
    struct end_table *pair_ends;   /* the same while values of pairs and synapses are made; NULL: none are */
    struct shared_table *shared;
    struct program *program; /* the program that is being made */
    const struct lowered
        *stage;            /* [n_states] what the states are at the stage of an integrator that is lowered; NULL: as stored */
    const char *draws_for; /* what the random functions of the program at hand draw for, in each step; NULL: for values */
    const struct branch *branch; /* the innermost one at hand, or NULL; counts are drawn where it is taken */
    bool has_stage_time;         /* and t there, else that of the step's begin */
    struct lowered stage_time;
    struct lowered *locals;   /* temporaries of the block at hand */
    struct lowered *assigned; /* [model->n_variables]: value after the statements so far; meaningful where is_assigned */
    bool *is_assigned;
    bool is_before_step; /* what is held in a step is computed, not read: it is to be held in the next one */
    bool has_sent;
    struct lowered sent;
    struct additions *additions;         /* of a synapse that runs at arrival, else NULL */
    const struct plan *all;              /* of a synapse: the plans of the nodes at its ends */
    const struct connection *connection; /* of a synapse, else NULL */
    bool redraws; /* the program at hand has redraw(…) in it: `accepted` is the condition that every one of them is within bounds
                   */
    struct lowered accepted;
    struct fault *fault; /* the first thing that cannot be lowered; check after use */
};

void shared_table_begin(struct shared_table *table, struct arena *arena);
/* Slot of a uniform value in the shared table (entered if it is new). */
int shared_slot(struct lowering *lowering, struct lowered value);

struct lowering lowering_begin(struct arena *arena, const struct model *model, const struct place *places,
                               struct shared_table *shared, struct fault *fault);
/* Start another program; what blocks assigned before, also to the target, is forgotten. */
void lowering_program(struct lowering *lowering, struct program *program);

/* What follows is read at a stage of an integrator: at these states and this time (NULL: as they are stored; the begin of the
 * step). `states` is borrowed as long as it lasts, which is to the next stage or program. */
void lowering_stage(struct lowering *lowering, const struct lowered *states, const struct lowered *time);

struct lowered lower_constant(struct lowering *lowering, double value);
struct lowered lower_dt(struct lowering *lowering);
/* A number that is drawn for each node and step: opcode DRAWN_…. `name` and `call_site` say what for. */
struct lowered lower_draw(struct lowering *lowering, enum opcode opcode, const char *name, int call_site);
struct lowered lower_time(struct lowering *lowering); /* of the stage */
struct lowered lower_leaf(struct lowering *lowering, enum opcode opcode, int slot);
struct lowered lower_operation(struct lowering *lowering, enum opcode opcode, struct lowered a, struct lowered b,
                               struct lowered c);
struct lowered lower_unary(struct lowering *lowering, enum opcode opcode, struct lowered a);
struct lowered lower_binary(struct lowering *lowering, enum opcode opcode, struct lowered a, struct lowered b);
/* timestep(time, dt) = trunc((time + 1e-3*dt)/dt): a floor with a tolerance, as Brian 2 */
struct lowered lower_timestep(struct lowering *lowering, struct lowered time, struct lowered dt);
struct lowered lower_expression(struct lowering *lowering, const struct expression *expression);
struct lowered lower_variable(struct lowering *lowering, int variable);
void lower_block(struct lowering *lowering, const struct block *block);
/* Register of the program at hand, for a value of either kind. */
int lower_register(struct lowering *lowering, struct lowered value);
/* The same, for a value that is stored: truth values are masks in programs, and 1 or 0 in memory. */
int lower_stored(struct lowering *lowering, struct lowered value);

/* A value that the script gives to each node or synapse, as a program. Output VALUE_NUMBER is the number. An expression with
 * `redraw` makes a second output, VALUE_ACCEPTED: the mask of the lanes in which the numbers drawn lie within their bounds. In
 * the other lanes the program is to be run again with the random numbers of the next round; see kernels/value_maker.h. */
enum { VALUE_NUMBER, VALUE_ACCEPTED };
void lower_value(struct lowering *lowering, const struct expression *expression, struct program *program);
/* The same of a node's variable: an integer loses its fraction. */
void lower_given_value(struct lowering *lowering, const struct declaration *variable, const struct expression *expression,
                       struct program *program);

/* Does the expression mention one of the marked variables (through subexpressions too)? variables[n_variables] */
bool expression_mentions(const struct model *model, const struct expression *expression, const bool *variables);
/* The first noise (xi) in the expression, through subexpressions too, or NULL. */
const struct expression *expression_noise(const struct model *model, const struct expression *expression);

#endif
