#include "engine/formula_path.h"

#include <string.h>

#include "engine/copied_values.h"
#include "engine/reading.h"
#include "engine/rows.h"
#include "kernels/shared_values.h"
#include "kernels/wide.h"
#include "support/memory.h"

/* Synapses at once where the formula is interpreted: many enough that an instruction costs little to find, and few enough that
 * the registers stay in the first cache. A multiple of LANES; a compiled one takes that many. */
#define WIDTH_MAX 128

/* What a slab's thread works with: the synapses at hand. */
struct formula_worker {
    int n;
    node_local target[WIDTH_MAX];
    double *arguments;    /* [n_ends][width]; owned */
    double *columns;      /* [plan->n_columns][width]; owned */
    double *time, *steps; /* [width] of the step at hand; owned */
    double *registers;    /* of the formula, and of readings; owned */
};

/* ---- making and releasing ------------------------------------------------------------------------------------------------ */

static int coupling_of(const struct node_plan *plan, int variable)
{
    int k = 0;
    while (plan->couplings[k].variable != variable)
        k++;
    return k;
}

static void reading_create(const struct formula_path *path, const struct formula_end *end, struct formula_reading *reading)
{
    const struct node_plan *nodes = end->is_source ? path->source->plan : path->target->plan;
    int variable = model_variable(nodes->model, end->name);
    reading->program = node_plan_reading(nodes, variable);
    if (!end->is_source)
        reading->of_target = MEMORY_NEW(path->target->n_blocks * LANES, double, BUFFERS);
    else if (end->is_steady)
        reading->copied = MEMORY_NEW(path->edges->n_rows, double, BUFFERS);
    else
        source_values_create(path->edges, coupling_of(nodes, variable), path->delay + path->target->n_steps_max,
                             &reading->exchanged);
}

static size_t registers_bytes(const struct formula_path *path)
{
    size_t bytes = (size_t)path->plan->formula.sums.n_instructions * path->width * sizeof(double);
    for (int k = 0; k < path->plan->formula.n_ends; k++) {
        size_t needed = interpreter_scratch_bytes(path->readings[k].program);
        bytes = needed > bytes ? needed : bytes;
    }
    return bytes;
}

static void worker_create(const struct formula_path *path, struct formula_worker *worker)
{
    worker->arguments = MEMORY_NEW(path->plan->formula.n_ends * path->width, double, BUFFERS);
    worker->columns = MEMORY_NEW(path->plan->n_columns * path->width, double, BUFFERS);
    worker->time = MEMORY_NEW(path->width, double, BUFFERS);
    worker->steps = MEMORY_NEW(path->width, double, BUFFERS);
    worker->registers = memory_new(registers_bytes(path), MEMORY_BUFFERS);
}

static void worker_release(struct formula_worker *worker)
{
    memory_free(worker->arguments);
    memory_free(worker->columns);
    memory_free(worker->time);
    memory_free(worker->steps);
    memory_free(worker->registers);
}

void formula_path_create(const struct connection_plan *plan, const struct edges *edges, const struct script *script,
                         const struct kernels *kernels, const struct nodes *source, const struct nodes *target, int n_slabs,
                         struct formula_path *path)
{
    const struct formula_plan *formula = &plan->formula;
    *path = (struct formula_path){
        .plan = plan,
        .edges = edges,
        .source = source,
        .target = target,
        .dt = script->dt,
        .delay = plan->connection->delay,
        .sums = kernels_runner(kernels, &formula->sums).compiled,
        .n_slabs = n_slabs,
    };
    path->width = path->sums ? LANES : WIDTH_MAX;
    path->shared = shared_values(&plan->shared, plan->synapse, plan->connection->values, script->dt, 0, MEMORY_BUFFERS);
    path->inputs = MEMORY_NEW(formula->n_inputs, int, BUFFERS);
    for (int k = 0; k < formula->n_inputs; k++)
        path->inputs[k] = nodes_input(target, formula->inputs[k]);
    path->readings = MEMORY_NEW(formula->n_ends, struct formula_reading, BUFFERS);
    for (int k = 0; k < formula->n_ends; k++)
        reading_create(path, &formula->ends[k], &path->readings[k]);
    path->workers = MEMORY_NEW(n_slabs, struct formula_worker, BUFFERS);
    for (int slab = 0; slab < n_slabs; slab++)
        worker_create(path, &path->workers[slab]);
}

void formula_path_release(struct formula_path *path)
{
    for (int k = 0; k < path->plan->formula.n_ends; k++) {
        source_values_release(&path->readings[k].exchanged);
        memory_free(path->readings[k].copied);
        memory_free(path->readings[k].of_target);
    }
    for (int slab = 0; slab < path->n_slabs; slab++)
        worker_release(&path->workers[slab]);
    memory_free(path->workers);
    memory_free(path->readings);
    memory_free(path->inputs);
    memory_free(path->shared);
    *path = (struct formula_path){0};
}

