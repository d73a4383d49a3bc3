/* A model on its own: its names, flags, units, expressions, and that its subexpressions do not run in circles.
 *
 * A synapse model is checked twice: here, where the models at its ends are unknown and `port` is a unit of its own; and between
 * its ends for every connection (model_check_between). */
#include "language/check.h"

/* More is a mistake, and names are looked up one by one. */
#define DECLARATIONS_MAX 4096

/* Longest chain of subexpressions that use one another. */
#define SUBEXPRESSION_CHAIN_MAX 500

const char *model_kind_text(enum model_kind kind)
{
    switch (kind) {
    case MODEL_NEURON:
        return "neuron";
    case MODEL_ASTROCYTE:
        return "astrocyte";
    case MODEL_SYNAPSE:
        return "synapse";
    case MODEL_DEVICE:
        return "device";
    }
    return "";
}

bool model_spikes(const struct model *model)
{
    return model->threshold || model->emit.kind != EMIT_NONE;
}

/* ---- names ----------------------------------------------------------------------------------------------- */

static int check_variable_name(struct check *check, const struct model *model, const struct declaration *variable,
                               struct fault *fault)
{
    TRY(name_check_reserved(variable->name, variable->name_span, fault));
    bool is_summed = variable->flags & FLAG_SUMMED;
    if (is_summed && name_ends_with(variable->name, "_pre"))
        return source_fault(fault, variable->name_span, "sums into the source (_pre) are not supported yet");
    if (is_summed != name_ends_with(variable->name, "_post"))
        return source_fault(fault, variable->name_span,
                            is_summed
                                ? "'%s': a (summed) equation is named for the variable of the target that it drives: NAME_post"
                                : "'%s' ends in _post: only (summed) equations of synapses are named so",
                            variable->name);
    if (name_ends_with(variable->name, "_pre"))
        return source_fault(fault, variable->name_span, "'%s' ends in _pre, which stands for variables of the source",
                            variable->name);
    bool is_of_script = !model->from_library && !model->is_link && !variable->is_inherited;
    const struct named *named = is_of_script ? named_find(check, variable->name) : NULL;
    if (named)
        return source_fault(fault, variable->name_span,
                            "'%s' is already a name of the script, see %s; the variable needs another one", variable->name,
                            source_place(check->arena, named->span));
    return 0;
}

static int check_names(struct check *check, const struct model *model, struct fault *fault)
{
    for (int k = 0; k < model->n_variables; k++) {
        const struct declaration *variable = &model->variables[k];
        TRY(check_variable_name(check, model, variable, fault));
        int first = model_variable(model, variable->name);
        if (first < k)
            return source_fault(fault, variable->name_span, "'%s' is declared twice, first at %s", variable->name,
                                source_place(check->arena, model->variables[first].name_span));
    }
    for (int k = 0; k < model->n_ports; k++) {
        const struct port *port = &model->ports[k];
        TRY(name_check_reserved(port->name, port->span, fault));
        TRY(name_check_reserved(port->argument, port->span, fault));
        if (model_variable(model, port->argument) >= 0)
            return source_fault(fault, port->span, "'%s' is a variable of the model already; name what arrives differently",
                                port->argument);
        if (model_port(model, port->name) != port || model_variable(model, port->name) >= 0)
            return source_fault(fault, port->span, "the port '%s' has the name of another port or variable", port->name);
    }
    return 0;
}

/* ---- flags and what a kind of model may hold ------------------------------------------------------------- */

struct flag_rule {
    enum flag flag;
    const char *text;
    bool supported, in_nodes, in_synapses;
    bool parameter, derivative, subexpression;
};

static const struct flag_rule flag_rules[] = {
    {FLAG_UNLESS_REFRACTORY, "unless refractory", true, true, false, false, true, false},
    {FLAG_EVENT_DRIVEN, "event-driven", true, false, true, false, true, false},
    {FLAG_CLOCK_DRIVEN, "clock-driven", true, false, true, false, true, false},
    {FLAG_SUMMED, "summed", true, false, true, false, false, true},
    {FLAG_CONSTANT, "constant", true, true, true, true, false, false},
    {FLAG_SHARED, "shared", true, true, true, true, false, true},
    {FLAG_CONSTANT_OVER_DT, "constant over dt", true, true, false, false, false, true},
    {FLAG_LINKED, "linked", true, true, false, true, false, false},
    {FLAG_SINGLE, "single", true, false, true, true, false, false},
};

