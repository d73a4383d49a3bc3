/* Types, dimensions and references of expressions.
 *
 * After expression_check every node of the tree has its type and dimension, and every name its reference, so that later
 * rooms need no table of names. An expression may be checked again in a richer scope (a synapse first on its own, then
 * between its ends): the annotations are replaced.
 *
 * Recursion is as deep as the tree, which the parser bounds (EXPRESSION_DEPTH_MAX). */
#include "language/check.h"

struct dimension dimension_of_time(void)
{
    struct unit second;
    unit_find("s", 1, &second);
    return second.dimension;
}

struct dimension dimension_of_length(void)
{
    struct unit metre;
    unit_find("m", 1, &metre);
    return metre.dimension;
}

struct dimension_phrase dimension_phrase(struct dimension dimension)
{
    struct dimension_phrase phrase;
    if (dimension_none(dimension)) {
        strcpy(phrase.text, "dimensionless");
        return phrase;
    }
    strcpy(phrase.text, "in ");
    dimension_text(dimension, phrase.text + 3, sizeof phrase.text - 3);
    return phrase;
}

bool type_is_number(enum value_type type)
{
    return type == TYPE_REAL || type == TYPE_INTEGER || type == TYPE_UNKNOWN;
}

const char *expression_type_text(const struct expression *expression)
{
    if (expression->is_list)
        return expression->is_matrix ? "a matrix" : "a list";
    switch (expression->type) {
    case TYPE_BOOLEAN:
        return "a condition";
    case TYPE_STRING:
        return "a text";
    case TYPE_NODES:
        return "a set of nodes";
    default:
        return "a number";
    }
}

int expression_require_any_number(const struct expression *expression, struct fault *fault)
{
    if (type_is_number(expression->type) && !expression->is_list)
        return 0;
    return source_fault(fault, expression->span, "expected a number, but this is %s", expression_type_text(expression));
}

static int require_condition(const struct expression *expression, struct fault *fault)
{
    if (expression->type == TYPE_BOOLEAN && !expression->is_list)
        return 0;
    return source_fault(fault, expression->span, "expected a condition (such as a > b), but this is %s",
                        expression_type_text(expression));
}

static void set_result(struct expression *expression, enum value_type type, struct dimension dimension)
{
    expression->type = type;
    expression->dimension = dimension;
    expression->is_list = expression->is_matrix = false;
}

static const struct dimension no_dimension;

static void set_reference(struct expression *expression, enum reference_kind kind, int index, enum value_type type,
                          struct dimension dimension)
{
    expression->reference = (struct reference){.kind = kind, .index = index};
    set_result(expression, type, dimension);
}

static void set_constant(struct expression *expression, double value, enum value_type type, struct dimension dimension)
{
    set_reference(expression, REFERENCE_CONSTANT, 0, type, dimension);
    expression->reference.value = value;
}

/* ---- names ----------------------------------------------------------------------------------------------- */

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
    name->is_matrix = named->value.n_columns > 0;
    return true;
}

static bool resolve_symbol(struct scope *scope, struct expression *name)
{
    const struct dimension time = dimension_of_time();
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
        {"i", REFERENCE_INDEX_I, scope->sees_position, TYPE_INTEGER, no_dimension},
        {"j", REFERENCE_INDEX_J, scope->sees_position && scope->model && scope->model->kind == MODEL_SYNAPSE, TYPE_INTEGER,
         no_dimension},
        {"N", REFERENCE_SIZE, scope->sees_position, TYPE_INTEGER, no_dimension},
        {"not_refractory", REFERENCE_NOT_REFRACTORY, scope->sees_time, TYPE_BOOLEAN, no_dimension},
        {"distance", REFERENCE_DISTANCE, scope->sees_distance, TYPE_REAL, dimension_of_length()},
        {"lastspike", REFERENCE_LASTSPIKE, scope->sees_time, TYPE_REAL, time},
    };
    for (size_t k = 0; k < sizeof(symbols) / sizeof(*symbols); k++)
        if (symbols[k].visible && strcmp(symbols[k].name, name->name) == 0) {
            set_reference(name, symbols[k].kind, 0, symbols[k].type, symbols[k].dimension);
            scope->check->simulation_used |= symbols[k].kind == REFERENCE_DT && !scope->model;
            return true;
        }
    return false;
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
            return source_fault(fault, scope->connected,
                                "synapse '%s' uses '%s', but the %s population '%s' (model '%s') has no variable '%s'%s",
                                scope->model->name, name->name, is_pre ? "source" : "target", population->name,
                                population->model->name, variable_name, candidates_suggestion(&candidates, variable_name));
        }
        const struct declaration *variable = &population->model->variables[index];
        if (k > 0 && !dimension_equal(name->dimension, variable->unit.dimension))
            return source_fault(fault, scope->connected, "'%s' is %s in population '%s', but %s in another one of the set",
                                name->name, IN_DIMENSION(variable->unit.dimension), population->name,
                                IN_DIMENSION(name->dimension));
        name->type = variable->type;
        name->dimension = variable->unit.dimension;
    }
    return 0;
}

