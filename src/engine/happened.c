#include "engine/happened.h"

#include "support/memory.h"

/* The event's variable says where it happened; lanes behind the last node are copies. */
static void pack_block(const struct nodes *nodes, const struct channel *channel, uint32_t block, struct happened *list)
{
    const double *happens = nodes_block(nodes, block) + nodes->plan->events[channel->event].slot * LANES;
    for (node_local lane = 0, local = block * LANES; lane < LANES && local < nodes->n; lane++, local++)
        if (happens[lane] != 0)
            *MEMORY_PUSH(list->events, list->n, list->capacity, struct wire_spike, BUFFERS) = (struct wire_spike){
                .node = channel->base + nodes_index(nodes, local), .step = 0, .multiplicity = 1};
}

void happened_pack(const struct nodes *nodes, const struct channels *channels, int population, uint32_t first, uint32_t last,
                   struct happened *list)
{
    for (int k = channels->first_event; k < channels->n; k++) {
        const struct channel *channel = &channels->list[k];
        for (uint32_t block = first; channel->population == population && block < last; block++)
            pack_block(nodes, channel, block, list);
    }
}
