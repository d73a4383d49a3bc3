/* `glion explain`: the plan of a network in a modeller's words: what is integrated how, what is kept where, what was merged, what
 * is exchanged how often, and what it costs. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/table.h"
#include "network/network.h"
#include "plan/plan.h"
#include "simulation/load.h"
#include "support/text.h"

/* A list "a, b and c" that is built word by word. */
struct listing {
    struct text text;
    int n;
};

static void list_add(struct listing *list, const char *word)
{
    text_add(&list->text, "%s%s", list->n++ ? ", " : "", word);
}

/* The list's text in the arena, or what stands for none. */
static const char *list_end(struct arena *arena, struct listing *list, const char *none)
{
    const char *text = list->n ? arena_text(arena, list->text.characters, list->text.length) : none;
    text_release(&list->text);
    *list = (struct listing){0};
    return text;
}

static void row(struct table *table, const char *head)
{
    table_add(table, "%s", head);
}

/* ---- populations ---- */

static void explain_integrator(struct table *table, const struct node_plan *plan)
{
    row(table, "integrator");
    table_add(table, "%s: %s", integrator_names[plan->integrator], plan->integrator_reason);
}

static void explain_state(struct arena *arena, struct table *table, const struct node_plan *plan)
{
    struct listing states = {0}, others = {0};
    for (int k = 0; k < plan->n_slots; k++)
        list_add(k < plan->n_states ? &states : &others, plan->slots[k].name);
    const char *state = list_end(arena, &states, "nothing is integrated"), *other = list_end(arena, &others, NULL);
    if (!plan->n_slots)
        return;
    row(table, "kept per node");
    table_add(table, "%s%s%s: %zu bytes", state, other ? "; besides " : "", other ? other : "",
              (size_t)plan->n_slots * sizeof(double));
}

static void explain_parameters(struct arena *arena, struct table *table, const struct node_plan *plan)
{
    struct listing own = {0}, shared = {0};
    for (int k = 0; k < plan->model->n_variables; k++) {
        if (plan->model->variables[k].kind != DECLARATION_PARAMETER)
            continue;
        if (plan->places[k].kind == PLACE_SHARED)
            list_add(&shared, plan->model->variables[k].name);
        else if (plan->places[k].kind != PLACE_INPUT)
            list_add(&own, plan->model->variables[k].name);
    }
    const char *same = list_end(arena, &shared, NULL), *differing = list_end(arena, &own, NULL);
    if (same) {
        row(table, "same for all");
        table_add(table, "%s: what follows from these alone is computed once, not for each node", same);
    }
    if (differing) {
        row(table, "differ or change");
        table_add(table, "%s: each node has a value of its own", differing);
    }
}

static void explain_spikes(struct table *table, const struct node_plan *plan)
{
    static const char *const tests[] = {
        [SPIKE_ON_GRID] = "where the threshold is passed at the end of a step, before what arrives in the step is added",
        [SPIKE_EACH_SUB_STEP] =
            "where the threshold is passed after a sub-step of the integrator; several in one step are possible",
        [SPIKE_AFTER_SYNAPSES] =
            "where the threshold is passed at the end of a step, after what arrives in the step has been added",
    };
    static const char *const counts[] = {
        [SPIKE_ON_GRID] = "as many as the model counts, at the end of each step, before what arrives in the step is added",
        [SPIKE_AFTER_SYNAPSES] =
            "as many as the model counts, at the end of each step, after what arrives in the step has been added",
    };
    const char *const *when = plan->model->emit.kind == EMIT_COUNT ? counts : tests;
    const char *stamp = plan->model->spike_time_end ? "t + dt" : "t";
    if (plan->spike_test == SPIKE_NEVER && plan->model->emit.kind == EMIT_NONE)
        return;
    row(table, "spikes");
    if (plan->spike_test != SPIKE_NEVER)
        table_add(table, "%s; a spike of the step from t to t + dt has the time %s", when[plan->spike_test], stamp);
    else if (plan->model->emit.kind == EMIT_AT)
        table_add(table, "at listed times; a spike of the step from t to t + dt has the time %s", stamp);
    else
        table_add(table, "drawn for each connection on its own, on the rank of its target: none is exchanged");
}

