/* Values of a model's variables in one population or connection: defaults, settings, assignments.
 *
 * A value is constant (a number, known now), a list with one number per node, or an expression that differs from element to
 * element and is evaluated when the nodes or synapses are made. Such expressions may use other variables of the model;
 * value_table_finish makes sure that they never run in circles, and computes every value that depends on constants only. */
#include "language/check.h"

/* Longest chain of values that use one another. */
#define VALUE_CHAIN_MAX 500

static bool range_holds(const struct range *range, double number)
{
    bool above = range->low_open ? number > range->low : number >= range->low;
    bool below = range->high_open ? number < range->high : number <= range->high;
    return !range->has_range || (above && below);
}

int range_check(const struct range *range, double value, struct unit unit, const char *unit_text, const char *what,
                struct span span, struct fault *fault)
{
    double number = value / unit.scale;
    if (range_holds(range, number))
        return 0;
    const char *shown = strcmp(unit_text, "1") == 0 ? "" : unit_text;
    return source_fault(fault, span, "%s = %.10g%s%s is outside its range %c%.10g, %.10g%c%s%s", what, number, *shown ? " " : "",
                        shown, range->low_open ? '(' : '[', range->low, range->high, range->high_open ? ')' : ']',
                        *shown ? " " : "", shown);
}

bool variable_allows(const struct declaration *variable, struct unit unit, double number)
{
    return !isnan(number) && (variable->type != TYPE_INTEGER || number == floor(number)) &&
           range_holds(&variable->range, number / unit.scale);
}

int variable_require(const struct declaration *variable, struct unit unit, double number, const char *what, struct span span,
                     struct fault *fault)
{
    const char *unit_text = variable->unit_is_port        ? "(in the unit of the port)"
                            : variable->type == TYPE_REAL ? variable->unit_text
                                                          : "1";
    if (isnan(number))
        return source_fault(fault, span, "%s is not a number (NaN)", what);
    if (variable->type == TYPE_INTEGER && number != floor(number))
        return source_fault(fault, span, "%s must be an integer, but is %.15g", what, number);
    return range_check(&variable->range, number, unit, unit_text, what, span, fault);
}

int variable_check_number(struct arena *arena, const struct declaration *variable, struct unit unit, double number,
                          struct span span, struct fault *fault)
{
    if (variable_allows(variable, unit, number))
        return 0; /* of millions of numbers, nearly all */
    return variable_require(variable, unit, number, arena_format(arena, "'%s'", variable->name), span, fault);
}

static bool is_settable(const struct declaration *variable)
{
    return variable->kind == DECLARATION_PARAMETER || variable->kind == DECLARATION_DERIVATIVE;
}

/* ---- one value ------------------------------------------------------------------------------------------- */

static struct unit unit_of(const struct value_table *table, const struct declaration *variable)
{
    return variable->unit_is_port && table->port_unit ? *table->port_unit : variable->unit;
}

int value_table_defaults(struct value_table *table, struct fault *fault)
{
    for (int k = 0; k < table->model->n_variables; k++) {
        const struct declaration *variable = &table->model->variables[k];
        if (!is_settable(variable))
            continue;
        table->values[k] = (struct value){.expression = variable->value, .span = variable->name_span};
        if (variable->is_list && variable->value) {
            struct scope scope = {.check = table->check, .closed = table->model->from_library};
            struct constant_value list;
            TRY(constant_plain_list(&scope, variable->value, &list, fault));
            table->values[k].array = list.list;
            table->values[k].n_array = list.n_list;
        }
    }
    return 0;
}

/* Random calls are numbered within each value. */
static struct scope value_scope(const struct value_table *table, int *n_call_sites)
{
    return (struct scope){
        .check = table->check,
        .model = table->model,
        .script_first = true,
        .is_value = true,
        .sees_position = table->size > 0,
        .sees_pair = table->size == 0,
        .source = table->source,
        .target = table->target,
        .n_call_sites = n_call_sites,
        .port_unit = table->port_unit,
    };
}

/* A copy: the same text may be the value of another population, or of another pass of a loop. */
static struct value value_of_text(const struct value_table *table, const struct expression *expression, struct span span)
{
    struct value value = {.expression = expression, .span = span};
    if (!expression->is_list)
        value.expression = expression_clone(table->check->arena, expression);
    return value;
}

static int fault_unknown_variable(const struct value_table *table, const char *name, struct span span, struct fault *fault)
{
    struct candidates candidates = {.arena = table->check->arena};
    for (int k = 0; k < table->model->n_variables; k++)
        if (is_settable(&table->model->variables[k]))
            candidates_add(&candidates, table->model->variables[k].name);
    return source_fault(fault, span, "'%s' is no parameter or state variable of model '%s'%s", name, table->model->name,
                        candidates_suggestion(&candidates, name));
}

