#include "plan/expression_plan.h"

static const struct model no_model;

int expression_plan_make(struct arena *arena, const struct expression *expression, struct expression_plan *out,
                         struct fault *fault)
{
    *out = (struct expression_plan){0};
    shared_table_begin(&out->shared, arena);
    struct lowering lowering = lowering_begin(arena, &no_model, NULL, &out->shared, fault);
    lower_value(&lowering, expression, &out->program);
    return fault->status;
}

int pair_plan_make(struct arena *arena, const struct expression *condition, const struct rule_value *argument,
                   struct expression_plan *out, struct fault *fault)
{
    *out = (struct expression_plan){0};
    shared_table_begin(&out->shared, arena);
    struct lowering lowering = lowering_begin(arena, &no_model, NULL, &out->shared, fault);
    lowering.pair_ends = &out->ends;
    lowering_program(&lowering, &out->program);
    struct branch branch = {.where_it_holds = true};
    if (condition) {
        branch.condition = lower_expression(&lowering, condition);
        lowering.branch = &branch;
    }
    struct lowered number = argument->expression ? lower_expression(&lowering, argument->expression)
                                                 : lower_constant(&lowering, argument->number);
    if (condition)
        number = lower_operation(&lowering, OPCODE_SELECT, branch.condition, number, lower_constant(&lowering, 0));
    program_output(&out->program, VALUE_NUMBER, lower_stored(&lowering, number));
    program_finish(&out->program);
    return fault->status;
}
