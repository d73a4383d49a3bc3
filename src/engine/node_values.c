/* Blocks are made one by one, by all threads, all slots of a block together: what the value of a slot uses are other slots of the
 * same node, and those are made before it. Random numbers belong to the node, so the order of blocks does not matter. */
#include "engine/node_values.h"

#include <assert.h>
#include <math.h>
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
    struct value_maker *assigned;  /* [plan->n_assignments] likewise; owned */
    double *index;                 /* [LANES] of the nodes of the block at hand; owned */
    double *registers;             /* of plan->factors; owned */
    struct propagator *propagator; /* where it differs between nodes, else NULL; owned */
};

/* A node and a variable that cannot be given a value. */
struct refusal {
    bool found;
    node_index index;
    int slot;
    struct span span; /* of the value in the script */
    const struct expression *expression;
    double value; /* that it may not have, if `was_drawn` */
    bool was_drawn;
};

/* All lanes, as bits. */
enum { ALL_LANES = (1 << LANES) - 1 };

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
    maker->assigned = MEMORY_NEW(plan->n_assignments, struct value_maker, TEMPORARY);
    maker->index = MEMORY_NEW(LANES, double, TEMPORARY);
    maker->registers = memory_new(interpreter_scratch_bytes(&plan->factors), MEMORY_TEMPORARY);
    bool *is_ordered = MEMORY_NEW(plan->n_slots, bool, TEMPORARY);
    for (int slot = 0; slot < plan->n_slots; slot++) {
        order_slot(maker, slot, is_ordered);
        if (plan->initial[slot].n_outputs)
            value_maker_create(&plan->initial[slot], script->seed, plan->population->name,
                               plan->model->variables[plan->slots[slot].variable].name, LANES, &maker->values[slot]);
    }
    for (int k = 0; k < plan->n_assignments; k++)
        if (plan->assignments[k].value.n_outputs)
            value_maker_create(&plan->assignments[k].value, script->seed, plan->population->name,
                               plan->slots[plan->assignments[k].slot].name, LANES, &maker->assigned[k]);
    memory_free(is_ordered);
    if (plan->exact.n_varying)
        propagator_create(plan, script->dt, &maker->propagator);
}

static void maker_release(struct maker *maker)
{
    for (int slot = 0; slot < maker->nodes->plan->n_slots; slot++)
        if (maker->nodes->plan->initial[slot].n_outputs)
            value_maker_release(&maker->values[slot]);
    for (int k = 0; k < maker->nodes->plan->n_assignments; k++)
        if (maker->nodes->plan->assignments[k].value.n_outputs)
            value_maker_release(&maker->assigned[k]);
    if (maker->propagator)
        propagator_destroy(&maker->propagator);
    memory_free(maker->registers);
    memory_free(maker->index);
    memory_free(maker->assigned);
    memory_free(maker->values);
    memory_free(maker->order);
}

/* ---- the values of a block ---- */

/* The nodes in the lanes of a block; lanes beyond the last node repeat it. */
static void name_nodes(const struct nodes *nodes, uint32_t block, uint32_t index[LANES])
{
    for (int lane = 0; lane < LANES; lane++) {
        node_local local = block * LANES + (node_local)lane;
        local = local < nodes->n ? local : nodes->n - 1;
        index[lane] = nodes->listed ? nodes->listed[local] : nodes_index(nodes, local);
    }
}

static void fill(double *values, double number)
{
    for (int lane = 0; lane < LANES; lane++)
        values[lane] = number;
}

/* Returns the lanes, as bits, in which `redraw` found no number. */
static unsigned evaluate(const struct maker *maker, struct value_maker *value, const struct value_elements *elements,
                         const double *slots, double *out)
{
    unsigned char refused;
    const struct interpreter_leaves leaves = {.shared = maker->shared, .states = slots, .slots = slots, .index = maker->index};
    value_maker_run(value, elements, LANES, &leaves, out, &refused);
    return refused;
}

/* Note the first of the chosen lanes, as bits, whose node may not have its value, unless an earlier node, or another value of it,
 * is noted already. */
