/* A script text in, its plan or a message out; and the nodes of a population to run block by block. */
#ifndef GLION_TESTS_PLAN_FIXTURE_H
#define GLION_TESTS_PLAN_FIXTURE_H

#include <math.h>
#include <mpi.h>
#include <string.h>

#include "engine/nodes.h"
#include "kernels/counts.h"
#include "kernels/interpreter.h"
#include "kernels/runtime_host.h"
#include "language_fixture.h"
#include "network/network.h"
#include "network/rule.h"
#include "plan/plan.h"

static inline int plan_text(struct arena *arena, const char *text, struct plan **plan, struct fault *fault)
{
    const struct vocabulary vocabulary = {.rules = rule_signatures, .methods = method_names};
    struct script_tree *tree;
    struct script *script;
    *plan = NULL;
    TRY(parse(arena, source_of(arena, text), &tree, fault));
    TRY(script_check(arena, tree, &vocabulary, NULL, 0, &script, fault));
    return plan_create(arena, script, plan, fault);
}

/* The plan of a text that must be right. */
static inline struct plan *plan_of_text(struct arena *arena, const char *text)
{
    struct plan *plan;
    struct fault fault = {0};
    if (plan_text(arena, text, &plan, &fault))
        fail_msg("%s", fault.text);
    return plan;
}

/* A text that the checker accepts or not, and the plan refuses. */
static inline void assert_unplanned(const char *text, const char *expected)
{
    struct arena *arena = arena_create();
    struct plan *plan;
    struct fault fault = {0};
    int status = plan_text(arena, text, &plan, &fault);
    assert_fault(&fault, status, text, expected);
    assert_null(plan);
    arena_destroy(&arena);
}

/* |value - expected| <= tolerance * |expected|, or both are NaN or the same infinity */
static inline void assert_relative(double value, double expected, double tolerance, const char *what)
{
    bool same = value == expected || (isnan(value) && isnan(expected));
    if (!same && !(fabs(value - expected) <= tolerance * fabs(expected)))
        fail_msg("%s: %.17g is not %.17g (relative error %.2g)", what, value, expected, fabs(value / expected - 1));
}

/* ---- nodes of one population, all on this rank, without a network ---- */

struct group {
    struct arena *arena;
    struct plan *plan;
    struct nodes nodes;
    double *scratch;
    struct block_spike *spikes; /* [n_spikes] of the last call of group_run */
    int n_spikes, spikes_room;
    enum block_fault fault;
    int fault_step, fault_node;
};

/* The first population of the text, with room for `n_steps_max` steps at a time. */
static inline void group_create(const char *text, int n_steps_max, struct group *group)
{
    *group = (struct group){.arena = arena_create()};
    group->plan = plan_of_text(group->arena, text);
    const struct node_plan *plan = &group->plan->nodes[0];
    nodes_create(group->plan->script, plan, interpret_block, (struct partition){&partition_round_robin, 1}, 0, n_steps_max,
                 &group->nodes);
    group->spikes_room = n_steps_max * (int)group->nodes.n_blocks * LANES + BLOCK_SPIKES(n_steps_max);
    group->scratch = memory_new(block_scratch_bytes(plan), MEMORY_TEMPORARY);
    group->spikes = MEMORY_NEW(group->spikes_room, struct block_spike, TEMPORARY);
}

static inline void group_destroy(struct group *group)
{
    nodes_release(&group->nodes);
    memory_free(group->scratch);
    memory_free(group->spikes);
    arena_destroy(&group->arena);
}

/* Address of a variable of a node. */
static inline double *group_value(const struct group *group, const char *variable, node_local node)
{
    int index = model_variable(group->nodes.plan->model, variable);
    assert_true(index >= 0);
    const struct place *place = &group->nodes.plan->places[index];
    assert_true(place->kind == PLACE_STATE || place->kind == PLACE_NODE);
    return nodes_block(&group->nodes, node / LANES) + place->slot * LANES + node % LANES;
}

/* Address of a node's number of one kind (an input, an arrival, …) in a step of the interval. */
static inline double *tile_value(const struct tile *tile, int step, int kind, node_local node)
{
    return &tile_row(tile, step, kind)[tile_place(tile, node)];
}

/* What a kernel is asked for: all nodes through some steps, the first of which is the first of the tiles. */
static inline struct block_arguments arguments_of(const struct nodes *nodes, double dt, step_count first_step, int n_steps)
{
    return (struct block_arguments){
        .slots = {nodes->slots, (size_t)nodes->plan->n_slots * LANES},
        .shared = nodes->shared,
        .inputs = {nodes->inputs.values, nodes->inputs.pitch},
        .arrivals = {nodes->arrivals.values, nodes->arrivals.pitch},
        .couplings = {nodes->couplings.values, nodes->couplings.pitch},
        .n_blocks = (int)nodes->n_blocks,
        .n_nodes = (int)nodes->n,
        .first_step = first_step,
        .n_steps = n_steps,
        .dt = dt,
        .index = nodes_index(nodes, 0),
        .index_step = nodes->index_step,
        .draw_counts = counts_of_step,
        .plan = nodes->plan,
    };
}

/* All nodes through n_steps steps. The first fault is kept. */
static inline void group_run(struct group *group, step_count first_step, int n_steps)
{
    struct block_arguments arguments = arguments_of(&group->nodes, group->plan->script->dt, first_step, n_steps);
    arguments.spikes = group->spikes;
    arguments.spikes_room = group->spikes_room;
    arguments.scratch = group->scratch;
    group->nodes.run(&arguments);
    assert_int_equal(arguments.n_done, group->nodes.n_blocks);
    group->n_spikes = arguments.n_spikes;
    if (arguments.fault && !group->fault) {
        group->fault = arguments.fault;
        group->fault_step = arguments.fault_step;
        group->fault_node = arguments.fault_node;
    }
}

/* ---- a whole network on this rank, with its nodes but without an engine ---- */

struct scene {
    struct arena *arena;
    struct plan *plan;
    struct network *network;
    struct nodes *nodes; /* [n_populations] */
};

static inline void scene_create(const char *text, int n_steps_max, struct scene *scene)
{
    struct fault fault = {0};
    const struct partition here = {&partition_round_robin, 1};
    *scene = (struct scene){.arena = arena_create()};
    scene->plan = plan_of_text(scene->arena, text);
    const struct script *script = scene->plan->script;
    if (network_create(script, here, MPI_COMM_SELF, &scene->network, &fault))
        fail_msg("%s", fault.text);
    scene->nodes = ARENA_NEW(scene->arena, script->n_populations, struct nodes);
    for (int k = 0; k < script->n_populations; k++)
        nodes_create(script, &scene->plan->nodes[k], interpret_block, here, 0, n_steps_max, &scene->nodes[k]);
}

static inline void scene_destroy(struct scene *scene)
{
    for (int k = 0; k < scene->plan->script->n_populations; k++)
        nodes_release(&scene->nodes[k]);
    network_destroy(&scene->network);
    arena_destroy(&scene->arena);
}

/* All zeros, as at the beginning of an interval. */
static inline void tile_clear(struct tile *tile, const struct nodes *nodes)
{
    memset(tile->values, 0, nodes->n_blocks * tile->pitch * sizeof(double));
}

#endif
