#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "language_fixture.h"

static char folder[] = "/tmp/glion_source_test_XXXXXX";

static int make_folder(void **state)
{
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    return rmdir(folder);
}

static const char *path_of(const char *name)
{
    static char path[sizeof folder + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *write_file(const char *name, const void *bytes, size_t length)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void assert_unreadable(const char *path, const char *expected)
{
    struct arena *arena = arena_create();
    struct source *source;
    struct fault fault = {0};
    int status = source_read(arena, path, &source, &fault);
    assert_fault(&fault, status, path, expected);
    assert_null(source);
    arena_destroy(&arena);
}

static void a_file_is_read_whole(void **state)
{
    struct arena *arena = arena_create();
    struct source *source;
    struct fault fault = {0};
    const char *path = write_file("good", "\xef\xbb\xbfrun 1 ms\r\n", 13);
    assert_int_equal(source_read(arena, path, &source, &fault), FAULT_NONE);
    assert_string_equal(source->text, "run 1 ms\r\n"); /* without the byte order mark */
    assert_int_equal(source->length, 10);
    assert_string_equal(source->name, path);
    unlink(path);
    arena_destroy(&arena);
}

static void what_is_no_network_file_is_refused(void **state)
{
    static const char *const binary[] = {"a\xff", "a\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"};
    assert_unreadable(path_of("missing"), "No such file");
    assert_unreadable(folder, "is a directory");
    assert_unreadable(write_file("empty", "", 0), "is empty");
    assert_unreadable(write_file("empty", "\xef\xbb\xbf", 3), "is empty");
    unlink(path_of("empty"));
    assert_unreadable(write_file("zero", "run\0", 4), "is binary");
    for (size_t k = 0; k < sizeof binary / sizeof binary[0]; k++)
        assert_unreadable(write_file("zero", binary[k], strlen(binary[k])), "is binary");
    unlink(path_of("zero"));
}

static void pipes_and_devices_do_not_make_us_wait(void **state)
{
    assert_unreadable("/dev/zero", "must be an ordinary file");
    const char *pipe = path_of("pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_unreadable(pipe, "must be an ordinary file");
    unlink(pipe);
}

static void a_file_that_is_too_large_is_not_read(void **state)
{
    const char *path = write_file("large", "x", 1);
    assert_int_equal(truncate(path, (off_t)SOURCE_LENGTH_MAX + 1), 0);
    size_t before = memory_peak();
    assert_unreadable(path, "is larger than 4 MB");
    assert_true(memory_peak() < before + SOURCE_LENGTH_MAX);
    unlink(path);
}

static void assert_message(const char *text, uint32_t begin, uint32_t end, const char *expected)
{
    struct arena *arena = arena_create();
    struct fault fault = {0};
    const struct source *source = source_of(arena, text);
    assert_int_equal(source_fault(&fault, (struct span){source, begin, end}, "bad %s", "thing"), FAULT_INPUT);
    assert_string_equal(fault.text, expected);
    fault_clear(&fault);
    arena_destroy(&arena);
}

static void messages_show_the_place(void **state)
{
    assert_message("let a\nlet  bc = 1\n", 11, 13, "test:2:6: error: bad thing\n    let  bc = 1\n         ^~");
    assert_message("\tab", 1, 2, "test:1:2: error: bad thing\n     ab\n     ^");
    assert_message("ab\r\ncd\r\n", 4, 6, "test:2:1: error: bad thing\n    cd\n    ^~");
    assert_message("ab\r\n", 2, 2, "test:1:3: error: bad thing\n    ab\n      ^");
    assert_message("(1\n2)", 0, 5, "test:1:1: error: bad thing\n    (1\n    ^~"); /* only the first line is marked */
}

static void columns_count_characters(void **state)
{
    assert_message("\"\xc3\xa4\xc3\xb6\" x", 7, 8, "test:1:6: error: bad thing\n    \"\xc3\xa4\xc3\xb6\" x\n         ^");
}

static void text_cannot_command_the_terminal(void **state)
{
    assert_message("a\x1b[31m\xc2\x9b x", 9, 10, "test:1:9: error: bad thing\n    a?[31m? x\n            ^");
}

static void long_lines_are_cut_around_the_place(void **state)
{
    char text[1001], expected[400];
    memset(text, 'a', 1000);
    text[1000] = '\0';
    text[500] = 'X';
    snprintf(expected, sizeof expected, "test:1:501: error: bad thing\n    …%.60sX%.59s…\n    %61s^", text, text, "");
    assert_message(text, 500, 501, expected);
}

static void a_place_without_source_is_built_in(void **state)
{
    struct fault fault = {0};
    source_fault(&fault, (struct span){0}, "bad");
    assert_string_equal(fault.text, "error: bad");
    fault_clear(&fault);
}

static void places_are_named(void **state)
{
    struct arena *arena = arena_create();
    struct span where = {source_of(arena, "a\nb\n  c"), 6, 7};
    assert_string_equal(source_place(arena, where), "test:3:3");
    assert_int_equal(source_line(where), 3);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole),
        cmocka_unit_test(what_is_no_network_file_is_refused),
        cmocka_unit_test(pipes_and_devices_do_not_make_us_wait),
        cmocka_unit_test(a_file_that_is_too_large_is_not_read),
        cmocka_unit_test(messages_show_the_place),
        cmocka_unit_test(columns_count_characters),
        cmocka_unit_test(text_cannot_command_the_terminal),
        cmocka_unit_test(long_lines_are_cut_around_the_place),
        cmocka_unit_test(a_place_without_source_is_built_in),
        cmocka_unit_test(places_are_named),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
