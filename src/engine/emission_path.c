#include "engine/emission_path.h"

#include <math.h>
#include <string.h>

#include "engine/rows.h"
#include "kernels/interpreter.h"
#include "kernels/shared_values.h"
#include "support/lanes.h"
#include "support/text.h"

/* Into the argument of the port: the same in all lanes. */
static void compute_sent(const struct connection_plan *plan, const double *shared, double *argument)
{
    _Alignas(LANES_ALIGNMENT) static const double zeros[LANES];
    double *scratch = memory_new(interpreter_scratch_bytes(&plan->on_pre), MEMORY_TEMPORARY);
    interpret(&plan->on_pre, &(struct interpreter_leaves){.shared = shared, .argument = zeros, .time = zeros}, scratch);
    for (int k = 0; k < plan->on_pre.n_outputs; k++)
        memcpy(argument + plan->on_pre.outputs[k].slot * LANES, scratch + plan->on_pre.outputs[k].reg * LANES,
               LANES * sizeof *argument);
    memory_free(scratch);
}

/* Of a union each part has streams of its own, since its nodes are counted by their index in their population. */
static struct random_key key_of(const struct script *script, const struct connection *connection, const struct edges *edges)
{
    struct text ends = {0};
    text_add(&ends, "%s -> %s", script->populations[edges->source].name, script->populations[edges->target].name);
    struct random_key key = random_key(script->seed, RANDOM_POISSON, connection->name, ends.characters, 0);
    text_release(&ends);
    return key;
}

void emission_path_create(const struct connection_plan *plan, struct edges *edges, const struct script *script,
                          const struct nodes *source, const struct nodes *target, bool keeps_columns, struct emission_path *path)
{
    const struct connection *connection = plan->connection;
    *path = (struct emission_path){
        .edges = edges, .plan = plan, .source = source, .dt = script->dt, .n_steps_max = target->n_steps_max};
    path->port = node_plan_port(target->plan, plan->port);
    double *shared = shared_values(&plan->shared, plan->synapse, connection->values, script->dt, 0, MEMORY_TEMPORARY);
    path->argument = MEMORY_NEW(plan->n_sent * LANES, double, BUFFERS);
    path->differs = plan->n_columns > 0;
    if (path->differs)
        increments_create(plan, edges, script, target, false, keeps_columns, &path->increments);
    else
        compute_sent(plan, shared, path->argument);
    memory_free(shared);
    path->key = key_of(script, connection, edges);
    size_t n_laws = (size_t)path->n_steps_max * edges->n_rows;
    path->laws = MEMORY_NEW(n_laws, struct emission_law, BUFFERS);
    path->used = MEMORY_NEW(n_laws, const struct emission_law *, BUFFERS);
    path->adds = MEMORY_NEW(path->port->increments.n_outputs, bool, BUFFERS);
    path->to = MEMORY_NEW(path->port->increments.n_outputs, size_t, BUFFERS);
    path->wide = wide_here();
    for (size_t k = 0; k < n_laws; k++) {
        path->laws[k].of.mean = -1;
        path->laws[k].added_of = MEMORY_NEW(path->port->increments.n_outputs, const double *, BUFFERS);
        path->laws[k].cells_of = MEMORY_NEW(path->port->increments.n_outputs, const double *, BUFFERS);
    }
    const struct node_plan *devices = source->plan;
    const struct program *programs[] = {&path->port->increments, &devices->emit_mean, &devices->emit_trials,
                                        &devices->emit_probability, &devices->emit_condition};
    size_t scratch_bytes = 0;
    for (size_t k = 0; k < sizeof programs / sizeof *programs; k++)
        interpreter_scratch_include(&scratch_bytes, programs[k]);
    path->scratch = memory_new(scratch_bytes, MEMORY_BUFFERS);
}

void emission_path_renew(struct emission_path *path, const struct script *script, const struct nodes *target)
{
    increments_renew(path->plan, path->edges, script, target, &path->increments);
}

