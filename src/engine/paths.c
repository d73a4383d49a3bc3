/* What leads from where to where: one path for each piece of the network; pieces whose synapses do the same with every spike are
 * fused in fans. All are listed in the order in which arrivals are added. A fan stands where its first piece would; another piece
 * may join it as long as nothing that comes between them adds to the same population. */
#include <assert.h>

#include "engine/state.h"
#include "plan/recorded.h"

static bool is_reported(const struct engine *engine, int connection)
{
    return engine->options.sent && engine->options.sent[connection];
}

/* The edges of which some synapse's numbers are looked at, or assigned. */
static bool *probed_edges(const struct engine *engine)
{
    const struct script *script = engine->script;
    bool *is_probed = MEMORY_NEW(engine->network->n_edges, bool, BUFFERS);
    for (int k = 0; k < engine->network->n_edges; k++)
        is_probed[k] = recorded_needs_all(script, &script->connections[engine->network->edges[k].connection]);
    for (int k = 0; k < engine->options.n_synapse_probes; k++)
        for (uint64_t s = 0; s < engine->options.synapse_probes[k].n; s++)
            is_probed[engine->options.synapse_probes[k].synapses[s].edges] = true;
    return is_probed;
}

static void add_delivery(struct engine *engine, enum path_kind kind, int index, int target)
{
    *MEMORY_PUSH(engine->deliveries, engine->n_deliveries, engine->deliveries_capacity, struct delivery,
                 BUFFERS) = (struct delivery){.kind = kind, .index = index, .target = target};
}

/* ---- pieces of one delay ---- */

/* Collective. Returns how many paths of these kinds the pieces need at most. */
static int make_delay_pieces(struct engine *engine)
{
    struct network *network = engine->network;
    int n_paths = 0;
    engine->delay_pieces = MEMORY_NEW(network->n_edges, struct delay_pieces, BUFFERS);
    for (int k = 0; k < network->n_edges; k++) {
        const struct connection_plan *plan = &engine->plan->connections[network->edges[k].connection];
        if (connection_plan_has_delay_pieces(plan))
            delay_pieces_create(&network->edges[k], plan->n_columns, network->communicator, &engine->delay_pieces[k]);
        n_paths += engine->delay_pieces[k].n ? engine->delay_pieces[k].n : 1;
    }
    return n_paths;
}

/* ---- fans ---- */

static bool fan_reaches(const struct fan *fan, int population)
{
    for (int p = 0; p < fan->n_pieces; p++)
        if (fan->pieces[p].edges->target == population)
            return true;
    return false;
}

/* The last fan that may take the piece without changing the order of what is added to its target; NULL: none. */
static struct fan *find_fan(const struct engine *engine, const struct fan_piece *piece)
{
    int target = piece->edges->target;
    for (int k = engine->n_deliveries; k-- > 0;) {
        const struct delivery *delivery = &engine->deliveries[k];
        struct fan *fan = delivery->kind == PATH_FAN ? &engine->fans[delivery->index] : NULL;
        if (fan && fan_takes(fan, piece))
            return fan;
        if (delivery->target == target || (fan && fan_reaches(fan, target)))
            return NULL;
    }
    return NULL;
}

static void add_to_fan(struct engine *engine, const struct connection_plan *plan, struct edges *edges, int edges_index)
{
    const struct nodes *target = &engine->nodes[edges->target];
    struct fan_piece piece = {
        .edges = edges,
        .edges_index = edges_index,
        .arrivals = &target->arrivals,
        .arrivals_begin = (size_t)(target->arrivals.values - engine->fan_arrivals),
        .is_split = node_plan_is_split(target->plan),
        .is_kept = is_reported(engine, plan->connection->index) || engine->is_probed[edges_index],
    };
    increments_create(plan, edges, engine->script, target, is_reported(engine, plan->connection->index),
                      engine->is_probed[edges_index], &piece.increments);
    struct fan *fan = find_fan(engine, &piece);
    if (!fan) {
        fan = &engine->fans[engine->n_fans];
        add_delivery(engine, PATH_FAN, engine->n_fans++, -1);
    }
    fan_add(fan, &piece);
}