static int fault_unknown_name(struct scope *scope, const struct expression *name, struct fault *fault)
{
    static const char *const only_in_models[] = {"t", "t_in_timesteps", "i", "j", "N", "not_refractory", "lastspike", "distance"};
    for (size_t k = 0; k < sizeof(only_in_models) / sizeof(*only_in_models); k++)
        if (strcmp(name->name, only_in_models[k]) == 0)
            return source_fault(fault, name->span, "'%s' has no meaning here", name->name);
    const struct named *named = scope->closed ? NULL : named_find(scope->check, name->name);
    if (named && named->kind == NAMED_FAMILY)
        return source_fault(fault, name->span, "'%s' is a family of populations: write %s[k] or %s[:]", name->name, name->name,
                            name->name);
    if (named)
        return source_fault(fault, name->span, "'%s' is %s and has no value here", name->name,
                            named->kind == NAMED_PROJECTION ? "a connection" : "a set of nodes");
    struct unit unit;
    if (strlen(name->name) == 1 && unit_find(name->name, 1, &unit))
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
    return source_fault(fault, name->span, "unknown name '%s'%s", name->name, candidates_suggestion(&candidates, name->name));
}

static int check_name(struct scope *scope, struct expression *name, struct fault *fault)
{
    if (resolve_in_block(scope, name))
        return 0;
    if (scope->script_first && resolve_in_script(scope, name))
        return 0;
    if (resolve_in_model(scope, name) || resolve_in_script(scope, name) || resolve_symbol(scope, name) || resolve_constant(name))
        return 0;
    bool is_pre;
    const char *variable_name = without_suffix(scope->check->arena, name->name, &is_pre);
    if (variable_name && scope->model && scope->model->kind == MODEL_SYNAPSE)
        return resolve_at_end(scope, name, variable_name, is_pre, fault);
    if (variable_name && scope->model)
        return source_fault(fault, name->span, "'%s': only synapses have a source and a target (_pre, _post)", name->name);
    return fault_unknown_name(scope, name, fault);
}

/* ---- operators ------------------------------------------------------------------------------------------- */

static const char *operator_text(enum operator operator)
{
    switch (operator) {
    case OPERATOR_NEGATE:
    case OPERATOR_SUBTRACT:
        return "-";
    case OPERATOR_NOT:
        return "not";
    case OPERATOR_ADD:
        return "+";
    case OPERATOR_MULTIPLY:
        return "*";
    case OPERATOR_DIVIDE:
        return "/";
    case OPERATOR_FLOOR_DIVIDE:
        return "//";
    case OPERATOR_MODULO:
        return "%";
    case OPERATOR_POWER:
        return "**";
    case OPERATOR_LESS:
        return "<";
    case OPERATOR_LESS_EQUAL:
        return "<=";
    case OPERATOR_GREATER:
        return ">";
    case OPERATOR_GREATER_EQUAL:
        return ">=";
    case OPERATOR_EQUAL:
        return "==";
    case OPERATOR_NOT_EQUAL:
        return "!=";
    case OPERATOR_AND:
        return "and";
    case OPERATOR_OR:
        return "or";
    }
    return "";
}

