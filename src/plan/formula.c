#include "plan/formula.h"

#include <string.h>

#include "plan/coupling_form.h"
#include "plan/event_driven.h"
#include "plan/exact.h"
#include "plan/plan.h"
#include "plan/recorded.h"
#include "plan/within_step.h"

bool formula_is_needed(const struct model *synapse)
{
    struct coupling_form form;
    return model_is_clock_driven(synapse) || synapse->n_everys > 0 ||
           (coupling_equation(synapse) && !coupling_form_find(synapse, &form));
}

bool formula_reads_target(const struct formula_plan *formula)
{
    for (int k = 0; k < formula->n_ends; k++)
        if (!formula->ends[k].is_source && !formula->ends[k].is_steady)
            return true;
    return false;
}

bool formula_follows_source(const struct formula_plan *formula)
{
    for (int k = 0; k < formula->n_ends; k++)
        if (formula->ends[k].is_source && !formula->ends[k].is_steady)
            return true;
    return false;
}

bool formula_reads_source(const struct formula_plan *formula, const struct program *program)
{
    for (int k = 0; k < program->n_instructions; k++)
        if (program->instructions[k].opcode == OPCODE_ARGUMENT && formula->ends[program->instructions[k].slot].is_source)
            return true;
    return false;
}

/* ---- what is read ---- */

static int refuse_end(const struct connection_plan *plan, const struct formula_end *end, const struct node_plan *nodes,
                      const char *why, struct fault *fault)
{
    return source_fault(fault, plan->connection->span, "synapse '%s' reads '%s_%s' of population '%s', but '%s' %s",
                        plan->synapse->name, end->name, end->is_source ? "pre" : "post", nodes->population->name, end->name, why);
}

/* One end in one population. The source's value is what it has when a step begins, its inputs formed; the target's is read before
 * they are. */
static int enter_end(struct arena *arena, const struct connection_plan *plan, struct formula_end *end, struct node_plan *nodes,
                     struct fault *fault)
{
    int variable = model_variable(nodes->model, end->name);
    if (model_draws_per_connection(nodes->model, variable))
        return refuse_end(plan, end, nodes,
                          "is drawn for each connection, which only a weight times NAME_pre can carry, in this version", fault);
    if (!end->is_source && node_plan_depends_on_inputs(arena, nodes, variable))
        return refuse_end(plan, end, nodes, "is made from inputs, which are formed after it is read", fault);
    TRY(node_plan_read(arena, nodes, variable, fault));
    end->is_steady &= node_plan_stays(nodes, node_plan_reading(nodes, variable));
    return 0;
}

static const struct node_set *set_of(const struct connection_plan *plan, const struct formula_end *end)
{
    return end->is_source ? plan->connection->source : plan->connection->target;
}

/* What never changes in any source is copied once; else it is exchanged. */
static int enter_ends(struct arena *arena, struct connection_plan *plan, struct plan *all, struct fault *fault)
{
    for (int k = 0; k < plan->formula.n_ends; k++) {
        struct formula_end *end = &plan->formula.ends[k];
        const struct node_set *set = set_of(plan, end);
        end->is_steady = true;
        for (int part = 0; part < set->n_parts; part++)
            TRY(enter_end(arena, plan, end, &all->nodes[set->parts[part].population], fault));
        for (int part = 0; end->is_source && !end->is_steady && part < set->n_parts; part++) {
            struct node_plan *nodes = &all->nodes[set->parts[part].population];
            TRY(node_plan_couple(arena, nodes, model_variable(nodes->model, end->name), fault));
        }
    }
    return 0;
}

/* ---- what is computed ---- */

/* The columns that the block at hand has assigned. */
static void output_columns(struct lowering *lowering, const struct connection_plan *plan, struct program *program)
{
    for (int c = 0; c < plan->n_columns; c++)
        if (lowering->is_assigned[plan->columns[c].variable])
            program_output(program, c, lower_stored(lowering, lower_variable(lowering, plan->columns[c].variable)));
}

