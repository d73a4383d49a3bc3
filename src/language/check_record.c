/* `record`: what is recorded of which set, and what the files are called. */
#include "language/check.h"

/* How far from a multiple of dt an interval may be, in steps. */
#define INTERVAL_TOLERANCE 1e-6

static const char *const spikes_file = "spikes";
static const char *const rate_words[] = {"rate", "population_rate"};

/* The variable in the model of every part, with one unit. */
int record_variable_check(struct check *check, const struct node_set *set, const char *name, struct span span,
                          struct record *record, struct fault *fault)
{
    for (int k = 0; k < set->n_parts; k++) {
        const struct population *population = &check->script->populations[set->parts[k].population];
        const struct model *model = population->model;
        int index = model_variable(model, name);
        if (index < 0) {
            struct candidates candidates = {.arena = check->arena};
            for (int v = 0; v < model->n_variables; v++)
                candidates_add(&candidates, model->variables[v].name);
            candidates_add(&candidates, spikes_file);
            return source_fault(fault, span, "population '%s' (model '%s') has no variable '%s'%s", population->name, model->name,
                                name, candidates_suggestion(&candidates, name));
        }
        const struct declaration *variable = &model->variables[index];
        if (variable->is_list)
            return source_fault(fault, span, "'%s' is a list and cannot be recorded", name);
        if (model_draws_per_connection(model, index))
            return source_fault(fault, span,
                                "'%s' is drawn for each connection on its own: record the input of the targets instead", name);
        if (model_has_noise(model, index))
            return source_fault(fault, span, "'%s' is made of noise, which has no value of its own: record what it drives", name);
        if (k > 0 &&
            (!dimension_equal(variable->unit.dimension, record->unit.dimension) || variable->unit.scale != record->unit.scale))
            return source_fault(fault, span, "'%s' is in %s in population '%s', but in %s in '%s': record them apart", name,
                                record->unit_text, check->script->populations[set->parts[0].population].name, variable->unit_text,
                                population->name);
        record->unit = variable->unit;
        record->unit_text = variable->unit_text;
    }
    return 0;
}

int record_interval(struct check *check, const struct statement *statement, step_count *out, struct fault *fault)
{
    *out = 1;
    if (!statement->every)
        return 0;

    double every, dt = check->script->dt;
    TRY(constant_number(check, statement->every, dimension_of_time(), "an interval", &every, fault));
    double steps = every / dt, nearest = rint(steps);
    if (!(nearest >= 1 && nearest < 0x1p52) || fabs(steps - nearest) > INTERVAL_TOLERANCE * nearest)
        return source_fault(fault, statement->every->span,
                            "the interval must be a positive multiple of dt = %.10g ms, but is %.10g ms", dt * 1e3, every * 1e3);
    *out = (step_count)nearest;
    return 0;
}

static bool holds_events(const struct script *script, const char *name)
{
    for (int r = 0; r < script->n_records; r++)
        if (script->records[r].kind == RECORD_EVENTS && strcmp(script->records[r].name, name) == 0)
            return true;
    return false;
}

/* Files are told apart by their names, except for spikes, which share one, and events of one name, which do, too. */
int record_add(struct check *check, const struct record *record, struct fault *fault)
{
    struct script *script = check->script;
    const struct named *earlier = record->kind == RECORD_SPIKES ? NULL : named_file_find(check, record->name);
    if (earlier && !(record->kind == RECORD_EVENTS && holds_events(script, record->name)))
        return source_fault(fault, record->span,
                            "the file '%s.h5' is already written for the record at %s: write 'record NAME : …'", record->name,
                            source_place(check->arena, earlier->span));
    if (record->kind != RECORD_SPIKES && strcmp(record->name, spikes_file) == 0)
        return source_fault(fault, record->span, "the file 'spikes.h5' holds the spikes: choose another name");
    *ARENA_PUSH(check->arena, script->records, script->n_records, check->records_capacity, struct record) = *record;
    if (record->kind != RECORD_SPIKES && !earlier)
        named_add(check, NAMED_FILE, record->name, record->span);
    return 0;
}

int record_require_spikes(struct check *check, const struct node_set *set, struct span span, struct fault *fault)
{
    for (int k = 0; k < set->n_parts; k++) {
        const struct population *population = &check->script->populations[set->parts[k].population];
        if (population->model->emit.kind == EMIT_PER_CONNECTION)
            return source_fault(fault, span,
                                "'%s' (model '%s') emits spikes for each connection on its own; they cannot be recorded",
                                population->name, population->model->name);
        if (!model_spikes(population->model))
            return source_fault(fault, span, "'%s' (model '%s') cannot spike", population->name, population->model->name);
    }
    return 0;
}

