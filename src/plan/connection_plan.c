/* The plan of a connection: what its synapses compute.
 *
 * In this version every value of a connection's synapses is the same for all of them at the start, and nothing but the source's
 * spikes changes it. So what a synapse holds depends on its source only, and is kept once per source and rank instead of once per
 * synapse: a spike's effect is computed once, then added to the source's targets. */
#include <string.h>

#include "language/functions.h"
#include "plan/coupling_form.h"
#include "plan/linear.h"
#include "plan/plan.h"

static void place_synapse(struct arena *arena, struct connection_plan *plan)
{
    const struct model *synapse = plan->synapse;
    bool *assigned = ARENA_NEW(arena, synapse->n_variables, bool);
    for (int p = 0; p < synapse->n_pathways; p++)
        for (int k = 0; k < synapse->pathways[p].body.n_actions; k++) {
            const struct action *action = &synapse->pathways[p].body.actions[k];
            if (action->kind == ACTION_ASSIGN && action->reference.kind == REFERENCE_VARIABLE)
                assigned[action->reference.index] = true;
        }
    plan->places = ARENA_NEW(arena, synapse->n_variables, struct place);
    plan->state_variable = ARENA_NEW(arena, synapse->n_variables, int);
    for (int k = 0; k < synapse->n_variables; k++) {
        if (synapse->variables[k].kind == DECLARATION_SUBEXPRESSION) {
            plan->places[k] = (struct place){PLACE_SUBEXPRESSION, 0};
        } else if (synapse->variables[k].kind == DECLARATION_DERIVATIVE || assigned[k]) {
            plan->places[k] = (struct place){PLACE_NODE, plan->n_states};
            plan->state_variable[plan->n_states++] = k;
        } else {
            plan->places[k] = (struct place){PLACE_SHARED, k};
        }
    }
}

static int refuse_values_per_synapse(const struct connection *connection, struct fault *fault)
{
    for (int k = 0; k < connection->synapse->n_variables; k++)
        if (connection->values[k].expression && !connection->values[k].is_constant)
            return source_fault(
                fault, connection->values[k].span,
                "'%s' would differ from synapse to synapse; in this version all synapses of a connection have the same value",
                connection->synapse->variables[k].name);
    if (!connection->delay_is_constant)
        return source_fault(fault, connection->delay_value.span, "delays that differ between synapses are not supported yet");
    return 0;
}

/* ---- event-driven equations -----------------------------------------------------------------------------------------------
 *
 * dx_i/dt = a_i x_i + sum_j c_ij x_j + b_i, solved from the last event to this one, D later:
 *     x_i(D) = x_i e^(a_i D) + sum_j c_ij x_j f(a_i, a_j) + b_i f(a_i, 0),   f(a, b) = (e^(aD) - e^(bD))/(a - b)
 *                                                                                    = D e^(hD) exprel((l - h)D)
 * where h is the larger and l the smaller of a and b, so that after a long silence nothing overflows. The divided difference f
 * has no special case at a = b. Holds where every x_j that drives another one decays freely (no c, no b of its own). */

struct event_system {
    int n;
    int *unknowns;             /* [n] variables */
    struct linear_form *forms; /* [n] */
};

/* x_k at the last event */
static struct lowered old_value(struct lowering *lowering, const struct event_system *system, int k)
{
    return lower_leaf(lowering, OPCODE_NODE, lowering->places[system->unknowns[k]].slot);
}

static struct lowered decay_rate(struct lowering *lowering, const struct event_system *system, int k)
{
    return system->forms[k].has_coefficient[k] ? system->forms[k].coefficients[k] : lower_constant(lowering, 0);
}

/* f(a, b) above */
static struct lowered divided_difference(struct lowering *lowering, struct lowered a, struct lowered b, struct lowered elapsed)
{
    struct lowered high = lower_binary(lowering, OPCODE_MAXIMUM, a, b), low = lower_binary(lowering, OPCODE_MINIMUM, a, b);
    struct lowered difference = lower_binary(lowering, OPCODE_SUBTRACT, low, high);
    struct lowered ratio = lower_unary(lowering, OPCODE_EXPREL, lower_binary(lowering, OPCODE_MULTIPLY, difference, elapsed));
    struct lowered decay = lower_unary(lowering, OPCODE_EXP, lower_binary(lowering, OPCODE_MULTIPLY, high, elapsed));
    return lower_binary(lowering, OPCODE_MULTIPLY, lower_binary(lowering, OPCODE_MULTIPLY, elapsed, decay), ratio);
}

