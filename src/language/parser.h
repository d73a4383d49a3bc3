/* What the parts of the parser share: the tokens at hand, messages, and the grammar's building blocks.
 *
 * The parser is a recursive descent without backtracking: `tokens[0]` is the token at hand, the others are looked at to tell
 * statements apart. Every function that reads text returns a status; on success it has consumed exactly what it stands for. All
 * recursion passes through parser_enter, which bounds the stack. */
#ifndef GLION_LANGUAGE_PARSER_H
#define GLION_LANGUAGE_PARSER_H

#include "language/ast.h"
#include "language/lexer.h"

enum { PARSER_LOOKAHEAD = 4 }; /* dNAME / dt = */

struct parser {
    struct arena *arena;
    const struct source *source;
    struct fault *fault;
    struct lexer lexer;
    struct token tokens[PARSER_LOOKAHEAD];
    uint32_t previous_end; /* end of the last consumed token */
    int nesting;
};

/* ---- tokens (parser.c) ------------------------------------------------------------------------------------------------- */

int parser_advance(struct parser *parser);
bool parser_at(const struct parser *parser, enum token_kind kind);
bool parser_at_word(const struct parser *parser, const char *word);

/* Fault: "expected EXPECTED, found …". */
int parser_unexpected(struct parser *parser, const char *expected);
int parser_expect(struct parser *parser, enum token_kind kind, const char *expected);
int parser_expect_word(struct parser *parser, const char *word);
/* The sign that closes what was opened at `open`. */
int parser_close(struct parser *parser, enum token_kind kind, struct span open);
/* What ends a statement is at hand: a newline, ';', '}' or the end of the file. Consumes nothing. */
int parser_statement_end(struct parser *parser);

int parser_enter(struct parser *parser, struct span where);
void parser_leave(struct parser *parser);

/* From `begin` to the last consumed token. */
struct span parser_span(const struct parser *parser, uint32_t begin);
/* The text of a span, in the arena. */
const char *parser_text(struct parser *parser, struct span span);

/* A name that is used; one that is newly given, and so may not be reserved. `what` is for messages: "the population's name". */
int parser_name(struct parser *parser, const char *what, const char **name, struct span *span);
int parser_new_name(struct parser *parser, const char *what, const char **name, struct span *span);
/* The name at hand is used as one that is newly given. Consumes nothing. */
int parser_check_new_name(struct parser *parser, struct span span);
/* A text in quotes, or NULL if none is at hand. */
int parser_optional_string(struct parser *parser, const char **text);

/* Blocks: open, then as long as there is more an item and parser_statement_end. `open` is the brace, for messages; the closing
 * brace is consumed when there is no more. */
int parser_open_block(struct parser *parser, struct span *open);
int parser_next_in_block(struct parser *parser, struct span open, bool *more);
/* Fault: what is at hand belongs not into this block; perhaps the block was never closed. */
int parser_unexpected_in_block(struct parser *parser, struct span open, const char *expected);
/* Two names in a row are at hand, as in `let a` or `run T`. */
bool parser_at_two_names(const struct parser *parser);

/* Make room for one more element behind n: returns the array, moved if need be; its capacity follows from n. */
void *parser_room(struct parser *parser, void *array, int n, size_t element_size);
#define PARSER_PUSH(parser, array, n, type) \
    ((array) = (type *)parser_room(parser, (void *)(array), n, sizeof(type)), &(array)[(n)++])

/* ---- expressions (parser_expression.c) ----------------------------------------------------------------------------------- */

int parser_expression(struct parser *parser, struct expression **out);
/* Something that can be taken parts of: a name, a call, an index, a member, or an expression in parentheses. */
int parser_object(struct parser *parser, struct expression **out);
/* An expression, or a slice A:B, :B, A:, : */
int parser_slice(struct parser *parser, struct expression **out);
/* NAME or NAME(arguments) */
int parser_call(struct parser *parser, const char *what, struct expression **out);

/* ---- units (parser_unit.c) ----------------------------------------------------------------------------------------------- */

struct declared_unit {
    struct unit unit;
    const char *text;
    enum value_type type;
    bool is_list, is_port;
};

/* The unit behind a declaring ':'. */
int parser_declared_unit(struct parser *parser, struct declared_unit *out);
/* If the name at hand is the unit of a literal, consume it. A name that stands there but can be nothing else is a fault. */
int parser_literal_unit(struct parser *parser, bool *found, struct unit *unit, const char **text);

/* ---- declarations (parser_declaration.c) ---------------------------------------------------------------------------------- */

/* Does a declaration begin here? A name, and what follows it tells which: NAME : …, NAME = …, dNAME/dt = … */
bool parser_at_declaration(const struct parser *parser);
int parser_declaration(struct parser *parser, struct model *model);
/* The rest of `receive NAME : unit …`, with name and begin of span set. */
int parser_input(struct parser *parser, struct model *model, struct declaration *input);
/* in [low, high) */
int parser_range(struct parser *parser, struct range *out);

/* ---- models (parser_model.c) ---------------------------------------------------------------------------------------------- */

/* ["text"] { … }, into a model whose kind and name are set. */
int parser_model_body(struct parser *parser, struct model *model);

/* ---- statements (parser_statement.c) --------------------------------------------------------------------------------------- */

/* Statements up to what ends the file. */
int parser_script(struct parser *parser, struct statement **statements, int *n_statements);

#endif
