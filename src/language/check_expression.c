/* Types and dimensions of expressions.
 *
 * After expression_check every node of the tree has its type and dimension, and every name its reference, so that later
 * rooms need no table of names. An expression may be checked again in a richer scope (a synapse first on its own, then
 * between its ends): the annotations are replaced.
 *
 * Recursion is as deep as the tree, which the parser bounds (EXPRESSION_DEPTH_MAX). */
#include "language/brian_words.h"
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

const char *value_type_text(enum value_type type, bool is_list, bool is_matrix)
{
    if (is_list)
        return is_matrix ? "a matrix" : type == TYPE_BOOLEAN ? "a list of conditions" : "a list";
    switch (type) {
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

const char *expression_type_text(const struct expression *expression)
{
    return value_type_text(expression->type, expression->is_list, expression->is_matrix);
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

void expression_set_result(struct expression *expression, enum value_type type, struct dimension dimension)
{
    expression->type = type;
    expression->dimension = dimension;
    expression->is_list = expression->is_matrix = false;
}

static const struct dimension no_dimension;

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
    if (expression->operator== OPERATOR_NOT) {
        TRY(require_condition(operand, fault));
        expression_set_result(expression, TYPE_BOOLEAN, no_dimension);
        return 0;
    }
    TRY(expression_require_any_number(operand, fault));
    expression_set_result(expression, operand->type, operand->dimension);
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
    expression_set_result(expression,
                          known->type == TYPE_UNKNOWN ? TYPE_UNKNOWN : joint_type(known, b->type == TYPE_UNKNOWN ? known : b),
                          known->dimension);
}

/* 20000 um**2 is (20000 um)**2, by the rule that a number and its unit are one; who writes it may mean 20000*um**2. */
static void warn_of_ambiguous_power(struct check *check, const struct expression *expression)
{
    const struct expression *base = expression->children[0];
    double power;
    if (base->kind != EXPRESSION_NUMBER || !base->has_unit || base->in_parentheses || base->number == 1 ||
        !constant_evaluate(expression->children[1], &(struct bindings){0}, &power))
        return;
    bool is_letter = strlen(base->unit_text) == 1; /* which is a unit right behind a number only */
    check_warn(check, expression->span,
               "the power is taken of the number too: write (%.10g %s)**%.10g if that is meant, else multiply%s", base->number,
               base->unit_text, power,
               is_letter ? " with the power of the unit"
                         : arena_format(check->arena, ": %.10g*%s**%.10g", base->number, base->unit_text, power));
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
        expression_set_result(expression,
                              base->type == TYPE_UNKNOWN ? TYPE_UNKNOWN
                              : is_integer               ? TYPE_INTEGER
                                                         : TYPE_REAL,
                              no_dimension);
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
    expression_set_result(expression, TYPE_REAL, dimension);
    return 0;
}

/* What dimension a power has follows from its exponent. */
static int require_one_exponent(const struct expression *expression, struct fault *fault)
{
    const struct expression *base = expression->children[0], *exponent = expression->children[1];
    if (expression->operator!= OPERATOR_POWER || !exponent->is_list || dimension_none(base->dimension))
        return 0;
    return source_fault(fault, exponent->span, "the base is %s, so the exponent must be one number, not a list",
                        IN_DIMENSION(base->dimension));
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
        expression_set_result(expression, joint_type(a, b),
                              unknown ? no_dimension : dimension_product(a->dimension, b->dimension));
        return 0;
    case OPERATOR_DIVIDE:
        expression_set_result(expression, unknown ? TYPE_UNKNOWN : TYPE_REAL,
                              unknown ? no_dimension : dimension_quotient(a->dimension, b->dimension));
        return 0;
    case OPERATOR_POWER:
        return check_power(expression, fault);
    case OPERATOR_FLOOR_DIVIDE:
        TRY(require_same(expression, a, b, "both sides of '//'", fault));
        expression_set_result(expression, unknown ? TYPE_REAL : joint_type(a, b), no_dimension);
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
    expression_set_result(expression, TYPE_BOOLEAN, no_dimension);
    return 0;
}

static int check_operands(struct scope *scope, struct expression *expression, struct fault *fault)
{
    bool nodes_left = expression->children[0]->type == TYPE_NODES, nodes_right = expression->children[1]->type == TYPE_NODES;
    if (nodes_left && nodes_right && expression->operator== OPERATOR_ADD) {
        expression_set_result(expression, TYPE_NODES, no_dimension);
        return 0;
    }
    if (nodes_left || nodes_right)
        return source_fault(fault, expression->span, "sets of nodes can be joined with '+' only, and only with one another");
    switch (expression->operator) {
    case OPERATOR_AND:
    case OPERATOR_OR:
        TRY(require_condition(expression->children[0], fault));
        TRY(require_condition(expression->children[1], fault));
        expression_set_result(expression, TYPE_BOOLEAN, no_dimension);
        return 0;
    case OPERATOR_LESS:
    case OPERATOR_LESS_EQUAL:
    case OPERATOR_GREATER:
    case OPERATOR_GREATER_EQUAL:
    case OPERATOR_EQUAL:
    case OPERATOR_NOT_EQUAL:
        return check_comparison(scope, expression, fault);
    default:
        TRY(check_arithmetic(expression, fault));
        if (expression->operator== OPERATOR_POWER)
            warn_of_ambiguous_power(scope->check, expression);
        return 0;
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
    expression_set_result(call, TYPE_NODES, no_dimension);
    return 0;
}

static int fault_unknown_function(struct scope *scope, const struct expression *call, struct fault *fault)
{
    struct candidates candidates = {.arena = scope->check->arena};
    for (int k = 0; k < FUNCTIONS; k++)
        candidates_add(&candidates, function_signatures[k].name);
    candidates_add(&candidates, "sample");
    if (!scope->closed)
        candidates_add_script(&candidates, scope->check);
    if (*brian_word_here(call->name))
        return source_fault(fault, call->span, "unknown function '%s'%s", call->name, brian_word_here(call->name));
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
    expression_set_result(call,
                          known->type == TYPE_UNKNOWN ? TYPE_UNKNOWN
                          : integers                  ? TYPE_INTEGER
                                                      : TYPE_REAL,
                          known->dimension);
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

static int check_arguments(struct scope *scope, struct expression *call, struct fault *fault)
{
    const struct function_signature *signature = &function_signatures[call->function];
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
            expression_set_result(call, TYPE_UNKNOWN, no_dimension);
            return 0;
        }
        break;
    case DIMENSION_SAME:
        return require_same_arguments(call, 0, fault);
    case DIMENSION_CHOICE:
        TRY(require_condition(call->children[0], fault));
        return require_same_arguments(call, 1, fault);
    case DIMENSION_STEP_VALUE:
    case DIMENSION_LIST: /* have rules of their own */
        break;
    }
    expression_set_result(call, signature->result, dimension);
    return 0;
}

static int check_call(struct scope *scope, struct expression *call, struct fault *fault)
{
    TRY(check_positional(call, fault));
    if (strcmp(call->name, "sample") == 0)
        return check_sample(scope, call, fault);
    const struct named *callable = callable_find(scope, call->name);
    if (callable)
        return callable_check(scope, call, callable, fault);
    call->function = function_find(call->name);
    if (call->function == FUNCTION_TIMED_ARRAY)
        return source_fault(fault, call->span,
                            "'timed_array' makes a function of time, which needs a name: let stimulus = timed_array(VALUES, DT)");
    if (call->function < 0)
        return fault_unknown_function(scope, call, fault);
    const struct function_signature *signature = &function_signatures[call->function];
    if (signature->rule == DIMENSION_LIST)
        return list_function_check(scope, call, fault);
    if (call->n_children != signature->n_arguments)
        return source_fault(fault, call->span, "%s(%s) takes %d argument%s, not %d", call->name, signature->arguments,
                            signature->n_arguments, signature->n_arguments == 1 ? "" : "s", call->n_children);
    for (int k = 0; k < call->n_children; k++)
        TRY(expression_check(scope, call->children[k], fault));
    if (signature->random)
        TRY(random_check(scope, call, fault));
    scope->check->simulation_used |= call->function == FUNCTION_STEPS && !scope->model;
    if (signature->rule == DIMENSION_STEP_VALUE)
        return step_value_check(scope, call, fault);
    return elementwise_check(scope, call, check_arguments, fault);
}

/* ---- indices ---------------------------------------------------------------------------------------------- */

static int check_index(struct scope *scope, struct expression *expression, struct fault *fault)
{
    struct expression *object = expression->children[0], *index = expression->children[1];
    if (family_of(scope, object)) {
        expression_set_result(expression, TYPE_NODES, no_dimension);
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
    expression_set_result(expression, TYPE_NODES, no_dimension);
    if (index->kind != EXPRESSION_SLICE) {
        TRY(expression_check(scope, index, fault));
        return index->is_list ? 0 : expression_require(index, no_dimension, "an index", fault);
    }
    for (int k = 0; k < 2; k++)
        if (index->children[k])
            TRY(expression_check_number(scope, index->children[k], no_dimension, "the bound of a slice", fault));
    return 0;
}

/* ---- any expression -------------------------------------------------------------------------------------- */

int expression_check(struct scope *scope, struct expression *expression, struct fault *fault)
{
    if (scope->n_inside && ++scope->n_inlined > INLINED_TERMS_MAX)
        return source_fault(fault, expression->span, "functions that call one another come to more than %d terms here",
                            INLINED_TERMS_MAX);
    switch (expression->kind) {
    case EXPRESSION_NUMBER:
        expression_set_result(expression, expression->is_integer && !expression->has_unit ? TYPE_INTEGER : TYPE_REAL,
                              expression->has_unit ? expression->unit.dimension : no_dimension);
        return 0;
    case EXPRESSION_STRING:
        expression_set_result(expression, TYPE_STRING, no_dimension);
        return 0;
    case EXPRESSION_NAME:
        return reference_check(scope, expression, fault);
    case EXPRESSION_UNARY:
        TRY(expression_check(scope, expression->children[0], fault));
        return elementwise_check(scope, expression, check_unary, fault);
    case EXPRESSION_BINARY:
        TRY(expression_check(scope, expression->children[0], fault));
        TRY(expression_check(scope, expression->children[1], fault));
        TRY(require_one_exponent(expression, fault));
        return elementwise_check(scope, expression, check_operands, fault);
    case EXPRESSION_CALL:
        return check_call(scope, expression, fault);
    case EXPRESSION_INDEX:
        return check_index(scope, expression, fault);
    case EXPRESSION_ARRAY:
        return array_check(scope, expression, fault);
    case EXPRESSION_SLICE:
        return source_fault(fault, expression->span, "a slice a:b can stand in an index only");
    case EXPRESSION_MEMBER:
        return source_fault(
            fault, expression->span,
            "values of variables cannot be read in the script; what is assigned to nodes may read each node's own, as '%s' alone",
            expression->name);
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
