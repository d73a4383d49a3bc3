/* Blocks are made one by one, by all threads, all slots of a block together: what the value of a slot uses are other slots of the
 * same node, and those are made before it. Random numbers belong to the node, so the order of blocks does not matter. */
#include "engine/node_values.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "kernels/propagator.h"
#include "kernels/shared_values.h"
#include "kernels/value_maker.h"

/* Makes the values of one population's nodes. */
struct maker {
    const struct script *script;
    const struct nodes *nodes;     /* which nodes there are, and their plan; borrowed */
    const double *shared;          /* [plan->shared.n_shared]; borrowed */
    int *order;                    /* [plan->n_slots] slots, each behind those that its value uses; owned */
    int n_ordered;                 /* while it is made */
    struct value_maker *values;    /* [plan->n_slots]: of the slots whose value is an expression; owned */
    double *index;                 /* [LANES] of the nodes of the block at hand; owned */
    double *registers;             /* of plan->factors; owned */
    struct propagator *propagator; /* where it differs between nodes, else NULL; owned */
};

/* A node and a slot that cannot be given a value. */
struct refusal {
    bool found;
    node_index index;
    int slot;
    double value; /* that it may not have, if `was_drawn` */
    bool was_drawn;
};

static const struct value *value_of(const struct node_plan *plan, int slot)
{
    int variable = plan->slots[slot].variable;
    return variable < 0 ? NULL : &plan->population->values[variable];
}

/* ---- the maker ---- */

/* There are no circles. */
static void order_slot(struct maker *maker, int slot, bool *is_ordered)
{
    const struct program *program = &maker->nodes->plan->initial[slot];
    if (is_ordered[slot])
        return;
    is_ordered[slot] = true;
    for (int k = 0; k < program->n_instructions; k++)
        if (program->instructions[k].opcode == OPCODE_STATE || program->instructions[k].opcode == OPCODE_NODE)
            order_slot(maker, program->instructions[k].slot, is_ordered);
    maker->order[maker->n_ordered++] = slot;
}

static void maker_create(const struct script *script, const struct nodes *nodes, const double *shared, struct maker *maker)
{
    const struct node_plan *plan = nodes->plan;
    *maker = (struct maker){.script = script, .nodes = nodes, .shared = shared};
    maker->order = MEMORY_NEW(plan->n_slots, int, TEMPORARY);
    maker->values = MEMORY_NEW(plan->n_slots, struct value_maker, TEMPORARY);
    maker->index = MEMORY_NEW(LANES, double, TEMPORARY);
    maker->registers = memory_new(interpreter_scratch_bytes(&plan->factors), MEMORY_TEMPORARY);
    bool *is_ordered = MEMORY_NEW(plan->n_slots, bool, TEMPORARY);
    for (int slot = 0; slot < plan->n_slots; slot++) {
        order_slot(maker, slot, is_ordered);
        if (plan->initial[slot].n_outputs)
            value_maker_create(&plan->initial[slot], script->seed, plan->population->name,
                               plan->model->variables[plan->slots[slot].variable].name, LANES, &maker->values[slot]);
    }
    memory_free(is_ordered);
    if (plan->exact.n_varying)
        propagator_create(plan, script->dt, &maker->propagator);
}

static void maker_release(struct maker *maker)
{
    for (int slot = 0; slot < maker->nodes->plan->n_slots; slot++)
        if (maker->nodes->plan->initial[slot].n_outputs)
            value_maker_release(&maker->values[slot]);
    if (maker->propagator)
        propagator_destroy(&maker->propagator);
    memory_free(maker->registers);
    memory_free(maker->index);
    memory_free(maker->values);
    memory_free(maker->order);
}

/* ---- the values of a block ---- */

/* The nodes in the lanes of a block; lanes beyond the last node repeat it. */
static void name_nodes(const struct nodes *nodes, uint32_t block, uint32_t index[LANES])
{
    for (int lane = 0; lane < LANES; lane++) {
        node_local local = block * LANES + (node_local)lane;
        index[lane] = nodes_index(nodes, local < nodes->n ? local : nodes->n - 1);
    }
}

static void fill(double *values, double number)
{
    for (int lane = 0; lane < LANES; lane++)
        values[lane] = number;
}

/* Returns the lanes, as bits, in which `redraw` found no number. */
static unsigned evaluate(struct maker *maker, const struct value_elements *elements, int slot, double *slots)
{
    unsigned char refused;
    const struct interpreter_leaves leaves = {.shared = maker->shared, .states = slots, .slots = slots, .index = maker->index};
    value_maker_run(&maker->values[slot], elements, LANES, &leaves, slots + slot * LANES, &refused);
    return refused;
}

/* Note the first lane whose node may not have its value, unless an earlier node, or another value of it, is noted already. */
static void inspect(const struct maker *maker, const struct value_elements *elements, int slot, const double *values,
                    unsigned not_drawn, struct refusal *refusal)
{
    const struct node_plan *plan = maker->nodes->plan;
    const struct declaration *variable = &plan->model->variables[plan->slots[slot].variable];
    for (int lane = 0; lane < LANES; lane++) {
        bool was_drawn = !(not_drawn >> lane & 1);
        if (was_drawn && variable_allows(variable, variable->unit, values[lane]))
            continue;
        if (!refusal->found || elements->index[lane] < refusal->index)
            *refusal = (struct refusal){true, elements->index[lane], slot, values[lane], was_drawn};
        return;
    }
}

