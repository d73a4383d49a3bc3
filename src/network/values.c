/* Threads take stretches of rows. They make the values of a stretch, WIDTH synapses at a time whatever rows they stand in, and
 * then cut its rows in runs, so that what they sort is in the cache. What a synapse gets depends on nothing but the synapse. */
#include "network/values.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "kernels/shared_values.h"
#include "kernels/value_maker.h"
#include "network/end_numbers.h"
#include "network/runs.h"
#include "network/set_view.h"
#include "support/fault_share.h"

/* The column of the delay, and of what is sent, where a column is meant. */
enum { DELAY = -1, SENT = -2 };

/* Synapses at once: many enough that a program's instructions cost little to find, and few enough that its registers stay in the
 * first cache. A multiple of LANES. */
#define WIDTH 256

/* Synapses of a stretch, at least, unless it is the last: few enough that their targets, values and delays stay in the second
 * cache. */
#define STRETCH 16384

/* One piece of a connection whose synapses get their values. */
struct assignment {
    const struct script *script;
    struct connection_plan *plan;
    struct edges *edges;
    const struct set_view *source; /* of the connection */
    int source_range;
    const node_id *target_position; /* [targets here] position in the target set */
    const double *shared;           /* the synapses' shared table */
    const int *order;               /* [plan->n_columns] columns, each behind those that its value uses */
    node_local n_targets;           /* nodes of the target population here */
    int n_slabs;
    /* Where values are listed: the place of each synapse in the lists is number[place] + numbers_before. */
    const uint64_t *number; /* [edges_size] in order of creation within the connection, or NULL */
    uint64_t numbers_before;
    const struct end_numbers *ends; /* what values read of sources and targets */
    /* Of synapses that have values, NULL of those that get their first ones. */
    const struct synapse_assignment_plan *later;
    const uint32_t *copy; /* [edges_size] numbers among those of a pair; else they are counted before rows are cut */
};

/* The rows of a piece: stretch k is the rows [first[k], first[k + 1]). */
struct stretches {
    uint64_t n;
    uint32_t *first;    /* [n + 1]; owned */
    struct runs *runs;  /* [n]; owned */
    edge_count longest; /* in synapses */
};

/* A synapse that cannot be given a value: the first of a piece. */
struct refusal {
    bool found, is_never_accepted;
    edge_count place;
    int column;
    double value;
};

/* How a column is made. */
struct column_maker {
    const struct declaration *variable;
    struct unit unit;
    bool is_computed; /* by `values`; else it is listed, or the same number everywhere */
    struct value_maker values;
};

/* What a thread works with. */
struct maker {
    const struct assignment *assignment;
    struct column_maker *columns; /* [plan->n_columns]; owned */
    struct value_maker delay;
    double *seconds;                  /* [WIDTH] delays; owned */
    const struct port *port;          /* whose range what is sent must be in, where that is always the same; else NULL */
    double *registers;                /* [plan->per_synapse.n_instructions][WIDTH]; owned */
    bool uses_index;                  /* does a program read i or j? */
    double *slots;                    /* [plan->n_states + plan->n_columns + 1 + plan->ends.n][WIDTH]: values, the listed
                                         delay, numbers of the ends; owned */
    double *distance;                 /* [WIDTH]; owned */
    double *index;                    /* [2][WIDTH] i, that is source, and j; owned */
    uint32_t row;                     /* that of the batch's first synapse */
    uint16_t *steps;                  /* delays of the stretch's synapses so far, if they are drawn; owned */
    uint32_t *source, *target, *copy; /* [WIDTH] whom the numbers of the batch belong to; owned */
    struct refusal refusal;
    uint16_t min_delay, max_delay;
};

/* Up to WIDTH synapses that stand next to each other; what is beyond the last repeats it, up to whole LANES. */
struct batch {
    edge_count begin;
    int n, n_padded;
};

static const struct value *value_of(const struct assignment *assignment, int column)
{
    const struct connection *connection = assignment->plan->connection;
    if (assignment->later)
        return &assignment->later->assignment->value;
    if (column == DELAY)
        return &connection->delay_value;
    for (int c = 0; column == SENT && c < assignment->plan->n_columns; c++) /* most likely the weight is to blame */
        if (assignment->plan->synapse->variables[assignment->plan->columns[c].variable].unit_is_port)
            column = c;
    return &connection->values[assignment->plan->columns[column == SENT ? 0 : column].variable];
}

static const struct declaration *variable_of(const struct assignment *assignment, int column)
{
    return &assignment->plan->synapse->variables[assignment->plan->columns[column].variable];
}

/* ---- makers ------------------------------------------------------------------------------------------------------------- */

static void fill(double numbers[WIDTH], double number)
{
    for (int k = 0; k < WIDTH; k++)
        numbers[k] = number;
}

static struct unit unit_of(const struct assignment *assignment, const struct declaration *variable)
{
    const struct connection *connection = assignment->plan->connection;
    if (!variable->unit_is_port || !connection->port)
        return variable->unit;
    const struct population *target = &assignment->script->populations[assignment->edges->target];
    return model_port(target->model, connection->port)->unit;
}

static void computer_create(struct maker *maker, const struct program *program, const char *variable, struct value_maker *values)
{
    const struct assignment *assignment = maker->assignment;
    maker->uses_index |= program_uses(program, OPCODE_INDEX);
    value_maker_create(program, assignment->script->seed, assignment->plan->connection->name, variable, WIDTH, values);
}

static void column_create(struct maker *maker, int c)
{
    const struct assignment *assignment = maker->assignment;
    const struct synapse_assignment_plan *later = assignment->later;
    const struct program *program = later ? &later->value : &assignment->plan->columns[c].initial;
    struct column_maker *column = &maker->columns[c];
    column->variable = variable_of(assignment, c);
    column->unit = unit_of(assignment, column->variable);
    column->is_computed = program->n_outputs > 0;
    if (column->is_computed)
        computer_create(maker, program, column->variable->name, &column->values);
    else if (!value_of(assignment, c)->array)
        fill(&maker->slots[(assignment->plan->n_states + c) * WIDTH], value_of(assignment, c)->number);
}