/* What is assigned to an integer loses its fraction, as in Brian 2. */
static const double *truncated(struct check *check, const double *list, uint64_t n)
{
    double *numbers = ARENA_NEW(check->arena, n, double);
    for (uint64_t k = 0; k < n; k++)
        numbers[k] = trunc(list[k]);
    return numbers;
}

/* A list for each node, of the times at which it spikes. */
static int set_rows(const struct value_table *table, const struct expression *expression, const struct constant_value *list,
                    struct value *value, struct fault *fault)
{
    const uint64_t size = table->size;
    if (list->rows_may_lack && list->n_rows > size)
        return source_fault(fault, expression->span,
                            "by_node() names node %llu (row %llu), but there are %llu nodes, from 0 to %llu",
                            (unsigned long long)list->n_rows - 1, (unsigned long long)list->last_row_from,
                            (unsigned long long)size, (unsigned long long)size - 1);
    if (!list->rows_may_lack && list->n_rows != size)
        return source_fault(fault, expression->span,
                            "a list for each of the %llu nodes is needed, or one for all, but there are %llu",
                            (unsigned long long)size, (unsigned long long)list->n_rows);
    uint64_t *row_begin = ARENA_NEW(table->check->arena, size + 1, uint64_t);
    for (uint64_t row = 0; row <= size; row++)
        row_begin[row] = list->row_begin[row < list->n_rows ? row : list->n_rows];
    value->row_begin = row_begin;
    return 0;
}

static bool takes_rows(const struct value_table *table, const struct declaration *variable)
{
    const struct model *model = table->model;
    return table->size && model->emit.kind == EMIT_AT && variable == &model->variables[model_emission_list(model)];
}

static int set_list(const struct value_table *table, struct scope *scope, const struct declaration *variable,
                    struct expression *expression, struct value *value, struct fault *fault)
{
    struct constant_value list;
    const struct dimension dimension = unit_of(table, variable).dimension;
    if (variable->type == TYPE_BOOLEAN && expression->type == TYPE_BOOLEAN && !expression->is_matrix)
        TRY(constant_list(scope, expression, &list, fault));
    else if (expression->is_matrix && takes_rows(table, variable)) {
        TRY(constant_list(scope, expression, &list, fault));
        TRY(set_rows(table, expression, &list, value, fault));
    } else
        TRY(constant_plain_list(scope, expression, &list, fault));
    if (!dimension_equal(list.dimension, dimension) && list.n_list > 0)
        return source_fault(fault, expression->span, "'%s' must be %s, but this list is %s", variable->name,
                            IN_DIMENSION(dimension), IN_DIMENSION(list.dimension));
    if (!variable->is_list && table->size && list.n_list != table->size)
        return source_fault(fault, expression->span, "'%s' needs one number for each of the %llu nodes, but this list has %llu",
                            variable->name, (unsigned long long)table->size, (unsigned long long)list.n_list);
    value->array = variable->type == TYPE_INTEGER ? truncated(table->check, list.list, list.n_list) : list.list;
    value->n_array = list.n_list;
    value->is_data = list.is_data;
    value->list_connections = table->list_connections;
    return 0;
}

int value_table_read(const struct value_table *table, const char *name, struct span span, struct expression *expression,
                     int *n_call_sites, struct value *out, struct fault *fault)
{
    int index = model_variable(table->model, name);
    if (index < 0)
        return fault_unknown_variable(table, name, span, fault);
    const struct declaration *variable = &table->model->variables[index];
    if (!is_settable(variable))
        return source_fault(fault, span, "'%s' of model '%s' is %s and cannot be set", name, table->model->name,
                            variable->kind == DECLARATION_INPUT ? "summed over connections" : "defined by an equation");
    if (variable->is_count)
        return source_fault(fault, span, "'%s' is how many synapses there are, and takes no value", name);
    if (variable->flags & FLAG_LINKED)
        return source_fault(fault, span, "'%s' is (linked) and takes no value: say what it stands for, A.%s = linked(B.y)", name,
                            name);

    struct scope scope = value_scope(table, n_call_sites);
    TRY(expression_check(&scope, expression, fault));
    struct value value = value_of_text(table, expression, span);
    const char *what = arena_format(table->check->arena, "'%s'", name);
    if (table->size == 0)
        TRY(pair_check(table->check, expression, table->source, table->target, fault));
    if (expression->is_list)
        TRY(set_list(table, &scope, variable, expression, &value, fault));
    else if (variable->is_list)
        return source_fault(fault, expression->span, "'%s' must be a list, such as [1, 2] %s", name, variable->unit_text);
    else if (variable->type == TYPE_BOOLEAN && expression->type != TYPE_BOOLEAN)
        return source_fault(fault, expression->span, "'%s' is boolean, so its value must be a condition", name);
    else if (variable->type != TYPE_BOOLEAN)
        TRY(expression_require(expression, unit_of(table, variable).dimension, what, fault));
    *out = value;
    return 0;
}

