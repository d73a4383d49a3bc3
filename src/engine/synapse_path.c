#include "engine/synapse_path.h"

#include "support/memory.h"

void synapse_path_create(const struct connection_plan *plan, struct edges *edges, int edges_index, const struct script *script,
                         const struct nodes *target, const struct post_history *post, step_count longest_interval,
                         bool is_reported, struct synapse_path *path)
{
    *path = (struct synapse_path){.edges = edges, .edges_index = edges_index, .n_slabs = edges->n_slabs};
    path->calendars = MEMORY_NEW(path->n_slabs, struct calendar, BUFFERS);
    for (int slab = 0; slab < path->n_slabs; slab++)
        calendar_create(plan->max_delay + longest_interval, &path->calendars[slab]);
    plastic_create(plan, edges, edges_index, script, target, post, is_reported, &path->plastic);
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

/* Returns the number of runs. */
static uint64_t expect_row(struct synapse_path *path, int slab, uint32_t row, step_count emitted, uint32_t event)
{
    const struct edges *edges = path->edges;
    const edge_count *slab_run = &edges->slab_run[(size_t)row * (size_t)path->n_slabs + (size_t)slab];
    edge_count row_begin = edges->row_begin[row], first = edges->slab_run[(size_t)row * (size_t)path->n_slabs];
    for (edge_count run = slab_run[0]; run < slab_run[1]; run++) {
        uint32_t begin = run > first ? edges->run_end[run - 1] : 0;
        struct arriving_runs *list = calendar_at(&path->calendars[slab], emitted + edges->run_delay[run]);
        *MEMORY_PUSH(list->runs, list->n, list->capacity, struct arriving_run,
                     BUFFERS) = (struct arriving_run){row_begin + begin, edges->run_end[run] - begin, event};
    }
    return slab_run[1] - slab_run[0];
}

uint64_t synapse_path_expect(struct synapse_path *path, int slab, const struct history *history, step_count begin, step_count end)
{
    uint64_t n_runs = 0;
    uint32_t event = (uint32_t)path->plastic.first_fresh; /* one by one, in the order in which the events were computed */
    for (step_count step = begin; step < end; step++) {
        const struct step_spikes *list = history_at(history, path->edges->source, step);
        for (uint32_t k = 0; k < list->n; k++) {
            int64_t row = edges_row(path->edges, list->spikes[k].index);
            for (uint32_t copy = 0; row >= 0 && copy < list->spikes[k].multiplicity; copy++)
                n_runs += expect_row(path, slab, (uint32_t)row, step, event++);
        }
    }
    return n_runs;
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