/* Synapses without state send the same with every spike: it is known now whether the targets' port takes it. */
static const struct port *checked_port(const struct assignment *assignment)
{
    const struct connection_plan *plan = assignment->plan;
    const struct model *target = assignment->script->populations[assignment->edges->target].model;
    const struct port *port = plan->connection->port ? model_port(target, plan->connection->port) : NULL;
    return port && port->range.has_range && plan->n_columns && connection_plan_is_steady(plan) ? port : NULL;
}

static void maker_create(const struct assignment *assignment, edge_count longest_stretch, struct maker *maker)
{
    const struct connection_plan *plan = assignment->plan;
    *maker = (struct maker){.assignment = assignment, .min_delay = UINT16_MAX, .max_delay = 0};
    maker->index = MEMORY_NEW(2 * WIDTH, double, TEMPORARY);
    maker->source = MEMORY_NEW(WIDTH, uint32_t, TEMPORARY);
    maker->target = MEMORY_NEW(WIDTH, uint32_t, TEMPORARY);
    maker->copy = MEMORY_NEW(WIDTH, uint32_t, TEMPORARY);
    maker->seconds = MEMORY_NEW(WIDTH, double, TEMPORARY);
    maker->distance = MEMORY_NEW(WIDTH, double, TEMPORARY);
    maker->slots = MEMORY_NEW((plan->n_states + plan->n_columns + 1 + assignment->ends->ends->n) * WIDTH, double, TEMPORARY);
    for (int k = 0; k < plan->n_states; k++)
        fill(&maker->slots[k * WIDTH], plan->connection->values[plan->state_variable[k]].number);
    maker->columns = MEMORY_NEW(plan->n_columns, struct column_maker, TEMPORARY);
    for (int c = 0; c < plan->n_columns; c++)
        if (!assignment->later || c == assignment->later->column)
            column_create(maker, c);
    if (plan->delay.n_outputs && !assignment->later) {
        computer_create(maker, &plan->delay, "delay", &maker->delay);
        maker->steps = MEMORY_NEW(longest_stretch, uint16_t, TEMPORARY);
    }
    maker->port = checked_port(assignment);
    maker->registers = MEMORY_NEW(plan->per_synapse.n_instructions * WIDTH, double, TEMPORARY);
}

static void maker_release(struct maker *maker)
{
    const struct connection_plan *plan = maker->assignment->plan;
    for (int c = 0; c < plan->n_columns; c++)
        if (maker->columns[c].is_computed)
            value_maker_release(&maker->columns[c].values);
    if (plan->delay.n_outputs && !maker->assignment->later)
        value_maker_release(&maker->delay);
    memory_free(maker->steps);
    memory_free(maker->columns);
    memory_free(maker->slots);
    memory_free(maker->index);
    memory_free(maker->source);
    memory_free(maker->target);
    memory_free(maker->copy);
    memory_free(maker->seconds);
    memory_free(maker->distance);
    memory_free(maker->registers);
}

/* ---- one batch ------------------------------------------------------------------------------------------------------------ */

static void refuse(struct maker *maker, const struct batch *batch, int k, int column, double value, bool is_never_accepted)
{
    edge_count place = batch->begin + (edge_count)k;
    if (!maker->refusal.found || place < maker->refusal.place)
        maker->refusal = (struct refusal){true, is_never_accepted, place, column, value};
}

/* A refusal counts by the first of its batch: the copies beyond the last synapse come behind it. */
static void compute(struct maker *maker, const struct batch *batch, struct value_maker *values, int column, double *numbers)
{
    unsigned char refused[WIDTH / LANES];
    const struct value_elements elements = {.index = maker->target, .second = maker->source, .third = maker->copy};
    const struct interpreter_leaves leaves = {
        .shared = maker->assignment->shared, .slots = maker->slots, .index = maker->index, .distance = maker->distance};
    if (!value_maker_run(values, &elements, batch->n_padded, &leaves, numbers, refused))
        return;
    int group = 0;
    while (!refused[group])
        group++;
    refuse(maker, batch, group * LANES + __builtin_ctz(refused[group]), column, 0, true);
}

/* What a list has for the synapses, if the value is one. */
static void look_up(const struct maker *maker, const struct batch *batch, const struct value *value, double *numbers)
{
    const struct assignment *assignment = maker->assignment;
    if (!value->array)
        return;
    for (int k = 0; k < batch->n_padded; k++) {
        edge_count place = batch->begin + (edge_count)(k < batch->n ? k : batch->n - 1);
        numbers[k] = value->array[assignment->numbers_before + assignment->number[place]];
    }
}

/* Are all numbers within a range? "No" may be wrong, "yes" never is. Comparisons with NaN are false. */
static bool are_inside(const struct range *range, struct unit unit, const double *numbers, int n)
{
    const lanes scale = lanes_set1(unit.scale);
    const lanes low = lanes_set1(range->has_range ? range->low : -INFINITY);
    const lanes high = lanes_set1(range->has_range ? range->high : INFINITY);
    lanes_mask inside = lanes_le(low, high);
    for (int k = 0; k < n; k += LANES) {
        lanes number = lanes_load(numbers + k);
        number = range->has_range ? lanes_div(number, scale) : number;
        lanes_mask above = range->low_open ? lanes_gt(number, low) : lanes_ge(number, low);
        lanes_mask below = range->high_open ? lanes_lt(number, high) : lanes_le(number, high);
        inside = lanes_mask_and(inside, lanes_mask_and(above, below));
    }
    return lanes_all(inside);
}

