/* The plan of a connection: what its synapses compute.
 *
 * Values that differ between the synapses of a connection are columns: a number per synapse. Whatever depends on the source's
 * spikes and on values that all synapses share is the same for all synapses of a source, so it is kept and computed once per
 * source and rank instead (split.h); a state is a column only if its value, or anything that changes it, differs. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "language/constant.h"
#include "language/functions.h"
#include "plan/arrival.h"
#include "plan/coupling_form.h"
#include "plan/event_driven.h"
#include "plan/plan.h"
#include "plan/recorded.h"
#include "plan/split.h"

/* ---- places ---------------------------------------------------------------------------------------------------------------- */

/* Of a synapse's arguments, those that belong to the source. */
enum { SOURCE_ARGUMENTS = ARGUMENT_SYNAPSE_ELAPSED };

static bool differs_at_first(const struct value *value)
{
    return value->expression && !value->is_constant;
}

/* Or does the script assign it to some synapses, or behind a run? */
static bool is_per_synapse(const struct value *value)
{
    return differs_at_first(value) || value->is_reassigned;
}

static void mark_assigned(const struct block *block, bool *assigned)
{
    for (int k = 0; k < block->n_actions; k++)
        if (block->actions[k].kind == ACTION_ASSIGN && block->actions[k].reference.kind == REFERENCE_VARIABLE)
            assigned[block->actions[k].reference.index] = true;
}

static bool *assigned_variables(struct arena *arena, const struct model *synapse)
{
    bool *assigned = ARENA_NEW(arena, synapse->n_variables, bool);
    for (int p = 0; p < synapse->n_pathways; p++)
        mark_assigned(&synapse->pathways[p].body, assigned);
    for (int k = 0; k < synapse->n_everys; k++)
        mark_assigned(&synapse->everys[k].body, assigned);
    return assigned;
}

/* Slots in programs: the states of a source first, then the columns. */
static void place_synapse(struct arena *arena, struct connection_plan *plan, const bool *is_column)
{
    const struct model *synapse = plan->synapse;
    const bool *assigned = assigned_variables(arena, synapse);
    plan->places = ARENA_NEW(arena, synapse->n_variables, struct place);
    plan->state_variable = ARENA_NEW(arena, synapse->n_variables, int);
    plan->columns = ARENA_NEW(arena, synapse->n_variables, struct column_plan);
    plan->n_states = plan->n_columns = 0;
    for (int k = 0; k < synapse->n_variables; k++) {
        if (synapse->variables[k].kind == DECLARATION_SUBEXPRESSION) {
            plan->places[k] = (struct place){PLACE_SUBEXPRESSION, 0};
        } else if (is_column[k]) {
            plan->places[k] = (struct place){PLACE_NODE, plan->n_columns};
            plan->columns[plan->n_columns++].variable = k;
        } else if (synapse->variables[k].kind == DECLARATION_DERIVATIVE || assigned[k]) {
            plan->places[k] = (struct place){PLACE_NODE, plan->n_states};
            plan->state_variable[plan->n_states++] = k;
        } else {
            plan->places[k] = (struct place){PLACE_SHARED, k};
        }
    }
    for (int c = 0; c < plan->n_columns; c++)
        plan->places[plan->columns[c].variable].slot += plan->n_states;
}

/* Somebody looks at states that are kept per source, now and then or in an assignment. Their spikes change them at once, but
 * reach each synapse in its own time. */
static void place_copies(struct arena *arena, const struct script *script, struct connection_plan *plan)
{
    for (int k = 0; k < plan->n_states; k++)
        if (recorded_looks_at(arena, script, plan->connection, plan->state_variable[k]))
            plan->columns[plan->n_columns++] = (struct column_plan){.variable = plan->state_variable[k], .is_copy = true};
}

/* ---- what a spike does ------------------------------------------------------------------------------------------------------
 */

/* Whether the events of a synapse are more than those of its source. */
static bool has_own_events(const struct model *synapse)
{
    for (int k = 0; k < synapse->n_pathways; k++)
        if (synapse->pathways[k].kind == PATHWAY_POST)
            return true;
    return false;
}