static void explain_input(struct arena *arena, struct table *table, const struct node_plan *plan)
{
    struct listing arrivals = {0}, inputs = {0};
    for (int k = 0; k < plan->n_arrivals; k++)
        list_add(&arrivals, plan->slots[plan->arrivals[k].slot].name);
    for (int k = 0; k < plan->n_inputs; k++)
        list_add(&inputs, plan->model->variables[plan->input_variable[k]].name);
    if (plan->n_arrivals) {
        row(table, "spikes act on");
        table_add(table, "%s: what arrives in a step is summed, then added once", list_end(arena, &arrivals, ""));
    }
    if (plan->n_inputs) {
        row(table, "continuous input");
        table_add(table, "%s: summed over the connections for each step, constant within it%s", list_end(arena, &inputs, ""),
                  plan->n_own_terms ? " but for the node's own values" : "");
    }
}

static void explain_steps(struct table *table, const struct plan *all, const struct node_plan *plan)
{
    if (!node_plan_is_split(plan))
        return;
    if (plan->split_connection < 0) {
        row(table, "steps");
        table_add(table, "are cut in two, for what is recorded within them: integration and threshold; then ranks exchange "
                         "spikes; then arrivals and reset");
        return;
    }
    const bool by_pathways = all->connections[plan->split_connection].kind == CONNECTION_PATHWAYS;
    row(table, "steps");
    table_add(table,
              "are cut in two, since spikes over %s %s: integration and threshold; then ranks exchange spikes; then arrivals and "
              "reset. Delays of a step or more would spare this",
              all->script->connections[plan->split_connection].name,
              by_pathways ? "act on what the threshold leaves" : "arrive in the step of their emission");
}

static void explain_population(struct arena *arena, const struct plan *all, const struct node_plan *plan)
{
    struct table table = table_begin(arena, "ll");
    printf("%s: %u x %s\n", plan->population->name, plan->population->size,
           plan->model->is_inline ? "equations of its own" : plan->model->name);
    explain_integrator(&table, plan);
    explain_state(arena, &table, plan);
    explain_parameters(arena, &table, plan);
    explain_spikes(&table, plan);
    explain_input(arena, &table, plan);
    explain_steps(&table, all, plan);
    table_print(&table, 4);
}

/* ---- connections ---- */

static void explain_columns(struct arena *arena, struct table *table, const struct connection_plan *plan)
{
    struct listing columns = {0};
    list_add(&columns, "its target");
    for (int c = 0; c < plan->n_columns; c++)
        list_add(&columns, plan->synapse->variables[plan->columns[c].variable].name);
    row(table, "kept per synapse");
    table_add(table, "%s: %zu bytes", list_end(arena, &columns, ""),
              sizeof(node_local) + (size_t)plan->n_columns * sizeof(double));
}

static void explain_kept_per_synapse(struct arena *arena, struct table *table, const struct connection_plan *plan)
{
    explain_columns(arena, table, plan);
    if (!plan->n_columns && !plan->delay.n_outputs)
        return;
    if (plan->delay.n_outputs) {
        row(table, "delays");
        table_add(
            table,
            "are drawn for each synapse; those of a source with the same delay and thread stand together, with %zu bytes for "
            "all of them",
            sizeof *(struct edges){0}.run_end + sizeof *(struct edges){0}.run_delay);
    }
    row(table, plan->at_arrival ? "what a spike adds" : "what a spike sends");
    if (connection_plan_is_steady(plan))
        table_add(table, "is always the same for a synapse: it is computed once, before the first step");
    else
        table_add(table, "is computed for each synapse when the spike arrives; each spike of a source carries %zu bytes for it",
                  (size_t)(plan->n_factors + (plan->n_on_post ? plan->n_states : 0)) * sizeof(double));
    if (plan->n_on_post) {
        row(table, "spikes of targets");
        table_add(
            table,
            "are remembered, %zu bytes each, and act on a synapse when its source spikes next: %d block%s of on_post for each of "
            "them",
            sizeof(step_count), plan->n_on_post, plan->n_on_post == 1 ? "" : "s");
    }
}

