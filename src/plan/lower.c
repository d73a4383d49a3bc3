#include "plan/lower.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "language/functions.h"
#include "plan/plan.h"

void shared_table_begin(struct shared_table *table, struct arena *arena)
{
    *table = (struct shared_table){0};
    program_begin(&table->setup, arena);
}

struct lowering lowering_begin(struct arena *arena, const struct model *model, const struct place *places,
                               struct shared_table *shared, struct fault *fault)
{
    return (struct lowering){
        .arena = arena,
        .model = model,
        .places = places,
        .shared = shared,
        .assigned = ARENA_NEW(arena, model->n_variables, struct lowered),
        .is_assigned = ARENA_NEW(arena, model->n_variables, bool),
        .fault = fault,
    };
}

void lowering_program(struct lowering *lowering, struct program *program)
{
    program_begin(program, lowering->arena);
    lowering->program = program;
    lowering->has_sent = false;
    if (lowering->additions)
        memset(lowering->additions->is_made, 0, (size_t)lowering->additions->n * sizeof(bool));
    for (int k = 0; lowering->ends && k < lowering->ends->n; k++)
        lowering->ends->names[k].is_written = false;
    lowering->redraws = false;
    lowering->draws_for = NULL;
    lowering->branch = NULL;
    lowering_stage(lowering, NULL, NULL);
    memset(lowering->is_assigned, 0, (size_t)lowering->model->n_variables * sizeof *lowering->is_assigned);
}

void lowering_stage(struct lowering *lowering, const struct lowered *states, const struct lowered *time)
{
    lowering->stage = states;
    lowering->has_stage_time = time != NULL;
    if (time)
        lowering->stage_time = *time;
}

/* ---- uniform values and the shared table ---- */

int shared_slot(struct lowering *lowering, struct lowered value)
{
    assert(value.uniform);
    struct shared_table *table = lowering->shared;
    if (value.reg >= table->capacity) {
        int capacity = 2 * value.reg + 32;
        int *larger = ARENA_NEW(lowering->arena, capacity, int);
        if (table->capacity)
            memcpy(larger, table->slot_of_register, (size_t)table->capacity * sizeof *larger);
        table->slot_of_register = larger;
        table->capacity = capacity;
    }
    if (!table->slot_of_register[value.reg]) {
        program_output(&table->setup, table->n_shared, value.reg);
        table->slot_of_register[value.reg] = ++table->n_shared;
    }
    return table->slot_of_register[value.reg] - 1;
}

/* A literal goes into the program as it is; anything else that is uniform is read from the shared table. Truth values pass
 * through the table as numbers. */
int lower_register(struct lowering *lowering, struct lowered value)
{
    if (!value.uniform)
        return value.reg;
    const struct instruction *made_by = &lowering->shared->setup.instructions[value.reg];
    if (made_by->opcode == OPCODE_CONSTANT)
        return program_constant(lowering->program, made_by->value);
    if (!opcode_gives_mask(made_by->opcode))
        return program_leaf(lowering->program, OPCODE_SHARED, shared_slot(lowering, value));
    struct lowered number = {true, program_operation(&lowering->shared->setup, OPCODE_NUMBER_OF, value.reg, -1, -1)};
    int table = program_leaf(lowering->program, OPCODE_SHARED, shared_slot(lowering, number));
    return program_operation(lowering->program, OPCODE_NOT_EQUAL, table, program_constant(lowering->program, 0), -1);
}

int lower_stored(struct lowering *lowering, struct lowered value)
{
    int reg = lower_register(lowering, value);
    if (opcode_gives_mask(lowering->program->instructions[reg].opcode))
        reg = program_operation(lowering->program, OPCODE_NUMBER_OF, reg, -1, -1);
    return reg;
}

struct lowered lower_constant(struct lowering *lowering, double value)
{
    return (struct lowered){true, program_constant(&lowering->shared->setup, value)};
}

struct lowered lower_leaf(struct lowering *lowering, enum opcode opcode, int slot)
{
    return (struct lowered){false, program_leaf(lowering->program, opcode, slot)};
}

static struct lowered parameter_leaf(struct lowering *lowering, int slot)
{
    return (struct lowered){true, program_leaf(&lowering->shared->setup, OPCODE_SHARED, slot)};
}

/* ---- random numbers ---- */

/* Slot of the key of a draw (entered if it is new). */
static int draw_slot(struct lowering *lowering, const char *name, int call_site, const struct expression *call)
{
    struct shared_table *table = lowering->shared;
    const struct node_plan *nodes = lowering->nodes;
    int n = table->n_draws;
    for (int k = 0; k < n; k++)
        if (table->draws[k].call_site == call_site && strcmp(table->draws[k].name, name) == 0)
            return table->draws[k].slot;
    struct step_draw *longer = ARENA_NEW(lowering->arena, n + 1, struct step_draw);
    if (n)
        memcpy(longer, table->draws, (size_t)n * sizeof *longer);
    longer[n] = (struct step_draw){.name = name, .call = call, .call_site = call_site, .slot = table->n_shared};
    longer[n].key = random_key(nodes->seed, RANDOM_STATE, nodes->population->name, name, (uint32_t)call_site);
    table->draws = longer;
    table->n_draws = n + 1;
    table->n_shared += 2;
    return longer[n].slot;
}

struct lowered lower_draw(struct lowering *lowering, enum opcode opcode, const char *name, int call_site)
{
    return lower_leaf(lowering, opcode, draw_slot(lowering, name, call_site, NULL));
}

