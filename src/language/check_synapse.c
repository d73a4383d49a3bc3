/* A synapse model between its source and target: the port that it sends to, the variables that it couples, its values and delay.
 *
 * The models at the ends decide what `port` means and what NAME_pre and NAME_post are, so the model's expressions are checked
 * once more for every connection. */
#include "language/check.h"

/* Delays in whole steps fit an int32_t with room to spare; beyond, a delay is a mistake. */
#define DELAY_STEPS_MAX 1e9

/* A written delay may differ from its steps by this much of a step before it counts as changed. */
#define DELAY_TOLERANCE 1e-6

static const struct population *set_population(const struct check *check, const struct node_set *set, int part)
{
    return &check->script->populations[set->parts[part].population];
}

/* ---- the port -------------------------------------------------------------------------------------------- */

/* The port that the model's `send` statements name, or NULL if it sends nothing. A model sends to one port (check_model.c). */
static const char *port_of_sends(const struct model *synapse)
{
    for (int p = 0; p < synapse->n_pathways; p++)
        for (int k = 0; k < synapse->pathways[p].body.n_actions; k++) {
            const struct action *action = &synapse->pathways[p].body.actions[k];
            if (action->kind == ACTION_SEND)
                return action->name ? action->name : "spike";
        }
    return NULL;
}

static int fault_no_port(struct check *check, const struct population *population, const struct connection *connection,
                         struct span span, struct fault *fault)
{
    const struct model *model = population->model;
    struct candidates candidates = {.arena = check->arena};
    for (int k = 0; k < model->n_ports; k++)
        candidates_add(&candidates, arena_format(check->arena, "'%s'", model->ports[k].name));
    return source_fault(fault, span,
                        "synapse '%s' sends to the port '%s', which population '%s' (model '%s') does not have; it has %s",
                        connection->synapse->name, connection->port, population->name, model->name,
                        candidates.n ? candidates_list(&candidates) : "no ports");
}

/* The port in every target model, with one unit. */
static int find_port(struct check *check, const struct connection *connection, struct span span, const struct unit **out,
                     struct fault *fault)
{
    const struct port *first = NULL;
    for (int k = 0; k < connection->target->n_parts; k++) {
        const struct population *population = set_population(check, connection->target, k);
        const struct port *port = model_port(population->model, connection->port);
        if (!port)
            return fault_no_port(check, population, connection, span, fault);
        if (first && (!dimension_equal(first->unit.dimension, port->unit.dimension) || first->unit.scale != port->unit.scale))
            return source_fault(fault, span, "the port '%s' is in %s in population '%s', but in %s in '%s': connect them apart",
                                connection->port, first->unit_text, set_population(check, connection->target, 0)->name,
                                port->unit_text, population->name);
        first = first ? first : port;
    }
    *out = &first->unit;
    return 0;
}

/* ---- continuous couplings -------------------------------------------------------------------------------- */

/* What a connection could drive in a population. */
static int fault_no_input(struct check *check, const struct connection *connection, const struct population *population,
                          const char *name, struct span span, struct fault *fault)
{
    struct candidates candidates = {.arena = check->arena};
    for (int v = 0; v < population->model->n_variables; v++)
        if (population->model->variables[v].kind == DECLARATION_INPUT)
            candidates_add(&candidates, arena_format(check->arena, "'%s'", population->model->variables[v].name));
    return source_fault(fault, span,
                        "synapse '%s' drives '%s', which population '%s' (model '%s') does not receive; it receives %s",
                        connection->synapse->name, name, population->name, population->model->name,
                        candidates.n ? candidates_list(&candidates) : "nothing of the kind");
}