static int check_flags(const struct model *model, const struct declaration *variable, struct fault *fault)
{
    bool in_synapse = model->kind == MODEL_SYNAPSE;
    for (size_t k = 0; k < sizeof(flag_rules) / sizeof(*flag_rules); k++) {
        const struct flag_rule *rule = &flag_rules[k];
        if (!(variable->flags & rule->flag))
            continue;
        if (!(in_synapse ? rule->in_synapses : rule->in_nodes))
            return source_fault(fault, variable->span, "'%s': (%s) is for %s models only", variable->name, rule->text,
                                in_synapse ? "neuron, astrocyte and device" : "synapse");
        if ((variable->kind == DECLARATION_PARAMETER && !rule->parameter) ||
            (variable->kind == DECLARATION_DERIVATIVE && !rule->derivative) ||
            (variable->kind == DECLARATION_SUBEXPRESSION && !rule->subexpression) || variable->kind == DECLARATION_INPUT)
            return source_fault(fault, variable->span, "'%s': (%s) is for %s only", variable->name, rule->text,
                                rule->derivative                         ? "differential equations"
                                : rule->parameter && rule->subexpression ? "parameters and equations without d/dt"
                                : rule->parameter                        ? "parameters"
                                                                         : "equations without d/dt");
        if (!rule->supported)
            return source_fault(fault, variable->span, "'%s': (%s) is not supported yet", variable->name, rule->text);
    }
    return 0;
}

/* A (linked) parameter is nothing but another name for what it is linked to. */
static int check_linked(const struct declaration *variable, struct fault *fault)
{
    if (!(variable->flags & FLAG_LINKED))
        return 0;
    if (variable->flags != FLAG_LINKED)
        return source_fault(fault, variable->span, "'%s': (linked) goes with no other flag", variable->name);
    if (variable->is_list)
        return source_fault(fault, variable->span, "'%s': a list cannot be (linked): it is set for the whole population",
                            variable->name);
    if (variable->value || variable->range.has_range)
        return source_fault(fault, variable->span,
                            "'%s' is (linked), so its values are those of another variable: it has no default and no range",
                            variable->name);
    return 0;
}

static int check_declaration_kind(const struct model *model, const struct declaration *variable, struct fault *fault)
{
    TRY(check_flags(model, variable, fault));
    TRY(check_linked(variable, fault));
    bool in_synapse = model->kind == MODEL_SYNAPSE;
    if (variable->flags & FLAG_EVENT_DRIVEN && variable->flags & FLAG_CLOCK_DRIVEN)
        return source_fault(fault, variable->span, "'%s' cannot be both (event-driven) and (clock-driven)", variable->name);
    if (!in_synapse && variable->unit_is_port)
        return source_fault(fault, variable->span, "'%s': the unit 'port' is for synapse models only", variable->name);
    if (variable->kind == DECLARATION_DERIVATIVE && variable->type != TYPE_REAL)
        return source_fault(fault, variable->span, "'%s' has a differential equation, so it cannot be integer or boolean",
                            variable->name);
    if (variable->is_list && (variable->kind != DECLARATION_PARAMETER || in_synapse))
        return source_fault(fault, variable->span, "'%s': only parameters of neurons, astrocytes and devices can be lists",
                            variable->name);
    const struct range *range = &variable->range;
    if (range->has_range && !(range->low < range->high || (range->low == range->high && !range->low_open && !range->high_open)))
        return source_fault(fault, range->span, "this range is empty");
    return 0;
}

/* What a reader of the model would believe, and is not so. */
static void warn_of_no_effect(struct check *check, const struct model *model)
{
    bool has_equations = false;
    for (int k = 0; k < model->n_variables; k++) {
        const struct declaration *variable = &model->variables[k];
        has_equations |= variable->kind == DECLARATION_DERIVATIVE;
        if (variable->flags & FLAG_UNLESS_REFRACTORY && !model->refractory)
            check_warn(check, variable->span, "(unless refractory) has no effect: '%s' has no refractory period", model->name);
    }
    if (model->method && !has_equations)
        check_warn(check, model->method_span, "a method has no effect: '%s' has no differential equations", model->name);
}

