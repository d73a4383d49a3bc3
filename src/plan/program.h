/* Straight-line programs: what an expression or a block of statements becomes.
 *
 * A program is a list of instructions in single assignment: instruction k defines register k from earlier registers, so it reads
 * top to bottom and has no jumps. It is executed for LANES nodes at once. Both ways to execute one give the same bits: the
 * interpreter walks the list, the emitter writes one line of C per instruction, with the same functions of support/lanes.h and
 * maths.h. Equal instructions are made once (common subexpressions), so a subexpression may be lowered wherever its name stands.
 */
#ifndef GLION_PLAN_PROGRAM_H
#define GLION_PLAN_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "support/memory.h"

/* X(name, operands, text): text is the function of lanes.h/maths.h that computes it; NULL where the executor knows the leaf
 * itself. Truth values are masks; the instructions marked M produce one. */
#define OPCODES(X)                                                                                                          \
    X(CONSTANT, 0, 0)       /* value */                                                                                     \
    X(SHARED, 0, 0)         /* slot of the table of values that are the same for all nodes */                               \
    X(STATE, 0, 0)          /* slot among the integrated variables: the integrator's stage, or the node's state */          \
    X(NODE, 0, 0)           /* slot among the other variables of a node */                                                  \
    X(INPUT, 0, 0)          /* slot among the summed inputs of this step */                                                 \
    X(ARGUMENT, 0, 0)       /* what arrives at a port; in a synapse: time since the last event in s, factors */             \
    X(TIME, 0, 0)           /* t in seconds */                                                                              \
    X(STEP, 0, 0)           /* t in timesteps */                                                                            \
    X(INDEX, 0, 0)          /* slot 0: i, slot 1: j */                                                                      \
    X(NOT_REFRACTORY, 0, 0) /* M */                                                                                         \
    X(DISTANCE, 0, 0)       /* between the nodes of a pair, in metres */                                                    \
    X(UNIFORM, 0, 0)        /* uniform random number; slot: number of the call. Initial values only */                      \
    X(NORMAL, 0, 0)         /* standard normal random number; likewise */                                                   \
    X(DRAWN_UNIFORM, 0, 0)  /* uniform random number of the node and step; slot: of its key in the shared table */          \
    X(DRAWN_NORMAL, 0, 0)   /* standard normal random number; likewise */                                                   \
    X(ADD, 2, "lanes_add")                                                                                                  \
    X(SUBTRACT, 2, "lanes_sub")                                                                                             \
    X(MULTIPLY, 2, "lanes_mul")                                                                                             \
    X(DIVIDE, 2, "lanes_div")                                                                                               \
    X(FLOOR_DIVIDE, 2, "lanes_floor_divide")                                                                                \
    X(MODULO, 2, "lanes_modulo")                                                                                            \
    X(POWER, 2, "lanes_pow")                                                                                                \
    X(NEGATE, 1, "lanes_neg")                                                                                               \
    X(ABSOLUTE, 1, "lanes_abs")                                                                                             \
    X(MINIMUM, 2, "lanes_min")                                                                                              \
    X(MAXIMUM, 2, "lanes_max")                                                                                              \
    X(SQRT, 1, "lanes_sqrt")                                                                                                \
    X(FLOOR, 1, "lanes_floor")                                                                                              \
    X(CEIL, 1, "lanes_ceil")                                                                                                \
    X(TRUNCATE, 1, "lanes_trunc")                                                                                           \
    X(ROUND, 1, "lanes_rint") /* to nearest, ties to even */                                                                \
    X(SIGN, 1, "lanes_sign")                                                                                                \
    X(EXP, 1, "lanes_exp")                                                                                                  \
    X(EXPM1, 1, "lanes_expm1")                                                                                              \
    X(EXPREL, 1, "lanes_exprel")                                                                                            \
    X(LOG, 1, "lanes_log")                                                                                                  \
    X(LOG10, 1, "lanes_log10")                                                                                              \
    X(LOG1P, 1, "lanes_log1p")                                                                                              \
    X(SIN, 1, "lanes_sin")                                                                                                  \
    X(COS, 1, "lanes_cos")                                                                                                  \
    X(TAN, 1, "lanes_tan")                                                                                                  \
    X(SINH, 1, "lanes_sinh")                                                                                                \
    X(COSH, 1, "lanes_cosh")                                                                                                \
    X(TANH, 1, "lanes_tanh")                                                                                                \
    X(ARCSIN, 1, "lanes_arcsin")                                                                                            \
    X(ARCCOS, 1, "lanes_arccos")                                                                                            \
    X(ARCTAN, 1, "lanes_arctan")                                                                                            \
    X(LESS, 2, "lanes_lt")          /* M */                                                                                 \
    X(LESS_EQUAL, 2, "lanes_le")    /* M */                                                                                 \
    X(GREATER, 2, "lanes_gt")       /* M */                                                                                 \
    X(GREATER_EQUAL, 2, "lanes_ge") /* M */                                                                                 \
    X(EQUAL, 2, "lanes_eq")         /* M */                                                                                 \
    X(NOT_EQUAL, 2, "lanes_ne")     /* M */                                                                                 \
    X(AND, 2, "lanes_mask_and")     /* M, of masks */                                                                       \
    X(OR, 2, "lanes_mask_or")       /* M, of masks */                                                                       \
    X(NOT, 1, "lanes_mask_not")     /* M, of a mask */                                                                      \
    X(SELECT, 3, "lanes_select")    /* mask ? second : third */                                                             \
    X(STEP_VALUE, 2, 0)             /* kernels/step_value.h: of a time, and a value before; slot: of the lists */           \
    X(ELEMENT, 2, 0)                /* kernels/step_value.h: of a row and a column; slot: of the array */                   \
    X(POISSON, 2, 0)                /* a count of this mean, where the mask holds; slot: number of the call. Values only */ \
    X(BINOMIAL, 3, 0)               /* of so many trials with this probability; likewise */                                 \
    X(DRAWN_POISSON, 2, 0)          /* a count of this mean of the node and step, where the mask holds; slot: of its key */ \
    X(DRAWN_BINOMIAL, 3, 0)         /* of so many trials with this probability; likewise */                                 \
    X(NUMBER_OF, 1, 0)              /* 1 where the mask is true, else 0 */