/* What keeps a variable that is no `receive NAME : unit` from being driven by the synapse, or NULL. */
static const char *why_not_driven(const struct model *synapse, const struct model *model, int variable)
{
    const struct declaration *declaration = &model->variables[variable];
    if (declaration->kind == DECLARATION_DERIVATIVE)
        return "has a differential equation";
    if (declaration->kind == DECLARATION_SUBEXPRESSION)
        return "has an equation of its own";
    if (declaration->is_list)
        return "is a list";
    if (declaration->type != TYPE_REAL && !synapse->is_link)
        return "is integer or boolean";
    if (declaration->flags & FLAG_CONSTANT)
        return "is flagged (constant)";
    if (declaration->flags & FLAG_LINKED && !synapse->is_link)
        return "is flagged (linked)";
    return model_assigns(model, declaration->name) ? "is assigned by the model itself" : NULL;
}

/* A plain parameter takes the sum of one (summed) equation, which from now on is its value. */
static int drive_parameter(struct check *check, const struct connection *connection, struct population *population, int variable,
                           struct span span, struct fault *fault)
{
    const char *name = population->model->variables[variable].name;
    const char *why = why_not_driven(connection->synapse, population->model, variable);
    if (why)
        return source_fault(fault, span,
                            "synapse '%s' drives '%s' of population '%s' (model '%s'), but '%s' %s: it must be declared 'receive "
                            "%s : UNIT', or as a parameter that nothing else changes",
                            connection->synapse->name, name, population->name, population->model->name, name, why, name);
    if (!population->summed_by)
        population->summed_by = ARENA_NEW(check->arena, population->model->n_variables, const char *);
    if (population->summed_by[variable] && strcmp(population->summed_by[variable], connection->arrives_as) != 0)
        return source_fault(fault, span,
                            "'%s' of population '%s' is the sum of '%s' already, and a parameter takes one (summed) equation; "
                            "declare it 'receive %s : UNIT' to add up several",
                            name, population->name, population->summed_by[variable], name);
    population->summed_by[variable] = connection->arrives_as;
    return 0;
}

void driven_values_warn(struct check *check)
{
    for (int p = 0; p < check->script->n_populations; p++) {
        const struct population *population = &check->script->populations[p];
        for (int k = 0; population->summed_by && k < population->model->n_variables; k++) {
            const struct value *value = &population->values[k];
            if (population->summed_by[k] && value->expression && !(value->is_constant && value->number == 0))
                check_warn(check, value->expression->span,
                           "this value of '%s' of population '%s' has no effect: it is the sum of '%s' in every step",
                           population->model->variables[k].name, population->name, population->summed_by[k]);
        }
    }
}

/* `NAME_post = … (summed)`: every target receives NAME, or has a parameter NAME, in this dimension. */
static int check_coupling(struct check *check, const struct connection *connection, const struct declaration *summed,
                          struct span span, struct fault *fault)
{
    const char *name = arena_text(check->arena, summed->name, strlen(summed->name) - strlen("_post"));
    for (int k = 0; k < connection->target->n_parts; k++) {
        struct population *population = &check->script->populations[connection->target->parts[k].population];
        int index = model_variable(population->model, name);
        if (index < 0)
            return fault_no_input(check, connection, population, name, span, fault);
        const struct declaration *input = &population->model->variables[index];
        if (!dimension_equal(input->unit.dimension, summed->unit.dimension))
            return source_fault(fault, span, "synapse '%s' gives '%s' %s, but population '%s' receives it %s",
                                connection->synapse->name, name, IN_DIMENSION(summed->unit.dimension), population->name,
                                IN_DIMENSION(input->unit.dimension));
        if (input->kind != DECLARATION_INPUT)
            TRY(drive_parameter(check, connection, population, index, span, fault));
    }
    return 0;
}

/* Does it compute something in every step: a (summed) equation, a clock-driven one? */
static bool is_coupling(const struct model *synapse)
{
    for (int k = 0; k < synapse->n_variables; k++)
        if (synapse->variables[k].flags & FLAG_SUMMED)
            return true;
    return model_is_clock_driven(synapse);
}

/* ---- sources --------------------------------------------------------------------------------------------- */

static bool has_state(const struct model *synapse)
{
    for (int k = 0; k < synapse->n_variables; k++)
        if (synapse->variables[k].kind == DECLARATION_DERIVATIVE)
            return true;
    for (int p = 0; p < synapse->n_pathways; p++)
        for (int k = 0; k < synapse->pathways[p].body.n_actions; k++)
            if (synapse->pathways[p].body.actions[k].reference.kind == REFERENCE_VARIABLE)
                return true;
    return synapse->n_everys > 0;
}