static int record_spikes(struct check *check, const struct statement *statement, const struct node_set *set,
                         struct record *record, struct fault *fault)
{
    TRY(record_require_spikes(check, set, record->span, fault));
    if (statement->every && statement->n_recorded == 1)
        return source_fault(fault, statement->every->span, "every spike is recorded: leave out 'every'");
    if (statement->name && statement->n_recorded == 1)
        return source_fault(fault, statement->name_span, "spikes are written to 'spikes.h5': leave out the name");
    if (statement->slot && statement->n_recorded == 1)
        return source_fault(fault, statement->span, "a spike has a time of its own: leave out 'at %s'", statement->slot);
    record->kind = RECORD_SPIKES;
    record->name = spikes_file;
    return record_add(check, record, fault);
}

/* NAME, or VARIABLE_SET, or NAME_VARIABLE where one statement records several. */
const char *record_file_name(struct check *check, const struct statement *statement, const char *variable, const char *of)
{
    if (!statement->name)
        return arena_format(check->arena, "%s%s_%s", statement->is_final ? "final_" : "", variable, of);
    const char *name = name_in_pass(check, statement->name);
    return statement->n_recorded == 1 ? name : arena_format(check->arena, "%s_%s", name, variable);
}

/* `rate` is the rate of spikes, unless it is a variable of the models; `population_rate` always is. */
static bool is_rate(struct check *check, const struct node_set *set, const char *what)
{
    for (int k = 0; k < set->n_parts; k++)
        if (model_variable(set_model(check, set, k), what) >= 0)
            return false;
    return strcmp(what, rate_words[0]) == 0 || strcmp(what, rate_words[1]) == 0;
}

static int record_rate(struct check *check, const struct statement *statement, const struct node_set *set, const char *word,
                       struct record *record, struct fault *fault)
{
    TRY(record_require_spikes(check, set, record->span, fault));
    TRY(record_interval(check, statement, &record->every, fault));
    if (statement->is_final)
        return source_fault(fault, record->span, "a rate counts the spikes of whole steps: it has no final value");
    if (statement->slot)
        return source_fault(fault, statement->span, "a rate counts the spikes of whole steps: leave out 'at %s'",
                            statement->slot);
    record->kind = RECORD_RATE;
    record->variable = word;
    record->unit_text = "Hz";
    unit_find(record->unit_text, 2, &record->unit);
    record->name = record_file_name(check, statement, word, set->name);
    return record_add(check, record, fault);
}

int record_require_event(struct check *check, const struct node_set *set, const char *event, struct span span,
                         struct fault *fault)
{
    for (int k = 0; k < set->n_parts; k++) {
        const struct population *population = &check->script->populations[set->parts[k].population];
        if (model_event(population->model, event) < 0)
            return source_fault(fault, span, "population '%s' (model '%s') has no event '%s'", population->name,
                                population->model->name, event);
    }
    return 0;
}

static int record_events(struct check *check, const struct statement *statement, const struct node_set *set, const char *event,
                         struct record *record, struct fault *fault)
{
    TRY(record_require_event(check, set, event, record->span, fault));
    if (statement->every && statement->n_recorded == 1)
        return source_fault(fault, statement->every->span, "every event is recorded: leave out 'every'");
    if (statement->is_final)
        return source_fault(fault, record->span, "'%s' are events, which have no final value", event);
    if (statement->name && statement->n_recorded == 1)
        return source_fault(fault, statement->name_span, "events are written to '%s.h5': leave out the name", event);
    if (statement->slot && statement->n_recorded == 1)
        return source_fault(fault, statement->span, "an event has a time of its own: leave out 'at %s'", statement->slot);
    record->kind = RECORD_EVENTS;
    record->name = record->variable = event;
    return record_add(check, record, fault);
}

bool record_has_event(struct check *check, const struct node_set *set, const char *name)
{
    for (int k = 0; k < set->n_parts; k++)
        if (model_event(set_model(check, set, k), name) >= 0)
            return true;
    return false;
}

/* ---- values of nodes ------------------------------------------------------------------------------------- */

static int record_state(struct check *check, const struct statement *statement, const struct node_set *set, const char *variable,
                        struct record *record, struct fault *fault)
{
    TRY(record_variable_check(check, set, variable, record->span, record, fault));
    TRY(record_slot_of_nodes(check, statement, set, &record->slot, fault));
    TRY(record_interval(check, statement, &record->every, fault));
    record->kind = RECORD_STATE;
    record->variable = variable;
    record->name = record_file_name(check, statement, variable, set->name);
    return record_add(check, record, fault);
}

