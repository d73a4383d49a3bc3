/* Where a program that runs for itself, outside the steps of nodes, reads its leaves. A part of the texts of compiled programs.
 */
#ifndef GLION_KERNELS_LEAVES_H
#define GLION_KERNELS_LEAVES_H

/* What a program does not use may be NULL. All [slot][LANES] arrays are aligned to 64 bytes. */
struct interpreter_leaves {
    const double *shared;      /* [slot] one number for all lanes */
    const double *states;      /* [slot][LANES] */
    const double *slots;       /* [slot][LANES] */
    const double *inputs;      /* [slot][LANES] */
    const double *argument;    /* [slot][LANES] */
    const double *time, *step; /* [LANES] */
    const double *index;       /* [slot][LANES] */
    const double *evaluation;  /* [LANES] of struct frame (runtime.h); NULL: 0 */
    const double *distance;    /* [LANES] */
    const double *refractory;  /* [LANES] steps left; NULL: nobody is refractory */
};

#endif
