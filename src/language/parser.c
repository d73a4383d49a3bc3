/* The parser's tools: the window of tokens, messages, names and blocks; and the entry points. See parser.h for what holds. */
#include "language/parser.h"

#include <locale.h>
#include <string.h>

/* ---- tokens ---------------------------------------------------------------------------------------------------------- */

static int refuse_fault(struct parser *parser)
{
    const struct token *token = &parser->tokens[0];
    return token->kind == TOKEN_FAULT ? source_fault(parser->fault, token->span, "%s", token->message) : FAULT_NONE;
}

int parser_advance(struct parser *parser)
{
    parser->previous_end = parser->tokens[0].span.end;
    memmove(parser->tokens, parser->tokens + 1, (PARSER_LOOKAHEAD - 1) * sizeof parser->tokens[0]);
    parser->tokens[PARSER_LOOKAHEAD - 1] = lexer_next(&parser->lexer);
    return refuse_fault(parser);
}

static int parser_start(struct parser *parser, struct arena *arena, const struct source *source, struct fault *fault)
{
    *parser = (struct parser){.arena = arena, .source = source, .fault = fault, .lexer = lexer_start(arena, source)};
    for (int k = 0; k < PARSER_LOOKAHEAD; k++)
        parser->tokens[k] = lexer_next(&parser->lexer);
    return refuse_fault(parser);
}

bool parser_at(const struct parser *parser, enum token_kind kind)
{
    return parser->tokens[0].kind == kind;
}

bool parser_at_word(const struct parser *parser, const char *word)
{
    return token_is(&parser->tokens[0], word);
}

struct span parser_span(const struct parser *parser, uint32_t begin)
{
    return (struct span){parser->source, begin, parser->previous_end};
}

const char *parser_text(struct parser *parser, struct span span)
{
    return arena_text(parser->arena, parser->source->text + span.begin, span.end - span.begin);
}

/* ---- messages --------------------------------------------------------------------------------------------------------- */

/* What a reader would call the token at hand. */
static const char *found_text(struct parser *parser)
{
    const struct token *token = &parser->tokens[0];
    bool shown = token->kind == TOKEN_NAME || token->kind == TOKEN_NUMBER;
    if (token->kind == TOKEN_STATEMENT_END && token->span.end > token->span.begin)
        return "';'";
    return shown ? arena_format(parser->arena, "'%s'", parser_text(parser, token->span)) : token_kind_text(token->kind);
}

/* A unit behind something else than a number, as in (20 + i) Hz? */
static bool is_misplaced_unit(const struct parser *parser)
{
    const struct token *token = &parser->tokens[0];
    uint32_t length = token->span.end - token->span.begin;
    struct unit unit;
    if (token->kind != TOKEN_NAME || parser->previous_end == 0 ||
        !unit_find(parser->source->text + token->span.begin, length, &unit))
        return false;
    char previous = parser->source->text[parser->previous_end - 1];
    return previous == ')' || previous == ']' || length > 1; /* a letter behind a name may be any name */
}

int parser_unexpected(struct parser *parser, const char *expected)
{
    const char *hint = is_misplaced_unit(parser) ? "; a unit stands right behind a number or a list, else multiply with it" : "";
    return source_fault(parser->fault, parser->tokens[0].span, "expected %s, found %s%s", expected, found_text(parser), hint);
}

int parser_expect(struct parser *parser, enum token_kind kind, const char *expected)
{
    if (!parser_at(parser, kind))
        return parser_unexpected(parser, expected);
    return parser_advance(parser);
}

int parser_expect_word(struct parser *parser, const char *word)
{
    if (!parser_at_word(parser, word))
        return parser_unexpected(parser, arena_format(parser->arena, "'%s'", word));
    return parser_advance(parser);
}

int parser_close(struct parser *parser, enum token_kind kind, struct span open)
{
    if (parser_at(parser, kind))
        return parser_advance(parser);
    const char *opened = kind == TOKEN_RIGHT_BRACE ? "block" : arena_format(parser->arena, "'%s'", parser_text(parser, open));
    return parser_unexpected(parser, arena_format(parser->arena, "%s to close the %s opened at line %u", token_kind_text(kind),
                                                  opened, source_line(open)));
}

int parser_statement_end(struct parser *parser)
{
    switch (parser->tokens[0].kind) {
    case TOKEN_STATEMENT_END:
    case TOKEN_RIGHT_BRACE:
    case TOKEN_FILE_END:
        return FAULT_NONE;
    case TOKEN_COMMA:
        return parser_unexpected(parser, "a new line or ';' before the next statement");
    case TOKEN_ASSIGN:
        return parser_unexpected(parser, "the end of the statement (a comparison is written '==')");
    default:
        if (parser_at_word(parser, "if"))
            return parser_unexpected(parser, "the end of the statement (a choice between two values is written "
                                             "where(CONDITION, a, b))");
        return parser_unexpected(parser, "the end of the statement");
    }
}

int parser_enter(struct parser *parser, struct span where)
{
    if (parser->nesting >= NESTING_MAX)
        return source_fault(parser->fault, where, "this is nested too deeply: at most %d levels are allowed", NESTING_MAX);
    parser->nesting++;
    return FAULT_NONE;
}

void parser_leave(struct parser *parser)
{
    parser->nesting--;
}