int value_table_set(struct value_table *table, const char *name, struct span span, struct expression *expression,
                    struct fault *fault)
{
    int n_call_sites = 0;
    struct value value;
    TRY(value_table_read(table, name, span, expression, &n_call_sites, &value, fault));
    table->values[model_variable(table->model, name)] = value;
    return 0;
}

/* ---- all of them ----------------------------------------------------------------------------------------- */

struct walk {
    struct value_table *table;
    const struct declaration *chain[VALUE_CHAIN_MAX]; /* from the first value to the one being looked at */
    int n_chain;
    bool *is_done; /* [n_variables] */
};

static int visit_variable(struct walk *walk, int index, struct span span, struct fault *fault);

/* Is it the name of something that changes in time? Values are given once, before the first step. */
static bool is_of_time(const struct expression *expression)
{
    switch (expression->kind == EXPRESSION_NAME ? expression->reference.kind : REFERENCE_NONE) {
    case REFERENCE_TIME:
    case REFERENCE_TIME_IN_TIMESTEPS:
    case REFERENCE_NOT_REFRACTORY:
    case REFERENCE_LASTSPIKE:
        return true;
    default:
        return false;
    }
}

/* Is it a name in a default, which was checked before the ends were known? */
static bool is_of_unknown_ends(const struct expression *expression)
{
    const enum reference_kind kind = expression->kind == EXPRESSION_NAME ? expression->reference.kind : REFERENCE_NONE;
    return kind == REFERENCE_SIZE || kind == REFERENCE_SIZE_PRE || kind == REFERENCE_SIZE_POST ||
           ((kind == REFERENCE_PRE || kind == REFERENCE_POST) && expression->type == TYPE_UNKNOWN);
}

static int visit(struct walk *walk, const struct expression *expression, struct fault *fault)
{
    if (walk->table->size == 0 && is_of_time(expression))
        return source_fault(fault, expression->span, "'%s' has no value where synapses are given theirs, before the first step",
                            expression->name);
    if (walk->table->size == 0 && is_of_unknown_ends(expression))
        return source_fault(fault, expression->span,
                            "'%s' is not known in the text of a synapse model: give the value where it is connected",
                            expression->name);
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_VARIABLE && !expression->is_list)
        return visit_variable(walk, expression->reference.index, expression->span, fault);
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k])
            TRY(visit(walk, expression->children[k], fault));
    return 0;
}

static int check_number(const struct value_table *table, int index, double number, struct fault *fault)
{
    const struct declaration *variable = &table->model->variables[index];
    const struct value *value = &table->values[index];
    struct span span = value->expression ? value->expression->span : value->span;
    return variable_check_number(table->check->arena, variable, unit_of(table, variable), number, span, fault);
}

/* What the value comes to, when everything that it uses has been looked at. */
static int compute(const struct value_table *table, int index, struct fault *fault)
{
    const struct declaration *variable = &table->model->variables[index];
    struct value *value = &table->values[index];
    const char *who = table->source ? "synapses" : "nodes";
    if ((variable->flags & FLAG_SHARED) && value->array)
        return source_fault(fault, value->expression->span, "'%s' is (shared): all %s have one value, not a list of them",
                            variable->name, who);
    if (value->array || variable->is_list) {
        for (uint64_t k = 0; k < value->n_array; k++)
            TRY(check_number(table, index, value->array[k], fault));
        return 0;
    }
    const struct bindings bindings = {.dt = table->check->script->dt, .model = table->model, .values = table->values};
    value->is_constant = !value->expression || constant_evaluate(value->expression, &bindings, &value->number);
    if ((variable->flags & FLAG_SHARED) && !value->is_constant)
        return source_fault(fault, value->expression->span,
                            "'%s' is (shared): all %s have one value, which cannot be drawn or depend on the %s", variable->name,
                            who, table->source ? "synapse" : "node");
    if (variable->type == TYPE_INTEGER && value->is_constant)
        value->number = trunc(value->number);
    bool counts_in_port = value->expression && value->expression == variable->value && variable->unit_is_port;
    if (counts_in_port && !value->is_constant)
        return source_fault(fault, value->expression->span,
                            "'%s' counts in the unit of the port, so its default must be a constant", variable->name);
    if (counts_in_port)
        value->number *= table->port_unit->scale;
    if (variable->flags & FLAG_SINGLE)
        value->number = (float)value->number;
    return value->is_constant && !variable->is_delay ? check_number(table, index, value->number, fault) : 0;
}

