/* What the files of the checker share. The checker walks the statements once, top to bottom, and fills a script:
 *
 *     check_script.c      the statements in order; simulation, run
 *     check_for.c         loops: their statements, pass by pass
 *     check_names.c       names of the script: what is taken, what was meant
 *     check_expression.c  types and dimensions of an expression
 *     check_reference.c   what a name in an expression stands for
 *     check_random.c      calls that draw
 *     check_block.c       the same for { statements } in models
 *     check_model.c       a model on its own
 *     check_extends.c     models that are made from others
 *     check_pathway.c     which pathways of a synapse model may stand together
 *     constant.c          numbers of expressions
 *     check_let.c         `let` and -D
 *     check_function.c    functions that `let` defines, timed arrays, and their calls
 *     check_list.c        lists and matrices of numbers
 *     check_elementwise.c arithmetic with lists
 *     check_list_function.c  functions that make lists
 *     check_data.c        lists from files
 *     check_step_value.c  the lists of step_value()
 *     check_set.c         sets of nodes
 *     check_family.c      families of populations: pop[k], pop[:]
 *     check_value.c       values given to variables
 *     check_population.c  populations
 *     check_assignment.c  assignments to populations and parts of them
 *     check_count.c       how many synapses there are: N, N_incoming, N_outgoing
 *     check_linked.c      (linked) parameters, and what they are linked to
 *     check_time.c        parameters that follow the time
 *     check_position.c    positions of nodes, distances
 *     check_connect.c     `connect`: sets, rules, roles
 *     check_declared.c    `synapses`: declared synapses, their connections and values
 *     check_rule.c        a connection rule and its arguments
 *     check_pair.c        what an expression may say of a source and a target
 *     check_synapse.c     one kind of connection between its source and target models
 *     check_record.c      `record`
 *     check_record_synapses.c  `record` of variables of synapses
 *     check_record_slot.c      when in a step: `record … at SLOT`
 *     check_record_events.c    `record VARIABLES of SET at spikes`, or at events
 *     check_stop.c        `stop`
 *     check_print.c       `print`
 *     clone.c             copies of expressions and models, for what is kept of a pass of a loop
 *
 * Every function returns 0 or the status of the fault that it stored; the first fault ends the check. */
#ifndef GLION_LANGUAGE_CHECK_H
#define GLION_LANGUAGE_CHECK_H

#include <math.h>
#include <string.h>

#include "language/ast.h"
#include "language/clone.h"
#include "language/constant.h"
#include "language/functions.h"
#include "language/library.h"
#include "language/script.h"
#include "support/fault.h"
#include "support/memory.h"

/* ---- names of the script --------------------------------------------------------------------------------- */

enum named_kind {
    NAMED_LET,
    NAMED_FUNCTION,
    NAMED_TIMED_ARRAY,
    NAMED_POPULATION,
    NAMED_FAMILY,
    NAMED_PROJECTION,
    NAMED_SYNAPSES,
    NAMED_MODEL,
    NAMED_FILE
};

/* Member `number` of a family is population `population` of the script. */
struct member {
    uint32_t number;
    int population;
};

/* Something that the script has named. Models and files have spaces of names of their own, all others share one. */
struct named {
    enum named_kind kind;
    const char *name;
    struct span span;
    struct constant_value value;      /* LET; POPULATION: the set of all its nodes; TIMED_ARRAY: its values, and in `number` dt */
    const struct statement *function; /* FUNCTION */
    int index;                        /* in script->populations, script->projections, script->synapses */
    struct model *model;              /* MODEL */
    struct member *members;           /* FAMILY: [n_members], in order of declaration */
    int n_members, members_capacity;
    bool is_over; /* it was named in a pass of a loop that has ended: the name is free again */
};

/* A pass of a loop that is being executed. */
struct loop {
    const struct loop *outer; /* the loop that it stands in, or NULL */
    const char *variable;
    struct constant_value value;
    uint64_t label; /* what names end in that are given in this pass */
};

/* ---- the check as a whole -------------------------------------------------------------------------------- */

/* A call of step_value() that takes lists of its model: what they are is known when the script ends. */
struct step_call {
    const struct model *model;
    const struct expression *call;
};