static int lower_sums(struct lowering *lowering, struct connection_plan *plan)
{
    struct formula_plan *formula = &plan->formula;
    const struct model *synapse = plan->synapse;
    formula->inputs = ARENA_NEW(lowering->arena, synapse->n_variables, const char *);
    lowering_program(lowering, &formula->sums);
    for (int k = 0; k < synapse->n_variables; k++) {
        if (!(synapse->variables[k].flags & FLAG_SUMMED))
            continue;
        struct lowered value = lower_expression(lowering, synapse->variables[k].equation);
        program_output(&formula->sums, formula->n_inputs, lower_stored(lowering, value));
        formula->inputs[formula->n_inputs++] = coupling_input(lowering->arena, &synapse->variables[k]);
    }
    program_finish(&formula->sums);
    return lowering->fault->status;
}

/* The synapse as integrators see it: states that have equations, and behind them the other columns. */
static struct node_plan integrated(struct lowering *lowering, const struct connection_plan *plan)
{
    const struct model *synapse = plan->synapse;
    struct node_plan view = {.model = synapse,
                             .n_states = plan->formula.n_clocked,
                             .refractory_slot = -1,
                             .lastspike_slot = -1,
                             .arena = lowering->arena};
    view.keeps_while_refractory = ARENA_NEW(lowering->arena, view.n_states, bool);
    view.places = ARENA_NEW(lowering->arena, synapse->n_variables, struct place);
    memcpy(view.places, plan->places, (size_t)synapse->n_variables * sizeof *view.places);
    for (int c = 0; c < plan->n_columns; c++) {
        const int variable = plan->columns[c].variable;
        node_plan_slot(&view, synapse->variables[variable].name, variable);
        if (c < view.n_states)
            view.places[variable] = (struct place){PLACE_STATE, c};
    }
    return view;
}

static bool stays_over_step(const struct lowering *lowering, const struct model *synapse, int variable, struct obstacle *obstacle)
{
    const struct expression *culprit = changing_within_step(synapse, synapse->variables[variable].equation, lowering->dt);
    if (culprit)
        *obstacle = (struct obstacle){culprit->span, arena_format(lowering->arena, "'%s' changes within a step", culprit->name)};
    return !culprit;
}

/* The closed form serves each synapse with its own coefficients, as they are in the step. */
static bool advance_in_closed_form(struct lowering *lowering, struct connection_plan *plan, struct obstacle *obstacle)
{
    struct formula_plan *formula = &plan->formula;
    int *unknowns = ARENA_NEW(lowering->arena, formula->n_clocked, int);
    struct lowered *elapsed = ARENA_NEW(lowering->arena, formula->n_clocked, struct lowered);
    lowering_program(lowering, &formula->advance);
    for (int k = 0; k < formula->n_clocked; k++) {
        unknowns[k] = plan->columns[k].variable;
        elapsed[k] = lower_dt(lowering);
        if (!stays_over_step(lowering, plan->synapse, unknowns[k], obstacle))
            return false;
    }
    if (!closed_form_advance(lowering, unknowns, elapsed, formula->n_clocked, obstacle))
        return false;
    for (int k = 0; k < formula->n_clocked; k++)
        program_output(&formula->advance, k, lower_register(lowering, lower_variable(lowering, unknowns[k])));
    program_finish(&formula->advance);
    return true;
}

/* As nodes are, by a method that sees the synapse as one. */
static bool advance_as_node(enum integrator integrator, struct lowering *lowering, struct connection_plan *plan,
                            struct obstacle *obstacle)
{
    struct node_plan *view = ARENA_NEW(lowering->arena, 1, struct node_plan);
    *view = integrated(lowering, plan);
    lowering->places = view->places;
    bool is_made = integrator_make(integrator, lowering, view, obstacle);
    lowering->places = plan->places;
    plan->formula.advance = view->update;
    plan->formula.exact = is_made && view->exact.n_entries ? view : NULL;
    return is_made;
}

