#include "language/script.h"

#include <assert.h>
#include <math.h>
#include <string.h>

step_count script_steps(const struct script *script, double seconds)
{
    return (step_count)trunc(seconds / script->dt + 0.5);
}

const struct pathway *model_on_pre(const struct model *model)
{
    for (int k = 0; k < model->n_pathways; k++)
        if (model->pathways[k].kind == PATHWAY_PRE)
            return &model->pathways[k];
    return NULL;
}

int model_variable(const struct model *model, const char *name)
{
    for (int k = 0; k < model->n_variables; k++)
        if (strcmp(model->variables[k].name, name) == 0)
            return k;
    return -1;
}

const struct port *model_port(const struct model *model, const char *name)
{
    for (int k = 0; k < model->n_ports; k++)
        if (strcmp(model->ports[k].name, name) == 0)
            return &model->ports[k];
    return NULL;
}

void node_set_at(const struct node_set *set, uint64_t position, int *population, node_index *index)
{
    assert(position < set->size);
    const struct node_part *part = set->parts;
    while (position >= part->count)
        position -= part++->count;
    *population = part->population;
    *index = part->list ? part->list[position] : part->first + (node_index)position;
}