struct check {
    struct arena *arena;
    const struct vocabulary *vocabulary;
    const struct override *overrides;
    int n_overrides;
    struct script *script; /* being filled; its arrays grow in the arena */
    struct named *names;   /* [n_names], in order of declaration */
    int n_names;
    uint32_t *slots; /* [n_slots], a power of two: see check_names.c */
    uint32_t n_slots;
    int *locals; /* [n_locals]: places in `names` of what ends with the passes that are being executed, innermost last */
    int n_locals;
    const struct loop *loop; /* the innermost one that is being executed, or NULL */
    uint64_t n_executed;     /* statements and passes of loops so far */
    struct named *library;   /* [n_library]: models taken from the library so far */
    int n_library;
    struct step_call *step_calls; /* [n_step_calls] */
    int n_step_calls, step_calls_capacity;
    bool simulation_seen;
    struct span simulation_span;
    bool simulation_used; /* dt or the seed is part of a value already, so they cannot change any more */
    bool delay_warned;
    int names_capacity, locals_capacity, library_capacity, models_capacity, populations_capacity, projections_capacity,
        synapses_capacity, connections_capacity, assignments_capacity, synapse_assignments_capacity, prints_capacity,
        records_capacity, epochs_capacity, constants_capacity, data_capacity, warnings_capacity;
};

/* Make room for one more element of an array in an arena; gives its address, zeroed. Old copies live as long as the arena. */
#define ARENA_PUSH(arena, array, length, capacity, type)                                                                     \
    ((length) == (capacity) ? ((array) = arena_grow(arena, array, (size_t)(length) * sizeof(type),                           \
                                                    (size_t)((capacity) = (capacity) ? 2 * (capacity) : 16) * sizeof(type))) \
                            : (array),                                                                                       \
     &(array)[(length)++])
void *arena_grow(struct arena *arena, const void *old, size_t old_bytes, size_t new_bytes);

/* ---- check_names.c --------------------------------------------------------------------------------------- */

/* Let, population, family or projection; NULL if unknown. */
struct named *named_find(const struct check *check, const char *name);
/* A model that the script declares, a file that it writes; NULL if unknown. */
struct named *named_model_find(const struct check *check, const char *name);
struct named *named_file_find(const struct check *check, const char *name);
/* Is the name free, allowed, and none of the language's own? */
int name_check_new(struct check *check, const char *name, struct span span, struct fault *fault);
int name_check_reserved(const char *name, struct span span, struct fault *fault);
bool name_ends_with(const char *name, const char *ending);
struct named *named_add(struct check *check, enum named_kind kind, const char *name, struct span span);
/* The same for what ends with the pass of the loop; names_end ends all but the first n_locals of them. */
struct named *named_add_local(struct check *check, enum named_kind kind, const char *name, struct span span);
void names_end(struct check *check, int n_locals);
/* What files and other statements call the thing that the script calls `name` here: NAME, in loops NAME_k, NAME_k_l, …; in the
 * arena. */
const char *name_in_pass(struct check *check, const char *name);

/* Known names to choose the nearest from: filled by the caller, then asked. */
struct candidates {
    struct arena *arena;
    const char **names;
    int n, capacity;
};
void candidates_add(struct candidates *candidates, const char *name);
void candidates_add_script(struct candidates *candidates, const struct check *check);
/* "; did you mean 'tau_syn_ex'?", or "" */
const char *candidates_suggestion(const struct candidates *candidates, const char *name);
/* "a, b and c" */
const char *candidates_list(const struct candidates *candidates);

/* ---- check_expression.c ---------------------------------------------------------------------------------- */

/* Names of temporaries of the block that is being checked. */
struct local {
    const char *name;
    struct span span; /* where it is first assigned */
    bool is_read;
    enum value_type type;
    struct dimension dimension;
};

