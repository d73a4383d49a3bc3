/* `glion check`: everything that `run` finds wrong before it builds a network, and what it would build. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/table.h"
#include "network/network.h"
#include "plan/plan.h"
#include "simulation/load.h"

static double milliseconds(const struct script *script, step_count steps)
{
    return (double)steps * script->dt * 1e3;
}

static step_count last_step(const struct script *script)
{
    return script->n_epochs ? script->epochs[script->n_epochs - 1].end : 0;
}

static void print_warnings(const struct script *script)
{
    for (int k = 0; k < script->n_warnings; k++)
        fprintf(stderr, "%s\n", script->warnings[k]);
}

static void print_simulation(struct arena *arena, const struct plan *plan)
{
    const struct script *script = plan->script;
    struct table table = table_begin(arena, "ll");
    table_add(&table, "duration");
    table_add(&table, "%.10g ms in %lld steps", milliseconds(script, last_step(script)), (long long)last_step(script));
    table_add(&table, "dt");
    table_add(&table, "%.10g ms%s", script->dt * 1e3, script->dt_given ? "" : " (default)");
    table_add(&table, "seed");
    table_add(&table, "%llu%s", (unsigned long long)script->seed, script->seed_given ? "" : " (default)");
    table_add(&table, "min-delay");
    if (plan->min_delay_connection >= 0 && plan->min_delay == 0)
        table_add(&table, "0: %s has no delay", script->connections[plan->min_delay_connection].name);
    else if (plan_draws_delays(plan))
        table_add(&table, "at least %.10g ms, one step: known when delays have been drawn", script->dt * 1e3);
    else if (plan->min_delay_connection < 0)
        table_add(&table, "none: nothing is exchanged between nodes");
    else
        table_add(&table, "%.10g ms in %lld steps, the delay of %s", milliseconds(script, plan->min_delay),
                  (long long)plan->min_delay, script->connections[plan->min_delay_connection].name);
    table_print(&table, 4);
}

static void print_populations(struct arena *arena, const struct script *script)
{
    struct table table = table_begin(arena, "lrl");
    uint64_t n_nodes = 0;
    for (int k = 0; k < script->n_populations; k++) {
        const struct population *population = &script->populations[k];
        table_add(&table, "%s", population->name);
        table_add(&table, "%u", population->size);
        table_add(&table, "%s", population->model->name);
        n_nodes += population->size;
    }
    printf("populations: %d, nodes: %llu\n", script->n_populations, (unsigned long long)n_nodes);
    table_print(&table, 4);
}

/* The plan of the first population of a model; a model's equations decide how all of them are integrated. */
static const struct node_plan *plan_of_model(const struct plan *plan, const struct model *model)
{
    for (int k = 0; k < plan->script->n_populations; k++)
        if (plan->nodes[k].model == model)
            return &plan->nodes[k];
    return NULL; /* a synapse */
}

static void print_integrators(struct arena *arena, const struct plan *plan)
{
    struct table table = table_begin(arena, "lll");
    for (int k = 0; k < plan->script->n_models; k++) {
        const struct node_plan *nodes = plan_of_model(plan, plan->script->models[k]);
        if (!nodes)
            continue;
        table_add(&table, "%s", nodes->model->name);
        table_add(&table, "%s", integrator_names[nodes->integrator]);
        table_add(&table, "%s", nodes->integrator_reason);
    }
    printf("integrators\n");
    table_print(&table, 4);
}

static void add_delay(struct table *table, const struct script *script, const struct connection *connection)
{
    if (connection->delay_is_constant)
        table_add(table, "%.10g ms", milliseconds(script, connection->delay));
    else
        table_add(table, "drawn");
}

static void print_connections(struct arena *arena, const struct script *script)
{
    struct table table = table_begin(arena, "lllrr");
    double total = 0;
    for (int k = 0; k < script->n_connections; k++) {
        const struct connection *connection = &script->connections[k];
        double expected = network_expected(script, connection);
        table_add(&table, "%s", connection->name);
        table_add(&table, "%s", script->projections[connection->projection].rule->name);
        table_add(&table, "%s", connection->synapse->name);
        add_delay(&table, script, connection);
        table_add(&table, "%.0f", expected);
        total += expected;
    }
    printf("connections: %d, synapses expected: %.0f\n", script->n_connections, total);
    table_print(&table, 4);
}

