#include "engine/emission_path.h"

#include <math.h>
#include <string.h>

#include "engine/rows.h"
#include "kernels/interpreter.h"
#include "kernels/shared_values.h"
#include "support/lanes.h"
#include "support/text.h"

/* From here on the law of a step is one of counts: where more than every other draw is 0 it is drawn for each connection, and its
 * search begins at the lowest count. */
#define MOSTLY 0.5

/* What a spike does is not the same for all synapses, but stands in path->increments. */
static bool differs(const struct emission_path *path)
{
    return path->plan->n_columns > 0;
}

/* What one spike adds to each of the port's accumulators where synapses are alike: m spikes add m times as much, whatever the
 * port makes of J. */
static void compute_one(struct emission_path *path, const double *argument, const struct nodes *target)
{
    const struct program *program = &path->port->increments;
    double *scratch = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    interpret(program, &(struct interpreter_leaves){.shared = target->shared, .argument = argument}, scratch);
    for (int k = 0; k < program->n_outputs; k++) {
        path->one[k] = scratch[program->outputs[k].reg * LANES];
        if (path->one[k] != 0)
            path->to[path->n_adding++] = (size_t)program->outputs[k].slot * LANES;
    }
    memory_free(scratch);
}

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

/* Of a union each part has streams of its own, since its nodes are counted by their index in their population. So has each delay
 * where delays differ, since copies are counted among those of one delay. */
static struct random_key key_of(const struct script *script, const struct connection *connection, const struct edges *edges,
                                step_count delay)
{
    const int stream = connection->delay_is_constant ? 0 : (int)delay;
    struct text ends = {0};
    text_add(&ends, "%s -> %s", script->populations[edges->source].name, script->populations[edges->target].name);
    struct random_key key = random_key(script->seed, RANDOM_POISSON, connection->name, ends.characters, stream);
    text_release(&ends);
    return key;
}

void emission_path_create(const struct connection_plan *plan, struct edges *edges, step_count delay, const struct script *script,
                          const struct node_plan *source, const struct nodes *target, bool keeps_columns,
                          struct emission_path *path)
{
    const struct connection *connection = plan->connection;
    *path = (struct emission_path){.edges = edges, .delay = delay, .plan = plan, .n_steps_max = target->n_steps_max};
    path->port = node_plan_port(target->plan, plan->port);
    path->one = MEMORY_NEW(path->port->increments.n_outputs, double, BUFFERS);
    path->to = MEMORY_NEW(path->port->increments.n_outputs, size_t, BUFFERS);
    if (differs(path)) {
        increments_create(plan, edges, script, target, false, keeps_columns, &path->increments);
    } else {
        double *shared = shared_values(&plan->shared, plan->synapse, connection->values, script->dt, 0, MEMORY_TEMPORARY);
        double *argument = MEMORY_NEW(plan->n_sent * LANES, double, TEMPORARY);
        compute_sent(plan, shared, argument);
        compute_one(path, argument, target);
        memory_free(argument);
        memory_free(shared);
    }
    path->key = key_of(script, connection, edges, delay);
    path->used = MEMORY_NEW((size_t)path->n_steps_max * edges->n_rows, const struct emission_law *, BUFFERS);
    path->wide = wide_here();
    const struct program *programs[] = {&source->emit_mean, &source->emit_trials, &source->emit_probability,
                                        &source->emit_condition};
    devices_create(script, source, edges, programs, sizeof programs / sizeof *programs, &path->devices);
}

void emission_path_renew(struct emission_path *path, const struct script *script, const struct nodes *target)
{
    increments_renew(path->plan, path->edges, script, target, &path->increments);
}

static void law_destroy(struct emission_law *law)
{
    memory_free(law->cumulative);
    memory_free(law->increments);
    memory_free(law->guide);
    memory_free(law->cells);
    memory_free(law->added_of);
    memory_free(law->cells_of);
    memory_free(law);
}

