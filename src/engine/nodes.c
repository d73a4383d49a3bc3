#include "engine/nodes.h"

#include <string.h>

#include "kernels/interpreter.h"
#include "kernels/shared_values.h"
#include "support/lanes.h"
#include "support/random.h"

const struct port_plan *nodes_port(const struct nodes *nodes, const char *name)
{
    for (int k = 0; k < nodes->plan->model->n_ports; k++)
        if (!strcmp(nodes->plan->ports[k].name, name))
            return &nodes->plan->ports[k];
    return NULL;
}

unsigned nodes_live(const struct nodes *nodes, uint32_t block)
{
    node_local left = nodes->n - block * LANES;
    return left >= LANES ? 0xff : (1u << left) - 1;
}

/* ---- initial values ---- */

/* The node in a lane; lanes beyond the last node repeat it. */
static node_index index_in_lane(const struct nodes *nodes, uint32_t block, int lane)
{
    node_local local = block * LANES + (node_local)lane;
    return nodes_index(nodes, local < nodes->n ? local : nodes->n - 1);
}

/* Random numbers are keyed by population, variable and call, and counted by the node's index: the same wherever the node lives.
 */
static void draw(const struct script *script, const struct nodes *nodes, int variable, const struct program *program,
                 uint32_t block, double *random)
{
    const struct population *population = nodes->plan->population;
    for (int k = 0; k < program->n_instructions; k++) {
        const struct instruction *call = &program->instructions[k];
        if (call->opcode != OPCODE_UNIFORM && call->opcode != OPCODE_NORMAL)
            continue;
        struct random_key key = random_key(script->seed, RANDOM_VALUE, population->name,
                                           nodes->plan->model->variables[variable].name, (uint32_t)call->slot);
        for (int lane = 0; lane < LANES; lane++) {
            struct random_stream stream = random_stream_start(key, index_in_lane(nodes, block, lane), 0);
            random[k * LANES + lane] = call->opcode == OPCODE_UNIFORM ? random_stream_uniform(&stream)
                                                                      : random_stream_normal(&stream);
        }
    }
}

static void set_by_program(const struct script *script, struct nodes *nodes, int variable, int slot,
                           const struct program *program)
{
    _Alignas(LANES_ALIGNMENT) double index[LANES];
    double *scratch = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    double *random = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    for (uint32_t block = 0; block < nodes->n_blocks; block++) {
        double *slots = nodes_block(nodes, block);
        for (int lane = 0; lane < LANES; lane++)
            index[lane] = index_in_lane(nodes, block, lane);
        draw(script, nodes, variable, program, block, random);
        interpret(program,
                  &(struct interpreter_leaves){
                      .shared = nodes->shared, .states = slots, .slots = slots, .index = index, .random = random},
                  scratch);
        memcpy(slots + slot * LANES, scratch + program->outputs[0].reg * LANES, LANES * sizeof(double));
    }
    memory_free(random);
    memory_free(scratch);
}

static void set_by_array(struct nodes *nodes, int slot, const double *array)
{
    for (uint32_t block = 0; block < nodes->n_blocks; block++)
        for (int lane = 0; lane < LANES; lane++)
            nodes_block(nodes, block)[slot * LANES + lane] = array[index_in_lane(nodes, block, lane)];
}

static void set_all(struct nodes *nodes, int slot, double number)
{
    for (uint32_t block = 0; block < nodes->n_blocks; block++)
        for (int lane = 0; lane < LANES; lane++)
            nodes_block(nodes, block)[slot * LANES + lane] = number;
}

/* What an initial value is made from is set before it; there are no circles. */
static void set_slot(const struct script *script, struct nodes *nodes, int slot, bool *is_set)
{
    const struct node_plan *plan = nodes->plan;
    const struct program *program = &plan->initial[slot];
    int variable = plan->slots[slot].variable;
    const struct value *value = variable < 0 ? NULL : &plan->population->values[variable];
    if (is_set[slot])
        return;
    is_set[slot] = true;
    for (int k = 0; k < program->n_instructions; k++)
        if (program->instructions[k].opcode == OPCODE_STATE || program->instructions[k].opcode == OPCODE_NODE)
            set_slot(script, nodes, program->instructions[k].slot, is_set);
    if (!value)
        set_all(nodes, slot, slot == plan->sub_step_slot ? script->dt : 0);
    else if (value->array)
        set_by_array(nodes, slot, value->array);
    else if (program->n_outputs)
        set_by_program(script, nodes, variable, slot, program);
    else
        set_all(nodes, slot, value->number);
}

static void set_initial(const struct script *script, struct nodes *nodes)
{
    bool *is_set = MEMORY_NEW(nodes->plan->n_slots, bool, TEMPORARY);
    for (int slot = 0; slot < nodes->plan->n_slots; slot++)
        set_slot(script, nodes, slot, is_set);
    memory_free(is_set);
}

/* ---- creation ---- */

static void place(struct nodes *nodes, struct partition partition, int rank, bool all_here)
{
    const struct population *population = nodes->plan->population;
    nodes->n = population->size;
    nodes->index_step = 1;
    if (all_here)
        return;
    nodes->n = partition.scheme->count(partition.n_ranks, population, rank);
    if (nodes->n > 0)
        nodes->first_index = partition.scheme->index(partition.n_ranks, population, rank, 0);
    if (nodes->n > 1) /* every scheme gives a rank an arithmetic progression */
        nodes->index_step = partition.scheme->index(partition.n_ranks, population, rank, 1) - nodes->first_index;
}

static struct tile make_tile(const struct nodes *nodes, int n_kinds)
{
    size_t pitch = (size_t)nodes->n_steps_max * (size_t)n_kinds * LANES;
    return (struct tile){MEMORY_NEW(nodes->n_blocks * pitch, double, BUFFERS), n_kinds, pitch};
}

void nodes_create(const struct script *script, const struct node_plan *plan, block_function *run, struct partition partition,
                  int rank, bool all_here, int n_steps_max, struct nodes *nodes)
{
    *nodes = (struct nodes){.plan = plan, .run = run, .n_steps_max = n_steps_max};
    place(nodes, partition, rank, all_here);
    nodes->n_blocks = (nodes->n + LANES - 1) / LANES;
    nodes->slots = MEMORY_NEW((size_t)nodes->n_blocks * (size_t)plan->n_slots * LANES, double, NODES);
    nodes->inputs = make_tile(nodes, plan->n_inputs);
    nodes->arrivals = make_tile(nodes, plan->n_arrivals);
    nodes->couplings = make_tile(nodes, plan->n_couplings);
    nodes->shared = shared_values_of_nodes(plan, script->dt);
    set_initial(script, nodes);
}

void nodes_release(struct nodes *nodes)
{
    memory_free(nodes->slots);
    memory_free(nodes->shared);
    memory_free(nodes->inputs.values);
    memory_free(nodes->arrivals.values);
    memory_free(nodes->couplings.values);
    *nodes = (struct nodes){0};
}