/* Columns go on from the synapse's last event, states from the source's. */
static int advance_states(struct arena *arena, struct lowering *lowering, const struct connection_plan *plan,
                          const bool *is_column, struct fault *fault)
{
    const struct model *synapse = plan->synapse;
    const bool own_events = has_own_events(synapse);
    int n = 0, *unknowns = ARENA_NEW(arena, synapse->n_variables, int);
    struct lowered *elapsed = ARENA_NEW(arena, synapse->n_variables, struct lowered);
    for (int k = 0; k < synapse->n_variables; k++) {
        if (synapse->variables[k].kind != DECLARATION_DERIVATIVE)
            continue;
        unknowns[n] = k;
        elapsed[n++] = lower_leaf(lowering, OPCODE_ARGUMENT,
                                  is_column[k] && own_events ? ARGUMENT_SYNAPSE_ELAPSED : ARGUMENT_SOURCE_ELAPSED);
    }
    return event_driven_advance(lowering, unknowns, elapsed, n, fault);
}

/* The new values of the columns that change; column c is output `first` + c. */
static void output_columns(struct lowering *lowering, const struct connection_plan *plan, struct program *program, int first)
{
    for (int c = 0; c < plan->n_columns; c++)
        if (lowering->is_assigned[plan->columns[c].variable])
            program_output(program, first + c, lower_stored(lowering, lower_variable(lowering, plan->columns[c].variable)));
}

/* The numbers that a spike brings to the port. */
static void output_sent(struct lowering *lowering, const struct connection_plan *plan, struct program *program)
{
    int first = plan->n_states + plan->n_columns;
    if (!plan->at_arrival) {
        program_output(program, first, lower_register(lowering, lowering->sent));
        return;
    }
    for (int k = 0; k < plan->n_sent; k++)
        program_output(program, first + k, lower_stored(lowering, lowering->additions->sums[k]));
}

/* All of on_pre: the states of the source, the columns, what is sent. */
static int lower_on_pre(struct arena *arena, struct lowering *lowering, const struct connection_plan *plan, const bool *is_column,
                        struct program *program, struct fault *fault)
{
    const struct model *synapse = plan->synapse;
    lowering_program(lowering, program);
    TRY(advance_states(arena, lowering, plan, is_column, fault));
    lower_block(lowering, &model_on_pre(synapse)->body);
    for (int k = 0; k < plan->n_states; k++)
        program_output(program, k, lower_stored(lowering, lower_variable(lowering, plan->state_variable[k])));
    output_columns(lowering, plan, program, plan->n_states);
    output_sent(lowering, plan, program);
    program_finish(program);
    return fault->status;
}

/* ---- what a spike of the target does -------------------------------------------------------------------------------------- */

static int by_order_and_name(const void *a, const void *b)
{
    return pathway_compare(((const struct post_plan *)a)->pathway, ((const struct post_plan *)b)->pathway);
}

static void order_on_post(struct arena *arena, struct connection_plan *plan)
{
    const struct model *synapse = plan->synapse;
    const struct post_plan on_pre = {.pathway = model_on_pre(synapse)};
    plan->on_post = ARENA_NEW(arena, synapse->n_pathways, struct post_plan);
    for (int k = 0; k < synapse->n_pathways; k++) {
        struct post_plan post = {.pathway = &synapse->pathways[k]};
        if (post.pathway->kind != PATHWAY_POST)
            continue;
        post.is_early = by_order_and_name(&post, &on_pre) < 0;
        plan->on_post[plan->n_on_post++] = post;
    }
    qsort(plan->on_post, (size_t)plan->n_on_post, sizeof *plan->on_post, by_order_and_name);
}

static int lower_on_post(struct arena *arena, struct lowering *lowering, const struct connection_plan *plan,
                         const bool *is_column, struct post_plan *post, struct fault *fault)
{
    lowering_program(lowering, &post->program);
    TRY(advance_states(arena, lowering, plan, is_column, fault));
    lower_block(lowering, &post->pathway->body);
    output_columns(lowering, plan, &post->program, 0);
    program_finish(&post->program);
    return fault->status;
}

/* ---- what is a column --------------------------------------------------------------------------------------------------- */

