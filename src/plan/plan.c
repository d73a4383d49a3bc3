#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "plan/expression_plan.h"
#include "plan/recorded.h"
#include "plan/start_plan.h"

/* Arrivals of one step act pathway by pathway, by (order, projection name + "_" + pathway name, in bytes): DESIGN section 4. Of a
 * connection whose pathways are not general, only on_pre brings anything to the target. */
struct named_pathway {
    int order;
    const char *name; /* the same for all connections of declared synapses: their connect statements follow one another */
    struct arriving arriving;
};

static struct named_pathway named_pathway(struct arena *arena, const struct connection *connection, const struct pathway *pathway,
                                          int number)
{
    return (struct named_pathway){
        .order = pathway ? pathway->order : 0,
        .name = arena_format(arena, "%s_%s", connection->arrives_as, pathway ? pathway->name : "summed"),
        .arriving = {connection->index, number}};
}

static int by_order_and_name(const void *a, const void *b)
{
    const struct named_pathway *x = a, *y = b;
    int names = strcmp(x->name, y->name);
    if (x->order != y->order)
        return (x->order > y->order) - (x->order < y->order);
    return names ? names : (x->arriving.connection > y->arriving.connection) - (x->arriving.connection < y->arriving.connection);
}

static void order_arrivals(struct arena *arena, struct plan *plan)
{
    const struct script *script = plan->script;
    int n = script->n_connections;
    for (int k = 0; k < script->n_connections; k++)
        n += plan->connections[k].pathways.n;
    struct named_pathway *pathways = ARENA_NEW(arena, n, struct named_pathway);
    n = 0;
    for (int k = 0; k < script->n_connections; k++) {
        const struct connection *connection = &script->connections[k];
        const struct pathways_plan *general = &plan->connections[k].pathways;
        for (int p = 0; p < general->n; p++)
            pathways[n++] = named_pathway(arena, connection, general->list[p].pathway, p);
        if (general->n == 0)
            pathways[n++] = named_pathway(arena, connection, model_on_pre(connection->synapse), 0);
    }
    qsort(pathways, (size_t)n, sizeof *pathways, by_order_and_name);
    plan->arrival_order = ARENA_NEW(arena, n, struct arriving);
    plan->n_arriving = n;
    for (int k = 0; k < n; k++)
        plan->arrival_order[k] = pathways[k].arriving;
}

/* Do arrivals over the connection need the steps of its targets in two phases? They may come in the step of their emission, or
 * act on the state behind the threshold. What a device draws for a connection does not travel, and is known in time for a whole
 * step. */
static bool asks_for_phases(const struct connection_plan *connection)
{
    if (connection->kind == CONNECTION_PATHWAYS)
        return true;
    return connection->kind == CONNECTION_SPIKES && connection->min_delay == 0 && connection->max_delay >= 0;
}

static void split_nodes(struct plan *plan, const struct node_set *set, int connection)
{
    for (int part = 0; part < set->n_parts; part++)
        plan->nodes[set->parts[part].population].split_connection = connection;
}

static void find_seen_nodes(struct plan *plan)
{
    for (int k = 0; k < plan->script->n_records; k++) {
        const struct record *record = &plan->script->records[k];
        const bool is_within = (record->kind == RECORD_STATE && record->slot != RECORD_AT_START) ||
                               record->kind == RECORD_AT_EVENTS;
        for (int part = 0; is_within && part < record->set->n_parts; part++)
            plan->nodes[record->set->parts[part].population].is_seen_within = true;
    }
}

static void find_split_nodes(struct plan *plan)
{
    for (int p = 0; p < plan->script->n_populations; p++)
        plan->nodes[p].split_connection = -1;
    find_seen_nodes(plan);
    for (int k = plan->script->n_connections; k-- > 0;) {
        const struct connection_plan *connection = &plan->connections[k];
        if (asks_for_phases(connection))
            split_nodes(plan, connection->connection->target, k);
        if (pathways_read_late(&connection->pathways)) /* what they read is that between the phases */
            split_nodes(plan, connection->connection->source, k);
    }
}

static void take_delays(struct plan *plan, int connection, step_count min_delay, step_count max_delay)
{
    if (plan->min_delay_connection < 0 || min_delay < plan->min_delay) {
        plan->min_delay = min_delay;
        plan->min_delay_connection = connection;
    }
    if (max_delay > plan->max_delay)
        plan->max_delay = max_delay;
}

void plan_find_delays(struct plan *plan)
{
    find_split_nodes(plan);
    plan->min_delay_connection = -1;
    plan->min_delay = plan->max_delay = 0;
    for (int k = 0; k < plan->script->n_connections; k++) {
        const struct connection_plan *connection = &plan->connections[k];
        const struct pathways_plan *pathways = &connection->pathways;
        if (connection->kind == CONNECTION_EMISSION || connection->kind == CONNECTION_NOISE)
            continue; /* drawn where it arrives: nothing is exchanged */
        for (int p = 0; p < pathways->n; p++)
            if (pathways->list[p].max_delay >= pathways->list[p].min_delay)
                take_delays(plan, k, pathways->list[p].min_delay, pathways->list[p].max_delay);
        if (connection->max_delay >= connection->min_delay) /* else they are not known yet */
            take_delays(plan, k, connection->min_delay, connection->max_delay);
        if (formula_follows_source(&connection->formula))
            take_delays(plan, k, connection->formula.delay, connection->formula.delay);
    }
}

