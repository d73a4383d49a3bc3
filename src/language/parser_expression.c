/* Expressions, with Python's operators and precedence. A slice and a named argument are part of the brackets they stand in.
 *
 * Left-associative chains are built in a loop, so text of any length costs no stack here; but the tree gets as deep as the chain
 * is long, and later walks recurse, so finish() bounds the depth of every node. */
#include <string.h>

#include "language/parser.h"

enum precedence { PRECEDENCE_OR = 1, PRECEDENCE_AND, PRECEDENCE_NOT, PRECEDENCE_COMPARISON, PRECEDENCE_SUM, PRECEDENCE_PRODUCT };

struct binary_operator {
    enum token_kind token;
    enum operator operator;
    enum precedence precedence;
};

/* ** is not among them: it binds to the right, and tighter than a minus on its left. */
static const struct binary_operator binary_operators[] = {
    {TOKEN_EQUAL, OPERATOR_EQUAL, PRECEDENCE_COMPARISON},
    {TOKEN_NOT_EQUAL, OPERATOR_NOT_EQUAL, PRECEDENCE_COMPARISON},
    {TOKEN_LESS, OPERATOR_LESS, PRECEDENCE_COMPARISON},
    {TOKEN_LESS_EQUAL, OPERATOR_LESS_EQUAL, PRECEDENCE_COMPARISON},
    {TOKEN_GREATER, OPERATOR_GREATER, PRECEDENCE_COMPARISON},
    {TOKEN_GREATER_EQUAL, OPERATOR_GREATER_EQUAL, PRECEDENCE_COMPARISON},
    {TOKEN_PLUS, OPERATOR_ADD, PRECEDENCE_SUM},
    {TOKEN_MINUS, OPERATOR_SUBTRACT, PRECEDENCE_SUM},
    {TOKEN_MULTIPLY, OPERATOR_MULTIPLY, PRECEDENCE_PRODUCT},
    {TOKEN_DIVIDE, OPERATOR_DIVIDE, PRECEDENCE_PRODUCT},
    {TOKEN_FLOOR_DIVIDE, OPERATOR_FLOOR_DIVIDE, PRECEDENCE_PRODUCT},
    {TOKEN_MODULO, OPERATOR_MODULO, PRECEDENCE_PRODUCT},
};
static const struct binary_operator operator_and = {TOKEN_NAME, OPERATOR_AND, PRECEDENCE_AND};
static const struct binary_operator operator_or = {TOKEN_NAME, OPERATOR_OR, PRECEDENCE_OR};

/* The binary operator at hand, or NULL. */
static const struct binary_operator *binary_operator_at(const struct parser *parser)
{
    if (parser_at_word(parser, "and"))
        return &operator_and;
    if (parser_at_word(parser, "or"))
        return &operator_or;
    for (size_t k = 0; k < sizeof binary_operators / sizeof binary_operators[0]; k++)
        if (parser_at(parser, binary_operators[k].token))
            return &binary_operators[k];
    return NULL;
}

/* ---- nodes ------------------------------------------------------------------------------------------------------------------
 */

static struct expression *expression_new(struct parser *parser, enum expression_kind kind, uint32_t begin)
{
    struct expression *expression = ARENA_NEW(parser->arena, 1, struct expression);
    expression->kind = kind;
    expression->span = (struct span){parser->source, begin, begin};
    return expression;
}

static void add_child(struct parser *parser, struct expression *parent, struct expression *child)
{
    *PARSER_PUSH(parser, parent->children, parent->n_children, struct expression *) = child;
}

/* The node is complete: its text ends here, and its depth is known. */
static int finish(struct parser *parser, struct expression *expression, struct expression **out)
{
    expression->span.end = parser->previous_end;
    expression->depth = 1;
    for (int k = 0; k < expression->n_children; k++) {
        const struct expression *child = expression->children[k];
        if (child && child->depth >= expression->depth)
            expression->depth = child->depth + 1;
    }
    if (expression->depth > EXPRESSION_DEPTH_MAX)
        return source_fault(parser->fault, expression->span,
                            "this expression is too long: at most %d operations may follow one another; split it",
                            EXPRESSION_DEPTH_MAX);
    *out = expression;
    return FAULT_NONE;
}

static int make_binary(struct parser *parser, enum operator operator, struct expression * left, struct expression *right,
                       struct expression **out)
{
    struct expression *expression = expression_new(parser, EXPRESSION_BINARY, left->span.begin);
    expression->operator= operator;
    add_child(parser, expression, left);
    add_child(parser, expression, right);
    return finish(parser, expression, out);
}