/* ---- what synapses sent ---------------------------------------------------------------------------------- */

int record_unknown_connection(struct check *check, struct span span, const char *name, struct fault *fault)
{
    struct candidates candidates = {.arena = check->arena};
    for (int k = 0; k < check->script->n_connections; k++)
        candidates_add(&candidates, check->script->connections[k].name);
    return source_fault(fault, span, "unknown connection '%s'%s", name, candidates_suggestion(&candidates, name));
}

/* NAME or NAME.ROLE, as connections are called. */
static int select_sending(struct check *check, const struct expression *source, struct synapse_selection *out,
                          struct fault *fault)
{
    const struct expression *object = source->kind == EXPRESSION_MEMBER ? source->children[0] : source;
    if (object->kind != EXPRESSION_NAME)
        return source_fault(fault, source->span, "'sent' is recorded of a whole connection: 'record sent of NAME'");
    if (!record_is_of_synapses(check, source))
        return record_unknown_connection(check, source->span, object->name, fault);
    return synapses_select(check, source, "nothing is recorded", out, fault);
}

static int record_sent(struct check *check, const struct statement *statement, struct record *record, struct fault *fault)
{
    if (statement->slot)
        return source_fault(fault, statement->span, "'sent' is recorded at every transmission: leave out 'at %s'",
                            statement->slot);
    if (statement->every)
        return source_fault(fault, statement->every->span, "'sent' is recorded at every transmission: leave out 'every'");
    if (statement->n_recorded > 1)
        return source_fault(fault, record->span, "record 'sent' in a statement of its own");
    TRY(select_sending(check, statement->source, &record->synapses, fault));
    const struct connection *connection = &check->script->connections[record->synapses.connections[0]];
    if (!connection->port)
        return source_fault(fault, statement->source->span, "'%s' sends nothing: its synapse is '%s'", record->synapses.name,
                            connection->synapse->name);
    const struct port *port = model_port(set_model(check, connection->target, 0), connection->port);
    record->kind = RECORD_SENT;
    record->unit = port->unit;
    record->unit_text = port->unit_text;
    record->name = statement->name ? name_in_pass(check, statement->name)
                                   : arena_format(check->arena, "sent_%s", record->synapses.name);
    return record_add(check, record, fault);
}

/* Final values are those of variables, and have a time of their own. */
static int check_final(const struct statement *statement, const char *what, struct span span, struct fault *fault)
{
    if (!statement->is_final)
        return 0;
    if (statement->every)
        return source_fault(fault, statement->every->span, "a final value is recorded once, at the end: leave out 'every'");
    if (statement->slot)
        return source_fault(fault, statement->span, "a final value is recorded once, at the end: leave out 'at %s'",
                            statement->slot);
    if (strcmp(what, spikes_file) == 0 || strcmp(what, "sent") == 0)
        return source_fault(fault, span, "'%s' are events, which have no final value", what);
    return 0;
}

/* ---- the statement --------------------------------------------------------------------------------------- */

int record_check(struct check *check, struct statement *statement, struct fault *fault)
{
    if (statement->name)
        TRY(name_check_reserved(statement->name, statement->name_span, fault));
    check->simulation_used = true; /* intervals have become steps */
    for (int k = 0; k < statement->n_recorded; k++) {
        const char *what = statement->recorded[k];
        struct record record = {
            .epoch = check->script->n_epochs, .until = -1, .is_final = statement->is_final, .span = statement->recorded_spans[k]};
        if (statement->name)
            record.stated = name_in_pass(check, statement->name);
        TRY(check_final(statement, what, record.span, fault));
        if (strcmp(what, "sent") == 0) {
            TRY(record_sent(check, statement, &record, fault));
            continue;
        }
        if (record_is_of_synapses(check, statement->source)) {
            TRY(record_synapses(check, statement, what, &record, fault));
            continue;
        }
        TRY(set_require(check, statement->source, statement->name ? name_in_pass(check, statement->name) : NULL, &record.set,
                        fault));
        if (record_is_at_events(check, statement, record.set))
            return record_at_events(check, statement, record.set, &record, fault);
        if (record_has_event(check, record.set, what)) {
            TRY(record_events(check, statement, record.set, what, &record, fault));
            continue;
        }
        if (is_rate(check, record.set, what)) {
            TRY(record_rate(check, statement, record.set, what, &record, fault));
            continue;
        }
        if (strcmp(what, spikes_file) == 0)
            TRY(record_spikes(check, statement, record.set, &record, fault));
        else
            TRY(record_state(check, statement, record.set, what, &record, fault));
    }
    return 0;
}
