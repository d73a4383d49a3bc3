#include "engine/pathway_path.h"

#include <math.h>
#include <string.h>

#include "engine/copied_values.h"
#include "engine/rows.h"
#include "engine/synapse_draws.h"
#include "kernels/interpreter.h"
#include "kernels/runner.h"
#include "kernels/shared_values.h"
#include "kernels/wide.h"
#include "support/lanes.h"
#include "support/memory.h"

/* What a thread works with: events that run at once, each at a synapse. */
struct pathway_worker {
    node_local first, last; /* targets [first, last) */
    int slab;               /* of the edges' runs; they are the same targets */
    step_count step;        /* of arrival */
    bool one_per_target;    /* events at the same target follow one another: the pathway writes to it */
    int n;
    edge_count place[LANES]; /* in the edges; all different */
    uint32_t row[LANES];
    node_local target[LANES];
    node_local highest;     /* of them */
    uint32_t number[LANES]; /* of the event among those that come from i to j in this step */
    double *columns;        /* [plan->n_columns + 1][LANES] and the time since the last event; owned */
    double *arguments;      /* [n_ends][LANES]; owned */
    double *time, *steps;   /* [LANES] of the arrival; owned */
    double *index;          /* [2][LANES] i and j; owned */
    double *node_slots;     /* [target's n_slots][LANES] of the targets, for ends that are computed; owned */
    double *node_inputs;    /* [target's input rows][LANES]; owned */
    double *node_index;     /* [LANES]; owned */
    double *registers;      /* of the program that runs; owned */
    struct pathway_failure failure;
};

/* ---- making and releasing ------------------------------------------------------------------------------------------------ */

static const struct pathways_plan *pathways_of(const struct pathway_path *path)
{
    return &path->plan->pathways;
}

/* The part of a set that is of the population: all parts of one population have the same reading. */
static int part_of(const struct node_set *set, const struct nodes *nodes)
{
    int k = 0;
    while (set->parts[k].population != nodes->plan->population->index)
        k++;
    return k;
}

/* A program that is nothing but the variable's slot need not run. */
static bool is_slot(const struct program *program)
{
    return program->n_instructions == 1 &&
           (program->instructions[0].opcode == OPCODE_NODE || program->instructions[0].opcode == OPCODE_STATE);
}

static int slot_of(const struct nodes *nodes, const char *variable)
{
    return nodes->plan->places[model_variable(nodes->plan->model, variable)].slot;
}

static bool is_kept_while_refractory(const struct node_plan *plan, int slot)
{
    return plan->refractory_slot >= 0 && slot < plan->n_states && plan->keeps_while_refractory[slot];
}

static struct end_reading reading_create(const struct pathway_path *path, const struct pathway_end *end)
{
    const struct connection *connection = path->plan->connection;
    const struct node_plan *target = path->target->plan;
    struct end_reading reading = {.slot = -1};
    if (end->is_kept) {
        reading.slot = is_kept_while_refractory(target, slot_of(path->target, end->name)) ? target->refractory_slot : -1;
    } else if (end->is_source && !end->is_steady) {
        source_values_create(path->edges, nodes_late_value(path->source, end->name), 2, &reading.exchanged);
    } else if (end->is_source) {
        reading.program = &end->readings[part_of(connection->source, path->source)];
        reading.copied = MEMORY_NEW(path->edges->n_rows, double, BUFFERS);
    } else {
        const struct program *program = &end->readings[part_of(connection->target, path->target)];
        reading.slot = is_slot(program) ? program->instructions[0].slot : -1;
        reading.program = is_slot(program) ? NULL : program;
    }
    return reading;
}

/* Synapses of each target, by a counting sort. */
static void sort_by_target(struct pathway_path *path)
{
    const struct edges *edges = path->edges;
    const edge_count n = edges_size(edges);
    path->target_begin = MEMORY_NEW((size_t)path->target->n + 1, edge_count, SYNAPSES);
    path->by_target = MEMORY_NEW(n, edge_count, SYNAPSES);
    for (edge_count k = 0; k < n; k++)
        path->target_begin[edges->target_local[k] + 1]++;
    for (node_local t = 0; t < path->target->n; t++)
        path->target_begin[t + 1] += path->target_begin[t];
    for (edge_count k = 0; k < n; k++)
        path->by_target[path->target_begin[edges->target_local[k]]++] = k;
    for (node_local t = path->target->n; t-- > 0;) /* each begin has moved to its end */
        path->target_begin[t + 1] = path->target_begin[t];
    path->target_begin[0] = 0;
}