static struct lowered solve_event_driven(struct lowering *lowering, const struct event_system *system, int k,
                                         struct lowered elapsed)
{
    const struct linear_form *form = &system->forms[k];
    struct lowered rate = decay_rate(lowering, system, k);
    struct lowered decay = lower_unary(lowering, OPCODE_EXP, lower_binary(lowering, OPCODE_MULTIPLY, rate, elapsed));
    struct lowered value = lower_binary(lowering, OPCODE_MULTIPLY, old_value(lowering, system, k), decay);
    for (int j = 0; j < system->n; j++) {
        if (j == k || !form->has_coefficient[j])
            continue;
        struct lowered response = divided_difference(lowering, rate, decay_rate(lowering, system, j), elapsed);
        struct lowered driven = lower_binary(lowering, OPCODE_MULTIPLY, form->coefficients[j], old_value(lowering, system, j));
        value = lower_binary(lowering, OPCODE_ADD, value, lower_binary(lowering, OPCODE_MULTIPLY, driven, response));
    }
    if (form->has_constant) {
        struct lowered response = divided_difference(lowering, rate, lower_constant(lowering, 0), elapsed);
        value = lower_binary(lowering, OPCODE_ADD, value, lower_binary(lowering, OPCODE_MULTIPLY, form->constant, response));
    }
    return value;
}

static int check_chain(const struct model *synapse, const struct event_system *system, struct fault *fault)
{
    for (int k = 0; k < system->n; k++)
        for (int j = 0; j < system->n; j++) {
            if (j == k || !system->forms[k].has_coefficient[j])
                continue;
            bool driven = system->forms[j].has_constant;
            for (int l = 0; l < system->n; l++)
                driven |= l != j && system->forms[j].has_coefficient[l];
            if (driven)
                return source_fault(fault, synapse->variables[system->unknowns[k]].name_span,
                                    "'%s' is driven by '%s', which is driven itself: event-driven equations may form chains of "
                                    "two in this version",
                                    synapse->variables[system->unknowns[k]].name, synapse->variables[system->unknowns[j]].name);
        }
    return 0;
}

/* Bring all event-driven variables from their last event to this one. */
static int advance_states(struct arena *arena, struct lowering *lowering, struct connection_plan *plan, struct fault *fault)
{
    const struct model *synapse = plan->synapse;
    struct event_system system = {.unknowns = ARENA_NEW(arena, plan->n_states, int)};
    for (int k = 0; k < plan->n_states; k++)
        if (synapse->variables[plan->state_variable[k]].kind == DECLARATION_DERIVATIVE)
            system.unknowns[system.n++] = plan->state_variable[k];
    system.forms = ARENA_NEW(arena, system.n, struct linear_form);
    for (int k = 0; k < system.n; k++) {
        const struct declaration *variable = &synapse->variables[system.unknowns[k]];
        const struct expression *culprit = NULL;
        if (!(variable->flags & FLAG_EVENT_DRIVEN))
            return source_fault(fault, variable->name_span,
                                "'%s' must be flagged (event-driven): clock-driven synapses are not supported yet",
                                variable->name);
        if (!linear_form(lowering, variable->equation, system.unknowns, system.n, &system.forms[k], &culprit))
            return source_fault(
                fault, culprit->span,
                "this event-driven equation has no solution in closed form: it must be linear in the event-driven variables, "
                "with coefficients that do not change between events");
    }
    if (program_uses(lowering->program, OPCODE_TIME) || program_uses(lowering->program, OPCODE_STEP))
        return source_fault(fault, synapse->variables[system.unknowns[0]].name_span,
                            "these event-driven equations have no solution in closed form: they may not change in time");
    TRY(check_chain(synapse, &system, fault));
    struct lowered elapsed = lower_leaf(lowering, OPCODE_ARGUMENT, 0);
    struct lowered *advanced = ARENA_NEW(arena, system.n, struct lowered);
    for (int k = 0; k < system.n; k++)
        advanced[k] = solve_event_driven(lowering, &system, k, elapsed);
    for (int k = 0; k < system.n; k++) {
        lowering->assigned[system.unknowns[k]] = advanced[k];
        lowering->is_assigned[system.unknowns[k]] = true;
    }
    return 0;
}

