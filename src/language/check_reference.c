/* What a name in an expression stands for: a temporary, a constant of the script, a variable of the model or of its ends, a
 * symbol such as t, a unit. */
#include "language/brian_words.h"
#include "language/check.h"

static const struct dimension no_dimension;

static void set_reference(struct expression *expression, enum reference_kind kind, int index, enum value_type type,
                          struct dimension dimension)
{
    expression->reference = (struct reference){.kind = kind, .index = index};
    expression_set_result(expression, type, dimension);
}

static void set_constant(struct expression *expression, double value, enum value_type type, struct dimension dimension)
{
    set_reference(expression, REFERENCE_CONSTANT, 0, type, dimension);
    expression->reference.value = value;
}

/* The dimension of a declared variable where it is used: `port` is what the port says, or itself while the port is unknown. */
static struct dimension variable_dimension(const struct scope *scope, const struct declaration *variable)
{
    return scope->port_unit ? dimension_at_port(variable->unit.dimension, scope->port_unit->dimension) : variable->unit.dimension;
}

static bool resolve_in_block(const struct scope *scope, struct expression *name)
{
    for (int k = 0; k < scope->n_locals; k++)
        if (strcmp(scope->locals[k].name, name->name) == 0) {
            set_reference(name, REFERENCE_LOCAL, k, scope->locals[k].type, scope->locals[k].dimension);
            scope->locals[k].is_read = true;
            return true;
        }
    if (scope->port && strcmp(scope->port->argument, name->name) == 0) {
        set_reference(name, REFERENCE_ARGUMENT, 0, TYPE_REAL, scope->port->unit.dimension);
        return true;
    }
    return false;
}

static bool resolve_in_model(const struct scope *scope, struct expression *name)
{
    int index = scope->model ? model_variable(scope->model, name->name) : -1;
    if (index < 0)
        return false;
    const struct declaration *variable = &scope->model->variables[index];
    set_reference(name, REFERENCE_VARIABLE, index, variable->type, variable_dimension(scope, variable));
    name->is_list = variable->is_list && !scope->lists_as_elements;
    return true;
}

static bool resolve_in_script(const struct scope *scope, struct expression *name)
{
    const struct named *named = scope->closed ? NULL : named_find(scope->check, name->name);
    bool has_value = named && (named->kind == NAMED_LET || named->kind == NAMED_POPULATION);
    if (!has_value || (named->value.type == TYPE_NODES && scope->model))
        return false; /* sets of nodes mean nothing among the variables of a model */
    set_constant(name, named->value.number, named->value.type, named->value.dimension);
    name->is_list = named->value.is_list;
    name->is_matrix = named->value.row_begin != NULL;
    return true;
}

static bool resolve_symbol(struct scope *scope, struct expression *name)
{
    const struct dimension time = dimension_of_time();
    const bool is_synapse = scope->model && scope->model->kind == MODEL_SYNAPSE;
    const struct {
        const char *name;
        enum reference_kind kind;
        bool visible;
        enum value_type type;
        struct dimension dimension;
    } symbols[] = {
        {"t", REFERENCE_TIME, scope->sees_time, TYPE_REAL, time},
        {"t_in_timesteps", REFERENCE_TIME_IN_TIMESTEPS, scope->sees_time, TYPE_INTEGER, no_dimension},
        {"dt", REFERENCE_DT, true, TYPE_REAL, time},
        {"i", REFERENCE_INDEX_I, scope->sees_position || scope->sees_pair, TYPE_INTEGER, no_dimension},
        {"j", REFERENCE_INDEX_J, scope->sees_pair || (scope->sees_position && is_synapse), TYPE_INTEGER, no_dimension},
        {"N", REFERENCE_SIZE, scope->sees_position, TYPE_INTEGER, no_dimension},
        {"N_pre", REFERENCE_SIZE_PRE, is_synapse, TYPE_INTEGER, no_dimension},
        {"N_post", REFERENCE_SIZE_POST, is_synapse, TYPE_INTEGER, no_dimension},
        {"not_refractory", REFERENCE_NOT_REFRACTORY, scope->sees_time, TYPE_BOOLEAN, no_dimension},
        {"distance", REFERENCE_DISTANCE, scope->sees_pair, TYPE_REAL, dimension_of_length()},
        {"N", REFERENCE_SYNAPSES, scope->sees_pair && scope->model, TYPE_INTEGER, no_dimension},
        {"N_incoming", REFERENCE_INCOMING, scope->sees_pair && scope->model, TYPE_INTEGER, no_dimension},
        {"N_outgoing", REFERENCE_OUTGOING, scope->sees_pair && scope->model, TYPE_INTEGER, no_dimension},
        {"lastspike", REFERENCE_LASTSPIKE, scope->sees_time, TYPE_REAL, time},
    };
    double size;
    if (scope->sees_pair && pair_size_find(scope, name, &size))
        return set_constant(name, size, TYPE_INTEGER, no_dimension), true;
    for (size_t k = 0; k < sizeof(symbols) / sizeof(*symbols); k++)
        if (symbols[k].visible && strcmp(symbols[k].name, name->name) == 0) {
            set_reference(name, symbols[k].kind, 0, symbols[k].type, symbols[k].dimension);
            scope->check->simulation_used |= symbols[k].kind == REFERENCE_DT && !scope->model;
            return true;
        }
    return false;
}

