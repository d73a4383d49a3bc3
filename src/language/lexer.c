/* Newlines end statements, except where the text clearly goes on: inside ( and [, after a sign or word that wants something on
 * its right, and before '{', a text, or one of `by via using`. All of that is decided here: the parser sees TOKEN_STATEMENT_END
 * or nothing.
 *
 * Numbers are converted by strtod, which rounds correctly; the caller sees to the C locale. */
#include "language/lexer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "language/units.h"

enum { NAME_LENGTH_MAX = 100 }; /* names become parts of file names */

static const char *const grammar_words[] = {"in", "of",      "by",   "via", "using", "every", "at",
                                            "if", "extends", "each", "and", "or",    "not"};
static const char *const built_in_words[] = {"t", "dt", "i", "j", "N", "e", "pi", "inf"};
static const char *const words_that_continue[] = {"by", "via", "using"}; /* the line before them */
static const char *const words_that_want_more[] = {"and", "or", "not"};  /* after them */

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool is_one_of(const char *text, size_t length, const char *const *words, size_t n_words)
{
    for (size_t k = 0; k < n_words; k++)
        if (strlen(words[k]) == length && memcmp(words[k], text, length) == 0)
            return true;
    return false;
}

bool word_is_grammar(const char *text, size_t length)
{
    return is_one_of(text, length, grammar_words, COUNT(grammar_words));
}

bool word_is_built_in(const char *text, size_t length)
{
    return is_one_of(text, length, built_in_words, COUNT(built_in_words));
}

bool token_is(const struct token *token, const char *word)
{
    size_t length = token->span.end - token->span.begin;
    return token->kind == TOKEN_NAME && is_one_of(token->span.source->text + token->span.begin, length, &word, 1);
}

static const struct {
    enum token_kind kind;
    const char *text;
} signs[] = {
#define X(name, text) {TOKEN_##name, text},
    TOKEN_SIGNS(X)
#undef X
};

const char *token_kind_text(enum token_kind kind)
{
    static const char *const words[] = {[TOKEN_FILE_END] = "the end of the file",
                                        [TOKEN_STATEMENT_END] = "the end of the line",
                                        [TOKEN_FAULT] = "an error",
                                        [TOKEN_NAME] = "a name",
                                        [TOKEN_NUMBER] = "a number",
                                        [TOKEN_STRING] = "a text",
#define X(name, text) [TOKEN_##name] = "'" text "'",
                                        TOKEN_SIGNS(X)
#undef X
    };
    return words[kind];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool in_name(char c)
{
    return begins_name(c) || is_digit(c);
}

static uint32_t skip_digits(const char *text, uint32_t at)
{
    while (is_digit(text[at]))
        at++;
    return at;
}

static uint32_t skip_name(const char *text, uint32_t at)
{
    while (in_name(text[at]))
        at++;
    return at;
}

/* Skip blanks and comments; says whether a newline was among them. */
static bool skip_blank(struct lexer *lexer)
{
    const char *text = lexer->source->text;
    bool newline = false;
    for (;;) {
        char c = text[lexer->at];
        if (c == '#')
            while (text[lexer->at] != '\n' && text[lexer->at] != '\0')
                lexer->at++;
        else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            newline = newline || c == '\n';
            lexer->at++;
        } else
            return newline;
    }
}

/* Does what stands here continue the statement of the lines above? */
static bool continues_statement(const struct lexer *lexer)
{
    const char *here = lexer->source->text + lexer->at;
    if (*here == '{' || *here == '"')
        return true;
    return begins_name(*here) && is_one_of(here, skip_name(here, 0), words_that_continue, COUNT(words_that_continue));
}

static struct token token_make(const struct lexer *lexer, enum token_kind kind, uint32_t begin, uint32_t end)
{
    return (struct token){.kind = kind, .span = {lexer->source, begin, end}};
}

static struct token token_fault(const struct lexer *lexer, uint32_t begin, uint32_t end, const char *message)
{
    struct token token = token_make(lexer, TOKEN_FAULT, begin, end);
    token.message = message;
    return token;
}

static struct token read_name(struct lexer *lexer)
{
    uint32_t end = skip_name(lexer->source->text, lexer->at);
    if (end - lexer->at > NAME_LENGTH_MAX)
        return token_fault(
            lexer, lexer->at, end,
            arena_format(lexer->arena, "a name has at most %d characters, this one has %u", NAME_LENGTH_MAX, end - lexer->at));
    return token_make(lexer, TOKEN_NAME, lexer->at, end);
}

static struct token read_number(struct lexer *lexer)
{
    const char *text = lexer->source->text;
    uint32_t begin = lexer->at, end = skip_digits(text, begin);
    bool is_integer = true;
    if (text[end] == '.') {
        is_integer = false;
        end = skip_digits(text, end + 1);
    }
    if (text[end] == 'e' || text[end] == 'E') {
        uint32_t digits = end + 1;
        if (text[digits] == '+' || text[digits] == '-')
            digits++;
        if (is_digit(text[digits])) {
            is_integer = false;
            end = skip_digits(text, digits);
        }
    }
    if (begins_name(text[end])) {
        uint32_t name_end = skip_name(text, end);
        if (name_end - begin > NAME_LENGTH_MAX)
            return token_fault(lexer, begin, name_end, "a number must be followed by a space or a sign");
        struct unit unit;
        const bool is_unit = unit_find(text + end, name_end - end, &unit);
        return token_fault(lexer, begin, name_end,
                           arena_format(lexer->arena,
                                        is_unit ? "put a space between a number and its unit: %.*s %.*s"
                                                : "a product is written with '*', and a unit with a space before it: %.*s*%.*s",
                                        (int)(end - begin), text + begin, (int)(name_end - end), text + end));
    }
    struct token token = token_make(lexer, TOKEN_NUMBER, begin, end);
    token.is_integer = is_integer;
    token.number = strtod(text + begin, NULL);
    if (!isfinite(token.number))
        return token_fault(lexer, begin, end, "this number is too large; the largest is about 1.8e308");
    return token;
}

