/* The embedded library: complete, sorted, and every model sound on its own. */
#include "check_fixture.h"

#include <glob.h>

#include "language/library.h"

static void every_file_of_models_is_embedded(void **state)
{
    glob_t files;
    assert_int_equal(glob("../models/*/*.glion", 0, NULL, &files), 0);
    struct arena *arena = arena_create();
    const struct library_entry *entries = library_list(arena);
    for (size_t k = 0; k < files.gl_pathc; k++) {
        assert_non_null(entries[k].name);
        assert_string_equal(entries[k].path, files.gl_pathv[k] + strlen("../"));
    }
    assert_null(entries[files.gl_pathc].name);
    globfree(&files);
    arena_destroy(&arena);
}

static void models_are_found_by_name(void **state)
{
    struct arena *arena = arena_create();
    const struct library_entry *entry = library_find(arena, "tsodyks");
    assert_non_null(entry);
    assert_string_equal(entry->path, "models/synapses/tsodyks.glion");
    assert_null(library_find(arena, "tsodyk"));
    assert_null(library_find(arena, ""));
    arena_destroy(&arena);
}

static void every_model_is_documented_and_named_for_its_file(void **state)
{
    struct arena *arena = arena_create();
    for (const struct library_entry *entry = library_list(arena); entry->name; entry++) {
        struct model *model;
        struct fault fault = {0};
        if (library_parse(arena, entry, &model, &fault))
            fail_msg("%s", fault.text);
        assert_string_equal(model->name, entry->name);
        assert_true(model->from_library);
        assert_non_null(model->text);
    }
    arena_destroy(&arena);
}

/* A population of every node model, and a let of the name of every variable: the library does not see the script's names. */
static void every_node_model_makes_a_population(void **state)
{
    struct arena *arena = arena_create();
    for (const struct library_entry *entry = library_list(arena); entry->name; entry++) {
        struct model *model;
        struct fault fault = {0};
        assert_int_equal(library_parse(arena, entry, &model, &fault), 0);
        if (model->kind == MODEL_SYNAPSE)
            continue;
        const char *text = "";
        for (int k = 0; k < model->n_variables; k++)
            text = arena_format(arena, "%slet %s = 1\n", text, model->variables[k].name);
        script_of(arena, arena_format(arena, "%spopulation nodes[3] : %s", text, entry->name));
    }
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_of_models_is_embedded),
        cmocka_unit_test(models_are_found_by_name),
        cmocka_unit_test(every_model_is_documented_and_named_for_its_file),
        cmocka_unit_test(every_node_model_makes_a_population),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
