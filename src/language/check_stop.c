/* `stop NAME, …`: recordings end here. NAME is that of the file, or of the statement, which may have written several; `spikes`
 * are all spikes that are being recorded. */
#include "language/check.h"

static bool is_called(const struct record *record, const char *name)
{
    return strcmp(record->name, name) == 0 || (record->stated && strcmp(record->stated, name) == 0);
}

/* Of a recording that is not going on. */
static int fault_nothing_to_stop(struct check *check, const char *name, const struct record *stopped, struct span span,
                                 struct fault *fault)
{
    if (stopped)
        return source_fault(fault, span, "'%s', recorded at %s, has been stopped already", name,
                            source_place(check->arena, stopped->span));
    struct candidates candidates = {.arena = check->arena};
    for (int r = 0; r < check->script->n_records; r++)
        candidates_add(&candidates, check->script->records[r].name);
    return source_fault(fault, span, "no recording is called '%s'%s", name, candidates_suggestion(&candidates, name));
}

static int stop_one(struct check *check, struct record *record, struct span span, struct fault *fault)
{
    if (record->is_final)
        return source_fault(fault, span, "'%s' is recorded once, when the script ends", record->name);
    if (record->epoch == check->script->n_epochs)
        return source_fault(fault, span, "nothing is recorded: no 'run' stands between 'record' at %s and this 'stop'",
                            source_place(check->arena, record->span));
    record->until = check->script->n_epochs;
    return 0;
}

static int stop_named(struct check *check, const char *stated, struct span span, struct fault *fault)
{
    struct script *script = check->script;
    const char *in_pass = name_in_pass(check, stated);
    const struct record *stopped = NULL;
    bool found = false;
    for (int r = 0; r < script->n_records; r++) {
        struct record *record = &script->records[r];
        if (!is_called(record, stated) && !is_called(record, in_pass))
            continue;
        if (record->until >= 0) {
            stopped = record;
            continue;
        }
        found = true;
        TRY(stop_one(check, record, span, fault));
    }
    return found ? 0 : fault_nothing_to_stop(check, stated, stopped, span, fault);
}

int stop_check(struct check *check, const struct statement *statement, struct fault *fault)
{
    for (int k = 0; k < statement->n_recorded; k++)
        TRY(stop_named(check, statement->recorded[k], statement->recorded_spans[k], fault));
    return 0;
}