static int check_spike_parts(struct check *check, const struct model *model, struct fault *fault)
{
    bool spikes_by_state = model->threshold || model->emit.kind == EMIT_COUNT;
    if (model->threshold && model->emit.kind != EMIT_NONE)
        return source_fault(fault, model->emit.span, "a model has either a threshold or 'emit', not both");
    if (!spikes_by_state && model->reset.n_actions)
        return source_fault(fault, model->reset.span, "a reset without a threshold or 'emit COUNT' never happens");
    if (!spikes_by_state && model->refractory)
        check_warn(check, model->refractory->span, "a refractory period without a threshold or 'emit COUNT' has no effect");
    if (model->threshold && model->threshold_mode == THRESHOLD_EACH_SUB_STEP &&
        (!model->method || strcmp(model->method, "rkf45") != 0))
        return source_fault(fault, model->threshold->span, "'each sub_step' needs an adaptive integrator: method rkf45(…)");
    return 0;
}

/* ---- expressions ----------------------------------------------------------------------------------------- */

/* What the expressions of a model may use; the caller adds the ends of a synapse. */
static struct scope model_scope(struct check *check, const struct model *model, int *n_call_sites)
{
    return (struct scope){
        .check = check,
        .model = model,
        .closed = model->from_library || model->is_link,
        .sees_time = true,
        .sees_position = true,
        .n_call_sites = n_call_sites,
    };
}

/* The names of the noise in an expression, each once. */
static void find_noises(struct check *check, struct model *model, const struct expression *expression)
{
    bool is_noise = expression->kind == EXPRESSION_NAME &&
                    (strcmp(expression->name, "xi") == 0 || strncmp(expression->name, "xi_", 3) == 0);
    for (int k = 0; k < model->n_noises && is_noise; k++)
        is_noise = strcmp(model->noises[k], expression->name) != 0;
    if (is_noise) {
        const char **longer = ARENA_NEW(check->arena, model->n_noises + 1, const char *);
        for (int k = 0; k < model->n_noises; k++)
            longer[k] = model->noises[k];
        longer[model->n_noises++] = expression->name;
        model->noises = longer;
    }
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k])
            find_noises(check, model, expression->children[k]);
}

static bool has_noise(const struct model *model, const struct expression *expression)
{
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_NOISE)
        return true;
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_VARIABLE)
        return model_has_noise(model, expression->reference.index);
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k] && has_noise(model, expression->children[k]))
            return true;
    return false;
}

bool model_has_noise(const struct model *model, int variable)
{
    const struct declaration *declaration = &model->variables[variable];
    return model->n_noises && declaration->kind == DECLARATION_SUBEXPRESSION && has_noise(model, declaration->equation);
}

/* Does the name belong to one node, synapse or pair? */
static bool is_of_one(const struct model *model, const struct reference *reference)
{
    switch (reference->kind) {
    case REFERENCE_VARIABLE:
        return !(model->variables[reference->index].flags & FLAG_SHARED);
    case REFERENCE_INDEX_I:
    case REFERENCE_INDEX_J:
    case REFERENCE_NOT_REFRACTORY:
    case REFERENCE_LASTSPIKE:
    case REFERENCE_PRE:
    case REFERENCE_POST:
    case REFERENCE_DISTANCE:
    case REFERENCE_INCOMING:
    case REFERENCE_OUTGOING:
        return true;
    default:
        return false;
    }
}

/* An equation of the population, or of all synapses, as a whole: of what they have in common. */
static int check_shared(const struct model *model, const struct declaration *variable, const struct expression *expression,
                        struct fault *fault)
{
    if (expression->kind == EXPRESSION_NAME && is_of_one(model, &expression->reference))
        return source_fault(fault, expression->span, "'%s' is (shared), so it can depend on (shared) variables only, not on '%s'",
                            variable->name, expression->name);
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k])
            TRY(check_shared(model, variable, expression->children[k], fault));
    return 0;
}