static void make_numbers(struct maker *maker, const struct batch *batch, int c, double *numbers)
{
    struct column_maker *column = &maker->columns[c];
    if (column->is_computed)
        compute(maker, batch, &column->values, c, numbers);
    else
        look_up(maker, batch, value_of(maker->assignment, c), numbers);
    for (int k = 0; column->variable->flags & FLAG_SINGLE && k < batch->n_padded; k++)
        numbers[k] = (float)numbers[k];
}

/* Of a pathway of its own; none is NaN. */
static bool is_delay(double seconds, double dt)
{
    return seconds >= 0 && seconds / dt + 0.5 < CONNECTION_DELAY_MAX + 1.0;
}

static void check_delays(struct maker *maker, const struct batch *batch, int c, const double *seconds)
{
    for (int k = 0; k < batch->n; k++)
        if (!is_delay(seconds[k], maker->assignment->script->dt))
            refuse(maker, batch, k, c, seconds[k], false);
}

static void check_numbers(struct maker *maker, const struct batch *batch, int c, const double *numbers)
{
    const struct column_maker *column = &maker->columns[c];
    if (column->variable->is_delay)
        check_delays(maker, batch, c, numbers);
    else if (column->variable->type != TYPE_REAL || !are_inside(&column->variable->range, column->unit, numbers, batch->n_padded))
        for (int k = 0; k < batch->n; k++)
            if (!variable_allows(column->variable, column->unit, numbers[k]))
                refuse(maker, batch, k, c, numbers[k], false);
}

static void store_numbers(const struct maker *maker, const struct batch *batch, int c, const double *numbers)
{
    memcpy(maker->assignment->edges->columns[c] + batch->begin, numbers, (size_t)batch->n * sizeof *numbers);
}

static void make_column(struct maker *maker, const struct batch *batch, int c)
{
    double *numbers = &maker->slots[(maker->assignment->plan->n_states + c) * WIDTH];
    make_numbers(maker, batch, c, numbers);
    check_numbers(maker, batch, c, numbers);
    store_numbers(maker, batch, c, numbers);
}

/* What arrives at a port is declared like a variable. */
static struct declaration argument_of(const struct port *port)
{
    return (struct declaration){.name = port->argument, .unit_text = port->unit_text, .type = TYPE_REAL, .range = port->range};
}

static void check_sent(struct maker *maker, const struct batch *batch)
{
    const struct connection_plan *plan = maker->assignment->plan;
    const struct program *program = &plan->per_synapse;
    const struct declaration argument = argument_of(maker->port);
    const struct interpreter_leaves leaves = {.shared = maker->assignment->shared,
                                              .slots = maker->slots + plan->n_states * WIDTH};
    wide_here()->interpret(program, &leaves, KEEPS_NONE, WIDTH, batch->n_padded, maker->registers);
    const double *sent = maker->registers + program->outputs[0].reg * WIDTH;
    if (!are_inside(&argument.range, maker->port->unit, sent, batch->n_padded))
        for (int k = 0; k < batch->n; k++)
            if (!variable_allows(&argument, maker->port->unit, sent[k]))
                refuse(maker, batch, k, SENT, sent[k], false);
}

/* Steps of each delay, as script_steps rounds. Returns whether all are such as the synapses may have; others are 0. */
static bool round_to_steps(const double *seconds, int n, double dt, double least, uint16_t *steps)
{
    const lanes longest = lanes_set1((double)CONNECTION_DELAY_MAX * dt), zero = lanes_set1(0);
    _Alignas(LANES_ALIGNMENT) double rounded[WIDTH];
    lanes_mask all = lanes_le(zero, zero);
    for (int k = 0; k < n; k += LANES) {
        lanes delay = lanes_load(seconds + k);
        lanes_mask inside = lanes_mask_and(lanes_ge(delay, zero), lanes_le(delay, longest));
        lanes whole = lanes_trunc(lanes_add(lanes_div(delay, lanes_set1(dt)), lanes_set1(0.5)));
        inside = lanes_mask_and(inside, lanes_ge(whole, lanes_set1(least)));
        all = lanes_mask_and(all, inside);
        lanes_store(rounded + k, lanes_select(inside, whole, zero));
    }
    for (int k = 0; k < n; k++)
        steps[k] = (uint16_t)(int)rounded[k];
    return lanes_all(all);
}

/* One at a time, to find out which is refused. */
static void refuse_delays(struct maker *maker, const struct batch *batch)
{
    const struct assignment *assignment = maker->assignment;
    uint16_t steps[LANES];
    for (int k = 0; k < batch->n; k++) {
        _Alignas(LANES_ALIGNMENT) double same[LANES];
        for (int lane = 0; lane < LANES; lane++)
            same[lane] = maker->seconds[k];
        if (!round_to_steps(same, LANES, assignment->script->dt, (double)assignment->plan->connection->least_delay, steps))
            refuse(maker, batch, k, DELAY, maker->seconds[k], false);
    }
}

/* Writes n numbers of steps. */
static void make_delay(struct maker *maker, const struct batch *batch, uint16_t *out)
{
    uint16_t steps[WIDTH], least = UINT16_MAX, most = 0;
    const struct assignment *assignment = maker->assignment;
    const struct connection_plan *plan = assignment->plan;
    look_up(maker, batch, value_of(assignment, DELAY), &maker->slots[(plan->n_states + plan->n_columns) * WIDTH]);
    compute(maker, batch, &maker->delay, DELAY, maker->seconds);
    if (!round_to_steps(maker->seconds, batch->n_padded, assignment->script->dt,
                        (double)assignment->plan->connection->least_delay, steps))
        refuse_delays(maker, batch);
    for (int k = 0; k < batch->n_padded; k++) {
        least = steps[k] < least ? steps[k] : least;
        most = steps[k] > most ? steps[k] : most;
    }
    maker->min_delay = least < maker->min_delay ? least : maker->min_delay;
    maker->max_delay = most > maker->max_delay ? most : maker->max_delay;
    memcpy(out, steps, (size_t)batch->n * sizeof *steps);
}