static bool has_on_post(const struct pathways_plan *pathways)
{
    for (int k = 0; k < pathways->n; k++)
        if (pathways->list[k].pathway->kind == PATHWAY_POST)
            return true;
    return false;
}

/* The delays of the runs, spread over their synapses. */
static void spread_delays(const struct edges *edges, uint16_t *delay)
{
    for (uint32_t row = 0; row < edges->n_rows; row++) {
        const edge_count *slab_run = &edges->slab_run[(size_t)row * (size_t)edges->n_slabs];
        edge_count place = edges->row_begin[row];
        for (edge_count run = slab_run[0]; run < slab_run[edges->n_slabs]; run++)
            while (place < edges->row_begin[row] + edges->run_end[run])
                delay[place++] = edges->run_delay[run];
    }
}

static void convert_delays(const struct edges *edges, const double *seconds, const struct script *script, uint16_t *delay)
{
    for (edge_count k = 0; k < edges_size(edges); k++)
        delay[k] = (uint16_t)script_steps(script, seconds[k]);
}

/* Of each synapse, unless it does not differ, or how rows are cut says it. */
static uint16_t *delays_create(const struct edges *edges, const struct pathway_plan *pathway, const struct script *script)
{
    if (!pathway->delay_differs || (pathway->pathway->kind == PATHWAY_PRE && pathway->delay_column < 0))
        return NULL;
    uint16_t *delay = MEMORY_NEW(edges_size(edges), uint16_t, SYNAPSES);
    if (pathway->delay_column < 0)
        spread_delays(edges, delay);
    else
        convert_delays(edges, edges->columns[pathway->delay_column], script, delay);
    return delay;
}

static bool reads_source(const struct pathways_plan *pathways)
{
    for (int k = 0; k < pathways->n_ends; k++)
        if (pathways->ends[k].is_source)
            return true;
    return false;
}

/* Does it matter which nodes are connected? */
static bool uses_index(const struct pathways_plan *pathways)
{
    for (int k = 0; k < pathways->n; k++)
        if (program_uses(&pathways->list[k].program, OPCODE_INDEX) || program_draws(&pathways->list[k].program))
            return true;
    return false;
}

static bool some_draw(const struct pathways_plan *pathways)
{
    for (int k = 0; k < pathways->n; k++)
        if (program_draws(&pathways->list[k].program))
            return true;
    return false;
}

static size_t registers_bytes(const struct pathway_path *path)
{
    size_t bytes = 0;
    for (int k = 0; k < pathways_of(path)->n; k++)
        interpreter_scratch_include(&bytes, &pathways_of(path)->list[k].program);
    for (int k = 0; k < pathways_of(path)->n_ends; k++)
        if (path->readings[k].program)
            interpreter_scratch_include(&bytes, path->readings[k].program);
    return bytes;
}

static void worker_create(const struct pathway_path *path, struct pathway_worker *worker)
{
    worker->columns = MEMORY_NEW((path->plan->n_columns + 1) * LANES, double, BUFFERS);
    worker->arguments = MEMORY_NEW(pathways_of(path)->n_ends * LANES, double, BUFFERS);
    worker->time = MEMORY_NEW(LANES, double, BUFFERS);
    worker->steps = MEMORY_NEW(LANES, double, BUFFERS);
    worker->index = MEMORY_NEW(2 * LANES, double, BUFFERS);
    worker->node_slots = MEMORY_NEW(path->target->plan->n_slots * LANES, double, BUFFERS);
    worker->node_inputs = MEMORY_NEW(path->target->inputs.n_kinds * LANES, double, BUFFERS);
    worker->node_index = MEMORY_NEW(LANES, double, BUFFERS);
    worker->registers = memory_new(registers_bytes(path), MEMORY_BUFFERS);
}