/* From the beginning: what differs, and what spikes of the target change. */
static bool *first_columns(struct arena *arena, const struct connection_plan *plan)
{
    bool *is_column = ARENA_NEW(arena, plan->synapse->n_variables, bool);
    for (int k = 0; k < plan->synapse->n_variables; k++)
        is_column[k] = is_per_synapse(&plan->connection->values[k]);
    for (int p = 0; p < plan->n_on_post; p++) {
        const struct block *body = &plan->on_post[p].pathway->body;
        for (int k = 0; k < body->n_actions; k++)
            if (body->actions[k].reference.kind == REFERENCE_VARIABLE)
                is_column[body->actions[k].reference.index] = true;
    }
    return is_column;
}

/* States whose new value differs between the synapses of a source become columns; true if there are any. */
static bool find_columns(const struct connection_plan *plan, const struct program *on_pre, bool *is_column)
{
    const bool *differs = split_differs(on_pre, plan->n_states, SOURCE_ARGUMENTS);
    bool found = false;
    for (int k = 0; k < on_pre->n_outputs; k++) {
        if (on_pre->outputs[k].slot >= plan->n_states || !differs[on_pre->outputs[k].reg])
            continue;
        is_column[plan->state_variable[on_pre->outputs[k].slot]] = true;
        found = true;
    }
    return found;
}

/* What drives an event-driven column must be known at the synapse's last event, so it becomes a column as well. */
static bool find_drivers(struct arena *arena, const struct model *synapse, bool *is_column)
{
    bool found = false;
    bool *driver = ARENA_NEW(arena, synapse->n_variables, bool);
    for (int k = 0; k < synapse->n_variables; k++) {
        if (is_column[k] || synapse->variables[k].kind != DECLARATION_DERIVATIVE)
            continue;
        driver[k] = true;
        for (int driven = 0; driven < synapse->n_variables; driven++)
            if (is_column[driven] && synapse->variables[driven].kind == DECLARATION_DERIVATIVE &&
                expression_mentions(synapse, synapse->variables[driven].equation, driver))
                is_column[k] = found = true;
        driver[k] = false;
    }
    return found;
}

/* Places, and the programs that they lead to, until no state turns out to differ. `whole`: of on_pre. */
static int lower_events(struct arena *arena, struct lowering *lowering, struct connection_plan *plan, struct program *whole,
                        struct fault *fault)
{
    bool *is_column = first_columns(arena, plan);
    bool found;
    do {
        place_synapse(arena, plan, is_column);
        lowering->places = plan->places;
        TRY(lower_on_pre(arena, lowering, plan, is_column, whole, fault));
        found = find_columns(plan, whole, is_column);
        found |= plan->n_on_post > 0 && find_drivers(arena, plan->synapse, is_column);
    } while (found);
    if (plan->n_columns > 0 || !plan->connection->delay_is_constant) {
        place_copies(arena, lowering->all->script, plan);
        TRY(lower_on_pre(arena, lowering, plan, is_column, whole, fault));
    }
    for (int p = 0; p < plan->n_on_post; p++)
        TRY(lower_on_post(arena, lowering, plan, is_column, &plan->on_post[p], fault));
    return 0;
}

static int plan_events(struct arena *arena, struct lowering *lowering, struct connection_plan *plan, struct fault *fault)
{
    struct program whole;
    order_on_post(arena, plan);
    if (plan->at_arrival && plan->n_on_post > 0) /* the same for all: plan/arrival.h */
        plan->on_post_delay = plan->connection->pathway_delays[plan->on_post[0].pathway - plan->synapse->pathways].steps;
    TRY(lower_events(arena, lowering, plan, &whole, fault));
    if (plan->n_columns == 0) /* they change nothing */
        plan->n_on_post = 0;
    if (plan->n_columns == 0 && (plan->connection->delay_is_constant || plan->kind == CONNECTION_EMISSION)) {
        plan->on_pre = whole;
        plan->n_factors = plan->n_sent;
        return 0;
    }
    struct split split = {.n_states = plan->n_states, .n_columns = plan->n_columns, .own_arguments = SOURCE_ARGUMENTS};
    split_program(&whole, &split);
    plan->on_pre = split.source;
    plan->per_synapse = split.synapse;
    plan->n_factors = split.n_factors;
    return 0;
}

/* ---- values that differ --------------------------------------------------------------------------------------------------- */

static int plan_value(struct lowering *lowering, const struct value *value, const char *name, struct program *program)
{
    lower_value(lowering, value->expression, program);
    if (program_uses(program, OPCODE_TIME) || program_uses(program, OPCODE_STEP) || program_uses(program, OPCODE_NOT_REFRACTORY))
        return source_fault(lowering->fault, value->span, "%s depends on the time; it is given once, before the first step",
                            name);
    return lowering->fault->status;
}