/* ---- naming synapses ------------------------------------------------------------------------------------------------------ */

/* Batches of a thread ascend, so the row is ahead. */
static void find_sources(struct maker *maker, const struct batch *batch)
{
    const struct assignment *assignment = maker->assignment;
    const struct edges *edges = assignment->edges;
    while (edges->row_begin[maker->row + 1] <= batch->begin)
        maker->row++;
    uint32_t row = maker->row;
    for (int k = 0; k < batch->n; row++) {
        edge_count left = edges->row_begin[row + 1] - batch->begin;
        int end = left < (edge_count)batch->n ? (int)left : batch->n;
        uint64_t source = set_view_position(assignment->source, assignment->source_range, edges->row_source[row]);
        for (; k < end; k++)
            maker->source[k] = (uint32_t)source;
    }
}

/* Before rows are cut, copies of a pair stand next to each other; behind that they have been counted. */
static void count_copies(struct maker *maker, const struct batch *batch)
{
    const struct edges *edges = maker->assignment->edges;
    const node_local *local = edges->target_local + batch->begin;
    if (maker->assignment->later) {
        for (int k = 0; k < batch->n; k++)
            maker->copy[k] = maker->assignment->copy ? maker->assignment->copy[batch->begin + (edge_count)k] : 0;
        return;
    }
    edge_count in_row = batch->begin - edges->row_begin[maker->row], before = 0;
    while (before < in_row && *(local - before - 1) == local[0])
        before++;
    uint32_t copy = (uint32_t)before;
    maker->copy[0] = copy;
    for (int k = 1; k < batch->n; k++) {
        uint32_t repeats = (local[k] == local[k - 1]) & (maker->source[k] == maker->source[k - 1]);
        copy = (copy + 1) & -repeats; /* without a branch, as nothing foretells which ones repeat */
        maker->copy[k] = copy;
    }
}

static void repeat_last(uint32_t *numbers, const struct batch *batch)
{
    for (int k = batch->n; k < batch->n_padded; k++)
        numbers[k] = numbers[batch->n - 1];
}

static void name_synapses(struct maker *maker, const struct batch *batch)
{
    const struct assignment *assignment = maker->assignment;
    const node_local *local = assignment->edges->target_local + batch->begin;
    find_sources(maker, batch);
    count_copies(maker, batch);
    for (int k = 0; k < batch->n; k++)
        maker->target[k] = assignment->target_position[local[k]];
    repeat_last(maker->source, batch);
    repeat_last(maker->target, batch);
    repeat_last(maker->copy, batch);
    for (int k = 0; maker->uses_index && k < batch->n_padded; k++) {
        maker->index[k] = maker->source[k];
        maker->index[WIDTH + k] = maker->target[k];
    }
    const struct connection_plan *plan = assignment->plan;
    end_numbers_fill(assignment->ends, maker->source, maker->target, batch->n_padded, WIDTH,
                     &maker->slots[(plan->n_states + plan->n_columns + 1) * WIDTH], maker->distance);
}

static struct batch batch_of(edge_count begin, edge_count end)
{
    struct batch batch = {.begin = begin, .n = end - begin < WIDTH ? (int)(end - begin) : WIDTH};
    batch.n_padded = (batch.n + LANES - 1) / LANES * LANES;
    return batch;
}

/* The next synapses of the stretch [begin, end), from `next` on. */
static void make_batch(struct maker *maker, edge_count begin, edge_count next, edge_count end)
{
    const struct assignment *assignment = maker->assignment;
    const struct batch batch = batch_of(next, end);
    name_synapses(maker, &batch);
    for (int k = 0; k < assignment->plan->n_columns; k++)
        make_column(maker, &batch, assignment->order[k]);
    if (maker->steps)
        make_delay(maker, &batch, maker->steps + (next - begin));
    if (maker->port)
        check_sent(maker, &batch);
}

/* ---- synapses that have values already ----------------------------------------------------------------------------------- */

static bool is_within(const struct position_range *range, uint32_t position)
{
    return position >= range->begin && position < range->end;
}

/* What the columns have now. */
static void read_columns(struct maker *maker, const struct batch *batch)
{
    const struct assignment *assignment = maker->assignment;
    for (int c = 0; c < assignment->plan->n_columns; c++) {
        double *numbers = &maker->slots[(assignment->plan->n_states + c) * WIDTH];
        memcpy(numbers, assignment->edges->columns[c] + batch->begin, (size_t)batch->n * sizeof *numbers);
        for (int k = batch->n; k < batch->n_padded; k++)
            numbers[k] = numbers[batch->n - 1];
    }
}

/* Those that are not selected keep what they have. */
static void remake_batch(struct maker *maker, edge_count begin)
{
    const struct synapse_assignment_plan *later = maker->assignment->later;
    const struct batch batch = batch_of(begin, edges_size(maker->assignment->edges));
    double *old = &maker->slots[(maker->assignment->plan->n_states + later->column) * WIDTH], *numbers = maker->seconds;
    name_synapses(maker, &batch);
    read_columns(maker, &batch);
    fill(numbers, later->assignment->value.number);
    make_numbers(maker, &batch, later->column, numbers);
    for (int k = 0; k < batch.n_padded; k++)
        if (is_within(&later->assignment->sources, maker->source[k]) && is_within(&later->assignment->targets, maker->target[k]))
            old[k] = numbers[k];
    check_numbers(maker, &batch, later->column, old);
    store_numbers(maker, &batch, later->column, old);
    if (maker->port)
        check_sent(maker, &batch);
}