static void inspect(const struct maker *maker, const struct value_elements *elements, int slot, struct span span,
                    const struct expression *expression, unsigned chosen, const double *values, unsigned not_drawn,
                    struct refusal *refusal)
{
    const struct node_plan *plan = maker->nodes->plan;
    const struct declaration *variable = &plan->model->variables[plan->slots[slot].variable];
    for (int lane = 0; lane < LANES; lane++) {
        bool was_drawn = !(not_drawn >> lane & 1);
        if (!(chosen >> lane & 1) || (was_drawn && variable_allows(variable, variable->unit, values[lane])))
            continue;
        if (!refusal->found || elements->index[lane] < refusal->index)
            *refusal = (struct refusal){true, elements->index[lane], slot, span, expression, values[lane], was_drawn};
        return;
    }
}

/* Of the plan's own slots. */
static double first_value(const struct maker *maker, int slot)
{
    const struct node_plan *plan = maker->nodes->plan;
    return slot == plan->sub_step_slot    ? maker->script->dt
           : slot == plan->lastspike_slot ? LASTSPIKE_AT_FIRST
           : slot == plan->held_step_slot ? -1
                                          : 0;
}

static void make_slot(struct maker *maker, const struct value_elements *elements, int slot, double *slots,
                      struct refusal *refusal)
{
    const struct node_plan *plan = maker->nodes->plan;
    const struct value *value = value_of(plan, slot);
    double *values = slots + slot * LANES;
    if (plan->initial[slot].n_outputs)
        inspect(maker, elements, slot, value->expression->span, value->expression, ALL_LANES, values,
                evaluate(maker, &maker->values[slot], elements, slots, values), refusal);
    else if (!value)
        fill(values, first_value(maker, slot));
    else if (!value->array)
        fill(values, value->number);
    else
        for (int lane = 0; lane < LANES; lane++)
            values[lane] = value->array[elements->index[lane]];
}

static void assign(const struct maker *maker, const struct value_elements *elements, int k, double *slots,
                   struct refusal *refusal)
{
    const struct assignment_plan *plan = &maker->nodes->plan->assignments[k];
    const struct value *value = &plan->assignment->value;
    double values[LANES], *slot = slots + plan->slot * LANES;
    int64_t place[LANES];
    unsigned chosen = 0;
    for (int lane = 0; lane < LANES; lane++) {
        place[lane] = node_part_place(&plan->assignment->part, elements->index[lane]);
        chosen |= (unsigned)(place[lane] >= 0) << lane;
    }
    if (!chosen)
        return;
    fill(values, value->number);
    if (plan->value.n_outputs)
        inspect(maker, elements, plan->slot, value->span, value->expression, chosen, values,
                evaluate(maker, &maker->assigned[k], elements, slots, values), refusal);
    for (int lane = 0; lane < LANES; lane++)
        if (place[lane] >= 0)
            slot[lane] = value->array ? value->array[place[lane]] : values[lane];
}

/* Which assignments to carry out: those that stand from `first` on, but before `last`, in script->assignments. */
struct stretch {
    int first, last;
    bool only_foreseen;
};

static void run_assignments(const struct maker *maker, const struct value_elements *elements, struct stretch stretch,
                            double *slots, struct refusal *refusal)
{
    const struct node_plan *plan = maker->nodes->plan;
    for (int k = 0; k < plan->n_assignments; k++) {
        int number = (int)(plan->assignments[k].assignment - maker->script->assignments);
        if (number >= stretch.first && number < stretch.last && (plan->assignments[k].is_foreseen || !stretch.only_foreseen))
            assign(maker, elements, k, slots, refusal);
    }
}

/* Those that the nodes of a population begin with: until a run follows. */
static struct stretch of_beginning(const struct script *script, const struct population *population)
{
    int last = 0;
    while (last < script->n_assignments && script->assignments[last].epoch <= population->epoch)
        last++;
    return (struct stretch){.last = last};
}

/* A block's values, in its slots, [slot][LANES]: those that it begins with, if `begins`, and what is assigned. */
static void make_values(struct maker *maker, uint32_t block, bool begins, struct stretch stretch, double *slots,
                        struct refusal *refusal)
{
    static const uint32_t zeros[LANES];
    uint32_t index[LANES];
    const struct value_elements elements = {index, zeros, zeros};
    name_nodes(maker->nodes, block, index);
    for (int lane = 0; lane < LANES; lane++)
        maker->index[lane] = index[lane];
    for (int k = 0; begins && k < maker->nodes->plan->n_slots; k++)
        make_slot(maker, &elements, maker->order[k], slots, refusal);
    run_assignments(maker, &elements, stretch, slots, refusal);
}

