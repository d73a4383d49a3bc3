/* All programs of the nodes of a population: the one list for whoever must not miss any. */
#ifndef GLION_PLAN_NODE_PROGRAMS_H
#define GLION_PLAN_NODE_PROGRAMS_H

#include "plan/plan.h"

enum node_program_kind {
    NODE_PROGRAM_ACTS,  /* a kernel runs it, and sets the slots that are its outputs */
    NODE_PROGRAM_TELLS, /* a kernel, or somebody between two steps, needs its outputs */
};

typedef void node_program_visitor(void *context, const struct program *program, enum node_program_kind kind);

/* In an order that follows from the plan; programs without instructions, too. */
void node_programs_visit(const struct node_plan *plan, node_program_visitor *visit, void *context);

#endif