/* rand() and randn(): for each node and step, or for a value. */
static struct lowered lower_random_number(struct lowering *lowering, const struct expression *call, enum opcode of_step,
                                          enum opcode of_value)
{
    if (!lowering->draws_for)
        return lower_leaf(lowering, of_value, call->call_site);
    return lower_leaf(lowering, of_step, draw_slot(lowering, lowering->draws_for, call->call_site, call));
}

/* The mask of the lanes in which what is lowered is of interest. */
static int lower_interest(struct lowering *lowering)
{
    struct program *program = lowering->program;
    const int zero = program_constant(program, 0);
    int interest = program_operation(program, OPCODE_EQUAL, zero, zero, -1);
    for (const struct branch *branch = lowering->branch; branch; branch = branch->outer) {
        int taken = lower_register(lowering, branch->condition);
        if (!branch->where_it_holds)
            taken = program_operation(program, OPCODE_NOT, taken, -1, -1);
        interest = branch == lowering->branch ? taken : program_operation(program, OPCODE_AND, interest, taken, -1);
    }
    return interest;
}

/* poisson(mean) and binomial(trials, probability): likewise, but only where they are of interest. It takes a while to draw them,
 * and arguments that make no sense elsewhere do no harm. */
static struct lowered lower_count(struct lowering *lowering, const struct expression *call, const struct lowered arguments[2])
{
    const bool is_poisson = call->function == FUNCTION_POISSON, is_of_step = lowering->draws_for != NULL;
    const int slot = is_of_step ? draw_slot(lowering, lowering->draws_for, call->call_site, call) : call->call_site;
    const enum opcode opcode = is_of_step ? (is_poisson ? OPCODE_DRAWN_POISSON : OPCODE_DRAWN_BINOMIAL)
                                          : (is_poisson ? OPCODE_POISSON : OPCODE_BINOMIAL);
    lowering->shared->draws_counts |= is_of_step;
    const int first = lower_register(lowering, arguments[0]);
    const int second = is_poisson ? -1 : lower_register(lowering, arguments[1]);
    return (struct lowered){false, program_count(lowering->program, opcode, slot, first, second, lower_interest(lowering))};
}

/* ---- operations ---- */

struct lowered lower_operation(struct lowering *lowering, enum opcode opcode, struct lowered a, struct lowered b,
                               struct lowered c)
{
    int n = opcode_operands(opcode);
    bool uniform = a.uniform && (n < 2 || b.uniform) && (n < 3 || c.uniform);
    if (uniform)
        return (struct lowered){
            true, program_operation(&lowering->shared->setup, opcode, a.reg, n < 2 ? -1 : b.reg, n < 3 ? -1 : c.reg)};
    int ra = lower_register(lowering, a);
    int rb = n < 2 ? -1 : lower_register(lowering, b);
    int rc = n < 3 ? -1 : lower_register(lowering, c);
    return (struct lowered){false, program_operation(lowering->program, opcode, ra, rb, rc)};
}

struct lowered lower_unary(struct lowering *lowering, enum opcode opcode, struct lowered a)
{
    return lower_operation(lowering, opcode, a, a, a);
}

struct lowered lower_binary(struct lowering *lowering, enum opcode opcode, struct lowered a, struct lowered b)
{
    if (opcode == OPCODE_DIVIDE && b.uniform && !a.uniform) {
        struct lowered reciprocal = lower_operation(lowering, OPCODE_DIVIDE, lower_constant(lowering, 1), b, b);
        return lower_operation(lowering, OPCODE_MULTIPLY, a, reciprocal, reciprocal);
    }
    return lower_operation(lowering, opcode, a, b, b);
}

/* x**n for a whole number n: products, from the left, by repeated squaring; x**-n is the reciprocal of x**n. */
static struct lowered lower_whole_power(struct lowering *lowering, struct lowered base, int exponent)
{
    if (exponent < 0)
        return lower_binary(lowering, OPCODE_DIVIDE, lower_constant(lowering, 1), lower_whole_power(lowering, base, -exponent));
    if (exponent == 0)
        return lower_constant(lowering, 1);
    if (exponent == 1)
        return base;
    struct lowered half = lower_whole_power(lowering, base, exponent / 2);
    struct lowered even = lower_binary(lowering, OPCODE_MULTIPLY, half, half);
    return exponent % 2 ? lower_binary(lowering, OPCODE_MULTIPLY, even, base) : even;
}

static bool whole_literal(const struct expression *expression, int *value)
{
    enum { LARGEST = 64 };
    int sign = 1;
    while (expression->kind == EXPRESSION_UNARY && expression->operator== OPERATOR_NEGATE) {
        sign = -sign;
        expression = expression->children[0];
    }
    if (expression->kind != EXPRESSION_NUMBER || expression->has_unit || fabs(expression->number) > LARGEST ||
        expression->number != (int)expression->number)
        return false;
    *value = sign * (int)expression->number;
    return true;
}

static struct lowered lower_power(struct lowering *lowering, const struct expression *expression)
{
    struct lowered base = lower_expression(lowering, expression->children[0]);
    int whole;
    if (whole_literal(expression->children[1], &whole))
        return lower_whole_power(lowering, base, whole);
    return lower_binary(lowering, OPCODE_POWER, base, lower_expression(lowering, expression->children[1]));
}

/* ---- expressions ---- */