/* When on_pre runs, and what becomes of what it does. */
static void explain_pathway(struct table *table, const struct connection_plan *plan)
{
    row(table, "on_pre runs");
    if (plan->at_arrival && plan->n_sent == 0)
        table_add(table, "when the spike arrives, and changes the synapse alone");
    else if (plan->at_arrival)
        table_add(table,
                  "when the spike arrives, and adds to %s: that does not depend on the target, so what arrives in a step is "
                  "summed, then added once",
                  plan->port);
    else
        table_add(table, "at the time of the spike; what it sends to the port '%s' arrives after the delay", plan->port);
}

static void explain_spike_connection(struct arena *arena, struct table *table, const struct connection_plan *plan)
{
    struct listing states = {0};
    explain_pathway(table, plan);
    for (int k = 0; k < plan->n_states; k++)
        list_add(&states, plan->synapse->variables[plan->state_variable[k]].name);
    row(table, "kept per source");
    if (plan->n_states)
        table_add(table,
                  "%s: all synapses of a source begin equal and only its spikes change them, so they are computed once for each "
                  "spike, not for each synapse",
                  list_end(arena, &states, ""));
    else
        table_add(table, "nothing: there is nothing that spikes of the source change for all its synapses alike");
    explain_kept_per_synapse(arena, table, plan);
    row(table, "parallel synapses");
    table_add(table, "of a pair are not merged: each adds its own");
}

static void explain_coupling(struct table *table, const struct connection_plan *plan)
{
    row(table, "continuous");
    table_add(table,
              plan->connection->synapse->is_link ? "%s of the source is %s of the target in every step"
                                                 : "%s of the source, times the weight, into %s of the target, in every step",
              plan->source_variable, plan->input);
    if (plan->target_variable) {
        row(table, "own value");
        table_add(table,
                  "%s of the target itself is not exchanged: the weights of a target's synapses are summed once, and act on the "
                  "value at hand wherever %s is read; %zu bytes for each target",
                  plan->target_variable, plan->input, sizeof(double));
    }
    row(table, "merged");
    table_add(table,
              "parallel synapses of a pair act linearly: one remains, with the sum of the weights; %zu bytes for each pair",
              sizeof(node_local) + sizeof(double));
    row(table, "silent sources");
    table_add(table, "a source whose value is 0 throughout an interval is neither sent nor visited");
}

/* Bytes per target, or per source and step that is remembered. */
static void explain_reading(struct arena *arena, struct table *table, const struct formula_plan *formula, bool of_source,
                            bool is_steady, const char *head, const char *what)
{
    struct listing ends = {0};
    int n = 0;
    for (int k = 0; k < formula->n_ends; k++)
        if (formula->ends[k].is_source == of_source && formula->ends[k].is_steady == is_steady) {
            list_add(&ends, formula->ends[k].name);
            n++;
        }
    if (n == 0)
        return;
    row(table, head);
    table_add(table, what, list_end(arena, &ends, ""), (size_t)n * sizeof(double));
}

static const char *operations_text(struct arena *arena, const struct program *program)
{
    int n = 0;
    for (int k = 0; k < program->n_instructions; k++)
        n += opcode_operands(program->instructions[k].opcode) > 0;
    return arena_format(arena, "%d operation%s", n, n == 1 ? "" : "s");
}

static void explain_formula(struct arena *arena, struct table *table, const struct connection_plan *plan)
{
    const struct formula_plan *formula = &plan->formula;
    struct listing inputs = {0}, clocked = {0};
    for (int k = 0; k < formula->n_inputs; k++)
        list_add(&inputs, formula->inputs[k]);
    if (formula->n_inputs) {
        row(table, "continuous");
        table_add(table, "%s for each synapse in every step, into %s of the target: the sum has no simpler form",
                  operations_text(arena, &formula->sums), list_end(arena, &inputs, ""));
    }
    for (int k = 0; k < formula->n_clocked; k++)
        list_add(&clocked, plan->synapse->variables[plan->columns[k].variable].name);
    if (formula->n_clocked) {
        row(table, "clock-driven");
        table_add(table, "%s, by method %s: %s for each synapse in every step", list_end(arena, &clocked, ""), formula->method,
                  operations_text(arena, &formula->advance));
    }
    for (int k = 0; k < formula->n_everys; k++) {
        row(table, "at regular times");
        table_add(table, "every %lld steps: %s for each synapse", (long long)formula->everys[k].period,
                  operations_text(arena, &formula->everys[k].program));
    }
    if (formula->on_pre.n_outputs) {
        row(table, "spikes of sources");
        table_add(table, "%s for each synapse that one reaches", operations_text(arena, &formula->on_pre));
    }
    explain_reading(arena, table, formula, true, false, "read of sources",
                    "%s: exchanged, and remembered for the delay for sources that have targets on a rank; %zu bytes for each "
                    "source and step");
    explain_reading(
        arena, table, formula, true, true, "copied of sources",
        "%s, which does not change in a run: once, before it begins, for sources that have targets on a rank; %zu bytes "
        "for each");
    explain_reading(arena, table, formula, false, false, "read of targets",
                    "%s, when a step begins: so no step can begin before the one before has ended everywhere; %zu bytes for each "
                    "target");
    explain_reading(arena, table, formula, false, true, "copied of targets",
                    "%s, which does not change in a run: %zu bytes for each");
}