/* The number that the list has for the synapse stands behind the columns. */
static int plan_listed_delay(struct lowering *lowering, struct connection_plan *plan)
{
    lowering_program(lowering, &plan->delay);
    struct lowered number = lower_leaf(lowering, OPCODE_NODE, plan->n_states + plan->n_columns);
    program_output(&plan->delay, VALUE_NUMBER, lower_register(lowering, number));
    program_finish(&plan->delay);
    return lowering->fault->status;
}

static int plan_columns(struct arena *arena, struct lowering *lowering, struct connection_plan *plan)
{
    const struct connection *connection = plan->connection;
    plan->ends.first_slot = plan->n_states + plan->n_columns + 1;
    lowering->ends = NULL;
    lowering->pair_ends = &plan->ends;
    for (int c = 0; c < plan->n_columns; c++) {
        const struct value *value = &connection->values[plan->columns[c].variable];
        const char *name = arena_format(arena, "'%s'", plan->synapse->variables[plan->columns[c].variable].name);
        if (differs_at_first(value) && !value->array)
            TRY(plan_value(lowering, value, name, &plan->columns[c].initial));
    }
    if (plan->n_columns && connection->delay > CONNECTION_DELAY_MAX)
        return source_fault(lowering->fault, connection->span,
                            "'%s': a delay of synapses that differ may have up to %d steps, but this has %lld", connection->name,
                            CONNECTION_DELAY_MAX, (long long)connection->delay);
    if (connection->delay_is_constant)
        return 0;
    plan->min_delay = 1;
    plan->max_delay = 0; /* not known before they are drawn */
    if (connection->delay_value.array)
        return plan_listed_delay(lowering, plan);
    return plan_value(lowering, &connection->delay_value, "the delay", &plan->delay);
}

/* ---- what the script assigns to some synapses, or between runs ---------------------------------------------------------------
 */

/* What is the same for all synapses of a source stands in a copy, too, where an assignment reads it. */
static struct place *places_at_assignment(struct arena *arena, const struct connection_plan *plan)
{
    struct place *places = ARENA_NEW(arena, plan->synapse->n_variables, struct place);
    for (int k = 0; k < plan->synapse->n_variables; k++) {
        const int column = connection_plan_column(plan, k);
        places[k] = plan->places[k];
        if (column >= 0)
            places[k] = (struct place){PLACE_NODE, plan->n_states + column};
    }
    return places;
}

/* Of a set's nodes, what a variable is between runs. */
static int plan_ends_now(struct arena *arena, const struct plan *all, const struct node_set *set, const char *variable,
                         struct span span, struct program **out, struct fault *fault)
{
    *out = ARENA_NEW(arena, set->n_parts, struct program);
    for (int part = 0; part < set->n_parts; part++) {
        struct node_plan *nodes = &all->nodes[set->parts[part].population];
        TRY(node_plan_value(arena, nodes, model_variable(nodes->model, variable), &(*out)[part], fault));
        if (program_uses(&(*out)[part], OPCODE_INPUT))
            return source_fault(fault, span, "'%s' of '%s' depends on an input, which has no value outside of the steps",
                                variable, nodes->population->name);
    }
    return 0;
}

/* What an assignment reads of sources and targets: what these begin with, or what they have come to behind a run. */
static int plan_ends(struct arena *arena, const struct plan *all, const struct connection *connection,
                     struct synapse_assignment_plan *plan, struct fault *fault)
{
    const struct projection *projection = &all->script->projections[connection->projection];
    const struct span span = plan->assignment->value.span;
    if (plan->assignment->epoch == projection->epoch)
        return plan_check_ends(arena, all, &plan->ends, projection, connection, plan->assignment->n_assignments, span, fault);
    plan->ends_now = ARENA_NEW(arena, plan->ends.n, struct program *);
    for (int k = 0; k < plan->ends.n; k++)
        if (plan->ends.values[k].variable)
            TRY(plan_ends_now(arena, all, plan->ends.values[k].kind == END_PRE ? connection->source : connection->target,
                              plan->ends.values[k].variable, span, &plan->ends_now[k], fault));
    return 0;
}