static int visit_variable(struct walk *walk, int index, struct span span, struct fault *fault)
{
    const struct declaration *variable = &walk->table->model->variables[index];
    struct value *value = &walk->table->values[index];
    if (walk->n_chain > 0 && variable->flags & FLAG_LINKED)
        return source_fault(fault, span, "'%s' is (linked), so it has no value before the first step", variable->name);
    if (walk->is_done[index])
        return 0;
    for (int k = 0; k < walk->n_chain; k++)
        if (walk->chain[k] == variable)
            return source_fault(fault, span, "the value of '%s' depends on itself", variable->name);
    if (walk->n_chain == VALUE_CHAIN_MAX)
        return source_fault(fault, span, "more than %d values use one another in a chain", VALUE_CHAIN_MAX);
    walk->chain[walk->n_chain++] = variable;
    if (variable->kind == DECLARATION_SUBEXPRESSION)
        TRY(visit(walk, variable->equation, fault));
    else if (value->expression && !value->is_constant)
        TRY(visit(walk, value->expression, fault));
    walk->n_chain--;
    walk->is_done[index] = true;
    return is_settable(variable) && !value->is_constant ? compute(walk->table, index, fault) : 0;
}

/* Delays follow the values that they are made of. */
static void renew_delays(struct value_table *table)
{
    for (int k = 0; k < table->model->n_variables; k++)
        if (table->model->variables[k].is_delay)
            table->values[k].is_constant = false;
}

int value_table_finish(struct value_table *table, struct fault *fault)
{
    renew_delays(table);
    struct walk walk = {.table = table, .is_done = ARENA_NEW(table->check->arena, table->model->n_variables, bool)};
    for (int k = 0; k < table->model->n_variables; k++)
        if (is_settable(&table->model->variables[k]))
            TRY(visit_variable(&walk, k, table->values[k].span, fault));
    return 0;
}

/* ---- delays ---------------------------------------------------------------------------------------------- */

int value_table_set_delay(struct value_table *table, struct expression *setting, struct value *out, struct fault *fault)
{
    int n_call_sites = 0;
    struct scope scope = value_scope(table, &n_call_sites);
    TRY(expression_check(&scope, setting, fault));
    TRY(pair_check(table->check, setting, table->source, table->target, fault));
    *out = value_of_text(table, setting, setting->span);
    if (!setting->is_list)
        return expression_require(setting, dimension_of_time(), "a delay", fault);
    struct constant_value list;
    TRY(constant_plain_list(&scope, setting, &list, fault));
    if (!dimension_equal(list.dimension, dimension_of_time()) && list.n_list > 0)
        return source_fault(fault, setting->span, "a delay must be in second, but this list is %s", IN_DIMENSION(list.dimension));
    out->array = list.list;
    out->n_array = list.n_list;
    out->is_data = list.is_data;
    out->list_connections = table->list_connections;
    return 0;
}

int value_table_finish_delay(struct value_table *table, struct value *out, struct fault *fault)
{
    if (out->array || out->is_constant)
        return 0;
    if (!out->expression) {
        *out = (struct value){.is_constant = true};
        return 0;
    }
    struct walk walk = {.table = table, .is_done = ARENA_NEW(table->check->arena, table->model->n_variables, bool)};
    TRY(visit(&walk, out->expression, fault));
    const struct bindings bindings = {.dt = table->check->script->dt, .model = table->model, .values = table->values};
    out->is_constant = constant_evaluate(out->expression, &bindings, &out->number);
    return 0;
}

/* ---- assignments ----------------------------------------------------------------------------------------- */

/* More than any value that nodes or synapses begin with has calls. */
#define FIRST_CALL_SITE (1 << 20)

void calls_of_assignment(struct expression *expression, int n_before)
{
    if (expression->kind == EXPRESSION_CALL)
        expression->call_site += FIRST_CALL_SITE + n_before;
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k])
            calls_of_assignment(expression->children[k], n_before);
}

bool value_mentions(const struct model *model, const struct expression *expression, int variable)
{
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_VARIABLE && !expression->is_list) {
        int index = expression->reference.index;
        return index == variable || (model->variables[index].kind == DECLARATION_SUBEXPRESSION &&
                                     value_mentions(model, model->variables[index].equation, variable));
    }
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k] && value_mentions(model, expression->children[k], variable))
            return true;
    return false;
}

int value_table_check_order(const struct value_table *table, int variable, struct span span, struct fault *fault)
{
    const struct model *model = table->model;
    for (int k = 0; k < model->n_variables && variable >= 0; k++) {
        const struct value *value = &table->values[k];
        const bool is_set = value->expression && !value->is_constant && !value->array && !model->variables[k].is_delay;
        if (is_set && value_mentions(model, value->expression, variable))
            return source_fault(fault, span, "'%s' is set from '%s' for each %s: assign '%s' before it", model->variables[k].name,
                                model->variables[variable].name, table->size ? "node" : "synapse",
                                model->variables[variable].name);
    }
    return 0;
}