void emission_path_release(struct emission_path *path)
{
    for (size_t k = 0; path->laws && k < (size_t)path->n_steps_max * path->edges->n_rows; k++) {
        memory_free(path->laws[k].cumulative);
        memory_free(path->laws[k].increments);
        memory_free(path->laws[k].guide);
        memory_free(path->laws[k].cells);
        memory_free(path->laws[k].added_of);
        memory_free(path->laws[k].cells_of);
    }
    memory_free(path->laws);
    memory_free(path->used);
    memory_free(path->adds);
    memory_free(path->to);
    memory_free(path->argument);
    increments_release(&path->increments);
    memory_free(path->scratch);
    *path = (struct emission_path){0};
}

/* ---- the laws of an interval ---- */

/* A device's program at the step in which it emits; the device stands in one of the lanes. */
static double evaluate(const struct emission_path *path, const struct program *program, node_index device, step_count emitted)
{
    _Alignas(LANES_ALIGNMENT) double time[LANES], step[LANES], index[LANES];
    uint32_t block = device / LANES, lane = device % LANES;
    const double *slots = nodes_block(path->source, block);
    for (int k = 0; k < LANES; k++) {
        time[k] = (double)emitted * path->dt;
        step[k] = (double)emitted;
        index[k] = block * LANES + (uint32_t)k;
    }
    interpret(program,
              &(struct interpreter_leaves){
                  .shared = path->source->shared, .states = slots, .slots = slots, .time = time, .step = step, .index = index},
              path->scratch);
    return path->scratch[(uint32_t)program->outputs[0].reg * LANES + lane];
}

static void law_add(struct emission_law *law, double weight)
{
    *MEMORY_PUSH(law->cumulative, law->n, law->capacity, double, BUFFERS) = weight;
}

/* (k + 1) times the ratio of the weights of k + 1 and k: the mean of a Poisson law, (n - k) p/(1 - p) of a binomial one. */
static double ratio_above(const struct count_distribution *of, double k)
{
    if (of->trials == 0)
        return of->mean;
    double p = of->mean / of->trials;
    return (of->trials - k) * (p / (1 - p));
}

/* Weights relative to the mode's, down and up by the ratio of neighbours, until they are below 2^-60 of it; then their running
 * sum. No factorial, no logarithm, and the same in any layout. */
static void tabulate(struct emission_law *law, struct count_distribution of)
{
    const double negligible = 0x1p-60;
    const bool is_certain = of.mean == of.trials; /* the probability is 1 */
    uint64_t mode = (uint64_t)of.mean;            /* the largest weight, or one next to it */
    law->of = of;
    law->low = mode;
    law->n = 0;
    double weight = 1;
    while (law->low > 0 && weight > negligible && !is_certain) {
        weight *= (double)law->low / ratio_above(&of, (double)(law->low - 1));
        law->low--;
    }
    for (uint64_t k = law->low; weight > negligible || k <= mode; k++) {
        law_add(law, weight);
        weight *= is_certain ? 0 : ratio_above(&of, (double)k) / (double)(k + 1);
    }
    for (uint32_t k = 1; k < law->n; k++)
        law->cumulative[k] += law->cumulative[k - 1];
    double total = law->cumulative[law->n - 1];
    for (uint32_t k = 0; k < law->n; k++)
        law->cumulative[k] /= total;
    law->none_below = law->low == 0 ? law->cumulative[0] : 0;
}

/* So many cells that few hold a step of the cumulative probability, and the search ends where it begins. */
static void tabulate_guide(const struct emission_path *path, struct emission_law *law)
{
    enum { CELLS_PER_COUNT = 32 };
    law->n_cells = 1;
    while (law->n_cells < CELLS_PER_COUNT * law->n)
        law->n_cells *= 2;
    if (law->n_cells > law->guide_capacity) {
        law->guide_capacity = law->n_cells;
        law->guide = MEMORY_RESIZE(law->guide, law->n_cells, uint32_t, BUFFERS);
        law->cells = MEMORY_RESIZE(law->cells, law->n_cells * (size_t)path->port->increments.n_outputs, double, BUFFERS);
    }
    uint32_t place = 0;
    for (uint32_t cell = 0; cell < law->n_cells; cell++) {
        while (law->cumulative[place] * law->n_cells <= cell)
            place++;
        law->guide[cell] = place;
    }
}

