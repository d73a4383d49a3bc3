/* The plan of a population: places for its variables, then its programs.
 *
 * A parameter that nothing in the model assigns and that has one value for the whole population is shared; everything else that
 * has a value of its own gets a slot per node. Integrated variables come first, so that an integrator's stage is an array of the
 * same shape. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "language/constant.h"
#include "language/functions.h"
#include "plan/coupling_form.h"
#include "plan/integrator.h"
#include "plan/linear.h"
#include "plan/plan.h"
#include "plan/port.h"

/* ---- places ---- */

static void mark_assigned(const struct block *block, bool *assigned)
{
    for (int k = 0; k < block->n_actions; k++)
        if (block->actions[k].kind == ACTION_ASSIGN && block->actions[k].reference.kind == REFERENCE_VARIABLE)
            assigned[block->actions[k].reference.index] = true;
}

/* NAME_post = … of the synapses that lead here. */
static void mark_written(const struct script *script, const struct population *population, bool *assigned)
{
    for (int c = 0; c < script->n_connections; c++) {
        const struct model *synapse = script->connections[c].synapse;
        if (!node_set_meets(script->connections[c].target, population->index))
            continue;
        for (int p = 0; p < synapse->n_pathways; p++)
            for (int k = 0; k < synapse->pathways[p].body.n_actions; k++) {
                const struct reference *reference = &synapse->pathways[p].body.actions[k].reference;
                if (reference->kind == REFERENCE_POST)
                    assigned[model_variable(population->model, reference->variable_name)] = true;
            }
    }
}

bool *node_plan_assigned(struct arena *arena, const struct script *script, const struct population *population)
{
    const struct model *model = population->model;
    bool *assigned = ARENA_NEW(arena, model->n_variables, bool);
    mark_written(script, population, assigned);
    mark_assigned(&model->reset, assigned);
    mark_assigned(&model->before_step, assigned);
    mark_assigned(&model->after_step, assigned);
    mark_assigned(&model->after_synapses, assigned);
    mark_assigned(&model->after_thresholds, assigned);
    for (int k = 0; k < model->n_events; k++)
        mark_assigned(&model->events[k].body, assigned);
    for (int k = 0; k < model->n_ports; k++)
        mark_assigned(&model->ports[k].body, assigned);
    for (int k = 0; k < model->n_everys; k++)
        mark_assigned(&model->everys[k].body, assigned);
    for (int k = 0; k < model->n_variables; k++)
        assigned[k] |= (model->variables[k].flags & FLAG_CONSTANT_OVER_DT) != 0;
    return assigned;
}

bool node_plan_is_shared(const struct population *population, int variable, const bool *assigned)
{
    const struct value *value = &population->values[variable];
    return population->model->variables[variable].kind == DECLARATION_PARAMETER && value->is_constant && !value->is_reassigned &&
           !assigned[variable];
}

int node_plan_slot(struct node_plan *plan, const char *name, int variable)
{
    if (plan->n_slots == plan->slots_capacity) {
        plan->slots_capacity = 2 * plan->n_slots + 16;
        struct node_slot *longer = ARENA_NEW(plan->arena, plan->slots_capacity, struct node_slot);
        if (plan->n_slots)
            memcpy(longer, plan->slots, (size_t)plan->n_slots * sizeof *longer);
        plan->slots = longer;
    }
    plan->slots[plan->n_slots] = (struct node_slot){name, variable};
    return plan->n_slots++;
}

bool node_plan_is_steady(const struct node_plan *plan, const struct program *program)
{
    for (int k = 0; k < program->n_instructions; k++) {
        const struct instruction *instruction = &program->instructions[k];
        int variable = instruction->opcode == OPCODE_NODE ? plan->slots[instruction->slot].variable : -1;
        if (instruction->opcode == OPCODE_NODE &&
            (instruction->slot == plan->lastspike_slot || (variable >= 0 && plan->assigned[variable])))
            return false;
    }
    return !program_uses(program, OPCODE_STATE) && !program_uses(program, OPCODE_INPUT) && !program_draws(program) &&
           !program_uses(program, OPCODE_NOT_REFRACTORY);
}

