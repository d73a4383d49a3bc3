#include "language/script.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "support/ascending.h"

step_count script_epoch_begin(const struct script *script, int epoch)
{
    if (epoch < script->n_epochs)
        return script->epochs[epoch].begin;
    return script->n_epochs ? script->epochs[script->n_epochs - 1].end : 0;
}

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

bool pathway_sends(const struct pathway *pathway)
{
    for (int k = 0; k < pathway->body.n_actions; k++)
        if (pathway->body.actions[k].kind == ACTION_SEND)
            return true;
    return false;
}

bool pathway_takes_delay_of_synapse(const struct pathway *pathway)
{
    const struct expression *delay = pathway->delay;
    if (!delay)
        return pathway->kind == PATHWAY_PRE && strcmp(pathway->name, "pre") == 0;
    return delay->kind == EXPRESSION_NAME && strcmp(delay->name, "delay") == 0;
}

bool variable_is_clock_driven(const struct declaration *variable)
{
    return variable->kind == DECLARATION_DERIVATIVE && !(variable->flags & FLAG_EVENT_DRIVEN);
}

bool model_is_clock_driven(const struct model *synapse)
{
    for (int k = 0; k < synapse->n_variables; k++)
        if (variable_is_clock_driven(&synapse->variables[k]))
            return true;
    return false;
}

bool model_runs_at_arrival(const struct model *model)
{
    for (int k = 0; k < model->n_pathways; k++)
        if (pathway_sends(&model->pathways[k]))
            return false;
    return model->n_pathways > 0;
}

int model_variable(const struct model *model, const char *name)
{
    for (int k = 0; k < model->n_variables; k++)
        if (strcmp(model->variables[k].name, name) == 0)
            return k;
    return -1;
}

/* ---- what a model reads ---- */

static bool reads(const struct expression *expression, enum reference_kind kind)
{
    if (!expression)
        return false;
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == kind)
        return true;
    for (int k = 0; k < expression->n_children; k++)
        if (reads(expression->children[k], kind))
            return true;
    return false;
}

static bool block_reads(const struct block *block, enum reference_kind kind)
{
    for (int k = 0; k < block->n_actions; k++)
        if (reads(block->actions[k].value, kind))
            return true;
    return false;
}

/* The blocks of a node's step, of its regular times and of its events, one after the other; NULL behind the last. */
static const struct block *step_block(const struct model *model, int k)
{
    const struct block *const blocks[] = {&model->reset, &model->before_step, &model->after_step, &model->after_synapses,
                                          &model->after_thresholds};
    const int n = sizeof blocks / sizeof *blocks;
    if (k < n)
        return blocks[k];
    if (k - n < model->n_everys)
        return &model->everys[k - n].body;
    return k - n - model->n_everys < model->n_events ? &model->events[k - n - model->n_everys].body : NULL;
}

static bool block_assigns(const struct block *block, const char *name)
{
    for (int k = 0; k < block->n_actions; k++)
        if (block->actions[k].kind == ACTION_ASSIGN && strcmp(block->actions[k].name, name) == 0)
            return true;
    return false;
}

bool model_assigns(const struct model *model, const char *name)
{
    bool found = false;
    for (int k = 0; step_block(model, k); k++)
        found = found || block_assigns(step_block(model, k), name);
    for (int k = 0; k < model->n_ports; k++)
        found = found || block_assigns(&model->ports[k].body, name);
    return found;
}

bool model_reads(const struct model *model, enum reference_kind kind)
{
    const struct expression *const expressions[] = {model->threshold, model->refractory, model->emit.count, model->emit.condition,
                                                    model->emit.period};
    bool found = false;
    for (size_t k = 0; k < sizeof expressions / sizeof *expressions; k++)
        found = found || reads(expressions[k], kind);
    for (int k = 0; step_block(model, k); k++)
        found = found || block_reads(step_block(model, k), kind);
    for (int k = 0; k < model->n_variables; k++)
        found = found || reads(model->variables[k].equation, kind);
    return found;
}

bool model_spikes_after_synapses(const struct model *model)
{
    return model->emit.kind == EMIT_COUNT ? model->emit.after_synapses
                                          : model->threshold && model->threshold_mode == THRESHOLD_AFTER_SYNAPSES;
}

/* ---- names ---- */

int model_event(const struct model *model, const char *name)
{
    for (int k = 0; k < model->n_events; k++)
        if (strcmp(model->events[k].name, name) == 0)
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

int64_t node_part_place(const struct node_part *part, node_index index)
{
    if (!part->list)
        return index >= part->first && index - part->first < part->count ? (int64_t)(index - part->first) : -1;
    uint64_t place = ascending_place(part->list, 0, part->count, index);
    return place < part->count && part->list[place] == index ? (int64_t)place : -1;
}

bool node_set_meets(const struct node_set *set, int population)
{
    for (int k = 0; k < set->n_parts; k++)
        if (set->parts[k].population == population)
            return true;
    return false;
}
