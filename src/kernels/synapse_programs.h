/* Which programs of a plan are worth compiling besides the steps of nodes: those that run for each synapse and event, and those
 * that run for each spike where a source keeps state. The others are short, and formulas take many synapses at once
 * (engine/formula_path.c): they are interpreted. */
#ifndef GLION_KERNELS_SYNAPSE_PROGRAMS_H
#define GLION_KERNELS_SYNAPSE_PROGRAMS_H

#include "plan/plan.h"

struct program_list {
    const struct program **programs; /* [n] of the plan, all different; owned */
    uint64_t n, capacity;
};

/* The list starts zeroed. */
void synapse_programs(const struct plan *plan, struct program_list *list);
void program_list_release(struct program_list *list);

#endif
