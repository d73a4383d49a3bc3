#include "engine/coupling_path.h"

#include <string.h>

#include "engine/exchange.h"
#include "engine/rows.h"
#include "engine/synapse_weights.h"
#include "support/lanes.h"

/* ---- merging ---- */

static bool repeats(const struct edges *edges, edge_count place, edge_count row_begin)
{
    return place > row_begin && edges->target_local[place] == edges->target_local[place - 1];
}

static edge_count count_distinct(const struct edges *edges)
{
    edge_count n = 0;
    for (uint32_t row = 0; row < edges->n_rows; row++)
        for (edge_count place = edges->row_begin[row]; place < edges->row_begin[row + 1]; place++)
            n += !repeats(edges, place, edges->row_begin[row]);
    return n;
}

static void merge(struct coupling_path *path, const struct edges *edges, const struct synapse_weights *weights)
{
    edge_count n = count_distinct(edges), next = 0;
    path->edges = (struct edges){.connection = edges->connection,
                                 .source = edges->source,
                                 .target = edges->target,
                                 .since = edges->since,
                                 .n_rows = edges->n_rows,
                                 .row_source = edges->row_source};
    path->edges.row_begin = MEMORY_NEW(edges->n_rows + 1, edge_count, SYNAPSES);
    path->edges.target_local = MEMORY_NEW(n, node_local, SYNAPSES);
    path->weight = MEMORY_NEW(n, double, SYNAPSES);
    for (uint32_t row = 0; row < edges->n_rows; row++) {
        for (edge_count place = edges->row_begin[row]; place < edges->row_begin[row + 1]; place++) {
            if (repeats(edges, place, edges->row_begin[row])) {
                path->weight[next - 1] += weights->of_source[place * weights->stride];
                continue;
            }
            path->edges.target_local[next] = edges->target_local[place];
            path->weight[next++] = weights->of_source[place * weights->stride];
        }
        path->edges.row_begin[row + 1] = next;
    }
}

static int own_input_of(const struct node_plan *plan, int input, const char *variable)
{
    int k = 0;
    while (plan->own_terms[k].input != input || strcmp(plan->model->variables[plan->own_terms[k].variable].name, variable))
        k++;
    return plan->n_inputs + k;
}

/* Sums over the synapses of each target. */
static double *own_weights(const struct edges *edges, const struct nodes *target, const struct synapse_weights *weights)
{
    double *sums = MEMORY_NEW(target->n, double, SYNAPSES);
    for (edge_count place = 0; place < edges_size(edges); place++)
        sums[edges->target_local[place]] += weights->of_target[place * weights->stride];
    return sums;
}

static void weigh(const struct connection_plan *plan, const struct edges *edges, const struct script *script,
                  const struct nodes *target, struct coupling_path *path)
{
    struct synapse_weights weights;
    synapse_weights_create(plan, edges, script, &weights);
    merge(path, edges, &weights);
    if (plan->target_variable)
        path->own_weight = own_weights(edges, target, &weights);
    synapse_weights_release(&weights);
}

static void release_weights(struct coupling_path *path)
{
    memory_free(path->edges.row_begin);
    memory_free(path->edges.target_local);
    memory_free(path->weight);
    memory_free(path->own_weight);
}

void coupling_path_reweigh(const struct connection_plan *plan, const struct script *script, const struct nodes *target,
                           struct coupling_path *path)
{
    release_weights(path);
    weigh(plan, path->unmerged, script, target, path);
}

void coupling_path_create(const struct connection_plan *plan, const struct edges *edges, step_count delay,
                          const struct script *script, const struct nodes *source, const struct nodes *target,
                          struct coupling_path *path)
{
    *path = (struct coupling_path){
        .input = nodes_input(target, plan->input),
        .own_input = -1,
        .delay = delay,
        .unmerged = edges,
    };
    if (plan->target_variable)
        path->own_input = own_input_of(target->plan, path->input, plan->target_variable);
    weigh(plan, edges, script, target, path);
    source_values_create(&path->edges, nodes_coupling(source, plan->source_variable), delay + target->n_steps_max, &path->source);
}

