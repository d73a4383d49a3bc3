#include "language/lexer.h"

#include "language_fixture.h"

/* The tokens in one line: names and numbers as they are, ';' for a statement's end. */
static const char *tokens_of(struct arena *arena, const char *text)
{
    struct source *source = source_of(arena, text);
    struct lexer lexer = lexer_start(arena, source);
    const char *line = "";
    for (;;) {
        struct token token = lexer_next(&lexer);
        if (token.kind == TOKEN_FILE_END)
            return line;
        if (token.kind == TOKEN_FAULT)
            return token.message;
        const char *shown = token.kind == TOKEN_STATEMENT_END
                                ? ";"
                                : arena_text(arena, source->text + token.span.begin, token.span.end - token.span.begin);
        line = arena_format(arena, "%s%s%s", line, *line ? " " : "", shown);
    }
}

static void assert_tokens(const char *text, const char *expected)
{
    struct arena *arena = arena_create();
    assert_string_equal(tokens_of(arena, text), expected);
    arena_destroy(&arena);
}

static void statements_end_at_newlines(void **state)
{
    assert_tokens("a\nb", "a ; b");
    assert_tokens("\n\n a # comment\n\n\t b \r\n", "a ; b");
    assert_tokens("a; b", "a ; b");
    assert_tokens("}\n}", "} ; }");
    assert_tokens("{\na\n}", "{ a ; }");
}

static void statements_go_on_where_something_must_follow(void **state)
{
    assert_tokens("a +\nb", "a + b");
    assert_tokens("a and\nb", "a and b");
    assert_tokens("a,\nb", "a , b");
    assert_tokens("a =\n\n# comment\n b", "a = b");
    assert_tokens("a ->\nb", "a -> b");
    assert_tokens("a :\nb", "a : b");
    assert_tokens("f(a\nb)\nc", "f ( a b ) ; c");
    assert_tokens("[0,\n1\n)\nc", "[ 0 , 1 ) ; c"); /* a half-open range closes too */
}

static void statements_go_on_before_some_words(void **state)
{
    assert_tokens("a\n{", "a {");
    assert_tokens("a\n\"b\"", "a \"b\"");
    assert_tokens("a\n by b\nvia c\nusing d\nbypass", "a by b via c using d ; bypass");
    assert_tokens("a\nthird", "a ; third");
}

static void signs_are_as_long_as_possible(void **state)
{
    assert_tokens("a**=b", "a **= b");
    assert_tokens("a**b*-c", "a ** b * - c");
    assert_tokens("a->b", "a -> b");
    assert_tokens("a//=b//c/d", "a //= b // c / d");
    assert_tokens("a<=b<c!=d==e", "a <= b < c != d == e");
    assert_tokens("a.b", "a . b");
}

static double number_of(const char *text)
{
    struct arena *arena = arena_create();
    struct lexer lexer = lexer_start(arena, source_of(arena, text));
    struct token token = lexer_next(&lexer);
    assert_int_equal(token.kind, TOKEN_NUMBER);
    assert_int_equal(token.span.end, strlen(text));
    arena_destroy(&arena);
    return token.number;
}

static void numbers_are_exact(void **state)
{
    assert_true(number_of("0.1") == 0.1);
    assert_true(number_of(".5") == .5);
    assert_true(number_of("2.") == 2);
    assert_true(number_of("1e3") == 1e3);
    assert_true(number_of("1.25E-10") == 1.25e-10);
    assert_true(number_of("9007199254740993") == 9007199254740992.); /* to even */
    assert_true(number_of("1.7976931348623157e308") == 1.7976931348623157e308);
    assert_true(number_of("4.9e-324") > 0);
}

static void numbers_stand_alone(void **state)
{
    assert_tokens("2ms", "put a space between a number and its unit: 2 ms");
    assert_tokens("1e", "a product is written with '*', and a unit with a space before it: 1*e");
    assert_tokens("0x10", "a product is written with '*', and a unit with a space before it: 0*x10");
    assert_tokens("1e400", "this number is too large; the largest is about 1.8e308");
}

static void what_cannot_be_read_says_why(void **state)
{
    assert_tokens("\"abc\ndef\"", "this text lacks its closing quote '\"' on the same line");
    assert_tokens("a ^ b", "a power is written '**'");
    assert_tokens("1 \xc2\xb5M", "micro is written 'u', as in uM");
    assert_tokens("a @", "this character has no meaning here");
    char name[200];
    memset(name, 'x', 199);
    name[199] = '\0';
    assert_tokens(name, "a name has at most 100 characters, this one has 199");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_end_at_newlines),
        cmocka_unit_test(statements_go_on_where_something_must_follow),
        cmocka_unit_test(statements_go_on_before_some_words),
        cmocka_unit_test(signs_are_as_long_as_possible),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(numbers_stand_alone),
        cmocka_unit_test(what_cannot_be_read_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