/* Fans add to the arrivals of several populations, so these stand in one block. */
static void join_arrivals(struct engine *engine)
{
    size_t size = 0;
    for (int k = 0; k < engine->script->n_populations; k++)
        size += engine->nodes[k].n_blocks * engine->nodes[k].arrivals.pitch;
    engine->fan_arrivals = MEMORY_NEW(size, double, BUFFERS);
    assert(size <= UINT32_MAX);
    size = 0;
    for (int k = 0; k < engine->script->n_populations; k++) {
        struct tile *arrivals = &engine->nodes[k].arrivals;
        memory_free(arrivals->values);
        arrivals->values = engine->fan_arrivals + size;
        size += engine->nodes[k].n_blocks * arrivals->pitch;
    }
}

static void part_arrivals(struct engine *engine)
{
    for (int k = 0; k < engine->script->n_populations; k++)
        engine->nodes[k].arrivals.values = NULL;
    memory_free(engine->fan_arrivals);
}

/* ---- pieces ---- */

/* What synapses know of their targets' spikes; NULL if they do not ask. */
static const struct post_history *post_history(struct engine *engine, const struct connection_plan *plan, int population)
{
    struct post_history *history = &engine->post[population];
    if (plan->n_on_post == 0)
        return NULL;
    if (!history->nodes)
        post_history_create(engine->nodes[population].n, history);
    return history;
}

/* In the order in which they are added up. */
static void add_coupling(struct incoming *incoming, enum coupling_kind kind, int index)
{
    *MEMORY_PUSH(incoming->couplings, incoming->n_couplings, incoming->couplings_capacity, struct incoming_coupling,
                 BUFFERS) = (struct incoming_coupling){kind, index};
}

/* They are told what is exchanged. */
static void listen(struct engine *engine, struct source_values *values)
{
    *MEMORY_PUSH(engine->source_values, engine->n_source_values, engine->source_values_capacity, struct source_values *,
                 BUFFERS) = values;
}

static void add_linear_coupling(struct engine *engine, const struct connection_plan *plan, struct edges *edges, step_count delay)
{
    struct coupling_path *path = &engine->coupling_paths[engine->n_coupling_paths];
    add_coupling(&engine->incoming[edges->target], COUPLING_LINEAR, engine->n_coupling_paths++);
    coupling_path_create(plan, edges, delay, engine->script, &engine->nodes[edges->source], &engine->nodes[edges->target], path);
    listen(engine, &path->source);
}

static void add_noise(struct engine *engine, const struct connection_plan *plan, struct edges *edges, step_count delay)
{
    struct incoming *incoming = &engine->incoming[edges->target];
    *MEMORY_PUSH(incoming->noises, incoming->n_noises, incoming->noises_capacity, int, BUFFERS) = engine->n_noise_paths;
    noise_path_create(plan, edges, delay, engine->script, &engine->plan->nodes[edges->source], &engine->nodes[edges->target],
                      &engine->noise_paths[engine->n_noise_paths++]);
}

static void add_emission(struct engine *engine, const struct connection_plan *plan, struct edges *edges, step_count delay,
                         bool keeps_columns)
{
    add_delivery(engine, PATH_EMISSION, engine->n_emission_paths, edges->target);
    emission_path_create(plan, edges, delay, engine->script, &engine->plan->nodes[edges->source], &engine->nodes[edges->target],
                         keeps_columns, &engine->emission_paths[engine->n_emission_paths++]);
}

/* What stands for synapses whose numbers nobody looks at is a merged form, or pieces of one delay. */
static void forget_synapses(struct engine *engine, const struct connection_plan *plan, int edges_index)
{
    const bool is_merged = plan->kind == CONNECTION_COUPLING || engine->delay_pieces[edges_index].n > 0;
    if (is_merged && !is_reported(engine, plan->connection->index) && !engine->is_probed[edges_index])
        edges_forget_synapses(&engine->network->edges[edges_index]);
}

/* Edges of one delay. */
static void add_edges(struct engine *engine, const struct connection_plan *plan, struct edges *edges, step_count delay,
                      bool keeps_columns)
{
    if (plan->kind == CONNECTION_EMISSION)
        add_emission(engine, plan, edges, delay, keeps_columns);
    else if (plan->kind == CONNECTION_NOISE)
        add_noise(engine, plan, edges, delay);
    else
        add_linear_coupling(engine, plan, edges, delay);
}