static int plan_assignment(struct lowering *lowering, const struct connection_plan *all, struct synapse_assignment_plan *plan)
{
    const struct value *value = &plan->assignment->value;
    plan->column = connection_plan_column(all, plan->assignment->variable);
    assert(plan->column >= 0);
    plan->ends.first_slot = all->ends.first_slot;
    lowering->pair_ends = &plan->ends;
    if (value->is_constant || value->array)
        return 0;
    lower_value(lowering, value->expression, &plan->value);
    if (program_uses(&plan->value, OPCODE_TIME) || program_uses(&plan->value, OPCODE_STEP) ||
        program_uses(&plan->value, OPCODE_NOT_REFRACTORY))
        return source_fault(lowering->fault, value->span,
                            "what is assigned cannot depend on the time: it has no value between steps");
    return lowering->fault->status;
}

static int plan_assignments(struct arena *arena, const struct plan *all, struct lowering *lowering, struct connection_plan *plan)
{
    const struct script *script = all->script;
    const struct connection *connection = plan->connection;
    plan->assignments = ARENA_NEW(arena, connection->n_assignments, struct synapse_assignment_plan);
    lowering->places = places_at_assignment(arena, plan);
    for (int k = 0; k < script->n_synapse_assignments; k++) {
        struct synapse_assignment_plan *assignment = &plan->assignments[plan->n_assignments];
        if (script->synapse_assignments[k].connection != connection->index)
            continue;
        *assignment = (struct synapse_assignment_plan){.assignment = &script->synapse_assignments[k]};
        TRY(plan_assignment(lowering, plan, assignment));
        TRY(plan_ends(arena, all, connection, assignment, lowering->fault));
        plan->n_assignments++;
    }
    return 0;
}

static int plan_values(struct arena *arena, const struct plan *all, struct lowering *lowering, struct connection_plan *plan)
{
    const struct connection *connection = plan->connection;
    const struct projection *projection = &all->script->projections[connection->projection];
    TRY(plan_columns(arena, lowering, plan));
    TRY(plan_assignments(arena, all, lowering, plan));
    return plan_check_ends(arena, all, &plan->ends, projection, connection, connection->n_node_assignments, connection->span,
                           lowering->fault);
}

static bool uses_index(const struct program *program)
{
    return program_uses(program, OPCODE_INDEX) || program_uses(program, OPCODE_NOT_REFRACTORY);
}

static bool uses_place(const struct program *program)
{
    return uses_index(program) || program_uses(program, OPCODE_STEP);
}

/* What a spike does cannot depend on which synapse it is, except by its values. */
static int refuse_places(const struct connection_plan *plan, struct fault *fault)
{
    bool place = uses_place(&plan->on_pre) || uses_place(&plan->per_synapse) || uses_place(&plan->weights) ||
                 program_uses(&plan->formula.sums, OPCODE_NOT_REFRACTORY) ||
                 program_uses(&plan->formula.advance, OPCODE_NOT_REFRACTORY) || uses_index(&plan->formula.on_pre);
    for (int k = 0; k < plan->n_on_post; k++)
        place |= uses_place(&plan->on_post[k].program);
    for (int k = 0; k < plan->formula.n_everys; k++)
        place |= program_uses(&plan->formula.everys[k].program, OPCODE_NOT_REFRACTORY);
    if (place)
        return source_fault(fault, plan->connection->span,
                            "'%s': i, j, t_in_timesteps and not_refractory are not supported in synapses yet",
                            plan->synapse->name);
    return 0;
}

/* ---- continuous couplings ---------------------------------------------------------------------------------------------- */

static int lower_weights(struct lowering *lowering, struct connection_plan *plan, const struct coupling_form *form)
{
    struct lowered of_source, of_target;
    lowering_program(lowering, &plan->weights);
    coupling_form_weights(lowering, form, &of_source, &of_target);
    program_output(&plan->weights, WEIGHT_OF_SOURCE, lower_register(lowering, of_source));
    if (form->target_variable)
        program_output(&plan->weights, WEIGHT_OF_TARGET, lower_register(lowering, of_target));
    program_finish(&plan->weights);
    return lowering->fault->status;
}

