#include "plan/start_plan.h"

static bool is_fixed(const struct value *value)
{
    return value->is_constant && !value->is_reassigned;
}

/* Constants are read from the shared table, all else from the slot of its variable. */
static struct place *place_variables(struct arena *arena, const struct population *population)
{
    const struct model *model = population->model;
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
            places[k] = (struct place){is_fixed(&population->values[k]) ? PLACE_SHARED : PLACE_NODE, k};
    }
    return places;
}

static bool needs_time(const struct program *program)
{
    return program_uses(program, OPCODE_TIME) || program_uses(program, OPCODE_STEP) || program_uses(program, OPCODE_INPUT) ||
           program_uses(program, OPCODE_NOT_REFRACTORY);
}

static void constant_value(struct lowering *lowering, double number, struct program *program)
{
    lowering_program(lowering, program);
    program_output(program, VALUE_NUMBER, lower_stored(lowering, lower_constant(lowering, number)));
    program_finish(program);
}

/* There are no circles: the checker has looked for them. */
static void add_uses(struct lowering *lowering, struct start_plan *plan, const struct program *program, bool *is_added)
{
    for (int k = 0; k < program->n_instructions; k++) {
        int variable = program->instructions[k].slot;
        if (program->instructions[k].opcode != OPCODE_NODE || is_added[variable])
            continue;
        const struct value *value = &plan->population->values[variable];
        is_added[variable] = true;
        if (!value->array && value->is_constant)
            constant_value(lowering, value->number, &plan->programs[variable]);
        else if (!value->array)
            lower_value(lowering, value->expression, &plan->programs[variable]);
        add_uses(lowering, plan, &plan->programs[variable], is_added);
        plan->order[plan->n_order++] = variable;
    }
}

int start_plan_make(struct arena *arena, const struct population *population, const char *variable, struct span span,
                    struct start_plan *out, struct fault *fault)
{
    const struct model *model = population->model;
    int index = model_variable(model, variable);
    *out = (struct start_plan){
        .population = population,
        .order = ARENA_NEW(arena, model->n_variables, int),
        .programs = ARENA_NEW(arena, model->n_variables, struct program),
    };
    shared_table_begin(&out->shared, arena);
    struct lowering lowering = lowering_begin(arena, model, place_variables(arena, population), &out->shared, fault);
    lowering_program(&lowering, &out->value);
    program_output(&out->value, VALUE_NUMBER, lower_stored(&lowering, lower_variable(&lowering, index)));
    program_finish(&out->value);
    add_uses(&lowering, out, &out->value, ARENA_NEW(arena, model->n_variables, bool));
    TRY(fault->status);
    if (needs_time(&out->value))
        return source_fault(fault, span,
                            "'%s' of population '%s' has no value before the first step: it depends on the time or on "
                            "inputs",
                            variable, population->name);
    return 0;
}
