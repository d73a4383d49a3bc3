#include "engine/failure.h"

#include <math.h>

#include "kernels/counts.h"
#include "language/functions.h"

/* Keep the failure with the lowest (step, population, node). */
void failure_note(struct worker *worker, const struct failure *failure)
{
    const struct failure *first = &worker->failure;
    bool is_lower = first->population == failure->population && failure->index < first->index; /* blocks may run backwards */
    if (!first->failed || failure->step < first->step || (failure->step == first->step && is_lower))
        worker->failure = *failure;
}

static int state_not_finite(const struct nodes *nodes, node_local local, double *value)
{
    for (int slot = 0; slot < nodes->plan->n_states; slot++) {
        *value = nodes_block(nodes, local / LANES)[slot * LANES + local % LANES];
        if (!isfinite(*value))
            return slot;
    }
    return -1;
}

/* What was to be drawn stands in the text. */
void failure_blame_draw(const struct node_plan *plan, int slot, struct failure *failure)
{
    const struct step_draw *draw = plan->shared.draws;
    while (draw->slot != slot)
        draw++;
    failure->span = draw->call->span;
    failure->law = draw->call->function == FUNCTION_POISSON ? COUNT_POISSON : COUNT_BINOMIAL;
}

void failure_note_block(struct worker *worker, const struct nodes *nodes, int population, uint32_t first_block, step_count begin,
                        const struct block_arguments *arguments)
{
    const node_local local = first_block * LANES + (node_local)arguments->fault_node;
    struct failure failure = {
        .failed = true,
        .kind = arguments->fault == BLOCK_NO_SUCH_LAW ? FAILURE_OF_LAW : FAILURE_OF_BLOCK,
        .step = begin + arguments->fault_step,
        .population = population,
        .index = nodes_index(nodes, local),
        .fault = arguments->fault,
        .arguments = {arguments->fault_arguments[0], arguments->fault_arguments[1]},
    };
    failure.slot = state_not_finite(nodes, local, &failure.value);
    if (failure.kind == FAILURE_OF_LAW)
        failure_blame_draw(nodes->plan, arguments->fault_slot, &failure);
    failure_note(worker, &failure);
}
