#include "plan/pathways.h"

#include <string.h>

#include "plan/event_driven.h"
#include "plan/plan.h"

bool pathway_writes_target(const struct connection_plan *plan, const struct pathway_plan *pathway)
{
    for (int k = 0; k < pathway->program.n_outputs; k++)
        if (pathway->program.outputs[k].slot >= plan->n_columns)
            return true;
    return false;
}

/* ---- one pathway --------------------------------------------------------------------------------------------------------- */

/* The event-driven variables go on from the synapse's last event, whichever pathway it was of. */
static int advance_to_event(struct lowering *lowering, struct connection_plan *plan, struct fault *fault)
{
    const struct model *synapse = plan->synapse;
    int n = 0, *unknowns = ARENA_NEW(lowering->arena, synapse->n_variables, int);
    struct lowered *elapsed = ARENA_NEW(lowering->arena, synapse->n_variables, struct lowered);
    for (int k = 0; k < synapse->n_variables; k++) {
        if (!(synapse->variables[k].flags & FLAG_EVENT_DRIVEN))
            continue;
        unknowns[n] = k;
        elapsed[n++] = lower_leaf(lowering, OPCODE_NODE, plan->n_columns);
    }
    plan->pathways.has_events = n > 0;
    return event_driven_advance(lowering, unknowns, elapsed, n, fault);
}

/* The place among the variables that are written (entered if it is new). */
static int written_place(struct pathways_plan *pathways, const char *name)
{
    for (int k = 0; k < pathways->n_written; k++)
        if (strcmp(pathways->written[k], name) == 0)
            return k;
    pathways->written[pathways->n_written] = name;
    return pathways->n_written++;
}

static int lower_pathway(struct lowering *lowering, struct connection_plan *plan, struct pathway_plan *pathway,
                         struct fault *fault)
{
    struct program *program = &pathway->program;
    lowering_program(lowering, program);
    TRY(advance_to_event(lowering, plan, fault));
    lower_block(lowering, &pathway->pathway->body);
    for (int c = 0; c < plan->n_columns; c++)
        if (lowering->is_assigned[plan->columns[c].variable])
            program_output(program, c, lower_stored(lowering, lower_variable(lowering, plan->columns[c].variable)));
    for (int k = 0; k < lowering->ends->n; k++) {
        const struct end_name *end = &lowering->ends->names[k];
        if (end->is_written)
            program_output(program, plan->n_columns + written_place(&plan->pathways, end->name),
                           lower_stored(lowering, end->written));
    }
    program_finish(program);
    return fault->status;
}

/* ---- the ends ------------------------------------------------------------------------------------------------------------ */

static int refuse_draw(const struct connection_plan *plan, const struct pathway_end *end, const struct node_plan *nodes,
                       struct fault *fault)
{
    if (!model_draws_per_connection(nodes->model, model_variable(nodes->model, end->name)))
        return 0;
    return source_fault(fault, plan->connection->span,
                        "synapse '%s' reads '%s_%s' of population '%s', which is drawn for each connection: a pathway cannot",
                        plan->synapse->name, end->name, end->is_source ? "pre" : "post", nodes->population->name);
}

static int read_target(struct arena *arena, const struct connection_plan *plan, struct pathway_end *end, struct plan *all,
                       struct fault *fault)
{
    const struct node_set *target = plan->connection->target;
    for (int part = 0; part < target->n_parts; part++) {
        struct node_plan *nodes = &all->nodes[target->parts[part].population];
        TRY(refuse_draw(plan, end, nodes, fault));
        TRY(node_plan_value_within_step(arena, nodes, model_variable(nodes->model, end->name), &end->readings[part], fault));
    }
    return 0;
}

/* What changes is exchanged in the middle of each step, so steps of the sources are cut there, too. */
static int read_late(struct arena *arena, const struct connection_plan *plan, const struct pathway_end *end, struct plan *all,
                     struct fault *fault)
{
    const struct node_set *source = plan->connection->source;
    for (int part = 0; part < source->n_parts; part++) {
        struct node_plan *nodes = &all->nodes[source->parts[part].population];
        if (nodes->spike_test == SPIKE_AFTER_SYNAPSES)
            return source_fault(fault, plan->connection->span,
                                "synapse '%s' reads '%s_pre' of population '%s', which changes, and which spikes `after "
                                "synapses`: pathways read only what stays the same of such nodes",
                                plan->synapse->name, end->name, nodes->population->name);
        TRY(node_plan_read_late(arena, nodes, model_variable(nodes->model, end->name), fault));
    }
    return 0;
}