void emission_path_release(struct emission_path *path)
{
    for (uint64_t k = 0; k < path->n_laws; k++)
        law_destroy(path->laws[k]);
    memory_free(path->laws);
    memory_free(path->used);
    memory_free(path->one);
    memory_free(path->to);
    increments_release(&path->increments);
    devices_release(&path->devices);
    *path = (struct emission_path){0};
}

/* ---- the laws of an interval ---- */

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
static void tabulate_guide(struct emission_law *law)
{
    enum { CELLS_PER_COUNT = 32 };
    law->n_cells = 1;
    while (law->n_cells < CELLS_PER_COUNT * law->n)
        law->n_cells *= 2;
    if (law->n_cells > law->guide_capacity) {
        law->guide_capacity = law->n_cells;
        law->guide = MEMORY_RESIZE(law->guide, law->n_cells, uint32_t, BUFFERS);
    }
    uint32_t place = 0;
    for (uint32_t cell = 0; cell < law->n_cells; cell++) {
        while (law->cumulative[place] * law->n_cells <= cell)
            place++;
        law->guide[cell] = place;
    }
}

static void make_room_for_cells(const struct emission_path *path, struct emission_law *law)
{
    const size_t n_adding = (size_t)path->n_adding;
    if (law->n > law->increments_capacity) {
        law->increments_capacity = law->n;
        law->increments = MEMORY_RESIZE(law->increments, n_adding * law->n, double, BUFFERS);
    }
    if (law->n_cells > law->cells_capacity) {
        law->cells_capacity = law->n_cells;
        law->cells = MEMORY_RESIZE(law->cells, n_adding * law->n_cells, double, BUFFERS);
    }
    if (!law->added_of) {
        law->added_of = MEMORY_NEW(n_adding, const double *, BUFFERS);
        law->cells_of = MEMORY_NEW(n_adding, const double *, BUFFERS);
    }
}

/* What counts add, by count and by the guide's cell. */
static void tabulate_cells(const struct emission_path *path, struct emission_law *law)
{
    int adding = 0;
    make_room_for_cells(path, law);
    for (int k = 0; k < path->port->increments.n_outputs; k++) {
        if (path->one[k] == 0)
            continue;
        double *increments = law->increments + (size_t)adding * law->n, *cells = law->cells + (size_t)adding * law->n_cells;
        for (uint32_t place = 0; place < law->n; place++)
            increments[place] = (double)(law->low + place) * path->one[k];
        for (uint32_t cell = 0; cell < law->n_cells; cell++) {
            uint32_t place = law->guide[cell];
            bool is_whole = law->cumulative[place] * law->n_cells >= cell + 1; /* exact: the number of cells is a power of two */
            cells[cell] = is_whole ? increments[place] : NAN;
        }
        law->added_of[adding] = increments;
        law->cells_of[adding++] = cells;
    }
    law->table = (struct count_law){law->cumulative, law->guide,    law->n_cells, path->n_adding,
                                    law->added_of,   law->cells_of, path->to};
}

/* What the counts of the devices in question are drawn from: of[LANES]. A probability above 1 counts as 1. */
static void find_distributions(struct devices *devices, struct count_distribution *of)
{
    const struct node_plan *plan = devices->nodes.plan;
    if (plan->emit_mean.n_outputs) {
        const double *mean = devices_number(devices, &plan->emit_mean);
        for (int lane = 0; lane < LANES; lane++)
            of[lane] = (struct count_distribution){.mean = mean[lane]};
        return;
    }
    const double *trials = devices_number(devices, &plan->emit_trials);
    for (int lane = 0; lane < LANES; lane++)
        of[lane].trials = trials[lane];
    const double *probability = devices_number(devices, &plan->emit_probability);
    for (int lane = 0; lane < LANES; lane++)
        of[lane].mean = of[lane].trials > 0 ? of[lane].trials * (probability[lane] > 1 ? 1 : probability[lane]) : 0;
}

/* The devices of some rows, each at a step of its own. */
struct questions {
    int n;
    uint32_t row[LANES];
    step_count emitted[LANES];
};

/* Their distributions; the mean is 0 where a device's condition does not hold, before it is connected, and where there is none.
 */
