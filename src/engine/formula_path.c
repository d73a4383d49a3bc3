#include "engine/formula_path.h"

#include <stdio.h>
#include <string.h>

#include "engine/copied_values.h"
#include "engine/reading.h"
#include "engine/rows.h"
#include "engine/synapse_draws.h"
#include "kernels/propagator.h"
#include "kernels/shared_values.h"
#include "kernels/wide.h"
#include "network/runs.h"
#include "support/memory.h"

/* Synapses at once: many enough that an instruction costs little to find, and few enough that the registers stay in the first
 * cache. A multiple of LANES. With so many, a formula is interpreted as fast as it could be compiled: what costs is to gather
 * values, and functions such as sin. */
#define WIDTH 128

/* What a slab's thread works with: the synapses at hand. */
struct formula_worker {
    node_local first, last; /* targets [first, last) */
    int slab;               /* of the edges' runs; they are the same targets */
    step_count received;    /* what arrives in the steps before this one has been received */
    step_count acted;       /* what is done at regular times has been done in the steps before this one */
    int n;
    edge_count place[WIDTH]; /* in the edges, where columns change */
    node_local target[WIDTH];
    uint32_t from[WIDTH], to[WIDTH], number[WIDTH]; /* to whom random numbers belong, where some are drawn */
    step_count step;                                /* at hand */
    double *arguments;                              /* [n_ends][WIDTH]; owned */
    double *columns;                                /* [plan->n_columns][WIDTH], and the propagator's entries; owned */
    double *time, *steps;                           /* [WIDTH] of the step at hand; owned */
    double *index;                                  /* [2][WIDTH] i and j, where they are asked for; owned */
    double *registers;                              /* of the program that runs, or of a reading; owned */
    struct propagator *propagator;                  /* that differs between synapses; owned; NULL */
    double *exact_slots;                            /* [slots of formula.exact][LANES]; owned */
    double *exact_arguments;                        /* [n_ends][LANES], and i and j; owned */
};

/* ---- making and releasing ------------------------------------------------------------------------------------------------ */

static void reading_create(const struct formula_path *path, const struct formula_end *end, struct formula_reading *reading)
{
    const struct nodes *nodes = end->is_source ? path->source : path->target;
    reading->program = node_plan_reading(nodes->plan, model_variable(nodes->plan->model, end->name));
    if (!end->is_source)
        reading->of_target = MEMORY_NEW(path->target->n_blocks * LANES, double, BUFFERS);
    else if (end->is_steady)
        reading->copied = MEMORY_NEW(path->edges->n_rows, double, BUFFERS);
    else
        source_values_create(path->edges, nodes_coupling(nodes, end->name), path->reading_delay + path->target->n_steps_max,
                             &reading->exchanged);
}

static size_t registers_bytes(const struct formula_path *path)
{
    const struct formula_plan *formula = &path->plan->formula;
    size_t bytes = 0;
    interpreter_scratch_include(&bytes, &formula->sums);
    interpreter_scratch_include(&bytes, &formula->advance);
    interpreter_scratch_include(&bytes, &formula->on_pre);
    for (int k = 0; k < formula->n_everys; k++)
        interpreter_scratch_include(&bytes, &formula->everys[k].program);
    bytes *= WIDTH / LANES;
    for (int k = 0; k < formula->n_ends; k++)
        interpreter_scratch_include(&bytes, path->readings[k].program);
    return bytes;
}

/* Slots of a synapse, of which the first are its columns. */
static int n_slots(const struct connection_plan *plan)
{
    return plan->formula.exact ? plan->formula.exact->n_slots : plan->n_columns;
}

static void worker_create(const struct formula_path *path, int slab, struct formula_worker *worker)
{
    const struct formula_plan *formula = &path->plan->formula;
    worker->slab = slab;
    worker->first = slab_begin(path->target->n, slab, path->n_slabs);
    worker->last = slab_begin(path->target->n, slab + 1, path->n_slabs);
    worker->received = worker->acted = path->edges->since;
    worker->arguments = MEMORY_NEW(path->plan->formula.n_ends * WIDTH, double, BUFFERS);
    worker->columns = MEMORY_NEW(n_slots(path->plan) * WIDTH, double, BUFFERS);
    worker->time = MEMORY_NEW(WIDTH, double, BUFFERS);
    worker->steps = MEMORY_NEW(WIDTH, double, BUFFERS);
    worker->index = MEMORY_NEW(2 * WIDTH, double, BUFFERS);
    worker->registers = memory_new(registers_bytes(path), MEMORY_BUFFERS);
    if (formula->exact && formula->exact->exact.n_varying) {
        propagator_create(formula->exact, path->dt, &worker->propagator);
        worker->exact_slots = MEMORY_NEW(n_slots(path->plan) * LANES, double, BUFFERS);
        worker->exact_arguments = MEMORY_NEW((formula->n_ends + 2) * LANES, double, BUFFERS);
    }
}