static int check_unary(struct scope *scope, struct expression *expression, struct fault *fault)
{
    struct expression *operand = expression->children[0];
    TRY(expression_check(scope, operand, fault));
    if (expression->operator== OPERATOR_NOT) {
        TRY(require_condition(operand, fault));
        set_result(expression, TYPE_BOOLEAN, no_dimension);
        return 0;
    }
    TRY(expression_require_any_number(operand, fault));
    set_result(expression, operand->type, operand->dimension);
    return 0;
}

/* Integer only if both are; unknown if one is. */
static enum value_type joint_type(const struct expression *a, const struct expression *b)
{
    if (a->type == TYPE_UNKNOWN || b->type == TYPE_UNKNOWN)
        return TYPE_UNKNOWN;
    return a->type == TYPE_INTEGER && b->type == TYPE_INTEGER ? TYPE_INTEGER : TYPE_REAL;
}

/* Both operands in one dimension, which the result may take; a known one decides over an unknown one. */
static int require_same(const struct expression *expression, const struct expression *a, const struct expression *b,
                        const char *between, struct fault *fault)
{
    if (a->type == TYPE_UNKNOWN || b->type == TYPE_UNKNOWN || dimension_equal(a->dimension, b->dimension))
        return 0;
    return source_fault(fault, expression->span, "%s must have the same dimension, but the first is %s and the second %s",
                        between, IN_DIMENSION(a->dimension), IN_DIMENSION(b->dimension));
}

static void set_same(struct expression *expression, const struct expression *a, const struct expression *b)
{
    const struct expression *known = a->type == TYPE_UNKNOWN ? b : a;
    set_result(expression, known->type == TYPE_UNKNOWN ? TYPE_UNKNOWN : joint_type(known, b->type == TYPE_UNKNOWN ? known : b),
               known->dimension);
}

static int check_power(struct expression *expression, struct fault *fault)
{
    const struct expression *base = expression->children[0], *exponent = expression->children[1];
    if (exponent->type != TYPE_UNKNOWN && !dimension_none(exponent->dimension))
        return source_fault(fault, exponent->span, "an exponent must be dimensionless, but this is %s",
                            IN_DIMENSION(exponent->dimension));
    double number;
    bool is_constant = constant_evaluate(exponent, &(struct bindings){0}, &number);
    bool is_integer = joint_type(base, exponent) == TYPE_INTEGER && is_constant && number >= 0;
    if (base->type == TYPE_UNKNOWN || dimension_none(base->dimension)) {
        set_result(expression, base->type == TYPE_UNKNOWN ? TYPE_UNKNOWN : is_integer ? TYPE_INTEGER : TYPE_REAL, no_dimension);
        return 0;
    }
    if (!is_constant)
        return source_fault(fault, exponent->span, "the base is %s, so the exponent must be a constant",
                            IN_DIMENSION(base->dimension));
    struct dimension dimension;
    if (!(fabs(number) < 1000) || 2 * number != floor(2 * number) ||
        !dimension_power(base->dimension, (int)(2 * number), &dimension))
        return source_fault(fault, exponent->span, "the base is %s, which cannot be raised to the power of %g",
                            IN_DIMENSION(base->dimension), number);
    set_result(expression, TYPE_REAL, dimension);
    return 0;
}

static int check_arithmetic(struct expression *expression, struct fault *fault)
{
    struct expression *a = expression->children[0], *b = expression->children[1];
    const char *between = "";
    TRY(expression_require_any_number(a, fault));
    TRY(expression_require_any_number(b, fault));
    bool unknown = joint_type(a, b) == TYPE_UNKNOWN;
    switch (expression->operator) {
    case OPERATOR_MULTIPLY:
        set_result(expression, joint_type(a, b), unknown ? no_dimension : dimension_product(a->dimension, b->dimension));
        return 0;
    case OPERATOR_DIVIDE:
        set_result(expression, unknown ? TYPE_UNKNOWN : TYPE_REAL,
                   unknown ? no_dimension : dimension_quotient(a->dimension, b->dimension));
        return 0;
    case OPERATOR_POWER:
        return check_power(expression, fault);
    case OPERATOR_FLOOR_DIVIDE:
        TRY(require_same(expression, a, b, "both sides of '//'", fault));
        set_result(expression, unknown ? TYPE_REAL : joint_type(a, b), no_dimension);
        return 0;
    case OPERATOR_ADD:
        between = "both sides of '+'";
        break;
    case OPERATOR_SUBTRACT:
        between = "both sides of '-'";
        break;
    default:
        between = "both sides of '%'";
        break;
    }
    TRY(require_same(expression, a, b, between, fault));
    set_same(expression, a, b);
    return 0;
}