/* Copies of a pair are counted in the order in which they stand in their row. */
static uint32_t *number_copies(const struct edges *edges, node_local n_targets)
{
    uint32_t *copy = MEMORY_NEW(edges_size(edges), uint32_t, TEMPORARY);
    uint32_t *n_met = MEMORY_NEW(n_targets, uint32_t, TEMPORARY);
    for (uint32_t row = 0; row < edges->n_rows; row++) {
        for (edge_count place = edges->row_begin[row]; place < edges->row_begin[row + 1]; place++)
            copy[place] = n_met[edges->target_local[place]]++;
        for (edge_count place = edges->row_begin[row]; place < edges->row_begin[row + 1]; place++)
            n_met[edges->target_local[place]] = 0;
    }
    memory_free(n_met);
    return copy;
}

/* ---- one piece ----------------------------------------------------------------------------------------------------------- */

/* What the makers found, together. */
static void take_findings(const struct maker *maker, struct refusal *refusal)
{
    struct connection_plan *plan = maker->assignment->plan;
    if (maker->refusal.found && (!refusal->found || maker->refusal.place < refusal->place))
        *refusal = maker->refusal;
    if (!maker->steps || maker->max_delay < maker->min_delay)
        return;
    bool first = plan->max_delay < plan->min_delay;
    plan->min_delay = first || maker->min_delay < plan->min_delay ? maker->min_delay : plan->min_delay;
    plan->max_delay = first || maker->max_delay > plan->max_delay ? maker->max_delay : plan->max_delay;
}

static void stretches_create(const struct edges *edges, struct stretches *stretches)
{
    const uint64_t most = edges_size(edges) / STRETCH + 1;
    *stretches = (struct stretches){
        .first = MEMORY_NEW(most + 1, uint32_t, TEMPORARY),
        .runs = MEMORY_NEW(most, struct runs, TEMPORARY),
    };
    edge_count begin = 0;
    for (uint32_t row = 0; row < edges->n_rows; row++) {
        edge_count length = edges->row_begin[row + 1] - begin;
        if (length < STRETCH && row + 1 < edges->n_rows)
            continue;
        begin += length;
        stretches->longest = length > stretches->longest ? length : stretches->longest;
        stretches->first[++stretches->n] = row + 1;
    }
}

static void stretches_release(struct stretches *stretches)
{
    for (uint64_t k = 0; k < stretches->n; k++)
        runs_release(&stretches->runs[k]);
    memory_free(stretches->first);
    memory_free(stretches->runs);
}

/* Rows with a refusal, and those that come later, stay as they are: it is to be said which synapse it was. */
static void make_stretch(struct maker *maker, struct runs_cutter *cutter, const struct stretches *stretches, uint64_t k)
{
    const uint32_t first = stretches->first[k], last = stretches->first[k + 1];
    const edge_count *row_begin = maker->assignment->edges->row_begin;
    for (edge_count next = row_begin[first]; next < row_begin[last]; next += WIDTH)
        make_batch(maker, row_begin[first], next, row_begin[last]);
    if (!maker->refusal.found)
        runs_cut(cutter, first, last, maker->steps, &stretches->runs[k]);
}

/* Values of all synapses, and the runs of all rows, unless a value is refused. */
static struct refusal make_values(const struct assignment *assignment, const struct stretches *stretches)
{
    struct refusal refusal = {0};
#pragma omp parallel
    {
        struct maker maker;
        struct runs_cutter cutter;
        maker_create(assignment, stretches->longest, &maker);
        runs_cutter_create(assignment->edges, (uint16_t)assignment->plan->connection->delay, assignment->n_targets, &cutter);
#pragma omp for schedule(dynamic)
        for (uint64_t k = 0; k < stretches->n; k++)
            make_stretch(&maker, &cutter, stretches, k);
#pragma omp critical
        take_findings(&maker, &refusal);
        runs_cutter_release(&cutter);
        maker_release(&maker);
    }
    return refusal;
}

static struct refusal assign_piece(struct assignment *assignment)
{
    struct edges *edges = assignment->edges;
    const struct connection_plan *plan = assignment->plan;
    edges->n_columns = plan->n_columns;
    edges->columns = MEMORY_NEW(plan->n_columns, double *, SYNAPSES);
    for (int c = 0; c < plan->n_columns; c++)
        edges->columns[c] = MEMORY_NEW(edges_size(edges), double, SYNAPSES);
    struct stretches stretches;
    stretches_create(edges, &stretches);
    runs_begin(edges, assignment->n_slabs);
    struct refusal refusal = make_values(assignment, &stretches);
    if (!refusal.found)
        runs_join(edges, stretches.runs, stretches.n);
    stretches_release(&stretches);
    return refusal;
}

static struct refusal reassign_piece(struct assignment *assignment)
{
    uint32_t *copy = number_copies(assignment->edges, assignment->n_targets);
    struct refusal refusal = {0};
    assignment->copy = copy;
#pragma omp parallel
    {
        struct maker maker;
        maker_create(assignment, 0, &maker);
#pragma omp for schedule(static)
        for (edge_count begin = 0; begin < edges_size(assignment->edges); begin += WIDTH)
            remake_batch(&maker, begin);
#pragma omp critical
        take_findings(&maker, &refusal);
        maker_release(&maker);
    }
    memory_free(copy);
    assignment->copy = NULL;
    return refusal;
}

/* ---- messages ------------------------------------------------------------------------------------------------------------ */

