#include "plan/recorded.h"

static int check_variable(const struct record *record, const struct connection_plan *plan, struct fault *fault)
{
    const char *synapses = record->synapses.name, *variable = record->variable;
    const struct place *place = &plan->places[model_variable(plan->synapse, variable)];
    if (plan->kind != CONNECTION_SPIKES)
        return source_fault(
            fault, record->span,
            "recording '%s' of '%s' is not supported yet: of synapses only those that spikes go over, and without "
            "clock-driven equations, can be recorded",
            variable, synapses);
    if (place->kind == PLACE_SUBEXPRESSION)
        return source_fault(fault, record->span, "'%s' of '%s' is an expression, which is not kept: record what it is made of",
                            variable, synapses);
    if (place->kind != PLACE_NODE)
        return 0;
    if (plan->n_on_post > 0 && !plan->at_arrival)
        return source_fault(
            fault, record->span,
            "recording '%s' of '%s' is not supported yet: synapses that send and have on_post are brought up to date when their "
            "source spikes, not in every step",
            variable, synapses);
    if (place->slot < plan->n_states && (plan->n_columns > 0 || plan->delay.n_outputs > 0))
        return source_fault(
            fault, record->span,
            "recording '%s' of '%s' is not supported yet: it is the same for all synapses of a source and changes "
            "when the source spikes, while other values or delays differ between synapses",
            variable, synapses);
    return 0;
}

int recorded_check(const struct script *script, const struct plan *plan, struct fault *fault)
{
    for (int r = 0; r < script->n_records; r++) {
        const struct record *record = &script->records[r];
        for (int k = 0; record->kind == RECORD_SYNAPSES && k < record->synapses.n_connections; k++)
            TRY(check_variable(record, &plan->connections[record->synapses.connections[k]], fault));
    }
    return 0;
}