static struct token read_string(struct lexer *lexer)
{
    const char *text = lexer->source->text;
    uint32_t end = lexer->at + 1;
    while (text[end] != '"' && text[end] != '\n' && text[end] != '\0')
        end++;
    if (text[end] != '"')
        return token_fault(lexer, lexer->at, end, "this text lacks its closing quote '\"' on the same line");
    return token_make(lexer, TOKEN_STRING, lexer->at, end + 1);
}

/* A character that begins nothing. Those of other languages get a hint. */
static struct token unknown_character(struct lexer *lexer)
{
    static const struct {
        const char *character, *hint;
    } hints[] = {
        {"^", "a power is written '**'"},
        {"&", "'and' is written as a word"},
        {"|", "'or' is written as a word"},
        {"!", "'not' is written as a word"},
        {"'", "texts stand in double quotes, and equations, conditions, statements and values without any"},
        {"\xc2\xb5", "micro is written 'u', as in uM"},
        {"\xce\xbc", "micro is written 'u', as in uM"},
        {"\xe2\x88\x92", "this is a typographic minus; write '-'"},
    };
    const char *here = lexer->source->text + lexer->at;
    uint32_t length = 1;
    while (((unsigned char)here[length] & 0xc0) == 0x80)
        length++;
    for (size_t k = 0; k < COUNT(hints); k++)
        if (strlen(hints[k].character) == length && memcmp(here, hints[k].character, length) == 0)
            return token_fault(lexer, lexer->at, lexer->at + length, hints[k].hint);
    return token_fault(lexer, lexer->at, lexer->at + length, "this character has no meaning here");
}

static struct token read_sign(struct lexer *lexer)
{
    const char *here = lexer->source->text + lexer->at;
    if (*here == ';')
        return token_make(lexer, TOKEN_STATEMENT_END, lexer->at, lexer->at + 1);
    for (size_t k = 0; k < COUNT(signs); k++) {
        if (*here != signs[k].text[0])
            continue;
        uint32_t length = (uint32_t)strlen(signs[k].text);
        if (strncmp(here, signs[k].text, length) == 0)
            return token_make(lexer, signs[k].kind, lexer->at, lexer->at + length);
    }
    return unknown_character(lexer);
}

static struct token read_token(struct lexer *lexer)
{
    const char *here = lexer->source->text + lexer->at;
    if (*here == '\0')
        return token_make(lexer, TOKEN_FILE_END, lexer->previous_end, lexer->previous_end);
    if (begins_name(*here))
        return read_name(lexer);
    if (is_digit(*here) || (*here == '.' && is_digit(here[1])))
        return read_number(lexer);
    if (*here == '"')
        return read_string(lexer);
    return read_sign(lexer);
}

/* Must something follow this token, on the next line if need be? */
static bool wants_more(const struct token *token)
{
    switch (token->kind) {
    case TOKEN_NUMBER:
    case TOKEN_STRING:
    case TOKEN_RIGHT_PARENTHESIS:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_RIGHT_BRACE:
        return false;
    case TOKEN_NAME:
        return is_one_of(token->span.source->text + token->span.begin, token->span.end - token->span.begin, words_that_want_more,
                         COUNT(words_that_want_more));
    default:
        return true;
    }
}

static void count_brackets(struct lexer *lexer, enum token_kind kind)
{
    if (kind == TOKEN_LEFT_PARENTHESIS || kind == TOKEN_LEFT_BRACKET)
        lexer->open_brackets++;
    else if ((kind == TOKEN_RIGHT_PARENTHESIS || kind == TOKEN_RIGHT_BRACKET) && lexer->open_brackets > 0)
        lexer->open_brackets--; /* one count for both: a range may read [0, inf) */
}

struct lexer lexer_start(struct arena *arena, const struct source *source)
{
    return (struct lexer){.arena = arena, .source = source, .wants_more = true};
}

struct token lexer_next(struct lexer *lexer)
{
    bool newline = skip_blank(lexer);
    bool at_end = lexer->source->text[lexer->at] == '\0';
    if (newline && !at_end && lexer->open_brackets == 0 && !lexer->wants_more && !continues_statement(lexer)) {
        lexer->wants_more = true;
        return token_make(lexer, TOKEN_STATEMENT_END, lexer->previous_end, lexer->previous_end);
    }
    struct token token = read_token(lexer);
    token.on_same_line = !newline;
    count_brackets(lexer, token.kind);
    lexer->wants_more = wants_more(&token);
    lexer->previous_end = token.span.end;
    lexer->at = token.span.end > lexer->at ? token.span.end : lexer->at;
    return token;
}