static void make_slot(struct maker *maker, const struct value_elements *elements, int slot, double *slots,
                      struct refusal *refusal)
{
    const struct node_plan *plan = maker->nodes->plan;
    const struct value *value = value_of(plan, slot);
    double *values = slots + slot * LANES;
    if (plan->initial[slot].n_outputs)
        inspect(maker, elements, slot, values, evaluate(maker, elements, slot, slots), refusal);
    else if (!value)
        fill(values, slot == plan->sub_step_slot ? maker->script->dt : slot == plan->lastspike_slot ? LASTSPIKE_AT_FIRST : 0);
    else if (!value->array)
        fill(values, value->number);
    else
        for (int lane = 0; lane < LANES; lane++)
            values[lane] = value->array[elements->index[lane]];
}

/* All values of a block, in its slots, [slot][LANES]. */
static void make_values(struct maker *maker, uint32_t block, double *slots, struct refusal *refusal)
{
    static const uint32_t zeros[LANES];
    uint32_t index[LANES];
    const struct value_elements elements = {index, zeros, zeros};
    name_nodes(maker->nodes, block, index);
    for (int lane = 0; lane < LANES; lane++)
        maker->index[lane] = index[lane];
    for (int k = 0; k < maker->nodes->plan->n_slots; k++)
        make_slot(maker, &elements, maker->order[k], slots, refusal);
}

/* The same, and what follows from them. */
static void make_block(struct maker *maker, uint32_t block, double *slots, struct refusal *refusal)
{
    const struct program *factors = &maker->nodes->plan->factors;
    make_values(maker, block, slots, refusal);
    interpret(factors, &(struct interpreter_leaves){.shared = maker->shared, .slots = slots, .index = maker->index},
              maker->registers);
    for (int k = 0; k < factors->n_outputs; k++)
        memcpy(slots + factors->outputs[k].slot * LANES, maker->registers + factors->outputs[k].reg * LANES,
               LANES * sizeof *slots);
    if (maker->propagator)
        propagator_fill_block(maker->propagator, maker->shared, maker->index, slots);
}

void node_values_set(const struct script *script, struct nodes *nodes)
{
#pragma omp parallel
    {
        struct maker maker;
        struct refusal refusal = {0};
        maker_create(script, nodes, nodes->shared, &maker);
#pragma omp for
        for (uint32_t block = 0; block < nodes->n_blocks; block++)
            make_block(&maker, block, nodes_block(nodes, block), &refusal);
        assert(!refusal.found);
        maker_release(&maker);
    }
}

/* ---- checking ---- */

/* Constants and lists have been checked with the script. */
static bool has_expressions(const struct node_plan *plan)
{
    for (int slot = 0; slot < plan->n_slots; slot++)
        if (plan->initial[slot].n_outputs)
            return true;
    return false;
}

/* Each thread looks for the first one among its blocks. */
static struct refusal find_refusal(const struct script *script, const struct nodes *nodes, const double *shared)
{
    struct refusal first = {0};
#pragma omp parallel
    {
        struct maker maker;
        struct refusal own = {0};
        double *slots = MEMORY_NEW(nodes->plan->n_slots * LANES, double, TEMPORARY);
        maker_create(script, nodes, shared, &maker);
#pragma omp for
        for (uint32_t block = 0; block < nodes->n_blocks; block++)
            if (!own.found)
                make_values(&maker, block, slots, &own);
#pragma omp critical
        if (own.found && (!first.found || own.index < first.index))
            first = own;
        maker_release(&maker);
        memory_free(slots);
    }
    return first;
}

static int refuse(const struct node_plan *plan, const struct refusal *refusal, struct fault *fault)
{
    const struct declaration *variable = &plan->model->variables[plan->slots[refusal->slot].variable];
    struct span span = value_of(plan, refusal->slot)->expression->span;
    char what[512];
    snprintf(what, sizeof what, "'%s' of node %u of population '%s'", variable->name, refusal->index, plan->population->name);
    if (refusal->was_drawn)
        return variable_require(variable, variable->unit, refusal->value, what, span, fault);
    return source_fault(fault, span, "%s was drawn %d times and never lay within the bounds of 'redraw'", what, REDRAW_ROUNDS);
}

static int check_population(const struct script *script, const struct nodes *nodes, node_id *node, struct fault *fault)
{
    double *shared = shared_values_of_nodes(nodes->plan, script->dt);
    struct refusal refusal = find_refusal(script, nodes, shared);
    memory_free(shared);
    if (!refusal.found)
        return 0;
    *node = nodes->plan->population->base + refusal.index;
    return refuse(nodes->plan, &refusal, fault);
}

int node_values_check(const struct plan *plan, struct partition partition, int rank, node_id *node, struct fault *fault)
{
    for (int k = 0; k < plan->script->n_populations; k++) {
        struct nodes nodes;
        nodes_place(&plan->nodes[k], partition, rank, false, &nodes);
        if (has_expressions(&plan->nodes[k]))
            TRY(check_population(plan->script, &nodes, node, fault));
    }
    return 0;
}
