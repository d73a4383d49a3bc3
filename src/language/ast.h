/* The syntax tree: what the parser makes of the text, and what the checker annotates.
 *
 * Everything lives in one arena and is immutable after checking. Names and texts are zero-terminated and in the arena.
 * Arrays are (pointer, count). A `span` in every node says where it stood. */
#ifndef GLION_LANGUAGE_AST_H
#define GLION_LANGUAGE_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "language/source.h"
#include "language/units.h"

/* ---- expressions ------------------------------------------------------------------------------------------------ */

enum expression_kind {
    EXPRESSION_NUMBER, /* number, and unit if a literal carried one */
    EXPRESSION_STRING, /* name: the text between the quotes */
    EXPRESSION_NAME,   /* name */
    EXPRESSION_UNARY,  /* operator, children[0] */
    EXPRESSION_BINARY, /* operator, children[0], children[1] */
    EXPRESSION_CALL,   /* name; children: arguments; argument_names[k] NULL where positional */
    EXPRESSION_INDEX,  /* children[0][children[1], …]; an index may be an EXPRESSION_SLICE */
    EXPRESSION_SLICE,  /* children[0]:children[1]; either may be NULL */
    EXPRESSION_ARRAY,  /* [children…] with an optional unit behind it: [1, 2] Hz */
    EXPRESSION_MEMBER, /* children[0].name: cells.v, tri.primary */
};

enum operator{
    OPERATOR_NEGATE,
    OPERATOR_NOT,
    OPERATOR_ADD,
    OPERATOR_SUBTRACT,
    OPERATOR_MULTIPLY,
    OPERATOR_DIVIDE,
    OPERATOR_FLOOR_DIVIDE,
    OPERATOR_MODULO,
    OPERATOR_POWER,
    OPERATOR_LESS,
    OPERATOR_LESS_EQUAL,
    OPERATOR_GREATER,
    OPERATOR_GREATER_EQUAL,
    OPERATOR_EQUAL,
    OPERATOR_NOT_EQUAL,
    OPERATOR_AND,
    OPERATOR_OR,
};

/* What a name in a model's expression stands for; filled by the checker. */
enum reference_kind {
    REFERENCE_NONE,
    REFERENCE_CONSTANT, /* value, in SI base units: a let, e, pi, inf, a unit's name */
    REFERENCE_VARIABLE, /* variable of the model that the expression stands in: model->variables[index] */
    REFERENCE_PRE,      /* in a synapse model, variable `variable_name` of the source node (NAME_pre) */
    REFERENCE_POST,     /* the same of the target node (NAME_post) */
    REFERENCE_ARGUMENT, /* the value J that arrives at a port */
    REFERENCE_LOCAL,    /* temporary of a statement block: index counts the block's temporaries in order of first assignment */
    REFERENCE_TIME,     /* t */
    REFERENCE_TIME_IN_TIMESTEPS,
    REFERENCE_DT,
    REFERENCE_INDEX_I,   /* i: the node's position in its population; in synapses the source's */
    REFERENCE_INDEX_J,   /* j: the target's position */
    REFERENCE_SIZE,      /* N: how many nodes the population has */
    REFERENCE_SIZE_PRE,  /* N_pre: how many nodes the source set of a synapse has */
    REFERENCE_SIZE_POST, /* N_post: the same of the target set */
    REFERENCE_NOT_REFRACTORY,
    REFERENCE_LASTSPIKE,
    REFERENCE_NOISE,    /* xi, xi_NAME: index in model->noises */
    REFERENCE_DISTANCE, /* between source and target of a pair or synapse */
    REFERENCE_SYNAPSES, /* N in a synapse: how many of them there are */
    REFERENCE_INCOMING, /* N_incoming: how many synapses reach the target of this one */
    REFERENCE_OUTGOING, /* N_outgoing: how many leave its source */
};

struct reference {
    enum reference_kind kind;
    int index;
    double value;              /* REFERENCE_CONSTANT */
    const char *variable_name; /* REFERENCE_PRE, REFERENCE_POST: without the suffix */
};