/* Weights that do not change, times a variable of each end. */
static int plan_linear_coupling(struct lowering *lowering, const struct coupling_form *form, struct connection_plan *plan,
                                struct plan *all, struct fault *fault)
{
    struct arena *arena = lowering->arena;
    plan->input = coupling_input(arena, form->equation);
    plan->source_variable = form->source_variable;
    plan->target_variable = form->target_variable;
    TRY(lower_weights(lowering, plan, form));
    const struct node_set *source = plan->connection->source;
    for (int k = 0; k < source->n_parts; k++) {
        struct node_plan *nodes = &all->nodes[source->parts[k].population];
        int variable = model_variable(nodes->model, plan->source_variable);
        bool draws = model_draws_per_connection(nodes->model, variable);
        if (k > 0 && draws != (plan->kind == CONNECTION_NOISE))
            return source_fault(fault, plan->connection->span,
                                "the sources of '%s' mix devices that draw for each connection with other nodes: connect them "
                                "apart",
                                plan->connection->name);
        if (draws && plan->target_variable)
            return source_fault(fault, plan->connection->span,
                                "'%s' couples '%s', which is drawn for each connection, so it cannot read the target, in this "
                                "version",
                                plan->connection->name, plan->source_variable);
        plan->kind = draws ? CONNECTION_NOISE : CONNECTION_COUPLING;
        TRY(draws ? node_plan_draw(arena, nodes, variable, fault) : node_plan_couple(arena, nodes, variable, fault));
    }
    return 0;
}

static void place_column(struct connection_plan *plan, int variable)
{
    plan->places[variable] = (struct place){PLACE_NODE, plan->n_columns};
    plan->columns[plan->n_columns++].variable = variable;
}

/* Columns: first the clock-driven variables, then what else differs or changes. Nothing is kept once for all synapses of a
 * source.
 */
static void place_columns(struct arena *arena, struct connection_plan *plan)
{
    const struct model *synapse = plan->synapse;
    const bool *assigned = assigned_variables(arena, synapse);
    plan->places = ARENA_NEW(arena, synapse->n_variables, struct place);
    plan->columns = ARENA_NEW(arena, synapse->n_variables, struct column_plan);
    for (int k = 0; k < synapse->n_variables; k++)
        if (variable_is_clock_driven(&synapse->variables[k]))
            place_column(plan, k);
    plan->formula.n_clocked = plan->n_columns;
    for (int k = 0; k < synapse->n_variables; k++) {
        const struct declaration *variable = &synapse->variables[k];
        const bool is_column = assigned[k] || variable->flags & FLAG_EVENT_DRIVEN || is_per_synapse(&plan->connection->values[k]);
        if (variable->kind == DECLARATION_SUBEXPRESSION)
            plan->places[k] = (struct place){PLACE_SUBEXPRESSION, 0};
        else if (!is_column && !variable_is_clock_driven(variable))
            plan->places[k] = (struct place){PLACE_SHARED, k};
        else if (!variable_is_clock_driven(variable))
            place_column(plan, k);
    }
}

/* Columns: what differs. */
static void place_linear_coupling(struct arena *arena, struct connection_plan *plan)
{
    bool *is_column = ARENA_NEW(arena, plan->synapse->n_variables, bool);
    for (int k = 0; k < plan->synapse->n_variables; k++)
        is_column[k] = is_per_synapse(&plan->connection->values[k]);
    place_synapse(arena, plan, is_column);
}

/* What the synapses compute in every step, and what spikes do to them. */
static int plan_formula(struct lowering *lowering, struct connection_plan *plan, struct plan *all, struct fault *fault)
{
    plan->kind = CONNECTION_FORMULA;
    place_columns(lowering->arena, plan);
    lowering->places = plan->places;
    TRY(formula_plan_make(lowering, plan, all, fault));
    TRY(refuse_places(plan, fault));
    if (plan->synapse->n_pathways == 0 || plan->formula.takes_spikes)
        return 0;
    plan->kind = CONNECTION_PATHWAYS;
    plan->at_arrival = true;
    return pathways_plan_make(lowering, plan, all, fault);
}

static int plan_coupling(struct lowering *lowering, struct connection_plan *plan, struct plan *all, struct fault *fault)
{
    struct coupling_form form;
    if (formula_is_needed(plan->synapse)) {
        TRY(plan_formula(lowering, plan, all, fault));
        return plan_values(lowering->arena, all, lowering, plan);
    }
    place_linear_coupling(lowering->arena, plan);
    lowering->places = plan->places;
    coupling_form_find(plan->synapse, &form);
    TRY(plan_linear_coupling(lowering, &form, plan, all, fault));
    TRY(refuse_places(plan, fault));
    return plan_values(lowering->arena, all, lowering, plan);
}

