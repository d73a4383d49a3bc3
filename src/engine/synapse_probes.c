/* When samples of synapses are taken. The state before step s is that in which everything has arrived that arrives in earlier
 * steps. A sample at the start of step n is the state before n; a sample when everything has arrived in it the state before
 * n + 1, since nothing else changes these variables.
 *
 * Where steps run whole, intervals are cut so that each of these states stands at their bounds. Where they run in two phases, an
 * interval is one step, and what arrives in the step before is taken in by the work of the interval: so the state before its
 * step is complete behind that work, or, at the end of a run, when the open step has ended. Clock-driven synapses have by then
 * been integrated through this step, too: their state before it stands in the middle of the work, and what stands behind it is
 * that at after_thresholds, when nothing has arrived yet. There, too, is seen what synapses do at regular times: behind a sample
 * of what has arrived before, and before one at the start of the step. */
#include "engine/state.h"

/* ---- where numbers are --------------------------------------------------------------------------------------------------- */

static const struct spike_path *spike_path_of(const struct engine *engine, uint32_t edges)
{
    for (int k = 0; k < engine->n_spike_paths; k++)
        if (engine->spike_paths[k].edges_index == (int)edges)
            return &engine->spike_paths[k];
    return NULL;
}

/* A number of the synapse, of its source (whose spike path keeps it), or one for all. */
static const double *number_of(const struct engine *engine, const struct synapse_place *synapse, int variable)
{
    const struct edges *edges = &engine->network->edges[synapse->edges];
    const struct connection_plan *plan = &engine->plan->connections[edges->connection];
    const struct place *place = &plan->places[variable];
    const int column = connection_plan_column(plan, variable);
    if (column >= 0)
        return &edges->columns[column][synapse->position];
    if (place->kind != PLACE_NODE)
        return &plan->connection->values[variable].number;
    const struct source_state *source = &spike_path_of(engine, synapse->edges)->source;
    return &source->state[(size_t)place->slot * source->n_rows + edges_row_at(edges, synapse->position)];
}

/* What keeps a column of the synapse that on_post changes; NULL: its place has the number of every moment. */
static const struct plastic *plastic_of(const struct engine *engine, const struct synapse_place *synapse, int column)
{
    const struct connection_plan *plan = &engine->plan->connections[engine->network->edges[synapse->edges].connection];
    for (int k = 0; k < engine->n_synapse_paths && column >= 0 && plan->n_on_post > 0; k++)
        if (engine->synapse_paths[k].edges_index == (int)synapse->edges)
            return &engine->synapse_paths[k].plastic;
    return NULL;
}

static void add_number(const struct engine *engine, const struct synapse_place *synapse, const char *name, double *to,
                       struct sampled_numbers *list)
{
    const struct edges *edges = &engine->network->edges[synapse->edges];
    const struct connection_plan *plan = &engine->plan->connections[edges->connection];
    const int variable = model_variable(plan->synapse, name), column = connection_plan_column(plan, variable);
    const struct plastic *plastic = plastic_of(engine, synapse, column);
    if (plastic)
        *MEMORY_PUSH(list->shown, list->n_shown, list->shown_capacity, struct shown_number, RECORDING) = (struct shown_number){
            plastic, {synapse->position, edges_row_at(edges, synapse->position)}, column, to};
    else
        *MEMORY_PUSH(list->numbers, list->n, list->capacity, struct sampled_number,
                     RECORDING) = (struct sampled_number){number_of(engine, synapse, variable), to};
}

/* Are its samples those of a step that is open, where whole steps have ended? A formula takes whole steps even so. */
static bool is_behind(const struct engine *engine, const struct synapse_place *synapse)
{
    const struct edges *edges = &engine->network->edges[synapse->edges];
    return node_plan_is_split(engine->nodes[edges->target].plan) &&
           engine->plan->connections[edges->connection].kind != CONNECTION_FORMULA;
}

