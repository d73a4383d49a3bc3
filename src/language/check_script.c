/* The statements of a script in order, executed symbolically into epochs. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "language/check.h"

/* A run ends at the smallest step that is not before the sum of all durations, but for this part of a step (Brian 2's rule). */
#define END_TOLERANCE 1e-4

#define DEFAULT_DT 1e-4 /* seconds */
#define DEFAULT_SEED 1

/* Beyond, steps and seeds are no longer exact in a double. */
#define EXACT_MAX 0x1p53

void check_warn(struct check *check, struct span where, const char *format, ...)
{
    struct script *script = check->script;
    va_list arguments;
    char text[512];
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *message = arena_format(check->arena, "%s: warning: %s", source_place(check->arena, where), text);
    for (int k = 0; k < script->n_warnings; k++) /* what is used in several places may be checked several times */
        if (strcmp(script->warnings[k], message) == 0)
            return;
    *ARENA_PUSH(check->arena, script->warnings, script->n_warnings, check->warnings_capacity, const char *) = message;
}

/* ---- simulation, run ------------------------------------------------------------------------------------- */

static int check_setting(struct check *check, const struct setting *setting, struct fault *fault)
{
    struct script *script = check->script;
    double number;
    if (strcmp(setting->name, "dt") == 0) {
        TRY(constant_number(check, setting->value, dimension_of_time(), "dt", &number, fault));
        if (!(number > 0) || isinf(number))
            return source_fault(fault, setting->value->span, "dt must be above 0 ms, but is %.10g ms", number * 1e3);
        if (script->dt_given)
            return source_fault(fault, setting->span, "dt is given twice");
        script->dt = number;
        script->dt_given = true;
        return 0;
    }
    if (strcmp(setting->name, "seed") == 0) {
        TRY(constant_count(check, setting->value, "the seed", 0, EXACT_MAX, &number, fault));
        if (script->seed_given)
            return source_fault(fault, setting->span, "the seed is given twice");
        script->seed = (uint64_t)number;
        script->seed_given = true;
        return 0;
    }
    return source_fault(fault, setting->span, "unknown setting '%s': 'simulation' takes dt and seed", setting->name);
}

static int check_simulation(struct check *check, const struct statement *statement, struct fault *fault)
{
    if (check->simulation_seen)
        return source_fault(fault, statement->span, "'simulation' stands twice, first at %s",
                            source_place(check->arena, check->simulation_span));
    if (check->simulation_used)
        return source_fault(fault, statement->span,
                            "'simulation' must stand before populations, connections, records, runs and samples");
    check->simulation_seen = true;
    check->simulation_span = statement->span;
    for (int k = 0; k < statement->settings.n_items; k++)
        TRY(check_setting(check, &statement->settings.items[k], fault));
    return 0;
}

static int check_run(struct check *check, const struct statement *statement, struct fault *fault)
{
    struct script *script = check->script;
    double duration;
    TRY(constant_number(check, statement->value, dimension_of_time(), "the duration of a run", &duration, fault));
    if (!(duration >= 0))
        return source_fault(fault, statement->value->span, "a run cannot last a negative time: this is %.10g ms", duration * 1e3);
    const struct epoch *last = script->n_epochs ? &script->epochs[script->n_epochs - 1] : NULL;
    struct epoch epoch = {
        .begin = last ? last->end : 0, .end_time = duration + (last ? last->end_time : 0), .span = statement->span};
    double end = ceil(epoch.end_time / script->dt - END_TOLERANCE);
    if (!(end < EXACT_MAX))
        return source_fault(fault, statement->value->span, "a run of %g s has too many steps", duration);
    /* a short run may end within the tolerance of where the last one did */
    epoch.end = (step_count)end > epoch.begin ? (step_count)end : epoch.begin;
    check->simulation_used = true;
    *ARENA_PUSH(check->arena, script->epochs, script->n_epochs, check->epochs_capacity, struct epoch) = epoch;
    return 0;
}

/* ---- models declared in the script ----------------------------------------------------------------------- */