/* A draw has one value in a step where it is held. */
static const char *random_refusal_in(const struct declaration *variable)
{
    if (variable->kind == DECLARATION_DERIVATIVE)
        return "in a differential equation: noise is written xi, and NAME = rand() : 1 (constant over dt) draws once in each "
               "step";
    if (variable->flags & FLAG_SHARED)
        return "in a (shared) equation, which has one value for all nodes";
    if (variable->flags & FLAG_CONSTANT_OVER_DT)
        return NULL;
    return "in this equation, which would draw wherever it is used: flag it (constant over dt)";
}

static int check_equation(struct scope *scope, const struct declaration *variable, struct fault *fault)
{
    struct expression *equation = variable->equation;
    int n_call_sites = 0, *const of_model = scope->n_call_sites;
    scope->random_refusal = random_refusal_in(variable);
    scope->n_call_sites = &n_call_sites;
    scope->sees_noise = !(variable->flags & (FLAG_EVENT_DRIVEN | FLAG_SUMMED));
    bool is_of_device = scope->model->kind == MODEL_DEVICE && variable->kind == DECLARATION_SUBEXPRESSION;
    scope->drawn_equation = is_of_device ? equation : NULL;
    TRY(expression_check(scope, equation, fault));
    scope->n_call_sites = of_model;
    scope->random_refusal = "in an equation";
    scope->drawn_equation = NULL;
    scope->sees_noise = false;
    if (variable->flags & FLAG_SHARED)
        TRY(check_shared(scope->model, variable, equation, fault));
    if (variable->type == TYPE_BOOLEAN) {
        if (equation->type != TYPE_BOOLEAN)
            return source_fault(fault, equation->span, "'%s' is boolean, so its equation must be a condition", variable->name);
        return 0;
    }
    struct dimension declared = variable->unit.dimension;
    if (scope->port_unit)
        declared = dimension_at_port(declared, scope->port_unit->dimension);
    bool is_derivative = variable->kind == DECLARATION_DERIVATIVE;
    struct dimension expected = is_derivative ? dimension_quotient(declared, dimension_of_time()) : declared;
    return expression_require_right_side(equation, variable->name, declared, expected, fault);
}

static int check_default_list(const struct declaration *variable, struct fault *fault)
{
    const struct expression *value = variable->value;
    if (!value->is_list)
        return source_fault(fault, value->span, "the value of '%s' must be a list", variable->name);
    bool is_empty = value->kind == EXPRESSION_ARRAY && value->n_children == 0;
    if (!is_empty && !dimension_equal(value->dimension, variable->unit.dimension))
        return source_fault(fault, value->span, "the value of '%s' must be %s, but this list is %s", variable->name,
                            IN_DIMENSION(variable->unit.dimension), IN_DIMENSION(value->dimension));
    return 0;
}

static int check_default_number(struct check *check, const struct declaration *variable, struct fault *fault)
{
    const struct expression *value = variable->value;
    const char *what = arena_format(check->arena, "the value of '%s'", variable->name);
    /* a bare number counts in the port's unit, whatever that will be */
    bool is_bare = variable->unit_is_port && type_is_number(value->type) && dimension_none(value->dimension);
    TRY(expression_require(value, is_bare ? value->dimension : variable->unit.dimension, what, fault));
    double number;
    if (!constant_evaluate(value, &(struct bindings){0}, &number))
        return 0;
    if (variable->type == TYPE_INTEGER)
        number = trunc(number);
    return variable_check_number(check->arena, variable, variable->unit, number, value->span, fault);
}

/* Default and initial values: their names are those of the model's variables; they may draw for each node. */
static int check_default(const struct scope *scope, const struct declaration *variable, struct fault *fault)
{
    int n_call_sites = 0;
    struct scope inside = *scope;
    inside.sees_time = false;
    inside.is_default = true;
    inside.random_refusal = NULL;
    inside.n_call_sites = &n_call_sites;
    TRY(expression_check(&inside, variable->value, fault));
    if (variable->is_list)
        return check_default_list(variable, fault);
    if (variable->type != TYPE_BOOLEAN)
        return check_default_number(scope->check, variable, fault);
    if (variable->value->type != TYPE_BOOLEAN)
        return source_fault(fault, variable->value->span, "the value of '%s' must be a condition", variable->name);
    return 0;
}