static bool program_reads_end(const struct program *program, int end)
{
    for (int k = 0; k < program->n_instructions; k++)
        if (program->instructions[k].opcode == OPCODE_ARGUMENT && program->instructions[k].slot == end)
            return true;
    return false;
}

/* What a pathway reads of both ends, and sets of the target. */
static const char *pathway_ends_text(struct arena *arena, const struct connection_plan *plan, const struct pathway_plan *pathway)
{
    const struct program *program = &pathway->program;
    struct listing read = {0}, set = {0};
    for (int k = 0; k < plan->pathways.n_ends; k++) {
        const struct pathway_end *end = &plan->pathways.ends[k];
        if (!end->is_kept && program_reads_end(program, k))
            list_add(&read, arena_format(arena, "%s_%s", end->name, end->is_source ? "pre" : "post"));
    }
    for (int k = 0; k < program->n_outputs; k++)
        if (program->outputs[k].slot >= plan->n_columns)
            list_add(&set, arena_format(arena, "%s_post", plan->pathways.written[program->outputs[k].slot - plan->n_columns]));
    const char *is_read = list_end(arena, &read, "nothing of the ends");
    return arena_format(arena, "reads %s, sets %s", is_read, list_end(arena, &set, "the synapse alone"));
}

static void explain_pathways(struct arena *arena, struct table *table, const struct plan *all, const struct connection_plan *plan)
{
    const struct pathways_plan *pathways = &plan->pathways;
    bool has_on_post = false;
    row(table, "general pathways");
    table_add(table, "each event acts on what those before it left, so nothing is summed or shared by the synapses of a source");
    for (int k = 0; k < pathways->n; k++) {
        const struct pathway *pathway = pathways->list[k].pathway;
        row(table, arena_format(arena, "%s %s", pathway->kind == PATHWAY_PRE ? "on_pre" : "on_post", pathway->name));
        const double delay = (double)pathways->list[k].min_delay * all->script->dt * 1e3;
        table_add(table, "%s after %s, %s for each synapse: %s",
                  pathways->list[k].delay_differs ? "a delay of each synapse" : arena_format(arena, "%.10g ms", delay),
                  pathway->event ? arena_format(arena, "the event %s", pathway->event) : "a spike",
                  operations_text(arena, &pathways->list[k].program), pathway_ends_text(arena, plan, &pathways->list[k]));
        has_on_post |= pathway->kind == PATHWAY_POST;
    }
    explain_columns(arena, table, plan);
    if (pathways->has_events || has_on_post) {
        row(table, "and beside it");
        table_add(table, "%s%s%s: %zu bytes per synapse", pathways->has_events ? "the time of its last event" : "",
                  pathways->has_events && has_on_post ? ", " : "", has_on_post ? "its place among those of its target" : "",
                  pathways->has_events * sizeof(step_count) + has_on_post * sizeof(edge_count));
    }
}

/* A union that stands in a connection has no name of its own. */
static const char *set_text(struct arena *arena, const struct node_set *set)
{
    return set->name ? set->name : arena_format(arena, "%.0f nodes", (double)set->size);
}