static void worker_release(struct pathway_worker *worker)
{
    memory_free(worker->columns);
    memory_free(worker->arguments);
    memory_free(worker->time);
    memory_free(worker->steps);
    memory_free(worker->index);
    memory_free(worker->node_slots);
    memory_free(worker->node_inputs);
    memory_free(worker->node_index);
    memory_free(worker->registers);
}

void pathway_path_create(const struct connection_plan *plan, struct edges *edges, int edges_index, const struct network *network,
                         const struct channels *channels, const struct history *history, const struct nodes *source,
                         const struct nodes *target, const struct kernels *kernels, int n_threads, struct pathway_path *path)
{
    const struct pathways_plan *pathways = &plan->pathways;
    const double dt = network->script->dt;
    *path = (struct pathway_path){
        .plan = plan,
        .edges = edges,
        .edges_index = edges_index,
        .history = history,
        .source = source,
        .target = target,
        .dt = dt,
        .n_workers = n_threads,
    };
    path->shared = shared_values(&plan->shared, plan->synapse, plan->connection->values, dt, 0, MEMORY_BUFFERS);
    path->readings = MEMORY_NEW(pathways->n_ends, struct end_reading, BUFFERS);
    for (int k = 0; k < pathways->n_ends; k++)
        path->readings[k] = reading_create(path, &pathways->ends[k]);
    path->written_slot = MEMORY_NEW(pathways->n_written, int, BUFFERS);
    for (int k = 0; k < pathways->n_written; k++)
        path->written_slot[k] = slot_of(target, pathways->written[k]);
    path->programs = MEMORY_NEW(pathways->n, struct program_runner, BUFFERS);
    path->keys = MEMORY_NEW(pathways->n, struct random_key *, BUFFERS);
    path->delay = MEMORY_NEW(pathways->n, uint16_t *, BUFFERS);
    path->channel = MEMORY_NEW(pathways->n, int, BUFFERS);
    for (int k = 0; k < pathways->n; k++) {
        const struct pathway *pathway = pathways->list[k].pathway;
        path->channel[k] = channels_of_pathway(channels, network->script,
                                               pathway->kind == PATHWAY_PRE ? edges->source : edges->target, pathway);
        path->programs[k] = kernels_runner(kernels, &pathways->list[k].program);
        path->keys[k] = synapse_keys(&pathways->list[k].program, network->script->seed, plan->connection->name,
                                     pathways->list[k].pathway->name);
        path->delay[k] = delays_create(edges, &pathways->list[k], network->script);
    }
    if (pathways->has_events)
        path->last = MEMORY_NEW(edges_size(edges), step_count, SYNAPSES);
    if (has_on_post(pathways))
        sort_by_target(path);
    if (some_draw(pathways))
        path->number = synapse_numbers(edges, target->n);
    if (uses_index(pathways))
        positions_create(plan->connection, edges, target, network, &path->positions);
    path->wide = wide_here();
    path->asks_for_rows = path->positions.source || reads_source(pathways);
    path->workers = MEMORY_NEW(n_threads, struct pathway_worker, BUFFERS);
    for (int k = 0; k < n_threads; k++)
        worker_create(path, &path->workers[k]);
}

void pathway_path_release(struct pathway_path *path)
{
    for (int k = 0; k < pathways_of(path)->n_ends; k++) {
        source_values_release(&path->readings[k].exchanged);
        memory_free(path->readings[k].copied);
    }
    for (int k = 0; k < path->n_workers; k++)
        worker_release(&path->workers[k]);
    for (int k = 0; k < pathways_of(path)->n; k++) {
        memory_free(path->keys[k]);
        memory_free(path->delay[k]);
    }
    memory_free(path->keys);
    memory_free(path->number);
    memory_free(path->workers);
    memory_free(path->shared);
    memory_free(path->readings);
    memory_free(path->written_slot);
    memory_free(path->programs);
    memory_free(path->last);
    memory_free(path->target_begin);
    memory_free(path->by_target);
    memory_free(path->delay);
    memory_free(path->channel);
    positions_release(&path->positions);
    *path = (struct pathway_path){0};
}