static void worker_release(struct formula_worker *worker)
{
    memory_free(worker->arguments);
    memory_free(worker->columns);
    memory_free(worker->time);
    memory_free(worker->steps);
    memory_free(worker->index);
    memory_free(worker->registers);
    if (worker->propagator)
        propagator_destroy(&worker->propagator);
    memory_free(worker->exact_slots);
    memory_free(worker->exact_arguments);
}

/* What each noise of the synapses is for; NULL without noise. It is called by its name, and has no call in the text. */
static struct random_key *noise_keys(const struct connection_plan *plan, uint64_t seed)
{
    const struct program *advance = &plan->formula.advance;
    if (!program_draws(advance))
        return NULL;
    struct random_key *keys = MEMORY_NEW(advance->n_instructions, struct random_key, BUFFERS);
    for (int k = 0; k < advance->n_instructions; k++)
        if (advance->instructions[k].opcode == OPCODE_NORMAL)
            keys[k] = random_key(seed, RANDOM_STATE, plan->connection->name, plan->synapse->noises[advance->instructions[k].slot],
                                 UINT32_MAX);
    return keys;
}

/* What each call that draws at regular times is for. */
static struct random_key **every_keys(const struct connection_plan *plan, uint64_t seed)
{
    struct random_key **keys = MEMORY_NEW(plan->formula.n_everys, struct random_key *, BUFFERS);
    for (int k = 0; k < plan->formula.n_everys; k++) {
        char what[32];
        snprintf(what, sizeof what, "every %d", k);
        keys[k] = synapse_keys(&plan->formula.everys[k].program, seed, plan->connection->name, what);
    }
    return keys;
}

static bool some_every_draws(const struct formula_plan *formula)
{
    for (int k = 0; k < formula->n_everys; k++)
        if (program_draws(&formula->everys[k].program))
            return true;
    return false;
}

static bool uses_index(const struct formula_plan *formula)
{
    for (int k = 0; k < formula->n_everys; k++)
        if (program_uses(&formula->everys[k].program, OPCODE_INDEX))
            return true;
    return program_uses(&formula->sums, OPCODE_INDEX) || program_uses(&formula->advance, OPCODE_INDEX) ||
           (formula->exact && program_uses(&formula->exact->exact.varying, OPCODE_INDEX));
}