static bool advance_by(enum integrator integrator, struct lowering *lowering, struct connection_plan *plan,
                       struct obstacle *obstacle)
{
    plan->formula.method = integrator_names[integrator];
    plan->formula.exact = NULL;
    return (integrator == INTEGRATOR_EXACT && advance_in_closed_form(lowering, plan, obstacle)) ||
           advance_as_node(integrator, lowering, plan, obstacle);
}

/* As nodes choose (integrators.c). */
static bool is_for_exact(struct lowering *lowering, struct connection_plan *plan, struct obstacle *obstacle)
{
    struct node_plan view = integrated(lowering, plan);
    lowering->places = view.places;
    bool has_equilibrium = exact_has_equilibrium(lowering, &view, obstacle);
    lowering->places = plan->places;
    return has_equilibrium;
}

static bool advance_fittingly(struct lowering *lowering, struct connection_plan *plan, struct obstacle *obstacle)
{
    const struct node_plan view = integrated(lowering, plan);
    const bool is_noisy = integrator_noise(&view);
    return (!is_noisy && is_for_exact(lowering, plan, obstacle) && advance_by(INTEGRATOR_EXACT, lowering, plan, obstacle)) ||
           advance_by(INTEGRATOR_EULER, lowering, plan, obstacle) ||
           (is_noisy && advance_by(INTEGRATOR_HEUN, lowering, plan, obstacle));
}

static bool advance_as_named(enum integrator named, struct lowering *lowering, struct connection_plan *plan,
                             struct obstacle *obstacle)
{
    const struct node_plan view = integrated(lowering, plan);
    return integrator_bears_noise(named, lowering->arena, &view, obstacle) && advance_by(named, lowering, plan, obstacle);
}

/* The method of the model; without one as nodes choose. */
static int lower_advance(struct lowering *lowering, struct connection_plan *plan, struct fault *fault)
{
    const struct model *synapse = plan->synapse;
    struct obstacle obstacle;
    enum integrator named = synapse->method ? integrator_find(synapse->method) : INTEGRATOR_NONE;
    if (plan->formula.n_clocked == 0)
        return 0;
    if (plan->formula.n_clocked > NODE_STATES_MAX)
        return source_fault(fault, synapse->name_span, "'%s' has %d differential equations; a model may have at most %d",
                            synapse->name, plan->formula.n_clocked, NODE_STATES_MAX);
    if (named == INTEGRATOR_RKF45)
        return source_fault(fault, synapse->method_span,
                            "method rkf45 cannot integrate synapses, which advance in whole steps: use another one");
    if (named == INTEGRATOR_NONE)
        return advance_fittingly(lowering, plan, &obstacle) ? fault->status
                                                            : source_fault(fault, obstacle.span, "%s", obstacle.text);
    if (!advance_as_named(named, lowering, plan, &obstacle))
        return source_fault(fault, obstacle.span, "method %s cannot integrate this: %s", synapse->method, obstacle.text);
    return fault->status;
}

/* ---- what is done at regular times ---- */

static int lower_everys(struct lowering *lowering, struct connection_plan *plan, struct fault *fault)
{
    const struct model *synapse = plan->synapse;
    plan->formula.everys = ARENA_NEW(lowering->arena, synapse->n_everys, struct every_plan);
    for (int k = 0; k < synapse->n_everys; k++) {
        struct every_plan *every = &plan->formula.everys[plan->formula.n_everys++];
        TRY(every_period(lowering, plan->connection->values, &synapse->everys[k], &every->period, fault));
        lowering_program(lowering, &every->program);
        lower_block(lowering, &synapse->everys[k].body);
        output_columns(lowering, plan, &every->program);
        program_finish(&every->program);
        if (program_draws_counts(&every->program))
            return source_fault(fault, synapse->everys[k].span,
                                "poisson() and binomial() are not supported yet in 'every' of synapses");
    }
    return fault->status;
}