enum value_type { TYPE_UNKNOWN, TYPE_REAL, TYPE_INTEGER, TYPE_BOOLEAN, TYPE_STRING, TYPE_NODES };

struct expression {
    enum expression_kind kind;
    struct span span;
    enum operator operator;
    double number;   /* as written, before the unit */
    bool is_integer; /* written without point, exponent or unit */
    bool has_unit;
    bool in_parentheses;
    struct unit unit;
    const char *unit_text;
    const char *name;
    struct expression **children;
    const char **argument_names;
    int n_children;
    int depth; /* 1 + the largest among the children, at most EXPRESSION_DEPTH_MAX: a walk may recurse */

    /* by the checker, for expressions in models and values: */
    enum value_type type;
    struct dimension dimension;
    bool is_list;               /* a list of numbers: an array, or the name of one */
    bool is_matrix;             /* a list of lists of equal length; is_list holds too */
    struct reference reference; /* EXPRESSION_NAME; EXPRESSION_INDEX into a list or matrix: REFERENCE_CONSTANT */
    int function;               /* EXPRESSION_CALL: enum function (functions.h) */
    int call_site;              /* random functions: number of the call within its model or value, from 0 */
    const double *list; /* of a list that step_value() takes, unless it is a parameter of the model, or of a call of a timed
                   array: [n_list], SI */
    uint64_t n_list;
    uint64_t n_columns; /* of the matrix of a timed array with two arguments, whose rows follow one another in `list` */
    double list_dt;     /* of a timed array, the time from one value to the next; seconds */
};

/* ---- blocks of statements: { x += 1; send weight } ---------------------------------------------------------------- */

enum action_kind { ACTION_ASSIGN, ACTION_SEND };

struct action {
    enum action_kind kind;
    struct span span;
    const char *name; /* assigned name; port of `send … to PORT`, NULL for the port `spike` */
    struct span name_span;
    enum operator operator; /* for NAME op= value: ADD SUBTRACT MULTIPLY DIVIDE …; meaningful if `compound` */
    bool compound;
    struct expression *value;
    struct reference reference; /* by the checker: what is assigned */
};

struct block {
    struct span span;
    struct action *actions;
    int n_actions;
    int n_locals; /* by the checker */
};

/* ---- models ------------------------------------------------------------------------------------------------------- */

enum declaration_kind {
    DECLARATION_PARAMETER,     /* name : unit (flags) = value in range "text" */
    DECLARATION_DERIVATIVE,    /* dname/dt = equation : unit (flags) = value in range "text" */
    DECLARATION_SUBEXPRESSION, /* name = equation : unit (flags) "text" */
    DECLARATION_INPUT,         /* receive name : unit "text" — summed over the connections that reach it */
};

enum flag {
    FLAG_UNLESS_REFRACTORY = 1 << 0,
    FLAG_EVENT_DRIVEN = 1 << 1,
    FLAG_CLOCK_DRIVEN = 1 << 2,
    FLAG_SUMMED = 1 << 3,
    FLAG_CONSTANT = 1 << 4,
    FLAG_SHARED = 1 << 5,
    FLAG_CONSTANT_OVER_DT = 1 << 6,
    FLAG_LINKED = 1 << 7,
    FLAG_SINGLE = 1 << 8,
};

/* Bounds in the declared unit, as written. Without a range: has_range false. */
struct range {
    bool has_range;
    double low, high;
    bool low_open, high_open;
    struct span span;
};

struct declaration {
    enum declaration_kind kind;
    struct span span, name_span;
    const char *name;
    struct unit unit;
    const char *unit_text; /* as written */
    enum value_type type;  /* TYPE_REAL; TYPE_INTEGER and TYPE_BOOLEAN for `: integer`, `: boolean` */
    bool is_list;          /* `: ms[]` */
    bool unit_is_port;     /* `: port` */
    unsigned flags;
    struct expression *equation; /* DERIVATIVE, SUBEXPRESSION */
    struct expression *value;    /* default or initial value, or NULL (zero) */
    struct range range;
    const char *text;  /* documentation, or NULL */
    bool is_inherited; /* from the model that this one extends */
    bool is_count;     /* declared by the checker: how many synapses there are (check_count.c) */
    bool is_delay;     /* declared by the checker: when spikes reach a pathway (check_pathway.c) */
};

