/* Seldom enough for the interpreter: so kernels need not know of it, and a step without such statements costs nothing. */
#include "engine/regular.h"

#include <string.h>

#include "engine/reading.h"
#include "kernels/interpreter.h"

bool regular_is_due(const struct node_plan *plan, step_count step)
{
    for (int k = 0; k < plan->n_everys; k++)
        if (every_is_due(&plan->everys[k], step))
            return true;
    return false;
}

static void act(const struct program *program, const struct interpreter_leaves *leaves, double *slots, double *scratch)
{
    interpret(program, leaves, scratch);
    for (int k = 0; k < program->n_outputs; k++)
        memcpy(slots + program->outputs[k].slot * LANES, scratch + program->outputs[k].reg * LANES, LANES * sizeof *slots);
}

void regular_act(const struct nodes *nodes, uint32_t block, step_count step, double dt, double *scratch,
                 struct counts_refused *refused)
{
    const struct node_plan *plan = nodes->plan;
    struct reading_leaves at;
    const node_local left = nodes->n - block * LANES;
    reading_begin(nodes, block, step, dt, &at);
    at.leaves.idle = left < LANES ? ~0u << left : 0;
    at.leaves.refused = refused;
    for (int k = 0; k < plan->n_everys; k++)
        if (every_is_due(&plan->everys[k], step))
            act(&plan->everys[k].program, &at.leaves, nodes_block(nodes, block), scratch);
}