/* What an expression may refer to. Zero-initialised: the script's constants only. */
struct scope {
    struct check *check;
    const struct model *model; /* its variables are visible; NULL: none are */
    bool closed;               /* a model of the library: the script's names are invisible */
    bool script_first;         /* values in the script: its own names go before those of the model */
    const struct port *port;   /* its argument is visible */
    struct local *locals;      /* [n_locals]; grows in the arena */
    int n_locals, locals_capacity;
    /* A synapse between its ends: the models that NAME_pre and NAME_post are looked up in; NULL while they are unknown. */
    const struct node_set *source, *target;
    bool wants_nodes;             /* the expression stands where a set of nodes is meant */
    struct span connected;        /* where, for messages about the ends */
    const struct unit *port_unit; /* what `port` stands for; NULL while unknown */
    bool sees_time;               /* t, t_in_timesteps, not_refractory, lastspike */
    bool sees_position;           /* i, N; in synapses j */
    bool lists_as_elements;       /* the name of a list variable stands for each of its elements (emit at LIST) */
    bool sees_noise;              /* xi, xi_NAME */
    bool sees_pair;  /* a pair of nodes of `source` and `target`: i, j, N, N_pre, N_post, NAME_pre, NAME_post, distance */
    bool is_default; /* the default or initial value of a model's variable */
    bool is_value;   /* a value that the script gives to nodes or synapses: may `redraw` */
    const char *random_refusal;              /* "in an equation": where random functions are refused; NULL: allowed */
    const struct expression *drawn_equation; /* where randn_per_connection() may stand: as the whole of this equation */
    int *n_call_sites;                       /* counts random functions; NULL: refused, in a constant of the script */
    const char *set_name;                    /* keys `sample(…)`: the name of the let or record; NULL where there is none */
    int n_samples;                           /* calls of `sample` so far */
    int n_inside;                            /* functions of the script whose right sides are being checked */
    int n_inlined;                           /* terms of the outermost of them so far */
};

/* The most terms that a call of a function may come to, with those of the functions that it calls. */
#define INLINED_TERMS_MAX 2000

/* A name: finds what it stands for. */
int reference_check(struct scope *scope, struct expression *name, struct fault *fault);
/* A call that draws, whose arguments have been checked: may it stand here? Numbers it. */
int random_check(struct scope *scope, struct expression *call, struct fault *fault);

/* Check an expression and annotate it. TYPE_UNKNOWN stands for a number whose dimension is not known yet (NAME_pre, NAME_post of
 * a synapse without ends): it agrees with everything. */
int expression_check(struct scope *scope, struct expression *expression, struct fault *fault);
/* The same, and: it must be a number, of the dimension. `what` begins the message: "'V_m'", "a delay". */
int expression_check_number(struct scope *scope, struct expression *expression, struct dimension dimension, const char *what,
                            struct fault *fault);
int expression_check_condition(struct scope *scope, struct expression *expression, const char *what, struct fault *fault);
/* The second half of that, for an expression that is checked already. */
int expression_require(const struct expression *expression, struct dimension dimension, const char *what, struct fault *fault);
/* The same for the right side of NAME = …, where NAME is declared in one dimension and the right side must be in `expected`,
 * which differs for a derivative. */
int expression_require_right_side(const struct expression *expression, const char *name, struct dimension declared,
                                  struct dimension expected, struct fault *fault);
/* Annotate with a result that is no list. */
void expression_set_result(struct expression *expression, enum value_type type, struct dimension dimension);
/* It must be a number, of any dimension. */
int expression_require_any_number(const struct expression *expression, struct fault *fault);
/* What a value is, for messages: "a number", "a list", "a set of nodes", … */
const char *value_type_text(enum value_type type, bool is_list, bool is_matrix);
const char *expression_type_text(const struct expression *expression);
bool type_is_number(enum value_type type); /* real, integer or not known yet */
struct dimension dimension_of_time(void);
struct dimension dimension_of_length(void);

/* "in volt", "dimensionless" */
struct dimension_phrase {
    char text[96];
};
struct dimension_phrase dimension_phrase(struct dimension dimension);
#define IN_DIMENSION(dimension) (dimension_phrase(dimension).text)

/* ---- check_block.c, check_model.c ------------------------------------------------------------------------ */

/* Check the statements of a block of the scope's model; counts its temporaries. In the scope of a port, they may only add. */
int block_check(const struct scope *scope, struct block *block, struct fault *fault);

/* Are its subexpressions free of circles? */
int model_check_circles(struct check *check, const struct model *model, struct fault *fault);
/* A model on its own; once per model. */
int model_check(struct check *check, struct model *model, struct fault *fault);
/* A model that `extends` another becomes one that says all of it. */
int model_extend(struct check *check, struct model *model, struct fault *fault);
/* A checked synapse model between its ends. `port_unit`: of the port that it sends to, NULL if it sends nothing. */
int model_check_between(struct check *check, struct model *model, const struct node_set *source, const struct node_set *target,
                        const struct unit *port_unit, struct span connected, struct fault *fault);