static void place_variables(struct arena *arena, const struct script *script, struct node_plan *plan)
{
    const struct model *model = plan->model;
    plan->places = ARENA_NEW(arena, model->n_variables, struct place);
    plan->assigned = node_plan_assigned(arena, script, plan->population);
    plan->input_variable = ARENA_NEW(arena, model->n_variables, int);
    plan->keeps_while_refractory = ARENA_NEW(arena, model->n_variables, bool);
    for (int k = 0; k < model->n_variables; k++)
        if (model->variables[k].kind == DECLARATION_DERIVATIVE) {
            plan->keeps_while_refractory[plan->n_slots] = model->variables[k].flags & FLAG_UNLESS_REFRACTORY;
            plan->places[k] = (struct place){PLACE_STATE, node_plan_slot(plan, model->variables[k].name, k)};
        }
    plan->n_states = plan->n_slots;
    for (int k = 0; k < model->n_variables; k++) {
        const struct declaration *variable = &model->variables[k];
        if (variable->flags & FLAG_CONSTANT_OVER_DT)
            plan->places[k] = (struct place){PLACE_HELD, node_plan_slot(plan, variable->name, k)};
        else if (variable->kind == DECLARATION_SUBEXPRESSION)
            plan->places[k] = (struct place){PLACE_SUBEXPRESSION, 0};
        else if (variable->kind == DECLARATION_INPUT) {
            plan->places[k] = (struct place){PLACE_INPUT, plan->n_inputs};
            plan->input_variable[plan->n_inputs++] = k;
        } else if (plan->population->summed_by && plan->population->summed_by[k]) {
            plan->places[k] = (struct place){PLACE_INPUT, plan->n_inputs};
            plan->input_variable[plan->n_inputs++] = k;
        } else if (variable->is_list)
            plan->places[k] = (struct place){PLACE_LIST, 0};
        else if (node_plan_is_shared(plan->population, k, plan->assigned))
            plan->places[k] = (struct place){PLACE_SHARED, k};
        else if (variable->kind == DECLARATION_PARAMETER)
            plan->places[k] = (struct place){PLACE_NODE, node_plan_slot(plan, variable->name, k)};
    }
    for (int k = 0; k < model->n_variables && model->n_everys; k++)
        if (plan->places[k].kind == PLACE_HELD && plan->held_step_slot < 0)
            plan->held_step_slot = node_plan_slot(plan, "(held)", -1);
}

/* ---- couplings that read the target's own value ---- */

/* Then it could not be part of one. */
bool node_plan_depends_on_inputs(struct arena *arena, const struct node_plan *plan, int variable)
{
    const struct model *model = plan->model;
    bool *is_input = ARENA_NEW(arena, model->n_variables, bool);
    for (int k = 0; k < model->n_variables; k++)
        is_input[k] = plan->places[k].kind == PLACE_INPUT;
    return is_input[variable] || (model->variables[variable].kind == DECLARATION_SUBEXPRESSION &&
                                  expression_mentions(model, model->variables[variable].equation, is_input));
}

static void add_own_term(struct node_plan *plan, struct own_term term)
{
    for (int k = 0; k < plan->n_own_terms; k++)
        if (plan->own_terms[k].input == term.input && plan->own_terms[k].variable == term.variable)
            return;
    plan->own_terms[plan->n_own_terms++] = term;
}

static int find_own_terms(struct arena *arena, const struct script *script, struct node_plan *plan, struct fault *fault)
{
    const struct model *model = plan->model;
    plan->own_terms = ARENA_NEW(arena, script->n_connections, struct own_term);
    for (int k = 0; k < script->n_connections; k++) {
        const struct connection *connection = &script->connections[k];
        struct coupling_form form;
        if (!node_set_meets(connection->target, plan->population->index) || !coupling_form_find(connection->synapse, &form) ||
            !form.target_variable)
            continue;
        const char *name = form.target_variable;
        int variable = model_variable(model, name), input = model_variable(model, coupling_input(arena, form.equation));
        if (node_plan_depends_on_inputs(arena, plan, variable))
            return source_fault(
                fault, connection->span,
                "synapse '%s' adds '%s' of population '%s' to its input '%s', but '%s' is made from inputs itself",
                connection->synapse->name, name, plan->population->name, model->variables[input].name, name);
        add_own_term(plan, (struct own_term){plan->places[input].slot, variable});
    }
    return 0;
}

