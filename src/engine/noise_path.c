#include "engine/noise_path.h"

#include <math.h>
#include <string.h>

#include "engine/rows.h"
#include "kernels/interpreter.h"
#include "support/lanes.h"
#include "support/text.h"

/* Copies are counted among those of one delay, so where delays differ each has a stream of its own. */
static struct random_key key_of(const struct script *script, const struct connection *connection, const struct edges *edges,
                                step_count delay, const char *draw)
{
    const int stream = connection->delay_is_constant ? 0 : (int)delay;
    struct text ends = {0};
    text_add(&ends, "%s.%s -> %s", script->populations[edges->source].name, draw, script->populations[edges->target].name);
    struct random_key key = random_key(script->seed, RANDOM_STATE, connection->name, ends.characters, stream);
    text_release(&ends);
    return key;
}

static const struct noise_plan *noise_of(const struct node_plan *plan, const char *variable)
{
    int k = 0;
    while (strcmp(plan->model->variables[plan->noises[k].variable].name, variable))
        k++;
    return &plan->noises[k];
}

void noise_path_create(const struct connection_plan *plan, const struct edges *edges, step_count delay,
                       const struct script *script, const struct node_plan *source, const struct nodes *target,
                       struct noise_path *path)
{
    const struct connection *connection = plan->connection;
    *path = (struct noise_path){.edges = edges,
                                .noise = noise_of(source, plan->source_variable),
                                .input = nodes_input(target, plan->input),
                                .delay = delay,
                                .n_steps_max = target->n_steps_max};
    synapse_weights_create(plan, edges, script, &path->weights);
    path->key = key_of(script, connection, edges, delay, source->model->variables[path->noise->draw].name);
    path->laws = MEMORY_NEW((size_t)path->n_steps_max * edges->n_rows, struct noise_law, BUFFERS);
    path->drawn = MEMORY_NEW(edges->n_rows, uint64_t, BUFFERS);
    path->has_drawn = MEMORY_NEW(edges->n_rows, bool, BUFFERS);
    path->normal = MEMORY_NEW(edges_size(edges), double, SYNAPSES);
    devices_create(script, source, edges, (const struct program *[]){&path->noise->law}, 1, &path->devices);
}

void noise_path_reweigh(const struct connection_plan *plan, const struct script *script, struct noise_path *path)
{
    synapse_weights_release(&path->weights);
    synapse_weights_create(plan, path->edges, script, &path->weights);
}

void noise_path_release(struct noise_path *path)
{
    synapse_weights_release(&path->weights);
    memory_free(path->laws);
    memory_free(path->drawn);
    memory_free(path->has_drawn);
    memory_free(path->normal);
    devices_release(&path->devices);
    *path = (struct noise_path){0};
}

/* ---- the laws of an interval ---- */

/* Counters have room for 48 bits of a number; one that is not a number is as good as any other, since what is made of it is not
 * one either. */
static uint64_t counter_of(double number)
{
    return fabs(number) < 0x1p62 ? (uint64_t)(int64_t)number & ((UINT64_C(1) << 48) - 1) : 0;
}

/* What the devices in question say, n <= LANES of them. */
static void answer(struct noise_path *path, int n, struct noise_law *laws)
{
    const struct program *program = &path->noise->law;
    const double *answers = devices_answer(&path->devices, program), *values[NOISE_OUTPUTS];
    for (int k = 0; k < NOISE_OUTPUTS; k++)
        values[program->outputs[k].slot] = answers + program->outputs[k].reg * LANES;
    for (int lane = 0; lane < n; lane++)
        laws[lane] = (struct noise_law){.offset = values[NOISE_OFFSET][lane],
                                        .scale = values[NOISE_SCALE][lane],
                                        .number = counter_of(values[NOISE_NUMBER][lane])};
}

/* A coupling reads 0 as long as t - delay is when it was connected, 0 as a rule, or before (DESIGN section 4); without delay it
 * reads the source at that time, too. */
static bool is_read(const struct noise_path *path, step_count grid)
{
    const step_count since = path->edges->since;
    return grid > since || (path->delay == 0 && grid == since);
}

static void take_law(struct noise_path *path, uint32_t row, int step, struct noise_law law)
{
    law.is_new = law.scale != 0 && !(path->has_drawn[row] && path->drawn[row] == law.number);
    if (law.is_new) {
        path->drawn[row] = law.number;
        path->has_drawn[row] = true;
    }
    path->laws[row * (size_t)path->n_steps_max + (size_t)step] = law;
}