/* Do the pathways of a synapse model go together? Their blocks have been checked. */
int pathways_check(const struct model *model, struct fault *fault);
/* The variable whose list `emit at` names. */
int model_emission_list(const struct model *model);
/* The model of that name, checked: from the script, else from the library. `want_synapse`: a synapse model, or one of nodes. */
int model_require(struct check *check, const char *name, struct span span, bool want_synapse, struct model **out,
                  struct fault *fault);
/* Note a model as used by the script. */
void model_use(struct check *check, struct model *model);
const char *model_kind_text(enum model_kind kind);
bool model_spikes(const struct model *model);

/* ---- check_let.c, check_list.c, check_set.c, check_family.c
 * ---------------------------------------------------------------------------- */

/* The value of an expression of the script: number, text, list, matrix or set. */
int constant_of(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault);
/* The number of an expression of the script, of a dimension. */
int constant_number(struct check *check, struct expression *expression, struct dimension dimension, const char *what, double *out,
                    struct fault *fault);
/* The same for an integer-valued number within bounds. */
int constant_count(struct check *check, struct expression *expression, const char *what, double low, double high, double *out,
                   struct fault *fault);
int let_check(struct check *check, struct statement *statement, struct fault *fault);
int overrides_check(struct check *check, const struct script_tree *tree, struct fault *fault);

/* let NAME(x, y) = EXPRESSION; let NAME = timed_array(VALUES, DT). */
int function_define(struct check *check, const struct statement *statement, struct fault *fault);
bool timed_array_is_let(const struct statement *statement);
int timed_array_define(struct check *check, const struct statement *statement, struct fault *fault);
/* The function or timed array of that name, or NULL. */
const struct named *callable_find(const struct scope *scope, const char *name);
/* "x, y" */
const char *callable_arguments(struct check *check, const struct named *named);
/* A call of one: that of a function becomes its right side, with the arguments in the places of the parameters. */
int callable_check(struct scope *scope, struct expression *call, const struct named *named, struct fault *fault);

/* [a, b, …]: a list, or a matrix if the elements are lists. */
int array_check(struct scope *scope, struct expression *array, struct fault *fault);
/* LIST[k] or MATRIX[row, column], whose object has been checked: becomes a constant; with slices for indices, a list. */
int list_index_check(struct scope *scope, struct expression *expression, struct fault *fault);
/* The numbers of an expression that has been checked to be a list, a matrix, or a list of lists of any length. */
int constant_list(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault);
/* The numbers of an expression of the script that must be a list, not a matrix. */
int constant_plain_list(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault);
/* A list of lists must be a matrix: its rows have one length, which is not 0. */
int matrix_require(const struct constant_value *list, struct span span, struct fault *fault);

/* Checks an operation or call whose children have been checked. */
typedef int operation_check(struct scope *scope, struct expression *expression, struct fault *fault);
/* Apply the rule to each element, where some of the children are lists: then the result is a list. */
int elementwise_check(struct scope *scope, struct expression *expression, operation_check *rule, struct fault *fault);
/* The numbers of such a list. */
int elementwise_numbers(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault);
/* A call of a function that makes a list, or tells of one; and the numbers of the list. */
int list_function_check(struct scope *scope, struct expression *call, struct fault *fault);
int list_function_numbers(struct scope *scope, struct expression *call, struct constant_value *out, struct fault *fault);

/* csv(FILE, COLUMN) and hdf5(FILE, DATASET, COLUMN), whose arguments have been checked; and their numbers. */
int data_check(struct scope *scope, struct expression *call, struct fault *fault);
int data_numbers(struct scope *scope, struct expression *call, struct constant_value *out, struct fault *fault);
/* Rows of files that are values of listed pairs: do these stand in the order in which their synapses are created? */
int data_order_check(const struct script *script, const struct connection *connection, struct fault *fault);

/* step_value(times, values, t, before), whose arguments have been checked: types, dimensions, and what is known of its lists. */
int step_value_check(struct scope *scope, struct expression *call, struct fault *fault);
/* When all statements have been checked: the lists that populations give to it. */
int step_values_finish(struct check *check, struct fault *fault);

