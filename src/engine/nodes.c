#include "engine/nodes.h"

#include <string.h>

#include "engine/node_values.h"
#include "kernels/shared_values.h"

int nodes_input(const struct nodes *nodes, const char *name)
{
    int k = 0;
    while (strcmp(nodes->plan->model->variables[nodes->plan->input_variable[k]].name, name))
        k++;
    return k;
}

int nodes_coupling(const struct nodes *nodes, const char *name)
{
    int k = 0;
    while (strcmp(nodes->plan->model->variables[nodes->plan->couplings[k].variable].name, name))
        k++;
    return k;
}

int nodes_late_value(const struct nodes *nodes, const char *name)
{
    int k = 0;
    while (strcmp(nodes->plan->model->variables[nodes->plan->late_values[k].variable].name, name))
        k++;
    return nodes->plan->n_couplings + k;
}

/* ---- creation ---- */

static uint32_t blocks_of(node_local n)
{
    return (n + LANES - 1) / LANES;
}

void nodes_place(const struct node_plan *plan, struct partition partition, int rank, struct nodes *nodes)
{
    const struct population *population = plan->population;
    *nodes = (struct nodes){.plan = plan, .index_step = 1};
    nodes->n = partition.scheme->count(partition.n_ranks, population, rank);
    if (nodes->n > 0)
        nodes->first_index = partition.scheme->index(partition.n_ranks, population, rank, 0);
    if (nodes->n > 1) /* every scheme gives a rank an arithmetic progression */
        nodes->index_step = partition.scheme->index(partition.n_ranks, population, rank, 1) - nodes->first_index;
    nodes->n_blocks = blocks_of(nodes->n);
}

/* Slots and shared values; what the nodes begin with. */
static void make_state(const struct script *script, struct nodes *nodes)
{
    nodes->since = script_epoch_begin(script, nodes->plan->population->epoch);
    nodes->slots = MEMORY_NEW((size_t)nodes->n_blocks * (size_t)nodes->plan->n_slots * LANES, double, NODES);
    nodes->shared = shared_values_of_nodes(nodes->plan, script->dt);
    node_values_set(script, nodes);
}

static struct tile make_tile(const struct nodes *nodes, int n_kinds)
{
    size_t pitch = (size_t)nodes->n_steps_max * (size_t)n_kinds * LANES;
    return (struct tile){MEMORY_NEW(nodes->n_blocks * pitch, double, BUFFERS), n_kinds, pitch};
}

void nodes_create(const struct script *script, const struct node_plan *plan, block_function *run, struct partition partition,
                  int rank, int n_steps_max, struct nodes *nodes)
{
    nodes_place(plan, partition, rank, nodes);
    make_state(script, nodes);
    nodes->run = run;
    nodes->n_steps_max = n_steps_max;
    nodes->ends_early = program_uses(&plan->after_synapses, OPCODE_INPUT) || program_uses(&plan->reset, OPCODE_INPUT) ||
                        plan->n_everys > 0;
    for (int k = 0; k < plan->n_events; k++)
        nodes->ends_early |= program_uses(&plan->events[k].action, OPCODE_INPUT);
    if (node_plan_is_split(plan))
        nodes->spiked = MEMORY_NEW(nodes->n_blocks, unsigned char, NODES);
    nodes->inputs = make_tile(nodes, node_plan_input_rows(plan));
    nodes->arrivals = make_tile(nodes, plan->n_arrivals);
    nodes->couplings = make_tile(nodes, plan->n_couplings);
    nodes->late_values = make_tile(nodes, plan->n_late_values);
}

void nodes_create_listed(const struct script *script, const struct node_plan *plan, const node_index *listed, node_local n,
                         struct nodes *nodes)
{
    *nodes = (struct nodes){.plan = plan, .n = n, .n_blocks = blocks_of(n), .listed = listed};
    make_state(script, nodes);
}

void nodes_release(struct nodes *nodes)
{
    memory_free(nodes->slots);
    memory_free(nodes->shared);
    memory_free(nodes->spiked);
    memory_free(nodes->inputs.values);
    memory_free(nodes->arrivals.values);
    memory_free(nodes->couplings.values);
    memory_free(nodes->late_values.values);
    *nodes = (struct nodes){0};
}