/* ---- programs ---- */

static int slot_of(const struct node_plan *plan, int variable)
{
    assert(plan->places[variable].kind == PLACE_STATE || plan->places[variable].kind == PLACE_NODE ||
           plan->places[variable].kind == PLACE_HELD);
    return plan->places[variable].slot;
}

static void store_assigned(struct lowering *lowering, const struct node_plan *plan, struct program *program)
{
    for (int k = 0; k < plan->model->n_variables; k++)
        if (lowering->is_assigned[k])
            program_output(program, slot_of(plan, k), lower_stored(lowering, lowering->assigned[k]));
    program_finish(program);
}

static void plan_block(struct lowering *lowering, struct node_plan *plan, const char *name, const struct block *block,
                       struct program *program)
{
    lowering_program(lowering, program);
    lowering->draws_for = name;
    lower_block(lowering, block);
    store_assigned(lowering, plan, program);
}

/* What is held in the step is computed first, from the values at its beginning. */
static void assign_held(struct lowering *lowering, const struct node_plan *plan)
{
    const int n = plan->model->n_variables;
    struct lowered *held = ARENA_NEW(lowering->arena, n, struct lowered);
    lowering->is_before_step = true;
    for (int k = 0; k < n; k++)
        if (plan->places[k].kind == PLACE_HELD)
            held[k] = lower_variable(lowering, k);
    lowering->is_before_step = false;
    for (int k = 0; k < n; k++)
        if (plan->places[k].kind == PLACE_HELD) {
            lowering->assigned[k] = held[k];
            lowering->is_assigned[k] = true;
        }
}

static void plan_before_step(struct lowering *lowering, struct node_plan *plan)
{
    lowering_program(lowering, &plan->before_step);
    assign_held(lowering, plan);
    lowering->draws_for = "before_step";
    lower_block(lowering, &plan->model->before_step);
    store_assigned(lowering, plan, &plan->before_step);
}

/* ---- every T { … } ---- */

/* Variables that stand still while the node is refractory are not written, as in Brian 2. */
static void keep_while_refractory(struct lowering *lowering, const struct node_plan *plan)
{
    for (int slot = 0; slot < plan->n_states; slot++) {
        int k = plan->slots[slot].variable;
        if (plan->keeps_while_refractory[slot] && plan->refractory_slot >= 0 && lowering->is_assigned[k])
            lowering->assigned[k] = lower_operation(lowering, OPCODE_SELECT, lower_leaf(lowering, OPCODE_NOT_REFRACTORY, 0),
                                                    lowering->assigned[k], lower_leaf(lowering, OPCODE_STATE, slot));
    }
}

static int plan_everys(struct lowering *lowering, struct node_plan *plan, struct fault *fault)
{
    const struct model *model = plan->model;
    plan->everys = ARENA_NEW(lowering->arena, model->n_everys, struct every_plan);
    for (int k = 0; k < model->n_everys; k++) {
        struct every_plan *every = &plan->everys[plan->n_everys++];
        TRY(every_period(lowering, plan->population->values, &model->everys[k], &every->period, fault));
        lowering_program(lowering, &every->program);
        assign_held(lowering, plan);
        lowering->draws_for = arena_format(lowering->arena, "every_%d", k);
        lower_block(lowering, &model->everys[k].body);
        keep_while_refractory(lowering, plan);
        if (plan->held_step_slot >= 0)
            program_output(&every->program, plan->held_step_slot, lower_register(lowering, lower_leaf(lowering, OPCODE_STEP, 0)));
        store_assigned(lowering, plan, &every->program);
        if (program_uses(&every->program, OPCODE_INPUT))
            return source_fault(fault, model->everys[k].span,
                                "'every' runs before what is summed over connections is known, so it cannot use it");
    }
    return 0;
}

/* ---- events ---- */

