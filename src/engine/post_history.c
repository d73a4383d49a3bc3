#include "engine/post_history.h"

#include "support/memory.h"

void post_history_create(node_local n_nodes, struct post_history *history)
{
    *history = (struct post_history){.n_nodes = n_nodes, .nodes = MEMORY_NEW(n_nodes, struct node_spikes, BUFFERS)};
}

void post_history_release(struct post_history *history)
{
    for (node_local k = 0; k < history->n_nodes; k++)
        memory_free(history->nodes[k].steps);
    memory_free(history->nodes);
    *history = (struct post_history){0};
}

void post_history_add(struct post_history *history, const struct spike *spikes, uint64_t n)
{
    for (uint64_t k = 0; k < n; k++) {
        struct node_spikes *node = &history->nodes[spikes[k].local];
        for (uint32_t copy = 0; copy < spikes[k].multiplicity; copy++)
            *MEMORY_PUSH(node->steps, node->n, node->capacity, step_count, BUFFERS) = spikes[k].step;
    }
}