static const enum opcode operator_opcodes[] = {
    [OPERATOR_NEGATE] = OPCODE_NEGATE,
    [OPERATOR_NOT] = OPCODE_NOT,
    [OPERATOR_ADD] = OPCODE_ADD,
    [OPERATOR_SUBTRACT] = OPCODE_SUBTRACT,
    [OPERATOR_MULTIPLY] = OPCODE_MULTIPLY,
    [OPERATOR_DIVIDE] = OPCODE_DIVIDE,
    [OPERATOR_FLOOR_DIVIDE] = OPCODE_FLOOR_DIVIDE,
    [OPERATOR_MODULO] = OPCODE_MODULO,
    [OPERATOR_POWER] = OPCODE_POWER,
    [OPERATOR_LESS] = OPCODE_LESS,
    [OPERATOR_LESS_EQUAL] = OPCODE_LESS_EQUAL,
    [OPERATOR_GREATER] = OPCODE_GREATER,
    [OPERATOR_GREATER_EQUAL] = OPCODE_GREATER_EQUAL,
    [OPERATOR_EQUAL] = OPCODE_EQUAL,
    [OPERATOR_NOT_EQUAL] = OPCODE_NOT_EQUAL,
    [OPERATOR_AND] = OPCODE_AND,
    [OPERATOR_OR] = OPCODE_OR,
};

/* Functions that are one operation. */
static const enum opcode function_opcodes[FUNCTIONS] = {
    [FUNCTION_ABS] = OPCODE_ABSOLUTE,  [FUNCTION_ARCCOS] = OPCODE_ARCCOS, [FUNCTION_ARCSIN] = OPCODE_ARCSIN,
    [FUNCTION_ARCTAN] = OPCODE_ARCTAN, [FUNCTION_CEIL] = OPCODE_CEIL,     [FUNCTION_COS] = OPCODE_COS,
    [FUNCTION_COSH] = OPCODE_COSH,     [FUNCTION_EXP] = OPCODE_EXP,       [FUNCTION_EXPM1] = OPCODE_EXPM1,
    [FUNCTION_EXPREL] = OPCODE_EXPREL, [FUNCTION_FLOOR] = OPCODE_FLOOR,   [FUNCTION_LOG] = OPCODE_LOG,
    [FUNCTION_LOG10] = OPCODE_LOG10,   [FUNCTION_LOG1P] = OPCODE_LOG1P,   [FUNCTION_MAX] = OPCODE_MAXIMUM,
    [FUNCTION_MIN] = OPCODE_MINIMUM,   [FUNCTION_MOD] = OPCODE_MODULO,    [FUNCTION_SIGN] = OPCODE_SIGN,
    [FUNCTION_SIN] = OPCODE_SIN,       [FUNCTION_SINH] = OPCODE_SINH,     [FUNCTION_SQRT] = OPCODE_SQRT,
    [FUNCTION_TAN] = OPCODE_TAN,       [FUNCTION_TANH] = OPCODE_TANH,
};

struct lowered lower_dt(struct lowering *lowering)
{
    return parameter_leaf(lowering, lowering->model->n_variables);
}

struct lowered lower_time(struct lowering *lowering)
{
    return lowering->has_stage_time ? lowering->stage_time : lower_leaf(lowering, OPCODE_TIME, 0);
}

/* steps(time) = ceil(rint(time/1 us)*(1 us/dt) - 1e-9): NEST rounds durations to its tic of 1 us, then up to whole steps. */
static struct lowered lower_steps(struct lowering *lowering, struct lowered time)
{
    struct lowered tic = lower_constant(lowering, 1e-6);
    struct lowered tics = lower_unary(lowering, OPCODE_ROUND, lower_binary(lowering, OPCODE_DIVIDE, time, tic));
    struct lowered steps_per_tic = lower_binary(lowering, OPCODE_DIVIDE, tic, lower_dt(lowering));
    struct lowered steps = lower_binary(lowering, OPCODE_MULTIPLY, tics, steps_per_tic);
    return lower_unary(lowering, OPCODE_CEIL, lower_binary(lowering, OPCODE_SUBTRACT, steps, lower_constant(lowering, 1e-9)));
}

struct lowered lower_timestep(struct lowering *lowering, struct lowered time, struct lowered dt)
{
    struct lowered margin = lower_binary(lowering, OPCODE_MULTIPLY, lower_constant(lowering, 1e-3), dt);
    struct lowered padded = lower_binary(lowering, OPCODE_ADD, time, margin);
    return lower_unary(lowering, OPCODE_TRUNCATE, lower_operation(lowering, OPCODE_DIVIDE, padded, dt, dt));
}

/* redraw(x, low, high) is x, on the condition that low <= x <= high. Several in one value are drawn again together until all
 * conditions hold: their draws are independent of each other, so each has the distribution that it would have alone. */
static struct lowered lower_redraw(struct lowering *lowering, const struct lowered arguments[3])
{
    struct lowered above = lower_binary(lowering, OPCODE_LESS_EQUAL, arguments[1], arguments[0]);
    struct lowered below = lower_binary(lowering, OPCODE_LESS_EQUAL, arguments[0], arguments[2]);
    struct lowered within = lower_binary(lowering, OPCODE_AND, above, below);
    lowering->accepted = lowering->redraws ? lower_binary(lowering, OPCODE_AND, lowering->accepted, within) : within;
    lowering->redraws = true;
    return arguments[0];
}