static void plan_events(struct lowering *lowering, struct node_plan *plan)
{
    const struct model *model = plan->model;
    plan_block(lowering, plan, "after_thresholds", &model->after_thresholds, &plan->after_thresholds);
    plan->events = ARENA_NEW(lowering->arena, model->n_events, struct event_plan);
    for (int k = 0; k < model->n_events; k++) {
        struct event_plan *event = &plan->events[plan->n_events++];
        event->slot = plan->places[model_variable(model, model->events[k].name)].slot;
        plan_block(lowering, plan, model->events[k].name, &model->events[k].body, &event->action);
    }
}

/* A number or a condition, which is a mask; no output without an expression. */
static void plan_value(struct lowering *lowering, const char *name, const struct expression *expression, struct program *program)
{
    lowering_program(lowering, program);
    lowering->draws_for = name;
    if (expression)
        program_output(program, 0, lower_register(lowering, lower_expression(lowering, expression)));
    program_finish(program);
}

/* ---- refractoriness ---- */

/* A time becomes timestep(X, dt) steps, as in Brian 2, and lasts at least to the end of the step of the spike; a number is a
 * number of steps already (DESIGN section 4). */
static void plan_refractory_count(struct lowering *lowering, struct node_plan *plan)
{
    const struct expression *expression = plan->model->refractory;
    lowering_program(lowering, &plan->refractory);
    lowering->draws_for = "refractory";
    struct lowered steps = lower_expression(lowering, expression);
    if (!dimension_none(expression->dimension)) {
        steps = lower_timestep(lowering, steps, lower_dt(lowering));
        steps = lower_binary(lowering, OPCODE_MAXIMUM, steps, lower_constant(lowering, 1));
    }
    program_output(&plan->refractory, 0, lower_register(lowering, steps));
    program_finish(&plan->refractory);
}

/* Until timestep(t - lastspike, dt) >= timestep(X, dt), as in Brian 2; counted from the step of the spike, whatever its stamp. */
static struct lowered time_lasts(struct lowering *lowering, struct node_plan *plan)
{
    if (plan->lastspike_slot < 0)
        plan->lastspike_slot = node_plan_slot(plan, "(lastspike)", -1);
    struct lowered dt = lower_dt(lowering);
    struct lowered lastspike = lower_leaf(lowering, OPCODE_NODE, plan->lastspike_slot);
    struct lowered elapsed = lower_binary(lowering, OPCODE_SUBTRACT, lower_leaf(lowering, OPCODE_TIME, 0), lastspike);
    if (plan->model->spike_time_end)
        elapsed = lower_binary(lowering, OPCODE_ADD, elapsed, dt);
    struct lowered period = lower_timestep(lowering, lower_expression(lowering, plan->model->refractory), dt);
    struct lowered is_over = lower_binary(lowering, OPCODE_GREATER_EQUAL, lower_timestep(lowering, elapsed, dt), period);
    return lower_unary(lowering, OPCODE_NOT, is_over);
}

/* Who is refractory stays so while the condition holds. */
static struct lowered condition_lasts(struct lowering *lowering, const struct node_plan *plan)
{
    struct lowered was = lower_unary(lowering, OPCODE_NOT, lower_leaf(lowering, OPCODE_NOT_REFRACTORY, 0));
    return lower_binary(lowering, OPCODE_AND, was, lower_expression(lowering, plan->model->refractory));
}

/* A period that never changes can be counted down from the spike on. One of current values, and a condition, are looked at in
 * each step. */
static void plan_refractory(struct lowering *lowering, struct node_plan *plan)
{
    const struct expression *expression = plan->model->refractory;
    program_begin(&plan->refractory, lowering->arena);
    program_begin(&plan->refractory_lasts, lowering->arena);
    if (plan->refractory_slot < 0)
        return;
    plan->refractory_kind = REFRACTORY_COUNTS;
    if (expression->type != TYPE_BOOLEAN)
        plan_refractory_count(lowering, plan);
    bool is_fixed = node_plan_is_steady(plan, &plan->refractory) && !program_uses(&plan->refractory, OPCODE_TIME) &&
                    !program_uses(&plan->refractory, OPCODE_STEP);
    if (expression->type == TYPE_INTEGER || (expression->type != TYPE_BOOLEAN && is_fixed))
        return;
    plan->refractory_kind = REFRACTORY_LASTS;
    program_begin(&plan->refractory, lowering->arena);
    lowering_program(lowering, &plan->refractory_lasts);
    lowering->draws_for = "refractory";
    struct lowered lasts = expression->type == TYPE_BOOLEAN ? condition_lasts(lowering, plan) : time_lasts(lowering, plan);
    program_output(&plan->refractory_lasts, 0, lower_register(lowering, lasts));
    program_finish(&plan->refractory_lasts);
}

