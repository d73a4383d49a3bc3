/* Declarations of a model: parameters (NAME : unit …), equations (dNAME/dt = … : unit …, NAME = … : unit …) and summed inputs. */
#include <math.h>
#include <string.h>

#include "language/parser.h"
#include "support/nearest.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- the parts of a declaration
 * ------------------------------------------------------------------------------------------------ */

static const struct {
    const char *text;
    enum flag flag;
} flags[] = {
    {"unless refractory", FLAG_UNLESS_REFRACTORY},
    {"event-driven", FLAG_EVENT_DRIVEN},
    {"clock-driven", FLAG_CLOCK_DRIVEN},
    {"summed", FLAG_SUMMED},
    {"constant", FLAG_CONSTANT},
    {"shared", FLAG_SHARED},
    {"constant over dt", FLAG_CONSTANT_OVER_DT},
    {"linked", FLAG_LINKED},
    {"single", FLAG_SINGLE},
};

static int unknown_flag(struct parser *parser, struct span span, const char *text)
{
    const char *known[COUNT(flags)];
    for (size_t k = 0; k < COUNT(flags); k++)
        known[k] = flags[k].text;
    const char *nearest = nearest_name(text, known, COUNT(flags));
    if (nearest)
        return source_fault(parser->fault, span, "unknown flag '%s'; did you mean '%s'?", text, nearest);
    return source_fault(parser->fault, span, "unknown flag '%s'", text);
}

/* A flag is a few words, joined by blanks or hyphens: `constant over dt`, `event-driven`. */
static int parse_flag(struct parser *parser, unsigned *out)
{
    uint32_t begin = parser->tokens[0].span.begin;
    const char *text = "", *joint = "";
    for (;;) {
        if (!parser_at(parser, TOKEN_NAME))
            return parser_unexpected(parser, "a flag such as 'constant' or 'unless refractory'");
        text = arena_format(parser->arena, "%s%s%s", text, joint, parser_text(parser, parser->tokens[0].span));
        TRY(parser_advance(parser));
        if (parser_at(parser, TOKEN_COMMA) || parser_at(parser, TOKEN_RIGHT_PARENTHESIS) || strlen(text) > 50)
            break;
        joint = parser_at(parser, TOKEN_MINUS) ? "-" : " ";
        if (parser_at(parser, TOKEN_MINUS))
            TRY(parser_advance(parser));
    }
    for (size_t k = 0; k < COUNT(flags); k++)
        if (strcmp(text, flags[k].text) == 0) {
            if (*out & flags[k].flag)
                return source_fault(parser->fault, parser_span(parser, begin), "the flag '%s' stands here twice", text);
            *out |= flags[k].flag;
            return FAULT_NONE;
        }
    return unknown_flag(parser, parser_span(parser, begin), text);
}

/* (flag, flag) */
static int parse_flags(struct parser *parser, unsigned *out)
{
    struct span open = parser->tokens[0].span;
    do {
        TRY(parser_advance(parser));
        TRY(parse_flag(parser, out));
    } while (parser_at(parser, TOKEN_COMMA));
    return parser_close(parser, TOKEN_RIGHT_PARENTHESIS, open);
}

/* A number or inf, with a sign; counted in the declared unit. */
static int parse_bound(struct parser *parser, double *out)
{
    bool negative = parser_at(parser, TOKEN_MINUS);
    if (negative || parser_at(parser, TOKEN_PLUS))
        TRY(parser_advance(parser));
    if (!parser_at(parser, TOKEN_NUMBER) && !parser_at_word(parser, "inf"))
        return parser_unexpected(parser, "a bound: a number or inf");
    *out = parser_at(parser, TOKEN_NUMBER) ? parser->tokens[0].number : (double)INFINITY;
    if (negative)
        *out = -*out;
    TRY(parser_advance(parser));
    if (parser_at(parser, TOKEN_NAME) && parser->tokens[0].on_same_line)
        return source_fault(parser->fault, parser->tokens[0].span, "bounds are plain numbers, counted in the declared unit");
    return FAULT_NONE;
}

/* in [low, high), where a square bracket includes the bound */
int parser_range(struct parser *parser, struct range *out)
{
    uint32_t begin = parser->tokens[0].span.begin;
    *out = (struct range){.has_range = true};
    TRY(parser_expect_word(parser, "in"));
    out->low_open = parser_at(parser, TOKEN_LEFT_PARENTHESIS);
    if (!out->low_open && !parser_at(parser, TOKEN_LEFT_BRACKET))
        return parser_unexpected(parser, "a range such as [0, inf)");
    TRY(parser_advance(parser));
    TRY(parse_bound(parser, &out->low));
    TRY(parser_expect(parser, TOKEN_COMMA, "',' between the bounds of the range"));
    TRY(parse_bound(parser, &out->high));
    out->high_open = parser_at(parser, TOKEN_RIGHT_PARENTHESIS);
    if (!out->high_open && !parser_at(parser, TOKEN_RIGHT_BRACKET))
        return parser_unexpected(parser, "']' or ')' to close the range");
    TRY(parser_advance(parser));
    out->span = parser_span(parser, begin);
    bool empty = out->low > out->high || (out->low == out->high && (out->low_open || out->high_open));
    return empty ? source_fault(parser->fault, out->span, "this range is empty") : FAULT_NONE;
}

