/* Values of synapses between runs: looked at, and assigned. Whole steps have been left behind. */
#include "engine/state.h"
#include "network/values.h"

void engine_look_at_synapses(const struct engine *engine, const char *variable, const struct synapse_place *synapses, uint64_t n,
                             double *values)
{
    struct synapse_probe probe = {.variable = variable, .synapses = synapses, .n = n};
    struct synapse_sampler sampler;
    engine_make_synapse_sampler(engine, &probe, &sampler);
    engine_sample_now(engine, &sampler);
    for (uint64_t k = 0; k < n; k++)
        values[k] = sampler.values[k];
    engine_release_synapse_sampler(&sampler);
}

/* Spikes of targets act when a synapse is asked for: before its value changes they have acted. */
static void settle(struct engine *engine, int connection)
{
    for (int k = 0; k < engine->n_synapse_paths; k++)
        if (engine->synapse_paths[k].edges->connection == connection)
            plastic_settle(&engine->synapse_paths[k].plastic, engine->now);
}

/* Paths that keep weights of their own make them anew. */
static void renew(struct engine *engine, const struct connection_plan *plan)
{
    const int connection = plan->connection->index;
    for (int k = 0; k < engine->network->n_edges; k++)
        for (int p = 0; engine->network->edges[k].connection == connection && p < engine->delay_pieces[k].n; p++)
            delay_piece_copy_columns(&engine->delay_pieces[k].pieces[p]);
    for (int k = 0; k < engine->n_noise_paths; k++)
        if (engine->noise_paths[k].edges->connection == connection)
            noise_path_reweigh(plan, engine->script, &engine->noise_paths[k]);
    for (int k = 0; k < engine->n_coupling_paths; k++) {
        struct coupling_path *path = &engine->coupling_paths[k];
        if (path->edges.connection == connection)
            coupling_path_reweigh(plan, engine->script, &engine->nodes[path->edges.target], path);
    }
    for (int k = 0; k < engine->n_emission_paths; k++) {
        struct emission_path *path = &engine->emission_paths[k];
        if (path->edges->connection == connection)
            emission_path_renew(path, engine->script, &engine->nodes[path->edges->target]);
    }
}

static struct synapse_assignment_plan *assignment_plan(const struct plan *plan, const struct synapse_assignment *assignment)
{
    const struct connection_plan *connection = &plan->connections[assignment->connection];
    int k = 0;
    while (connection->assignments[k].assignment != assignment)
        k++;
    return &connection->assignments[k];
}

/* What the assignment reads of sources and targets. */
static double **gather_ends(const struct engine *engine, const struct connection *connection,
                            const struct synapse_assignment_plan *plan)
{
    double **numbers = MEMORY_NEW(plan->ends.n, double *, TEMPORARY);
    for (int k = 0; k < plan->ends.n; k++)
        if (plan->ends_now[k])
            numbers[k] = engine_gather(engine, plan->ends.values[k].kind == END_PRE ? connection->source : connection->target,
                                       plan->ends_now[k]);
    return numbers;
}

int engine_assign_synapses(struct engine *engine, int number, struct fault *fault)
{
    const struct script *script = engine->script;
    const struct synapse_assignment *assignment = &script->synapse_assignments[number];
    const struct connection *connection = &script->connections[assignment->connection];
    if (assignment->epoch == script->projections[connection->projection].epoch) /* as they were made */
        return 0;
    const struct synapse_assignment_plan *plan = assignment_plan(engine->plan, assignment);
    settle(engine, assignment->connection);
    double **ends_now = gather_ends(engine, connection, plan);
    int status = network_reassign(engine->network, engine->plan, plan, ends_now, fault);
    memory_free(ends_now);
    TRY(status);
    renew(engine, &engine->plan->connections[assignment->connection]);
    return 0;
}
