#include "engine/synapse_path.h"

#include "support/memory.h"

void synapse_path_create(const struct connection_plan *plan, struct edges *edges, int edges_index, const struct script *script,
                         const struct nodes *target, const struct post_history *post, const struct kernels *kernels,
                         step_count longest_interval, bool is_reported, struct synapse_path *path)
{
    *path = (struct synapse_path){.edges = edges, .edges_index = edges_index, .n_slabs = edges->n_slabs};
    path->calendars = MEMORY_NEW(path->n_slabs, struct calendar, BUFFERS);
    for (int slab = 0; slab < path->n_slabs; slab++)
        calendar_create(plan->max_delay + longest_interval, &path->calendars[slab]);
    plastic_create(plan, edges, edges_index, script, target, post, kernels, is_reported, &path->plastic);
}

void synapse_path_release(struct synapse_path *path)
{
    for (int slab = 0; slab < path->n_slabs; slab++)
        calendar_release(&path->calendars[slab]);
    memory_free(path->calendars);
    plastic_release(&path->plastic);
    *path = (struct synapse_path){0};
}

/* ---- spikes ---------------------------------------------------------------------------------------------------------------- */

/* Events are numbered one by one, in the order in which they were computed. */
uint64_t synapse_path_expect(struct synapse_path *path, int slab, const struct history *history, step_count begin, step_count end)
{
    return calendar_expect(&path->calendars[slab], path->edges, slab, history, begin, end, (uint32_t)path->plastic.first_fresh);
}

uint64_t synapse_path_deliver(struct synapse_path *path, int slab, const struct nodes *target, step_count begin, step_count end)
{
    uint64_t n_synapses = 0;
    for (step_count step = begin; step < end; step++) {
        struct arriving_runs *list = calendar_at(&path->calendars[slab], step);
        n_synapses += plastic_arrive(&path->plastic, slab, list, &target->arrivals, step, (int)(step - begin));
        list->n = 0;
    }
    return n_synapses;
}