void coupling_path_release(struct coupling_path *path)
{
    source_values_release(&path->source);
    release_weights(path);
    *path = (struct coupling_path){0};
}

/* ---- delivery ---- */

/* In the step that begins at n a coupling reads the source at grid step n - delay, and 0 where that is the one at which it was
 * connected, 0 as a rule, or before (DESIGN section 4); without delay it reads that one, too. */
static step_count earliest_read(const struct coupling_path *path)
{
    return path->edges.since + (path->delay > 0);
}

/* So the steps [begin, end) read the grid steps [first, last). */
static void grid_read(const struct coupling_path *path, uint32_t row, step_count begin, step_count end, step_count *first,
                      step_count *last)
{
    step_count earliest = earliest_read(path);
    *first = begin - path->delay > earliest ? begin - path->delay : earliest;
    *last = end - path->delay < path->source.told[row] ? end - path->delay : path->source.told[row];
}

static void deliver_row(const struct coupling_path *path, const struct nodes *target, uint32_t row, step_count begin,
                        step_count end, edge_count row_begin, edge_count row_end)
{
    const double *past = path->source.past + row * path->source.depth;
    double values[INTERVAL_STEPS_MAX]; /* out of the ring, in the order of the steps */
    step_count first, last, n = 0;
    grid_read(path, row, begin, end, &first, &last);
    step_count place = first % path->source.depth;
    for (step_count grid = first; grid < last; grid++) {
        values[n++] = past[place];
        place = place + 1 < path->source.depth ? place + 1 : 0;
    }
    double *inputs = tile_row(&target->inputs, (int)(first + path->delay - begin), path->input);
    const size_t next_step = (size_t)target->inputs.n_kinds * LANES;
    for (edge_count k = row_begin; k < row_end; k++) {
        double *input = inputs + tile_place(&target->inputs, path->edges.target_local[k]);
        double weight = path->weight[k];
        for (step_count step = 0; step < n; step++)
            input[(size_t)step * next_step] += weight * values[step];
    }
}

/* The weights of the targets' own values, in the steps in which the coupling acts; whether a source is silent does not matter. */
static void deliver_own(const struct coupling_path *path, const struct nodes *target, step_count begin, step_count end,
                        node_local first, node_local last)
{
    step_count earliest = earliest_read(path) + path->delay, from = begin > earliest ? begin : earliest;
    for (node_local local = first; local < last && local < target->n; local++) {
        size_t place = tile_place(&target->inputs, local);
        for (step_count step = from; path->own_weight[local] != 0 && step < end; step++)
            tile_row(&target->inputs, (int)(step - begin), path->own_input)[place] += path->own_weight[local];
    }
}

uint64_t coupling_path_additions(const struct coupling_path *path, step_count begin, step_count end)
{
    uint64_t n = 0;
    for (uint32_t row = 0; row < path->edges.n_rows; row++) {
        step_count first, last;
        grid_read(path, row, begin, end, &first, &last);
        if (last > first)
            n += (uint64_t)(last - first) * (path->edges.row_begin[row + 1] - path->edges.row_begin[row]);
    }
    return n;
}

void coupling_path_deliver(const struct coupling_path *path, const struct nodes *target, step_count begin, step_count end,
                           node_local first, node_local last)
{
    if (path->own_weight)
        deliver_own(path, target, begin, end, first, last);
    for (uint32_t row = 0; row < path->edges.n_rows; row++) {
        edge_count row_begin, row_end;
        if (path->source.told[row] <= begin - path->delay) /* silent all along */
            continue;
        rows_range(&path->edges, row, first, last, &row_begin, &row_end);
        deliver_row(path, target, row, begin, end, row_begin, row_end);
    }
}