static int check_comparison(struct scope *scope, struct expression *expression, struct fault *fault)
{
    TRY(expression_require_any_number(expression->children[0], fault));
    TRY(expression_require_any_number(expression->children[1], fault));
    const char *between = arena_format(scope->check->arena, "both sides of '%s'", operator_text(expression->operator));
    TRY(require_same(expression, expression->children[0], expression->children[1], between, fault));
    set_result(expression, TYPE_BOOLEAN, no_dimension);
    return 0;
}

static int check_binary(struct scope *scope, struct expression *expression, struct fault *fault)
{
    TRY(expression_check(scope, expression->children[0], fault));
    TRY(expression_check(scope, expression->children[1], fault));
    bool nodes_left = expression->children[0]->type == TYPE_NODES, nodes_right = expression->children[1]->type == TYPE_NODES;
    if (nodes_left && nodes_right && expression->operator== OPERATOR_ADD) {
        set_result(expression, TYPE_NODES, no_dimension);
        return 0;
    }
    if (nodes_left || nodes_right)
        return source_fault(fault, expression->span, "sets of nodes can be joined with '+' only, and only with one another");
    if (expression->children[0]->is_list || expression->children[1]->is_list)
        return source_fault(fault, expression->span, "arithmetic with lists is not supported yet");
    switch (expression->operator) {
    case OPERATOR_AND:
    case OPERATOR_OR:
        TRY(require_condition(expression->children[0], fault));
        TRY(require_condition(expression->children[1], fault));
        set_result(expression, TYPE_BOOLEAN, no_dimension);
        return 0;
    case OPERATOR_LESS:
    case OPERATOR_LESS_EQUAL:
    case OPERATOR_GREATER:
    case OPERATOR_GREATER_EQUAL:
    case OPERATOR_EQUAL:
    case OPERATOR_NOT_EQUAL:
        return check_comparison(scope, expression, fault);
    default:
        return check_arithmetic(expression, fault);
    }
}

/* ---- calls ----------------------------------------------------------------------------------------------- */

static int check_positional(const struct expression *call, struct fault *fault)
{
    for (int k = 0; k < call->n_children; k++)
        if (call->argument_names && call->argument_names[k])
            return source_fault(fault, call->span, "the arguments of '%s' have no names: leave out '%s ='", call->name,
                                call->argument_names[k]);
    return 0;
}

static int check_sample(struct scope *scope, struct expression *call, struct fault *fault)
{
    if (call->n_children != 2)
        return source_fault(fault, call->span, "sample(set, count) takes 2 arguments, not %d", call->n_children);
    for (int k = 0; k < 2; k++)
        TRY(expression_check(scope, call->children[k], fault));
    if (call->children[0]->type != TYPE_NODES)
        return source_fault(fault, call->children[0]->span, "expected a set of nodes, but this is %s",
                            expression_type_text(call->children[0]));
    TRY(expression_check_number(scope, call->children[1], no_dimension, "the count of 'sample'", fault));
    set_result(call, TYPE_NODES, no_dimension);
    return 0;
}

static int fault_unknown_function(struct scope *scope, const struct expression *call, struct fault *fault)
{
    static const char *const planned[] = {"timed_array", "mod", "range", "columns"};
    for (size_t k = 0; k < sizeof(planned) / sizeof(*planned); k++)
        if (strcmp(call->name, planned[k]) == 0)
            return source_fault(fault, call->span, "the function '%s' is not supported yet", call->name);
    struct candidates candidates = {.arena = scope->check->arena};
    for (int k = 0; k < FUNCTIONS; k++)
        candidates_add(&candidates, function_signatures[k].name);
    candidates_add(&candidates, "sample");
    return source_fault(fault, call->span, "unknown function '%s'%s", call->name, candidates_suggestion(&candidates, call->name));
}