/* receive spike(J : nS in [0, inf)) { … } */
struct port {
    struct span span;
    const char *name, *argument;
    struct unit unit;
    const char *unit_text;
    struct range range;
    struct block body;
    const char *text;
};

enum pathway_kind { PATHWAY_PRE, PATHWAY_POST };

/* on_pre NAME(delay = D, order = K, event = E) { … } */
struct pathway {
    enum pathway_kind kind;
    struct span span;
    const char *name;         /* "pre" or "post" when unnamed */
    struct expression *delay; /* NULL: the synapse's delay for an unnamed on_pre, else none */
    const char *delay_name;   /* by the checker: the parameter that has it in each synapse, where it may differ; else NULL */
    int order;                /* default -1 for pre, +1 for post */
    const char *event;        /* of the nodes at that end, at which it runs; NULL: it runs at their spikes */
    struct span event_span;
    struct block body;
};

enum emit_kind { EMIT_NONE, EMIT_PER_CONNECTION, EMIT_AT, EMIT_COUNT };

/* emit per connection COUNT [if CONDITION] | emit at TIMES [every PERIOD] [if CONDITION] | emit COUNT [after synapses] [if
 * CONDITION] TIMES names a list, whose name stands for each of its elements; so it does not in the condition, which is about the
 * step. */
struct emit {
    enum emit_kind kind;
    struct span span;
    struct expression *count, *condition; /* condition NULL: always */
    struct expression *period;            /* EMIT_AT: the spikes are repeated with it; NULL, or 0 s: they are not */
    bool after_synapses;                  /* EMIT_COUNT: COUNT is read after what arrives in the step has been added */
};

/* every T { … }: at the beginning of a step, when its time is a multiple of T */
struct every {
    struct span span;
    struct expression *period;
    struct block body;
};

/* event NAME if CONDITION { … }: tested when thresholds are, whether a node is refractory or not; the block runs after resets.
 * The checker declares a boolean variable NAME, which says whether the event has happened in the last step. */
struct event {
    struct span span, name_span;
    const char *name;
    struct expression *condition;
    struct block body; /* n_actions 0: nothing but the event */
};

enum threshold_mode { THRESHOLD_ON_GRID, THRESHOLD_EACH_SUB_STEP, THRESHOLD_AFTER_SYNAPSES };
enum model_kind { MODEL_NEURON, MODEL_ASTROCYTE, MODEL_SYNAPSE, MODEL_DEVICE };

struct model {
    enum model_kind kind;
    struct span span, name_span;
    const char *name;
    const char *extends; /* or NULL; then what follows is what the model says itself, until it is checked */
    struct span extends_span;
    bool is_inline;   /* of a population or of synapses */
    const char *text; /* documentation, or NULL */
    const char **citations;
    int n_citations;
    struct declaration *variables; /* all declarations, in order of the text */
    int n_variables;
    struct port *ports;
    int n_ports;
    struct pathway *pathways;
    int n_pathways;
    struct every *everys;
    int n_everys;
    struct event *events;
    int n_events;
    int n_declared_events; /* by the checker: the first so many have their variable */
    struct emit emit;
    struct expression *threshold; /* NULL: never spikes by threshold */
    enum threshold_mode threshold_mode;
    struct block reset, before_step, after_step, after_synapses; /* n_actions 0 when absent */
    struct block after_thresholds;                               /* by the checker: NAME = CONDITION for each event */
    struct expression *refractory;                               /* NULL: none; dimension of time or an integer number of steps */
    bool spike_time_given;
    bool spike_time_end;      /* spike_time end; default begin */
    struct expression *delay; /* `delay = …`, NULL when absent */
    const char *method;       /* NULL: chosen by what the equations allow */
    struct span method_span;
    const char **noises; /* by the checker: the names of the noise in its equations, "xi" or "xi_NAME" */
    int n_noises;
    struct expression *method_abs, *method_rel; /* rkf45(abs = …, rel = …), NULL when absent */
    bool from_library;
    bool is_link;       /* made by the checker for a (linked) parameter: check_linked.c */
    bool checked, used; /* by the checker; used: by a population or connection */
};