/* Does some pathway of this kind run at spikes? */
static bool runs_at_spikes(const struct model *synapse, enum pathway_kind kind)
{
    for (int k = 0; k < synapse->n_pathways; k++)
        if (synapse->pathways[k].kind == kind && !synapse->pathways[k].event)
            return true;
    return false;
}

static int check_sources(struct check *check, const struct connection *connection, struct span span, struct fault *fault)
{
    if (!connection->synapse->n_pathways)
        return 0;
    for (int k = 0; k < connection->source->n_parts; k++) {
        const struct population *population = set_population(check, connection->source, k);
        if (runs_at_spikes(connection->synapse, PATHWAY_PRE) && !model_spikes(population->model))
            return source_fault(fault, span,
                                "synapse '%s' acts on spikes, but the source '%s' (model '%s') cannot spike: it has neither a "
                                "threshold nor 'emit'",
                                connection->synapse->name, population->name, population->model->name);
        if (population->model->emit.kind == EMIT_PER_CONNECTION && has_state(connection->synapse))
            return source_fault(fault, span,
                                "'%s' (model '%s') emits spikes for each connection on its own, which a synapse with state, as "
                                "'%s', cannot follow: use one without, such as 'static'",
                                population->name, population->model->name, connection->synapse->name);
    }
    return 0;
}

/* ---- targets --------------------------------------------------------------------------------------------- */

static bool has_on_post(const struct model *synapse)
{
    for (int k = 0; k < synapse->n_pathways; k++)
        if (synapse->pathways[k].kind == PATHWAY_POST)
            return true;
    return false;
}

static int check_targets(struct check *check, const struct connection *connection, struct span span, struct fault *fault)
{
    for (int k = 0; k < connection->target->n_parts && runs_at_spikes(connection->synapse, PATHWAY_POST); k++) {
        const struct population *population = set_population(check, connection->target, k);
        if (!model_spikes(population->model))
            return source_fault(fault, span,
                                "synapse '%s' has on_post, but the target '%s' (model '%s') cannot spike: it has neither a "
                                "threshold nor 'emit'",
                                connection->synapse->name, population->name, population->model->name);
    }
    return 0;
}

/* ---- events ---------------------------------------------------------------------------------------------- */

static int check_event(struct check *check, const struct connection *connection, const struct pathway *pathway, struct span span,
                       struct fault *fault)
{
    const bool is_pre = pathway->kind == PATHWAY_PRE;
    const struct span where = connection->synapse->is_inline ? pathway->event_span : span;
    const struct node_set *set = is_pre ? connection->source : connection->target;
    for (int k = 0; k < set->n_parts; k++) {
        const struct population *population = set_population(check, set, k);
        if (model_event(population->model, pathway->event) < 0)
            return source_fault(fault, where,
                                "synapse '%s' has %s at the event '%s', but the %s '%s' (model '%s') has no such event",
                                connection->synapse->name, is_pre ? "on_pre" : "on_post", pathway->event,
                                is_pre ? "source" : "target", population->name, population->model->name);
        if (is_pre && population->model->emit.kind == EMIT_PER_CONNECTION)
            return source_fault(fault, where,
                                "'%s' (model '%s') emits spikes for each connection on its own: pathways at its events are not "
                                "supported yet",
                                population->name, population->model->name);
    }
    return 0;
}

/* Pathways run at events that the nodes at their end have. */
static int check_events(struct check *check, const struct connection *connection, struct span span, struct fault *fault)
{
    for (int k = 0; k < connection->synapse->n_pathways; k++)
        if (connection->synapse->pathways[k].event)
            TRY(check_event(check, connection, &connection->synapse->pathways[k], span, fault));
    return 0;
}

/* ---- values and delay ------------------------------------------------------------------------------------ */