void pathway_path_begin_run(struct pathway_path *path, const struct network *network)
{
    for (int k = 0; k < pathways_of(path)->n_ends; k++)
        if (path->readings[k].copied)
            copied_values_fetch(network, path->edges, path->source, path->readings[k].program, path->readings[k].copied);
}

/* ---- the state of targets ------------------------------------------------------------------------------------------------ */

static double *slot_at(const struct nodes *nodes, node_local local, int slot)
{
    return nodes_block(nodes, local / LANES) + slot * LANES + local % LANES;
}

/* What has been added up for a node, as a step's end does it (block_arrivals in kernels/block.h). */
static void take_sums_in(const struct nodes *nodes, node_local local)
{
    const struct node_plan *plan = nodes->plan;
    const bool is_refractory = plan->refractory_slot >= 0 && *slot_at(nodes, local, plan->refractory_slot) > 0;
    for (int k = 0; k < plan->n_arrivals; k++) {
        const struct arrival *arrival = &plan->arrivals[k];
        double *sum = tile_row(&nodes->arrivals, 0, k) + tile_place(&nodes->arrivals, local);
        const double arrived = arrival->factor_slot < 0 ? *sum : *sum * *slot_at(nodes, local, arrival->factor_slot);
        *sum = 0;
        if (!is_refractory || !is_kept_while_refractory(plan, arrival->slot))
            *slot_at(nodes, local, arrival->slot) += arrived;
    }
}

/* All that programs of the targets read, for ends that are more than a slot. */
static void gather_targets(const struct pathway_path *path, struct pathway_worker *worker)
{
    const struct nodes *nodes = path->target;
    for (int lane = 0; lane < LANES; lane++) {
        const node_local local = worker->target[lane];
        for (int slot = 0; slot < nodes->plan->n_slots; slot++)
            worker->node_slots[slot * LANES + lane] = *slot_at(nodes, local, slot);
        for (int input = 0; input < nodes->inputs.n_kinds; input++)
            worker->node_inputs[input * LANES + lane] = tile_row(&nodes->inputs, 0, input)[tile_place(&nodes->inputs, local)];
        worker->node_index[lane] = nodes_index(nodes, local);
    }
}

static void compute_end(const struct pathway_path *path, struct pathway_worker *worker, int end)
{
    const struct program *program = path->readings[end].program;
    const int refractory_slot = path->target->plan->refractory_slot;
    interpret(program,
              &(struct interpreter_leaves){
                  .shared = path->target->shared,
                  .states = worker->node_slots,
                  .slots = worker->node_slots,
                  .inputs = worker->node_inputs,
                  .time = worker->time,
                  .step = worker->steps,
                  .index = worker->node_index,
                  .refractory = refractory_slot < 0 ? NULL : worker->node_slots + refractory_slot * LANES,
              },
              worker->registers);
    memcpy(worker->arguments + end * LANES, worker->registers + program->outputs[0].reg * LANES, LANES * sizeof(double));
}

/* ---- the events at hand -------------------------------------------------------------------------------------------------- */

static void read_ends(const struct pathway_path *path, struct pathway_worker *worker)
{
    bool is_gathered = false;
    for (int k = 0; k < pathways_of(path)->n_ends; k++) {
        const struct end_reading *reading = &path->readings[k];
        double *values = worker->arguments + k * LANES;
        if (!reading->copied && reading->program) {
            if (!is_gathered)
                gather_targets(path, worker);
            is_gathered = true;
            compute_end(path, worker, k);
            continue;
        }
        for (int lane = 0; lane < LANES; lane++)
            if (reading->copied)
                values[lane] = reading->copied[worker->row[lane]];
            else if (reading->exchanged.edges)
                values[lane] = source_values_at(&reading->exchanged, worker->row[lane], worker->step);
            else
                values[lane] = reading->slot < 0 ? 0 : *slot_at(path->target, worker->target[lane], reading->slot);
    }
}

