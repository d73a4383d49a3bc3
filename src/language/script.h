/* The checked script: what the network file means, with every name resolved and every unit checked.
 *
 * The checker executes the script symbolically, top to bottom, into epochs: the stretches between `run`s. All that a user can get
 * wrong is found here, before step 0. Values are in SI base units. Everything lives in the arena of the check and is
 * immutable afterwards; every rank holds the same one (it has no per-node data, so its size is that of the statements that are
 * executed, loops pass by pass). */
#ifndef GLION_LANGUAGE_SCRIPT_H
#define GLION_LANGUAGE_SCRIPT_H

#include <stdbool.h>

#include "language/ast.h"
#include "language/data_reader.h"
#include "support/types.h"

/* ---- what the checker must know of later rooms ----------------------------------------------------------- */

enum rule_argument_kind {
    RULE_PROBABILITY,         /* dimensionless, 0 ≤ value ≤ 1 */
    RULE_COUNT,               /* integer, 1 ≤ value < 2^31 */
    RULE_COPIES,              /* integer, 0 ≤ value < 2^31: synapses of a pair */
    RULE_TOTAL,               /* integer, 0 ≤ value ≤ 2^53: a number of connections */
    RULE_NUMBER,              /* dimensionless, 0 ≤ value < inf */
    RULE_CONDITION,           /* a condition on the pair: always an expression */
    RULE_FLAG,                /* true or false: number is 1 or 0 */
    RULE_WORD,                /* a string, one of `words` */
    RULE_INDICES,             /* an array of non-negative integers */
    RULE_GENERATED,           /* a whole number, computed for one node and the values of a variable: always an expression */
    RULE_GENERATED_CONDITION, /* a condition on these */
    RULE_VARIABLE,            /* the name of the variable */
};

/* What the expressions of RULE_GENERATED may name, as temporaries with these numbers. */
enum generated_name {
    GENERATED_VARIABLE, /* 0 where there is none */
    GENERATED_ITEM,     /* the position of the node that they are computed for: i where j is generated, else j */
    GENERATED_OTHER,    /* the position that has been generated; once it is known */
    GENERATED_NAMES     /* from here on, their leaves */
};

/* What such an expression reads besides: a variable of the node that it is computed for, or of the one that has been generated,
 * or a random number. */
enum generated_leaf_kind { GENERATED_PRE, GENERATED_POST, GENERATED_RAND, GENERATED_RANDN };

struct generated_leaf {
    enum generated_leaf_kind kind;
    const char *variable; /* PRE, POST: without the suffix */
    struct span span;
};

#define GENERATED_LEAVES_MAX 16 /* of an argument */

#define RULE_ARGUMENTS_MAX 12

struct rule_argument {
    const char *name;
    enum rule_argument_kind kind;
    bool required;
    bool sees_generated;      /* RULE_GENERATED: what belongs to the node that has been generated */
    bool may_use_pair;        /* RULE_PROBABILITY, RULE_NUMBER, RULE_COPIES: may be an expression of the pair */
    double value;             /* default of a number; of a flag: 1 or 0 */
    const char *const *words; /* RULE_WORD: allowed words, NULL-terminated; the first is the default */
};

/* An argument of a rule as it was given or by default. */
struct rule_value {
    bool given;
    double number;
    /* Of the pair of nodes: positions i and j in the sets, values of the nodes (NAME_pre, NAME_post), the distance, random
     * numbers; whether its values lie in the range of the argument is found where they are made. Calls that draw are numbered
     * through all arguments of the rule. NULL: it is `number`. */
    const struct expression *expression;
    const struct expression *generated;  /* RULE_GENERATED, RULE_GENERATED_CONDITION */
    const struct generated_leaf *leaves; /* [n_leaves] of it: temporary GENERATED_NAMES + k is leaf k */
    int n_leaves;
    const char *name; /* RULE_VARIABLE */
    int word;         /* index into words */
    const uint32_t *indices;
    uint64_t n_indices;
};

struct projection;