void noise_path_prepare(struct noise_path *path, step_count begin, step_count end)
{
    const uint64_t n_steps = (uint64_t)(end - begin), n = path->edges->n_rows * n_steps;
    for (uint64_t first = 0; first < n; first += LANES) { /* step by step, and row by row */
        const int n_asked = n - first < LANES ? (int)(n - first) : LANES;
        uint32_t row[LANES];
        step_count grid[LANES], asked[LANES];
        struct noise_law laws[LANES];
        for (int lane = 0; lane < n_asked; lane++) {
            row[lane] = (uint32_t)((first + (uint64_t)lane) / n_steps);
            grid[lane] = begin + (step_count)((first + (uint64_t)lane) % n_steps) - path->delay;
            asked[lane] = is_read(path, grid[lane]) ? grid[lane] : path->edges->since;
        }
        devices_ask(&path->devices, row, asked, n_asked);
        answer(path, n_asked, laws);
        for (int lane = 0; lane < n_asked; lane++)
            take_law(path, row[lane], (int)((first + (uint64_t)lane) % n_steps),
                     is_read(path, grid[lane]) ? laws[lane] : (struct noise_law){0});
    }
}

/* ---- delivery ---- */

/* Up to eight connections of a row, one after the other. Lanes beyond the last repeat it. */
struct batch {
    int n;
    edge_count place;                   /* the first of them */
    uint32_t index[LANES], copy[LANES]; /* of the target; parallel connections are counted */
    size_t input[LANES];                /* where the target's input stands in a step's row */
    _Alignas(LANES_ALIGNMENT) double normal[LANES];
    double weight[LANES];
};

static struct batch batch_at(const struct noise_path *path, const struct nodes *target, edge_count place, edge_count end,
                             edge_count row_begin, uint32_t *copy)
{
    const node_local *locals = path->edges->target_local;
    struct batch batch = {.n = end - place < LANES ? (int)(end - place) : LANES, .place = place};
    for (int lane = 0; lane < LANES; lane++) {
        edge_count k = place + (edge_count)(lane < batch.n ? lane : batch.n - 1);
        if (lane < batch.n)
            *copy = k > row_begin && locals[k] == locals[k - 1] ? *copy + 1 : 0;
        batch.index[lane] = nodes_index(target, locals[k]);
        batch.copy[lane] = *copy;
        batch.input[lane] = tile_place(&target->inputs, locals[k]);
        batch.normal[lane] = path->normal[k];
        batch.weight[lane] = path->weights.of_source[k * path->weights.stride];
    }
    return batch;
}

static void draw(const struct noise_path *path, node_index source, uint64_t number, struct batch *batch)
{
    uint32_t last[LANES];
    for (int lane = 0; lane < LANES; lane++)
        last[lane] = (uint32_t)(number >> 32) << 16 | batch->copy[lane];
    random_normal_block8(path->key, batch->index, (uint32_t)number, source, last, batch->normal);
    memcpy(path->normal + batch->place, batch->normal, (size_t)batch->n * sizeof(double));
}

/* Batch by batch, and all steps for each: a batch's inputs stand together, so they are fetched once for all steps. */
static void deliver_row(const struct noise_path *path, const struct nodes *target, uint32_t row, int n_steps, edge_count begin,
                        edge_count end)
{
    const struct noise_law *laws = path->laws + row * (size_t)path->n_steps_max;
    uint32_t copy = 0; /* a range of targets begins with a target's first connection */
    for (edge_count place = begin; place < end; place += LANES) {
        struct batch batch = batch_at(path, target, place, end, begin, &copy);
        for (int step = 0; step < n_steps; step++) {
            const struct noise_law *law = &laws[step];
            if (law->is_new)
                draw(path, path->edges->row_source[row], law->number, &batch);
            if (law->offset == 0 && law->scale == 0)
                continue;
            double *inputs = tile_row(&target->inputs, step, path->input);
            for (int lane = 0; lane < batch.n; lane++)
                inputs[batch.input[lane]] += batch.weight[lane] * (law->offset + law->scale * batch.normal[lane]);
        }
    }
}

void noise_path_deliver(const struct noise_path *path, const struct nodes *target, step_count begin, step_count end,
                        node_local first, node_local last)
{
    for (uint32_t row = 0; row < path->edges->n_rows; row++) {
        edge_count row_begin, row_end;
        rows_range(path->edges, row, first, last, &row_begin, &row_end);
        deliver_row(path, target, row, (int)(end - begin), row_begin, row_end);
    }
}