static void read_synapses(const struct pathway_path *path, struct pathway_worker *worker)
{
    const int n_columns = path->plan->n_columns;
    for (int lane = 0; lane < LANES; lane++) {
        const edge_count place = worker->place[lane];
        for (int c = 0; c < n_columns; c++)
            worker->columns[c * LANES + lane] = path->edges->columns[c][place];
        if (path->last)
            worker->columns[n_columns * LANES + lane] = (double)(worker->step - path->last[place]) * path->dt;
        if (path->positions.source) {
            worker->index[lane] = path->positions.source[worker->row[lane]];
            worker->index[LANES + lane] = path->positions.target[worker->target[lane]];
        }
    }
}

static void write(const struct pathway_path *path, const struct pathway_worker *worker, const struct output *output)
{
    const double *value = worker->registers + output->reg * LANES;
    const int n_columns = path->plan->n_columns;
    for (int lane = 0; lane < worker->n; lane++)
        if (output->slot < n_columns)
            path->edges->columns[output->slot][worker->place[lane]] = value[lane];
        else
            *slot_at(path->target, worker->target[lane], path->written_slot[output->slot - n_columns]) = value[lane];
}

static void fill(double values[LANES], double value)
{
    for (int lane = 0; lane < LANES; lane++)
        values[lane] = value;
}

/* To whom random numbers belong: the nodes, and which of the events between them it is. */
struct drawing_events {
    uint32_t from[LANES], to[LANES];
    struct value_elements elements;
};

static void name_events(const struct pathway_path *path, const struct pathway_worker *worker, struct drawing_events *events)
{
    for (int lane = 0; lane < LANES; lane++) {
        events->from[lane] = path->positions.source[worker->row[lane]];
        events->to[lane] = path->positions.target[worker->target[lane]];
    }
    events->elements = (struct value_elements){.index = events->to, .second = events->from, .third = worker->number};
}

/* The events `refused`, as bits, have counts that cannot be drawn. */
static void note_refused(const struct program *program, struct pathway_worker *worker, int pathway, unsigned refused)
{
    struct pathway_failure *failure = &worker->failure;
    for (; refused; refused &= refused - 1) {
        const int lane = __builtin_ctz(refused);
        if (failure->found && (failure->step < worker->step || failure->target <= worker->target[lane]))
            continue;
        int k = 0;
        while (!opcode_draws_count(program->instructions[k].opcode) || !isnan(worker->registers[k * LANES + lane]))
            k++;
        const struct instruction *count = &program->instructions[k];
        *failure = (struct pathway_failure){
            .found = true, .pathway = pathway, .step = worker->step, .target = worker->target[lane]};
        failure->law = count->opcode == OPCODE_POISSON ? COUNT_POISSON : COUNT_BINOMIAL;
        for (int argument = 0; argument < 2; argument++)
            failure->arguments[argument] = worker->registers[count->operand[argument] * LANES + lane];
    }
}

static void run_program(const struct pathway_path *path, struct pathway_worker *worker, int pathway)
{
    struct interpreter_leaves leaves = {.shared = path->shared,
                                        .slots = worker->columns,
                                        .argument = worker->arguments,
                                        .time = worker->time,
                                        .step = worker->steps,
                                        .index = worker->index};
    if (!path->keys[pathway]) {
        program_run(&path->programs[pathway], &leaves, worker->registers);
        return;
    }
    struct drawing_events events;
    unsigned char refused = 0;
    name_events(path, worker, &events);
    leaves.values = &(struct value_draws){path->keys[pathway], &events.elements, (uint32_t)worker->step, &refused};
    synapse_draw(path->wide, path->programs[pathway].program, path->keys[pathway], &events.elements, worker->step, LANES, LANES,
                 worker->registers);
    path->wide->interpret(path->programs[pathway].program, &leaves, KEEPS_FILLED, LANES, LANES, worker->registers);
    if (refused)
        note_refused(path->programs[pathway].program, worker, pathway, refused);
}