/* ---- more programs ---- */

/* What the script gives to an integer loses its fraction, as in Brian 2. */
/* Before the first step, and between steps, there is no step whose time or inputs could be meant. */
static void refuse_time_and_inputs(struct lowering *lowering, const struct program *program, struct span span, const char *name)
{
    if (program_uses(program, OPCODE_INPUT) || program_uses(program, OPCODE_TIME) || program_uses(program, OPCODE_STEP) ||
        program_uses(program, OPCODE_NOT_REFRACTORY) || program_uses(program, OPCODE_DRAWN_UNIFORM) ||
        program_uses(program, OPCODE_DRAWN_NORMAL) || program_uses(program, OPCODE_DRAWN_POISSON) ||
        program_uses(program, OPCODE_DRAWN_BINOMIAL))
        source_fault(lowering->fault, span,
                     "the value of '%s' depends on the time or on an input, which have no value outside of the steps", name);
}

static void plan_initial_values(struct lowering *lowering, struct node_plan *plan)
{
    plan->initial = ARENA_NEW(lowering->arena, plan->n_slots, struct program);
    lowering->is_before_step = true;
    for (int slot = 0; slot < plan->n_slots; slot++) {
        int variable = plan->slots[slot].variable;
        const struct value *value = variable < 0 ? NULL : &plan->population->values[variable];
        bool by_expression = value && value->expression && !value->is_constant && !value->array;
        struct program *program = &plan->initial[slot];
        if (by_expression)
            lower_given_value(lowering, &plan->model->variables[variable], value->expression, program);
        else
            program_begin(program, lowering->arena);
        refuse_time_and_inputs(lowering, program, value ? value->span : (struct span){0}, plan->slots[slot].name);
    }
}

static bool reads_foreseen(const struct program *program, const bool *is_foreseen)
{
    for (int k = 0; k < program->n_instructions; k++) {
        const struct instruction *instruction = &program->instructions[k];
        bool is_value = instruction->opcode == OPCODE_STATE || instruction->opcode == OPCODE_NODE;
        if (is_value && !is_foreseen[instruction->slot])
            return false;
    }
    return true;
}

/* Steps change states and what blocks assign. */
static void forget_changing(const struct node_plan *plan, bool *is_foreseen)
{
    for (int slot = 0; slot < plan->n_slots; slot++) {
        int variable = plan->slots[slot].variable;
        is_foreseen[slot] = is_foreseen[slot] && slot >= plan->n_states && variable >= 0 && !plan->assigned[variable];
    }
}

static void plan_assignments(struct lowering *lowering, const struct script *script, struct node_plan *plan)
{
    bool *is_foreseen = ARENA_NEW(lowering->arena, plan->n_slots, bool);
    int epoch = plan->population->epoch;
    memset(is_foreseen, true, (size_t)plan->n_slots * sizeof *is_foreseen);
    plan->assignments = ARENA_NEW(lowering->arena, plan->population->n_assignments, struct assignment_plan);
    for (int k = 0; k < script->n_assignments; k++) {
        const struct node_assignment *assignment = &script->assignments[k];
        if (assignment->population != plan->population->index)
            continue;
        if (assignment->epoch > epoch)
            forget_changing(plan, is_foreseen);
        epoch = assignment->epoch;
        if (plan->places[assignment->variable].kind == PLACE_INPUT) {
            source_fault(lowering->fault, assignment->value.span,
                         "'%s' of population '%s' is summed by '%s' in every step, so nothing can be assigned to it",
                         plan->model->variables[assignment->variable].name, plan->population->name,
                         plan->population->summed_by[assignment->variable]);
            return;
        }
        struct assignment_plan *planned = &plan->assignments[plan->n_assignments++];
        *planned = (struct assignment_plan){.assignment = assignment, .slot = slot_of(plan, assignment->variable)};
        if (assignment->value.is_constant || assignment->value.array)
            program_begin(&planned->value, lowering->arena);
        else
            lower_given_value(lowering, &plan->model->variables[assignment->variable], assignment->value.expression,
                              &planned->value);
        refuse_time_and_inputs(lowering, &planned->value, assignment->value.span, plan->slots[planned->slot].name);
        planned->is_foreseen = reads_foreseen(&planned->value, is_foreseen);
        is_foreseen[planned->slot] = planned->is_foreseen && is_foreseen[planned->slot];
    }
}