static void answer(struct emission_path *path, const struct questions *asked, struct count_distribution *of,
                   struct emission_excess *excess)
{
    struct devices *devices = &path->devices;
    const struct node_plan *plan = devices->nodes.plan;
    const step_count since = path->edges->since;
    step_count grid[LANES];
    for (int lane = 0; lane < asked->n; lane++)
        grid[lane] = asked->emitted[lane] < since ? since : asked->emitted[lane];
    devices_ask(devices, asked->row, grid, asked->n);
    find_distributions(devices, of);
    const double *holds = plan->emit_condition.n_outputs ? devices_number(devices, &plan->emit_condition) : NULL;
    for (int lane = 0; lane < asked->n; lane++) {
        const bool is_active = asked->emitted[lane] >= since && (!holds || holds[lane] != 0);
        if (is_active && !(of[lane].mean <= EMISSION_MEAN_MAX) && !excess->found)
            *excess = (struct emission_excess){true, path->edges->row_source[asked->row[lane]], asked->emitted[lane],
                                               of[lane].mean};
        if (!is_active || !(of[lane].mean <= EMISSION_MEAN_MAX))
            of[lane] = (struct count_distribution){0};
    }
}

static bool is_same(const struct count_distribution *a, const struct count_distribution *b)
{
    return a->mean == b->mean && a->trials == b->trials;
}

/* The next of the path's laws, which is likely to be this one already, since most devices say in each interval what they said in
 * the one before. */
static const struct emission_law *next_law(struct emission_path *path, struct count_distribution of)
{
    if (path->n_laws_used == path->n_laws)
        *MEMORY_PUSH(path->laws, path->n_laws, path->laws_capacity, struct emission_law *,
                     BUFFERS) = MEMORY_NEW(1, struct emission_law, BUFFERS);
    struct emission_law *law = path->laws[path->n_laws_used++];
    if (is_same(&law->of, &of))
        return law;
    tabulate(law, of);
    law->is_frequent = law->none_below < MOSTLY;
    if (law->is_frequent)
        tabulate_guide(law);
    if (law->is_frequent && !differs(path))
        tabulate_cells(path, law);
    return law;
}

void emission_path_prepare(struct emission_path *path, step_count begin, step_count end, struct emission_excess *excess)
{
    const struct emission_law *before = NULL;
    const uint64_t n_steps = (uint64_t)(end - begin), n = path->edges->n_rows * n_steps;
    path->n_laws_used = 0;
    for (uint64_t first = 0; first < n; first += LANES) { /* step by step, and row by row */
        struct questions asked = {.n = n - first < LANES ? (int)(n - first) : LANES};
        struct count_distribution of[LANES];
        for (int lane = 0; lane < asked.n; lane++) {
            asked.row[lane] = (uint32_t)((first + (uint64_t)lane) / n_steps);
            asked.emitted[lane] = begin + (step_count)((first + (uint64_t)lane) % n_steps) - path->delay;
        }
        answer(path, &asked, of, excess);
        for (int lane = 0; lane < asked.n; lane++) {
            if (of[lane].mean > 0 && !(before && is_same(&before->of, &of[lane])))
                before = next_law(path, of[lane]);
            const uint64_t step = (first + (uint64_t)lane) % n_steps;
            path->used[step * path->edges->n_rows + asked.row[lane]] = of[lane].mean > 0 ? before : NULL;
        }
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
    uint32_t place = law->is_frequent ? law->guide[(int)(u * law->n_cells)] : 0;
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
        if (path->one[k] != 0)
            tile_row(arrivals, step, program->outputs[k].slot)[place] += (double)(law->low + count) * path->one[k];
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
        if (differs(path))
            add_of_synapse(path, law, arrivals, step, batch->place[lane], count, batch->first + (edge_count)lane);
        else
            add_alike(path, law, arrivals, step, batch->place[lane], count);
    }
}

static uint64_t emission_step(const struct emission_path *path, step_count step)
{
    return (uint64_t)(step - path->delay);
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
    if (differs(path))
        return false;
    for (step_count step = begin; step < end; step++)
        if (law_at(path, row, begin, step) && !law_at(path, row, begin, step)->is_frequent)
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
