/* Lists that are columns of data files: csv(FILE, COLUMN), hdf5(FILE, DATASET), hdf5(FILE, DATASET, COLUMN).
 *
 * Numbers in files have no unit: csv("weights.csv", "weight")*pA has. A column is read once, when its numbers are asked for
 * first, and kept with a hash of them, which tells in run.json what a run was made of. Paths are relative to the network file. */
#include <xxhash.h>

#include "language/check.h"

/* ---- the call ---------------------------------------------------------------------------------------------- */

static int require_text(const struct expression *argument, const char *what, struct fault *fault)
{
    if (argument->type == TYPE_STRING)
        return 0;
    return source_fault(fault, argument->span, "%s must be a text, such as \"a.h5\", but this is %s", what,
                        expression_type_text(argument));
}

static int require_column(const struct expression *argument, struct fault *fault)
{
    if (argument->type == TYPE_STRING)
        return 0;
    return expression_require(argument, (struct dimension){0}, "a column is called by its name or its number, which", fault);
}

int data_check(struct scope *scope, struct expression *call, struct fault *fault)
{
    TRY(require_text(call->children[0], "the name of a file", fault));
    if (call->function == FUNCTION_HDF5)
        TRY(require_text(call->children[1], "the name of a dataset", fault));
    if (call->function == FUNCTION_CSV || call->n_children == 3)
        TRY(require_column(call->children[call->n_children - 1], fault));
    expression_set_result(call, TYPE_REAL, (struct dimension){0});
    call->is_list = true;
    return 0;
}

/* ---- the column that it asks for --------------------------------------------------------------------------- */

static int text_of(struct scope *scope, struct expression *argument, const char **out, struct fault *fault)
{
    struct constant_value value;
    TRY(constant_of(scope, argument, &value, fault));
    *out = value.text;
    return 0;
}

/* Relative to the folder of the network file. */
static const char *path_of(struct check *check, const char *name)
{
    const char *network = check->script->source->name, *slash = strrchr(network, '/');
    if (name[0] == '/' || !slash)
        return name;
    return arena_format(check->arena, "%.*s/%s", (int)(slash - network), network, name);
}

static int request_of(struct scope *scope, struct expression *call, struct data_request *out, struct fault *fault)
{
    struct expression *last = call->children[call->n_children - 1];
    bool has_column = call->function == FUNCTION_CSV || call->n_children == 3;
    double number;
    *out = (struct data_request){.format = call->function == FUNCTION_CSV ? DATA_CSV : DATA_HDF5, .number = -1};
    TRY(text_of(scope, call->children[0], &out->shown, fault));
    out->path = path_of(scope->check, out->shown);
    if (out->format == DATA_HDF5)
        TRY(text_of(scope, call->children[1], &out->dataset, fault));
    if (!has_column)
        return 0;
    if (last->type == TYPE_STRING)
        return text_of(scope, last, &out->column, fault);
    TRY(constant_count(scope->check, last, "the number of a column", 0, 1e9, &number, fault));
    out->number = (int64_t)number;
    return 0;
}

/* ---- its numbers ------------------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static const struct data_column *find_column(const struct script *script, const struct data_request *request)
{
    for (int k = 0; k < script->n_data; k++) {
        const struct data_request *known = &script->data[k].request;
        if (known->format == request->format && same_text(known->shown, request->shown) &&
            same_text(known->dataset, request->dataset) && same_text(known->column, request->column) &&
            known->number == request->number)
            return &script->data[k];
    }
    return NULL;
}

static int read_column(struct check *check, const struct data_request *request, struct span span, const struct data_column **out,
                       struct fault *fault)
{
    const struct data_reader *reader = check->vocabulary->data;
    struct data_column column = {.request = *request};
    if (!reader)
        return source_fault(fault, span, "no data files can be read here");
    if (reader->read(reader->context, request, check->arena, &column.numbers, &column.n, fault)) {
        const char *text = arena_text(check->arena, fault->text, strlen(fault->text));
        fault_clear(fault);
        return source_fault(fault, span, "%s", text);
    }
    XXH128_hash_t hash = XXH3_128bits(column.numbers, column.n * sizeof *column.numbers);
    column.hash = arena_format(check->arena, "%016llx%016llx", (unsigned long long)hash.high64, (unsigned long long)hash.low64);
    struct script *script = check->script;
    struct data_column *kept = ARENA_PUSH(check->arena, script->data, script->n_data, check->data_capacity, struct data_column);
    *kept = column;
    *out = kept;
    return 0;
}

int data_numbers(struct scope *scope, struct expression *call, struct constant_value *out, struct fault *fault)
{
    struct data_request request;
    TRY(request_of(scope, call, &request, fault));
    const struct data_column *column = find_column(scope->check->script, &request);
    if (!column)
        TRY(read_column(scope->check, &request, call->span, &column, fault));
    out->list = column->numbers;
    out->n_list = column->n;
    out->is_data = true;
    return 0;
}

/* ---- values of listed pairs -------------------------------------------------------------------------------- */

/* The first pair that stands before another one in the list, but is created after it; n_indices where there is none. */
static uint64_t first_out_of_order(const struct rule_value *sources, const struct rule_value *targets)
{
    for (uint64_t k = 1; k < sources->n_indices; k++)
        if (sources->indices[k] < sources->indices[k - 1] ||
            (sources->indices[k] == sources->indices[k - 1] && targets->indices[k] < targets->indices[k - 1]))
            return k;
    return sources->n_indices;
}

static int check_value(const struct value *value, const char *connection, uint64_t row, struct fault *fault)
{
    if (!value->is_data)
        return 0;
    return source_fault(fault, value->expression->span,
                        "lists number synapses by source and target, but the pairs of '%s' have another order (row %llu goes "
                        "before row %llu): write by_pair(SOURCES, TARGETS, VALUES), or sort the file",
                        connection, (unsigned long long)row, (unsigned long long)row - 1);
}

int data_order_check(const struct script *script, const struct connection *connection, struct fault *fault)
{
    const struct projection *projection = &script->projections[connection->projection];
    if (projection->rule->arguments[0].kind != RULE_INDICES)
        return 0;
    uint64_t row = first_out_of_order(&projection->arguments[0], &projection->arguments[1]);
    if (row == projection->arguments[0].n_indices)
        return 0;
    for (int k = 0; k < connection->synapse->n_variables; k++)
        TRY(check_value(&connection->values[k], connection->name, row, fault));
    return check_value(&connection->delay_value, connection->name, row, fault);
}