static struct list_source list_of(const struct expression *list)
{
    if (list->kind == EXPRESSION_NAME && list->reference.kind == REFERENCE_VARIABLE)
        return (struct list_source){.variable = list->reference.index};
    return (struct list_source){.variable = -1, .numbers = list->list, .n = list->n_list};
}

static bool list_equal(const struct list_source *a, const struct list_source *b)
{
    return a->variable == b->variable && a->numbers == b->numbers && a->n == b->n;
}

/* Where the shared table tells of a pair of lists (entered if it is new). */
static int step_lists_slot(struct lowering *lowering, struct list_source times, struct list_source values)
{
    struct shared_table *table = lowering->shared;
    int n = table->n_step_lists;
    for (int k = 0; k < n; k++)
        if (list_equal(&table->step_lists[k].times, &times) && list_equal(&table->step_lists[k].values, &values))
            return table->step_lists[k].slot;
    struct step_lists *longer = ARENA_NEW(lowering->arena, n + 1, struct step_lists);
    if (n)
        memcpy(longer, table->step_lists, (size_t)n * sizeof *longer);
    longer[n] = (struct step_lists){table->n_shared, times, values};
    table->step_lists = longer;
    table->n_step_lists = n + 1;
    table->n_shared += 2;
    return longer[n].slot;
}

/* A time has been reached a thousandth of a step before it, so that a multiple of dt is met in its step whatever the rounding. */
static struct lowered lower_step_value(struct lowering *lowering, const struct expression *call)
{
    struct lowered time = lower_expression(lowering, call->children[2]), before = lower_expression(lowering, call->children[3]);
    struct lowered margin = lower_binary(lowering, OPCODE_MULTIPLY, lower_constant(lowering, 1e-3), lower_dt(lowering));
    int slot = step_lists_slot(lowering, list_of(call->children[0]), list_of(call->children[1]));
    int padded = lower_register(lowering, lower_binary(lowering, OPCODE_ADD, time, margin));
    return (struct lowered){false, program_step_value(lowering->program, slot, padded, lower_register(lowering, before))};
}

/* Where the shared table tells of an array (entered if it is new). */
static int array_slot(struct lowering *lowering, const struct expression *call)
{
    struct shared_table *table = lowering->shared;
    int n = table->n_arrays;
    for (int k = 0; k < n; k++)
        if (table->arrays[k].call->list == call->list && table->arrays[k].call->list_dt == call->list_dt)
            return table->arrays[k].slot;
    struct shared_array *longer = ARENA_NEW(lowering->arena, n + 1, struct shared_array);
    if (n)
        memcpy(longer, table->arrays, (size_t)n * sizeof *longer);
    longer[n] = (struct shared_array){table->n_shared, call};
    table->arrays = longer;
    table->n_arrays = n + 1;
    table->n_shared += ARRAY_HEAD;
    return longer[n].slot;
}

/* The column i of a population must be there. */
static void check_columns(struct lowering *lowering, const struct expression *call)
{
    const struct population *population = lowering->nodes ? lowering->nodes->population : NULL;
    const struct expression *column = call->n_children == 2 ? call->children[1] : NULL;
    bool is_index = column && column->kind == EXPRESSION_NAME && column->reference.kind == REFERENCE_INDEX_I;
    if (population && is_index && population->size > call->n_columns)
        source_fault(lowering->fault, call->span, "'%s' has %llu columns, but population '%s' has %u nodes", call->name,
                     (unsigned long long)call->n_columns, population->name, population->size);
}

/* trunc((t/fine_step + 0.5)/points), as timed_array_row */
static struct lowered lower_timed_array(struct lowering *lowering, const struct expression *call)
{
    struct lowered time = lower_expression(lowering, call->children[0]);
    struct lowered column = call->n_children == 2 ? lower_expression(lowering, call->children[1]) : lower_constant(lowering, 0);
    int slot = array_slot(lowering, call);
    check_columns(lowering, call);
    struct lowered fine_step = lower_leaf(lowering, OPCODE_SHARED, slot + ARRAY_FINE_STEP);
    struct lowered points = lower_leaf(lowering, OPCODE_SHARED, slot + ARRAY_POINTS);
    struct lowered place = lower_operation(lowering, OPCODE_DIVIDE, time, fine_step, fine_step);
    place = lower_binary(lowering, OPCODE_ADD, place, lower_constant(lowering, 0.5));
    place = lower_unary(lowering, OPCODE_TRUNCATE, lower_operation(lowering, OPCODE_DIVIDE, place, points, points));
    int row = lower_register(lowering, place);
    return (struct lowered){false, program_element(lowering->program, slot, row, lower_register(lowering, column))};
}

static struct lowered lower_where(struct lowering *lowering, const struct expression *call)
{
    struct branch branch = {.condition = lower_expression(lowering, call->children[0]), .outer = lowering->branch};
    struct lowered sides[2];
    lowering->branch = &branch;
    for (int k = 0; k < 2; k++) {
        branch.where_it_holds = k == 0;
        sides[k] = lower_expression(lowering, call->children[1 + k]);
    }
    lowering->branch = branch.outer;
    return lower_operation(lowering, OPCODE_SELECT, branch.condition, sides[0], sides[1]);
}