static int check_model_statement(struct check *check, struct statement *statement, struct fault *fault)
{
    struct model *model = statement->model;
    if (check->loop)
        return source_fault(fault, statement->span, "models are declared outside of loops");
    TRY(name_check_reserved(model->name, model->name_span, fault));
    const struct named *earlier = named_model_find(check, model->name);
    if (earlier)
        return source_fault(fault, model->name_span, "model '%s' is declared twice, first at %s", model->name,
                            source_place(check->arena, earlier->span));
    TRY(model_check(check, model, fault));
    named_add(check, NAMED_MODEL, model->name, model->name_span)->model = model;
    return 0;
}

/* ---- the script ------------------------------------------------------------------------------------------ */

int statement_check(struct check *check, struct statement *statement, struct fault *fault)
{
    switch (statement->kind) {
    case STATEMENT_LET:
        return let_check(check, statement, fault);
    case STATEMENT_SIMULATION:
        return check_simulation(check, statement, fault);
    case STATEMENT_MODEL:
        return check_model_statement(check, statement, fault);
    case STATEMENT_POPULATION:
        return population_check(check, statement, fault);
    case STATEMENT_CONNECT:
        return connect_check(check, statement, fault);
    case STATEMENT_ASSIGN:
        return assignment_check(check, statement, fault);
    case STATEMENT_RECORD:
        return record_check(check, statement, fault);
    case STATEMENT_STOP:
        return stop_check(check, statement, fault);
    case STATEMENT_RUN:
        return check_run(check, statement, fault);
    case STATEMENT_SYNAPSES:
        return synapses_check(check, statement, fault);
    case STATEMENT_PRINT:
        return print_check(check, statement, fault);
    case STATEMENT_FOR:
        return for_check(check, statement, fault);
    }
    return 0;
}

static void warn_of_late_records(struct check *check)
{
    const struct script *script = check->script;
    for (int k = 0; k < script->n_records; k++)
        if (script->n_epochs && script->records[k].epoch == script->n_epochs)
            check_warn(check, script->records[k].span, "nothing is recorded here: no 'run' follows");
}

/* Do spikes or steps change anything? */
static bool acts(const struct model *synapse)
{
    for (int k = 0; k < synapse->n_variables; k++) {
        const struct declaration *variable = &synapse->variables[k];
        bool is_clocked = variable->kind == DECLARATION_DERIVATIVE && !(variable->flags & FLAG_EVENT_DRIVEN);
        if (is_clocked || variable->flags & FLAG_SUMMED)
            return true;
    }
    return synapse->n_pathways > 0 || synapse->n_everys > 0;
}

/* Asked of those that are connected: a model may be there for others to extend. */
static void warn_of_idle_synapses(struct check *check)
{
    const struct script *script = check->script;
    for (int k = 0; k < script->n_connections; k++) {
        const struct model *synapse = script->connections[k].synapse;
        if (!acts(synapse))
            check_warn(check, synapse->name_span, "'%s' does nothing: it has neither on_pre nor a (summed) equation",
                       synapse->name);
    }
}

int script_check(struct arena *arena, const struct script_tree *tree, const struct vocabulary *vocabulary,
                 const struct override *overrides, int n_overrides, struct script **out, struct fault *fault)
{
    *out = NULL;
    struct script *script = ARENA_NEW(arena, 1, struct script);
    script->source = tree->source;
    script->dt = DEFAULT_DT;
    script->seed = DEFAULT_SEED;
    struct check check = {
        .arena = arena,
        .vocabulary = vocabulary,
        .overrides = overrides,
        .n_overrides = n_overrides,
        .script = script,
    };
    TRY(overrides_check(&check, tree, fault));
    for (int k = 0; k < tree->n_statements; k++)
        TRY(statement_check(&check, &tree->statements[k], fault));
    TRY(step_values_finish(&check, fault));
    TRY(synapses_finish(&check, fault));
    TRY(links_finish(&check, fault));
    driven_values_warn(&check);
    warn_of_late_records(&check);
    warn_of_idle_synapses(&check);
    *out = script;
    return 0;
}