/* The signature of a connection rule. network/rules.c has the table with, for each, how it draws. */
struct rule_signature {
    const char *name;
    bool tripartite; /* makes third connections itself: needs `via POOL` and the roles primary, third_in, third_out */
    bool is_third;   /* stands behind `third`, after another rule, which makes the primary connections; needs the same */
    const char *text;
    struct rule_argument arguments[RULE_ARGUMENTS_MAX]; /* ends at a NULL name */
    /* What depends on several arguments or on sizes (pool larger than its population, block pools that do not divide,
     * index out of range): reports with source_fault at projection->rule_span, or third_span. NULL: nothing more to check. */
    int (*check)(const struct projection *projection, struct fault *fault);
};

struct vocabulary {
    const struct rule_signature *const *rules; /* NULL-terminated */
    const char *const *methods;                /* names of integrators, NULL-terminated */
    const struct data_reader *data;            /* NULL: data files cannot be read */
};

/* ---- populations and sets -------------------------------------------------------------------------------- */

/* A value that the script gives to a variable, or a delay. Calls that draw are numbered within it (call_site), from 0. */
struct value {
    const struct expression *expression; /* as written (a copy of its own), or as in the model's text; NULL: 0 */
    bool is_constant;                    /* `number` holds it: the same for every element */
    double number;                       /* SI base units */
    const double *array;                 /* a list of n numbers in SI, or NULL */
    uint64_t n_array;
    int list_connections;      /* a list for declared synapses: it numbers those of their first so many connections, in order of
                                  creation */
    const uint64_t *row_begin; /* where `array` has a list for each node, these one behind the other: [size + 1]; else NULL */
    bool is_data;              /* a list whose elements are rows of a file, in their order */
    bool is_reassigned; /* the script assigns the variable later, to some nodes or after a run: it is a value of each node */
    struct span span;
};

#define POSITION_DIMENSIONS_MAX 3

struct population {
    const char *name;
    const struct model *model;
    node_index size; /* 1 ≤ size < 2^31 */
    node_id base;    /* global id of its first node; populations in order of declaration */
    int index;       /* in script->populations */
    int epoch;       /* exists from the beginning of this epoch on */
    /* One per model->variables[]: for parameters and states the default, the setting, or the assignment that holds from epoch 0
     * on; not meaningful for the others. One that is not constant may use other variables, never in a circle. */
    struct value *values;
    /* [model->n_variables] the connection, or the declared synapses, whose (summed) equation gives a plain parameter its value in
     * every step, by name; NULL: it keeps the one above. */
    const char **summed_by;
    int n_assignments; /* among script->assignments */
    int n_call_sites;  /* calls that draw in them */
    /* Where the nodes lie, if they have positions (else n_dimensions is 0): each coordinate a constant, a list with one number
     * per node, or an expression of i and N, in metres. Calls that draw are numbered through all coordinates. */
    int n_dimensions;                               /* 0, 2 or 3 */
    struct value position[POSITION_DIMENSIONS_MAX]; /* [n_dimensions] */
    int n_periods;                                  /* n_dimensions if opposite edges meet, else 0 */
    double period[POSITION_DIMENSIONS_MAX];         /* [n_periods] metres, above 0 */
    struct span period_span;
    /* Models that `emit at LIST`: the steps in which every node spikes, ascending; a step may occur more than once. Or those in
     * which one node each spikes, which ascends within a step, and occurs there once. */
    step_count *emission_steps; /* [n_emissions] */
    node_index *emission_nodes; /* [n_emissions]; NULL: all nodes */
    uint64_t n_emissions;
    step_count emission_period; /* steps after which they are emitted again, above all of theirs; 0: never */
    struct span span;
};

/* Part of a set that lies in one population: ascending indices. */
struct node_part {
    int population;
    node_index first, count; /* a contiguous range, when list is NULL */
    const node_index *list;  /* else `count` indices, ascending */
};

/* An ordered concatenation of parts; overlap between parts has been refused. Positions count 0 … size-1 through the parts. */
struct node_set {
    struct node_part *parts;
    int n_parts;
    uint64_t size;
    const char *name; /* how files call it: "exc", "exc_inh", "exc_10_20", "neurons_recorded"; NULL only of what is made of a
                         sample that has the name of a record: then that is the file's */
};

/* NAME.VARIABLE = VALUE for some nodes of a population, from values that these have when it is carried out. */
struct node_assignment {
    int population, variable; /* variable: index in the model */
    int epoch;                /* carried out when it begins */
    struct node_part part;
    struct value value; /* a list: [part.count] */
};

/* ---- projections ----------------------------------------------------------------------------------------- */

