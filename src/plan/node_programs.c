#include "plan/node_programs.h"

static void visit_acting(const struct node_plan *plan, node_program_visitor *visit, void *context)
{
    const struct program *programs[] = {&plan->before_step,    &plan->update,           &plan->after_step,
                                        &plan->after_synapses, &plan->after_thresholds, &plan->reset};
    for (size_t k = 0; k < sizeof programs / sizeof *programs; k++)
        visit(context, programs[k], NODE_PROGRAM_ACTS);
    for (int k = 0; k < plan->n_events; k++)
        visit(context, &plan->events[k].action, NODE_PROGRAM_ACTS);
}

static void visit_telling(const struct node_plan *plan, node_program_visitor *visit, void *context)
{
    const struct program *programs[] = {&plan->factors,   &plan->exact.varying, &plan->exact.matrix,     &plan->derivative,
                                        &plan->threshold, &plan->multiplicity,  &plan->refractory,       &plan->refractory_lasts,
                                        &plan->emit_mean, &plan->emit_trials,   &plan->emit_probability, &plan->emit_condition};
    for (size_t k = 0; k < sizeof programs / sizeof *programs; k++)
        visit(context, programs[k], NODE_PROGRAM_TELLS);
    for (int k = 0; k < plan->n_everys; k++) /* set slots, but before a kernel takes them up */
        visit(context, &plan->everys[k].program, NODE_PROGRAM_TELLS);
    for (int k = 0; k < plan->n_ports; k++)
        visit(context, &plan->ports[k].increments, NODE_PROGRAM_TELLS);
    for (int k = 0; k < plan->n_couplings; k++)
        visit(context, &plan->couplings[k].value, NODE_PROGRAM_TELLS);
    for (int k = 0; k < plan->n_readings; k++)
        visit(context, &plan->readings[k].value, NODE_PROGRAM_TELLS);
    for (int k = 0; k < plan->n_late_values; k++)
        visit(context, &plan->late_values[k].value, NODE_PROGRAM_TELLS);
    for (int k = 0; k < plan->n_noises; k++)
        visit(context, &plan->noises[k].law, NODE_PROGRAM_TELLS);
}

static void visit_values(const struct node_plan *plan, node_program_visitor *visit, void *context)
{
    for (int k = 0; k < plan->n_slots; k++)
        visit(context, &plan->initial[k], NODE_PROGRAM_TELLS);
    for (int k = 0; k < plan->n_assignments; k++)
        visit(context, &plan->assignments[k].value, NODE_PROGRAM_TELLS);
}

void node_programs_visit(const struct node_plan *plan, node_program_visitor *visit, void *context)
{
    visit_acting(plan, visit, context);
    visit_telling(plan, visit, context);
    visit_values(plan, visit, context);
}