static int report(const struct assignment *assignment, const struct network *network, const struct refusal *refusal,
                  struct arena *arena, struct fault *fault)
{
    const struct edges *edges = assignment->edges;
    uint32_t row = 0;
    while (edges->row_begin[row + 1] <= refusal->place)
        row++;
    const struct population *source = &assignment->script->populations[edges->source];
    const struct population *target = &assignment->script->populations[edges->target];
    const struct partition *partition = &network->partition;
    node_index to = partition->scheme->index(partition->n_ranks, target, network->rank, edges->target_local[refusal->place]);
    const char *where = arena_format(arena, "of the synapse from %s[%u] to %s[%u] in '%s'", source->name, edges->row_source[row],
                                     target->name, to, assignment->plan->connection->name);
    const struct expression *expression = value_of(assignment, refusal->column)->expression;
    struct span span = expression->span;
    if (refusal->column == SENT) {
        const struct port *port = model_port(target->model, assignment->plan->connection->port);
        const struct declaration argument = argument_of(port);
        return variable_require(&argument, port->unit, refusal->value,
                                arena_format(arena, "'%s' at the port '%s' %s", port->argument, port->name, where), span, fault);
    }
    const bool is_of_delay = refusal->column == DELAY || variable_of(assignment, refusal->column)->is_delay;
    const char *name = refusal->column == DELAY ? "delay" : variable_of(assignment, refusal->column)->name;
    if (refusal->is_never_accepted)
        return source_fault(fault, span, "'%s' %s was drawn %d times and never lay within the bounds of 'redraw'", name, where,
                            REDRAW_ROUNDS);
    const char *needs = isnan(refusal->value) ? expression_count_needs(expression) : NULL;
    if (needs)
        return source_fault(fault, span, "'%s' %s is not a number (NaN): %s", name, where, needs);
    const bool needs_step = assignment->plan->connection->least_delay > 0;
    const char *least = needs_step ? arena_format(arena, "one step (%.10g ms)", assignment->script->dt * 1e3) : "0";
    if (is_of_delay)
        return source_fault(fault, span,
                            "the delay %s is %.10g ms, but must be from %s to %d steps; draw it with "
                            "redraw(…, %s, inf*ms) to stay within bounds",
                            where, refusal->value * 1e3, least, CONNECTION_DELAY_MAX, needs_step ? "dt/2" : "0*ms");
    const struct declaration *variable = variable_of(assignment, refusal->column);
    return variable_require(variable, unit_of(assignment, variable), refusal->value, arena_format(arena, "'%s' %s", name, where),
                            span, fault);
}

/* ---- the order of columns ------------------------------------------------------------------------------------------------ */

/* Columns in an order in which each stands behind those that its value uses; there are no circles. */
static void order_column(const struct connection_plan *plan, int column, bool *is_ordered, int *order, int *n)
{
    const struct program *program = &plan->columns[column].initial;
    if (is_ordered[column])
        return;
    is_ordered[column] = true;
    for (int k = 0; k < program->n_instructions; k++)
        if (program->instructions[k].opcode == OPCODE_NODE && program->instructions[k].slot >= plan->n_states &&
            program->instructions[k].slot < plan->n_states + plan->n_columns)
            order_column(plan, program->instructions[k].slot - plan->n_states, is_ordered, order, n);
    order[(*n)++] = column;
}

static int *ordered_columns(const struct connection_plan *plan)
{
    int n = 0, *order = MEMORY_NEW(plan->n_columns, int, TEMPORARY);
    bool *is_ordered = MEMORY_NEW(plan->n_columns, bool, TEMPORARY);
    for (int c = 0; c < plan->n_columns; c++)
        order_column(plan, c, is_ordered, order, &n);
    memory_free(is_ordered);
    return order;
}

/* ---- lists --------------------------------------------------------------------------------------------------------------- */

static bool has_list(const struct connection_plan *plan)
{
    bool found = plan->connection->delay_value.array;
    for (int c = 0; c < plan->n_columns; c++)
        found |= plan->connection->values[plan->columns[c].variable].array != NULL;
    return found;
}

/* Synapses of the connections 0 … n - 1 that belong together with this one. */
static uint64_t count_together(const struct script *script, const struct connection *connection, int n, const uint64_t *counts)
{
    uint64_t sum = 0;
    for (int k = 0; k < n; k++)
        sum += counts[connection->synapses < 0 ? connection->index : script->synapses[connection->synapses].connections[k]];
    return sum;
}

/* Synapses that are counted before those of the connection. */
static uint64_t count_before(const struct script *script, const struct connection *connection, const uint64_t *counts)
{
    int n = 0;
    while (connection->synapses >= 0 && script->synapses[connection->synapses].connections[n] != connection->index)
        n++;
    return count_together(script, connection, n, counts);
}

static int check_list(const struct script *script, const struct connection *connection, const char *name,
                      const struct value *value, const uint64_t *counts, struct fault *fault)
{
    uint64_t n = value->array ? count_together(script, connection, value->list_connections, counts) : 0;
    if (!value->array || n == value->n_array)
        return 0;
    return source_fault(fault, value->expression->span,
                        "'%s' needs one number for each of the %llu synapses, but this list has %llu", name,
                        (unsigned long long)n, (unsigned long long)value->n_array);
}

static int check_lists(const struct plan *plan, const uint64_t *counts, struct fault *fault)
{
    for (int k = 0; k < plan->script->n_connections; k++) {
        const struct connection_plan *connection = &plan->connections[k];
        TRY(check_list(plan->script, connection->connection, "delay", &connection->connection->delay_value, counts, fault));
        for (int c = 0; c < connection->n_columns; c++) {
            int variable = connection->columns[c].variable;
            TRY(check_list(plan->script, connection->connection, connection->synapse->variables[variable].name,
                           &connection->connection->values[variable], counts, fault));
        }
        for (int a = 0; a < connection->n_assignments; a++) {
            const struct synapse_assignment *assignment = connection->assignments[a].assignment;
            TRY(check_list(plan->script, connection->connection, connection->synapse->variables[assignment->variable].name,
                           &assignment->value, counts, fault));
        }
    }
    return 0;
}

/* ---- a connection -------------------------------------------------------------------------------------------------------- */

/* What holds for all pieces of a connection. */
struct task {
    struct network *network;
    struct connection_plan *plan;
    int n_slabs;
    const uint64_t *number; /* of the synapses in all pieces, or NULL: see struct assignment */
    uint64_t numbers_before;
    const struct end_numbers *ends;
    const struct synapse_assignment_plan *later; /* of synapses that have values; NULL: they get their first ones */
    struct arena *arena;
};