enum connection_role { ROLE_PLAIN, ROLE_PRIMARY, ROLE_THIRD_IN, ROLE_THIRD_OUT };

/* When a spike reaches a pathway that runs at arrival. */
struct pathway_delay {
    struct value value; /* seconds; one that is not constant is drawn for each synapse */
    step_count steps;   /* of a constant one */
};

/* One kind of connection of a projection: all of a plain one; one of three of a tripartite one. */
struct connection {
    const char *name;       /* "exc__inh__static"; "tri.primary"; of declared synapses "S", "S.2" for the second connect, … */
    const char *arrives_as; /* what orders its arrivals among those of others: its name, or that of the declared synapses */
    enum connection_role role;
    const struct model *synapse;
    const struct node_set *source, *target; /* third_in: source -> pool; third_out: pool -> target */
    const char *port;                       /* the port that its `send` meets, e.g. "spike"; NULL if it sends nothing */
    /* One per synapse->variables[], in SI (port unit resolved). One that is not constant is drawn for each synapse: its
     * expression may use the synapse's own variables, never in a circle; its range is checked when it is drawn. */
    struct value *values;
    /* Where the delay is the same for all synapses: in steps. Else 0, and delay_value has the expression, in seconds; its bounds
     * are checked when it is drawn. */
    step_count delay;
    step_count least_delay;         /* steps that this connection needs at least: 0 or 1 */
    const char *least_delay_reason; /* why 1, at the end of a message: ": it has on_post"; else NULL */
    bool delay_is_constant;         /* as delay_value says */
    bool delay_is_given;            /* by the script, not by the model's `delay = …` */
    struct value delay_value;
    /* What the synapse computes in every step reads its source this many steps ago; -1: it would differ from synapse to synapse.
     */
    step_count coupling_delay;
    int n_node_assignments;   /* of nodes, that the script makes before it says the last of the values above */
    int n_assignments;        /* among script->synapse_assignments */
    int n_call_sites;         /* calls that draw in them */
    bool is_assigned_between; /* one of them is carried out behind a run that they took part in */
    int synapses;             /* index in script->synapses of those that it belongs to; -1: they are not declared */
    /* Synapses that run at arrival: [synapse->n_pathways]; what stands above is that of the first. Else NULL. */
    struct pathway_delay *pathway_delays;
    int projection; /* index in script->projections */
    int index;      /* index in script->connections */
    struct span span;
};

/* Declared synapses: `synapses NAME : SOURCE -> TARGET …`. Each `connect NAME by …` makes one more connection of them, a
 * projection of its own. They are counted in order of creation: connect statement, source, target, copy. */
struct synapses {
    const char *name;
    const struct node_set *source, *target;
    struct connection first; /* what every connection of them begins as */
    int *connections;        /* [n_connections] indices in script->connections, in order of the statements */
    int n_connections, connections_capacity;
    int index; /* in script->synapses */
    struct span span;
};

struct projection {
    const char *name;
    const struct rule_signature *rule;
    struct rule_value arguments[RULE_ARGUMENTS_MAX];
    const struct rule_signature *third; /* of `third RULE(…)`, or NULL */
    struct rule_value third_arguments[RULE_ARGUMENTS_MAX];
    const struct node_set *source, *target;
    const struct node_set *pool; /* NULL unless rule->tripartite or third */
    int connections[3];          /* indices in script->connections: [0] alone, or primary, third_in, third_out */
    int n_connections;
    int epoch;              /* exists from the beginning of this epoch */
    int n_node_assignments; /* of nodes, that the script makes before */
    int index;              /* in script->projections; order of creation */
    struct span span, rule_span, third_span;
};

/* ---- recording and epochs -------------------------------------------------------------------------------- */

enum record_kind {
    RECORD_SPIKES,   /* spikes of a set */
    RECORD_STATE,    /* a variable of a set: parameter, state, subexpression or input */
    RECORD_SENT,     /* what the synapses of a connection transmitted */
    RECORD_SYNAPSES, /* a variable of synapses: parameter or state */
    RECORD_RATE,     /* how often the nodes of a set spike, on average */
    RECORD_EVENTS,   /* events of a set */
    RECORD_AT_EVENTS /* variables of a set at its spikes, or at events of it */
};