static struct lowered lower_call(struct lowering *lowering, const struct expression *call)
{
    struct lowered arguments[3] = {{0}};
    if (call->function == FUNCTION_WHERE)
        return lower_where(lowering, call);
    if (call->function == FUNCTION_STEP_VALUE)
        return lower_step_value(lowering, call);
    if (call->function == FUNCTION_TIMED_ARRAY)
        return lower_timed_array(lowering, call);
    if (function_signatures[call->function].rule == DIMENSION_LIST) /* len(): the checker has counted */
        return lower_constant(lowering, call->reference.value);
    assert(call->n_children <= 3);
    for (int k = 0; k < call->n_children; k++)
        arguments[k] = lower_expression(lowering, call->children[k]);
    switch ((enum function)call->function) {
    case FUNCTION_CLIP:
        return lower_binary(lowering, OPCODE_MINIMUM, lower_binary(lowering, OPCODE_MAXIMUM, arguments[0], arguments[1]),
                            arguments[2]);
    case FUNCTION_INT:
        return lower_unary(lowering, call->children[0]->type == TYPE_BOOLEAN ? OPCODE_NUMBER_OF : OPCODE_TRUNCATE, arguments[0]);
    case FUNCTION_STEPS:
        return lower_steps(lowering, arguments[0]);
    case FUNCTION_TIMESTEP:
        return lower_timestep(lowering, arguments[0], arguments[1]);
    case FUNCTION_RAND:
        return lower_random_number(lowering, call, OPCODE_DRAWN_UNIFORM, OPCODE_UNIFORM);
    case FUNCTION_RANDN:
        return lower_random_number(lowering, call, OPCODE_DRAWN_NORMAL, OPCODE_NORMAL);
    case FUNCTION_RANDN_PER_CONNECTION:
        source_fault(lowering->fault, call->span, "what is drawn for each connection can be used by couplings (NAME_pre) only");
        return lower_constant(lowering, 0);
    case FUNCTION_REDRAW:
        return lower_redraw(lowering, arguments);
    case FUNCTION_POISSON:
    case FUNCTION_BINOMIAL:
        return lower_count(lowering, call, arguments);
    default:
        return lower_operation(lowering, function_opcodes[call->function], arguments[0], arguments[1], arguments[2]);
    }
}

/* A variable that has a place in memory. */
static struct lowered lower_place(struct lowering *lowering, int variable)
{
    const struct place *place = &lowering->places[variable];
    struct lowered stored = place->kind == PLACE_SHARED ? parameter_leaf(lowering, variable)
                                                        : lower_leaf(lowering, OPCODE_NODE, place->slot);
    if (lowering->model->variables[variable].type == TYPE_BOOLEAN)
        return lower_binary(lowering, OPCODE_NOT_EQUAL, stored, lower_constant(lowering, 0));
    return stored;
}

/* What the engine summed; and where couplings read the node's own value too, their weights times that value as it is here. */
static struct lowered lower_input(struct lowering *lowering, int input)
{
    const struct node_plan *nodes = lowering->nodes;
    struct lowered sum = lower_leaf(lowering, OPCODE_INPUT, input);
    for (int k = 0; nodes && k < nodes->n_own_terms; k++) {
        if (nodes->own_terms[k].input != input)
            continue;
        struct lowered weight = lower_leaf(lowering, OPCODE_INPUT, nodes->n_inputs + k);
        struct lowered own = lower_variable(lowering, nodes->own_terms[k].variable);
        sum = lower_binary(lowering, OPCODE_ADD, sum, lower_binary(lowering, OPCODE_MULTIPLY, weight, own));
    }
    return sum;
}

/* What is to be held in the step that begins: as it is now, unless that has been found before `every` changed what it depends on.
 */
static struct lowered lower_held(struct lowering *lowering, int variable)
{
    const char *const draws_for = lowering->draws_for;
    lowering->draws_for = arena_format(lowering->arena, "%s in the step", lowering->model->variables[variable].name);
    struct lowered value = lower_expression(lowering, lowering->model->variables[variable].equation);
    lowering->draws_for = draws_for;
    int slot = lowering->nodes->held_step_slot;
    if (slot < 0)
        return value;
    struct lowered found = lower_binary(lowering, OPCODE_EQUAL, lower_leaf(lowering, OPCODE_NODE, slot),
                                        lower_leaf(lowering, OPCODE_STEP, 0));
    if (lowering->model->variables[variable].type != TYPE_BOOLEAN)
        return lower_operation(lowering, OPCODE_SELECT, found, lower_place(lowering, variable), value);
    struct lowered held = lower_binary(lowering, OPCODE_AND, found, lower_place(lowering, variable));
    return lower_binary(lowering, OPCODE_OR, held,
                        lower_binary(lowering, OPCODE_AND, lower_unary(lowering, OPCODE_NOT, found), value));
}

struct lowered lower_variable(struct lowering *lowering, int variable)
{
    if (lowering->is_assigned[variable])
        return lowering->assigned[variable];
    const struct place *place = &lowering->places[variable];
    switch (place->kind) {
    case PLACE_SHARED:
    case PLACE_NODE:
        return lower_place(lowering, variable);
    case PLACE_STATE:
        return lowering->stage ? lowering->stage[place->slot] : lower_leaf(lowering, OPCODE_STATE, place->slot);
    case PLACE_INPUT:
        if (lowering->model->variables[variable].type == TYPE_BOOLEAN)
            return lower_binary(lowering, OPCODE_NOT_EQUAL, lower_input(lowering, place->slot), lower_constant(lowering, 0));
        return lower_input(lowering, place->slot);
    case PLACE_HELD:
        return lowering->is_before_step ? lower_held(lowering, variable) : lower_place(lowering, variable);
    case PLACE_SUBEXPRESSION:
        return lower_expression(lowering, lowering->model->variables[variable].equation);
    case PLACE_LIST:
        break;
    }
    source_fault(lowering->fault, lowering->model->variables[variable].name_span,
                 "a list can be used by `emit at` and step_value() only");
    return lower_constant(lowering, 0);
}