/* The scope of what runs once in a step, or at a spike: it may draw, and numbers its draws for itself. */
static struct scope drawing_scope(const struct scope *scope, int *n_call_sites)
{
    struct scope inside = *scope;
    *n_call_sites = 0;
    inside.random_refusal = NULL;
    inside.n_call_sites = n_call_sites;
    return inside;
}

static int check_drawing_block(const struct scope *scope, struct block *block, struct fault *fault)
{
    int n_call_sites;
    struct scope inside = drawing_scope(scope, &n_call_sites);
    return block_check(&inside, block, fault);
}

/* Of a synapse it changes the synapse. */
static int check_every(const struct scope *scope, struct every *every, struct fault *fault)
{
    struct scope inside = *scope;
    inside.sees_time = false;
    TRY(expression_check_number(&inside, every->period, dimension_of_time(), "what stands behind 'every'", fault));
    TRY(check_drawing_block(scope, &every->body, fault));
    for (int k = 0; k < every->body.n_actions; k++) {
        const struct action *action = &every->body.actions[k];
        if (action->reference.kind == REFERENCE_POST)
            return source_fault(fault, action->name_span,
                                "'%s': 'every' of a synapse changes the synapse's own variables; those of the target are changed "
                                "by its pathways, or by 'every' of the target",
                                action->name);
    }
    return 0;
}

static int check_spiking(const struct scope *outside, struct model *model, struct fault *fault)
{
    int n_call_sites;
    struct scope inside = drawing_scope(outside, &n_call_sites), *scope = &inside;
    if (model->threshold_mode == THRESHOLD_EACH_SUB_STEP)
        scope->random_refusal = "in a threshold that is tested in each sub-step";
    if (model->threshold)
        TRY(expression_check_condition(scope, model->threshold, "a threshold", fault));
    if (model->refractory) {
        struct expression *refractory = model->refractory;
        inside = drawing_scope(outside, &n_call_sites);
        TRY(expression_check(scope, refractory, fault));
        bool is_time = refractory->is_list || (refractory->type != TYPE_INTEGER && refractory->type != TYPE_BOOLEAN);
        if (is_time)
            TRY(expression_require(refractory, dimension_of_time(),
                                   "a refractory period (unless it is a whole number of steps, or a condition)", fault));
        double period;
        if (refractory->type != TYPE_BOOLEAN && constant_evaluate(refractory, &(struct bindings){0}, &period) && period < 0)
            return source_fault(fault, refractory->span, "a refractory period cannot be negative");
    }
    return 0;
}

/* Count the lists that an expression names; `index` gets the last. */
static int lists_named(const struct model *model, const struct expression *expression, int *index)
{
    int n = 0;
    if (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_VARIABLE &&
        model->variables[expression->reference.index].is_list) {
        *index = expression->reference.index;
        return 1;
    }
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k])
            n += lists_named(model, expression->children[k], index);
    return n;
}

int model_emission_list(const struct model *model)
{
    int index = -1;
    lists_named(model, model->emit.count, &index);
    return index;
}

static int check_emit_at(struct scope *scope, const struct model *model, struct fault *fault)
{
    const struct expression *times = model->emit.count;
    int index;
    scope->lists_as_elements = true;
    TRY(expression_check_number(scope, model->emit.count, dimension_of_time(), "what stands behind 'emit at'", fault));
    scope->lists_as_elements = false;
    if (lists_named(model, times, &index) != 1)
        return source_fault(fault, times->span,
                            "'emit at' needs one list of times: a parameter such as 'spike_times : ms[] = []'");
    if (!model->emit.period)
        return 0;
    if (model->emit.condition)
        return source_fault(fault, model->emit.condition->span,
                            "spikes that are repeated with 'every' have no 'if', which is asked once for each listed time");
    return expression_check_number(scope, model->emit.period, dimension_of_time(), "a period", fault);
}

static int check_emit_count(struct scope *scope, const struct emit *emit, struct fault *fault)
{
    struct expression *count = emit->count;
    TRY(expression_check_number(scope, count, (struct dimension){0}, "the number of spikes", fault));
    if (count->type != TYPE_INTEGER)
        return source_fault(fault, count->span, "the number of spikes must be an integer, e.g. %s or int(…)",
                            emit->kind == EMIT_PER_CONNECTION ? "poisson(…)" : "a variable 'n : integer'");
    return 0;
}