/* Of what changes only the value at the time itself is meant. */
static int refuse_late_everys(const struct connection_plan *plan, struct fault *fault)
{
    const struct formula_plan *formula = &plan->formula;
    for (int k = 0; k < formula->n_everys && formula->delay > 0; k++) {
        const struct program *program = &formula->everys[k].program;
        for (int n = 0; n < program->n_instructions; n++) {
            const struct formula_end *end = &formula->ends[program->instructions[n].slot];
            if (program->instructions[n].opcode == OPCODE_ARGUMENT && end->is_source && !end->is_steady)
                return source_fault(fault, plan->synapse->everys[k].span,
                                    "'every' reads '%s_pre', which changes, but what this synapse computes in each step reads "
                                    "its source with a delay: let it have none, and give one to its pathways",
                                    end->name);
        }
    }
    return 0;
}

/* ---- what spikes do ---- */

static bool changes_only_itself(const struct pathway *pathway)
{
    for (int k = 0; k < pathway->body.n_actions; k++)
        if (pathway->body.actions[k].reference.kind == REFERENCE_POST)
            return false;
    return true;
}

static bool has_event_driven(const struct model *synapse)
{
    for (int k = 0; k < synapse->n_variables; k++)
        if (synapse->variables[k].flags & FLAG_EVENT_DRIVEN)
            return true;
    return false;
}

static bool end_stays(struct arena *arena, const struct connection_plan *plan, const struct end_name *end, struct plan *all,
                      struct fault *fault)
{
    const struct node_set *set = end->is_source ? plan->connection->source : plan->connection->target;
    for (int part = 0; part < set->n_parts; part++) {
        struct node_plan *nodes = &all->nodes[set->parts[part].population];
        const int variable = model_variable(nodes->model, end->name);
        if (model_draws_per_connection(nodes->model, variable) || node_plan_read(arena, nodes, variable, fault) ||
            !node_plan_stays(nodes, node_plan_reading(nodes, variable)))
            return false;
    }
    return true;
}

/* Does what on_pre computes stay the same, whenever in the step it is computed, and whoever else arrives? */
static bool can_wait(struct lowering *lowering, const struct connection_plan *plan, struct plan *all)
{
    struct end_names ends = {.source = lowering->ends->source, .target = lowering->ends->target}, *const formula = lowering->ends;
    struct program on_pre;
    lowering->ends = &ends;
    lowering_program(lowering, &on_pre);
    lower_block(lowering, &model_on_pre(plan->synapse)->body);
    lowering->ends = formula;
    bool waits = !program_draws(&on_pre) && !program_uses(&on_pre, OPCODE_INDEX);
    for (int k = 0; k < ends.n && waits; k++)
        waits = end_stays(lowering->arena, plan, &ends.names[k], all, lowering->fault);
    return waits;
}

static bool takes_spikes(struct lowering *lowering, const struct connection_plan *plan, struct plan *all)
{
    const struct model *synapse = plan->synapse;
    return synapse->n_pathways == 1 && model_on_pre(synapse) && !synapse->pathways[0].event &&
           plan->connection->delay_is_constant && changes_only_itself(&synapse->pathways[0]) && !has_event_driven(synapse) &&
           !recorded_before_arrivals(all->script, plan->connection->index) && can_wait(lowering, plan, all);
}

static int lower_on_pre(struct lowering *lowering, struct connection_plan *plan, struct plan *all)
{
    plan->formula.takes_spikes = takes_spikes(lowering, plan, all);
    TRY(lowering->fault->status);
    if (!plan->formula.takes_spikes)
        return 0;
    lowering_program(lowering, &plan->formula.on_pre);
    lower_block(lowering, &model_on_pre(plan->synapse)->body);
    output_columns(lowering, plan, &plan->formula.on_pre);
    program_finish(&plan->formula.on_pre);
    return lowering->fault->status;
}

