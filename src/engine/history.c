#include "engine/history.h"

#include <stdlib.h>

#include "support/memory.h"

static struct step_spikes *list_of(const struct history *history, int channel, step_count step)
{
    return &history->lists[(step % history->depth) * history->n_channels + channel];
}

void history_create(int n_channels, step_count depth, struct history *history)
{
    *history = (struct history){.n_channels = n_channels, .depth = depth};
    history->lists = MEMORY_NEW((size_t)depth * (size_t)n_channels, struct step_spikes, BUFFERS);
}

void history_release(struct history *history)
{
    for (step_count k = 0; history->lists && k < history->depth * history->n_channels; k++)
        memory_free(history->lists[k].spikes);
    memory_free(history->lists);
    *history = (struct history){0};
}

void history_begin(struct history *history, step_count begin, step_count end)
{
    for (step_count step = begin; step < end; step++)
        for (int k = 0; k < history->n_channels; k++)
            list_of(history, k, step)->n = 0;
}

void history_add(struct history *history, int channel, step_count step, struct past_spike spike)
{
    struct step_spikes *list = list_of(history, channel, step);
    *MEMORY_PUSH(list->spikes, list->n, list->capacity, struct past_spike, BUFFERS) = spike;
}

static int by_index(const void *a, const void *b)
{
    node_index ia = ((const struct past_spike *)a)->index, ib = ((const struct past_spike *)b)->index;
    return (ia > ib) - (ia < ib);
}

static int is_sorted(const struct step_spikes *list)
{
    for (uint32_t k = 1; k < list->n; k++)
        if (list->spikes[k - 1].index > list->spikes[k].index)
            return 0;
    return 1;
}

void history_end(struct history *history, step_count begin, step_count end)
{
    for (step_count step = begin; step < end; step++)
        for (int k = 0; k < history->n_channels; k++) {
            struct step_spikes *list = list_of(history, k, step);
            if (!is_sorted(list)) /* one rank's spikes are */
                qsort(list->spikes, list->n, sizeof *list->spikes, by_index);
        }
}

const struct step_spikes *history_at(const struct history *history, int channel, step_count step)
{
    static const struct step_spikes none;
    return step < 0 ? &none : list_of(history, channel, step);
}