/* Fault: the first of this rank, whose number among the edges is *place. */
static int assign_connection(const struct task *task, uint64_t *place, struct fault *fault)
{
    struct network *network = task->network;
    struct connection_plan *plan = task->plan;
    const struct connection *connection = plan->connection;
    struct set_view source, target;
    set_view_create(connection->source, &source);
    set_view_create(connection->target, &target);
    int *order = ordered_columns(plan);
    double *shared = shared_values(&plan->shared, plan->synapse, connection->values, network->script->dt, 0, MEMORY_TEMPORARY);
    node_id **position = MEMORY_NEW(target.n_ranges, node_id *, TEMPORARY);
    for (int t = 0; t < target.n_ranges; t++)
        position[t] = set_positions_here(&target, t, network->partition,
                                         &network->script->populations[target.ranges[t].population], network->rank);
    const uint64_t *number = task->number;
    for (int piece = 0; piece < source.n_ranges * target.n_ranges && !fault->status; piece++) {
        int t = piece % target.n_ranges, k = network->connection_begin[connection->index] + piece;
        const struct population *population = &network->script->populations[target.ranges[t].population];
        struct assignment assignment = {
            .script = network->script,
            .plan = plan,
            .edges = &network->edges[k],
            .source = &source,
            .source_range = piece / target.n_ranges,
            .target_position = position[t],
            .shared = shared,
            .order = order,
            .n_targets = network->partition.scheme->count(network->partition.n_ranks, population, network->rank),
            .n_slabs = task->n_slabs,
            .number = number,
            .numbers_before = task->numbers_before,
            .ends = task->ends,
            .later = task->later,
        };
        struct refusal refusal = task->later ? reassign_piece(&assignment) : assign_piece(&assignment);
        *place = (uint64_t)k;
        if (refusal.found)
            report(&assignment, network, &refusal, task->arena, fault);
        number = number ? number + edges_size(assignment.edges) : NULL;
    }
    for (int t = 0; t < target.n_ranges; t++)
        memory_free(position[t]);
    memory_free(position);
    memory_free(shared);
    memory_free(order);
    set_view_release(&source);
    set_view_release(&target);
    return fault->status;
}

/* The same on every rank: one that has no synapse of a connection knows nothing of its delays. */
static void agree_on_delays(struct network *network, struct connection_plan *plan)
{
    bool known = plan->max_delay >= plan->min_delay;
    int64_t lowest = known ? plan->min_delay : INT64_MAX, highest = known ? plan->max_delay : 0;
    MPI_Allreduce(MPI_IN_PLACE, &lowest, 1, MPI_INT64_T, MPI_MIN, network->communicator);
    MPI_Allreduce(MPI_IN_PLACE, &highest, 1, MPI_INT64_T, MPI_MAX, network->communicator);
    plan->min_delay = lowest < INT64_MAX ? lowest : 1;
    plan->max_delay = highest;
}

/* Pathways that have delays of their own, as a column has them. */
static void find_pathway_delays(const struct network *network, struct connection_plan *plan)
{
    const int *pieces = &network->connection_begin[plan->connection->index];
    for (int p = 0; p < plan->pathways.n; p++) {
        struct pathway_plan *pathway = &plan->pathways.list[p];
        int64_t least = INT64_MAX, most = -1;
        if (pathway->delay_column < 0)
            continue;
        for (int piece = pieces[0]; piece < pieces[1]; piece++)
            for (edge_count k = 0; k < edges_size(&network->edges[piece]); k++) {
                const step_count steps = script_steps(network->script, network->edges[piece].columns[pathway->delay_column][k]);
                least = steps < least ? steps : least;
                most = steps > most ? steps : most;
            }
        MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_INT64_T, MPI_MIN, network->communicator);
        MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_INT64_T, MPI_MAX, network->communicator);
        pathway->min_delay = most < 0 ? 1 : least;
        pathway->max_delay = most < 0 ? 0 : most;
    }
}

/* ---- memory -------------------------------------------------------------------------------------------------------------- */

#define DELAYS_EXPECTED 100 /* different ones in a row */

/* Of the runs of rows: for one slab, as more of them cost 8 bytes per row. */
static double runs_bytes(const struct connection_plan *plan, double n_synapses, double n_rows)
{
    double n_runs = plan->delay.n_outputs ? n_rows * DELAYS_EXPECTED : n_rows;
    return (sizeof(uint32_t) + sizeof(uint16_t)) * (n_runs < n_synapses ? n_runs : n_synapses);
}

/* What general pathways keep of a synapse beside its columns (engine/pathway_path.h): when its last event was, its place in the
 * list of its target's synapses, its number among those of the same nodes, and the delays that rows are not cut by. */
static size_t pathway_bytes(const struct pathways_plan *pathways)
{
    bool has_on_post = false, draws = false;
    size_t delays = 0;
    for (int k = 0; k < pathways->n; k++) {
        const struct pathway_plan *pathway = &pathways->list[k];
        const bool is_on_post = pathway->pathway->kind == PATHWAY_POST;
        has_on_post |= is_on_post;
        draws |= program_draws(&pathway->program);
        delays += pathway->delay_differs && (is_on_post || pathway->delay_column >= 0) ? sizeof(uint16_t) : 0;
    }
    return (pathways->has_events ? sizeof(step_count) : 0) + (has_on_post ? sizeof(edge_count) : 0) +
           (draws ? sizeof(uint8_t) : 0) + delays;
}

/* What pieces of one delay keep besides (engine/delay_pieces.h): targets, columns and places again, and their rows. */
static double piece_bytes(const struct connection_plan *plan, double n_synapses, double n_rows)
{
    if (!connection_plan_has_delay_pieces(plan))
        return 0;
    const double n_runs = n_rows * DELAYS_EXPECTED;
    return (double)(sizeof(node_local) + sizeof(edge_count) + plan->n_columns * sizeof(double)) * n_synapses +
           (sizeof(node_index) + sizeof(edge_count)) * (n_runs < n_synapses ? n_runs : n_synapses);
}