/* ---- literals and names ------------------------------------------------------------------------------------------------------
 */

static int literal_unit(struct parser *parser, struct expression *expression)
{
    return parser_literal_unit(parser, &expression->has_unit, &expression->unit, &expression->unit_text);
}

static int parse_number(struct parser *parser, struct expression **out)
{
    const struct token *token = &parser->tokens[0];
    struct expression *expression = expression_new(parser, EXPRESSION_NUMBER, token->span.begin);
    expression->number = token->number;
    expression->is_integer = token->is_integer;
    TRY(parser_advance(parser));
    TRY(literal_unit(parser, expression));
    expression->is_integer = expression->is_integer && !expression->has_unit;
    return finish(parser, expression, out);
}

static int parse_string(struct parser *parser, struct expression **out)
{
    struct expression *expression = expression_new(parser, EXPRESSION_STRING, parser->tokens[0].span.begin);
    TRY(parser_optional_string(parser, &expression->name));
    return finish(parser, expression, out);
}

/* [a, b, …] with an optional unit behind it */
static int parse_array(struct parser *parser, struct expression **out)
{
    struct span open = parser->tokens[0].span;
    struct expression *expression = expression_new(parser, EXPRESSION_ARRAY, open.begin);
    TRY(parser_enter(parser, open));
    do {
        TRY(parser_advance(parser));
        if (parser_at(parser, TOKEN_RIGHT_BRACKET))
            break; /* an empty list, or a comma behind the last element */
        struct expression *element;
        TRY(parser_expression(parser, &element));
        add_child(parser, expression, element);
    } while (parser_at(parser, TOKEN_COMMA));
    parser_leave(parser);
    TRY(parser_close(parser, TOKEN_RIGHT_BRACKET, open));
    TRY(literal_unit(parser, expression));
    return finish(parser, expression, out);
}

/* One argument: EXPRESSION, or NAME = EXPRESSION */
static void add_argument(struct parser *parser, struct expression *call, const char *name, struct expression *value)
{
    int n_names = call->n_children;
    *PARSER_PUSH(parser, call->argument_names, n_names, const char *) = name;
    add_child(parser, call, value);
}

/* range([A,] B [, STEP]) or sample([A,] B [, STEP], p = … or size = …): the same arguments as of A:B, and those with a name */
static int add_range(struct parser *parser, struct expression *call, const struct expression *range)
{
    static const char *const words[] = {"in", ":", "step"};
    const bool is_sample = strcmp(range->name, "sample") == 0;
    int n_places = 0;
    while (n_places < range->n_children && !range->argument_names[n_places])
        n_places++;
    if (n_places < 1 || n_places > 3 || range->n_children != n_places + is_sample)
        return source_fault(parser->fault, range->span,
                            is_sample
                                ? "'sample' takes A, B and perhaps a step, and p = … or size = …: sample(0, N_post, size = 5)"
                                : "'range' takes B, A and B, or A, B and a step: range(0, N_post, 2)");
    if (n_places == 1) {
        struct expression *zero = expression_new(parser, EXPRESSION_NUMBER, range->span.begin);
        zero->is_integer = true;
        zero->depth = 1;
        zero->span = range->span;
        add_argument(parser, call, "in", zero);
    }
    for (int k = 0; k < range->n_children; k++)
        add_argument(parser, call, k < n_places ? words[k + (n_places == 1)] : range->argument_names[k], range->children[k]);
    return FAULT_NONE;
}

/* A:B, or a call of the two functions */
static int parse_range(struct parser *parser, struct expression *call)
{
    struct expression *value;
    TRY(parser_expression(parser, &value));
    if (!parser_at(parser, TOKEN_COLON) && value->kind == EXPRESSION_CALL &&
        (strcmp(value->name, "range") == 0 || strcmp(value->name, "sample") == 0))
        return add_range(parser, call, value);
    add_argument(parser, call, "in", value);
    TRY(parser_expect(parser, TOKEN_COLON, "':' and the end of the range"));
    TRY(parser_expression(parser, &value));
    add_argument(parser, call, ":", value);
    return FAULT_NONE;
}

/* for NAME in A:B [if CONDITION], behind an argument with a name: further arguments, which are called by these words */
static int parse_for(struct parser *parser, struct expression *call)
{
    struct expression *variable = expression_new(parser, EXPRESSION_NAME, parser->tokens[1].span.begin), *value;
    TRY(parser_advance(parser));
    TRY(parser_new_name(parser, "the name of the variable", &variable->name, &variable->span));
    add_argument(parser, call, "for", variable);
    TRY(parser_expect_word(parser, "in"));
    TRY(parse_range(parser, call));
    if (!parser_at_word(parser, "if"))
        return FAULT_NONE;
    TRY(parser_advance(parser));
    TRY(parser_expression(parser, &value));
    add_argument(parser, call, "if", value);
    return FAULT_NONE;
}

