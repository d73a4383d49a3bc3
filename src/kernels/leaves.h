/* Where a program that runs for itself, outside the steps of nodes, reads its leaves. A part of the texts of compiled programs.
 */
#ifndef GLION_KERNELS_LEAVES_H
#define GLION_KERNELS_LEAVES_H

/* What a program does not use may be NULL. All [slot][LANES] arrays are aligned to 64 bytes. */
struct counts_refused;
struct value_draws;

struct interpreter_leaves {
    const double *shared;             /* [slot] one number for all lanes */
    const double *states;             /* [slot][LANES] */
    const double *slots;              /* [slot][LANES] */
    const double *inputs;             /* [slot][LANES] */
    const double *argument;           /* [slot][LANES] */
    const double *time, *step;        /* [LANES] */
    const double *index;              /* [slot][LANES] */
    const double *evaluation;         /* [LANES] of struct frame (runtime.h); NULL: 0 */
    const double *distance;           /* [LANES] */
    const double *refractory;         /* [LANES] steps left; NULL: nobody is refractory */
    unsigned idle;                    /* of nodes in a step: lanes, as bits, that draw no counts */
    struct counts_refused *refused;   /* of nodes in a step: whose counts cannot be drawn is entered; or NULL */
    const struct value_draws *values; /* of values: what counts are drawn of (wide.h) */
};

#endif
