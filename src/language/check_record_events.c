/* `record VARIABLES of SET at spikes`, or at an event of its models: one file with what the variables were at each of them. */
#include "language/check.h"

static const char *const spikes_word = "spikes";

bool record_is_at_events(struct check *check, const struct statement *statement, const struct node_set *set)
{
    return statement->slot && (strcmp(statement->slot, spikes_word) == 0 || record_has_event(check, set, statement->slot));
}

/* What variables were is known behind the thresholds, before anything arrives and who spiked is reset. NULL, or why not. */
static const char *obstacle(const struct model *model, bool at_spikes)
{
    if (model_spikes_after_synapses(model))
        return "spikes `after synapses`";
    if (at_spikes && model->threshold && model->threshold_mode == THRESHOLD_EACH_SUB_STEP)
        return "spikes `each sub_step`";
    return at_spikes && model->emit.kind == EMIT_AT ? "spikes at listed times" : NULL;
}

static int check_moment(const struct statement *statement, const struct population *population, bool at_spikes,
                        struct fault *fault)
{
    const char *why_not = obstacle(population->model, at_spikes);
    if (!why_not)
        return 0;
    return source_fault(fault, statement->span, "'at %s' is not supported for '%s' (model '%s'), which %s", statement->slot,
                        population->name, population->model->name, why_not);
}

static int check_events(struct check *check, const struct statement *statement, const struct node_set *set, const char *event,
                        struct fault *fault)
{
    if (event)
        TRY(record_require_event(check, set, event, statement->span, fault));
    else
        TRY(record_require_spikes(check, set, statement->span, fault));
    for (int k = 0; k < set->n_parts; k++)
        TRY(check_moment(statement, &check->script->populations[set->parts[k].population], !event, fault));
    if (statement->every)
        return source_fault(fault, statement->every->span, "every one of '%s' is recorded: leave out 'every'", statement->slot);
    return 0;
}

static int check_column(struct check *check, const struct statement *statement, const struct node_set *set, int which,
                        struct recorded_variable *column, struct fault *fault)
{
    struct record variable = {0};
    const char *name = statement->recorded[which];
    const struct span span = statement->recorded_spans[which];
    if (strcmp(name, spikes_word) == 0 || strcmp(name, statement->slot) == 0)
        return source_fault(fault, span, "times and nodes stand in the file of what is recorded 'at %s': leave out '%s'",
                            statement->slot, name);
    for (int k = 0; k < which; k++)
        if (strcmp(statement->recorded[k], name) == 0)
            return source_fault(fault, span, "'%s' is recorded twice", name);
    TRY(record_variable_check(check, set, name, span, &variable, fault));
    *column = (struct recorded_variable){name, variable.unit, variable.unit_text};
    return 0;
}

int record_at_events(struct check *check, const struct statement *statement, const struct node_set *set, struct record *record,
                     struct fault *fault)
{
    const char *event = strcmp(statement->slot, spikes_word) == 0 ? NULL : statement->slot;
    struct recorded_variable *columns = ARENA_NEW(check->arena, statement->n_recorded, struct recorded_variable);
    TRY(check_events(check, statement, set, event, fault));
    for (int k = 0; k < statement->n_recorded; k++)
        TRY(check_column(check, statement, set, k, &columns[k], fault));
    record->kind = RECORD_AT_EVENTS;
    record->variable = event;
    record->columns = columns;
    record->n_columns = statement->n_recorded;
    record->name = statement->name ? name_in_pass(check, statement->name)
                                   : arena_format(check->arena, "%s_%s", statement->slot, set->name);
    return record_add(check, record, fault);
}