enum opcode {
#define X(name, operands, text) OPCODE_##name,
    OPCODES(X)
#undef X
        OPCODE_COUNT
};

int opcode_operands(enum opcode opcode);
const char *opcode_function(enum opcode opcode); /* NULL for leaves, STEP_VALUE, ELEMENT and NUMBER_OF */
bool opcode_gives_mask(enum opcode opcode);
bool opcode_draws(enum opcode opcode);
bool opcode_draws_count(enum opcode opcode); /* poisson() or binomial() */

struct instruction {
    enum opcode opcode;
    int operand[3]; /* registers, all below this one */
    int slot; /* SHARED, STATE, NODE, INPUT, UNIFORM, NORMAL, DRAWN_UNIFORM, DRAWN_NORMAL, STEP_VALUE, ELEMENT, and of counts */
    double value; /* CONSTANT */
};

/* Where a register's value goes when the program has run. */
struct output {
    int slot; /* meaning given by the program's owner: a state, a node variable, a place in a list */
    int reg;
};

struct program {
    struct instruction *instructions; /* [n_instructions] */
    int n_instructions;
    struct output *outputs; /* [n_outputs] */
    int n_outputs;
    /* while it is built: */
    int instructions_capacity, outputs_capacity;
    struct arena *arena;
};

void program_begin(struct program *program, struct arena *arena);
/* The same instructions; no outputs yet. */
void program_copy(const struct program *program, struct program *out);
/* Append an instruction, or find the equal one that exists already. Returns its register. An operation may become another one
 * with the same value, where that takes fewer. */
int program_leaf(struct program *program, enum opcode opcode, int slot);
int program_constant(struct program *program, double value);
int program_operation(struct program *program, enum opcode opcode, int a, int b, int c); /* unused operands: -1 */
int program_step_value(struct program *program, int slot, int time, int before);
int program_element(struct program *program, int slot, int row, int column);
/* A count, of the lanes in which the mask `wanted` holds. `probability` is -1 where the opcode takes none. */
int program_count(struct program *program, enum opcode opcode, int slot, int mean_or_trials, int probability, int wanted);
void program_output(struct program *program, int slot, int reg);
/* Drop what no output needs; registers are renumbered. */
void program_finish(struct program *program);
bool program_uses(const struct program *program, enum opcode opcode);
bool program_draws(const struct program *program);        /* any random numbers */
bool program_draws_counts(const struct program *program); /* poisson() or binomial() */

#endif
