/* The parts of a recording that need no files of HDF5: times, the order of rows, folders, run.json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <mpi.h>

#include "recording/manifest.h"
#include "recording/output_folder.h"
#include "recording/row_order.h"
#include "recording/time_axis.h"
#include "support/memory.h"

/* Steps of a decimal number of milliseconds are the doubles that one gets by typing the times. */
static void times_are_decimal(void **state)
{
    static const struct {
        double dt;
        int thousandths; /* of a millisecond */
    } cases[] = {{1e-4, 100}, {0.1 * 1e-3, 100}, {1e-5, 10}, {2.5e-5, 25}, {3e-4, 300}, {1e-3, 1000}, {2e-3, 2000}, {1e-6, 1}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (long step = 0; step < 100000; step += 7) {
            char text[32];
            long thousandths = step * cases[c].thousandths;
            snprintf(text, sizeof text, "%ld.%03ld", thousandths / 1000, thousandths % 1000);
            assert_true(milliseconds(time_axis_create(cases[c].dt), step) == strtod(text, NULL));
        }
    double third = 1e-3 / 3;
    assert_true(milliseconds(time_axis_create(third), 9) == 9 * (third * 1e3));
}

static int compare_keys(const void *a, const void *b)
{
    return row_key_compare(a, b);
}

static void rows_are_ordered(void **state)
{
    enum { N = 1000 };
    struct row_range range = {-5, 20000, 7};
    struct row_key *rows = MEMORY_NEW(N, struct row_key, TEMPORARY);
    for (uint64_t k = 0; k < N; k++)
        rows[k] = (struct row_key){-5 + (step_count)(k * 7919 % 20005), k % 7};
    uint64_t n = N;
    struct row_key *share = rows_in_order(MPI_COMM_WORLD, rows, &n, sizeof *rows, range, compare_keys);
    assert_int_equal(n, N);
    for (uint64_t k = 1; k < n; k++)
        assert_true(compare_keys(&share[k - 1], &share[k]) <= 0);
    memory_free(rows);
    memory_free(share);
    n = 0;
    share = rows_in_order(MPI_COMM_WORLD, NULL, &n, sizeof *rows, range, compare_keys);
    assert_int_equal(n, 0);
    memory_free(share);
}

static char *path_in(const char *folder, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static bool exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

static void refused(const char *path, bool force, const char *expected)
{
    struct output_folder *folder;
    struct fault fault = {0};
    assert_int_equal(output_folder_take(path, force, &folder, &fault), FAULT_INPUT);
    assert_null(folder);
    if (!strstr(fault.text, expected))
        fail_msg("'%s' should say '%s'", fault.text, expected);
    fault_clear(&fault);
}

static void folders_are_taken_and_left(void **state)
{
    char home[] = "/tmp/glion-recording-test-XXXXXX", path[320];
    struct output_folder *folder;
    struct fault fault = {0};
    assert_non_null(mkdtemp(home));
    snprintf(path, sizeof path, "%s//new/folder/", home);
    assert_int_equal(output_folder_take(path, false, &folder, &fault), FAULT_NONE);
    assert_true(exists(path_in(path, "run.lock")));
    refused(path, true, "another run");
    output_folder_give_up(&folder);
    assert_false(exists(path_in(home, "new")));

    assert_int_equal(output_folder_take(path, false, &folder, &fault), FAULT_NONE);
    output_folder_release(&folder);
    assert_true(exists(path) && !exists(path_in(path, "run.lock")));
    refused(path, false, "--force");
    refused("", false, "empty");
    refused("/proc/glion/out", true, "cannot make");
    assert_int_equal(output_folder_take(path, true, &folder, &fault), FAULT_NONE);
    output_folder_give_up(&folder); /* it was there before */
    assert_true(exists(path));
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(path_in(home, "new")), 0);
    assert_int_equal(rmdir(home), 0);
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void manifest_is_complete(void **state)
{
    char home[] = "/tmp/glion-recording-test-XXXXXX";
    assert_non_null(mkdtemp(home));
    struct fault fault = {0};
    struct manifest manifest = {
        .status = RUN_FAILED,
        .fault = "x of cells[3] is NaN at 0.3 ms",
        .network_name = "strange\xff.glion",
        .network_text = "let τ = 1 ms\n",
        .overrides = (struct override[]){{"p", "0.1"}},
        .n_overrides = 1,
        .seed = UINT64_MAX,
        .dt = 1e-4,
        .steps_done = 3,
        .files = (const char *const[]){"spikes.h5"},
        .n_files = 1,
        .populations = (struct named_count[]){{"cells", 5}},
        .spikes = (struct named_count[]){{"cells", UINT64_C(1) << 40}},
        .n_populations = 1,
        .phases = (struct named_spread[]){{"build", 0.5, 0.75, 1}},
        .n_phases = 1,
    };
    assert_int_equal(manifest_write(&manifest, home, MPI_COMM_WORLD, &fault), FAULT_NONE);
    json_t *json = json_load_file(path_in(home, "run.json"), 0, NULL);
    assert_non_null(json);
    assert_string_equal(text_of(json, "status"), "failed");
    assert_string_equal(text_of(json, "fault"), manifest.fault);
    assert_string_equal(text_of(json, "network_file"), "strange?.glion");
    assert_string_equal(text_of(json, "network"), manifest.network_text);
    assert_string_equal(text_of(json, "seed"), "18446744073709551615");
    assert_string_equal(text_of(json_object_get(json, "overrides"), "p"), "0.1");
    assert_true(json_real_value(json_object_get(json, "duration_ms")) == 0.3);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "spikes"), "cells")), INT64_C(1) << 40);
    assert_true(json_real_value(json_object_get(json_object_get(json_object_get(json, "phases"), "build"), "max")) == 1);
    json_decref(json);
    assert_int_equal(unlink(path_in(home, "run.json")), 0);
    assert_int_equal(rmdir(home), 0); /* nothing else is left */
    assert_int_equal(manifest_write(&manifest, home, MPI_COMM_WORLD, &fault), FAULT_RUN);
    fault_clear(&fault);
}

int main(int n, char **arguments)
{
    MPI_Init(&n, &arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_decimal),
        cmocka_unit_test(rows_are_ordered),
        cmocka_unit_test(folders_are_taken_and_left),
        cmocka_unit_test(manifest_is_complete),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
