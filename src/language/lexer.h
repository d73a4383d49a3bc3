/* Tokens, one at a time. A lexer never fails: what it cannot read becomes a TOKEN_FAULT, which the parser reports when it gets
 * there, so that the first error in the text is the one that is reported. */
#ifndef GLION_LANGUAGE_LEXER_H
#define GLION_LANGUAGE_LEXER_H

#include <stdbool.h>

#include "language/source.h"

/* Longer signs stand before their beginnings. */
#define TOKEN_SIGNS(X)            \
    X(ASSIGN_POWER, "**=")        \
    X(ASSIGN_FLOOR_DIVIDE, "//=") \
    X(ARROW, "->")                \
    X(POWER, "**")                \
    X(FLOOR_DIVIDE, "//")         \
    X(ASSIGN_ADD, "+=")           \
    X(ASSIGN_SUBTRACT, "-=")      \
    X(ASSIGN_MULTIPLY, "*=")      \
    X(ASSIGN_DIVIDE, "/=")        \
    X(ASSIGN_MODULO, "%=")        \
    X(LESS_EQUAL, "<=")           \
    X(GREATER_EQUAL, ">=")        \
    X(EQUAL, "==")                \
    X(NOT_EQUAL, "!=")            \
    X(LEFT_PARENTHESIS, "(")      \
    X(RIGHT_PARENTHESIS, ")")     \
    X(LEFT_BRACKET, "[")          \
    X(RIGHT_BRACKET, "]")         \
    X(LEFT_BRACE, "{")            \
    X(RIGHT_BRACE, "}")           \
    X(COMMA, ",")                 \
    X(COLON, ":")                 \
    X(DOT, ".")                   \
    X(ASSIGN, "=")                \
    X(PLUS, "+")                  \
    X(MINUS, "-")                 \
    X(MULTIPLY, "*")              \
    X(DIVIDE, "/")                \
    X(MODULO, "%")                \
    X(LESS, "<")                  \
    X(GREATER, ">")

enum token_kind {
    TOKEN_FILE_END,
    TOKEN_STATEMENT_END, /* a newline that ends a statement, or ';' */
    TOKEN_FAULT,         /* message */
    TOKEN_NAME,          /* also keywords: they are words only where a statement begins, which the parser knows */
    TOKEN_NUMBER,        /* number, is_integer */
    TOKEN_STRING,        /* the span includes the quotes */
#define X(name, text) TOKEN_##name,
    TOKEN_SIGNS(X)
#undef X
};

struct token {
    enum token_kind kind;
    struct span span;
    bool on_same_line;   /* as the token before */
    bool is_integer;     /* NUMBER: written without point and exponent */
    double number;       /* NUMBER */
    const char *message; /* FAULT: in the arena */
};

struct lexer {
    struct arena *arena;
    const struct source *source;
    uint32_t at;           /* next byte to read */
    uint32_t previous_end; /* end of the last token */
    bool wants_more;       /* no statement can end after the last token */
    int open_brackets;     /* ( and [ that are open here: inside them newlines mean nothing */
};

struct lexer lexer_start(struct arena *arena, const struct source *source);
struct token lexer_next(struct lexer *lexer);

/* The sign's text; for other kinds a word for it ("a name"). */
const char *token_kind_text(enum token_kind kind);

/* Is it the name `word`? */
bool token_is(const struct token *token, const char *word);

/* "in of by via using every at if extends each and or not": these stand in sentences and can be no name anywhere. */
bool word_is_grammar(const char *text, size_t length);
/* "t dt i j N e pi inf": these have their value everywhere and cannot be declared. */
bool word_is_built_in(const char *text, size_t length);

#endif
