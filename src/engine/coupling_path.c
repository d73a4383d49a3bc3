#include "engine/coupling_path.h"

#include <string.h>

#include "engine/rows.h"
#include "kernels/shared_values.h"

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
    memory_free(shared);
    path->past = MEMORY_NEW((size_t)edges->n_rows * (size_t)path->depth, double, BUFFERS);
}

void coupling_path_release(struct coupling_path *path)
{
    memory_free(path->edges.row_begin);
    memory_free(path->edges.target_local);
    memory_free(path->weight);
    memory_free(path->past);
    *path = (struct coupling_path){0};
}

/* ---- values of the sources ---- */

void coupling_path_begin(struct coupling_path *path, step_count begin, step_count end)
{
    for (uint32_t row = 0; row < path->edges.n_rows; row++)
        for (step_count step = begin; step < end; step++)
            path->past[row * path->depth + step % path->depth] = 0;
}

void coupling_path_tell(struct coupling_path *path, node_index source, step_count begin, step_count end, const double *values)
{
    int64_t row = edges_row(&path->edges, source);
    for (step_count step = begin; row >= 0 && step < end; step++)
        path->past[row * path->depth + step % path->depth] = values[step - begin];
}

/* In the step that begins at n a coupling reads the source at grid step n - delay, and 0 where that is 0 or before (DESIGN
 * section 4). */
static double value_for(const struct coupling_path *path, uint32_t row, step_count step)
{
    step_count grid = step - path->delay;
    return grid <= 0 ? 0 : path->past[row * path->depth + grid % path->depth];
}

static bool is_silent(const struct coupling_path *path, uint32_t row, step_count begin, step_count end)
{
    for (step_count step = begin; step < end; step++)
        if (value_for(path, row, step) != 0)
            return false;
    return true;
}

void coupling_path_deliver(const struct coupling_path *path, const struct nodes *target, step_count begin, step_count end,
                           node_local first, node_local last)
{
    for (uint32_t row = 0; row < path->edges.n_rows; row++) {
        edge_count row_begin, row_end;
        if (is_silent(path, row, begin, end))
            continue;
        rows_range(&path->edges, row, first, last, &row_begin, &row_end);
        for (step_count step = begin; step < end; step++) {
            double value = value_for(path, row, step);
            double *input = nodes_inputs(target, (int)(step - begin), path->input);
            for (edge_count place = row_begin; place < row_end; place++)
                input[path->edges.target_local[place]] += path->weight[place] * value;
        }
    }
}