/* A set without nodes, with room for n_parts; and one more part for it, which must have nodes. */
struct node_set *set_new(struct check *check, int n_parts);
void set_append(struct node_set *set, struct node_part part);
/* The set of an expression that has been checked to be of TYPE_NODES. */
int set_of(struct scope *scope, struct expression *expression, const struct node_set **out, struct fault *fault);
/* The set of an expression of the script. `name`: keys sample(). */
int set_require(struct check *check, struct expression *expression, const char *name, const struct node_set **out,
                struct fault *fault);
const struct node_set *set_of_population(struct check *check, const struct population *population);
/* What a slice is called, given what the whole is called; in the arena. */
const char *slice_name(struct check *check, const char *whole, bool is_one, uint64_t begin, uint64_t end);

/* The family that an expression names, or NULL. */
const struct named *family_of(const struct scope *scope, const struct expression *expression);
/* FAMILY[k], FAMILY[:], FAMILY[a:b]: types; then the set, given the index. */
int family_index_check(struct scope *scope, struct expression *expression, struct fault *fault);
int family_set(struct check *check, const struct named *family, struct expression *index, const struct node_set **out,
               struct fault *fault);
/* `population FAMILY[k][SIZE]`: may there be such a member, and what is it called; note it as a member. */
int family_member_check(struct check *check, const struct statement *statement, uint32_t *number, const char **name,
                        struct fault *fault);
void family_member_add(struct check *check, const struct statement *statement, uint32_t number, int population);

/* ---- check_value.c --------------------------------------------------------------------------------------- */

/* The values of a model's variables in one population or connection. */
struct value_table {
    struct check *check;
    const struct model *model;
    struct value *values;                   /* [model->n_variables] */
    const char *owner;                      /* for messages: "population `exc`" */
    uint64_t size;                          /* nodes: a list of so many numbers gives one to each; 0: a table of synapses */
    const struct node_set *source, *target; /* synapses: their ends */
    const struct unit *port_unit;           /* of `: port` variables; NULL in populations */
    int list_connections;                   /* synapses: how many connections a list is for; 0: none */
};
int value_table_defaults(struct value_table *table, struct fault *fault);
/* The value of NAME = EXPRESSION; calls that draw are numbered from *n_call_sites on. value_table_set also keeps it. */
int value_table_read(const struct value_table *table, const char *name, struct span span, struct expression *expression,
                     int *n_call_sites, struct value *out, struct fault *fault);
int value_table_set(struct value_table *table, const char *name, struct span span, struct expression *expression,
                    struct fault *fault);
/* When all are set: constants are computed, cycles and values out of range are found. */
int value_table_finish(struct value_table *table, struct fault *fault);
/* The delay of synapses: as the script gives it; without it is what the model says, or 0. When the table is finished, so can be
 * the delay. */
int value_table_set_delay(struct value_table *table, struct expression *setting, struct value *out, struct fault *fault);
int value_table_finish_delay(struct value_table *table, struct value *out, struct fault *fault);
/* May the variable be assigned now? Values that differ are made with the nodes or synapses, not at the assignment: that is the
 * same unless one is assigned that an earlier one is made of. */
int value_table_check_order(const struct value_table *table, int variable, struct span span, struct fault *fault);
/* Is the expression made of the variable, perhaps through subexpressions? */
bool value_mentions(const struct model *model, const struct expression *expression, int variable);
/* Calls that draw are numbered within a value. Those of different assignments are different draws, also where they are of the
 * same nodes or synapses and the same variable: `n_before` stand in earlier ones. */
void calls_of_assignment(struct expression *expression, int n_before);
/* variable_require under the variable's name. */
int variable_check_number(struct arena *arena, const struct declaration *variable, struct unit unit, double number,
                          struct span span, struct fault *fault);
/* `what` begins the message: "'C_m'". */
int range_check(const struct range *range, double value, struct unit unit, const char *unit_text, const char *what,
                struct span span, struct fault *fault);

/* ---- check_count.c --------------------------------------------------------------------------------------- */