static void explain_connection(struct arena *arena, const struct plan *all, const struct connection_plan *plan)
{
    const struct connection *connection = plan->connection;
    struct table table = table_begin(arena, "ll");
    const char *delay = connection->delay_is_constant
                            ? arena_format(arena, "delay %.10g ms", (double)connection->delay * all->script->dt * 1e3)
                            : "delays drawn";
    const double expected = network_expected(all->script, connection);
    printf("%s: %s, %s -> %s, about %.0f synapse%s, %s\n", connection->name,
           plan->synapse->is_inline ? "a model of its own" : plan->synapse->name, set_text(arena, connection->source),
           set_text(arena, connection->target), expected, expected == 1 ? "" : "s", delay);
    switch (plan->kind) {
    case CONNECTION_SPIKES:
        explain_spike_connection(arena, &table, plan);
        break;
    case CONNECTION_EMISSION:
        row(&table, "drawn at the target");
        table_add(&table, "the number of spikes of each connection and step; m spikes add m times what one adds");
        explain_columns(arena, &table, plan);
        break;
    case CONNECTION_NOISE:
        row(&table, "drawn at the target");
        table_add(&table, "%s of the source for each connection, into %s of the target, in every step: nothing is exchanged",
                  plan->source_variable, plan->input);
        row(&table, "kept per synapse");
        table_add(&table, "its target, and its last draw: %zu bytes", sizeof(node_local) + sizeof(double));
        break;
    case CONNECTION_COUPLING:
        explain_coupling(&table, plan);
        break;
    case CONNECTION_FORMULA:
        explain_formula(arena, &table, plan);
        explain_columns(arena, &table, plan);
        break;
    case CONNECTION_PATHWAYS:
        if (formula_exists(&plan->formula))
            explain_formula(arena, &table, plan);
        explain_pathways(arena, &table, all, plan);
        break;
    }
    table_print(&table, 4);
}

/* ---- exchange ---- */

/* Does anybody ask for a population's spikes? */
static bool is_heard(const struct plan *plan, int population)
{
    for (int c = 0; c < plan->script->n_connections; c++) {
        const struct connection_plan *connection = &plan->connections[c];
        const struct pathways_plan *pathways = &connection->pathways;
        if ((connection->kind == CONNECTION_SPIKES || connection->formula.on_pre.n_outputs) &&
            node_set_meets(connection->connection->source, population))
            return true;
        for (int k = 0; k < pathways->n; k++)
            if (!pathways->list[k].pathway->event &&
                node_set_meets(pathways->list[k].pathway->kind == PATHWAY_PRE ? connection->connection->source
                                                                              : connection->connection->target,
                               population))
                return true;
    }
    return false;
}

/* The first connection whose pathways are general; NULL: there is none. */
static const char *general_connection(const struct plan *plan)
{
    for (int c = 0; c < plan->script->n_connections; c++)
        if (plan->connections[c].kind == CONNECTION_PATHWAYS)
            return plan->connections[c].connection->name;
    return NULL;
}

/* The first population of which something is recorded within its steps; NULL: there is none. */
static const char *seen_within(const struct plan *plan)
{
    for (int p = 0; p < plan->script->n_populations; p++)
        if (plan->nodes[p].is_seen_within)
            return plan->script->populations[p].name;
    return NULL;
}

static void explain_memory_of_spikes(struct table *table, const struct plan *plan)
{
    const double longest = (double)plan->max_delay * plan->script->dt * 1e3;
    row(table, "memory of spikes");
    if (plan_draws_delays(plan))
        table_add(table, "until the largest delay has passed, known when all have been drawn: %.10g ms or more", longest);
    else
        table_add(table, "%.10g ms: until the largest delay has passed", longest);
}