void formula_path_create(const struct connection_plan *plan, struct edges *edges, const struct network *network,
                         const struct history *history, const struct nodes *source, const struct nodes *target, int n_slabs,
                         struct formula_path *path)
{
    const struct formula_plan *formula = &plan->formula;
    const struct script *script = network->script;
    *path = (struct formula_path){
        .plan = plan,
        .edges = edges,
        .history = history,
        .source = source,
        .target = target,
        .dt = script->dt,
        .wide = wide_here(),
        .delay = plan->connection->delay,
        .reading_delay = formula->delay,
        .n_slabs = n_slabs,
    };
    path->sums_wait = formula_reads_source(formula, &formula->sums);
    path->advance_waits = formula_reads_source(formula, &formula->advance);
    path->changes_columns = formula->advance.n_outputs || formula->on_pre.n_outputs || formula->n_everys;
    path->shared = shared_values(&plan->shared, plan->synapse, plan->connection->values, script->dt, 0, MEMORY_BUFFERS);
    if (formula->exact)
        propagator_fill_shared(formula->exact, script->dt, path->shared);
    path->noise_keys = noise_keys(plan, script->seed);
    path->every_keys = every_keys(plan, script->seed);
    if (path->noise_keys || some_every_draws(formula))
        path->number = synapse_numbers(edges, target->n);
    if (uses_index(formula) || path->number)
        positions_create(plan->connection, edges, target, network, &path->positions);
    path->inputs = MEMORY_NEW(formula->n_inputs, int, BUFFERS);
    for (int k = 0; k < formula->n_inputs; k++)
        path->inputs[k] = nodes_input(target, formula->inputs[k]);
    path->readings = MEMORY_NEW(formula->n_ends, struct formula_reading, BUFFERS);
    for (int k = 0; k < formula->n_ends; k++)
        reading_create(path, &formula->ends[k], &path->readings[k]);
    path->workers = MEMORY_NEW(n_slabs, struct formula_worker, BUFFERS);
    for (int slab = 0; slab < n_slabs; slab++)
        worker_create(path, slab, &path->workers[slab]);
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
    for (int k = 0; k < path->plan->formula.n_everys; k++)
        memory_free(path->every_keys[k]);
    memory_free(path->every_keys);
    memory_free(path->noise_keys);
    memory_free(path->number);
    positions_release(&path->positions);
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

/* To whom the random numbers of the next n synapses of a row belong. Steps have more than 32 bits. */
static void name_synapses(const struct formula_path *path, struct formula_worker *worker, uint32_t row, edge_count place, int n)
{
    const uint32_t high = (uint32_t)(worker->step >> 32) << 8;
    for (int s = 0; s < n; s++) {
        worker->from[worker->n + s] = (uint32_t)path->positions.source[row];
        worker->to[worker->n + s] = (uint32_t)path->positions.target[path->edges->target_local[place + (edge_count)s]];
        worker->number[worker->n + s] = high | path->number[place + (edge_count)s];
    }
}

/* The next n synapses of a row, from `place` on, of which there is room for. The source's values are of grid step `grid`. */
static void take_synapses(const struct formula_path *path, struct formula_worker *worker, uint32_t row, edge_count place, int n,
                          step_count grid)
{
    const node_local *target = path->edges->target_local + place;
    memcpy(worker->target + worker->n, target, (size_t)n * sizeof *target);
    for (int s = 0; path->changes_columns && s < n; s++)
        worker->place[worker->n + s] = place + (edge_count)s;
    for (int k = 0; k < path->plan->formula.n_ends; k++) {
        const struct formula_reading *reading = &path->readings[k];
        double *values = worker->arguments + k * WIDTH + worker->n;
        if (reading->of_target)
            for (int s = 0; s < n; s++)
                values[s] = reading->of_target[target[s]];
        else
            fill(values, n, reading->copied ? reading->copied[row] : source_values_at(&reading->exchanged, row, grid));
    }
    for (int s = 0; path->positions.source && s < n; s++) {
        worker->index[worker->n + s] = path->positions.source[row];
        worker->index[WIDTH + worker->n + s] = path->positions.target[target[s]];
    }
    if (path->number)
        name_synapses(path, worker, row, place, n);
    for (int c = 0; c < path->plan->n_columns; c++)
        memcpy(worker->columns + c * WIDTH + worker->n, path->edges->columns[c] + place, (size_t)n * sizeof(double));
    worker->n += n;
}

/* What stands beyond the last of the synapses at hand is left over from others, and goes nowhere. `keys`: of random numbers;
 * NULL: the program draws none. */
static void run(const struct formula_path *path, struct formula_worker *worker, const struct program *program,
                const struct random_key *keys)
{
    const struct interpreter_leaves leaves = {.shared = path->shared,
                                              .states = worker->columns,
                                              .slots = worker->columns,
                                              .argument = worker->arguments,
                                              .time = worker->time,
                                              .step = worker->steps,
                                              .index = worker->index};
    const int n_padded = (worker->n + LANES - 1) / LANES * LANES;
    if (keys)
        synapse_draw(path->wide, program, keys, &(struct value_elements){worker->to, worker->from, worker->number}, worker->step,
                     WIDTH, n_padded, worker->registers);
    path->wide->interpret(program, &leaves, keys ? KEEPS_FILLED : KEEPS_NONE, WIDTH, n_padded, worker->registers);
}

/* Add up what the synapses at hand give, in their order. */
static void add_up(const struct formula_path *path, struct formula_worker *worker, int step)
{
    const struct program *sums = &path->plan->formula.sums;
    const struct tile *tile = &path->target->inputs;
    run(path, worker, sums, NULL);
    for (int k = 0; k < sums->n_outputs; k++) {
        const double *value = worker->registers + sums->outputs[k].reg * WIDTH;
        double *row = tile_row(tile, step, path->inputs[sums->outputs[k].slot]);
        for (int s = 0; s < worker->n; s++)
            row[tile_place(tile, worker->target[s])] += value[s];
    }
}

/* Run a program that gives new values of columns. */
static void change_columns(const struct formula_path *path, struct formula_worker *worker, const struct program *program,
                           const struct random_key *keys)
{
    run(path, worker, program, keys);
    for (int k = 0; k < program->n_outputs; k++) {
        const struct output *output = &program->outputs[k];
        const double *value = worker->registers + output->reg * WIDTH;
        for (int s = 0; s < worker->n; s++)
            path->edges->columns[output->slot][worker->place[s]] = value[s];
    }
}

/* LANES columns of `rows` rows of WIDTH, from `lane` on. */
static void gather(const double *from, int rows, int lane, double *to)
{
    for (int row = 0; row < rows; row++)
        memcpy(to + row * LANES, from + row * WIDTH + lane, LANES * sizeof *to);
}

/* The propagator of this step, of synapses whose coefficients differ or change. */
static void find_propagators(const struct formula_path *path, struct formula_worker *worker)
{
    const struct exact_plan *exact = &path->plan->formula.exact->exact;
    const int n_ends = path->plan->formula.n_ends;
    for (int lane = 0; lane < worker->n; lane += LANES) {
        gather(worker->columns, path->plan->n_columns, lane, worker->exact_slots);
        gather(worker->arguments, n_ends, lane, worker->exact_arguments);
        gather(worker->index, 2, lane, worker->exact_arguments + n_ends * LANES);
        const struct interpreter_leaves leaves = {.shared = path->shared,
                                                  .states = worker->exact_slots,
                                                  .slots = worker->exact_slots,
                                                  .argument = worker->exact_arguments,
                                                  .time = worker->time,
                                                  .step = worker->steps,
                                                  .index = worker->exact_arguments + n_ends * LANES};
        propagator_fill_block(worker->propagator, &leaves, worker->exact_slots);
        for (int k = 0; k < exact->n_entries; k++)
            if (exact->entries[k].varies)
                memcpy(worker->columns + exact->entries[k].slot * WIDTH + lane,
                       worker->exact_slots + exact->entries[k].slot * LANES, LANES * sizeof(double));
    }
}

static void advance(const struct formula_path *path, struct formula_worker *worker)
{
    if (worker->propagator)
        find_propagators(path, worker);
    change_columns(path, worker, &path->plan->formula.advance, path->noise_keys);
}

/* What becomes of the synapses at hand. */
struct task {
    bool acts; /* at a regular time, as number `every` of the plan says */
    int every;
    bool sums, advances, receives;
    int offset; /* of the step, from the beginning of the interval */
};

/* Sums and new values are both made from the columns as they were read. */
static void finish_batch(const struct formula_path *path, struct formula_worker *worker, const struct task *task)
{
    if (worker->n == 0)
        return;
    if (task->acts)
        change_columns(path, worker, &path->plan->formula.everys[task->every].program, path->every_keys[task->every]);
    if (task->sums)
        add_up(path, worker, task->offset);
    if (task->advances)
        advance(path, worker);
    if (task->receives)
        change_columns(path, worker, &path->plan->formula.on_pre, NULL);
    worker->n = 0;
}

static uint64_t work_on_row(const struct formula_path *path, struct formula_worker *worker, const struct task *task, uint32_t row,
                            step_count step)
{
    edge_count begin, end;
    rows_of_thread(path->edges, row, worker->slab, worker->first, worker->last, &begin, &end);
    const uint64_t n_synapses = end - begin;
    while (begin < end) {
        edge_count room = (edge_count)(WIDTH - worker->n), n = end - begin < room ? end - begin : room;
        take_synapses(path, worker, row, begin, (int)n, step - path->reading_delay);
        begin += n;
        if (worker->n == WIDTH)
            finish_batch(path, worker, task);
    }
    return n_synapses;
}

static void set_time(const struct formula_path *path, struct formula_worker *worker, step_count step)
{
    worker->step = step;
    fill(worker->time, WIDTH, (double)step * path->dt);
    fill(worker->steps, WIDTH, (double)step);
}

/* Spikes that arrive in the step. A source that spiked several times reaches the same synapses again, one time after the other.
 */
static uint64_t receive_step(const struct formula_path *path, struct formula_worker *worker, step_count step)
{
    const struct task task = {.receives = true};
    const step_count emitted = step - path->delay;
    uint64_t n_synapses = 0;
    if (path->plan->formula.on_pre.n_outputs == 0 || emitted < path->edges->since)
        return 0;
    set_time(path, worker, step);
    const struct step_spikes *spikes = history_at(path->history, path->edges->source, emitted);
    for (uint32_t k = 0; k < spikes->n; k++) {
        int64_t row = edges_row(path->edges, spikes->spikes[k].index);
        for (uint32_t copy = 0; row >= 0 && copy < spikes->spikes[k].multiplicity; copy++) {
            if (copy > 0)
                finish_batch(path, worker, &task);
            n_synapses += work_on_row(path, worker, &task, (uint32_t)row, step);
        }
    }
    finish_batch(path, worker, &task);
    return n_synapses;
}

/* Spikes that arrive in the steps before `end`, unless they have been received. */
static uint64_t receive(const struct formula_path *path, struct formula_worker *worker, step_count end)
{
    uint64_t n_synapses = 0;
    for (; worker->received < end; worker->received++)
        n_synapses += receive_step(path, worker, worker->received);
    return n_synapses;
}

/* What is done at a regular time, unless it has been: one block of statements after the other. */
static uint64_t act(const struct formula_path *path, struct formula_worker *worker, step_count step)
{
    uint64_t n_synapses = 0;
    if (step < worker->acted)
        return 0;
    worker->acted = step + 1;
    set_time(path, worker, step);
    for (int k = 0; k < path->plan->formula.n_everys; k++) {
        const struct task task = {.acts = true, .every = k};
        const bool is_due = every_is_due(&path->plan->formula.everys[k], step);
        for (uint32_t row = 0; is_due && row < path->edges->n_rows; row++)
            n_synapses += work_on_row(path, worker, &task, row, step);
        finish_batch(path, worker, &task);
    }
    return n_synapses;
}

/* What reads the source waits for it: nothing is known of it from before it was connected, nor from that instant (as in
 * coupling_path.c). */
static uint64_t deliver_step(const struct formula_path *path, struct formula_worker *worker, step_count step, int offset)
{
    const bool is_known = step - path->reading_delay >= path->edges->since + (path->reading_delay > 0);
    const struct task task = {
        .sums = path->plan->formula.sums.n_outputs && (is_known || !path->sums_wait),
        .advances = path->plan->formula.advance.n_outputs && (is_known || !path->advance_waits),
        .offset = offset,
    };
    uint64_t n_synapses = receive(path, worker, step);
    n_synapses += act(path, worker, step);
    set_time(path, worker, step);
    for (uint32_t row = 0; (task.sums || task.advances) && row < path->edges->n_rows; row++)
        n_synapses += work_on_row(path, worker, &task, row, step);
    finish_batch(path, worker, &task);
    /* spikes without delay are known when the nodes have taken the step */
    return path->delay > 0 ? n_synapses + receive(path, worker, step + 1) : n_synapses;
}

uint64_t formula_path_deliver(const struct formula_path *path, int slab, step_count begin, step_count end, uint32_t first,
                              uint32_t last)
{
    struct formula_worker *worker = &path->workers[slab];
    uint64_t n = 0;
    worker->slab = slab;
    worker->first = first * LANES;
    worker->last = last * LANES;
    if (end <= path->edges->since)
        return 0;
    read_targets(path, worker, begin, first, last);
    for (step_count step = begin > path->edges->since ? begin : path->edges->since; step < end; step++)
        n += deliver_step(path, worker, step, (int)(step - begin));
    return n;
}

void formula_path_receive(const struct formula_path *path, step_count now)
{
    for (int slab = 0; slab < path->n_slabs; slab++)
        if (now > path->edges->since)
            receive(path, &path->workers[slab], now);
}

void formula_path_act(const struct formula_path *path, step_count now)
{
    for (int slab = 0; slab < path->n_slabs && path->plan->formula.n_everys && now >= path->edges->since; slab++) {
        struct formula_worker *worker = &path->workers[slab];
        receive(path, worker, now);
        read_targets(path, worker, now, worker->first / LANES, worker->last / LANES);
        act(path, worker, now);
    }
}
