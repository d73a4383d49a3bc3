#include "plan/recorded.h"

#include <string.h>

#include "plan/lower.h"

static bool selects(const struct synapse_selection *synapses, int connection)
{
    for (int k = 0; k < synapses->n_connections; k++)
        if (synapses->connections[k] == connection)
            return true;
    return false;
}

static bool is_recorded(const struct script *script, int connection, const char *variable)
{
    for (int r = 0; r < script->n_records; r++) {
        const struct record *record = &script->records[r];
        if (record->kind == RECORD_SYNAPSES && selects(&record->synapses, connection) && !strcmp(record->variable, variable))
            return true;
    }
    return false;
}

bool recorded_before_arrivals(const struct script *script, int connection)
{
    for (int r = 0; r < script->n_records; r++) {
        const struct record *record = &script->records[r];
        if (record->kind == RECORD_SYNAPSES && record->slot == RECORD_AT_AFTER_THRESHOLDS &&
            selects(&record->synapses, connection))
            return true;
    }
    return false;
}

/* `variable` NULL: any. */
static bool is_printed(const struct script *script, int connection, const char *variable)
{
    for (int k = 0; k < script->n_prints; k++)
        for (int item = 0; item < script->prints[k].n_items; item++) {
            const struct printed *printed = &script->prints[k].items[item];
            if (printed->kind == PRINTED_SYNAPSES && selects(&printed->synapses, connection) &&
                (!variable || !strcmp(printed->variable, variable)))
                return true;
        }
    return false;
}

static bool is_read(struct arena *arena, const struct script *script, const struct connection *connection, int variable)
{
    bool *is_marked = ARENA_NEW(arena, connection->synapse->n_variables, bool);
    is_marked[variable] = true;
    for (int k = 0; k < script->n_synapse_assignments; k++) {
        const struct synapse_assignment *assignment = &script->synapse_assignments[k];
        if (assignment->connection == connection->index && !assignment->value.array &&
            expression_mentions(connection->synapse, assignment->value.expression, is_marked))
            return true;
    }
    return false;
}

bool recorded_looks_at(struct arena *arena, const struct script *script, const struct connection *connection, int variable)
{
    const char *name = connection->synapse->variables[variable].name;
    return is_recorded(script, connection->index, name) || is_printed(script, connection->index, name) ||
           is_read(arena, script, connection, variable);
}

/* An assignment may count the synapses of all connections that belong together. */
static bool is_counted_between(const struct script *script, const struct connection *connection)
{
    const struct synapses *together = connection->synapses < 0 ? NULL : &script->synapses[connection->synapses];
    for (int k = 0; together && k < together->n_connections; k++)
        if (script->connections[together->connections[k]].is_assigned_between)
            return true;
    return connection->is_assigned_between;
}

bool recorded_needs_all(const struct script *script, const struct connection *connection)
{
    return is_counted_between(script, connection) || is_printed(script, connection->index, NULL);
}

static int check_variable(const struct plan *plan, const struct synapse_selection *synapses, const char *variable,
                          const char *done, struct span span, struct fault *fault)
{
    for (int k = 0; k < synapses->n_connections; k++) {
        const struct connection_plan *connection = &plan->connections[synapses->connections[k]];
        if (connection->places[model_variable(connection->synapse, variable)].kind == PLACE_SUBEXPRESSION)
            return source_fault(fault, span, "'%s' of '%s' is an expression, which is not kept: %s what it is made of", variable,
                                synapses->name, done);
    }
    return 0;
}

/* What is wrong with an expression that is only recorded is found here. A final value is taken outside of the steps. */
static int check_state(const struct record *record, struct plan *plan, struct arena *arena, struct fault *fault)
{
    for (int k = 0; k < record->set->n_parts; k++) {
        struct node_plan *nodes = &plan->nodes[record->set->parts[k].population];
        struct program value;
        TRY(node_plan_value(arena, nodes, model_variable(nodes->model, record->variable), &value, fault));
        if (record->is_final && program_uses(&value, OPCODE_INPUT))
            return source_fault(fault, record->span, "'%s' depends on an input, which has no value outside of the steps",
                                record->variable);
    }
    return 0;
}

int recorded_check(struct arena *arena, const struct script *script, struct plan *plan, struct fault *fault)
{
    for (int r = 0; r < script->n_records; r++) {
        const struct record *record = &script->records[r];
        if (record->kind == RECORD_STATE)
            TRY(check_state(record, plan, arena, fault));
        if (record->kind == RECORD_SYNAPSES)
            TRY(check_variable(plan, &record->synapses, record->variable, "record", record->span, fault));
    }
    for (int k = 0; k < script->n_prints; k++)
        for (int item = 0; item < script->prints[k].n_items; item++) {
            const struct printed *printed = &script->prints[k].items[item];
            if (printed->kind == PRINTED_SYNAPSES)
                TRY(check_variable(plan, &printed->synapses, printed->variable, "print", printed->span, fault));
        }
    return 0;
}
