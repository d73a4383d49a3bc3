/* Units in the text. Behind a declaring ':' a product of units (1/uM/ms); behind a literal exactly one unit name (2 mV). */
#include <math.h>
#include <string.h>

#include "language/parser.h"

/* `otherwise` is what to say when no known unit is near. */
static int unknown_unit(struct parser *parser, struct span span, const char *otherwise)
{
    const char *name = parser_text(parser, span);
    char nearest[64];
    if (unit_nearest(name, nearest, sizeof nearest))
        return source_fault(parser->fault, span, "unknown unit '%s'; did you mean '%s'?", name, nearest);
    return source_fault(parser->fault, span, "unknown unit '%s'%s", name, otherwise);
}

/* ---- declared units -------------------------------------------------------------------------------------------------------- */

static struct unit unit_of_port(void)
{
    struct unit unit = unit_one();
    unit.dimension.twice[PORT] = 2;
    return unit;
}

static int unit_expression(struct parser *parser, struct unit *out);

static int unit_atom(struct parser *parser, struct unit *out)
{
    const struct token token = parser->tokens[0];
    const char *text = parser->source->text + token.span.begin;
    if (token.kind == TOKEN_NUMBER && token.is_integer && token.number == 1) {
        *out = unit_one();
        return parser_advance(parser);
    }
    if (token.kind == TOKEN_LEFT_PARENTHESIS) {
        TRY(parser_enter(parser, token.span));
        TRY(parser_advance(parser));
        TRY(unit_expression(parser, out));
        parser_leave(parser);
        return parser_close(parser, TOKEN_RIGHT_PARENTHESIS, token.span);
    }
    if (token.kind != TOKEN_NAME)
        return parser_unexpected(parser, "a unit");
    if (token_is(&token, "port"))
        *out = unit_of_port();
    else if (!unit_find(text, token.span.end - token.span.begin, out))
        return unknown_unit(parser, token.span, "");
    return parser_advance(parser);
}

/* unit, unit**2, unit**-1, unit**0.5 */
static int unit_factor(struct parser *parser, struct unit *out)
{
    uint32_t begin = parser->tokens[0].span.begin;
    TRY(unit_atom(parser, out));
    if (!parser_at(parser, TOKEN_POWER))
        return FAULT_NONE;
    TRY(parser_advance(parser));
    bool negative = parser_at(parser, TOKEN_MINUS);
    if (negative)
        TRY(parser_advance(parser));
    double exponent = parser->tokens[0].number;
    TRY(parser_expect(parser, TOKEN_NUMBER, "the exponent of a unit, a number"));
    bool readable = 2 * exponent == floor(2 * exponent) && exponent < 100;
    if (!readable || !unit_power(*out, (negative ? -1 : 1) * (int)(2 * exponent), out))
        return source_fault(parser->fault, parser_span(parser, begin), "the exponent of a unit is a small multiple of 0.5");
    return FAULT_NONE;
}

static int unit_expression(struct parser *parser, struct unit *out)
{
    TRY(unit_factor(parser, out));
    while (parser_at(parser, TOKEN_MULTIPLY) || parser_at(parser, TOKEN_DIVIDE)) {
        bool divide = parser_at(parser, TOKEN_DIVIDE);
        struct unit right;
        TRY(parser_advance(parser));
        TRY(unit_factor(parser, &right));
        *out = divide ? unit_quotient(*out, right) : unit_product(*out, right);
    }
    return FAULT_NONE;
}

/* The text of the unit without blanks, line ends and comments. */
static const char *compact_text(struct parser *parser, struct span span)
{
    char *text = arena_text(parser->arena, parser->source->text + span.begin, span.end - span.begin);
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from == '#')
            from += strcspn(from, "\n");
        if (!strchr(" \t\r\n", *from))
            *to++ = *from;
    }
    *to = '\0';
    return text;
}

/* `integer` and `boolean` are types without unit. */
static int type_or_unit(struct parser *parser, struct declared_unit *out)
{
    out->type = parser_at_word(parser, "integer") ? TYPE_INTEGER : parser_at_word(parser, "boolean") ? TYPE_BOOLEAN : TYPE_REAL;
    if (out->type == TYPE_REAL)
        return unit_expression(parser, &out->unit);
    out->unit = unit_one();
    return parser_advance(parser);
}

int parser_declared_unit(struct parser *parser, struct declared_unit *out)
{
    uint32_t begin = parser->tokens[0].span.begin;
    *out = (struct declared_unit){0};
    if (!parser_at(parser, TOKEN_NAME) && !parser_at(parser, TOKEN_NUMBER) && !parser_at(parser, TOKEN_LEFT_PARENTHESIS))
        return parser_unexpected(parser, "a unit after ':' (such as mV, or 1 for a pure number)");
    if (parser_at(parser, TOKEN_NUMBER) && parser->tokens[0].number != 1)
        return parser_unexpected(parser, "a unit after ':'");
    TRY(type_or_unit(parser, out));
    struct span span = parser_span(parser, begin);
    if (!isfinite(out->unit.scale) || out->unit.scale <= 0)
        return source_fault(parser->fault, span, "this unit is beyond the range of numbers");
    out->text = compact_text(parser, span);
    out->is_port = strcmp(out->text, "port") == 0;
    out->is_list = parser_at(parser, TOKEN_LEFT_BRACKET);
    if (out->is_list) {
        TRY(parser_advance(parser));
        TRY(parser_expect(parser, TOKEN_RIGHT_BRACKET, "']': a list is declared as UNIT[]"));
    }
    return FAULT_NONE;
}

/* ---- units of literals
 * --------------------------------------------------------------------------------------------------------- */

/* Words that may follow a number although they are not reserved: `threshold x > 1 after synapses`, `send 1 to PORT`,
 * `generator(j = k + 1 for k in …)`. */
static bool may_follow_number(const struct token *token)
{
    return token_is(token, "after") || token_is(token, "to") || token_is(token, "third") || token_is(token, "for");
}

int parser_literal_unit(struct parser *parser, bool *found, struct unit *unit, const char **text)
{
    const struct token *token = &parser->tokens[0];
    const char *name = parser->source->text + token->span.begin;
    size_t length = token->span.end - token->span.begin;
    *found = false;
    if (token->kind != TOKEN_NAME || !token->on_same_line || word_is_grammar(name, length) || may_follow_number(token))
        return FAULT_NONE;
    if (!unit_find(name, length, unit))
        return unknown_unit(parser, token->span, " behind a number; a product is written with '*'");
    *found = true;
    *text = parser_text(parser, token->span);
    return parser_advance(parser);
}