static int check_emit(const struct scope *scope, const struct model *model, struct fault *fault)
{
    static const char *const random_refusals[] = {
        [EMIT_PER_CONNECTION] = NULL,
        [EMIT_AT] = "in 'emit at'",
        [EMIT_COUNT] = "in 'emit': only 'emit per connection' draws",
    };
    const struct emit *emit = &model->emit;
    struct scope inside = *scope;
    if (emit->kind == EMIT_NONE)
        return 0;
    inside.random_refusal = random_refusals[emit->kind];
    TRY(emit->kind == EMIT_AT ? check_emit_at(&inside, model, fault) : check_emit_count(&inside, emit, fault));
    inside.random_refusal = "in the condition of 'emit'";
    return emit->condition ? expression_check_condition(&inside, emit->condition, "what follows 'if'", fault) : 0;
}

static int check_method(struct scope *scope, struct model *model, struct fault *fault)
{
    if (!model->method)
        return 0;
    struct candidates candidates = {.arena = scope->check->arena};
    bool known = false;
    for (const char *const *method = scope->check->vocabulary->methods; *method; method++) {
        candidates_add(&candidates, *method);
        known = known || strcmp(*method, model->method) == 0;
    }
    if (!known)
        return source_fault(fault, model->method_span, "unknown method '%s' (the methods are %s)%s", model->method,
                            candidates_list(&candidates), candidates_suggestion(&candidates, model->method));
    struct expression *const tolerances[] = {model->method_abs, model->method_rel};
    for (int k = 0; k < 2; k++) {
        if (!tolerances[k])
            continue;
        if (strcmp(model->method, "rkf45") != 0)
            return source_fault(fault, tolerances[k]->span, "method %s takes no tolerances", model->method);
        double number;
        TRY(expression_check_number(scope, tolerances[k], (struct dimension){0}, "a tolerance (in each variable's declared unit)",
                                    fault));
        if (!constant_evaluate(tolerances[k], &(struct bindings){0}, &number) || !(number >= 0) || isinf(number) ||
            (k == 0 && number == 0))
            return source_fault(fault, tolerances[k]->span, "a tolerance must be a constant %s 0",
                                k == 0 ? "above" : "not below");
    }
    return 0;
}

/* `delay` is that of the synapse. */
static int check_pathway_delays(struct scope *scope, const struct model *model, struct fault *fault)
{
    for (int k = 0; k < model->n_pathways; k++) {
        struct expression *delay = model->pathways[k].delay;
        if (delay && !pathway_takes_delay_of_synapse(&model->pathways[k]))
            TRY(expression_check_number(scope, delay, dimension_of_time(), "a delay", fault));
    }
    return 0;
}

static int check_expressions(struct scope *scope, struct model *model, struct fault *fault)
{
    for (int k = 0; k < model->n_variables; k++)
        if (model->variables[k].equation)
            find_noises(scope->check, model, model->variables[k].equation);
    for (int k = 0; k < model->n_variables; k++)
        if (model->variables[k].equation)
            TRY(check_equation(scope, &model->variables[k], fault));
    scope->random_refusal = "here: statements that draw are not supported yet";
    for (int k = 0; k < model->n_ports; k++) {
        struct scope inside = *scope;
        inside.port = &model->ports[k];
        TRY(block_check(&inside, &model->ports[k].body, fault));
    }
    const bool draws = model_runs_at_arrival(model);
    for (int k = 0; k < model->n_pathways; k++)
        TRY(draws ? check_drawing_block(scope, &model->pathways[k].body, fault)
                  : block_check(scope, &model->pathways[k].body, fault));
    struct block *const blocks[] = {&model->reset, &model->before_step, &model->after_step, &model->after_synapses,
                                    &model->after_thresholds};
    for (size_t k = 0; k < sizeof(blocks) / sizeof(*blocks); k++)
        TRY(check_drawing_block(scope, blocks[k], fault));
    for (int k = 0; k < model->n_everys; k++)
        TRY(check_every(scope, &model->everys[k], fault));
    for (int k = 0; k < model->n_events; k++)
        TRY(check_drawing_block(scope, &model->events[k].body, fault));
    TRY(check_spiking(scope, model, fault));
    return check_emit(scope, model, fault);
}