/* What a count adds to each of the port's accumulators: m spikes add m times what one adds, whatever the port makes of J. */
static void tabulate_increments(struct emission_path *path, struct emission_law *law, const struct nodes *target)
{
    const struct program *program = &path->port->increments;
    interpret(program, &(struct interpreter_leaves){.shared = target->shared, .argument = path->argument}, path->scratch);
    size_t n_increments = (size_t)law->n * (size_t)program->n_outputs;
    if (n_increments > law->increments_capacity) {
        law->increments_capacity = 2 * n_increments;
        law->increments = MEMORY_RESIZE(law->increments, law->increments_capacity, double, BUFFERS);
    }
    for (int k = 0; k < program->n_outputs; k++) {
        const double one = path->scratch[program->outputs[k].reg * LANES];
        double *increments = law->increments + (size_t)k * law->n;
        for (uint32_t place = 0; place < law->n; place++)
            increments[place] = (double)(law->low + place) * one;
        path->adds[k] |= one != 0;
    }
}

/* After the guide and the increments. What the port makes of a spike is the same for all laws. */
static void tabulate_cells(struct emission_path *path, struct emission_law *law)
{
    const struct program *program = &path->port->increments;
    path->n_adding = 0;
    for (int k = 0; k < program->n_outputs; k++) {
        if (!path->adds[k])
            continue;
        double *increments = law->increments + (size_t)k * law->n, *cells = law->cells + (size_t)path->n_adding * law->n_cells;
        for (uint32_t cell = 0; cell < law->n_cells; cell++) {
            uint32_t place = law->guide[cell];
            bool is_whole = law->cumulative[place] * law->n_cells >= cell + 1; /* exact: the number of cells is a power of two */
            cells[cell] = is_whole ? increments[place] : NAN;
        }
        law->added_of[path->n_adding] = increments;
        law->cells_of[path->n_adding] = cells;
        path->to[path->n_adding++] = (size_t)program->outputs[k].slot * LANES;
    }
    law->table = (struct count_law){law->cumulative, law->guide,    law->n_cells, path->n_adding,
                                    law->added_of,   law->cells_of, path->to};
}

/* What the device's counts are drawn from; a probability above 1 counts as 1. */
static struct count_distribution distribution_of(const struct emission_path *path, node_index device, step_count emitted)
{
    const struct node_plan *devices = path->source->plan;
    if (devices->emit_mean.n_outputs)
        return (struct count_distribution){.mean = evaluate(path, &devices->emit_mean, device, emitted)};
    double trials = evaluate(path, &devices->emit_trials, device, emitted);
    double p = evaluate(path, &devices->emit_probability, device, emitted);
    return (struct count_distribution){.mean = trials > 0 ? trials * (p > 1 ? 1 : p) : 0, .trials = trials};
}

/* The same at the step in which it emits; with a mean of 0 where its condition does not hold. */
static struct count_distribution distribution_at(const struct emission_path *path, node_index device, step_count emitted,
                                                 struct emission_excess *excess)
{
    const struct node_plan *devices = path->source->plan;
    bool active = emitted >= path->edges->since &&
                  (!devices->emit_condition.n_outputs || evaluate(path, &devices->emit_condition, device, emitted) != 0);
    struct count_distribution of = active ? distribution_of(path, device, emitted) : (struct count_distribution){0};
    if (of.mean <= EMISSION_MEAN_MAX)
        return of;
    if (!excess->found)
        *excess = (struct emission_excess){true, device, emitted, of.mean};
    return (struct count_distribution){0};
}

static bool is_same(const struct count_distribution *a, const struct count_distribution *b)
{
    return a->mean == b->mean && a->trials == b->trials;
}

void emission_path_prepare(struct emission_path *path, const struct nodes *target, step_count begin, step_count end,
                           struct emission_excess *excess)
{
    const struct emission_law *before = NULL;
    for (uint32_t row = 0; row < path->edges->n_rows; row++)
        for (step_count step = begin; step < end; step++) {
            size_t place = (size_t)(step - begin) * path->edges->n_rows + row;
            struct count_distribution of = distribution_at(path, path->edges->row_source[row],
                                                           step - path->plan->connection->delay, excess);
            if (of.mean > 0 && !(before && is_same(&before->of, &of))) {
                struct emission_law *law = &path->laws[place];
                if (!is_same(&law->of, &of)) {
                    tabulate(law, of);
                    tabulate_guide(path, law);
                    if (!path->differs) {
                        tabulate_increments(path, law, target);
                        tabulate_cells(path, law);
                    }
                }
                before = law;
            }
            path->used[place] = of.mean > 0 ? before : NULL;
        }
}