/* What is sent leaves the source's rank with its spike, where nothing is known of what the synapse is then. */
static int refuse_sending(const struct connection_plan *plan, struct fault *fault)
{
    if (!plan->connection->port)
        return 0;
    return source_fault(fault, model_on_pre(plan->synapse)->span,
                        "a synapse with clock-driven or (summed) equations acts on its target when a spike has arrived, so it "
                        "cannot 'send': write on_pre { NAME_post += … }, or flag the equations (event-driven)");
}

/* An event-driven variable has a value at its events only, and what drives it must be known from one to the next (as Brian). */
static int refuse_mixtures(struct arena *arena, const struct model *synapse, struct fault *fault)
{
    bool *is_event_driven = ARENA_NEW(arena, synapse->n_variables, bool),
         *is_clocked = ARENA_NEW(arena, synapse->n_variables, bool);
    for (int k = 0; k < synapse->n_variables; k++) {
        is_event_driven[k] = synapse->variables[k].flags & FLAG_EVENT_DRIVEN;
        is_clocked[k] = variable_is_clock_driven(&synapse->variables[k]);
    }
    for (int k = 0; k < synapse->n_variables; k++) {
        const struct declaration *variable = &synapse->variables[k];
        if ((is_clocked[k] || variable->flags & FLAG_SUMMED) && expression_mentions(synapse, variable->equation, is_event_driven))
            return source_fault(fault, variable->name_span,
                                "'%s' is computed in every step, but made from an (event-driven) variable, which has a value at "
                                "its events only: make that one clock-driven, too",
                                variable->name);
        if (is_event_driven[k] && expression_mentions(synapse, variable->equation, is_clocked))
            return source_fault(fault, variable->name_span,
                                "'%s' is (event-driven), but made from a clock-driven variable, which changes between events: "
                                "make it clock-driven, too",
                                variable->name);
    }
    return 0;
}

static int refuse_delays(const struct connection_plan *plan, struct fault *fault)
{
    const struct formula_plan *formula = &plan->formula;
    if (plan->connection->coupling_delay >= 0 ||
        (!formula_reads_source(formula, &formula->sums) && !formula_reads_source(formula, &formula->advance)))
        return 0;
    return source_fault(
        fault, plan->connection->delay_value.span,
        "delays that differ between synapses are not supported for continuous couplings other than products of one "
        "variable of the source");
}

int formula_plan_make(struct lowering *lowering, struct connection_plan *plan, struct plan *all, struct fault *fault)
{
    struct end_names ends = {.source = all->nodes[plan->connection->source->parts[0].population].model,
                             .target = all->nodes[plan->connection->target->parts[0].population].model};
    TRY(refuse_sending(plan, fault));
    TRY(refuse_mixtures(lowering->arena, plan->synapse, fault));
    lowering->ends = &ends;
    int status = lower_sums(lowering, plan);
    if (!status)
        status = lower_advance(lowering, plan, fault);
    if (!status)
        status = lower_everys(lowering, plan, fault);
    if (!status)
        status = lower_on_pre(lowering, plan, all);
    lowering->ends = NULL;
    TRY(status);
    plan->formula.n_ends = ends.n;
    plan->formula.ends = ARENA_NEW(lowering->arena, ends.n, struct formula_end);
    for (int k = 0; k < ends.n; k++)
        plan->formula.ends[k] = (struct formula_end){.name = ends.names[k].name, .is_source = ends.names[k].is_source};
    TRY(refuse_delays(plan, fault));
    plan->formula.delay = plan->connection->coupling_delay > 0 ? plan->connection->coupling_delay : 0;
    TRY(enter_ends(lowering->arena, plan, all, fault));
    return refuse_late_everys(plan, fault);
}
