#include "language/clone.h"

#include <string.h>

/* A copy of an array in the arena. */
#define CLONE_ARRAY(arena, array, n) memcpy(arena_new(arena, (size_t)(n) * sizeof *(array)), array, (size_t)(n) * sizeof *(array))

struct expression *expression_clone(struct arena *arena, const struct expression *expression)
{
    if (!expression)
        return NULL;
    struct expression *clone = CLONE_ARRAY(arena, expression, 1);
    if (expression->n_children)
        clone->children = CLONE_ARRAY(arena, expression->children, expression->n_children);
    for (int k = 0; k < clone->n_children; k++)
        clone->children[k] = expression_clone(arena, expression->children[k]);
    return clone;
}

static void clone_block(struct arena *arena, struct block *block)
{
    if (block->n_actions)
        block->actions = CLONE_ARRAY(arena, block->actions, block->n_actions);
    for (int k = 0; k < block->n_actions; k++)
        block->actions[k].value = expression_clone(arena, block->actions[k].value);
}

static void clone_variables(struct arena *arena, struct model *model)
{
    if (model->n_variables)
        model->variables = CLONE_ARRAY(arena, model->variables, model->n_variables);
    for (int k = 0; k < model->n_variables; k++) {
        model->variables[k].equation = expression_clone(arena, model->variables[k].equation);
        model->variables[k].value = expression_clone(arena, model->variables[k].value);
    }
}

static void clone_ports(struct arena *arena, struct model *model)
{
    if (model->n_ports)
        model->ports = CLONE_ARRAY(arena, model->ports, model->n_ports);
    for (int k = 0; k < model->n_ports; k++)
        clone_block(arena, &model->ports[k].body);
}

static void clone_pathways(struct arena *arena, struct model *model)
{
    if (model->n_pathways)
        model->pathways = CLONE_ARRAY(arena, model->pathways, model->n_pathways);
    for (int k = 0; k < model->n_pathways; k++) {
        model->pathways[k].delay = expression_clone(arena, model->pathways[k].delay);
        clone_block(arena, &model->pathways[k].body);
    }
}

static void clone_everys(struct arena *arena, struct model *model)
{
    if (model->n_everys)
        model->everys = CLONE_ARRAY(arena, model->everys, model->n_everys);
    for (int k = 0; k < model->n_everys; k++) {
        model->everys[k].period = expression_clone(arena, model->everys[k].period);
        clone_block(arena, &model->everys[k].body);
    }
}

static void clone_events(struct arena *arena, struct model *model)
{
    if (model->n_events)
        model->events = CLONE_ARRAY(arena, model->events, model->n_events);
    for (int k = 0; k < model->n_events; k++) {
        model->events[k].condition = expression_clone(arena, model->events[k].condition);
        clone_block(arena, &model->events[k].body);
    }
}

struct model *model_clone(struct arena *arena, const struct model *model)
{
    struct model *clone = CLONE_ARRAY(arena, model, 1);
    struct expression **const expressions[] = {&clone->emit.count, &clone->emit.condition, &clone->emit.period,
                                               &clone->threshold,  &clone->refractory,     &clone->delay,
                                               &clone->method_abs, &clone->method_rel};
    struct block *const blocks[] = {&clone->reset, &clone->before_step, &clone->after_step, &clone->after_synapses,
                                    &clone->after_thresholds};
    for (size_t k = 0; k < sizeof expressions / sizeof *expressions; k++)
        *expressions[k] = expression_clone(arena, *expressions[k]);
    for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++)
        clone_block(arena, blocks[k]);
    clone_variables(arena, clone);
    clone_ports(arena, clone);
    clone_pathways(arena, clone);
    clone_everys(arena, clone);
    clone_events(arena, clone);
    return clone;
}