bool plan_draws_delays(const struct plan *plan)
{
    for (int k = 0; k < plan->script->n_connections; k++)
        if (plan->connections[k].delay.n_outputs)
            return true;
    return false;
}

static void find_immediate(struct plan *plan, const struct connection *connection, const char *variable)
{
    const struct node_set *source = connection->source;
    for (int part = 0; part < source->n_parts; part++) {
        struct node_plan *nodes = &plan->nodes[source->parts[part].population];
        for (int k = 0; k < nodes->n_couplings; k++)
            if (nodes->couplings[k].variable == model_variable(nodes->model, variable))
                nodes->couplings[k].is_immediate = true;
    }
}

/* Without delay a coupling reads its source as the step begins, before the inputs of the step are formed: they cannot enter. */
static int check_immediate(const struct plan *plan, const struct connection *connection, struct fault *fault)
{
    const struct node_set *source = connection->source;
    for (int part = 0; part < source->n_parts; part++) {
        const struct node_plan *nodes = &plan->nodes[source->parts[part].population];
        for (int k = 0; k < nodes->n_couplings; k++)
            if (nodes->couplings[k].is_immediate && program_uses(&nodes->couplings[k].value, OPCODE_INPUT))
                return source_fault(
                    fault, connection->span,
                    connection->synapse->is_link
                        ? "'%s' is linked to '%s' of '%s', which depends on what '%s' receives in the same step: link to what "
                          "is known when it begins"
                        : "'%s' has no delay, but '%s' of '%s' depends on what '%s' receives in the same step: give it a delay "
                          "of a step",
                    connection->name, nodes->model->variables[nodes->couplings[k].variable].name, nodes->population->name,
                    nodes->population->name);
    }
    return 0;
}

/* Continuous couplings without delay, and the values that they read. */
static int find_immediate_couplings(struct plan *plan, struct fault *fault)
{
    plan->immediate_connection = -1;
    for (int k = plan->script->n_connections; k-- > 0;) {
        const struct connection_plan *connection = &plan->connections[k];
        const struct formula_plan *formula = &connection->formula;
        const bool is_linear = connection->kind == CONNECTION_COUPLING;
        const step_count delay = is_linear ? connection->min_delay : formula->delay;
        if (delay > 0 || !(is_linear || formula_follows_source(formula)))
            continue;
        if (is_linear)
            find_immediate(plan, connection->connection, connection->source_variable);
        for (int end = 0; end < formula->n_ends; end++)
            if (formula->ends[end].is_source)
                find_immediate(plan, connection->connection, formula->ends[end].name);
        TRY(check_immediate(plan, connection->connection, fault));
        plan->immediate_connection = k;
    }
    return 0;
}

/* The first formula that reads its targets; -1 without one. */
static int find_stepwise(const struct plan *plan)
{
    for (int k = 0; k < plan->script->n_connections; k++)
        if (formula_reads_target(&plan->connections[k].formula) ||
            (plan->connections[k].at_arrival && plan->connections[k].n_on_post > 0))
            return k;
    return -1;
}

/* Where connections are made: behind which of the script's assignments to nodes. */
struct made_at {
    int epoch, n_assignments;
    struct span span;
};

/* Behind a run: does the assignment give a value that follows from what the script says alone, not from what the run did? */
static bool is_foreseen(const struct node_plan *nodes, const struct node_assignment *assignment)
{
    for (int k = 0; k < nodes->n_assignments; k++)
        if (nodes->assignments[k].assignment == assignment)
            return nodes->assignments[k].is_foreseen;
    return false;
}

/* Does a run change what is read, so that start_plan_make does not know it? */
static bool changes_in_run(const struct node_plan *nodes, const struct start_plan *start, int variable)
{
    if (nodes->model->variables[variable].kind != DECLARATION_PARAMETER || nodes->assigned[variable])
        return true;
    for (int k = 0; k < start->n_steps; k++)
        if (start->steps[k].assignment && !is_foreseen(nodes, start->steps[k].assignment))
            return true;
    return false;
}

/* Connections see what nodes begin with, and what has been assigned to them. */
static int check_ends_of_set(struct arena *arena, const struct plan *plan, const struct node_set *set, const char *variable,
                             struct made_at at, struct fault *fault)
{
    for (int part = 0; part < set->n_parts; part++) {
        const struct node_plan *nodes = &plan->nodes[set->parts[part].population];
        const struct population *population = nodes->population;
        struct start_plan start;
        TRY(start_plan_make(arena, plan->script, population, variable, at.n_assignments, at.span, &start, fault));
        if (at.epoch > population->epoch && changes_in_run(nodes, &start, model_variable(population->model, variable)))
            return source_fault(fault, at.span,
                                "connecting by '%s' of '%s', which has changed in the run before, is not supported yet: only by "
                                "parameters",
                                variable, population->name);
    }
    return 0;
}