/* Gives a synapse model that names N, N_incoming or N_outgoing parameters of these names. */
void counts_declare(struct check *check, struct model *model);
/* Declared synapses have been connected once more: those that have run are counted anew. */
void counts_renew(struct check *check, const struct synapses *synapses);

/* ---- check_pathway.c ------------------------------------------------------------------------------------- */

/* Gives a synapse model parameters for the delays of its pathways that may differ from synapse to synapse. */
void pathway_delays_declare(struct check *check, struct model *model);

/* ---- check_linked.c -------------------------------------------------------------------------------------- */

/* Is the assignment A.x = linked(…)? Then link_check carries it out. */
bool statement_is_link(const struct check *check, const struct statement *statement);
int link_check(struct check *check, const struct statement *statement, struct fault *fault);
/* When the script ends: is everything linked that is (linked)? */
int links_finish(const struct check *check, struct fault *fault);

/* ---- check_time.c ---------------------------------------------------------------------------------------- */

/* Settings of parameters that are expressions of the time become equations of a copy of the model, which takes its place. */
int time_values_check(struct check *check, const struct settings *settings, struct model **model, struct fault *fault);
/* Is the setting such an equation of the model now? */
bool time_value_is_set(const struct model *model, const struct setting *setting);

/* ---- check_pair.c ---------------------------------------------------------------------------------------- */

/* N_pre, N_post of a pair; in arguments of rules also N, the size of both sets, where it is the same. Whether the name is one of
 * these. */
bool pair_size_find(const struct scope *scope, const struct expression *name, double *size);
/* Does the expression differ from pair to pair? It names an index, a value of an end, the distance, or draws. */
bool pair_mentioned(const struct expression *expression);
/* What a checked expression asks of the sets: positions for the distance. */
int pair_check(const struct check *check, const struct expression *expression, const struct node_set *source,
               const struct node_set *target, struct fault *fault);
/* Are connections made of what the variable begins with? Then this must stay what it is. */
bool pair_uses(const struct check *check, const struct population *population, int variable);
/* Are values of the connection made of what the script has assigned to nodes since it gave the last of them? */
bool pair_values_are_older(const struct check *check, const struct connection *connection);

/* ---- check_position.c ------------------------------------------------------------------------------------ */

/* Is NAME = … about the positions of the nodes, not about a variable of their model? Then it is set by position_set, and
 * position_finish checks that all fits together. */
bool position_is_setting(const struct model *model, const char *name);
int position_set(struct check *check, struct population *population, const char *name, const struct expression *expression,
                 struct fault *fault);
int position_finish(const struct population *population, struct fault *fault);
/* Is there a distance between the nodes of these sets? */
int distance_check(const struct check *check, const struct node_set *source, const struct node_set *target, struct span span,
                   struct fault *fault);

/* ---- statements ------------------------------------------------------------------------------------------ */

int statement_check(struct check *check, struct statement *statement, struct fault *fault);
int for_check(struct check *check, struct statement *statement, struct fault *fault);
int population_check(struct check *check, struct statement *statement, struct fault *fault);
/* For models that `emit at LIST`: the steps in which the nodes spike. The name of the list stands for each of its elements. */
int emissions_find(struct check *check, struct population *population, struct fault *fault);
int assignment_check(struct check *check, struct statement *statement, struct fault *fault);
int connect_check(struct check *check, struct statement *statement, struct fault *fault);
/* `synapses NAME : …`, `connect NAME by …`, and NAME.VARIABLE = … for these and for named connections. */
int synapses_check(struct check *check, struct statement *statement, struct fault *fault);
int connect_declared_check(struct check *check, struct statement *statement, struct fault *fault);
int synapses_assignment_check(struct check *check, struct statement *statement, struct fault *fault);
int record_check(struct check *check, struct statement *statement, struct fault *fault);
int stop_check(struct check *check, const struct statement *statement, struct fault *fault);
/* Is it `NAME`, `NAME.ROLE` or one of these with indices, NAME being that of connections? */
bool record_is_of_synapses(struct check *check, const struct expression *source);
/* NAME, NAME.ROLE, or some of them: NAME[sources, targets]. `why_not` begins the message where none are connected yet. */
int synapses_select(struct check *check, const struct expression *source, const char *why_not, struct synapse_selection *out,
                    struct fault *fault);