static const struct unit *unit_of_port(const struct check *check, const struct connection *connection)
{
    return connection->port ? &model_port(set_population(check, connection->target, 0)->model, connection->port)->unit : NULL;
}

static struct value_table table_of(struct check *check, const struct connection *connection, int list_connections)
{
    return (struct value_table){
        .check = check,
        .model = connection->synapse,
        .values = connection->values,
        .source = connection->source,
        .target = connection->target,
        .port_unit = unit_of_port(check, connection),
        .list_connections = list_connections,
    };
}

static int set_value(struct value_table *table, struct connection *connection, const char *name, struct span span,
                     struct expression *value, struct fault *fault)
{
    if (strcmp(name, "delay") != 0)
        return value_table_set(table, name, span, value, fault);
    connection->delay_is_given = true;
    return value_table_set_delay(table, value, &connection->delay_value, fault);
}

/* The model's delay is an expression like those of its equations: it follows the values that it is made of. */
static int finish_table(struct value_table *table, struct connection *connection, struct fault *fault)
{
    TRY(value_table_finish(table, fault));
    const struct expression *delay = connection->synapse->delay;
    if (!connection->delay_is_given)
        connection->delay_value = (struct value){.expression = delay, .span = delay ? delay->span : connection->span};
    TRY(value_table_finish_delay(table, &connection->delay_value, fault));
    connection->delay_is_constant = connection->delay_value.is_constant;
    return 0;
}

static int check_settings(struct check *check, struct connection *connection, const struct settings *settings,
                          struct fault *fault)
{
    connection->values = ARENA_NEW(check->arena, connection->synapse->n_variables, struct value);
    struct value_table table = table_of(check, connection, 1);
    TRY(value_table_defaults(&table, fault));
    for (int k = 0; k < settings->n_items; k++) {
        const struct setting *setting = &settings->items[k];
        for (int earlier = 0; earlier < k; earlier++)
            if (strcmp(settings->items[earlier].name, setting->name) == 0)
                return source_fault(fault, setting->span, "'%s' is set twice, first at %s", setting->name,
                                    source_place(check->arena, settings->items[earlier].span));
        TRY(set_value(&table, connection, setting->name, setting->span, setting->value, fault));
    }
    return finish_table(&table, connection, fault);
}

int synapse_assign(struct check *check, struct connection *connection, int list_connections, const struct statement *statement,
                   struct fault *fault)
{
    struct value_table table = table_of(check, connection, list_connections);
    int variable = model_variable(connection->synapse, statement->name);
    const struct value *delay = &connection->delay_value;
    TRY(value_table_check_order(&table, variable, statement->span, fault));
    if (variable >= 0 && connection->delay_is_given && !delay->is_constant && !delay->array &&
        value_mentions(connection->synapse, delay->expression, variable))
        return source_fault(fault, statement->span, "the delay is set from '%s' for each synapse: assign '%s' before it",
                            statement->name, statement->name);
    TRY(set_value(&table, connection, statement->name, statement->name_span, statement->value, fault));
    connection->n_node_assignments = check->script->n_assignments;
    return finish_table(&table, connection, fault);
}

void synapse_add_assignment(struct check *check, struct connection *connection, int variable,
                            const struct synapse_selection *selection, const struct value *value)
{
    struct script *script = check->script;
    connection->n_assignments++;
    connection->is_assigned_between |= script->projections[connection->projection].epoch < script->n_epochs;
    connection->values[variable].is_reassigned = true;
    *ARENA_PUSH(check->arena, script->synapse_assignments, script->n_synapse_assignments, check->synapse_assignments_capacity,
                struct synapse_assignment) = (struct synapse_assignment){.connection = connection->index,
                                                                         .variable = variable,
                                                                         .epoch = script->n_epochs,
                                                                         .n_assignments = script->n_assignments,
                                                                         .sources = selection->sources,
                                                                         .targets = selection->targets,
                                                                         .value = *value};
}