/* Does it change within the work in which its samples become complete? */
static bool is_clocked(const struct engine *engine, const struct synapse_place *synapse, enum record_slot slot)
{
    const struct connection_plan *plan = &engine->plan->connections[engine->network->edges[synapse->edges].connection];
    if (plan->kind == CONNECTION_PATHWAYS)
        return plan->formula.n_clocked > 0 || plan->formula.n_everys > 0;
    return plan->formula.n_everys > 0 && slot == RECORD_AT_START;
}

static struct sampled_numbers *list_of(const struct engine *engine, const struct synapse_place *synapse,
                                       struct synapse_sampler *sampler)
{
    if (is_clocked(engine, synapse, sampler->probe->slot))
        return &sampler->clocked;
    return is_behind(engine, synapse) ? &sampler->split : &sampler->whole;
}

void engine_make_synapse_sampler(const struct engine *engine, struct synapse_probe *probe, struct synapse_sampler *sampler)
{
    *sampler = (struct synapse_sampler){.probe = probe, .values = MEMORY_NEW(probe->n, double, RECORDING)};
    probe->values = sampler->values;
    for (uint64_t k = 0; k < probe->n; k++) {
        const struct synapse_place *synapse = &probe->synapses[k];
        add_number(engine, synapse, probe->variable, &sampler->values[k], list_of(engine, synapse, sampler));
    }
}

void engine_make_synapse_samplers(struct engine *engine)
{
    engine->synapse_samplers = MEMORY_NEW(engine->options.n_synapse_probes, struct synapse_sampler, RECORDING);
    for (int k = 0; k < engine->options.n_synapse_probes; k++)
        engine_make_synapse_sampler(engine, &engine->options.synapse_probes[k], &engine->synapse_samplers[k]);
    for (int k = 0; k < engine->options.n_synapse_probes; k++)
        engine->samples_within |= engine->synapse_samplers[k].clocked.n > 0;
}

static void release_numbers(struct sampled_numbers *list)
{
    memory_free(list->numbers);
    memory_free(list->shown);
}

void engine_release_synapse_sampler(struct synapse_sampler *sampler)
{
    memory_free(sampler->values);
    release_numbers(&sampler->whole);
    release_numbers(&sampler->split);
    release_numbers(&sampler->clocked);
}

void engine_release_synapse_samplers(struct engine *engine)
{
    for (int k = 0; k < engine->options.n_synapse_probes; k++)
        engine_release_synapse_sampler(&engine->synapse_samplers[k]);
    memory_free(engine->synapse_samplers);
}

/* ---- when they are taken ------------------------------------------------------------------------------------------------- */

static bool is_due(const struct synapse_probe *probe, step_count step)
{
    return step >= probe->first && step < probe->end && (step - probe->first) % probe->every == 0;
}

/* Is the state before this step the sample of the step before, when all has arrived in it? */
static bool ends_due(const struct synapse_probe *probe, step_count step)
{
    return probe->slot == RECORD_AT_AFTER_SYNAPSES && step > 0 && is_due(probe, step - 1);
}

/* Of one connection, LANES synapses at a time. */
static void show_numbers(const struct shown_number *numbers, int n, step_count now)
{
    struct shown_synapse synapses[LANES];
    double values[LANES];
    for (int k = 0; k < n; k++)
        synapses[k] = numbers[k].synapse;
    plastic_show(numbers[0].plastic, synapses, n, now, numbers[0].column, values);
    for (int k = 0; k < n; k++)
        *numbers[k].to = values[k];
}

/* Formulas are told of spikes without delay when somebody asks. */
static void receive(const struct engine *engine, step_count now)
{
    for (int k = 0; k < engine->n_formula_paths; k++)
        formula_path_receive(&engine->formula_paths[k], now);
}

/* The state before step `now`. */
static void take(const struct sampled_numbers *list, step_count now)
{
    for (uint64_t k = 0; k < list->n; k++)
        *list->numbers[k].to = *list->numbers[k].from;
    for (uint64_t first = 0, n; first < list->n_shown; first += n) {
        for (n = 1; n < LANES && first + n < list->n_shown && list->shown[first + n].plastic == list->shown[first].plastic;)
            n++;
        show_numbers(&list->shown[first], (int)n, now);
    }
}

