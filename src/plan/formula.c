#include "plan/formula.h"

#include <string.h>

#include "plan/coupling_form.h"
#include "plan/plan.h"

bool formula_reads_target(const struct formula_plan *formula)
{
    for (int k = 0; k < formula->n_ends; k++)
        if (!formula->ends[k].is_source && !formula->ends[k].is_steady)
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

int formula_plan_make(struct lowering *lowering, struct connection_plan *plan, struct plan *all, struct fault *fault)
{
    struct end_names ends = {.source = all->nodes[plan->connection->source->parts[0].population].model,
                             .target = all->nodes[plan->connection->target->parts[0].population].model};
    lowering->ends = &ends;
    int status = lower_sums(lowering, plan);
    lowering->ends = NULL;
    TRY(status);
    plan->formula.n_ends = ends.n;
    plan->formula.ends = ARENA_NEW(lowering->arena, ends.n, struct formula_end);
    for (int k = 0; k < ends.n; k++)
        plan->formula.ends[k] = (struct formula_end){.name = ends.names[k].name, .is_source = ends.names[k].is_source};
    return enter_ends(lowering->arena, plan, all, fault);
}