static void add_delays(struct engine *engine, const struct connection_plan *plan, int edges_index)
{
    const struct delay_pieces *pieces = &engine->delay_pieces[edges_index];
    const bool keeps_columns = engine->is_probed[edges_index];
    if (plan->connection->delay_is_constant)
        add_edges(engine, plan, &engine->network->edges[edges_index], plan->connection->delay, keeps_columns);
    for (int k = 0; k < pieces->n; k++)
        add_edges(engine, plan, &pieces->pieces[k].edges, pieces->pieces[k].delay, keeps_columns);
    forget_synapses(engine, plan, edges_index);
}

static void add_formula(struct engine *engine, const struct connection_plan *plan, struct edges *edges)
{
    struct formula_path *path = &engine->formula_paths[engine->n_formula_paths];
    add_coupling(&engine->incoming[edges->target], COUPLING_FORMULA, engine->n_formula_paths++);
    engine->nodes[edges->target].ends_early = true;
    formula_path_create(plan, edges, engine->network, &engine->history, &engine->nodes[edges->source],
                        &engine->nodes[edges->target], engine->options.n_threads, path);
    engine->is_heard[edges->source] |= plan->formula.on_pre.n_outputs > 0;
    for (int k = 0; k < plan->formula.n_ends; k++)
        if (path->readings[k].exchanged.edges)
            listen(engine, &path->readings[k].exchanged);
}

/* One pathway of a piece. The path is made for the first of them. */
static void add_pathway(struct engine *engine, const struct connection_plan *plan, int edges_index, int pathway)
{
    struct edges *edges = &engine->network->edges[edges_index];
    int k = 0;
    while (k < engine->n_pathway_paths && engine->pathway_paths[k].edges_index != edges_index)
        k++;
    if (k == engine->n_pathway_paths) {
        struct pathway_path *path = &engine->pathway_paths[engine->n_pathway_paths++];
        pathway_path_create(plan, edges, edges_index, engine->network, &engine->plan->channels, &engine->history,
                            &engine->nodes[edges->source], &engine->nodes[edges->target], engine->kernels,
                            engine->options.n_threads, path);
        for (int end = 0; end < plan->pathways.n_ends; end++)
            if (path->readings[end].exchanged.edges)
                listen(engine, &path->readings[end].exchanged);
        if (formula_exists(&plan->formula))
            add_formula(engine, plan, edges);
    }
    const struct pathway *listening = plan->pathways.list[pathway].pathway;
    engine->is_heard[listening->kind == PATHWAY_PRE ? edges->source : edges->target] |= !listening->event;
    add_delivery(engine, PATH_PATHWAY, k, edges->target);
    engine->deliveries[engine->n_deliveries - 1].pathway = pathway;
}

static void add_piece(struct engine *engine, const struct connection_plan *plan, int edges_index, int pathway)
{
    struct edges *edges = &engine->network->edges[edges_index];
    const struct nodes *target = &engine->nodes[edges->target];
    switch (plan->kind) {
    case CONNECTION_SPIKES:
        engine->is_heard[edges->source] = true;
        if (edges->slab_run && connection_plan_is_steady(plan)) {
            add_to_fan(engine, plan, edges, edges_index);
            break;
        }
        if (edges->slab_run) {
            add_delivery(engine, PATH_SYNAPSES, engine->n_synapse_paths, edges->target);
            synapse_path_create(plan, edges, edges_index, engine->script, target, post_history(engine, plan, edges->target),
                                engine->kernels, engine->interval, is_reported(engine, plan->connection->index),
                                &engine->synapse_paths[engine->n_synapse_paths++]);
            break;
        }
        add_delivery(engine, PATH_SPIKES, engine->n_spike_paths, edges->target);
        spike_path_create(plan, edges, edges_index, engine->script, target, engine->kernels, engine->options.n_threads,
                          &engine->spike_paths[engine->n_spike_paths++]);
        break;
    case CONNECTION_EMISSION:
    case CONNECTION_NOISE:
    case CONNECTION_COUPLING:
        add_delays(engine, plan, edges_index);
        break;
    case CONNECTION_FORMULA:
        add_formula(engine, plan, edges);
        break;
    case CONNECTION_PATHWAYS:
        add_pathway(engine, plan, edges_index, pathway);
        break;
    }
}

