/* `extends`: a model that is made from another one.
 *
 * The base's declarations and statements come first, in a copy; what the model says itself is added, or, where it has the name of
 * something of the base, stands in its place. What comes out is checked like a model that says all of it. */
#include "language/check.h"

static const char *declaration_text(const struct declaration *declaration)
{
    static const char *const texts[] = {
        [DECLARATION_PARAMETER] = "a parameter",
        [DECLARATION_DERIVATIVE] = "a differential equation",
        [DECLARATION_SUBEXPRESSION] = "an equation without d/dt",
        [DECLARATION_INPUT] = "an input",
    };
    return texts[declaration->kind];
}

/* A parameter may become an equation, and the other way round; all else stays what it is. */
static bool may_replace(const struct declaration *old, const struct declaration *new)
{
    bool was_value = old->kind == DECLARATION_PARAMETER || old->kind == DECLARATION_SUBEXPRESSION;
    bool is_value = new->kind == DECLARATION_PARAMETER || new->kind == DECLARATION_SUBEXPRESSION;
    return old->kind == new->kind || (was_value && is_value && !old->is_list && !new->is_list);
}

/* What the new declaration leaves open stays as it was: initial value, range, flags and text. */
static int replace_declaration(struct check *check, const struct model *base, struct declaration *old, struct declaration *new,
                               struct fault *fault)
{
    const char *place = source_place(check->arena, old->name_span);
    if (!may_replace(old, new))
        return source_fault(fault, new->name_span, "'%s' is %s of model '%s' (%s), so it cannot become %s", new->name,
                            declaration_text(old), base->name, place, declaration_text(new));
    if (old->type != new->type || old->is_list != new->is_list || old->unit_is_port != new->unit_is_port ||
        !dimension_equal(old->unit.dimension, new->unit.dimension))
        return source_fault(fault, new->name_span, "'%s' of model '%s' is declared as '%s%s' (%s), so it cannot become '%s%s'",
                            new->name, base->name, old->unit_text, old->is_list ? "[]" : "", place, new->unit_text,
                            new->is_list ? "[]" : "");
    if (old->kind == new->kind) {
        new->value = new->value ? new->value : old->value;
        new->flags = new->flags ? new->flags : old->flags;
        new->range = new->range.has_range || new->unit.scale != old->unit.scale ? new->range : old->range;
    }
    new->text = new->text ? new->text : old->text;
    *old = *new;
    old->is_inherited = true; /* its name is the base's */
    return 0;
}

static int add_declarations(struct check *check, const struct model *base, struct model *merged, const struct model *own,
                            struct fault *fault)
{
    struct declaration *variables = ARENA_NEW(check->arena, merged->n_variables + own->n_variables, struct declaration);
    if (merged->n_variables)
        memcpy(variables, merged->variables, (size_t)merged->n_variables * sizeof *variables);
    merged->variables = variables;
    for (int k = 0; k < merged->n_variables; k++)
        variables[k].is_inherited = true;
    for (int k = 0; k < own->n_variables; k++) {
        int first = model_variable(own, own->variables[k].name);
        if (first < k)
            return source_fault(fault, own->variables[k].name_span, "'%s' is declared twice, first at %s", own->variables[k].name,
                                source_place(check->arena, own->variables[first].name_span));
        int index = model_variable(merged, own->variables[k].name);
        if (index >= 0)
            TRY(replace_declaration(check, base, &variables[index], &own->variables[k], fault));
        else
            variables[merged->n_variables++] = own->variables[k];
    }
    return 0;
}

/* A port, pathway or the like with the name of one of the base takes its place. */
static void add_ports(struct check *check, struct model *merged, const struct model *own)
{
    int n_base = merged->n_ports;
    struct port *ports = ARENA_NEW(check->arena, n_base + own->n_ports, struct port);
    if (n_base)
        memcpy(ports, merged->ports, (size_t)n_base * sizeof *ports);
    merged->ports = ports;
    for (int k = 0; k < own->n_ports; k++) {
        int place = 0;
        while (place < n_base && strcmp(ports[place].name, own->ports[k].name) != 0)
            place++;
        ports[place < n_base ? place : merged->n_ports++] = own->ports[k];
    }
}