/* When in a step a value is taken. */
enum record_slot {
    RECORD_AT_START,            /* before anything else happens in it */
    RECORD_AT_AFTER_THRESHOLDS, /* integrated, thresholds tested; nothing that arrives in it has; STATE */
    RECORD_AT_AFTER_SYNAPSES,   /* when all that arrives in it has; before who spiked is reset */
    RECORD_AT_END,              /* when all has happened; STATE */
};

/* A variable that is recorded beside spikes. */
struct recorded_variable {
    const char *name; /* the same in all models of the set */
    struct unit unit; /* likewise */
    const char *unit_text;
};

/* Positions [begin, end) of a set. */
struct position_range {
    uint64_t begin, end;
};

/* Synapses NAME[sources, targets]: those of some connections with the same ends. */
struct synapse_selection {
    const char *name;
    const struct node_set *source, *target;
    const int *connections; /* [n_connections] indices in script->connections, in order of creation */
    int n_connections;
    struct position_range sources, targets;
};

/* NAME[sources, targets].VARIABLE = VALUE for the synapses of one connection, from values that they have when it is carried out:
 * when they are made, or between runs. */
struct synapse_assignment {
    int connection, variable; /* variable: index in the synapse model */
    int epoch;                /* carried out when it begins */
    int n_assignments;        /* of nodes, that are carried out before */
    struct position_range sources, targets;
    struct value value; /* a list: as of the connections' values */
};

struct record {
    enum record_kind kind;
    const char *name;   /* file name without ".h5": "<variable>_<set>", or NAME or NAME_<variable>; "spikes" shares one file */
    const char *stated; /* NAME of the statement, which may record several variables; NULL where it gives none */
    const struct node_set *set;        /* SPIKES, STATE, RATE, EVENTS, AT_EVENTS */
    struct synapse_selection synapses; /* SYNAPSES, SENT */
    const char *variable;              /* STATE, SYNAPSES, EVENTS: name, the same in all models of the set; AT_EVENTS: of the
                                          event, NULL: at spikes */
    const struct recorded_variable *columns; /* [n_columns] AT_EVENTS */
    int n_columns;
    enum record_slot slot; /* SYNAPSES, STATE */
    bool is_final;         /* STATE, SYNAPSES: one frame, when the script has ended */
    struct unit unit;      /* STATE, SYNAPSES: the declared unit, the same in all; SENT: the port's unit; RATE: Hz */
    const char *unit_text;
    step_count every; /* STATE, SYNAPSES, RATE: ≥ 1; frames at first, first + every, … */
    int epoch;        /* from the beginning of this epoch on */
    int until;        /* up to the beginning of this epoch; -1: to the end of the script */
    struct span span;
};

/* ---- print ------------------------------------------------------------------------------------------------- */

enum printed_kind { PRINTED_TEXT, PRINTED_NUMBERS, PRINTED_VARIABLE, PRINTED_SYNAPSES };

struct printed {
    enum printed_kind kind;
    const char *text;      /* TEXT */
    const double *numbers; /* NUMBERS: [n], SI */
    uint64_t n;            /* of them, or of the nodes */
    bool is_list, is_condition;
    const struct node_set *set;        /* VARIABLE */
    struct synapse_selection synapses; /* SYNAPSES: how many there are, a list shows */
    const char *variable;              /* VARIABLE, SYNAPSES */
    struct unit unit;                  /* that the numbers are shown in */
    const char *unit_text;
    struct span span;
};

/* One line, written before epoch `epoch` begins, when the first n_assignments have been carried out, and of those of synapses the
 * first n_synapse_assignments. */
struct print {
    struct printed *items; /* [n_items] */
    int n_items;
    int epoch, n_assignments, n_synapse_assignments;
};

/* The stretch up to and including one `run`. */
struct epoch {
    step_count begin, end; /* steps [begin, end) */
    double end_time;       /* unrounded end in seconds: the sum of the durations so far */
    struct span span;      /* of the run statement */
};

struct constant {
    const char *name;
    struct span span;
    bool overridden; /* by -D */
    double number;   /* SI; meaningful when it is a number */
    enum value_type type;
};

/* A column of a data file that the script uses. */
struct data_column {
    struct data_request request;
    const double *numbers; /* [n] in order of the rows, as they stand in the file */
    uint64_t n;
    const char *hash; /* of the numbers: XXH3, 128 bits, as 32 hexadecimal digits */
};