/* "the arguments of 'min'" and the like agree in dimension: arguments [first, n). */
static int require_same_arguments(struct expression *call, int first, struct fault *fault)
{
    for (int k = first; k < call->n_children; k++)
        TRY(expression_require_any_number(call->children[k], fault));
    const struct expression *known = call->children[first];
    for (int k = first + 1; k < call->n_children; k++) {
        const struct expression *argument = call->children[k];
        if (known->type != TYPE_UNKNOWN && argument->type != TYPE_UNKNOWN &&
            !dimension_equal(known->dimension, argument->dimension))
            return source_fault(fault, argument->span,
                                "'%s' needs arguments of the same dimension, but this is %s and another one is %s", call->name,
                                IN_DIMENSION(argument->dimension), IN_DIMENSION(known->dimension));
        if (known->type == TYPE_UNKNOWN)
            known = argument;
    }
    bool integers = true;
    for (int k = first; k < call->n_children; k++)
        integers = integers && call->children[k]->type == TYPE_INTEGER;
    set_result(call, known->type == TYPE_UNKNOWN ? TYPE_UNKNOWN : integers ? TYPE_INTEGER : TYPE_REAL, known->dimension);
    return 0;
}

static int require_dimensions(const struct expression *call, struct dimension dimension, struct fault *fault)
{
    for (int k = 0; k < call->n_children; k++) {
        const struct expression *argument = call->children[k];
        TRY(expression_require_any_number(argument, fault));
        if (argument->type != TYPE_UNKNOWN && !dimension_equal(argument->dimension, dimension))
            return source_fault(fault, argument->span, "'%s' needs an argument that is %s, but this is %s", call->name,
                                IN_DIMENSION(dimension), IN_DIMENSION(argument->dimension));
    }
    return 0;
}

static int check_call(struct scope *scope, struct expression *call, struct fault *fault)
{
    TRY(check_positional(call, fault));
    if (strcmp(call->name, "sample") == 0)
        return check_sample(scope, call, fault);
    call->function = function_find(call->name);
    if (call->function < 0)
        return fault_unknown_function(scope, call, fault);
    const struct function_signature *signature = &function_signatures[call->function];
    if (call->n_children != signature->n_arguments)
        return source_fault(fault, call->span, "%s(%s) takes %d argument%s, not %d", call->name, signature->arguments,
                            signature->n_arguments, signature->n_arguments == 1 ? "" : "s", call->n_children);
    for (int k = 0; k < call->n_children; k++)
        TRY(expression_check(scope, call->children[k], fault));
    if (signature->random)
        TRY(random_check(scope, call, fault));
    scope->check->simulation_used |= call->function == FUNCTION_STEPS && !scope->model;

    struct dimension dimension = no_dimension;
    switch (signature->rule) {
    case DIMENSION_NONE:
        TRY(require_dimensions(call, no_dimension, fault));
        break;
    case DIMENSION_TIME:
        TRY(require_dimensions(call, dimension_of_time(), fault));
        break;
    case DIMENSION_TRUNCATED:
        if (call->children[0]->type != TYPE_BOOLEAN)
            TRY(require_dimensions(call, no_dimension, fault));
        break;
    case DIMENSION_ANY_TO_NONE:
        TRY(expression_require_any_number(call->children[0], fault));
        break;
    case DIMENSION_ROOT:
        TRY(expression_require_any_number(call->children[0], fault));
        if (!dimension_power(call->children[0]->dimension, 1, &dimension))
            return source_fault(fault, call->span, "the argument is %s, which has no square root",
                                IN_DIMENSION(call->children[0]->dimension));
        if (call->children[0]->type == TYPE_UNKNOWN) {
            set_result(call, TYPE_UNKNOWN, no_dimension);
            return 0;
        }
        break;
    case DIMENSION_SAME:
        return require_same_arguments(call, 0, fault);
    case DIMENSION_CHOICE:
        TRY(require_condition(call->children[0], fault));
        return require_same_arguments(call, 1, fault);
    }
    set_result(call, signature->result, dimension);
    return 0;
}

/* ---- indices ---------------------------------------------------------------------------------------------- */