/* Delays are found when synapses are made; what they are made of stays. */
static int refuse_delay(const struct connection *connection, int variable, const struct statement *statement, struct fault *fault)
{
    const struct model *model = connection->synapse;
    bool is_of_delay = !connection->delay_is_given && model->delay && value_mentions(model, model->delay, variable);
    for (int k = 0; k < model->n_pathways; k++) {
        const struct pathway *pathway = &model->pathways[k];
        if (pathway->delay && !pathway_takes_delay_of_synapse(pathway))
            is_of_delay |= value_mentions(model, pathway->delay, variable);
    }
    return is_of_delay
               ? source_fault(fault, statement->name_span,
                              "'%s' is a delay of '%s', or a part of one: delays are given once, for all synapses, before "
                              "they run",
                              statement->name, connection->name)
               : 0;
}

int synapse_keep_assignment(struct check *check, struct connection *connection, const struct synapse_selection *selection,
                            const struct statement *statement, struct fault *fault)
{
    struct script *script = check->script;
    const struct model *model = connection->synapse;
    struct value_table table = table_of(check, connection, selection->n_connections);
    struct value value;
    int n_calls = 0;
    if (!strcmp(statement->name, "delay"))
        return source_fault(fault, statement->name_span,
                            "the delay of '%s' is given once, for all of its synapses, before they run", selection->name);
    TRY(value_table_read(&table, statement->name, statement->name_span, statement->value, &n_calls, &value, fault));
    if (value.array && statement->target->kind == EXPRESSION_INDEX)
        return source_fault(fault, statement->value->span,
                            "a list has a number for each of the synapses, and cannot be assigned to some of them");
    const int variable = model_variable(model, statement->name);
    TRY(refuse_delay(connection, variable, statement, fault));
    const struct declaration *declaration = &model->variables[variable];
    const struct unit unit = declaration->unit_is_port && table.port_unit ? *table.port_unit : declaration->unit;
    value.span = value.expression->span;
    value.is_constant = !value.array && constant_evaluate(value.expression, &(struct bindings){.dt = script->dt}, &value.number);
    if ((declaration->flags & FLAG_SHARED) && (!value.is_constant || statement->target->kind == EXPRESSION_INDEX))
        return source_fault(fault, value.span,
                            "'%s' is (shared): all synapses of '%s' have one value, which cannot be drawn or depend on the "
                            "synapse",
                            declaration->name, selection->name);
    if (value.is_constant && declaration->type == TYPE_INTEGER)
        value.number = trunc(value.number);
    if (value.is_constant)
        TRY(variable_check_number(check->arena, declaration, unit, value.number, value.span, fault));
    for (uint64_t k = 0; k < value.n_array; k++)
        TRY(variable_check_number(check->arena, declaration, unit, value.array[k], value.span, fault));
    if (!value.array) {
        struct expression *owned = expression_clone(check->arena, value.expression);
        calls_of_assignment(owned, connection->n_call_sites);
        value.expression = owned;
    }
    connection->n_call_sites += n_calls;
    synapse_add_assignment(check, connection, variable, selection, &value);
    return 0;
}

/* Whether spikes, or what is coupled, may arrive in the step of its emission. Where the threshold is tested behind the arrivals,
 * a spike without delay would have to wait for itself; what a device draws for each connection waits for nobody. */
static void find_least_delay(struct check *check, struct connection *connection)
{
    const struct model *synapse = connection->synapse;
    const struct population *source = set_population(check, connection->source, 0);
    connection->least_delay_reason = NULL;
    if (synapse->from_library && (connection->port || is_coupling(synapse)))
        connection->least_delay_reason = ": all synapses of the library do";
    else if (connection->port && has_on_post(synapse))
        connection->least_delay_reason = ": it has on_post";
    else if (is_coupling(synapse) && synapse->n_pathways == 0 && !connection->delay_is_constant)
        connection->least_delay_reason = ": where delays of what is coupled differ, all do";
    for (int k = 0; k < connection->target->n_parts && synapse->n_pathways && source->model->emit.kind != EMIT_PER_CONNECTION;
         k++) {
        const struct population *target = set_population(check, connection->target, k);
        if (model_spikes_after_synapses(target->model) && !connection->least_delay_reason)
            connection->least_delay_reason = arena_format(check->arena, ": its target '%s' (model '%s') spikes `after synapses`",
                                                          target->name, target->model->name);
    }
    connection->least_delay = connection->least_delay_reason ? 1 : 0;
}