static int read_source(struct arena *arena, const struct connection_plan *plan, struct pathway_end *end, struct plan *all,
                       struct fault *fault)
{
    const struct node_set *source = plan->connection->source;
    end->is_steady = true;
    for (int part = 0; part < source->n_parts; part++) {
        struct node_plan *nodes = &all->nodes[source->parts[part].population];
        const int variable = model_variable(nodes->model, end->name);
        TRY(refuse_draw(plan, end, nodes, fault));
        TRY(node_plan_read(arena, nodes, variable, fault));
        end->readings[part] = *node_plan_reading(nodes, variable);
        end->is_steady &= node_plan_stays(nodes, &end->readings[part]);
    }
    return end->is_steady ? 0 : read_late(arena, plan, end, all, fault);
}

/* What was met in the programs, and how it is read in each population. */
static int read_ends(struct lowering *lowering, struct connection_plan *plan, struct plan *all, struct fault *fault)
{
    const struct end_names *names = lowering->ends;
    plan->pathways.n_ends = names->n;
    plan->pathways.ends = ARENA_NEW(lowering->arena, names->n, struct pathway_end);
    for (int k = 0; k < names->n; k++) {
        struct pathway_end *end = &plan->pathways.ends[k];
        const struct node_set *set = names->names[k].is_source ? plan->connection->source : plan->connection->target;
        *end = (struct pathway_end){.name = names->names[k].name,
                                    .is_source = names->names[k].is_source,
                                    .is_kept = names->names[k].is_kept,
                                    .readings = ARENA_NEW(lowering->arena, set->n_parts, struct program)};
        if (end->is_source)
            TRY(read_source(lowering->arena, plan, end, all, fault));
        else if (!end->is_kept)
            TRY(read_target(lowering->arena, plan, end, all, fault));
    }
    return 0;
}

bool pathways_read_late(const struct pathways_plan *pathways)
{
    for (int k = 0; k < pathways->n_ends; k++)
        if (pathways->ends[k].is_source && !pathways->ends[k].is_steady)
            return true;
    return false;
}

/* ---- all of them --------------------------------------------------------------------------------------------------------- */

/* Their steps are cut between the threshold and what follows on arrivals. */
static int refuse_late_thresholds(const struct connection_plan *plan, const struct plan *all, struct fault *fault)
{
    const struct node_set *target = plan->connection->target;
    for (int part = 0; part < target->n_parts; part++) {
        const struct node_plan *nodes = &all->nodes[target->parts[part].population];
        if (nodes->spike_test == SPIKE_AFTER_SYNAPSES)
            return source_fault(fault, plan->connection->span,
                                "the target '%s' (model '%s') spikes `after synapses`: synapses that read their target, set its "
                                "variables or have several on_pre, such as '%s', cannot lead there",
                                nodes->population->name, nodes->model->name, plan->synapse->name);
    }
    return 0;
}

static int refuse_symbols(const struct pathway_plan *pathway, struct fault *fault)
{
    if (program_uses(&pathway->program, OPCODE_NOT_REFRACTORY))
        return source_fault(fault, pathway->pathway->span, "not_refractory is not supported in pathways yet");
    return 0;
}

/* That of the first on_pre, and of those that are (delay = delay), stands in the edges. */
static void find_delay(const struct connection_plan *plan, const struct pathway_delay *delay, struct pathway_plan *pathway)
{
    const char *name = pathway->pathway->delay_name;
    pathway->delay_differs = !delay->value.is_constant;
    pathway->delay_column = pathway->delay_differs && name ? connection_plan_column(plan, model_variable(plan->synapse, name))
                                                           : -1;
    pathway->min_delay = pathway->delay_differs ? 1 : delay->steps;
    pathway->max_delay = pathway->delay_differs ? 0 : delay->steps;
}

int pathways_plan_make(struct lowering *lowering, struct connection_plan *plan, struct plan *all, struct fault *fault)
{
    const struct connection *connection = plan->connection;
    const struct model *synapse = plan->synapse;
    struct pathways_plan *pathways = &plan->pathways;
    struct end_names ends = {.source = all->nodes[connection->source->parts[0].population].model,
                             .target = all->nodes[connection->target->parts[0].population].model};
    TRY(refuse_late_thresholds(plan, all, fault));
    *pathways = (struct pathways_plan){.list = ARENA_NEW(lowering->arena, synapse->n_pathways, struct pathway_plan),
                                       .n = synapse->n_pathways,
                                       .written = ARENA_NEW(lowering->arena, ends.target->n_variables, const char *)};
    lowering->ends = &ends;
    for (int k = 0; k < pathways->n; k++) {
        pathways->list[k].pathway = &synapse->pathways[k];
        find_delay(plan, &connection->pathway_delays[k], &pathways->list[k]);
        TRY(lower_pathway(lowering, plan, &pathways->list[k], fault));
        TRY(refuse_symbols(&pathways->list[k], fault));
    }
    int status = read_ends(lowering, plan, all, fault);
    lowering->ends = NULL;
    return status;
}
