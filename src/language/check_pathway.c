/* The pathways of a synapse model, on_pre and on_post: which of them may stand together.
 *
 * One that sends runs when the spike is emitted, and what it sends arrives `delay` later (NEST); one that does not runs when the
 * spike arrives (Brian), and may write to variables of the target. A model has pathways of one of these kinds. */
#include "language/check.h"

static const struct action *first_send(const struct pathway *pathway)
{
    for (int k = 0; k < pathway->body.n_actions; k++)
        if (pathway->body.actions[k].kind == ACTION_SEND)
            return &pathway->body.actions[k];
    return NULL;
}

/* Of a model, or NULL. */
static const struct action *first_send_of(const struct model *model)
{
    const struct action *send = NULL;
    for (int k = 0; k < model->n_pathways && !send; k++)
        send = first_send(&model->pathways[k]);
    return send;
}

static int check_distinct_names(const struct model *model, struct fault *fault)
{
    for (int k = 0; k < model->n_pathways; k++)
        for (int earlier = 0; earlier < k; earlier++)
            if (strcmp(model->pathways[earlier].name, model->pathways[k].name) == 0)
                return source_fault(fault, model->pathways[k].span,
                                    "there are two blocks called '%s': give each a name, %s NAME(…)", model->pathways[k].name,
                                    model->pathways[k].kind == PATHWAY_PRE ? "on_pre" : "on_post");
    return 0;
}

/* ---- delays of their own ---- */

static bool names_variable(const struct model *model, const struct expression *expression)
{
    bool found = expression->kind == EXPRESSION_NAME && model_variable(model, expression->name) >= 0;
    for (int k = 0; k < expression->n_children && !found; k++)
        found = names_variable(model, expression->children[k]);
    return found;
}

/* The first on_pre has that of the synapse, however it says so; others that differ from synapse to synapse are parameters. */
static bool may_differ(const struct model *model, const struct pathway *pathway)
{
    return pathway->delay && !pathway->delay_name && pathway != model_on_pre(model) && !pathway_takes_delay_of_synapse(pathway) &&
           names_variable(model, pathway->delay);
}

void pathway_delays_declare(struct check *check, struct model *model)
{
    for (int k = 0; k < model->n_pathways && model_runs_at_arrival(model); k++) {
        struct pathway *pathway = &model->pathways[k];
        if (!may_differ(model, pathway))
            continue;
        struct unit ms;
        (void)unit_find("ms", 2, &ms);
        const size_t bytes = (size_t)model->n_variables * sizeof *model->variables;
        model->variables = arena_grow(check->arena, model->variables, bytes, bytes + sizeof *model->variables);
        pathway->delay_name = arena_format(check->arena, "%s.delay", pathway->name);
        model->variables[model->n_variables++] = (struct declaration){.kind = DECLARATION_PARAMETER,
                                                                      .span = pathway->delay->span,
                                                                      .name_span = pathway->delay->span,
                                                                      .name = pathway->delay_name,
                                                                      .unit = ms,
                                                                      .unit_text = "ms",
                                                                      .type = TYPE_REAL,
                                                                      .flags = FLAG_CONSTANT,
                                                                      .value = pathway->delay,
                                                                      .is_delay = true};
    }
}

/* ---- a model that sends ---- */

static int check_on_pre(const struct model *model, const struct pathway *pathway, struct fault *fault)
{
    if (pathway != model_on_pre(model) || pathway->delay || strcmp(pathway->name, "pre") != 0)
        return source_fault(fault, pathway->span,
                            "a synapse that sends has one 'on_pre', without a name or delay of its own, in this version");
    return 0;
}

/* A spike of the target acts on the synapse when it has travelled back to it, the synapse's delay later. */
static int check_on_post(const struct model *model, const struct pathway *pathway, struct fault *fault)
{
    const struct action *send = first_send(pathway);
    if (send)
        return source_fault(fault, send->span, "'send' in 'on_post' is not supported yet");
    if (!pathway_takes_delay_of_synapse(pathway))
        return source_fault(fault, pathway->delay ? pathway->delay->span : pathway->span,
                            "in a synapse that sends, spikes of the target reach the synapse after its delay, in this version: "
                            "write on_post(delay = delay)");
    return 0;
}

static int check_no_writes(const struct pathway *pathway, struct fault *fault)
{
    for (int k = 0; k < pathway->body.n_actions; k++) {
        const struct action *action = &pathway->body.actions[k];
        if (action->kind == ACTION_ASSIGN && action->reference.kind == REFERENCE_POST)
            return source_fault(fault, action->span,
                                "a synapse either sends to a port of its target, or writes to the target's variables: here it "
                                "does both");
    }
    return 0;
}

/* It sends to one port. */
static int check_port(const struct model *model, const struct action *first, struct fault *fault)
{
    const char *port = first->name ? first->name : "spike";
    for (int p = 0; p < model->n_pathways; p++)
        for (int k = 0; k < model->pathways[p].body.n_actions; k++) {
            const struct action *action = &model->pathways[p].body.actions[k];
            const char *name = action->name ? action->name : "spike";
            if (action->kind == ACTION_SEND && strcmp(port, name) != 0)
                return source_fault(fault, action->span, "one synapse model sends to one port, here both '%s' and '%s'", port,
                                    name);
        }
    return 0;
}

static int check_sending(const struct model *model, const struct action *first, struct fault *fault)
{
    for (int k = 0; k < model->n_pathways; k++) {
        const struct pathway *pathway = &model->pathways[k];
        if (pathway->event)
            return source_fault(fault, pathway->event_span,
                                "in a synapse that sends, pathways run at spikes: at events of one's own is not supported yet");
        TRY(pathway->kind == PATHWAY_POST ? check_on_post(model, pathway, fault) : check_on_pre(model, pathway, fault));
        TRY(check_no_writes(pathway, fault));
    }
    return check_port(model, first, fault);
}

/* ---- all of them ---- */

int pathways_check(const struct model *model, struct fault *fault)
{
    const struct action *send = first_send_of(model);
    if (send && model->n_everys)
        return source_fault(fault, model->everys[0].span,
                            "a synapse that changes at regular times acts on its target when a spike has arrived, so it cannot "
                            "'send': write on_pre { NAME_post += … }");
    TRY(check_distinct_names(model, fault));
    if (send)
        return check_sending(model, send, fault);
    for (int k = 0; k < model->n_variables; k++)
        if (model->variables[k].unit_is_port)
            return source_fault(fault, model->variables[k].span,
                                "'%s' has the unit of a port, but the model sends nothing to a port", model->variables[k].name);
    return 0;
}
