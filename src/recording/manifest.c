#include "recording/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "recording/agree.h"
#include "recording/output_folder.h"
#include "recording/time_axis.h"
#include "support/memory.h"

/* JSON takes UTF-8 only; bytes that are none (in a path or an option) become question marks. */
static json_t *text(const char *value)
{
    json_t *json = value ? json_string(value) : json_null();
    if (json)
        return json;
    size_t length = strlen(value);
    char *plain = MEMORY_NEW(length + 1, char, TEMPORARY);
    for (size_t k = 0; k < length; k++)
        plain[k] = (unsigned char)value[k] < 128 ? value[k] : '?';
    json = json_string(plain);
    memory_free(plain);
    return json;
}

static json_t *texts(const char *const *values, int n)
{
    json_t *list = json_array();
    for (int k = 0; k < n; k++)
        json_array_append_new(list, text(values[k]));
    return list;
}

/* JSON's integers have 64 bits with a sign; larger ones are written as text. */
static json_t *integer(uint64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    return value <= INT64_MAX ? json_integer((json_int_t)value) : json_string(digits);
}

static json_t *counts(const struct named_count *items, int n)
{
    json_t *object = json_object();
    for (int k = 0; items && k < n; k++)
        json_object_set_new(object, items[k].name, integer(items[k].n));
    return object;
}

static json_t *spread(const struct named_spread *item)
{
    return json_pack("{s:f, s:f, s:f}", "min", item->minimum, "mean", item->mean, "max", item->maximum);
}

static json_t *spreads(const struct named_spread *items, int n)
{
    json_t *object = json_object();
    for (int k = 0; k < n; k++)
        json_object_set_new(object, items[k].name, spread(&items[k]));
    return object;
}

static json_t *profile(const struct manifest *manifest)
{
    json_t *list = json_array();
    for (int k = 0; k < manifest->n_profile; k++) {
        const struct profile_row *row = &manifest->profile[k];
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:f, s:o, s:s}", "phase", row->phase, "part", row->part, "of",
                                              text(row->name), "seconds", spread(&row->seconds), "processor_seconds",
                                              row->processor_seconds, "number", integer(row->n), "unit", row->unit));
    }
    return list;
}

static json_t *overrides(const struct manifest *manifest)
{
    json_t *object = json_object();
    for (int k = 0; k < manifest->n_overrides; k++)
        json_object_set_new(object, manifest->overrides[k].name, text(manifest->overrides[k].text));
    return object;
}

static json_t *data(const struct manifest *manifest)
{
    json_t *list = json_array();
    for (int k = 0; k < manifest->n_data; k++) {
        const struct data_column *column = &manifest->data[k];
        const struct data_request *request = &column->request;
        json_t *name = request->column        ? text(request->column)
                       : request->number >= 0 ? json_integer(request->number)
                                              : json_null();
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:s}", "file", text(request->shown), "dataset",
                                              text(request->dataset), "column", name, "rows", integer(column->n), "hash",
                                              column->hash));
    }
    return list;
}

static json_t *start_time(double seconds)
{
    char digits[32];
    time_t whole = (time_t)seconds;
    struct tm parts;
    strftime(digits, sizeof digits, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&whole, &parts));
    return json_string(digits);
}

static json_t *layout(const struct manifest *manifest)
{
    return json_pack("{s:i, s:i, s:o, s:o, s:o}", "ranks", manifest->n_ranks, "threads", manifest->n_threads, "partition",
                     text(manifest->partition), "kernels", text(manifest->kernels), "hosts",
                     texts(manifest->hosts, manifest->n_hosts));
}

static json_t *to_json(const struct manifest *manifest)
{
    static const char *const statuses[] = {"running", "finished", "failed"};
    struct time_axis axis = time_axis_create(manifest->dt);
    json_t *json = json_object();
    json_object_set_new(json, "version", json_string(GLION_VERSION));
    json_object_set_new(json, "status", json_string(statuses[manifest->status]));
    json_object_set_new(json, "fault", text(manifest->fault));
    json_object_set_new(json, "started", start_time(manifest->started));
    json_object_set_new(json, "network_file", text(manifest->network_name));
    json_object_set_new(json, "network", text(manifest->network_text));
    json_object_set_new(json, "overrides", overrides(manifest));
    json_object_set_new(json, "data", data(manifest));
    json_object_set_new(json, "seed", integer(manifest->seed));
    json_object_set_new(json, "dt_ms", json_real(milliseconds(axis, 1)));
    json_object_set_new(json, "steps", json_integer(manifest->steps_done));
    json_object_set_new(json, "steps_planned", json_integer(manifest->steps_planned));
    json_object_set_new(json, "duration_ms", json_real(milliseconds(axis, manifest->steps_done)));
    json_object_set_new(json, "files", texts(manifest->files, manifest->n_files));
    json_object_set_new(json, "printed", texts(manifest->printed, manifest->n_printed));
    json_object_set_new(json, "populations", counts(manifest->populations, manifest->n_populations));
    json_object_set_new(json, "spikes", counts(manifest->spikes, manifest->n_populations));
    json_object_set_new(json, "connections", counts(manifest->connections, manifest->n_connections));
    json_object_set_new(json, "layout", layout(manifest));
    json_object_set_new(json, "phases", spreads(manifest->phases, manifest->n_phases));
    json_object_set_new(json, "memory", spreads(manifest->memory, manifest->n_memory));
    if (manifest->profile)
        json_object_set_new(json, "profile", profile(manifest));
    return json;
}

/* 0 or an errno */
static int write_whole(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return errno;
    int error = fputs(content, file) < 0 || fputc('\n', file) < 0 || fflush(file) != 0 || fsync(fileno(file)) != 0 ? errno : 0;
    return fclose(file) != 0 && !error ? errno : error;
}

static int write_manifest(const struct manifest *manifest, const char *folder, struct fault *fault)
{
    json_t *json = to_json(manifest);
    char *content = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    json_decref(json);
    size_t length = strlen(folder) + sizeof "/" MANIFEST_NAME ".new";
    char *path = MEMORY_NEW(length, char, TEMPORARY), *new_path = MEMORY_NEW(length, char, TEMPORARY);
    snprintf(path, length, "%s/%s", folder, MANIFEST_NAME);
    snprintf(new_path, length, "%s/%s.new", folder, MANIFEST_NAME);
    int error = write_whole(new_path, content);
    if (!error && rename(new_path, path) != 0)
        error = errno;
    if (error) {
        unlink(new_path);
        fault_run(fault, "cannot write '%s': %s", path, strerror(error));
    }
    free(content);
    memory_free(path);
    memory_free(new_path);
    return fault->status;
}

int manifest_write(const struct manifest *manifest, const char *folder, MPI_Comm communicator, struct fault *fault)
{
    int rank;
    MPI_Comm_rank(communicator, &rank);
    if (rank == 0)
        write_manifest(manifest, folder, fault);
    return fault_agree(fault, communicator);
}