static enum connection_kind kind_of(const struct script *script, const struct connection *connection, struct fault *fault)
{
    enum connection_kind kind = CONNECTION_SPIKES;
    for (int k = 0; k < connection->source->n_parts; k++) {
        const struct model *source = script->populations[connection->source->parts[k].population].model;
        bool emission = source->emit.kind == EMIT_PER_CONNECTION;
        if (k > 0 && emission != (kind == CONNECTION_EMISSION))
            source_fault(fault, connection->span,
                         "the sources of '%s' mix devices that emit per connection with other nodes: connect them apart",
                         connection->name);
        kind = emission ? CONNECTION_EMISSION : CONNECTION_SPIKES;
    }
    return kind;
}

/* Pathways that do more than add to the target. `obstacle`: what is more. */
static int plan_pathways(struct lowering *lowering, struct connection_plan *plan, struct plan *all, struct span obstacle,
                         struct fault *fault)
{
    const struct script *script = all->script;
    if (plan->kind == CONNECTION_EMISSION)
        return source_fault(fault, obstacle,
                            "'%s' emits per connection; such spikes can only add to variables of the target (NAME_post += …), "
                            "without reading them",
                            script->populations[plan->connection->source->parts[0].population].name);
    plan->kind = CONNECTION_PATHWAYS;
    plan->at_arrival = true;
    place_columns(lowering->arena, plan);
    lowering->places = plan->places;
    TRY(pathways_plan_make(lowering, plan, all, fault));
    return plan_values(lowering->arena, all, lowering, plan);
}

/* What the connection brings to its targets: numbers for a port, of a `send` or of what it adds to variables. */
static void take_port(struct arena *arena, struct lowering *lowering, struct connection_plan *plan,
                      const struct arrival_form *form)
{
    plan->port = plan->connection->port;
    plan->n_sent = 1;
    if (plan->port)
        return;
    plan->port = form->port;
    plan->n_sent = form->n;
    plan->at_arrival = true;
    lowering->additions = ARENA_NEW(arena, 1, struct additions);
    *lowering->additions = (struct additions){.variables = form->variables,
                                              .n = form->n,
                                              .sums = ARENA_NEW(arena, form->n, struct lowered),
                                              .is_made = ARENA_NEW(arena, form->n, bool)};
}

static int plan_spikes(struct arena *arena, struct lowering *lowering, struct plan *all, struct connection_plan *plan,
                       struct fault *fault)
{
    const struct connection *connection = plan->connection;
    const struct script *script = all->script;
    struct arrival_form form;
    struct span obstacle;
    plan->kind = kind_of(script, connection, fault);
    TRY(fault->status);
    if (!connection->port && !arrival_form(arena, script, connection, &form, &obstacle))
        return plan_pathways(lowering, plan, all, obstacle, fault);
    take_port(arena, lowering, plan, &form);
    TRY(plan_events(arena, lowering, plan, fault));
    TRY(refuse_places(plan, fault));
    if (plan->kind == CONNECTION_EMISSION && plan->n_states > 0)
        return source_fault(fault, connection->span,
                            "'%s' emits per connection; it can drive only synapses without state, as `static`, not '%s'",
                            script->populations[connection->source->parts[0].population].name, plan->synapse->name);
    return plan_values(arena, all, lowering, plan);
}

int connection_plan_make(struct arena *arena, const struct script *script, const struct connection *connection, struct plan *all,
                         struct fault *fault)
{
    struct connection_plan *plan = &all->connections[connection->index];
    *plan = (struct connection_plan){
        .connection = connection, .synapse = connection->synapse, .min_delay = connection->delay, .max_delay = connection->delay};
    shared_table_begin(&plan->shared, arena);
    struct lowering lowering = lowering_begin(arena, plan->synapse, plan->places, &plan->shared, fault);
    lowering.all = all;
    lowering.dt = script->dt;
    lowering.connection = connection;
    if (!coupling_equation(plan->synapse) && !formula_is_needed(plan->synapse))
        return plan_spikes(arena, &lowering, all, plan, fault);
    return plan_coupling(&lowering, plan, all, fault);
}
