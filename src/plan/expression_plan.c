#include "plan/expression_plan.h"

static const struct model no_model;

int expression_plan_make(struct arena *arena, const struct expression *expression, struct expression_plan *out,
                         struct fault *fault)
{
    shared_table_begin(&out->shared, arena);
    struct lowering lowering = lowering_begin(arena, &no_model, NULL, &out->shared, fault);
    lower_value(&lowering, expression, &out->program);
    return fault->status;
}