struct script {
    uint64_t seed;
    double dt; /* seconds */
    bool seed_given, dt_given;
    const struct model **models; /* the models in use, each once; inline ones named after their population */
    int n_models;
    struct population *populations;
    int n_populations;
    struct node_assignment *assignments; /* in order of the statements */
    int n_assignments;
    struct synapse_assignment *synapse_assignments; /* in order of the statements */
    int n_synapse_assignments;
    struct projection *projections;
    int n_projections;
    struct connection *connections;
    int n_connections;
    struct synapses *synapses;
    int n_synapses;
    struct record *records;
    int n_records;
    struct print *prints;
    int n_prints;
    struct epoch *epochs;
    int n_epochs;
    struct constant *constants; /* the script's `let`s that are numbers */
    int n_constants;
    struct data_column *data; /* [n_data] each once, in order of their first use */
    int n_data;
    const char **warnings; /* whole messages with their place, to be printed once */
    int n_warnings;
    const struct source *source;
};

struct override {
    const char *name;
    const char *text; /* the expression as given after NAME= */
};

/* Check a parsed script. Faults (input) carry the place. `overrides` replace the value of `let`s of the same name: same dimension
 * and type, else a fault; so is a name that no `let` has. */
int script_check(struct arena *arena, const struct script_tree *tree, const struct vocabulary *vocabulary,
                 const struct override *overrides, int n_overrides, struct script **out, struct fault *fault);

/* May a variable have this value (SI; `unit` is the one it counts in)? Not if it is NaN, outside of its range, or a fraction and
 * the variable an integer. */
bool variable_allows(const struct declaration *variable, struct unit unit, double number);
/* The same; else the fault says so. `what` begins the message: "'C_m'", "'C_m' of node 3 of population 'exc'". */
int variable_require(const struct declaration *variable, struct unit unit, double number, const char *what, struct span span,
                     struct fault *fault);
/* What the first count that an expression draws asks of its arguments, as text; NULL if it draws none. */
const char *expression_count_needs(const struct expression *expression);

/* dt * value in steps, as delays are rounded: trunc(value/dt + 0.5) (Brian 2's rule) */
step_count script_steps(const struct script *script, double seconds);

/* The step in which an epoch begins; that of the one behind the last run is where it ended. */
step_count script_epoch_begin(const struct script *script, int epoch);

/* Index of a variable in a model by name, -1 if it has none. */
int model_variable(const struct model *model, const char *name);
/* The same of its events. */
int model_event(const struct model *model, const char *name);
/* The first on_pre of a synapse model, or NULL. */
const struct pathway *model_on_pre(const struct model *model);
/* Does a statement of the node model, one of its ports included, assign the variable? By its name, since references may not have
 * been resolved. */
bool model_assigns(const struct model *model, const char *name);
/* Does anything that the model computes in a step name what `kind` stands for? */
bool model_reads(const struct model *model, enum reference_kind kind);
/* Are its thresholds tested when what arrives in the step has been added? */
bool model_spikes_after_synapses(const struct model *model);
/* Does the pathway `send`? It runs at emission then, else at arrival. */
bool pathway_sends(const struct pathway *pathway);
/* Is its delay that of the synapse: `delay = delay`, or an unnamed on_pre that says nothing of it? */
bool pathway_takes_delay_of_synapse(const struct pathway *pathway);
/* Is the variable of a synapse model integrated in every step? */
bool variable_is_clock_driven(const struct declaration *variable);
/* Is some variable? */
bool model_is_clock_driven(const struct model *synapse);
/* Has a synapse model pathways, and do they run at arrival? Those of one model all do, or none does. */
bool model_runs_at_arrival(const struct model *model);
/* Is the variable drawn for each connection on its own, or made from one that is? Such a one reaches nodes by couplings only. */
bool model_draws_per_connection(const struct model *model, int variable);
/* Is the variable a subexpression with noise (xi) in it? */
bool model_has_noise(const struct model *model, int variable);
const struct port *model_port(const struct model *model, const char *name);

/* Has the set nodes of the population? */
bool node_set_meets(const struct node_set *set, int population);
/* The place of a node in a part of its population, or -1. */
int64_t node_part_place(const struct node_part *part, node_index index);
/* A node of a set: which population and index stand at a position. */
void node_set_at(const struct node_set *set, uint64_t position, int *population, node_index *index);

#endif