/* ---- circles --------------------------------------------------------------------------------------------- */

struct walk {
    const struct model *model;
    int *chain; /* subexpressions from the first to the one being looked at */
    int n_chain;
    bool *is_done; /* [n_variables] */
};

static int visit_subexpression(struct walk *walk, int index, struct fault *fault);

static int visit(struct walk *walk, const struct expression *expression, struct fault *fault)
{
    const struct reference *reference = &expression->reference;
    if (expression->kind == EXPRESSION_NAME && reference->kind == REFERENCE_VARIABLE &&
        walk->model->variables[reference->index].kind == DECLARATION_SUBEXPRESSION)
        return visit_subexpression(walk, reference->index, fault);
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k])
            TRY(visit(walk, expression->children[k], fault));
    return 0;
}

static int visit_subexpression(struct walk *walk, int index, struct fault *fault)
{
    const struct declaration *variable = &walk->model->variables[index];
    if (walk->is_done[index])
        return 0;
    for (int k = 0; k < walk->n_chain; k++)
        if (walk->chain[k] == index) {
            const struct declaration *last = &walk->model->variables[walk->chain[walk->n_chain - 1]];
            if (k == walk->n_chain - 1)
                return source_fault(fault, variable->name_span, "'%s' is defined by itself", variable->name);
            return source_fault(fault, variable->name_span,
                                "'%s' is defined in a circle: it depends on '%s', which depends on it", variable->name,
                                last->name);
        }
    if (walk->n_chain == SUBEXPRESSION_CHAIN_MAX)
        return source_fault(fault, variable->name_span, "more than %d equations use one another in a chain",
                            SUBEXPRESSION_CHAIN_MAX);
    walk->chain[walk->n_chain++] = index;
    TRY(visit(walk, variable->equation, fault));
    walk->n_chain--;
    walk->is_done[index] = true;
    return 0;
}

int model_check_circles(struct check *check, const struct model *model, struct fault *fault)
{
    struct walk walk = {
        .model = model,
        .chain = ARENA_NEW(check->arena, SUBEXPRESSION_CHAIN_MAX, int),
        .is_done = ARENA_NEW(check->arena, model->n_variables, bool),
    };
    for (int k = 0; k < model->n_variables; k++)
        if (model->variables[k].kind == DECLARATION_SUBEXPRESSION)
            TRY(visit_subexpression(&walk, k, fault));
    return 0;
}

/* ---- events ---------------------------------------------------------------------------------------------- */

/* Each event gets a boolean variable of its name, which holds whether it happens in the step. */
static void declare_events(struct check *check, struct model *model)
{
    const int n_new = model->n_events - model->n_declared_events;
    if (n_new == 0)
        return;
    struct declaration *variables = ARENA_NEW(check->arena, model->n_variables + n_new, struct declaration);
    struct block *tests = &model->after_thresholds;
    struct action *actions = ARENA_NEW(check->arena, tests->n_actions + n_new, struct action);
    if (model->n_variables)
        memcpy(variables, model->variables, (size_t)model->n_variables * sizeof *variables);
    if (tests->n_actions)
        memcpy(actions, tests->actions, (size_t)tests->n_actions * sizeof *actions);
    for (; model->n_declared_events < model->n_events; model->n_declared_events++) {
        const struct event *event = &model->events[model->n_declared_events];
        variables[model->n_variables++] = (struct declaration){
            .kind = DECLARATION_PARAMETER,
            .span = event->name_span,
            .name_span = event->name_span,
            .name = event->name,
            .unit = {.scale = 1},
            .unit_text = "boolean",
            .type = TYPE_BOOLEAN,
        };
        actions[tests->n_actions++] = (struct action){
            .kind = ACTION_ASSIGN,
            .span = event->span,
            .name = event->name,
            .name_span = event->name_span,
            .value = event->condition,
        };
    }
    model->variables = variables;
    tests->actions = actions;
}

/* ---- the whole model ------------------------------------------------------------------------------------- */