/* A device that emits per connection is evaluated wherever its connections arrive, so what it computes must be steady. */
static int plan_emission(struct lowering *lowering, struct node_plan *plan)
{
    const struct emit *emit = &plan->model->emit;
    struct program *const programs[] = {&plan->emit_mean, &plan->emit_trials, &plan->emit_probability, &plan->emit_condition};
    enum { PROGRAMS = sizeof programs / sizeof *programs };
    for (int k = 0; k < PROGRAMS; k++)
        program_begin(programs[k], lowering->arena);
    if (emit->kind != EMIT_PER_CONNECTION)
        return 0;
    int law = emit->count->kind == EXPRESSION_CALL ? emit->count->function : -1;
    if (law == FUNCTION_POISSON) {
        plan_value(lowering, "emit", emit->count->children[0], &plan->emit_mean);
    } else if (law == FUNCTION_BINOMIAL) {
        plan_value(lowering, "emit", emit->count->children[0], &plan->emit_trials);
        plan_value(lowering, "emit", emit->count->children[1], &plan->emit_probability);
    } else {
        return source_fault(lowering->fault, emit->count->span,
                            "`emit per connection` takes poisson(MEAN) or binomial(TRIALS, PROBABILITY)");
    }
    plan_value(lowering, "emit", emit->condition, &plan->emit_condition);
    for (int k = 0; k < PROGRAMS; k++)
        if (!node_plan_is_steady(plan, programs[k]))
            return source_fault(
                lowering->fault, emit->span,
                "`emit per connection` may depend on the time and on parameters that do not change, in this version");
    return 0;
}

static enum spike_test spike_test_of(const struct model *model)
{
    static const enum spike_test tests[] = {
        [THRESHOLD_ON_GRID] = SPIKE_ON_GRID,
        [THRESHOLD_EACH_SUB_STEP] = SPIKE_EACH_SUB_STEP,
        [THRESHOLD_AFTER_SYNAPSES] = SPIKE_AFTER_SYNAPSES,
    };
    if (model->emit.kind == EMIT_COUNT)
        return model->emit.after_synapses ? SPIKE_AFTER_SYNAPSES : SPIKE_ON_GRID;
    return model->threshold ? tests[model->threshold_mode] : SPIKE_NEVER;
}

/* `emit COUNT if CONDITION` is a threshold that is crossed COUNT times at once: where COUNT is at least 1 and CONDITION holds. */
static void plan_threshold(struct lowering *lowering, struct node_plan *plan)
{
    const struct emit *emit = &plan->model->emit;
    const bool counts = emit->kind == EMIT_COUNT;
    plan_value(lowering, "emit", counts ? emit->count : NULL, &plan->multiplicity);
    if (!counts) {
        plan_value(lowering, "threshold", plan->model->threshold, &plan->threshold);
        return;
    }
    lowering_program(lowering, &plan->threshold);
    struct lowered count = lower_expression(lowering, emit->count);
    struct lowered spikes = lower_binary(lowering, OPCODE_GREATER_EQUAL, count, lower_constant(lowering, 1));
    if (emit->condition)
        spikes = lower_binary(lowering, OPCODE_AND, spikes, lower_expression(lowering, emit->condition));
    program_output(&plan->threshold, 0, lower_register(lowering, spikes));
    program_finish(&plan->threshold);
}

/* Lowering of what the nodes compute. */
static struct lowering nodes_lowering(struct arena *arena, struct node_plan *plan, struct fault *fault)
{
    struct lowering lowering = lowering_begin(arena, plan->model, plan->places, &plan->shared, fault);
    lowering.nodes = plan;
    lowering.dt = plan->dt;
    return lowering;
}