/* Nodes that never spike have a last spike as others have before their first. */
static struct lowered lower_lastspike(struct lowering *lowering, const struct expression *name)
{
    const struct node_plan *nodes = lowering->nodes;
    if (!nodes || lowering->model->emit.kind == EMIT_AT)
        source_fault(lowering->fault, name->span, "'lastspike' is not supported here yet");
    else if (nodes->lastspike_slot >= 0)
        return lower_leaf(lowering, OPCODE_NODE, nodes->lastspike_slot);
    return lower_constant(lowering, LASTSPIKE_AT_FIRST);
}

/* The argument that stands for NAME_pre or NAME_post, or for whether the latter is kept (entered if it is new). */
static int end_slot(struct lowering *lowering, const char *name, bool is_source, bool is_kept)
{
    struct end_names *ends = lowering->ends;
    for (int k = 0; k < ends->n; k++)
        if (ends->names[k].is_source == is_source && ends->names[k].is_kept == is_kept && strcmp(ends->names[k].name, name) == 0)
            return k;
    struct end_name *longer = ARENA_NEW(lowering->arena, ends->n + 1, struct end_name);
    if (ends->n)
        memcpy(longer, ends->names, (size_t)ends->n * sizeof *longer);
    longer[ends->n] = (struct end_name){.name = name, .is_source = is_source, .is_kept = is_kept};
    ends->names = longer;
    return ends->n++;
}

/* An equation of the target is read as the block finds it. */
static void refuse_outdated(struct lowering *lowering, const struct model *model, const char *name, struct span span)
{
    const struct declaration *variable = &model->variables[model_variable(model, name)];
    bool *written = ARENA_NEW(lowering->arena, model->n_variables, bool);
    for (int k = 0; k < lowering->ends->n; k++)
        if (lowering->ends->names[k].is_written)
            written[model_variable(model, lowering->ends->names[k].name)] = true;
    if (variable->kind == DECLARATION_SUBEXPRESSION && !(variable->flags & FLAG_CONSTANT_OVER_DT) &&
        expression_mentions(model, variable->equation, written))
        source_fault(lowering->fault, span,
                     "'%s_post' follows from what this block has set before: read it first, into a temporary", name);
}

/* Conditions travel as 1 and 0. */
static struct lowered lower_end(struct lowering *lowering, const struct reference *reference, struct span span)
{
    bool is_source = reference->kind == REFERENCE_PRE;
    const struct model *model = is_source ? lowering->ends->source : lowering->ends->target;
    const int slot = end_slot(lowering, reference->variable_name, is_source, false);
    if (lowering->ends->names[slot].is_written)
        return lowering->ends->names[slot].written;
    if (!is_source)
        refuse_outdated(lowering, model, reference->variable_name, span);
    struct lowered value = lower_leaf(lowering, OPCODE_ARGUMENT, slot);
    if (model->variables[model_variable(model, reference->variable_name)].type == TYPE_BOOLEAN)
        return lower_binary(lowering, OPCODE_NOT_EQUAL, value, lower_constant(lowering, 0));
    return value;
}

/* A number of another model, which may change from run to run as parameters do: in the table, not in the program. */
static struct lowered lower_borrowed(struct lowering *lowering, double number)
{
    struct shared_table *table = lowering->shared;
    int slot = 0;
    while (slot < table->n_borrowed && memcmp(&table->borrowed[slot], &number, sizeof number))
        slot++;
    if (slot == table->n_borrowed) {
        double *longer = ARENA_NEW(lowering->arena, slot + 1, double);
        if (slot)
            memcpy(longer, table->borrowed, (size_t)slot * sizeof *longer);
        longer[table->n_borrowed++] = number;
        table->borrowed = longer;
    }
    return parameter_leaf(lowering, lowering->model->n_variables + 2 + slot);
}

/* NAME_pre in a pathway: a parameter of the source nodes that is the same for all of them. */
static struct lowered lower_source_parameter(struct lowering *lowering, const struct expression *name)
{
    const struct node_set *source = lowering->connection->source;
    double number = 0;
    for (int k = 0; k < source->n_parts; k++) {
        const struct node_plan *nodes = &lowering->all->nodes[source->parts[k].population];
        int variable = model_variable(nodes->model, name->reference.variable_name);
        const struct value *value = &nodes->population->values[variable];
        bool is_shared = nodes->places[variable].kind == PLACE_SHARED;
        if (!is_shared || (k > 0 && value->number != number)) {
            source_fault(
                lowering->fault, name->span,
                "'%s' is not the same for all source nodes of '%s' all the time: in this version pathways read only such "
                "parameters of their source",
                name->name, lowering->connection->name);
            break;
        }
        number = value->number;
    }
    struct lowered parameter = lower_borrowed(lowering, number);
    return name->type == TYPE_BOOLEAN ? lower_binary(lowering, OPCODE_NOT_EQUAL, parameter, lower_constant(lowering, 0))
                                      : parameter;
}

