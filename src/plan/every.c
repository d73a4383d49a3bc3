#include "plan/every.h"

#include <math.h>

#include "language/constant.h"

int every_period(const struct lowering *lowering, const struct value *values, const struct every *every, step_count *out,
                 struct fault *fault)
{
    const struct model *model = lowering->model;
    const struct bindings bindings = {.dt = lowering->dt, .model = model, .values = values};
    bool *changes = ARENA_NEW(lowering->arena, model->n_variables, bool);
    double period;
    for (int k = 0; k < model->n_variables; k++)
        changes[k] = lowering->places[k].kind != PLACE_SHARED && lowering->places[k].kind != PLACE_SUBEXPRESSION;
    if (expression_mentions(model, every->period, changes) || !constant_evaluate(every->period, &bindings, &period))
        return source_fault(fault, every->period->span, "what stands behind 'every' must be the same for all %s and all times",
                            model->kind == MODEL_SYNAPSE ? "synapses" : "nodes");
    double steps = period / lowering->dt;
    if (!(steps > 0.5 && steps < 0x1p52) || fabs(steps - rint(steps)) > 1e-6 * (1 + fabs(steps)))
        return source_fault(fault, every->period->span,
                            "what stands behind 'every' must be a multiple of dt = %.10g ms, not %.10g ms", lowering->dt * 1e3,
                            period * 1e3);
    *out = (step_count)rint(steps);
    return 0;
}
