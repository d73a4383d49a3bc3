#include "plan/recorded.h"

#include <string.h>

static bool selects(const struct synapse_selection *synapses, int connection)
{
    for (int k = 0; k < synapses->n_connections; k++)
        if (synapses->connections[k] == connection)
            return true;
    return false;
}

bool recorded_looks_at(const struct script *script, const struct connection *connection, int variable)
{
    const char *name = connection->synapse->variables[variable].name;
    for (int r = 0; r < script->n_records; r++) {
        const struct record *record = &script->records[r];
        if (record->kind == RECORD_SYNAPSES && selects(&record->synapses, connection->index) && !strcmp(record->variable, name))
            return true;
    }
    return false;
}

static int check_variable(const struct record *record, const struct connection_plan *plan, struct fault *fault)
{
    const char *variable = record->variable;
    if (plan->places[model_variable(plan->synapse, variable)].kind == PLACE_SUBEXPRESSION)
        return source_fault(fault, record->span, "'%s' of '%s' is an expression, which is not kept: record what it is made of",
                            variable, record->synapses.name);
    return 0;
}

/* A final value is taken outside of the steps. */
static int check_final(const struct record *record, struct plan *plan, struct arena *arena, struct fault *fault)
{
    for (int k = 0; k < record->set->n_parts; k++) {
        struct node_plan *nodes = &plan->nodes[record->set->parts[k].population];
        struct program value;
        TRY(node_plan_value(arena, nodes, model_variable(nodes->model, record->variable), &value, fault));
        if (program_uses(&value, OPCODE_INPUT))
            return source_fault(fault, record->span, "'%s' depends on an input, which has no value outside of the steps",
                                record->variable);
    }
    return 0;
}

int recorded_check(struct arena *arena, const struct script *script, struct plan *plan, struct fault *fault)
{
    for (int r = 0; r < script->n_records; r++) {
        const struct record *record = &script->records[r];
        if (record->kind == RECORD_STATE && record->is_final)
            TRY(check_final(record, plan, arena, fault));
        for (int k = 0; record->kind == RECORD_SYNAPSES && k < record->synapses.n_connections; k++)
            TRY(check_variable(record, &plan->connections[record->synapses.connections[k]], fault));
    }
    return 0;
}
