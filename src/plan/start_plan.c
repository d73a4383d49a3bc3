/* What the simulation computes with one value for all nodes is so here, too, since a division by such a value is rounded
 * differently: then both have the same bits. */
#include "plan/start_plan.h"

#include "plan/plan.h"

/* Shared values are read from the table, all else from the slot of its variable. */
static struct place *place_variables(struct arena *arena, const struct script *script, const struct population *population)
{
    const struct model *model = population->model;
    const bool *assigned = node_plan_assigned(arena, script, population);
    struct place *places = ARENA_NEW(arena, model->n_variables, struct place);
    for (int k = 0; k < model->n_variables; k++) {
        const struct declaration *variable = &model->variables[k];
        if (variable->kind == DECLARATION_SUBEXPRESSION)
            places[k] = (struct place){PLACE_SUBEXPRESSION, 0};
        else if (variable->kind == DECLARATION_INPUT)
            places[k] = (struct place){PLACE_INPUT, 0};
        else if (variable->is_list)
            places[k] = (struct place){PLACE_LIST, 0};
        else
            places[k] = (struct place){node_plan_is_shared(population, k, assigned) ? PLACE_SHARED : PLACE_NODE, k};
    }
    return places;
}

static bool needs_time(const struct program *program)
{
    return program_uses(program, OPCODE_TIME) || program_uses(program, OPCODE_STEP) || program_uses(program, OPCODE_INPUT) ||
           program_uses(program, OPCODE_NOT_REFRACTORY);
}

/* While a plan is made. */
struct making {
    struct lowering lowering;
    struct start_plan *plan;
    bool *is_read; /* [model->n_variables] somebody reads it, so it has a step */
};

static void plan_step(struct making *making, struct start_step *step)
{
    const struct value *value = step->value;
    const struct declaration *variable = &making->plan->population->model->variables[step->variable];
    program_begin(&step->program, making->lowering.arena);
    if (!value->array && !value->is_constant)
        lower_given_value(&making->lowering, variable, value->expression, &step->program);
}

/* What the nodes begin with, of all that a program reads. There are no circles: the checker has looked for them. */
static void add_beginnings(struct making *making, const struct program *program)
{
    for (int k = 0; k < program->n_instructions; k++) {
        const int variable = program->instructions[k].slot;
        if (program->instructions[k].opcode != OPCODE_NODE || making->is_read[variable])
            continue;
        making->is_read[variable] = true;
        struct start_step step = {.variable = variable, .value = &making->plan->population->values[variable]};
        plan_step(making, &step);
        add_beginnings(making, &step.program);
        making->plan->steps[making->plan->n_steps++] = step;
    }
}

/* Backwards, for what an assignment reads may have been assigned before it. Returns them in [first, n) of `steps`. */
static int find_assignments(struct making *making, const struct script *script, struct start_step *steps, int n)
{
    int first = n;
    for (int k = n; k-- > 0;) {
        const struct node_assignment *assignment = &script->assignments[k];
        if (assignment->population != making->plan->population->index || !making->is_read[assignment->variable])
            continue;
        steps[--first] = (struct start_step){assignment->variable, &assignment->value, assignment, {0}};
        plan_step(making, &steps[first]);
        add_beginnings(making, &steps[first].program);
    }
    return first;
}

int start_plan_make(struct arena *arena, const struct script *script, const struct population *population, const char *variable,
                    int n_assignments, struct span span, struct start_plan *out, struct fault *fault)
{
    const struct model *model = population->model;
    *out = (struct start_plan){
        .population = population,
        .steps = ARENA_NEW(arena, model->n_variables + n_assignments, struct start_step),
    };
    shared_table_begin(&out->shared, arena);
    struct making making = {.plan = out, .is_read = ARENA_NEW(arena, model->n_variables, bool)};
    making.lowering = lowering_begin(arena, model, place_variables(arena, script, population), &out->shared, fault);
    struct lowering *lowering = &making.lowering;
    lowering_program(lowering, &out->value);
    program_output(&out->value, VALUE_NUMBER, lower_stored(lowering, lower_variable(lowering, model_variable(model, variable))));
    program_finish(&out->value);
    add_beginnings(&making, &out->value);
    struct start_step *assigned = ARENA_NEW(arena, n_assignments, struct start_step);
    for (int k = find_assignments(&making, script, assigned, n_assignments); k < n_assignments; k++)
        out->steps[out->n_steps++] = assigned[k];
    TRY(fault->status);
    if (needs_time(&out->value))
        return source_fault(fault, span,
                            "'%s' of population '%s' has no value before the first step: it depends on the time or on "
                            "inputs",
                            variable, population->name);
    return 0;
}
