/* `every T { … }`: statements of nodes, or of synapses, that run at regular times, before all else in a step. */
#ifndef GLION_PLAN_EVERY_H
#define GLION_PLAN_EVERY_H

#include "plan/lower.h"

struct every_plan {
    step_count period;      /* in steps, at least 1; due when the number of the step is a multiple */
    struct program program; /* outputs: slots of nodes; columns of synapses */
};

static inline bool every_is_due(const struct every_plan *every, step_count step)
{
    return step % every->period == 0;
}

/* The period in steps: a multiple of dt, the same for all nodes, or synapses, whose `values` these are. */
int every_period(const struct lowering *lowering, const struct value *values, const struct every *every, step_count *out,
                 struct fault *fault);

#endif