/* The name of a set, or what it is made of: "exc[0:100] + inh". */
static const char *set_text(struct arena *arena, const struct script *script, const struct node_set *set)
{
    const char *text = set->name;
    for (int k = 0; k < set->n_parts && !set->name; k++) {
        const struct node_part *part = &set->parts[k];
        const struct population *population = &script->populations[part->population];
        const char *before = k ? arena_format(arena, "%s + ", text) : "";
        if (part->list)
            text = arena_format(arena, "%s%u of %s", before, part->count, population->name);
        else if (part->count < population->size)
            text = arena_format(arena, "%s%s[%u:%u]", before, population->name, part->first, part->first + part->count);
        else
            text = arena_format(arena, "%s%s", before, population->name);
    }
    return text;
}

static const char *recorded_text(struct arena *arena, const struct record *record)
{
    if (record->kind != RECORD_AT_EVENTS)
        return record->kind == RECORD_SPIKES ? "spikes" : record->variable;
    const char *text = record->variable ? record->variable : "spikes";
    for (int k = 0; k < record->n_columns; k++)
        text = arena_format(arena, "%s%s %s", text, k ? "," : " with", record->columns[k].name);
    return text;
}

static void add_recorded(struct table *table, const struct script *script, const struct record *record)
{
    if (record->kind == RECORD_SENT) {
        table_add(table, "sent of %s", record->synapses.name);
        table_add(table, "%s", "");
    } else if (record->kind == RECORD_SYNAPSES) {
        table_add(table, "%s of %s", record->variable, record->synapses.name);
        table_add(table, "%s", "");
    } else {
        table_add(table, "%s of %s", recorded_text(table->arena, record), set_text(table->arena, script, record->set));
        table_add(table, "%llu %s", (unsigned long long)record->set->size, record->set->size == 1 ? "node" : "nodes");
    }
    const bool has_unit = record->kind != RECORD_SPIKES && record->kind != RECORD_EVENTS && record->kind != RECORD_AT_EVENTS;
    table_add(table, "%s", has_unit ? record->unit_text : "");
    if (record->kind == RECORD_STATE || record->kind == RECORD_SYNAPSES || record->kind == RECORD_RATE)
        table_add(table, "every %.10g ms", milliseconds(script, record->every));
    else
        table_add(table, "%s", "");
}

static void print_records(struct arena *arena, const struct script *script)
{
    struct table table = table_begin(arena, "llrlll");
    for (int k = 0; k < script->n_records; k++) {
        const struct record *record = &script->records[k];
        table_add(&table, "%s.h5", record->name);
        add_recorded(&table, script, record);
        if (record->epoch > 0)
            table_add(&table, "from %.10g ms", milliseconds(script, script->epochs[record->epoch - 1].end));
        else
            table_add(&table, "%s", "");
    }
    printf("records: %d\n", script->n_records);
    table_print(&table, 4);
}

static int check(int argc, char **argv, MPI_Comm communicator, struct fault *fault)
{
    struct arena *arena = arena_create();
    struct overrides overrides = {.arena = arena};
    const struct option options[] = {{"-D", OPTION_OVERRIDE, &overrides}};
    const char *file;
    struct plan *plan;
    int rank;
    MPI_Comm_rank(communicator, &rank);
    int status = arguments_parse(&command_check, argc, argv, options, 1, &file, 1, 1, fault);
    if (!status)
        status = plan_load(arena, file, overrides.items, overrides.n, communicator, &plan, fault);
    if (!status && rank == 0) {
        print_warnings(plan->script);
        printf("%s: OK\n", file);
        print_simulation(arena, plan);
        print_populations(arena, plan->script);
        print_integrators(arena, plan);
        print_connections(arena, plan->script);
        print_records(arena, plan->script);
    }
    arena_destroy(&arena);
    return status;
}

const struct command command_check = {
    .name = "check",
    .usage = "check FILE [-D NAME=EXPR]...",
    .text = "find what is wrong in a network file, and say what it would build",
    .help = "  -D NAME=EXPR      replace the value of a `let`: same type, same dimension\n",
    .run = check,
};