static int pair_end_slot(struct lowering *lowering, struct end_value value)
{
    struct end_table *ends = lowering->pair_ends;
    for (int k = 0; k < ends->n; k++)
        if (ends->values[k].kind == value.kind && (!value.variable || strcmp(ends->values[k].variable, value.variable) == 0))
            return ends->first_slot + k;
    if (ends->n == ends->capacity) {
        struct end_value *more = ARENA_NEW(lowering->arena, ends->capacity = 2 * ends->n + 4, struct end_value);
        if (ends->n)
            memcpy(more, ends->values, (size_t)ends->n * sizeof *more);
        ends->values = more;
    }
    ends->values[ends->n++] = value;
    return ends->first_slot + ends->n - 1;
}

/* Something of an end of the pair. */
static struct lowered lower_pair_end(struct lowering *lowering, const struct expression *name)
{
    struct end_value value = {.variable = name->reference.variable_name};
    switch (name->reference.kind) {
    case REFERENCE_PRE:
        value.kind = END_PRE;
        break;
    case REFERENCE_POST:
        value.kind = END_POST;
        break;
    case REFERENCE_SYNAPSES:
        value.kind = END_SYNAPSES;
        break;
    case REFERENCE_OUTGOING:
        value.kind = END_OUTGOING;
        break;
    default:
        value.kind = END_INCOMING;
        break;
    }
    struct lowered stored = lower_leaf(lowering, OPCODE_NODE, pair_end_slot(lowering, value));
    return name->type == TYPE_BOOLEAN ? lower_binary(lowering, OPCODE_NOT_EQUAL, stored, lower_constant(lowering, 0)) : stored;
}

static struct lowered lower_name(struct lowering *lowering, const struct expression *name)
{
    const struct reference *reference = &name->reference;
    if (lowering->ends && (reference->kind == REFERENCE_PRE || reference->kind == REFERENCE_POST))
        return lower_end(lowering, reference, name->span);
    switch (reference->kind) {
    case REFERENCE_CONSTANT:
        if (name->type == TYPE_BOOLEAN)
            return lower_binary(lowering, OPCODE_NOT_EQUAL, lower_constant(lowering, reference->value),
                                lower_constant(lowering, 0));
        return lower_constant(lowering, reference->value);
    case REFERENCE_VARIABLE:
        return lower_variable(lowering, reference->index);
    case REFERENCE_ARGUMENT:
        return lower_leaf(lowering, OPCODE_ARGUMENT, 0);
    case REFERENCE_LOCAL:
        return lowering->locals[reference->index];
    case REFERENCE_TIME:
        return lower_time(lowering);
    case REFERENCE_TIME_IN_TIMESTEPS:
        return lower_leaf(lowering, OPCODE_STEP, 0);
    case REFERENCE_DT:
        return lower_dt(lowering);
    case REFERENCE_SIZE:
        return parameter_leaf(lowering, lowering->model->n_variables + 1);
    case REFERENCE_SIZE_PRE:
        return lower_borrowed(lowering, (double)lowering->connection->source->size);
    case REFERENCE_SIZE_POST:
        return lower_borrowed(lowering, (double)lowering->connection->target->size);
    case REFERENCE_INDEX_I:
        return lower_leaf(lowering, OPCODE_INDEX, 0);
    case REFERENCE_INDEX_J:
        return lower_leaf(lowering, OPCODE_INDEX, 1);
    case REFERENCE_NOT_REFRACTORY:
        return lower_leaf(lowering, OPCODE_NOT_REFRACTORY, 0);
    case REFERENCE_LASTSPIKE:
        return lower_lastspike(lowering, name);
    case REFERENCE_NOISE:
        source_fault(lowering->fault, name->span,
                     "noise can stand in differential equations only, as a term that it is a factor of: f + g*%s", name->name);
        return lower_constant(lowering, 0);
    case REFERENCE_DISTANCE:
        return lower_leaf(lowering, OPCODE_DISTANCE, 0);
    case REFERENCE_PRE:
    case REFERENCE_POST:
    case REFERENCE_SYNAPSES:
    case REFERENCE_OUTGOING:
    case REFERENCE_INCOMING:
        if (lowering->pair_ends)
            return lower_pair_end(lowering, name);
        if (lowering->additions && reference->kind == REFERENCE_PRE)
            return lower_source_parameter(lowering, name);
        /* falls through */
    default:
        source_fault(lowering->fault, name->span, "'%s' is not supported here yet", name->name);
        return lower_constant(lowering, 0);
    }
}

struct lowered lower_expression(struct lowering *lowering, const struct expression *expression)
{
    switch (expression->kind) {
    case EXPRESSION_NUMBER:
        return lower_constant(lowering, expression->has_unit ? expression->number * expression->unit.scale : expression->number);
    case EXPRESSION_NAME:
        return lower_name(lowering, expression);
    case EXPRESSION_INDEX: /* an element of a constant list: the checker has looked it up */
        return lower_constant(lowering, expression->reference.value);
    case EXPRESSION_UNARY:
        return lower_unary(lowering, operator_opcodes[expression->operator], lower_expression(lowering, expression->children[0]));
    case EXPRESSION_BINARY:
        if (expression->operator== OPERATOR_POWER)
            return lower_power(lowering, expression);
        struct lowered left = lower_expression(lowering, expression->children[0]);
        return lower_binary(lowering, operator_opcodes[expression->operator], left, lower_expression(lowering, expression->children[1]));
    case EXPRESSION_CALL:
        return lower_call(lowering, expression);
    default:
        source_fault(lowering->fault, expression->span, "this cannot stand in an equation");
        return lower_constant(lowering, 0);
    }
}

/* ---- blocks ---- */