/* A delay that is the same for all synapses, in steps. */
static int delay_in_steps(struct check *check, const struct connection *connection, const struct value *value, step_count *steps,
                          struct fault *fault)
{
    double delay = value->number, dt = check->script->dt;
    struct span span = value->expression ? value->span : connection->span;
    if (!(delay >= 0))
        return source_fault(fault, span, "a delay cannot be negative, but this is %.10g ms", delay * 1e3);
    if (delay / dt > DELAY_STEPS_MAX)
        return source_fault(fault, span, "a delay of %.10g ms is more than %g steps", delay * 1e3, DELAY_STEPS_MAX);
    *steps = script_steps(check->script, delay);
    if (connection->port && !value->expression)
        return source_fault(fault, span, "synapse '%s' says no delay for what it sends: set %s", connection->synapse->name,
                            connection->synapses < 0 ? "'delay' where it is connected" : "its 'delay'");
    if (*steps < connection->least_delay)
        return source_fault(fault, span, "synapse '%s' needs a delay of at least one step (%.10g ms), but this is %.10g ms%s",
                            connection->synapse->name, dt * 1e3, delay * 1e3, connection->least_delay_reason);
    double rounded = (double)*steps * dt;
    if (fabs(rounded - delay) > DELAY_TOLERANCE * dt && !check->delay_warned) {
        check_warn(check, span, "delays are whole steps of dt = %.10g ms: this one of %.10g ms becomes %.10g ms", dt * 1e3,
                   delay * 1e3, rounded * 1e3);
        check->delay_warned = true;
    }
    return 0;
}

/* What is computed in every step has the delay of the synapse. */
static int finish_coupling_delay(struct check *check, struct connection *connection, struct fault *fault)
{
    connection->coupling_delay = -1;
    return connection->delay_is_constant
               ? delay_in_steps(check, connection, &connection->delay_value, &connection->coupling_delay, fault)
               : 0;
}

/* Pathways that run at arrival have delays of their own. */
static int finish_pathway_delays(struct check *check, struct connection *connection, struct fault *fault)
{
    const struct model *synapse = connection->synapse;
    struct value_table table = table_of(check, connection, 1);
    bool is_taken = is_coupling(synapse);
    connection->pathway_delays = ARENA_NEW(check->arena, synapse->n_pathways, struct pathway_delay);
    for (int k = 0; k < synapse->n_pathways; k++) {
        const struct pathway *pathway = &synapse->pathways[k];
        struct pathway_delay *delay = &connection->pathway_delays[k];
        bool takes = pathway_takes_delay_of_synapse(pathway);
        is_taken |= takes;
        delay->value = (struct value){.expression = pathway->delay,
                                      .span = pathway->delay ? pathway->delay->span : connection->span};
        if (takes)
            delay->value = connection->delay_value;
        else if (pathway->delay_name)
            delay->value = connection->values[model_variable(synapse, pathway->delay_name)];
        TRY(value_table_finish_delay(&table, &delay->value, fault));
        if (delay->value.is_constant)
            TRY(delay_in_steps(check, connection, &delay->value, &delay->steps, fault));
    }
    if (connection->delay_is_given && !is_taken)
        return source_fault(fault, connection->delay_value.span,
                            "'delay' is that of an unnamed on_pre, or of a pathway with (delay = delay), which synapse '%s' does "
                            "not have",
                            synapse->name);
    const struct pathway *on_pre = model_on_pre(synapse);
    const struct pathway_delay *first = &connection->pathway_delays[on_pre ? on_pre - synapse->pathways : 0];
    connection->delay_value = first->value;
    connection->delay_is_constant = first->value.is_constant;
    connection->delay = first->steps;
    return 0;
}

/* ---- the first transmission ------------------------------------------------------------------------------ */