/* Lanes beyond the last event repeat it. */
static void finish_batch(const struct pathway_path *path, struct pathway_worker *worker, int pathway)
{
    const struct program *program = &pathways_of(path)->list[pathway].program;
    if (worker->n == 0)
        return;
    for (int lane = worker->n; lane < LANES; lane++) {
        worker->place[lane] = worker->place[worker->n - 1];
        worker->row[lane] = worker->row[worker->n - 1];
        worker->target[lane] = worker->target[worker->n - 1];
        worker->number[lane] = worker->number[worker->n - 1];
    }
    for (int lane = 0; lane < worker->n; lane++)
        take_sums_in(path->target, worker->target[lane]);
    read_synapses(path, worker);
    read_ends(path, worker);
    run_program(path, worker, pathway);
    for (int k = 0; k < program->n_outputs; k++)
        write(path, worker, &program->outputs[k]);
    for (int lane = 0; path->last && lane < worker->n; lane++)
        path->last[worker->place[lane]] = worker->step;
    worker->n = 0;
}

/* Is an event at the target at hand? Targets mostly ascend. */
static bool meets(const struct pathway_worker *worker, node_local target)
{
    if (worker->n == 0 || target > worker->highest)
        return false;
    for (int lane = 0; lane < worker->n; lane++)
        if (worker->target[lane] == target)
            return true;
    return false;
}

/* Spikes of one step, as they reach a pathway. */
struct arriving_spikes {
    int pathway;
    step_count emitted;
    bool is_of_run;         /* they reach only the runs with this delay */
    const uint16_t *delays; /* [edges_size] or only those of the synapses that have it here; NULL: all */
    step_count delay;
};

/* Events between the same nodes in one step have different delays, or are of different copies of a spike, or of a synapse. Only
 * so many copies count as different as anybody may have; more would share their random numbers. */
static uint32_t event_number(const struct arriving_spikes *arriving, uint32_t copy, uint8_t number)
{
    return (uint32_t)arriving->delay << 16 | (copy & 0xff) << 8 | number;
}

/* `copy` counts those of a source that stands for several. */
static void take_event(const struct pathway_path *path, struct pathway_worker *worker, const struct arriving_spikes *arriving,
                       edge_count place, uint32_t row, uint32_t copy)
{
    const node_local target = path->edges->target_local[place];
    if (worker->n == LANES || (worker->one_per_target && meets(worker, target)))
        finish_batch(path, worker, arriving->pathway);
    worker->place[worker->n] = place;
    worker->row[worker->n] = row;
    worker->number[worker->n] = path->number ? event_number(arriving, copy, path->number[place]) : 0;
    worker->highest = worker->n == 0 || target > worker->highest ? target : worker->highest;
    worker->target[worker->n++] = target;
}

/* ---- the events of a step ------------------------------------------------------------------------------------------------ */

/* The thread's synapses in a row that the spikes reach: [*begin, *end). Where rows are cut in runs, a slab's stand together, and
 * those of a delay among them. */
static void find_places(const struct pathway_path *path, const struct pathway_worker *worker, uint32_t row,
                        const struct arriving_spikes *arriving, edge_count *begin, edge_count *end)
{
    const struct edges *edges = path->edges;
    if (!edges->slab_run) {
        rows_range(edges, row, worker->first, worker->last, begin, end);
        return;
    }
    const edge_count *slab_run = &edges->slab_run[(size_t)row * (size_t)edges->n_slabs];
    edge_count first = slab_run[worker->slab], last = slab_run[worker->slab + 1];
    while (arriving->is_of_run && first < last && edges->run_delay[first] != arriving->delay)
        first++;
    if (arriving->is_of_run && first < last)
        last = first + 1;
    *begin = edges->row_begin[row] + (first > slab_run[0] ? edges->run_end[first - 1] : 0);
    *end = first < last ? edges->row_begin[row] + edges->run_end[last - 1] : *begin;
}

static bool is_reached(const struct arriving_spikes *arriving, edge_count place)
{
    return !arriving->delays || arriving->delays[place] == arriving->delay;
}

static uint64_t receive_row(const struct pathway_path *path, struct pathway_worker *worker,
                            const struct arriving_spikes *arriving, uint32_t row, uint32_t copy)
{
    edge_count begin, end;
    uint64_t n = 0;
    find_places(path, worker, row, arriving, &begin, &end);
    for (edge_count place = begin; place < end; place++) {
        if (!is_reached(arriving, place))
            continue;
        take_event(path, worker, arriving, place, row, copy);
        n++;
    }
    return n;
}