/* ---- names, texts, blocks ------------------------------------------------------------------------------------------------ */

int parser_name(struct parser *parser, const char *what, const char **name, struct span *span)
{
    struct span where = parser->tokens[0].span;
    const char *text = parser->source->text + where.begin;
    if (!parser_at(parser, TOKEN_NAME))
        return parser_unexpected(parser, what);
    if (word_is_grammar(text, where.end - where.begin))
        return parser_unexpected(parser, arena_format(parser->arena, "%s (which may be no reserved word)", what));
    *name = parser_text(parser, where);
    *span = where;
    return parser_advance(parser);
}

int parser_check_new_name(struct parser *parser, struct span span)
{
    const char *text = parser->source->text + span.begin;
    size_t length = span.end - span.begin;
    struct unit unit;
    if (word_is_grammar(text, length) || word_is_built_in(text, length))
        return source_fault(parser->fault, span, "'%.*s' is reserved; choose another name", (int)length, text);
    if (length > 1 && unit_find(text, length, &unit))
        return source_fault(parser->fault, span, "'%.*s' is the name of a unit; choose another name", (int)length, text);
    return FAULT_NONE;
}

int parser_new_name(struct parser *parser, const char *what, const char **name, struct span *span)
{
    if (parser_at(parser, TOKEN_NAME))
        TRY(parser_check_new_name(parser, parser->tokens[0].span));
    return parser_name(parser, what, name, span);
}

int parser_optional_string(struct parser *parser, const char **text)
{
    *text = NULL;
    if (!parser_at(parser, TOKEN_STRING))
        return FAULT_NONE;
    struct span span = parser->tokens[0].span;
    *text = parser_text(parser, (struct span){span.source, span.begin + 1, span.end - 1});
    return parser_advance(parser);
}

int parser_open_block(struct parser *parser, struct span *open)
{
    *open = parser->tokens[0].span;
    TRY(parser_expect(parser, TOKEN_LEFT_BRACE, "'{'"));
    return parser_enter(parser, *open);
}

int parser_next_in_block(struct parser *parser, struct span open, bool *more)
{
    while (parser_at(parser, TOKEN_STATEMENT_END))
        TRY(parser_advance(parser));
    *more = !parser_at(parser, TOKEN_RIGHT_BRACE) && !parser_at(parser, TOKEN_FILE_END);
    if (*more)
        return FAULT_NONE;
    parser_leave(parser);
    return parser_close(parser, TOKEN_RIGHT_BRACE, open);
}

int parser_unexpected_in_block(struct parser *parser, struct span open, const char *expected)
{
    return parser_unexpected(
        parser, arena_format(parser->arena, "%s, or '}' to close the block opened at line %u", expected, source_line(open)));
}

bool parser_at_two_names(const struct parser *parser)
{
    return parser->tokens[0].kind == TOKEN_NAME && parser->tokens[1].kind == TOKEN_NAME;
}

void *parser_room(struct parser *parser, void *array, int n, size_t element_size)
{
    enum { FIRST = 4 };
    bool full = n == 0 || (n >= FIRST && (n & (n - 1)) == 0); /* capacities are powers of two */
    if (!full)
        return array;
    void *larger = arena_new(parser->arena, (n ? 2 * (size_t)n : FIRST) * element_size);
    if (n)
        memcpy(larger, array, (size_t)n * element_size);
    return larger;
}

/* ---- entry ---------------------------------------------------------------------------------------------------------------- */

static int parse_script(struct arena *arena, struct source *source, struct script_tree **out, struct fault *fault)
{
    struct parser parser;
    struct script_tree *tree = ARENA_NEW(arena, 1, struct script_tree);
    tree->source = source;
    TRY(parser_start(&parser, arena, source, fault));
    TRY(parser_script(&parser, &tree->statements, &tree->n_statements));
    *out = tree;
    return FAULT_NONE;
}

static int parse_whole_expression(struct arena *arena, struct source *source, struct expression **out, struct fault *fault)
{
    struct parser parser;
    struct expression *expression;
    TRY(parser_start(&parser, arena, source, fault));
    TRY(parser_expression(&parser, &expression));
    if (!parser_at(&parser, TOKEN_FILE_END))
        return parser_unexpected(&parser, "the end of the expression");
    *out = expression;
    return FAULT_NONE;
}

/* Numbers are read and written with a decimal point, whatever the locale of the program that we live in. */
static locale_t use_plain_numbers(locale_t *plain)
{
    *plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return *plain ? uselocale(*plain) : (locale_t)0;
}

static void restore_numbers(locale_t plain, locale_t before)
{
    if (!plain)
        return;
    uselocale(before);
    freelocale(plain);
}

int parse(struct arena *arena, struct source *source, struct script_tree **out, struct fault *fault)
{
    *out = NULL;
    locale_t plain, before = use_plain_numbers(&plain);
    int status = parse_script(arena, source, out, fault);
    restore_numbers(plain, before);
    return status;
}

int parse_expression(struct arena *arena, struct source *source, struct expression **out, struct fault *fault)
{
    *out = NULL;
    locale_t plain, before = use_plain_numbers(&plain);
    int status = parse_whole_expression(arena, source, out, fault);
    restore_numbers(plain, before);
    return status;
}