static double apply_action(const struct action *action, double old, double value)
{
    if (!action->compound)
        return value;
    switch (action->operator) {
    case OPERATOR_ADD:
        return old + value;
    case OPERATOR_SUBTRACT:
        return old - value;
    case OPERATOR_MULTIPLY:
        return old * value;
    case OPERATOR_DIVIDE:
        return old / value;
    default:
        return NAN; /* rare: leaves the range of the port to the run */
    }
}

static int check_sent(struct check *check, const struct connection *connection, double sent, struct fault *fault)
{
    struct span span = connection->span;
    for (int k = 0; k < connection->synapse->n_variables; k++)
        if (connection->synapse->variables[k].unit_is_port && connection->values[k].expression)
            span = connection->values[k].expression->span;
    for (int k = 0; k < connection->target->n_parts && !isnan(sent); k++) {
        const struct population *population = set_population(check, connection->target, k);
        const struct port *port = model_port(population->model, connection->port);
        const char *what = arena_format(check->arena, "'%s' at the port '%s' of '%s'", port->argument, port->name,
                                        population->name);
        TRY(range_check(&port->range, sent, port->unit, port->unit_text, what, span, fault));
    }
    return 0;
}

/* Run on_pre once on the initial values: what it sends must be in the port's range, e.g. no negative weight to an astrocyte. */
static int check_first_transmission(struct check *check, const struct connection *connection, struct fault *fault)
{
    const struct model *synapse = connection->synapse;
    if (!connection->port)
        return 0;
    const struct block *block = &model_on_pre(synapse)->body;
    double *variables = ARENA_NEW(check->arena, synapse->n_variables, double);
    double *locals = ARENA_NEW(check->arena, block->n_locals, double);
    for (int k = 0; k < synapse->n_variables; k++)
        variables[k] = connection->values[k].is_constant ? connection->values[k].number : NAN;
    const struct bindings bindings = {.dt = check->script->dt, .model = synapse, .variables = variables, .locals = locals};
    for (int k = 0; k < block->n_actions; k++) {
        const struct action *action = &block->actions[k];
        double value;
        if (!constant_evaluate(action->value, &bindings, &value))
            return 0; /* it depends on more than the synapse's own values */
        if (action->kind == ACTION_SEND) {
            TRY(check_sent(check, connection, value, fault));
            continue;
        }
        double *place = action->reference.kind == REFERENCE_LOCAL ? &locals[action->reference.index]
                                                                  : &variables[action->reference.index];
        *place = apply_action(action, *place, value);
    }
    return 0;
}

/* ---- all of it ------------------------------------------------------------------------------------------- */

int synapse_check_ends(struct check *check, struct connection *connection, const struct synapse_use *use, struct fault *fault)
{
    struct model *synapse = use->model;
    connection->synapse = synapse;
    connection->port = port_of_sends(synapse);
    const struct unit *port_unit = NULL;
    if (connection->port)
        TRY(find_port(check, connection, use->span, &port_unit, fault));
    for (int k = 0; k < synapse->n_variables; k++)
        if (synapse->variables[k].flags & FLAG_SUMMED)
            TRY(check_coupling(check, connection, &synapse->variables[k], use->span, fault));
    TRY(check_sources(check, connection, use->span, fault));
    TRY(check_targets(check, connection, use->span, fault));
    TRY(check_events(check, connection, use->span, fault));
    TRY(model_check_between(check, synapse, connection->source, connection->target, port_unit, use->span, fault));
    TRY(check_settings(check, connection, use->settings, fault));
    model_use(check, synapse);
    return 0;
}

int synapse_finish(struct check *check, struct connection *connection, struct fault *fault)
{
    find_least_delay(check, connection);
    if (is_coupling(connection->synapse))
        TRY(finish_coupling_delay(check, connection, fault));
    if (model_runs_at_arrival(connection->synapse))
        return finish_pathway_delays(check, connection, fault);
    if (connection->delay_is_constant)
        TRY(delay_in_steps(check, connection, &connection->delay_value, &connection->delay, fault));
    return check_first_transmission(check, connection, fault);
}