void engine_make_paths(struct engine *engine)
{
    const struct script *script = engine->script;
    const struct network *network = engine->network;
    engine->is_probed = probed_edges(engine);
    const int n_paths = make_delay_pieces(engine);
    engine->spike_paths = MEMORY_NEW(network->n_edges, struct spike_path, BUFFERS);
    engine->fans = MEMORY_NEW(network->n_edges, struct fan, BUFFERS);
    engine->synapse_paths = MEMORY_NEW(network->n_edges, struct synapse_path, BUFFERS);
    engine->emission_paths = MEMORY_NEW(n_paths, struct emission_path, BUFFERS);
    engine->coupling_paths = MEMORY_NEW(n_paths, struct coupling_path, BUFFERS);
    engine->formula_paths = MEMORY_NEW(network->n_edges, struct formula_path, BUFFERS);
    engine->noise_paths = MEMORY_NEW(n_paths, struct noise_path, BUFFERS);
    engine->pathway_paths = MEMORY_NEW(network->n_edges, struct pathway_path, BUFFERS);
    engine->incoming = MEMORY_NEW(script->n_populations, struct incoming, BUFFERS);
    engine->post = MEMORY_NEW(script->n_populations, struct post_history, BUFFERS);
    engine->is_heard = MEMORY_NEW(script->n_populations, bool, BUFFERS);
    join_arrivals(engine);
    for (int place = 0; place < engine->plan->n_arriving; place++) {
        const struct arriving *arriving = &engine->plan->arrival_order[place];
        const int *begin = &network->connection_begin[arriving->connection];
        for (int k = begin[0]; k < begin[1]; k++)
            add_piece(engine, &engine->plan->connections[arriving->connection], k, arriving->pathway);
    }
    for (int k = 0; k < engine->n_fans; k++)
        fan_finish(&engine->fans[k], engine->plan->max_delay + engine->interval);
}

void engine_release_paths(struct engine *engine)
{
    for (int k = 0; k < engine->n_spike_paths; k++)
        spike_path_release(&engine->spike_paths[k]);
    for (int k = 0; k < engine->n_fans; k++)
        fan_release(&engine->fans[k]);
    for (int k = 0; k < engine->n_synapse_paths; k++)
        synapse_path_release(&engine->synapse_paths[k]);
    for (int k = 0; k < engine->n_emission_paths; k++)
        emission_path_release(&engine->emission_paths[k]);
    for (int k = 0; k < engine->n_coupling_paths; k++)
        coupling_path_release(&engine->coupling_paths[k]);
    for (int k = 0; k < engine->n_formula_paths; k++)
        formula_path_release(&engine->formula_paths[k]);
    for (int k = 0; k < engine->n_pathway_paths; k++)
        pathway_path_release(&engine->pathway_paths[k]);
    for (int k = 0; k < engine->n_noise_paths; k++)
        noise_path_release(&engine->noise_paths[k]);
    for (int k = 0; k < engine->script->n_populations; k++) {
        memory_free(engine->incoming[k].couplings);
        memory_free(engine->incoming[k].noises);
        memory_free(engine->incoming[k].samplers);
        post_history_release(&engine->post[k]);
    }
    memory_free(engine->post);
    memory_free(engine->spike_paths);
    part_arrivals(engine);
    memory_free(engine->deliveries);
    memory_free(engine->fans);
    memory_free(engine->synapse_paths);
    memory_free(engine->emission_paths);
    memory_free(engine->coupling_paths);
    memory_free(engine->formula_paths);
    memory_free(engine->pathway_paths);
    for (int k = 0; k < engine->network->n_edges; k++)
        delay_pieces_release(&engine->delay_pieces[k]);
    memory_free(engine->delay_pieces);
    memory_free(engine->is_probed);
    memory_free(engine->source_values);
    memory_free(engine->noise_paths);
    memory_free(engine->incoming);
    memory_free(engine->is_heard);
}