/* Populations whose spikes, and variables whose values, travel between ranks. */
static void explain_exchange(struct arena *arena, const struct plan *plan)
{
    struct table table = table_begin(arena, "ll");
    struct listing spikes = {0}, events = {0}, values = {0};
    const struct script *script = plan->script;
    double step = script->dt * 1e3;
    for (int p = 0; p < script->n_populations; p++) {
        if (is_heard(plan, p))
            list_add(&spikes, script->populations[p].name);
        for (int k = 0; k < plan->nodes[p].n_couplings; k++)
            list_add(&values,
                     arena_format(arena, "%s of %s", plan->nodes[p].model->variables[plan->nodes[p].couplings[k].variable].name,
                                  script->populations[p].name));
        for (int k = 0; k < plan->nodes[p].n_late_values; k++)
            list_add(&values,
                     arena_format(arena, "%s of %s", plan->nodes[p].model->variables[plan->nodes[p].late_values[k].variable].name,
                                  script->populations[p].name));
    }
    for (int k = plan->channels.first_event; k < plan->channels.n; k++) {
        const struct population *population = &script->populations[plan->channels.list[k].population];
        list_add(&events,
                 arena_format(arena, "%s of %s", population->model->events[plan->channels.list[k].event].name, population->name));
    }
    printf("exchange between ranks\n");
    row(&table, "interval");
    if (plan->min_delay_connection >= 0 && plan->min_delay == 0)
        table_add(&table, "%.10g ms, one step: %s has no delay", step, script->connections[plan->min_delay_connection].name);
    else if (plan->stepwise_connection >= 0)
        table_add(&table, "%.10g ms, one step: %s needs to know in each step what its targets have done", step,
                  script->connections[plan->stepwise_connection].name);
    else if (general_connection(plan))
        table_add(&table, "%.10g ms, one step: the pathways of %s act in the middle of each step", step,
                  general_connection(plan));
    else if (seen_within(plan))
        table_add(&table, "%.10g ms, one step: %s is recorded within its steps", step, seen_within(plan));
    else if (plan_draws_delays(plan) && plan->min_delay_connection < 0)
        table_add(&table, "%.10g ms or more: the smallest delay, known when all have been drawn", step);
    else if (plan_draws_delays(plan))
        table_add(&table,
                  "from %.10g to %.10g ms: the smallest delay, known when all have been drawn; that of %s is the upper bound",
                  step, (double)plan->min_delay * step, script->connections[plan->min_delay_connection].name);
    else if (plan->min_delay_connection < 0)
        table_add(&table, "none: no connection carries anything from node to node");
    else
        table_add(&table, "%.10g ms: the smallest delay, of %s", (double)plan->min_delay * step,
                  script->connections[plan->min_delay_connection].name);
    const char *spiking = list_end(arena, &spikes, NULL), *happening = list_end(arena, &events, NULL);
    const char *read = list_end(arena, &values, NULL);
    row(&table, "spikes");
    table_add(&table, spiking ? "of %s: 8 bytes each, to all ranks, once per interval" : "none", spiking);
    if (happening) {
        row(&table, "events");
        table_add(&table, "%s: as spikes", happening);
    }
    row(&table, "values");
    table_add(&table, read ? "%s: a number for each node and step, once per interval" : "none", read);
    if (plan->immediate_connection >= 0) {
        row(&table, "without delay");
        table_add(&table, "%s reads values as each step begins: ranks exchange those once more, before the inputs are formed",
                  script->connections[plan->immediate_connection].name);
    }
    if (spiking || happening)
        explain_memory_of_spikes(&table, plan);
    table_print(&table, 4);
}

static int explain(int argc, char **argv, MPI_Comm communicator, struct fault *fault)
{
    struct arena *arena = arena_create();
    struct overrides overrides = {.arena = arena};
    const struct option options[] = {{"-D", OPTION_OVERRIDE, &overrides}};
    const char *file;
    struct plan *plan;
    int rank, status;
    MPI_Comm_rank(communicator, &rank);
    status = arguments_parse(&command_explain, argc, argv, options, 1, &file, 1, 1, fault);
    if (!status)
        status = plan_load(arena, file, overrides.items, overrides.n, communicator, &plan, fault);
    if (!status && rank == 0) {
        for (int k = 0; k < plan->script->n_populations; k++)
            explain_population(arena, plan, &plan->nodes[k]);
        for (int k = 0; k < plan->script->n_connections; k++)
            explain_connection(arena, plan, &plan->connections[k]);
        explain_exchange(arena, plan);
    }
    arena_destroy(&arena);
    return status;
}

const struct command command_explain = {
    .name = "explain",
    .usage = "explain FILE [-D NAME=EXPR]...",
    .text = "say how a network will be simulated, and what that costs",
    .help = "  -D NAME=EXPR      replace the value of a `let`: same type, same dimension\n",
    .run = explain,
};