static void add_pathways(struct check *check, struct model *merged, const struct model *own)
{
    int n_base = merged->n_pathways;
    struct pathway *pathways = ARENA_NEW(check->arena, n_base + own->n_pathways, struct pathway);
    if (n_base)
        memcpy(pathways, merged->pathways, (size_t)n_base * sizeof *pathways);
    merged->pathways = pathways;
    for (int k = 0; k < own->n_pathways; k++) {
        int place = 0;
        while (place < n_base &&
               (pathways[place].kind != own->pathways[k].kind || strcmp(pathways[place].name, own->pathways[k].name) != 0))
            place++;
        pathways[place < n_base ? place : merged->n_pathways++] = own->pathways[k];
    }
}

/* A new list: what the base has, [n], and behind it what the model adds, [n_own], of `size` bytes each. */
static void *joined(struct check *check, const void *base, int n, const void *own, int n_own, size_t size)
{
    char *list = arena_new(check->arena, (size_t)(n + n_own) * size);
    if (n)
        memcpy(list, base, (size_t)n * size);
    if (n_own)
        memcpy(list + (size_t)n * size, own, (size_t)n_own * size);
    return list;
}

/* Statements at regular times have no name: all of them run. An event with the name of another is found where names are checked.
 */
static void add_lists(struct check *check, struct model *merged, const struct model *own)
{
    merged->everys = joined(check, merged->everys, merged->n_everys, own->everys, own->n_everys, sizeof *own->everys);
    merged->n_everys += own->n_everys;
    merged->events = joined(check, merged->events, merged->n_events, own->events, own->n_events, sizeof *own->events);
    merged->n_events += own->n_events;
    merged->citations = joined(check, merged->citations, merged->n_citations, own->citations, own->n_citations,
                               sizeof *own->citations);
    merged->n_citations += own->n_citations;
}

/* A block that the model has, be it empty. */
static void take_block(struct block *merged, const struct block *own)
{
    if (own->span.source)
        *merged = *own;
}

static void take_expression(struct expression **merged, struct expression *own)
{
    if (own)
        *merged = own;
}

static void take_statements(struct model *merged, const struct model *own)
{
    if (own->threshold || own->emit.kind != EMIT_NONE) {
        merged->threshold = own->threshold;
        merged->threshold_mode = own->threshold_mode;
        merged->emit = own->emit;
    }
    if (own->method) {
        merged->method = own->method;
        merged->method_span = own->method_span;
        merged->method_abs = own->method_abs;
        merged->method_rel = own->method_rel;
    }
    if (own->spike_time_given)
        merged->spike_time_end = own->spike_time_end;
    take_expression(&merged->refractory, own->refractory);
    take_expression(&merged->delay, own->delay);
    take_block(&merged->reset, &own->reset);
    take_block(&merged->before_step, &own->before_step);
    take_block(&merged->after_step, &own->after_step);
    take_block(&merged->after_synapses, &own->after_synapses);
}

static int check_kinds(const struct model *model, const struct model *base, struct fault *fault)
{
    bool agree = model->kind == base->kind || (model->is_inline && model->kind != MODEL_SYNAPSE);
    if (agree)
        return 0;
    return source_fault(fault, model->extends_span, "'%s' is a %s model, so a %s model cannot extend it", base->name,
                        model_kind_text(base->kind), model_kind_text(model->kind));
}

int model_extend(struct check *check, struct model *model, struct fault *fault)
{
    struct model *base;
    TRY(model_require(check, model->extends, model->extends_span, model->kind == MODEL_SYNAPSE, &base, fault));
    TRY(check_kinds(model, base, fault));
    struct model merged = *model_clone(check->arena, base);
    merged.kind = base->kind;
    merged.span = model->span;
    merged.name_span = model->name_span;
    merged.name = model->name;
    merged.text = model->text ? model->text : base->text;
    merged.extends = NULL;
    merged.is_inline = model->is_inline;
    merged.from_library = merged.checked = merged.used = false;
    TRY(add_declarations(check, base, &merged, model, fault));
    add_ports(check, &merged, model);
    add_pathways(check, &merged, model);
    add_lists(check, &merged, model);
    take_statements(&merged, model);
    *model = merged;
    return 0;
}