static int parse_argument(struct parser *parser, struct expression *call)
{
    struct span where = parser->tokens[0].span;
    const char *name = NULL;
    struct expression *value;
    if (parser_at(parser, TOKEN_NAME) && parser->tokens[1].kind == TOKEN_ASSIGN) {
        TRY(parser_name(parser, "an argument's name", &name, &where));
        TRY(parser_advance(parser));
    }
    int n = call->n_children;
    if (!name && n > 0 && call->argument_names[n - 1])
        return source_fault(parser->fault, where, "an argument without name may not follow one with a name");
    TRY(parser_expression(parser, &value));
    add_argument(parser, call, name, value);
    return name && parser_at_word(parser, "for") ? parse_for(parser, call) : FAULT_NONE;
}

/* (arguments), into a call */
static int parse_arguments(struct parser *parser, struct expression *call)
{
    struct span open = parser->tokens[0].span;
    TRY(parser_enter(parser, open));
    TRY(parser_advance(parser));
    while (!parser_at(parser, TOKEN_RIGHT_PARENTHESIS)) {
        TRY(parse_argument(parser, call));
        if (!parser_at(parser, TOKEN_COMMA))
            break;
        TRY(parser_advance(parser));
    }
    parser_leave(parser);
    return parser_close(parser, TOKEN_RIGHT_PARENTHESIS, open);
}

int parser_call(struct parser *parser, const char *what, struct expression **out)
{
    struct expression *expression = expression_new(parser, EXPRESSION_NAME, parser->tokens[0].span.begin);
    struct span span;
    TRY(parser_name(parser, what, &expression->name, &span));
    if (parser_at(parser, TOKEN_LEFT_PARENTHESIS)) {
        expression->kind = EXPRESSION_CALL;
        TRY(parse_arguments(parser, expression));
    }
    return finish(parser, expression, out);
}

static int parse_parenthesis(struct parser *parser, struct expression **out)
{
    struct span open = parser->tokens[0].span;
    TRY(parser_enter(parser, open));
    TRY(parser_advance(parser));
    TRY(parser_expression(parser, out));
    (*out)->in_parentheses = true;
    parser_leave(parser);
    return parser_close(parser, TOKEN_RIGHT_PARENTHESIS, open);
}

/* ---- parts of objects -------------------------------------------------------------------------------------------------------
 */

/* Is an end of a slice left out here? */
static bool slice_ends(const struct parser *parser)
{
    return parser_at(parser, TOKEN_COMMA) || parser_at(parser, TOKEN_RIGHT_BRACKET);
}

int parser_slice(struct parser *parser, struct expression **out)
{
    uint32_t begin = parser->tokens[0].span.begin;
    struct expression *first = NULL, *end = NULL;
    if (!parser_at(parser, TOKEN_COLON))
        TRY(parser_expression(parser, &first));
    if (!parser_at(parser, TOKEN_COLON)) {
        *out = first;
        return FAULT_NONE;
    }
    TRY(parser_advance(parser));
    if (!slice_ends(parser))
        TRY(parser_expression(parser, &end));
    struct expression *slice = expression_new(parser, EXPRESSION_SLICE, begin);
    add_child(parser, slice, first);
    add_child(parser, slice, end);
    return finish(parser, slice, out);
}

/* object[index, …] */
static int parse_index(struct parser *parser, struct expression *object, struct expression **out)
{
    struct span open = parser->tokens[0].span;
    struct expression *expression = expression_new(parser, EXPRESSION_INDEX, object->span.begin);
    add_child(parser, expression, object);
    TRY(parser_enter(parser, open));
    do {
        struct expression *index;
        TRY(parser_advance(parser));
        TRY(parser_slice(parser, &index));
        add_child(parser, expression, index);
    } while (parser_at(parser, TOKEN_COMMA));
    parser_leave(parser);
    TRY(parser_close(parser, TOKEN_RIGHT_BRACKET, open));
    return finish(parser, expression, out);
}

/* object.name */
static int parse_member(struct parser *parser, struct expression *object, struct expression **out)
{
    struct expression *expression = expression_new(parser, EXPRESSION_MEMBER, object->span.begin);
    struct span span;
    add_child(parser, expression, object);
    TRY(parser_advance(parser));
    TRY(parser_name(parser, "a name after '.'", &expression->name, &span));
    return finish(parser, expression, out);
}