int node_plan_make(struct arena *arena, const struct script *script, const struct population *population, struct node_plan *plan,
                   struct fault *fault)
{
    const struct model *model = population->model;
    *plan = (struct node_plan){.population = population,
                               .seed = script->seed,
                               .dt = script->dt,
                               .model = model,
                               .refractory_slot = -1,
                               .lastspike_slot = -1,
                               .held_step_slot = -1,
                               .sub_step_slot = -1,
                               .split_connection = -1,
                               .arena = arena};
    plan->spike_test = spike_test_of(model);
    place_variables(arena, script, plan);
    TRY(find_own_terms(arena, script, plan, fault));
    shared_table_begin(&plan->shared, arena);
    struct lowering lowering = nodes_lowering(arena, plan, fault);
    if (model->refractory && plan->spike_test != SPIKE_NEVER)
        plan->refractory_slot = node_plan_slot(plan, "(refractory)", -1);
    if (plan->spike_test != SPIKE_NEVER && model_reads(model, REFERENCE_LASTSPIKE))
        plan->lastspike_slot = node_plan_slot(plan, "(lastspike)", -1);
    TRY(integrator_choose(&lowering, plan, fault));
    plan_before_step(&lowering, plan);
    TRY(plan_everys(&lowering, plan, fault));
    plan_block(&lowering, plan, "after_step", &model->after_step, &plan->after_step);
    plan_block(&lowering, plan, "after_synapses", &model->after_synapses, &plan->after_synapses);
    plan_block(&lowering, plan, "reset", &model->reset, &plan->reset);
    plan_events(&lowering, plan);
    plan_threshold(&lowering, plan);
    plan_refractory(&lowering, plan);
    ports_plan(&lowering, script, plan);
    plan_initial_values(&lowering, plan);
    plan_assignments(&lowering, script, plan);
    TRY(plan_emission(&lowering, plan));
    if (model->threshold && model->threshold_mode == THRESHOLD_EACH_SUB_STEP && plan->integrator != INTEGRATOR_RKF45)
        return source_fault(fault, model->threshold->span, "`each sub_step` needs an adaptive integrator: method rkf45(…)");
    plan->couplings = ARENA_NEW(arena, model->n_variables, struct coupling_plan);
    plan->readings = ARENA_NEW(arena, model->n_variables, struct coupling_plan);
    plan->late_values = ARENA_NEW(arena, model->n_variables, struct coupling_plan);
    plan->noises = ARENA_NEW(arena, model->n_variables, struct noise_plan);
    plan->has_step = plan->n_states > 0 || plan->spike_test != SPIKE_NEVER || plan->n_ports > 0 || plan->before_step.n_outputs ||
                     model->after_step.n_actions || model->after_synapses.n_actions || model->n_events;
    plan->spikes = plan->spike_test != SPIKE_NEVER || model->emit.kind == EMIT_AT;
    return fault->status;
}

static int lower_node_value(struct arena *arena, struct node_plan *plan, int variable, bool is_before_step, struct program *out,
                            struct fault *fault)
{
    struct lowering lowering = nodes_lowering(arena, plan, fault);
    lowering_program(&lowering, out);
    lowering.is_before_step = is_before_step;
    program_output(out, 0, lower_stored(&lowering, lower_variable(&lowering, variable)));
    program_finish(out);
    return fault->status;
}

int node_plan_value(struct arena *arena, struct node_plan *plan, int variable, struct program *out, struct fault *fault)
{
    return lower_node_value(arena, plan, variable, true, out, fault);
}

int node_plan_value_within_step(struct arena *arena, struct node_plan *plan, int variable, struct program *out,
                                struct fault *fault)
{
    return lower_node_value(arena, plan, variable, false, out, fault);
}

/* What is asked of a variable is planned once, whoever asks: NULL if it has been. */
static struct coupling_plan *ask_once(struct coupling_plan *list, int *n, int variable)
{
    for (int k = 0; k < *n; k++)
        if (list[k].variable == variable)
            return NULL;
    list[*n].variable = variable;
    return &list[(*n)++];
}