/* Spikes of sources. One that stands for several reaches the same synapses again, one time after the other. */
static uint64_t receive_sources(const struct pathway_path *path, struct pathway_worker *worker,
                                const struct arriving_spikes *arriving)
{
    const struct step_spikes *spikes = history_at(path->history, path->channel[arriving->pathway], arriving->emitted);
    uint64_t n = 0;
    for (uint32_t k = 0; k < spikes->n; k++) {
        const int64_t row = edges_row(path->edges, spikes->spikes[k].index);
        for (uint32_t copy = 0; row >= 0 && copy < spikes->spikes[k].multiplicity; copy++) {
            if (copy > 0)
                finish_batch(path, worker, arriving->pathway);
            n += receive_row(path, worker, arriving, (uint32_t)row, copy);
        }
    }
    return n;
}

static uint64_t receive_target(const struct pathway_path *path, struct pathway_worker *worker,
                               const struct arriving_spikes *arriving, node_local target, uint32_t copy)
{
    uint64_t n = 0;
    for (edge_count k = path->target_begin[target]; k < path->target_begin[target + 1]; k++) {
        const edge_count place = path->by_target[k];
        if (!is_reached(arriving, place))
            continue;
        take_event(path, worker, arriving, place, path->asks_for_rows ? edges_row_at(path->edges, place) : 0, copy);
        n++;
    }
    return n;
}

/* Spikes of targets. */
static uint64_t receive_targets(const struct pathway_path *path, struct pathway_worker *worker,
                                const struct arriving_spikes *arriving)
{
    const struct step_spikes *spikes = history_at(path->history, path->channel[arriving->pathway], arriving->emitted);
    uint64_t n = 0;
    for (uint32_t k = 0; k < spikes->n; k++) {
        node_local target;
        if (!nodes_find(path->target, spikes->spikes[k].index, &target) || target < worker->first || target >= worker->last)
            continue;
        for (uint32_t copy = 0; copy < spikes->spikes[k].multiplicity; copy++) {
            if (copy > 0)
                finish_batch(path, worker, arriving->pathway);
            n += receive_target(path, worker, arriving, target, copy);
        }
    }
    return n;
}

static void begin_step(const struct pathway_path *path, struct pathway_worker *worker, step_count step)
{
    worker->step = step;
    fill(worker->time, (double)step * path->dt);
    fill(worker->steps, (double)step);
}

/* All that arrives in a step, by ascending time of emission. */
static uint64_t receive_step(const struct pathway_path *path, struct pathway_worker *worker, int pathway)
{
    const struct pathway_plan *plan = &pathways_of(path)->list[pathway];
    const bool is_of_edges = plan->delay_differs && plan->delay_column < 0;
    const step_count longest = is_of_edges ? path->plan->max_delay : plan->max_delay;
    const step_count shortest = is_of_edges ? path->plan->min_delay : plan->min_delay;
    uint64_t n = 0;
    for (step_count delay = longest; delay >= shortest; delay--) {
        const struct arriving_spikes arriving = {.pathway = pathway,
                                                 .emitted = worker->step - delay,
                                                 .is_of_run = is_of_edges,
                                                 .delays = path->delay[pathway],
                                                 .delay = delay};
        if (arriving.emitted >= path->edges->since)
            n += plan->pathway->kind == PATHWAY_PRE ? receive_sources(path, worker, &arriving)
                                                    : receive_targets(path, worker, &arriving);
    }
    finish_batch(path, worker, pathway);
    return n;
}

uint64_t pathway_path_deliver(const struct pathway_path *path, int pathway, int thread, step_count begin, step_count end,
                              node_local first, node_local last)
{
    struct pathway_worker *worker = &path->workers[thread];
    uint64_t n = 0;
    worker->first = first;
    worker->last = last;
    worker->slab = thread;
    worker->one_per_target = pathway_writes_target(path->plan, &pathways_of(path)->list[pathway]);
    for (step_count step = begin; step < end && edges_size(path->edges) > 0; step++) {
        begin_step(path, worker, step);
        n += receive_step(path, worker, pathway);
    }
    return n;
}

const struct pathway_failure *pathway_path_failure(const struct pathway_path *path, int thread)
{
    return &path->workers[thread].failure;
}