static bool is_noise(const char *name)
{
    return strcmp(name, "xi") == 0 || strncmp(name, "xi_", 3) == 0;
}

/* The derivative of a Wiener process: 1/sqrt(second). */
static bool resolve_noise(const struct scope *scope, struct expression *name)
{
    struct dimension dimension;
    int index = 0;
    if (!scope->sees_noise || !is_noise(name->name))
        return false;
    while (strcmp(scope->model->noises[index], name->name) != 0)
        index++;
    (void)dimension_power(dimension_of_time(), -1, &dimension);
    set_reference(name, REFERENCE_NOISE, index, TYPE_REAL, dimension);
    return true;
}

static bool resolve_constant(struct expression *name)
{
    if (strcmp(name->name, "true") == 0)
        return set_constant(name, 1, TYPE_BOOLEAN, no_dimension), true;
    if (strcmp(name->name, "false") == 0)
        return set_constant(name, 0, TYPE_BOOLEAN, no_dimension), true;
    if (strcmp(name->name, "e") == 0)
        return set_constant(name, M_E, TYPE_REAL, no_dimension), true;
    if (strcmp(name->name, "pi") == 0)
        return set_constant(name, M_PI, TYPE_REAL, no_dimension), true;
    if (strcmp(name->name, "inf") == 0)
        return set_constant(name, INFINITY, TYPE_REAL, no_dimension), true;
    /* single letters are units in literals only, so that s, m, V and C stay free for variables */
    struct unit unit;
    if (strlen(name->name) > 1 && unit_find(name->name, strlen(name->name), &unit))
        return set_constant(name, unit.scale, TYPE_REAL, unit.dimension), true;
    return false;
}

/* The name without "_pre" or "_post", or NULL if it has neither. */
static const char *without_suffix(struct arena *arena, const char *name, bool *is_pre)
{
    *is_pre = name_ends_with(name, "_pre");
    if (*is_pre || name_ends_with(name, "_post"))
        return arena_text(arena, name, strlen(name) - strlen(*is_pre ? "_pre" : "_post"));
    return NULL;
}

/* NAME_pre and NAME_post: a variable that every model at that end has, with one dimension. */
static int resolve_at_end(struct scope *scope, struct expression *name, const char *variable_name, bool is_pre,
                          struct fault *fault)
{
    const struct node_set *set = is_pre ? scope->source : scope->target;
    set_reference(name, is_pre ? REFERENCE_PRE : REFERENCE_POST, 0, TYPE_UNKNOWN, no_dimension);
    name->reference.variable_name = variable_name;
    for (int k = 0; set && k < set->n_parts; k++) {
        const struct population *population = &scope->check->script->populations[set->parts[k].population];
        int index = model_variable(population->model, variable_name);
        if (index < 0) {
            struct candidates candidates = {.arena = scope->check->arena};
            for (int v = 0; v < population->model->n_variables; v++)
                candidates_add(&candidates, population->model->variables[v].name);
            if (scope->sees_pair)
                return source_fault(fault, name->span, "the %s population '%s' (model '%s') has no variable '%s'%s",
                                    is_pre ? "source" : "target", population->name, population->model->name, variable_name,
                                    candidates_suggestion(&candidates, variable_name));
            return source_fault(fault, scope->connected,
                                "synapse '%s' uses '%s', but the %s population '%s' (model '%s') has no variable '%s'%s",
                                scope->model->name, name->name, is_pre ? "source" : "target", population->name,
                                population->model->name, variable_name, candidates_suggestion(&candidates, variable_name));
        }
        const struct declaration *variable = &population->model->variables[index];
        if (k > 0 && !dimension_equal(name->dimension, variable->unit.dimension))
            return source_fault(fault, scope->sees_pair ? name->span : scope->connected,
                                "'%s' is %s in population '%s', but %s in another one of the set", name->name,
                                IN_DIMENSION(variable->unit.dimension), population->name, IN_DIMENSION(name->dimension));
        if (scope->sees_pair && variable->kind == DECLARATION_INPUT)
            return source_fault(fault, name->span, "'%s' is summed over connections, so it has no value before they are made",
                                name->name);
        if (scope->sees_pair && variable->flags & FLAG_LINKED)
            return source_fault(fault, name->span, "'%s' is (linked), so it has no value before the first step", name->name);
        if (scope->sees_pair && variable->is_list)
            return source_fault(fault, name->span, "'%s' is a list, the same for all nodes of '%s'", name->name,
                                population->name);
        name->type = variable->type;
        name->dimension = variable->unit.dimension;
    }
    return 0;
}