/* Columns, what goes with them, and the runs of rows. */
static double stored_bytes(const struct connection_plan *plan, double n_synapses, double n_rows)
{
    return (double)(plan->n_columns * sizeof(double) + pathway_bytes(&plan->pathways)) * n_synapses +
           sizeof(edge_count) * n_rows + runs_bytes(plan, n_synapses, n_rows) + piece_bytes(plan, n_synapses, n_rows);
}

double values_bytes(const struct plan *plan, int n_ranks)
{
    double stored = 0, most = 0;
    for (int k = 0; k < plan->script->n_connections; k++) {
        const struct connection_plan *connection = &plan->connections[k];
        if (!connection->n_columns && !connection->delay.n_outputs && !connection->pathways.n)
            continue;
        double n = network_expected(plan->script, connection->connection) / n_ranks;
        double n_sources = (double)connection->connection->source->size, n_rows = n < n_sources ? n : n_sources;
        double twice = runs_bytes(connection, n, n_rows); /* while runs are brought together */
        stored += stored_bytes(connection, n, n_rows);
        most = twice > most ? twice : most;
    }
    return stored + most;
}

static bool uses_distance(const struct connection_plan *plan)
{
    bool uses = program_uses(&plan->delay, OPCODE_DISTANCE);
    for (int c = 0; c < plan->n_columns; c++)
        uses |= program_uses(&plan->columns[c].initial, OPCODE_DISTANCE);
    return uses;
}

/* Collective, also where this rank has failed. */
static void reassign(struct network *network, struct connection_plan *plan, const struct synapse_assignment_plan *later,
                     double *const *ends_now, const uint64_t *counts, struct arena *arena, uint64_t *place, struct fault *fault)
{
    struct end_numbers ends = {0};
    struct task task = {.network = network, .plan = plan, .ends = &ends, .later = later, .arena = arena};
    uint64_t *number = NULL, n;
    if (later->assignment->value.array) {
        task.number = number = network_number(network, plan->connection->index, &n);
        task.numbers_before = count_before(network->script, plan->connection, counts);
    }
    const struct script_moment at = {later->assignment->epoch, later->assignment->n_assignments};
    end_numbers_create(network, plan->connection, &later->ends, at, program_uses(&later->value, OPCODE_DISTANCE), ends_now,
                       &ends);
    if (!fault->status)
        assign_connection(&task, place, fault);
    end_numbers_release(&ends);
    memory_free(number);
}

/* What the script assigns to the synapses before they run. */
static void reassign_first(struct network *network, struct connection_plan *plan, const uint64_t *counts, struct arena *arena,
                           uint64_t *place, struct fault *fault)
{
    const int epoch = network->script->projections[plan->connection->projection].epoch;
    for (int k = 0; k < plan->n_assignments; k++)
        if (plan->assignments[k].assignment->epoch == epoch)
            reassign(network, plan, &plan->assignments[k], NULL, counts, arena, place, fault);
}

/* Of the faults of all ranks that of the first edges. */
static int agree(const struct network *network, uint64_t place, struct fault *fault)
{
    return fault_share_first(fault, place * (uint64_t)network->partition.n_ranks + (uint64_t)network->rank,
                             network->communicator);
}

int network_reassign(struct network *network, struct plan *plan, const struct synapse_assignment_plan *later,
                     double *const *ends_now, struct fault *fault)
{
    uint64_t *counts = MEMORY_NEW(network->script->n_connections, uint64_t, TEMPORARY);
    uint64_t place = 0;
    struct arena *arena = arena_create();
    network_count(network, counts);
    reassign(network, &plan->connections[later->assignment->connection], later, ends_now, counts, arena, &place, fault);
    arena_destroy(&arena);
    memory_free(counts);
    return agree(network, place, fault);
}

int network_assign(struct network *network, struct plan *plan, int n_slabs, struct fault *fault)
{
    const struct script *script = network->script;
    uint64_t *counts = MEMORY_NEW(script->n_connections, uint64_t, TEMPORARY);
    network_count(network, counts);
    if (check_lists(plan, counts, fault)) {
        memory_free(counts);
        return fault->status;
    }
    struct arena *arena = arena_create();
    uint64_t place = 0;
    for (int k = 0; k < script->n_connections; k++) {
        struct connection_plan *connection = &plan->connections[k];
        struct task task = {.network = network, .plan = connection, .n_slabs = n_slabs, .arena = arena};
        uint64_t *number = NULL, n;
        if (has_list(connection)) { /* which all ranks find out together, whether or not one of them has failed */
            task.number = number = network_number(network, k, &n);
            task.numbers_before = count_before(script, connection->connection, counts);
        }
        bool differs = connection->n_columns || connection->delay.n_outputs;
        struct end_numbers ends = {0};
        const struct script_moment at = {script->projections[connection->connection->projection].epoch,
                                         connection->connection->n_node_assignments};
        if (differs && (!fault->status || end_numbers_are_collective(&connection->ends)))
            end_numbers_create(network, connection->connection, &connection->ends, at, uses_distance(connection), NULL, &ends);
        task.ends = &ends;
        if (differs && !fault->status)
            assign_connection(&task, &place, fault);
        end_numbers_release(&ends);
        memory_free(number);
        reassign_first(network, connection, counts, arena, &place, fault);
    }
    arena_destroy(&arena);
    memory_free(counts);
    TRY(agree(network, place, fault));
    for (int k = 0; k < script->n_connections; k++)
        if (plan->connections[k].delay.n_outputs)
            agree_on_delays(network, &plan->connections[k]);
    for (int k = 0; k < script->n_connections; k++)
        find_pathway_delays(network, &plan->connections[k]);
    plan_find_delays(plan);
    return 0;
}