static int check_index(struct scope *scope, struct expression *expression, struct fault *fault)
{
    struct expression *object = expression->children[0], *index = expression->children[1];
    if (family_of(scope, object)) {
        set_result(expression, TYPE_NODES, no_dimension);
        return family_index_check(scope, expression, fault);
    }
    TRY(expression_check(scope, object, fault));
    if (object->is_list)
        return list_index_check(scope, expression, fault);
    if (object->type != TYPE_NODES)
        return source_fault(fault, object->span, "only sets of nodes and lists have elements, but this is %s",
                            expression_type_text(object));
    if (expression->n_children != 2)
        return source_fault(fault, expression->span, "a set of nodes takes one index");
    set_result(expression, TYPE_NODES, no_dimension);
    if (index->kind != EXPRESSION_SLICE)
        return expression_check_number(scope, index, no_dimension, "an index", fault);
    for (int k = 0; k < 2; k++)
        if (index->children[k])
            TRY(expression_check_number(scope, index->children[k], no_dimension, "the bound of a slice", fault));
    return 0;
}

/* ---- any expression -------------------------------------------------------------------------------------- */

int expression_check(struct scope *scope, struct expression *expression, struct fault *fault)
{
    switch (expression->kind) {
    case EXPRESSION_NUMBER:
        set_result(expression, expression->is_integer && !expression->has_unit ? TYPE_INTEGER : TYPE_REAL,
                   expression->has_unit ? expression->unit.dimension : no_dimension);
        return 0;
    case EXPRESSION_STRING:
        set_result(expression, TYPE_STRING, no_dimension);
        return 0;
    case EXPRESSION_NAME:
        return check_name(scope, expression, fault);
    case EXPRESSION_UNARY:
        return check_unary(scope, expression, fault);
    case EXPRESSION_BINARY:
        return check_binary(scope, expression, fault);
    case EXPRESSION_CALL:
        return check_call(scope, expression, fault);
    case EXPRESSION_INDEX:
        return check_index(scope, expression, fault);
    case EXPRESSION_ARRAY:
        return array_check(scope, expression, fault);
    case EXPRESSION_SLICE:
        return source_fault(fault, expression->span, "a slice a:b can stand in an index only");
    case EXPRESSION_MEMBER:
        return source_fault(fault, expression->span, "values of variables cannot be read in the script");
    }
    return 0;
}

int expression_require(const struct expression *expression, struct dimension dimension, const char *what, struct fault *fault)
{
    if (!type_is_number(expression->type) || expression->is_list)
        return source_fault(fault, expression->span, "%s must be a number, but this is %s", what,
                            expression_type_text(expression));
    if (expression->type == TYPE_UNKNOWN || dimension_equal(expression->dimension, dimension))
        return 0;
    return source_fault(fault, expression->span, "%s must be %s, but this is %s", what, IN_DIMENSION(dimension),
                        IN_DIMENSION(expression->dimension));
}

int expression_require_right_side(const struct expression *expression, const char *name, struct dimension declared,
                                  struct dimension expected, struct fault *fault)
{
    bool is_number = type_is_number(expression->type) && !expression->is_list;
    if (!is_number || expression->type == TYPE_UNKNOWN || dimension_equal(expression->dimension, expected))
        return expression_require(expression, expected, "the right side", fault);
    if (dimension_equal(declared, expected))
        return source_fault(fault, expression->span, "'%s' is %s, but the right side is %s", name, IN_DIMENSION(declared),
                            IN_DIMENSION(expression->dimension));
    return source_fault(fault, expression->span, "'%s' is %s, so its derivative is %s, but the right side is %s", name,
                        IN_DIMENSION(declared), IN_DIMENSION(expected), IN_DIMENSION(expression->dimension));
}

int expression_check_number(struct scope *scope, struct expression *expression, struct dimension dimension, const char *what,
                            struct fault *fault)
{
    TRY(expression_check(scope, expression, fault));
    return expression_require(expression, dimension, what, fault);
}

int expression_check_condition(struct scope *scope, struct expression *expression, const char *what, struct fault *fault)
{
    TRY(expression_check(scope, expression, fault));
    if (expression->type == TYPE_BOOLEAN && !expression->is_list)
        return 0;
    return source_fault(fault, expression->span, "%s must be a condition (such as a > b), but this is %s", what,
                        expression_type_text(expression));
}