int model_check(struct check *check, struct model *model, struct fault *fault)
{
    if (model->checked)
        return 0;
    if (model->extends)
        TRY(model_extend(check, model, fault));
    declare_events(check, model);
    counts_declare(check, model);
    pathway_delays_declare(check, model);
    if (model->n_variables > DECLARATIONS_MAX)
        return source_fault(fault, model->name_span, "a model has at most %d declarations, but this one has %d", DECLARATIONS_MAX,
                            model->n_variables);
    TRY(check_names(check, model, fault));
    for (int k = 0; k < model->n_variables; k++)
        TRY(check_declaration_kind(model, &model->variables[k], fault));
    TRY(check_spike_parts(check, model, fault));
    warn_of_no_effect(check, model);

    int n_call_sites = 0;
    struct scope scope = model_scope(check, model, &n_call_sites);
    for (int k = 0; k < model->n_variables; k++)
        if (model->variables[k].value && !model->variables[k].is_count && !model->variables[k].is_delay)
            TRY(check_default(&scope, &model->variables[k], fault));
    TRY(check_expressions(&scope, model, fault));
    scope.random_refusal = "here";
    if (model->delay)
        TRY(expression_check_number(&scope, model->delay, dimension_of_time(), "a delay", fault));
    TRY(check_pathway_delays(&scope, model, fault));
    TRY(check_method(&scope, model, fault));
    TRY(model_check_circles(check, model, fault));
    TRY(pathways_check(model, fault));
    model->checked = true;
    return 0;
}

int model_check_between(struct check *check, struct model *model, const struct node_set *source, const struct node_set *target,
                        const struct unit *port_unit, struct span connected, struct fault *fault)
{
    int n_call_sites = 0;
    struct scope scope = model_scope(check, model, &n_call_sites);
    scope.source = source;
    scope.target = target;
    scope.port_unit = port_unit;
    scope.connected = connected;
    return check_expressions(&scope, model, fault);
}

/* ---- finding models -------------------------------------------------------------------------------------- */

static struct model *taken_from_library(const struct check *check, const char *name)
{
    for (int k = 0; k < check->n_library; k++)
        if (strcmp(check->library[k].name, name) == 0)
            return check->library[k].model;
    return NULL;
}

static int take_from_library(struct check *check, const struct library_entry *entry, struct model **out, struct fault *fault)
{
    TRY(library_parse(check->arena, entry, out, fault));
    TRY(model_check(check, *out, fault));
    struct named *named = ARENA_PUSH(check->arena, check->library, check->n_library, check->library_capacity, struct named);
    named->name = entry->name;
    named->model = *out;
    return 0;
}

static int fault_unknown_model(struct check *check, const char *name, struct span span, struct fault *fault)
{
    struct candidates candidates = {.arena = check->arena};
    for (int k = 0; k < check->n_names; k++)
        if (check->names[k].kind == NAMED_MODEL)
            candidates_add(&candidates, check->names[k].name);
    for (const struct library_entry *entry = library_list(check->arena); entry->name; entry++)
        candidates_add(&candidates, entry->name);
    return source_fault(fault, span, "unknown model '%s'%s ('glion models' lists the library)", name,
                        candidates_suggestion(&candidates, name));
}

int model_require(struct check *check, const char *name, struct span span, bool want_synapse, struct model **out,
                  struct fault *fault)
{
    const struct named *named = named_model_find(check, name);
    *out = named ? named->model : taken_from_library(check, name);
    if (!*out) {
        const struct library_entry *entry = library_find(check->arena, name);
        if (!entry)
            return fault_unknown_model(check, name, span, fault);
        TRY(take_from_library(check, entry, out, fault));
    }
    if (((*out)->kind == MODEL_SYNAPSE) != want_synapse)
        return source_fault(fault, span,
                            want_synapse ? "'%s' is a %s model, but a synapse model is needed here"
                                         : "'%s' is a %s model; a population needs a neuron, astrocyte or device model",
                            name, model_kind_text((*out)->kind));
    return 0;
}

void model_use(struct check *check, struct model *model)
{
    struct script *script = check->script;
    if (model->used)
        return;
    model->used = true;
    *ARENA_PUSH(check->arena, script->models, script->n_models, check->models_capacity, const struct model *) = model;
}