/* ---- statements of the script --------------------------------------------------------------------------------------- */

/* NAME = value inside a block of settings: population …{ }, using SYNAPSE { } */
struct setting {
    struct span span;
    const char *name;
    struct expression *value;
};

struct settings {
    struct setting *items;
    int n_items;
};

/* using SYNAPSE { settings }, with role NULL, or primary, third_in, third_out */
struct using_clause {
    struct span span;
    const char *role;
    const char *synapse;
    struct span synapse_span;
    struct settings settings;
};

enum statement_kind {
    STATEMENT_LET,
    STATEMENT_SIMULATION,
    STATEMENT_MODEL,
    STATEMENT_POPULATION,
    STATEMENT_SYNAPSES, /* synapses NAME : SRC -> TGT [extends M] { … }, or : M { settings } */
    STATEMENT_CONNECT,
    STATEMENT_ASSIGN, /* target = value, e.g. cells.v = …, exc_syn.x_S = 1 */
    STATEMENT_RECORD,
    STATEMENT_STOP,
    STATEMENT_RUN,
    STATEMENT_PRINT,
    STATEMENT_FOR,
};

struct statement {
    enum statement_kind kind;
    struct span span;
    const char *name; /* LET: the name (one statement per name: `let a = 1, b = 2` makes two); POPULATION; CONNECT [NAME :] or the
                         declared synapses' name; RECORD [NAME :]; SYNAPSES; FOR: the loop's variable; ASSIGN: the variable */
    struct span name_span;
    const char **parameters;      /* LET of a function: [n_parameters] names; else NULL */
    struct span *parameter_spans; /* [n_parameters] */
    int n_parameters;
    struct expression *value;  /* LET, RUN (duration), POPULATION (size; NULL: 1), ASSIGN, FOR (range or list) */
    struct expression *target; /* ASSIGN: the object before the dot, CONNECT: target set, SYNAPSES: target set */
    struct expression *source; /* CONNECT (NULL for declared synapses), SYNAPSES: source set; RECORD: what is recorded from */
    struct expression *index;  /* POPULATION pop[k][SIZE]: k, else NULL */
    const char *model_name;    /* POPULATION, SYNAPSES ": model"; else NULL */
    struct span model_span;
    struct model *model;         /* MODEL; POPULATION and SYNAPSES with an inline body */
    struct settings settings;    /* SIMULATION; POPULATION and SYNAPSES with ": model" */
    struct expression *rule;     /* CONNECT: by RULE(args), a call (or a bare name); NULL never */
    struct expression *third;    /* CONNECT: `third RULE(args)`, or NULL */
    struct expression *pool;     /* CONNECT: via POOL, or NULL */
    struct using_clause *usings; /* CONNECT: one without a role, or one per role; none for declared synapses */
    int n_usings;
    const char **recorded; /* RECORD: variable names; "spikes"; "sent"; STOP: names of recordings */
    struct span *recorded_spans;
    int n_recorded;
    struct expression *every;    /* RECORD: NULL: every step */
    const char *slot;            /* RECORD: at SLOT, or NULL */
    bool is_final;               /* RECORD: record final …, once at the end */
    struct expression **printed; /* PRINT: [n_printed] */
    int n_printed;
    struct statement *body; /* FOR */
    int n_body;
};

struct script_tree {
    struct source *source;
    struct statement *statements;
    int n_statements;
};

/* Parse a whole network file (or a library file, which holds one model statement). The nesting of expressions, blocks and loops
 * is limited to NESTING_MAX; deeper text is a fault, never a crash. The first error ends the parse. */
#define NESTING_MAX 200
/* The longest way from the root of an expression to a leaf: a + b + c + … is a tree as deep as the chain is long. */
#define EXPRESSION_DEPTH_MAX 2000
int parse(struct arena *arena, struct source *source, struct script_tree **out, struct fault *fault);
/* Parse one expression that is the whole text (for -D NAME=EXPR). */
int parse_expression(struct arena *arena, struct source *source, struct expression **out, struct fault *fault);

#endif