int parser_object(struct parser *parser, struct expression **out)
{
    struct expression *object;
    if (parser_at(parser, TOKEN_LEFT_PARENTHESIS))
        TRY(parse_parenthesis(parser, &object));
    else
        TRY(parser_call(parser, "a value", &object));
    for (;;) {
        if (parser_at(parser, TOKEN_LEFT_BRACKET))
            TRY(parse_index(parser, object, &object));
        else if (parser_at(parser, TOKEN_DOT))
            TRY(parse_member(parser, object, &object));
        else
            break;
    }
    *out = object;
    return FAULT_NONE;
}

/* ---- operators ---------------------------------------------------------------------------------------------------------------
 */

static int parse_atom(struct parser *parser, struct expression **out)
{
    switch (parser->tokens[0].kind) {
    case TOKEN_NUMBER:
        return parse_number(parser, out);
    case TOKEN_STRING:
        return parse_string(parser, out);
    case TOKEN_LEFT_BRACKET:
        return parse_array(parser, out);
    default:
        return parser_object(parser, out);
    }
}

static int parse_signed(struct parser *parser, struct expression **out);

/* a**b: binds to the right, so that a**b**c is a**(b**c), and 2**-1 is a half */
static int parse_power(struct parser *parser, struct expression **out)
{
    struct expression *exponent;
    TRY(parse_atom(parser, out));
    if (!parser_at(parser, TOKEN_POWER))
        return FAULT_NONE;
    TRY(parser_enter(parser, parser->tokens[0].span));
    TRY(parser_advance(parser));
    TRY(parse_signed(parser, &exponent));
    parser_leave(parser);
    return make_binary(parser, OPERATOR_POWER, *out, exponent, out);
}

/* A unary operator is at hand; `parse_operand` reads what it applies to. */
static int parse_unary(struct parser *parser, enum operator operator, int (*parse_operand)(struct parser *, struct expression **),
                       struct expression **out)
{
    struct span where = parser->tokens[0].span;
    struct expression *operand;
    TRY(parser_enter(parser, where));
    TRY(parser_advance(parser));
    TRY(parse_operand(parser, &operand));
    parser_leave(parser);
    struct expression *expression = expression_new(parser, EXPRESSION_UNARY, where.begin);
    expression->operator= operator;
    add_child(parser, expression, operand);
    return finish(parser, expression, out);
}

static int parse_signed(struct parser *parser, struct expression **out)
{
    while (parser_at(parser, TOKEN_PLUS))
        TRY(parser_advance(parser));
    if (parser_at(parser, TOKEN_MINUS))
        return parse_unary(parser, OPERATOR_NEGATE, parse_signed, out);
    return parse_power(parser, out);
}

static int parse_binary(struct parser *parser, enum precedence lowest, struct expression **out);

/* What `not` applies to: a comparison, or another `not` */
static int parse_negated(struct parser *parser, struct expression **out)
{
    return parse_binary(parser, PRECEDENCE_NOT, out);
}

static int parse_operand(struct parser *parser, enum precedence lowest, struct expression **out)
{
    if (!parser_at_word(parser, "not"))
        return parse_signed(parser, out);
    if (lowest > PRECEDENCE_NOT)
        return source_fault(parser->fault, parser->tokens[0].span, "put 'not …' in parentheses here");
    return parse_unary(parser, OPERATOR_NOT, parse_negated, out);
}

/* Operators of at least the lowest precedence. At most one level of recursion per level of precedence. */
static int parse_binary(struct parser *parser, enum precedence lowest, struct expression **out)
{
    bool compared = false;
    TRY(parse_operand(parser, lowest, out));
    for (;;) {
        const struct binary_operator *binary = binary_operator_at(parser);
        if (!binary || binary->precedence < lowest)
            return FAULT_NONE;
        if (binary->precedence == PRECEDENCE_COMPARISON && compared)
            return source_fault(parser->fault, parser->tokens[0].span, "comparisons cannot be chained; write a < b and b < c");
        compared = binary->precedence == PRECEDENCE_COMPARISON;
        struct expression *right;
        TRY(parser_advance(parser));
        TRY(parse_binary(parser, binary->precedence + 1, &right));
        TRY(make_binary(parser, binary->operator, * out, right, out));
    }
}

int parser_expression(struct parser *parser, struct expression **out)
{
    return parse_binary(parser, PRECEDENCE_OR, out);
}