void formula_path_begin_run(struct formula_path *path, const struct network *network)
{
    for (int k = 0; k < path->plan->formula.n_ends; k++)
        if (path->readings[k].copied)
            copied_values_fetch(network, path->edges, path->source, path->readings[k].program, path->readings[k].copied);
}

/* ---- a step -------------------------------------------------------------------------------------------------------------- */

static void read_targets(const struct formula_path *path, struct formula_worker *worker, step_count step, uint32_t first,
                         uint32_t last)
{
    for (int k = 0; k < path->plan->formula.n_ends; k++) {
        const struct formula_reading *reading = &path->readings[k];
        for (uint32_t block = first; reading->of_target && block < last; block++)
            reading_take(path->target, reading->program, block, step, path->dt, worker->registers,
                         reading->of_target + (size_t)block * LANES);
    }
}

static void fill(double *values, int n, double value)
{
    for (int k = 0; k < n; k++)
        values[k] = value;
}

/* The next n synapses of a row, from `place` on, of which there is room for. The source's values are of grid step `grid`. */
static void take_synapses(const struct formula_path *path, struct formula_worker *worker, uint32_t row, edge_count place, int n,
                          step_count grid)
{
    const node_local *target = path->edges->target_local + place;
    memcpy(worker->target + worker->n, target, (size_t)n * sizeof *target);
    for (int k = 0; k < path->plan->formula.n_ends; k++) {
        const struct formula_reading *reading = &path->readings[k];
        double *values = worker->arguments + k * path->width + worker->n;
        if (reading->of_target)
            for (int s = 0; s < n; s++)
                values[s] = reading->of_target[target[s]];
        else
            fill(values, n, reading->copied ? reading->copied[row] : source_values_at(&reading->exchanged, row, grid));
    }
    for (int c = 0; c < path->plan->n_columns; c++)
        memcpy(worker->columns + c * path->width + worker->n, path->edges->columns[c] + place, (size_t)n * sizeof(double));
    worker->n += n;
}

/* Compute the synapses at hand and add up what they give, in their order. What stands beyond the last of them is left over from
 * others, and goes nowhere. */
static void add_synapses(const struct formula_path *path, struct formula_worker *worker, int step)
{
    const struct program *sums = &path->plan->formula.sums;
    const struct tile *tile = &path->target->inputs;
    const struct interpreter_leaves leaves = {.shared = path->shared,
                                              .slots = worker->columns,
                                              .argument = worker->arguments,
                                              .time = worker->time,
                                              .step = worker->steps};
    if (path->sums)
        path->sums(&leaves, worker->registers);
    else
        wide_here()->interpret(sums, &leaves, false, path->width, (worker->n + LANES - 1) / LANES * LANES, worker->registers);
    for (int k = 0; k < sums->n_outputs; k++) {
        const double *value = worker->registers + sums->outputs[k].reg * path->width;
        double *row = tile_row(tile, step, path->inputs[sums->outputs[k].slot]);
        for (int s = 0; s < worker->n; s++)
            row[tile_place(tile, worker->target[s])] += value[s];
    }
    worker->n = 0;
}

/* `offset`: of the step, from the beginning of the interval. */
static uint64_t deliver_step(const struct formula_path *path, struct formula_worker *worker, step_count step, int offset,
                             node_local first, node_local last)
{
    uint64_t n_synapses = 0;
    fill(worker->time, path->width, (double)step * path->dt);
    fill(worker->steps, path->width, (double)step);
    for (uint32_t row = 0; row < path->edges->n_rows; row++) {
        edge_count begin, end;
        rows_range(path->edges, row, first, last, &begin, &end);
        n_synapses += end - begin;
        while (begin < end) {
            edge_count room = (edge_count)(path->width - worker->n), n = end - begin < room ? end - begin : room;
            take_synapses(path, worker, row, begin, (int)n, step - path->delay);
            begin += n;
            if (worker->n == path->width)
                add_synapses(path, worker, offset);
        }
    }
    if (worker->n)
        add_synapses(path, worker, offset);
    return n_synapses;
}

uint64_t formula_path_deliver(const struct formula_path *path, int slab, step_count begin, step_count end, uint32_t first,
                              uint32_t last)
{
    struct formula_worker *worker = &path->workers[slab];
    uint64_t n = 0;
    read_targets(path, worker, begin, first, last);
    for (step_count step = begin; step < end; step++)
        if (path->delay == 0 || step - path->delay > path->edges->since) /* as coupling_path.c */
            n += deliver_step(path, worker, step, (int)(step - begin), first * LANES, last * LANES);
    return n;
}