/* A variable of selected synapses, and the unit in which it is shown. */
int synapses_variable(struct check *check, const struct synapse_selection *selection, const char *name, struct span span,
                      struct unit *unit, const char **unit_text, int *index, struct fault *fault);
/* One of the recorded variables of a statement about synapses. */
int record_synapses(struct check *check, const struct statement *statement, const char *variable, struct record *record,
                    struct fault *fault);
/* `at SLOT`; without, at the start. Which of them there are depends on what is recorded. */
int record_slot_of_nodes(struct check *check, const struct statement *statement, const struct node_set *set,
                         enum record_slot *out, struct fault *fault);
/* Is it `record … at spikes`, or at an event that a model of the set has? */
bool record_is_at_events(struct check *check, const struct statement *statement, const struct node_set *set);
int record_at_events(struct check *check, const struct statement *statement, const struct node_set *set, struct record *record,
                     struct fault *fault);
/* Whether some model of the set has that event; and that all have it. */
bool record_has_event(struct check *check, const struct node_set *set, const char *name);
int record_require_event(struct check *check, const struct node_set *set, const char *event, struct span span,
                         struct fault *fault);
/* That all nodes of the set spike, as such. */
int record_require_spikes(struct check *check, const struct node_set *set, struct span span, struct fault *fault);
int record_slot_of_synapses(const struct statement *statement, const struct model *synapse, enum record_slot *out,
                            struct fault *fault);
/* The interval of `every`, in steps; 1 without. */
int record_interval(struct check *check, const struct statement *statement, step_count *out, struct fault *fault);
/* NAME, or VARIABLE_SET, or NAME_VARIABLE where one statement records several. */
const char *record_file_name(struct check *check, const struct statement *statement, const char *variable, const char *of);
/* Enter a record whose file has a name that no other has. */
int record_add(struct check *check, const struct record *record, struct fault *fault);
/* The connections that an expression like `tri.primary` names. */
int record_unknown_connection(struct check *check, struct span span, const char *name, struct fault *fault);
/* A variable that all models of the set have, in one unit: record->unit. */
int record_variable_check(struct check *check, const struct node_set *set, const char *name, struct span span,
                          struct record *record, struct fault *fault);
int print_check(struct check *check, struct statement *statement, struct fault *fault);

/* The rule of a call between the sets of a projection, and its arguments: [RULE_ARGUMENTS_MAX], zeroed. */
int rule_check(struct check *check, const struct expression *call, bool behind_third, const struct projection *projection,
               const struct rule_signature **out, struct rule_value *arguments, struct fault *fault);

/* An argument of the rule `generator`: RULE_GENERATED or RULE_GENERATED_CONDITION. */
int generated_check(struct check *check, const struct projection *projection, const struct expression *call,
                    const struct rule_argument *argument, struct expression *expression, struct rule_value *out,
                    struct fault *fault);

/* A synapse model where it is used, and the values that it is given there. */
struct synapse_use {
    struct model *model; /* checked */
    const struct settings *settings;
    struct span span; /* of the model's name */
};

/* Fill a connection whose name, role, source and target are set. Then its values may be assigned; when they are what they will
 * be, synapse_finish finds its delay and what is wrong with it. */
int synapse_check_ends(struct check *check, struct connection *connection, const struct synapse_use *use, struct fault *fault);
/* Keep an assignment that is carried out when its time has come. */
int synapse_keep_assignment(struct check *check, struct connection *connection, const struct synapse_selection *selection,
                            const struct statement *statement, struct fault *fault);
void synapse_add_assignment(struct check *check, struct connection *connection, int variable,
                            const struct synapse_selection *selection, const struct value *value);
int synapse_assign(struct check *check, struct connection *connection, int list_connections, const struct statement *statement,
                   struct fault *fault);
int synapse_finish(struct check *check, struct connection *connection, struct fault *fault);

/* Warn of values that (summed) equations replace; when the script ends. */
void driven_values_warn(struct check *check);

/* When all statements have been checked: the connections of declared synapses, and those that have none. */
int synapses_finish(struct check *check, struct fault *fault);

/* ---- small things ---------------------------------------------------------------------------------------- */

void check_warn(struct check *check, struct span where, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The model of part k of a set. */
const struct model *set_model(const struct check *check, const struct node_set *set, int part);

#endif
