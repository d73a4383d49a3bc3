#include "engine/calendar.h"

#include "support/memory.h"

void calendar_create(step_count depth, struct calendar *calendar)
{
    *calendar = (struct calendar){.depth = depth, .lists = MEMORY_NEW(depth, struct arriving_runs, BUFFERS)};
}

void calendar_release(struct calendar *calendar)
{
    for (step_count k = 0; calendar->lists && k < calendar->depth; k++)
        memory_free(calendar->lists[k].runs);
    memory_free(calendar->lists);
    *calendar = (struct calendar){0};
}

/* Returns the number of runs. */
static uint64_t expect_row(struct calendar *calendar, const struct edges *edges, int slab, uint32_t row, step_count emitted,
                           uint32_t event)
{
    const edge_count *slab_run = &edges->slab_run[(size_t)row * (size_t)edges->n_slabs];
    edge_count begin = edges->row_begin[row], first = slab_run[slab], end = slab_run[slab + 1];
    uint32_t run_begin = first > slab_run[0] ? edges->run_end[first - 1] : 0;
    for (edge_count run = first; run < end; run++) {
        struct arriving_runs *list = calendar_at(calendar, emitted + edges->run_delay[run]);
        *MEMORY_PUSH(list->runs, list->n, list->capacity, struct arriving_run,
                     BUFFERS) = (struct arriving_run){begin + run_begin, edges->run_end[run] - run_begin, event};
        run_begin = edges->run_end[run];
    }
    return end - first;
}

uint64_t calendar_expect(struct calendar *calendar, const struct edges *edges, int slab, const struct history *history,
                         step_count begin, step_count end, uint32_t first_event)
{
    uint64_t n_runs = 0;
    uint32_t event = first_event;
    for (step_count step = begin > edges->since ? begin : edges->since; step < end; step++) {
        const struct step_spikes *list = history_at(history, edges->source, step);
        for (uint32_t k = 0; k < list->n; k++) {
            int64_t row = edges_row(edges, list->spikes[k].index);
            for (uint32_t copy = 0; row >= 0 && copy < list->spikes[k].multiplicity; copy++)
                n_runs += expect_row(calendar, edges, slab, (uint32_t)row, step, event++);
        }
    }
    return n_runs;
}