/* ---- delivery ---- */

/* Connections that are drawn together: up to eight of different targets. */
struct batch {
    uint32_t index[LANES]; /* of the targets; lanes beyond the batch repeat its last one, and their numbers are not used */
    size_t place[LANES];   /* of their accumulators in a row of arrivals */
    edge_count first;      /* place of the first one in the edges */
    uint32_t copy;         /* parallel connections have copies 0, 1, … */
    int n;
};

/* The batch from `place` on. Each copy of a connection but the first is a batch of its own. */
static void batch_take(const struct nodes *target, const node_local *locals, edge_count row_begin, edge_count place,
                       edge_count end, struct batch *batch)
{
    bool is_copy = place > row_begin && locals[place] == locals[place - 1];
    edge_count n = 1;
    while (!is_copy && n < LANES && place + n < end && locals[place + n] != locals[place + n - 1])
        n++;
    batch->n = (int)n;
    batch->first = place;
    batch->copy = is_copy ? batch->copy + 1 : 0;
    for (int lane = 0; lane < LANES; lane++) {
        node_local local = locals[place + (edge_count)(lane < batch->n ? lane : batch->n - 1)];
        batch->index[lane] = nodes_index(target, local);
        batch->place[lane] = tile_place(&target->arrivals, local);
    }
}

/* Place of the first count whose cumulative probability is above u. */
static uint32_t find_count(const struct emission_law *law, double u)
{
    uint32_t place = law->guide[(int)(u * law->n_cells)];
    while (u >= law->cumulative[place])
        place++;
    return place;
}

/* What a count adds that is the same for all synapses. To a sum that began at +0 nothing needs to be added where all that counts
 * add is 0. */
static void add_alike(const struct emission_path *path, const struct emission_law *law, const struct tile *arrivals, int step,
                      size_t place, uint32_t count)
{
    const struct program *program = &path->port->increments;
    for (int k = 0; k < program->n_outputs; k++)
        if (path->adds[k])
            tile_row(arrivals, step, program->outputs[k].slot)[place] += law->increments[(size_t)k * law->n + count];
}

/* What a count adds over one synapse. */
static void add_of_synapse(const struct emission_path *path, const struct emission_law *law, const struct tile *arrivals,
                           int step, size_t place, uint32_t count, edge_count synapse)
{
    for (int k = 0; k < path->increments.n; k++) {
        const struct increment_column *column = &path->increments.columns[k];
        tile_row(arrivals, step, column->arrival)[place] += (double)(law->low + count) * column->values[synapse];
    }
}

/* Where the mean is small most draws are 0: those are passed over. */
static void add_each(const struct emission_path *path, const struct emission_law *law, const struct tile *arrivals, int step,
                     const struct batch *batch, const double *uniform)
{
    unsigned some = 0;
    for (int lane = 0; lane < LANES; lane++)
        some |= (unsigned)(uniform[lane] >= law->none_below) << lane;
    for (some &= (1u << batch->n) - 1; some; some &= some - 1) {
        int lane = __builtin_ctz(some);
        uint32_t count = find_count(law, uniform[lane]);
        if (path->differs)
            add_of_synapse(path, law, arrivals, step, batch->place[lane], count, batch->first + (edge_count)lane);
        else
            add_alike(path, law, arrivals, step, batch->place[lane], count);
    }
}

static uint64_t emission_step(const struct emission_path *path, step_count step)
{
    return (uint64_t)(step - path->plan->connection->delay);
}

/* The last word of a connection's counter. */
static uint32_t last_word(uint64_t emitted, uint32_t copy)
{
    return (uint32_t)(emitted >> 32) << 16 | copy;
}

static const struct emission_law *law_at(const struct emission_path *path, uint32_t row, step_count begin, step_count step)
{
    return path->used[(size_t)(step - begin) * path->edges->n_rows + row];
}