/* NAME_post += value, or -= */
static void lower_addition(struct lowering *lowering, const struct action *action, struct lowered value)
{
    struct additions *additions = lowering->additions;
    int k = 0;
    while (strcmp(additions->variables[k], action->reference.variable_name))
        k++;
    if (additions->is_made[k])
        value = lower_binary(lowering, operator_opcodes[action->operator], additions->sums[k], value);
    else if (action->operator== OPERATOR_SUBTRACT)
        value = lower_unary(lowering, OPCODE_NEGATE, value);
    additions->sums[k] = value;
    additions->is_made[k] = true;
}

/* An integer loses its fraction. */
static struct lowered lower_assigned(struct lowering *lowering, const struct declaration *variable, struct lowered value)
{
    return variable->type == TYPE_INTEGER ? lower_unary(lowering, OPCODE_TRUNCATE, value) : value;
}

/* Is the variable flagged (unless refractory) in some population of the target? */
static bool may_be_kept(const struct lowering *lowering, const char *name)
{
    const struct node_set *target = lowering->connection->target;
    for (int part = 0; part < target->n_parts; part++) {
        const struct model *model = lowering->all->nodes[target->parts[part].population].model;
        if (model->variables[model_variable(model, name)].flags & FLAG_UNLESS_REFRACTORY)
            return true;
    }
    return false;
}

/* NAME_post = value and the like, at once: what follows in the block reads the new value. What is kept while refractory stays. */
static void lower_written(struct lowering *lowering, const struct action *action, struct lowered value)
{
    const struct model *model = lowering->ends->target;
    const char *name = action->reference.variable_name;
    struct lowered old = lower_end(lowering, &action->reference, action->span);
    if (action->compound)
        value = lower_binary(lowering, operator_opcodes[action->operator], old, value);
    value = lower_assigned(lowering, &model->variables[model_variable(model, name)], value);
    if (may_be_kept(lowering, name)) {
        struct lowered kept = lower_leaf(lowering, OPCODE_ARGUMENT, end_slot(lowering, name, false, true));
        struct lowered is_kept = lower_binary(lowering, OPCODE_GREATER, kept, lower_constant(lowering, 0));
        value = lower_operation(lowering, OPCODE_SELECT, is_kept, old, value);
    }
    struct end_name *end = &lowering->ends->names[end_slot(lowering, name, false, false)];
    end->written = value;
    end->is_written = true;
}

void lower_block(struct lowering *lowering, const struct block *block)
{
    lowering->locals = ARENA_NEW(lowering->arena, block->n_locals, struct lowered);
    for (int k = 0; k < block->n_actions; k++) {
        const struct action *action = &block->actions[k];
        struct lowered value = lower_expression(lowering, action->value);
        if (action->kind == ACTION_SEND) {
            lowering->sent = value;
            lowering->has_sent = true;
            continue;
        }
        if (action->reference.kind == REFERENCE_POST) {
            if (lowering->additions)
                lower_addition(lowering, action, value);
            else
                lower_written(lowering, action, value);
            continue;
        }
        bool is_local = action->reference.kind == REFERENCE_LOCAL;
        int index = action->reference.index;
        if (action->compound) {
            struct lowered old = is_local ? lowering->locals[index] : lower_variable(lowering, index);
            value = lower_binary(lowering, operator_opcodes[action->operator], old, value);
        }
        if (!is_local)
            value = lower_assigned(lowering, &lowering->model->variables[index], value);
        if (is_local) {
            lowering->locals[index] = value;
        } else {
            lowering->assigned[index] = value;
            lowering->is_assigned[index] = true;
        }
    }
}

void lower_value(struct lowering *lowering, const struct expression *expression, struct program *program)
{
    lowering_program(lowering, program);
    program_output(program, VALUE_NUMBER, lower_stored(lowering, lower_expression(lowering, expression)));
    if (lowering->redraws)
        program_output(program, VALUE_ACCEPTED, lower_register(lowering, lowering->accepted));
    program_finish(program);
}

void lower_given_value(struct lowering *lowering, const struct declaration *variable, const struct expression *expression,
                       struct program *program)
{
    lower_value(lowering, expression, program);
    struct output *number = &program->outputs[VALUE_NUMBER];
    if (variable->type == TYPE_INTEGER)
        number->reg = program_operation(program, OPCODE_TRUNCATE, number->reg, -1, -1);
}

const struct expression *expression_noise(const struct model *model, const struct expression *expression)
{
    if (!model->n_noises)
        return NULL;
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_NOISE)
        return expression;
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_VARIABLE) {
        const struct declaration *variable = &model->variables[expression->reference.index];
        return variable->kind == DECLARATION_SUBEXPRESSION ? expression_noise(model, variable->equation) : NULL;
    }
    for (int k = 0; k < expression->n_children; k++) {
        const struct expression *found = expression_noise(model, expression->children[k]);
        if (found)
            return found;
    }
    return NULL;
}

bool expression_mentions(const struct model *model, const struct expression *expression, const bool *variables)
{
    if (!expression)
        return false;
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_VARIABLE) {
        int index = expression->reference.index;
        return variables[index] || (model->variables[index].kind == DECLARATION_SUBEXPRESSION &&
                                    !(model->variables[index].flags & FLAG_CONSTANT_OVER_DT) &&
                                    expression_mentions(model, model->variables[index].equation, variables));
    }
    for (int k = 0; k < expression->n_children; k++)
        if (expression_mentions(model, expression->children[k], variables))
            return true;
    return false;
}