static int fault_unknown_name(struct scope *scope, const struct expression *name, struct fault *fault)
{
    static const char *const only_in_models[] = {"t",          "t_in_timesteps", "i", "j",     "not_refractory",
                                                 "lastspike",  "distance",       "N", "N_pre", "N_post",
                                                 "N_incoming", "N_outgoing"};
    if (scope->sees_pair && strcmp(name->name, "N") == 0)
        return source_fault(fault, name->span, "there are %llu sources, but %llu targets: write N_pre or N_post",
                            (unsigned long long)scope->source->size, (unsigned long long)scope->target->size);
    if (scope->is_default && strcmp(name->name, "t") == 0)
        return source_fault(fault, name->span,
                            "'t' has no value before the first step; what follows the time is an equation, NAME = EXPRESSION");
    for (size_t k = 0; k < sizeof(only_in_models) / sizeof(*only_in_models); k++)
        if (strcmp(name->name, only_in_models[k]) == 0)
            return source_fault(fault, name->span, "'%s' has no meaning here", name->name);
    if (is_noise(name->name))
        return source_fault(
            fault, name->span,
            "'%s' is noise, which can stand in differential equations only, but not in those that are (event-driven)",
            name->name);
    const struct named *named = scope->closed ? NULL : named_find(scope->check, name->name);
    if (named && named->kind == NAMED_FAMILY)
        return source_fault(fault, name->span, "'%s' is a family of populations: write %s[k] or %s[:]", name->name, name->name,
                            name->name);
    if (named && (named->kind == NAMED_FUNCTION || named->kind == NAMED_TIMED_ARRAY))
        return source_fault(fault, name->span, "'%s' is a function: write %s(%s)", name->name, name->name,
                            callable_arguments(scope->check, named));
    if (named)
        return source_fault(fault, name->span, "'%s' is %s and has no value here", name->name,
                            named->kind == NAMED_POPULATION || named->kind == NAMED_LET ? "a set of nodes" : "a connection");
    if (*brian_word_here(name->name))
        return source_fault(fault, name->span, "unknown name '%s'%s", name->name, brian_word_here(name->name));
    struct unit unit;
    if (!scope->wants_nodes && strlen(name->name) == 1 && unit_find(name->name, 1, &unit))
        return source_fault(
            fault, name->span,
            "unknown name '%s'; a unit of one letter stands right behind a number only, elsewhere it is written out: 1/second",
            name->name);
    if (function_find(name->name) >= 0)
        return source_fault(fault, name->span, "'%s' is a function: write %s(%s)", name->name, name->name,
                            function_signatures[function_find(name->name)].arguments);
    struct candidates candidates = {.arena = scope->check->arena};
    for (int k = 0; k < scope->n_locals; k++)
        candidates_add(&candidates, scope->locals[k].name);
    for (int k = 0; scope->model && k < scope->model->n_variables; k++)
        candidates_add(&candidates, scope->model->variables[k].name);
    if (!scope->closed)
        candidates_add_script(&candidates, scope->check);
    if (scope->sees_time)
        candidates_add(&candidates, "not_refractory"), candidates_add(&candidates, "t_in_timesteps");
    const char *suggestion = candidates_suggestion(&candidates, name->name);
    if (!*suggestion && scope->model && scope->model->kind == MODEL_SYNAPSE)
        suggestion = "; variables of the source and of the target are called NAME_pre and NAME_post";
    return source_fault(fault, name->span, "unknown name '%s'%s", name->name, suggestion);
}

int reference_check(struct scope *scope, struct expression *name, struct fault *fault)
{
    if (resolve_in_block(scope, name))
        return 0;
    if (scope->script_first && resolve_in_script(scope, name))
        return 0;
    if (resolve_in_model(scope, name) || resolve_in_script(scope, name) || resolve_symbol(scope, name) ||
        resolve_noise(scope, name) || resolve_constant(name))
        return 0;
    bool is_pre;
    const char *variable_name = without_suffix(scope->check->arena, name->name, &is_pre);
    if (variable_name && (scope->sees_pair || (scope->model && scope->model->kind == MODEL_SYNAPSE)))
        return resolve_at_end(scope, name, variable_name, is_pre, fault);
    if (variable_name && scope->model)
        return source_fault(fault, name->span, "'%s': only synapses have a source and a target (_pre, _post)", name->name);
    return fault_unknown_name(scope, name, fault);
}
