/* What leads from where to where: one path for each piece of the network, listed at its target population in the order in which
 * arrivals are added. */
#include "engine/state.h"

static bool is_reported(const struct engine *engine, int connection)
{
    return engine->options.sent && engine->options.sent[connection];
}

/* A device that emits or draws per connection is evaluated on every rank: it costs a few numbers, and saves the exchange. */
static const struct nodes *device_nodes(struct engine *engine, int population)
{
    struct nodes *devices = &engine->devices[population];
    if (!devices->plan)
        nodes_create(engine->script, &engine->plan->nodes[population], NULL, engine->network->partition, engine->network->rank,
                     true, 1, devices);
    return devices;
}

static void add_arrival(struct incoming *incoming, enum path_kind kind, int index)
{
    *MEMORY_PUSH(incoming->arrivals, incoming->n_arrivals, incoming->arrivals_capacity, struct arrival_path,
                 BUFFERS) = (struct arrival_path){kind, index};
}

static void add_piece(struct engine *engine, const struct connection_plan *plan, int edges_index)
{
    struct edges *edges = &engine->network->edges[edges_index];
    const struct nodes *target = &engine->nodes[edges->target];
    struct incoming *incoming = &engine->incoming[edges->target];
    switch (plan->kind) {
    case CONNECTION_SPIKES:
        engine->is_heard[edges->source] = true;
        if (edges->slab_run) {
            add_arrival(incoming, PATH_SYNAPSES, engine->n_synapse_paths);
            synapse_path_create(plan, edges, edges_index, engine->script, target, engine->interval,
                                is_reported(engine, plan->connection->index), &engine->synapse_paths[engine->n_synapse_paths++]);
            break;
        }
        add_arrival(incoming, PATH_SPIKES, engine->n_spike_paths);
        spike_path_create(plan, edges, edges_index, engine->script, target, &engine->spike_paths[engine->n_spike_paths++]);
        break;
    case CONNECTION_EMISSION:
        add_arrival(incoming, PATH_EMISSION, engine->n_emission_paths);
        engine->emission_target[engine->n_emission_paths] = edges->target;
        emission_path_create(plan, edges, engine->script, device_nodes(engine, edges->source), target,
                             &engine->emission_paths[engine->n_emission_paths++]);
        break;
    case CONNECTION_NOISE:
        *MEMORY_PUSH(incoming->noises, incoming->n_noises, incoming->noises_capacity, int, BUFFERS) = engine->n_noise_paths;
        noise_path_create(plan, edges, engine->script, device_nodes(engine, edges->source), target,
                          &engine->noise_paths[engine->n_noise_paths++]);
        break;
    case CONNECTION_COUPLING:
        *MEMORY_PUSH(incoming->couplings, incoming->n_couplings, incoming->couplings_capacity, int,
                     BUFFERS) = engine->n_coupling_paths;
        coupling_path_create(plan, edges, engine->script, &engine->nodes[edges->source], target,
                             &engine->coupling_paths[engine->n_coupling_paths++]);
        if (!is_reported(engine, plan->connection->index)) { /* the merged form has taken its place */
            memory_free(edges->target_local);
            edges->target_local = NULL;
        }
        break;
    }
}

void engine_make_paths(struct engine *engine)
{
    const struct script *script = engine->script;
    const struct network *network = engine->network;
    engine->spike_paths = MEMORY_NEW(network->n_edges, struct spike_path, BUFFERS);
    engine->synapse_paths = MEMORY_NEW(network->n_edges, struct synapse_path, BUFFERS);
    engine->emission_paths = MEMORY_NEW(network->n_edges, struct emission_path, BUFFERS);
    engine->emission_target = MEMORY_NEW(network->n_edges, int, BUFFERS);
    engine->coupling_paths = MEMORY_NEW(network->n_edges, struct coupling_path, BUFFERS);
    engine->noise_paths = MEMORY_NEW(network->n_edges, struct noise_path, BUFFERS);
    engine->incoming = MEMORY_NEW(script->n_populations, struct incoming, BUFFERS);
    engine->is_heard = MEMORY_NEW(script->n_populations, bool, BUFFERS);
    for (int place = 0; place < script->n_connections; place++) {
        int connection = engine->plan->arrival_order[place];
        for (int k = network->connection_begin[connection]; k < network->connection_begin[connection + 1]; k++)
            add_piece(engine, &engine->plan->connections[connection], k);
    }
}

void engine_release_paths(struct engine *engine)
{
    for (int k = 0; k < engine->n_spike_paths; k++)
        spike_path_release(&engine->spike_paths[k]);
    for (int k = 0; k < engine->n_synapse_paths; k++)
        synapse_path_release(&engine->synapse_paths[k]);
    for (int k = 0; k < engine->n_emission_paths; k++)
        emission_path_release(&engine->emission_paths[k]);
    for (int k = 0; k < engine->n_coupling_paths; k++)
        coupling_path_release(&engine->coupling_paths[k]);
    for (int k = 0; k < engine->n_noise_paths; k++)
        noise_path_release(&engine->noise_paths[k]);
    for (int k = 0; k < engine->script->n_populations; k++) {
        memory_free(engine->incoming[k].arrivals);
        memory_free(engine->incoming[k].couplings);
        memory_free(engine->incoming[k].noises);
        memory_free(engine->incoming[k].samplers);
    }
    memory_free(engine->spike_paths);
    memory_free(engine->synapse_paths);
    memory_free(engine->emission_paths);
    memory_free(engine->emission_target);
    memory_free(engine->coupling_paths);
    memory_free(engine->noise_paths);
    memory_free(engine->incoming);
    memory_free(engine->is_heard);
}