static int plan_on_pre(struct arena *arena, struct lowering *lowering, struct connection_plan *plan, struct fault *fault)
{
    const struct model *synapse = plan->synapse;
    if (synapse->n_pathways != 1 || synapse->pathways[0].kind != PATHWAY_PRE)
        return source_fault(fault, plan->connection->span,
                            "'%s': synapses with on_post or several pathways are not supported yet", synapse->name);
    lowering_program(lowering, &plan->on_pre);
    TRY(advance_states(arena, lowering, plan, fault));
    lower_block(lowering, &synapse->pathways[0].body);
    for (int k = 0; k < plan->n_states; k++)
        program_output(&plan->on_pre, k, lower_register(lowering, lower_variable(lowering, plan->state_variable[k])));
    if (!lowering->has_sent)
        return source_fault(fault, synapse->pathways[0].span,
                            "on_pre of '%s' must `send` something: writing to _post is not supported yet", synapse->name);
    program_output(&plan->on_pre, plan->n_states, lower_register(lowering, lowering->sent));
    program_finish(&plan->on_pre);
    return fault->status;
}

/* ---- continuous couplings ---------------------------------------------------------------------------------------------- */

static int plan_coupling(struct arena *arena, struct lowering *lowering, struct connection_plan *plan, struct plan *all,
                         struct fault *fault)
{
    const struct declaration *summed = coupling_equation(plan->synapse);
    struct coupling_form form;
    struct program unused;
    lowering_program(lowering, &unused);
    coupling_form(lowering, summed->equation, &form);
    TRY(fault->status);
    plan->input = coupling_input(arena, summed);
    plan->source_variable = form.source_variable;
    plan->target_variable = form.target_variable;
    plan->weight_slot = shared_slot(lowering, form.source_weight);
    plan->own_weight_slot = form.target_variable ? shared_slot(lowering, form.target_weight) : -1;
    const struct node_set *source = plan->connection->source;
    for (int k = 0; k < source->n_parts; k++) {
        struct node_plan *nodes = &all->nodes[source->parts[k].population];
        TRY(node_plan_couple(arena, nodes, model_variable(nodes->model, plan->source_variable), fault));
    }
    return 0;
}

/* What a synapse does is computed once per source, so it cannot depend on which synapse it is. */
static int refuse_places(const struct connection_plan *plan, struct fault *fault)
{
    bool size = false;
    for (int k = 0; k < plan->shared.setup.n_instructions; k++)
        size |= plan->shared.setup.instructions[k].opcode == OPCODE_SHARED &&
                plan->shared.setup.instructions[k].slot == plan->synapse->n_variables + 1;
    if (size || program_uses(&plan->on_pre, OPCODE_INDEX) || program_uses(&plan->on_pre, OPCODE_STEP) ||
        program_uses(&plan->on_pre, OPCODE_NOT_REFRACTORY))
        return source_fault(fault, plan->connection->span,
                            "'%s': i, j, N, t_in_timesteps and not_refractory are not supported in synapses yet",
                            plan->synapse->name);
    return 0;
}

int connection_plan_make(struct arena *arena, const struct script *script, const struct connection *connection, struct plan *all,
                         struct fault *fault)
{
    struct connection_plan *plan = &all->connections[connection->index];
    *plan = (struct connection_plan){.connection = connection, .synapse = connection->synapse, .kind = CONNECTION_SPIKES};
    TRY(refuse_values_per_synapse(connection, fault));
    place_synapse(arena, plan);
    shared_table_begin(&plan->shared, arena);
    struct lowering lowering = lowering_begin(arena, plan->synapse, plan->places, &plan->shared, fault);
    if (coupling_equation(plan->synapse)) {
        plan->kind = CONNECTION_COUPLING;
        TRY(plan_coupling(arena, &lowering, plan, all, fault));
        return refuse_places(plan, fault);
    }
    for (int k = 0; k < connection->source->n_parts; k++) {
        const struct model *source = script->populations[connection->source->parts[k].population].model;
        bool emission = source->emit.kind == EMIT_PER_CONNECTION;
        if (k > 0 && emission != (plan->kind == CONNECTION_EMISSION))
            return source_fault(fault, connection->span,
                                "the sources of '%s' mix devices that emit per connection with other nodes: connect them apart",
                                connection->name);
        plan->kind = emission ? CONNECTION_EMISSION : CONNECTION_SPIKES;
    }
    TRY(plan_on_pre(arena, &lowering, plan, fault));
    TRY(refuse_places(plan, fault));
    if (plan->kind == CONNECTION_EMISSION && plan->n_states > 0)
        return source_fault(fault, connection->span,
                            "'%s' emits per connection; it can drive only synapses without state, as `static`, not '%s'",
                            script->populations[connection->source->parts[0].population].name, plan->synapse->name);
    return 0;
}