void engine_sample_now(const struct engine *engine, struct synapse_sampler *sampler)
{
    receive(engine, engine->now);
    take(&sampler->whole, engine->now);
    take(&sampler->split, engine->now);
    take(&sampler->clocked, engine->now);
}

void engine_sample_before(struct engine *engine, step_count begin, step_count until, bool is_first)
{
    for (int k = 0; k < engine->options.n_synapse_probes; k++) {
        struct synapse_sampler *sampler = &engine->synapse_samplers[k];
        const bool starts = sampler->probe->slot != RECORD_AT_AFTER_SYNAPSES && begin < until && is_due(sampler->probe, begin);
        const bool ends = engine->is_split && !is_first && ends_due(sampler->probe, begin);
        sampler->probe->n_frames = starts || ends;
        if (!sampler->probe->n_frames)
            continue;
        receive(engine, begin);
        take(&sampler->whole, begin);
    }
}

static bool takes_at(const struct synapse_sampler *sampler, enum record_slot slot)
{
    return sampler->probe->n_frames && sampler->probe->slot == slot && sampler->clocked.n > 0;
}

void engine_sample_within(struct engine *engine, step_count begin)
{
    bool has_acted = false;
    for (int k = 0; k < engine->options.n_synapse_probes; k++)
        if (takes_at(&engine->synapse_samplers[k], RECORD_AT_AFTER_SYNAPSES))
            take(&engine->synapse_samplers[k].clocked, begin);
    for (int k = 0; k < engine->options.n_synapse_probes; k++) {
        if (!takes_at(&engine->synapse_samplers[k], RECORD_AT_START))
            continue;
        for (int path = 0; path < engine->n_formula_paths && !has_acted; path++)
            formula_path_act(&engine->formula_paths[path], begin);
        has_acted = true;
        take(&engine->synapse_samplers[k].clocked, begin);
    }
}

void engine_sample_after(struct engine *engine, step_count begin, step_count until)
{
    for (int k = 0; k < engine->options.n_synapse_probes; k++) {
        struct synapse_sampler *sampler = &engine->synapse_samplers[k];
        if (sampler->probe->n_frames && sampler->probe->slot == RECORD_AT_AFTER_THRESHOLDS)
            take(&sampler->clocked, begin);
        if (sampler->probe->n_frames)
            take(&sampler->split, begin);
        else if (!engine->is_split && begin < until && ends_due(sampler->probe, until)) {
            sampler->probe->n_frames = 1;
            receive(engine, until);
            take(&sampler->whole, until);
        }
    }
}

static step_count next_of(const struct synapse_probe *probe, step_count begin)
{
    const bool ends = probe->slot == RECORD_AT_AFTER_SYNAPSES;
    const step_count from = ends ? begin : begin + 1;
    const step_count due = from <= probe->first
                               ? probe->first
                               : probe->first + (from - probe->first + probe->every - 1) / probe->every * probe->every;
    return due < probe->end ? due + ends : INT64_MAX;
}

step_count engine_next_sample(const struct engine *engine, step_count begin)
{
    step_count next = begin + engine->interval;
    for (int k = 0; k < engine->options.n_synapse_probes; k++) {
        step_count due = next_of(&engine->options.synapse_probes[k], begin);
        next = due < next ? due : next;
    }
    return next;
}

bool engine_sample_last(struct engine *engine)
{
    bool any = false;
    for (int k = 0; k < engine->options.n_synapse_probes; k++) {
        struct synapse_sampler *sampler = &engine->synapse_samplers[k];
        sampler->probe->n_frames = is_due(sampler->probe, engine->now);
        if (!sampler->probe->n_frames)
            continue;
        any = true;
        take(&sampler->whole, engine->now);
        take(&sampler->split, engine->now);
        take(&sampler->clocked, engine->now);
    }
    return any;
}