int node_plan_couple(struct arena *arena, struct node_plan *plan, int variable, struct fault *fault)
{
    struct coupling_plan *coupling = ask_once(plan->couplings, &plan->n_couplings, variable);
    plan->has_step = true;
    return coupling ? node_plan_value(arena, plan, variable, &coupling->value, fault) : 0;
}

int node_plan_read(struct arena *arena, struct node_plan *plan, int variable, struct fault *fault)
{
    struct coupling_plan *reading = ask_once(plan->readings, &plan->n_readings, variable);
    return reading ? node_plan_value(arena, plan, variable, &reading->value, fault) : 0;
}

int node_plan_read_late(struct arena *arena, struct node_plan *plan, int variable, struct fault *fault)
{
    struct coupling_plan *late = ask_once(plan->late_values, &plan->n_late_values, variable);
    return late ? node_plan_value_within_step(arena, plan, variable, &late->value, fault) : 0;
}

const struct program *node_plan_reading(const struct node_plan *plan, int variable)
{
    int k = 0;
    while (plan->readings[k].variable != variable)
        k++;
    return &plan->readings[k].value;
}

bool node_plan_stays(const struct node_plan *plan, const struct program *value)
{
    return node_plan_is_steady(plan, value) && !program_uses(value, OPCODE_TIME) && !program_uses(value, OPCODE_STEP) &&
           !program_uses(value, OPCODE_STEP_VALUE);
}

/* The one draw that the form depends on, counted among `draws`; -1 if there are several. */
static int only_draw(const struct linear_form *form, int n)
{
    int only = -1;
    for (int k = 0; k < n; k++)
        if (form->has_coefficient[k]) {
            if (only >= 0)
                return -1;
            only = k;
        }
    return only;
}

/* offset + scale*z is a linear form of the draws. A connection's value is computed where it arrives, so it must follow from
 * values that never change, and from the time. */
static int plan_noise(struct arena *arena, struct node_plan *plan, const struct declaration *variable, struct noise_plan *noise,
                      struct fault *fault)
{
    const struct model *model = plan->model;
    int *draws = ARENA_NEW(arena, model->n_variables, int), n = 0;
    for (int k = 0; k < model->n_variables; k++) {
        const struct expression *equation = model->variables[k].equation;
        if (equation && equation->kind == EXPRESSION_CALL && equation->function == FUNCTION_RANDN_PER_CONNECTION)
            draws[n++] = k;
    }
    struct lowering lowering = lowering_begin(arena, model, plan->places, &plan->shared, fault);
    struct linear_form form;
    const struct expression *culprit = variable->equation;
    lowering_program(&lowering, &noise->law);
    bool is_linear = linear_form(&lowering, variable->equation, draws, n, &form, &culprit);
    int draw = is_linear ? only_draw(&form, n) : -1;
    TRY(fault->status);
    if (draw < 0)
        return source_fault(fault, culprit->span,
                            "'%s' must be linear in one randn_per_connection(), in this version: offset + scale*draw",
                            variable->name);
    noise->draw = draws[draw];
    struct lowered zero = lower_constant(&lowering, 0);
    struct lowered number = lower_expression(&lowering, model->variables[noise->draw].equation->children[0]);
    program_output(&noise->law, NOISE_OFFSET, lower_register(&lowering, form.has_constant ? form.constant : zero));
    program_output(&noise->law, NOISE_SCALE, lower_register(&lowering, form.coefficients[draw]));
    program_output(&noise->law, NOISE_NUMBER, lower_register(&lowering, number));
    program_finish(&noise->law);
    if (!node_plan_is_steady(plan, &noise->law))
        return source_fault(fault, variable->name_span,
                            "'%s' is drawn for each connection, so it may depend on the time and on parameters that do not "
                            "change, in this version",
                            variable->name);
    return fault->status;
}

int node_plan_draw(struct arena *arena, struct node_plan *plan, int variable, struct fault *fault)
{
    for (int k = 0; k < plan->n_noises; k++)
        if (plan->noises[k].variable == variable)
            return 0;
    struct noise_plan *noise = &plan->noises[plan->n_noises++];
    noise->variable = variable;
    return plan_noise(arena, plan, &plan->model->variables[variable], noise, fault);
}
