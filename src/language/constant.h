/* Numbers of checked expressions: for constants of the script, and for what follows from constant parameters of a model. */
#ifndef GLION_LANGUAGE_CONSTANT_H
#define GLION_LANGUAGE_CONSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "language/ast.h"

struct node_set;
struct value;

/* What a constant of the script holds. */
struct constant_value {
    enum value_type type;
    bool is_list;
    struct dimension dimension; /* REAL, INTEGER */
    double number;              /* REAL, INTEGER, BOOLEAN (0 or 1); SI */
    const double *list;         /* is_list: [n_list], SI; in the arena */
    uint64_t n_list;
    /* Of a list of lists, whose rows follow one another in `list`; else NULL and 0. */
    const uint64_t *row_begin; /* [n_rows + 1], from 0 to n_list */
    uint64_t n_rows;
    bool rows_may_lack;         /* the rows are those of the nodes that by_node() named: further ones are empty */
    uint64_t last_row_from;     /* by_node(): where in its lists the largest node stands */
    bool is_data;               /* its elements are rows of a file, in their order */
    uint64_t n_columns;         /* of rows that all have this length, not 0: a matrix; else 0 */
    const char *text;           /* STRING */
    const struct node_set *set; /* NODES */
};

/* What the names of an expression stand for while it is evaluated. Zero-initialised: constants only. */
struct bindings {
    double dt;                   /* seconds; 0: not known */
    const struct model *model;   /* whose variables are looked up in `values` */
    const struct value *values;  /* [model->n_variables]; those that are not constant leave the result unknown */
    const double *variables;     /* [model->n_variables], used instead of values where not NULL; NaN: not known */
    const double *locals;        /* of a block */
    const double *argument;      /* what arrives at a port, or NULL */
    const double *element;       /* what the names of list variables stand for, or NULL */
    const double *time_in_steps; /* t_in_timesteps (and t), or NULL */
    const double *distance;      /* between source and target in metres, or NULL */
    const uint64_t *place;       /* which element the lists of elementwise arithmetic stand for, or NULL */
};

/* Is a list computed from others, element by element? Else it has numbers of its own: it is written out, named, cut or made by a
 * function. */
bool list_is_computed(const struct expression *list);

/* Evaluate; false if the expression depends on anything that is not known, or draws. Booleans are 0 and 1. */
bool constant_evaluate(const struct expression *expression, const struct bindings *bindings, double *out);

#endif