int plan_check_ends(struct arena *arena, const struct plan *plan, const struct end_table *ends,
                    const struct projection *projection, const struct connection *connection, int n_assignments, struct span span,
                    struct fault *fault)
{
    const struct node_set *source = connection ? connection->source : projection->source;
    const struct node_set *target = connection ? connection->target : projection->target;
    const struct made_at at = {projection->epoch, n_assignments, span};
    for (int k = 0; k < ends->n; k++)
        if (ends->values[k].variable)
            TRY(check_ends_of_set(arena, plan, ends->values[k].kind == END_PRE ? source : target, ends->values[k].variable, at,
                                  fault));
    return 0;
}

/* What a generator reads of nodes. */
static int check_leaves(struct arena *arena, const struct plan *plan, const struct projection *projection,
                        const struct rule_value *value, struct fault *fault)
{
    for (int k = 0; k < value->n_leaves; k++) {
        const struct generated_leaf *leaf = &value->leaves[k];
        const struct made_at at = {projection->epoch, projection->n_node_assignments, leaf->span};
        if (leaf->variable)
            TRY(check_ends_of_set(arena, plan, leaf->kind == GENERATED_PRE ? projection->source : projection->target,
                                  leaf->variable, at, fault));
    }
    return 0;
}

/* What the network will ask for of places and pairs of nodes can be planned, too. */
static int check_expressions(struct arena *arena, const struct plan *whole, struct fault *fault)
{
    const struct script *script = whole->script;
    struct expression_plan plan;
    for (int k = 0; k < script->n_populations; k++)
        for (int axis = 0; axis < script->populations[k].n_dimensions; axis++)
            if (!script->populations[k].position[axis].array)
                TRY(expression_plan_make(arena, script->populations[k].position[axis].expression, &plan, fault));
    for (int k = 0; k < script->n_projections; k++)
        for (int argument = 0; argument < RULE_ARGUMENTS_MAX; argument++) {
            const struct projection *projection = &script->projections[k];
            const struct rule_value *value = &projection->arguments[argument];
            TRY(check_leaves(arena, whole, projection, value, fault));
            if (!value->expression)
                continue;
            TRY(pair_plan_make(arena, NULL, value, &plan, fault));
            TRY(plan_check_ends(arena, whole, &plan.ends, projection, NULL, projection->n_node_assignments,
                                value->expression->span, fault));
        }
    return 0;
}

static int plan_printed(struct arena *arena, struct plan *plan, const struct printed *printed, struct program *programs,
                        struct fault *fault)
{
    for (int k = 0; k < printed->set->n_parts; k++) {
        struct node_plan *nodes = &plan->nodes[printed->set->parts[k].population];
        TRY(node_plan_value(arena, nodes, model_variable(nodes->model, printed->variable), &programs[k], fault));
        if (program_uses(&programs[k], OPCODE_INPUT))
            return source_fault(fault, printed->span, "'%s' depends on an input, which has no value outside of the steps",
                                printed->variable);
    }
    return 0;
}

static int plan_prints(struct arena *arena, const struct script *script, struct plan *plan, struct fault *fault)
{
    plan->printed = ARENA_NEW(arena, script->n_prints, struct program **);
    for (int k = 0; k < script->n_prints; k++) {
        const struct print *print = &script->prints[k];
        plan->printed[k] = ARENA_NEW(arena, print->n_items, struct program *);
        for (int item = 0; item < print->n_items; item++) {
            if (print->items[item].kind != PRINTED_VARIABLE)
                continue;
            plan->printed[k][item] = ARENA_NEW(arena, print->items[item].set->n_parts, struct program);
            TRY(plan_printed(arena, plan, &print->items[item], plan->printed[k][item], fault));
        }
    }
    return 0;
}

int plan_create(struct arena *arena, const struct script *script, struct plan **out, struct fault *fault)
{
    *out = NULL;
    struct plan *plan = ARENA_NEW(arena, 1, struct plan);
    plan->script = script;
    plan->nodes = ARENA_NEW(arena, script->n_populations, struct node_plan);
    plan->connections = ARENA_NEW(arena, script->n_connections, struct connection_plan);
    for (int k = 0; k < script->n_populations; k++)
        TRY(node_plan_make(arena, script, &script->populations[k], &plan->nodes[k], fault));
    for (int k = 0; k < script->n_connections; k++)
        TRY(connection_plan_make(arena, script, &script->connections[k], plan, fault));
    TRY(plan_prints(arena, script, plan, fault));
    TRY(recorded_check(arena, script, plan, fault));
    TRY(check_expressions(arena, plan, fault));
    order_arrivals(arena, plan);
    TRY(channels_make(arena, plan, &plan->channels, fault));
    plan_find_delays(plan);
    plan->stepwise_connection = find_stepwise(plan);
    TRY(find_immediate_couplings(plan, fault));
    *out = plan;
    return 0;
}
