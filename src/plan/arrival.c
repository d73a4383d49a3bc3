#include "plan/arrival.h"

#include <string.h>

#include "language/constant.h"
#include "language/functions.h"
#include "support/text.h"

int pathway_compare(const struct pathway *a, const struct pathway *b)
{
    return a->order != b->order ? (a->order > b->order) - (a->order < b->order) : strcmp(a->name, b->name);
}

/* Has a variable of the source one value for all its nodes, all the time? */
static bool is_common(const struct script *script, const struct node_set *source, const char *variable)
{
    const struct value *first = NULL;
    for (int part = 0; part < source->n_parts; part++) {
        const struct population *population = &script->populations[source->parts[part].population];
        const int index = model_variable(population->model, variable);
        const struct value *value = &population->values[index];
        first = first ? first : value;
        if (population->model->variables[index].kind != DECLARATION_PARAMETER || !value->is_constant || value->is_reassigned ||
            value->number != first->number || model_assigns(population->model, variable))
            return false;
    }
    return true;
}

/* Is what an expression reads, perhaps through subexpressions, the same for whichever nodes the synapse connects, and not random?
 * The time is not where a spike arrives at different times. */
static bool is_apart(const struct script *script, const struct connection *connection, const struct expression *expression)
{
    const struct model *synapse = connection->synapse;
    if (!expression)
        return true;
    if (expression->kind == EXPRESSION_NAME) {
        const struct reference *reference = &expression->reference;
        switch (reference->kind) {
        case REFERENCE_POST:
        case REFERENCE_INDEX_I:
        case REFERENCE_INDEX_J:
        case REFERENCE_TIME_IN_TIMESTEPS:
            return false;
        case REFERENCE_TIME:
            return connection->delay_is_constant;
        case REFERENCE_PRE:
            return is_common(script, connection->source, reference->variable_name);
        case REFERENCE_VARIABLE:
            return synapse->variables[reference->index].kind != DECLARATION_SUBEXPRESSION ||
                   is_apart(script, connection, synapse->variables[reference->index].equation);
        default:
            return true;
        }
    }
    if (expression->kind == EXPRESSION_CALL && function_signatures[expression->function].random)
        return false;
    for (int k = 0; k < expression->n_children; k++)
        if (!is_apart(script, connection, expression->children[k]))
            return false;
    return true;
}

/* Does on_post stay within the synapse? */
static bool stays_within(const struct script *script, const struct connection *connection, const struct pathway *on_post,
                         struct span *obstacle)
{
    for (int k = 0; k < on_post->body.n_actions; k++) {
        const struct action *action = &on_post->body.actions[k];
        *obstacle = action->span;
        if (action->reference.kind == REFERENCE_POST || !is_apart(script, connection, action->value))
            return false;
    }
    return true;
}

/* Does on_post act behind on_pre, and as late as `first`, another one or itself? */
static bool can_wait(const struct connection *connection, const struct pathway *on_pre, int on_post, int first)
{
    const struct pathway_delay *delays = connection->pathway_delays;
    return pathway_compare(&connection->synapse->pathways[on_post], on_pre) > 0 && connection->delay_is_constant &&
           delays[on_post].value.is_constant && delays[on_post].steps == delays[first].steps;
}

/* Is an expression 0 whatever the values are that differ between synapses: as (1 - x)/tau where x is 1? */
static bool is_zero(const struct bindings *bindings, const struct expression *expression)
{
    struct expression *const *parts = expression->children;
    double value;
    if (constant_evaluate(expression, bindings, &value))
        return value == 0;
    if (expression->kind == EXPRESSION_UNARY)
        return is_zero(bindings, parts[0]);
    if (expression->kind != EXPRESSION_BINARY)
        return false;
    switch (expression->operator) {
    case OPERATOR_MULTIPLY:
        return is_zero(bindings, parts[0]) || is_zero(bindings, parts[1]);
    case OPERATOR_DIVIDE:
        return is_zero(bindings, parts[0]);
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT:
        return is_zero(bindings, parts[0]) && is_zero(bindings, parts[1]);
    default:
        return false;
    }
}

/* Is an event-driven variable where its equation keeps it, until its first event? */
static bool rests(const struct script *script, const struct connection *connection, int variable)
{
    const struct model *synapse = connection->synapse;
    const struct bindings bindings = {.dt = script->dt, .model = synapse, .values = connection->values};
    return connection->values[variable].is_constant && is_zero(&bindings, synapse->variables[variable].equation);
}

/* Synapses of a source whose spikes arrive at different times share what the source's spikes change if only the times between
 * spikes count: not the time of day, nor that until the first. */
static bool has_equal_events(const struct script *script, const struct connection *connection, struct span *obstacle)
{
    const struct model *synapse = connection->synapse;
    for (int k = 0; k < synapse->n_variables && !connection->delay_is_constant; k++) {
        *obstacle = synapse->variables[k].name_span;
        if (synapse->variables[k].kind == DECLARATION_DERIVATIVE && !rests(script, connection, k))
            return false;
    }
    return true;
}

static bool only_adds(const struct script *script, const struct connection *connection, const struct action *action)
{
    bool adds = action->compound && (action->operator== OPERATOR_ADD || action->operator== OPERATOR_SUBTRACT);
    if (!is_apart(script, connection, action->value))
        return false;
    return action->reference.kind != REFERENCE_POST || adds;
}

static void add_variable(struct arena *arena, const char *name, struct arrival_form *form)
{
    for (int k = 0; k < form->n; k++)
        if (strcmp(form->variables[k], name) == 0)
            return;
    form->variables[form->n++] = name;
    form->port = arena_format(arena, "%s%s_post", form->n > 1 ? arena_format(arena, "%s, ", form->port) : "", name);
}

bool arrival_form(struct arena *arena, const struct script *script, const struct connection *connection,
                  struct arrival_form *form, struct span *obstacle)
{
    const struct model *synapse = connection->synapse;
    const struct pathway *pathway = model_on_pre(synapse);
    int first_on_post = -1;
    *form = (struct arrival_form){0};
    *obstacle = synapse->span;
    if (!pathway || !model_runs_at_arrival(synapse) || !has_equal_events(script, connection, obstacle))
        return false;
    for (int k = 0; k < synapse->n_pathways; k++) {
        const struct pathway *other = &synapse->pathways[k];
        *obstacle = other->span;
        if (other->event) /* of which arrivals know nothing, but the spikes of all ranks */
            return false;
        if (other->kind == PATHWAY_POST && first_on_post < 0)
            first_on_post = k;
        if (other->kind == PATHWAY_PRE
                ? other != pathway
                : !stays_within(script, connection, other, obstacle) || !can_wait(connection, pathway, k, first_on_post))
            return false;
    }
    form->port = "nothing of the target";
    form->variables = ARENA_NEW(arena, pathway->body.n_actions, const char *);
    for (int k = 0; k < pathway->body.n_actions; k++) {
        const struct action *action = &pathway->body.actions[k];
        *obstacle = action->span;
        if (!only_adds(script, connection, action))
            return false;
        if (action->reference.kind == REFERENCE_POST)
            add_variable(arena, action->reference.variable_name, form);
    }
    *obstacle = pathway->span;
    return form->n > 0 || first_on_post >= 0;
}
