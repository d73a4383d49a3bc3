/* How many synapses there are, in what a synapse model computes: N, N_incoming, N_outgoing.
 *
 * A model that names one of them gets a parameter of this name, whose value in each synapse is that number. So whatever may be
 * made of a synapse's own values may be made of these. Connections that follow behind a run make more synapses: then those that
 * are there already are counted once more, by an assignment that the checker adds. */
#include "language/check.h"

static const struct {
    const char *name;
    enum reference_kind kind;
} counts[] = {
    {"N", REFERENCE_SYNAPSES},
    {"N_incoming", REFERENCE_INCOMING},
    {"N_outgoing", REFERENCE_OUTGOING},
};

/* ---- does the model name it? ------------------------------------------------------------------------------ */

static bool names(const struct expression *expression, const char *name)
{
    if (!expression)
        return false;
    bool found = expression->kind == EXPRESSION_NAME && strcmp(expression->name, name) == 0;
    for (int k = 0; k < expression->n_children && !found; k++)
        found = names(expression->children[k], name);
    return found;
}

static bool model_names(const struct model *model, const char *name)
{
    bool found = names(model->delay, name);
    for (int k = 0; k < model->n_variables && !found; k++)
        found = names(model->variables[k].equation, name) || names(model->variables[k].value, name);
    for (int p = 0; p < model->n_pathways && !found; p++) {
        found = names(model->pathways[p].delay, name);
        for (int k = 0; k < model->pathways[p].body.n_actions && !found; k++)
            found = names(model->pathways[p].body.actions[k].value, name);
    }
    for (int e = 0; e < model->n_everys && !found; e++)
        for (int k = 0; k < model->everys[e].body.n_actions && !found; k++)
            found = names(model->everys[e].body.actions[k].value, name);
    return found;
}

/* ---- the parameter ---------------------------------------------------------------------------------------- */

static struct declaration declaration_of(struct check *check, const struct model *model, const char *name,
                                         enum reference_kind kind)
{
    struct expression *value = ARENA_NEW(check->arena, 1, struct expression);
    *value = (struct expression){.kind = EXPRESSION_NAME, .span = model->name_span, .name = name, .depth = 1};
    value->reference.kind = kind;
    expression_set_result(value, TYPE_INTEGER, (struct dimension){0});
    return (struct declaration){.kind = DECLARATION_PARAMETER,
                                .span = model->name_span,
                                .name_span = model->name_span,
                                .name = name,
                                .unit = {.scale = 1},
                                .unit_text = "integer",
                                .type = TYPE_INTEGER,
                                .flags = FLAG_CONSTANT,
                                .value = value,
                                .is_count = true};
}

void counts_declare(struct check *check, struct model *model)
{
    for (size_t k = 0; k < sizeof(counts) / sizeof(*counts) && model->kind == MODEL_SYNAPSE; k++) {
        const bool is_of_script = !model->from_library && named_find(check, counts[k].name);
        if (is_of_script || model_variable(model, counts[k].name) >= 0 || !model_names(model, counts[k].name))
            continue;
        const size_t bytes = (size_t)model->n_variables * sizeof *model->variables;
        model->variables = arena_grow(check->arena, model->variables, bytes, bytes + sizeof *model->variables);
        model->variables[model->n_variables++] = declaration_of(check, model, counts[k].name, counts[k].kind);
    }
}

/* ---- behind a run ------------------------------------------------------------------------------------------ */

static bool is_counted_anew(const struct script *script, const struct connection *connection, int variable)
{
    for (int k = 0; k < script->n_synapse_assignments; k++) {
        const struct synapse_assignment *assignment = &script->synapse_assignments[k];
        if (assignment->connection == connection->index && assignment->variable == variable &&
            assignment->epoch == script->n_epochs)
            return true;
    }
    return false;
}

static void count_anew(struct check *check, struct connection *connection, int variable)
{
    const struct value value = {.expression = connection->synapse->variables[variable].value, .span = connection->span};
    const struct synapse_selection all = {.sources = {0, connection->source->size}, .targets = {0, connection->target->size}};
    if (!is_counted_anew(check->script, connection, variable))
        synapse_add_assignment(check, connection, variable, &all, &value);
}

void counts_renew(struct check *check, const struct synapses *synapses)
{
    struct script *script = check->script;
    for (int c = 0; c < synapses->n_connections; c++) {
        struct connection *connection = &script->connections[synapses->connections[c]];
        const struct model *model = connection->synapse;
        for (int k = 0; k < model->n_variables && script->projections[connection->projection].epoch < script->n_epochs; k++)
            if (model->variables[k].is_count)
                count_anew(check, connection, k);
    }
}
