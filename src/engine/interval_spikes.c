#include "engine/interval_spikes.h"

#include <stdlib.h>
#include <string.h>

static int compare_nodes(const void *left, const void *right)
{
    const struct spike *a = left, *b = right;
    return (a->local > b->local) - (a->local < b->local);
}

/* The spikes of a step ascend already, unless nodes left their gang or blocks ran backwards. A node spikes once in a step, so
 * this decides all. */
static void sort_by_node(struct spike *spikes, uint64_t n)
{
    for (uint64_t k = 1; k < n; k++)
        if (spikes[k - 1].local > spikes[k].local) {
            qsort(spikes, n, sizeof *spikes, compare_nodes);
            return;
        }
}

/* Stable by step, thread after thread; then by node. */
void interval_spikes_merge(struct engine *engine, int population, step_count begin, step_count end)
{
    uint64_t first[INTERVAL_STEPS_MAX + 1], total = 0;
    memset(first, 0, (size_t)(end - begin + 1) * sizeof *first);
    for (int t = 0; t < engine->options.n_threads; t++) {
        const struct growing_spikes *list = &engine->workers[t].spikes[population];
        total += list->n;
        for (uint64_t k = 0; k < list->n; k++)
            first[list->spikes[k].step - begin + 1]++;
    }
    for (step_count step = 1; step <= end - begin; step++)
        first[step] += first[step - 1];
    struct growing_spikes *merged = &engine->spikes[population];
    if (total > merged->capacity) {
        merged->capacity = 2 * total;
        merged->spikes = MEMORY_RESIZE(merged->spikes, merged->capacity, struct spike, BUFFERS);
    }
    merged->n = total;
    for (int t = 0; t < engine->options.n_threads; t++) {
        struct growing_spikes *list = &engine->workers[t].spikes[population];
        for (uint64_t k = 0; k < list->n; k++)
            merged->spikes[first[list->spikes[k].step - begin]++] = list->spikes[k];
        list->n = 0;
    }
    for (step_count step = 0; step < end - begin; step++) { /* by now first[step] is where the next step begins */
        uint64_t start = step > 0 ? first[step - 1] : 0;
        sort_by_node(merged->spikes + start, first[step] - start);
    }
}

static void emit(struct growing_spikes *spikes, step_count step, node_local local, uint32_t multiplicity)
{
    *MEMORY_PUSH(spikes->spikes, spikes->n, spikes->capacity, struct spike, BUFFERS) = (struct spike){step, local, multiplicity};
}

/* Is number `next` of the population's listed spikes, counted through all periods, emitted before `end`? Then its step. */
static bool is_emitted(const struct population *listed, uint64_t next, step_count end, step_count *step)
{
    const uint64_t n = listed->n_emissions;
    if (n == 0 || (next >= n && !listed->emission_period))
        return false;
    *step = listed->emission_steps[next % n] + (step_count)(next / n) * listed->emission_period;
    return *step < end;
}

/* Of spikes that are listed with their nodes, those of nodes here. */
static void emit_of_nodes(const struct population *listed, const struct nodes *nodes, uint64_t *next, step_count end,
                          struct growing_spikes *spikes)
{
    step_count step;
    for (; is_emitted(listed, *next, end, &step); ++*next) {
        node_local local;
        if (step >= nodes->since && nodes_find(nodes, listed->emission_nodes[*next % listed->n_emissions], &local))
            emit(spikes, step, local, 1);
    }
}

/* Nodes that `emit at LIST` spike in the listed steps, which ascend: all of them, or those that are listed too. Where they are
 * repeated, some lie before the population begins to exist. */
void interval_spikes_emit_listed(struct engine *engine, int population, step_count end)
{
    const struct population *listed = &engine->script->populations[population];
    const struct nodes *nodes = &engine->nodes[population];
    uint64_t *next = &engine->emission_next[population];
    struct growing_spikes *spikes = &engine->spikes[population];
    if (listed->emission_nodes) {
        emit_of_nodes(listed, nodes, next, end, spikes);
        return;
    }
    for (step_count step, same; is_emitted(listed, *next, end, &step);) {
        uint32_t multiplicity = 0;
        for (; is_emitted(listed, *next, end, &same) && same == step; ++*next)
            multiplicity++;
        for (node_local local = 0; step >= nodes->since && local < nodes->n; local++)
            emit(spikes, step, local, multiplicity);
    }
}