/* What follows from them. maker->index is the block's. */
static void make_factors(struct maker *maker, double *slots)
{
    const struct program *factors = &maker->nodes->plan->factors;
    interpret(factors, &(struct interpreter_leaves){.shared = maker->shared, .slots = slots, .index = maker->index},
              maker->registers);
    for (int k = 0; k < factors->n_outputs; k++)
        memcpy(slots + factors->outputs[k].slot * LANES, maker->registers + factors->outputs[k].reg * LANES,
               LANES * sizeof *slots);
    if (maker->propagator)
        propagator_fill_block(maker->propagator,
                              &(struct interpreter_leaves){.shared = maker->shared, .slots = slots, .index = maker->index},
                              slots);
}

static struct refusal first_refusal(struct refusal a, struct refusal b)
{
    return !b.found || (a.found && a.index <= b.index) ? a : b;
}

/* All blocks. */
static struct refusal make_all(const struct script *script, const struct nodes *nodes, const double *shared, bool begins,
                               struct stretch stretch)
{
    struct refusal first = {0};
#pragma omp parallel
    {
        struct maker maker;
        struct refusal own = {0};
        maker_create(script, nodes, shared, &maker);
#pragma omp for
        for (uint32_t block = 0; block < nodes->n_blocks; block++) {
            make_values(&maker, block, begins, stretch, nodes_block(nodes, block), &own);
            make_factors(&maker, nodes_block(nodes, block));
        }
#pragma omp critical
        first = first_refusal(first, own);
        maker_release(&maker);
    }
    return first;
}

void node_values_set(const struct script *script, struct nodes *nodes)
{
    struct refusal refusal = make_all(script, nodes, nodes->shared, true, of_beginning(script, nodes->plan->population));
    assert(!refusal.found);
    (void)refusal;
}

/* ---- checking ---- */

/* Constants and lists have been checked with the script. */
static bool has_expressions(const struct node_plan *plan)
{
    for (int slot = 0; slot < plan->n_slots; slot++)
        if (plan->initial[slot].n_outputs)
            return true;
    for (int k = 0; k < plan->n_assignments; k++)
        if (plan->assignments[k].value.n_outputs)
            return true;
    return false;
}

/* Each thread looks for the first one among its blocks. */
static struct refusal find_refusal(const struct script *script, const struct nodes *nodes, const double *shared)
{
    const struct stretch all = {.last = script->n_assignments, .only_foreseen = true};
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
                make_values(&maker, block, true, all, slots, &own);
#pragma omp critical
        first = first_refusal(first, own);
        maker_release(&maker);
        memory_free(slots);
    }
    return first;
}

static int refuse(const struct node_plan *plan, const struct refusal *refusal, struct fault *fault)
{
    const struct declaration *variable = &plan->model->variables[plan->slots[refusal->slot].variable];
    char what[512];
    snprintf(what, sizeof what, "'%s' of node %u of population '%s'", variable->name, refusal->index, plan->population->name);
    const char *needs = isnan(refusal->value) && refusal->was_drawn ? expression_count_needs(refusal->expression) : NULL;
    if (needs)
        return source_fault(fault, refusal->span, "%s is not a number (NaN): %s", what, needs);
    if (refusal->was_drawn)
        return variable_require(variable, variable->unit, refusal->value, what, refusal->span, fault);
    return source_fault(fault, refusal->span, "%s was drawn %d times and never lay within the bounds of 'redraw'", what,
                        REDRAW_ROUNDS);
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
        nodes_place(&plan->nodes[k], partition, rank, &nodes);
        if (has_expressions(&plan->nodes[k]))
            TRY(check_population(plan->script, &nodes, node, fault));
    }
    return 0;
}

/* ---- between runs ---- */

int node_values_assign(const struct script *script, struct nodes *nodes, int first, int last, node_id *node, struct fault *fault)
{
    const struct population *population = nodes->plan->population;
    int begin = of_beginning(script, population).last;
    struct stretch stretch = {.first = first > begin ? first : begin, .last = last};
    bool concerns = false;
    for (int k = stretch.first; k < stretch.last; k++)
        concerns |= script->assignments[k].population == population->index;
    struct refusal refusal = {0};
    if (concerns)
        refusal = make_all(script, nodes, nodes->shared, false, stretch);
    if (!refusal.found)
        return 0;
    *node = population->base + refusal.index;
    return refuse(nodes->plan, &refusal, fault);
}
