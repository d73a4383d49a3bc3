#include "engine/coupling_path.h"

#include <string.h>

#include "engine/exchange.h"
#include "engine/rows.h"
#include "kernels/shared_values.h"
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

static void merge(struct coupling_path *path, const struct edges *edges, double weight)
{
    edge_count n = count_distinct(edges), next = 0;
    path->edges = *edges;
    path->edges.row_begin = MEMORY_NEW(edges->n_rows + 1, edge_count, SYNAPSES);
    path->edges.target_local = MEMORY_NEW(n, node_local, SYNAPSES);
    path->weight = MEMORY_NEW(n, double, SYNAPSES);
    for (uint32_t row = 0; row < edges->n_rows; row++) {
        for (edge_count place = edges->row_begin[row]; place < edges->row_begin[row + 1]; place++) {
            if (repeats(edges, place, edges->row_begin[row])) {
                path->weight[next - 1] += weight;
                continue;
            }
            path->edges.target_local[next] = edges->target_local[place];
            path->weight[next++] = weight;
        }
        path->edges.row_begin[row + 1] = next;
    }
}

static int coupling_of(const struct node_plan *plan, const char *variable)
{
    int k = 0;
    while (strcmp(plan->model->variables[plan->couplings[k].variable].name, variable))
        k++;
    return k;
}

static int input_of(const struct node_plan *plan, const char *name)
{
    int k = 0;
    while (strcmp(plan->model->variables[plan->input_variable[k]].name, name))
        k++;
    return k;
}

static int own_input_of(const struct node_plan *plan, int input, const char *variable)
{
    int k = 0;
    while (plan->own_terms[k].input != input || strcmp(plan->model->variables[plan->own_terms[k].variable].name, variable))
        k++;
    return plan->n_inputs + k;
}

static double *own_weights(const struct edges *edges, const struct nodes *target, double weight)
{
    double *sums = MEMORY_NEW(target->n, double, SYNAPSES);
    for (uint32_t row = 0; row < edges->n_rows; row++)
        for (edge_count place = edges->row_begin[row]; place < edges->row_begin[row + 1]; place++)
            sums[edges->target_local[place]] += weight;
    return sums;
}

void coupling_path_create(const struct connection_plan *plan, const struct edges *edges, const struct script *script,
                          const struct nodes *source, const struct nodes *target, struct coupling_path *path)
{
    const struct connection *connection = plan->connection;
    *path = (struct coupling_path){
        .coupling = coupling_of(source->plan, plan->source_variable),
        .input = input_of(target->plan, plan->input),
        .delay = connection->delay,
        .depth = connection->delay + target->n_steps_max,
    };
    double *shared = shared_values(&plan->shared, plan->synapse, connection->values, script->dt, 0, MEMORY_TEMPORARY);
    merge(path, edges, shared[plan->weight_slot]);
    path->own_input = -1;
    if (plan->target_variable) {
        path->own_input = own_input_of(target->plan, path->input, plan->target_variable);
        path->own_weight = own_weights(edges, target, shared[plan->own_weight_slot]);
    }
    memory_free(shared);
    path->past = MEMORY_NEW((size_t)edges->n_rows * (size_t)path->depth, double, BUFFERS);
    path->told = MEMORY_NEW(edges->n_rows, step_count, BUFFERS);
}

void coupling_path_release(struct coupling_path *path)
{
    memory_free(path->edges.row_begin);
    memory_free(path->edges.target_local);
    memory_free(path->weight);
    memory_free(path->own_weight);
    memory_free(path->past);
    memory_free(path->told);
    *path = (struct coupling_path){0};
}

/* ---- values of the sources ---- */

void coupling_path_tell(struct coupling_path *path, node_index source, step_count begin, step_count end, const double *values)
{
    int64_t row = edges_row(&path->edges, source);
    if (row < 0)
        return;
    double *past = path->past + row * path->depth;
    step_count silent = path->told[row] > begin - path->depth ? path->told[row] : begin - path->depth + 1;
    for (step_count step = silent > 0 ? silent : 0; step < begin; step++)
        past[step % path->depth] = 0;
    step_count place = begin % path->depth;
    for (step_count step = begin; step < end; step++) {
        past[place] = values[step - begin];
        place = place + 1 < path->depth ? place + 1 : 0;
    }
    path->told[row] = end;
}

/* In the step that begins at n a coupling reads the source at grid step n - delay, and 0 where that is the one at which it was
 * connected, 0 as a rule, or before (DESIGN section 4). So the steps [begin, end) read the grid steps [first, last). */
static void grid_read(const struct coupling_path *path, uint32_t row, step_count begin, step_count end, step_count *first,
                      step_count *last)
{
    step_count earliest = path->edges.since + 1;
    *first = begin - path->delay > earliest ? begin - path->delay : earliest;
    *last = end - path->delay < path->told[row] ? end - path->delay : path->told[row];
}

static void deliver_row(const struct coupling_path *path, const struct nodes *target, uint32_t row, step_count begin,
                        step_count end, edge_count row_begin, edge_count row_end)
{
    const double *past = path->past + row * path->depth;
    double values[INTERVAL_STEPS_MAX]; /* out of the ring, in the order of the steps */
    step_count first, last, n = 0;
    grid_read(path, row, begin, end, &first, &last);
    step_count place = first % path->depth;
    for (step_count grid = first; grid < last; grid++) {
        values[n++] = past[place];
        place = place + 1 < path->depth ? place + 1 : 0;
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
    step_count earliest = path->edges.since + path->delay + 1, from = begin > earliest ? begin : earliest;
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
        if (path->told[row] <= begin - path->delay) /* silent all along */
            continue;
        rows_range(&path->edges, row, first, last, &row_begin, &row_end);
        deliver_row(path, target, row, begin, end, row_begin, row_end);
    }
}
