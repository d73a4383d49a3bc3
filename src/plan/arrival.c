#include "plan/arrival.h"

#include <string.h>

#include "support/text.h"

/* Does an expression read the target, perhaps through subexpressions? */
static bool reads_target(const struct model *model, const struct expression *expression)
{
    if (!expression)
        return false;
    if (expression->kind == EXPRESSION_NAME) {
        const struct reference *reference = &expression->reference;
        bool is_defined = reference->kind == REFERENCE_VARIABLE &&
                          model->variables[reference->index].kind == DECLARATION_SUBEXPRESSION;
        return reference->kind == REFERENCE_POST ||
               (is_defined && reads_target(model, model->variables[reference->index].equation));
    }
    for (int k = 0; k < expression->n_children; k++)
        if (reads_target(model, expression->children[k]))
            return true;
    return false;
}

/* Does on_post stay within the synapse? */
static bool stays_within(const struct model *synapse, const struct pathway *on_post, struct span *obstacle)
{
    for (int k = 0; k < on_post->body.n_actions; k++) {
        const struct action *action = &on_post->body.actions[k];
        *obstacle = action->span;
        if (action->reference.kind == REFERENCE_POST || reads_target(synapse, action->value))
            return false;
    }
    return true;
}

static bool only_adds(const struct model *synapse, const struct action *action)
{
    bool adds = action->compound && (action->operator== OPERATOR_ADD || action->operator== OPERATOR_SUBTRACT);
    if (reads_target(synapse, action->value))
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

bool arrival_form(struct arena *arena, const struct connection *connection, struct arrival_form *form, struct span *obstacle)
{
    const struct model *synapse = connection->synapse;
    const struct pathway *pathway = model_on_pre(synapse);
    bool has_on_post = false;
    *form = (struct arrival_form){0};
    *obstacle = synapse->span;
    if (!pathway || !model_runs_at_arrival(synapse))
        return false;
    for (int k = 0; k < synapse->n_pathways; k++) {
        const struct pathway *other = &synapse->pathways[k];
        *obstacle = other->span;
        if (other->kind == PATHWAY_PRE ? other != pathway : !stays_within(synapse, other, obstacle))
            return false;
        has_on_post |= other->kind == PATHWAY_POST;
    }
    form->port = "nothing of the target";
    form->variables = ARENA_NEW(arena, pathway->body.n_actions, const char *);
    for (int k = 0; k < pathway->body.n_actions; k++) {
        const struct action *action = &pathway->body.actions[k];
        *obstacle = action->span;
        if (!only_adds(synapse, action))
            return false;
        if (action->reference.kind == REFERENCE_POST)
            add_variable(arena, action->reference.variable_name, form);
    }
    *obstacle = pathway->span;
    return form->n > 0 || has_on_post;
}