static void deliver_batch(const struct emission_path *path, const struct nodes *target, uint32_t row, step_count begin,
                          step_count step, const struct batch *batch)
{
    double uniform[LANES];
    uint64_t emitted = emission_step(path, step);
    random_uniform_block8(path->key, batch->index, (uint32_t)emitted, path->edges->row_source[row],
                          last_word(emitted, batch->copy), uniform);
    add_each(path, law_at(path, row, begin, step), &target->arrivals, (int)(step - begin), batch, uniform);
}

/* How many blocks of the targets, each whole and reached once, stand at a place of a row; not more than fit into the first cache
 * with all steps of an interval. */
static uint32_t whole_blocks(const node_local *locals, edge_count row_begin, edge_count place, edge_count end)
{
    enum { MOST = 16 };
    uint32_t n = 0;
    if (locals[place] % LANES != 0 || (place > row_begin && locals[place] == locals[place - 1]))
        return 0;
    for (edge_count next = place + LANES; n < MOST && next <= end; n++, next += LANES) {
        bool is_whole = next == end || locals[next] != locals[next - 1];
        for (edge_count k = 0; k < LANES; k++)
            is_whole &= locals[next - LANES + k] == locals[place] + n * LANES + (node_local)k;
        if (!is_whole)
            break;
    }
    return n;
}

/* Whole blocks from a place of a row on. */
static void deliver_blocks(const struct emission_path *path, const struct nodes *target, uint32_t row, step_count begin,
                           step_count end, edge_count place, uint32_t n_blocks)
{
    const node_local *locals = path->edges->target_local;
    for (step_count step = begin; step < end; step++) {
        const struct emission_law *law = law_at(path, row, begin, step);
        if (!law)
            continue;
        uint64_t emitted = emission_step(path, step);
        struct count_elements elements = {nodes_index(target, locals[place]), target->index_step,   n_blocks, (uint32_t)emitted,
                                          path->edges->row_source[row],       last_word(emitted, 0)};
        path->wide->add_counts(path->key, &law->table, &elements,
                               tile_block(&target->arrivals, locals[place] / LANES, (int)(step - begin)), target->arrivals.pitch);
    }
}

/* Drawing whole blocks together pays where most counts are not 0, in all steps of the interval; their synapses are alike. */
static bool is_dense(const struct emission_path *path, uint32_t row, step_count begin, step_count end)
{
    const double mostly = 0.5;
    if (path->differs)
        return false;
    for (step_count step = begin; step < end; step++)
        if (law_at(path, row, begin, step) && law_at(path, row, begin, step)->none_below >= mostly)
            return false;
    return true;
}

/* Piece by piece, and all steps for each: a piece's accumulators stand together, so they are fetched once for all steps. */
static void deliver_row(const struct emission_path *path, const struct nodes *target, uint32_t row, step_count begin,
                        step_count end, edge_count row_begin, edge_count row_end)
{
    const node_local *locals = path->edges->target_local;
    const bool in_blocks = is_dense(path, row, begin, end);
    struct batch batch = {0};
    for (edge_count place = row_begin; place < row_end;) {
        uint32_t n_blocks = in_blocks ? whole_blocks(locals, row_begin, place, row_end) : 0;
        if (n_blocks) {
            deliver_blocks(path, target, row, begin, end, place, n_blocks);
            place += n_blocks * LANES;
            continue;
        }
        batch_take(target, locals, row_begin, place, row_end, &batch);
        for (step_count step = begin; step < end; step++)
            if (law_at(path, row, begin, step))
                deliver_batch(path, target, row, begin, step, &batch);
        place += (edge_count)batch.n;
    }
}

uint64_t emission_path_draws(const struct emission_path *path, step_count begin, step_count end)
{
    const struct edges *edges = path->edges;
    uint64_t n = 0;
    for (uint32_t row = 0; row < edges->n_rows; row++)
        for (step_count step = begin; step < end; step++)
            if (path->used[(size_t)(step - begin) * edges->n_rows + row])
                n += edges->row_begin[row + 1] - edges->row_begin[row];
    return n;
}

void emission_path_deliver(const struct emission_path *path, const struct nodes *target, step_count begin, step_count end,
                           node_local first, node_local last)
{
    for (uint32_t row = 0; row < path->edges->n_rows; row++) {
        edge_count row_begin, row_end;
        rows_range(path->edges, row, first, last, &row_begin, &row_end);
        deliver_row(path, target, row, begin, end, row_begin, row_end);
    }
}