/* What may follow the unit, in any order, each once: (flags), = value, in range, "text". */
static int parse_declaration_tail(struct parser *parser, struct declaration *declaration)
{
    bool has_value = declaration->kind == DECLARATION_PARAMETER || declaration->kind == DECLARATION_DERIVATIVE;
    for (;;) {
        const struct token token = parser->tokens[0];
        if (token.kind == TOKEN_LEFT_PARENTHESIS && !declaration->flags)
            TRY(parse_flags(parser, &declaration->flags));
        else if (token.kind == TOKEN_STRING && !declaration->text)
            TRY(parser_optional_string(parser, &declaration->text));
        else if (token_is(&token, "in") && has_value && !declaration->range.has_range)
            TRY(parser_range(parser, &declaration->range));
        else if (token.kind == TOKEN_ASSIGN && has_value && !declaration->value) {
            TRY(parser_advance(parser));
            TRY(parser_expression(parser, &declaration->value));
        } else if (token_is(&token, "in") || token.kind == TOKEN_ASSIGN)
            return source_fault(parser->fault, token.span,
                                has_value ? "'%s' has a value or a range already"
                                          : "'%s' is computed: it has neither a value of its own nor a range",
                                declaration->name);
        else
            return FAULT_NONE;
    }
}

/* ": unit …" up to the end; the declaration is complete then. */
static int parse_unit_and_tail(struct parser *parser, struct declaration *declaration)
{
    struct declared_unit unit;
    TRY(parser_expect(parser, TOKEN_COLON, "':' and a unit"));
    TRY(parser_declared_unit(parser, &unit));
    declaration->unit = unit.unit;
    declaration->unit_text = unit.text;
    declaration->type = unit.type;
    declaration->is_list = unit.is_list;
    declaration->unit_is_port = unit.is_port;
    TRY(parse_declaration_tail(parser, declaration));
    declaration->span = parser_span(parser, declaration->span.begin);
    return FAULT_NONE;
}

static int add_declaration(struct parser *parser, struct model *model, struct declaration *declaration)
{
    TRY(parse_unit_and_tail(parser, declaration));
    *PARSER_PUSH(parser, model->variables, model->n_variables, struct declaration) = *declaration;
    return FAULT_NONE;
}

/* ---- declarations
 * ---------------------------------------------------------------------------------------------------------------- */

/* NAME : unit … */
static int parse_parameter(struct parser *parser, struct model *model)
{
    struct declaration parameter = {.kind = DECLARATION_PARAMETER, .span = parser->tokens[0].span};
    TRY(parser_new_name(parser, "a variable's name", &parameter.name, &parameter.name_span));
    return add_declaration(parser, model, &parameter);
}

/* NAME = equation : unit … */
static int parse_subexpression(struct parser *parser, struct model *model)
{
    struct declaration subexpression = {.kind = DECLARATION_SUBEXPRESSION, .span = parser->tokens[0].span};
    TRY(parser_new_name(parser, "a variable's name", &subexpression.name, &subexpression.name_span));
    TRY(parser_advance(parser));
    TRY(parser_expression(parser, &subexpression.equation));
    return add_declaration(parser, model, &subexpression);
}

/* dNAME/dt = equation : unit … */
static int parse_derivative(struct parser *parser, struct model *model)
{
    struct declaration derivative = {.kind = DECLARATION_DERIVATIVE, .span = parser->tokens[0].span};
    derivative.name_span = derivative.span;
    derivative.name_span.begin++;
    char first = parser->source->text[derivative.name_span.begin];
    bool has_name = derivative.name_span.begin < derivative.name_span.end && (first < '0' || first > '9');
    if (!has_name || parser->source->text[derivative.span.begin] != 'd' || parser->tokens[1].kind != TOKEN_DIVIDE ||
        !token_is(&parser->tokens[2], "dt") || parser->tokens[3].kind != TOKEN_ASSIGN)
        return source_fault(parser->fault, derivative.span, "a differential equation is written dNAME/dt = EXPRESSION : UNIT");
    TRY(parser_check_new_name(parser, derivative.name_span));
    derivative.name = parser_text(parser, derivative.name_span);
    for (int k = 0; k < 4; k++)
        TRY(parser_advance(parser));
    TRY(parser_expression(parser, &derivative.equation));
    return add_declaration(parser, model, &derivative);
}

int parser_input(struct parser *parser, struct model *model, struct declaration *input)
{
    input->kind = DECLARATION_INPUT;
    return add_declaration(parser, model, input);
}

bool parser_at_declaration(const struct parser *parser)
{
    enum token_kind next = parser->tokens[1].kind;
    return parser_at(parser, TOKEN_NAME) && (next == TOKEN_COLON || next == TOKEN_ASSIGN || next == TOKEN_DIVIDE);
}

int parser_declaration(struct parser *parser, struct model *model)
{
    switch (parser->tokens[1].kind) {
    case TOKEN_COLON:
        return parse_parameter(parser, model);
    case TOKEN_ASSIGN:
        return parse_subexpression(parser, model);
    default:
        return parse_derivative(parser, model);
    }
}
