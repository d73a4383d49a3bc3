/* Text in, tree or message out: for tests of the language. */
#ifndef GLION_TESTS_LANGUAGE_FIXTURE_H
#define GLION_TESTS_LANGUAGE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "language/ast.h"

static inline struct source *source_of(struct arena *arena, const char *text)
{
    struct source *source;
    struct fault fault = {0};
    assert_int_equal(source_from_text(arena, "test", text, strlen(text), &source, &fault), FAULT_NONE);
    return source;
}

/* The tree of a text that must be right. */
static inline struct script_tree *tree_of(struct arena *arena, const char *text)
{
    struct script_tree *tree;
    struct fault fault = {0};
    if (parse(arena, source_of(arena, text), &tree, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    return tree;
}

/* The message must contain `expected`. */
static inline void assert_fault(struct fault *fault, int status, const char *text, const char *expected)
{
    if (status == FAULT_NONE)
        fail_msg("'%.60s' should be an error: %s", text, expected);
    if (!strstr(fault->text, expected))
        fail_msg("'%.60s' should say:\n%s\nbut says:\n%s", text, expected, fault->text);
    assert_int_equal(status, FAULT_INPUT);
    fault_clear(fault);
}

/* A script that must be refused. */
static inline void assert_refused(const char *text, const char *expected)
{
    struct arena *arena = arena_create();
    struct script_tree *tree;
    struct fault fault = {0};
    int status = parse(arena, source_of(arena, text), &tree, &fault);
    assert_fault(&fault, status, text, expected);
    assert_null(tree);
    arena_destroy(&arena);
}

#endif
