/* A recording owns one spike file, the reports, the rates and the files of transmissions, and decides when they write.
 *
 * A report or a rate fills up at the same frame on every rank and writes by itself. Spikes and transmissions are not known to
 * other ranks, and neither is rank 0's clock, so every now and then the ranks agree on whether to write and whether to flush
 * (struct pace). The intervals between two such checks follow the pace of the run, so that they cost nothing in runs of many
 * short intervals. */
#include "recording/recording.h"

#include <hdf5.h>
#include <stdio.h>
#include <string.h>

#include "recording/agree.h"
#include "recording/output_folder.h"
#include "recording/rate_file.h"
#include "recording/report.h"
#include "recording/sent_file.h"
#include "recording/spike_file.h"
#include "support/memory.h"

#define EVENTS_BUDGET ((uint64_t)8 << 20)   /* bytes of spikes and transmissions that a rank should buffer */
#define REPORTS_BUDGET ((uint64_t)32 << 20) /* bytes of frames, shared by all reports */
#define FLUSH_EVERY 10.0                    /* seconds */

/* When the ranks talk about writing next. */
struct pace {
    uint64_t distance;             /* intervals between the last check and the next; the same on every rank */
    uint64_t waited;               /* intervals since the last check; the same on every rank */
    uint64_t buffered;             /* bytes after the last check */
    double checked_at, flushed_at; /* rank 0's clock, seconds */
    double flush_every;
};

struct recording {
    const struct script *script; /* borrowed */
    MPI_Comm communicator;       /* borrowed */
    int rank;
    struct output_folder *folder; /* rank 0; NULL elsewhere */
    char **files;                 /* [n_files]; owned */
    int n_files;
    struct spike_file *spikes; /* NULL if none are recorded */
    struct report **reports;   /* [n_reports]; owned */
    int n_reports;
    struct sent_file **sent; /* [n_sent]; owned */
    int n_sent;
    struct spike_file **events; /* [n_events] of each custom event, and of variables at spikes or events; owned */
    int n_events;
    struct rate_file **rates; /* [n_rates]; owned */
    int n_rates;
    struct probe *probes; /* [n_probes]: those of the reports, one after the other; owned */
    int n_probes;
    struct synapse_probe *synapse_probes; /* [n_synapse_probes] likewise; owned */
    int n_synapse_probes;
    bool *sent_wanted;         /* [script->n_connections]; owned */
    step_count written, taken; /* events before `written` are in the files, those up to `taken` are buffered */
    struct pace pace;
    bool failed; /* a write did: nothing more is written */
};

/* ---- the folder ------------------------------------------------------------------------------------------------------------ */

static int take_folder(const struct recording_options *options, MPI_Comm communicator, struct output_folder **folder,
                       struct fault *fault)
{
    int rank;
    MPI_Comm_rank(communicator, &rank);
    *folder = NULL;
    if (rank == 0)
        output_folder_take(options->folder, options->force, folder, fault);
    return fault_agree(fault, communicator);
}

int recording_check_folder(const struct recording_options *options, MPI_Comm communicator, struct fault *fault)
{
    struct output_folder *folder;
    TRY(take_folder(options, communicator, &folder, fault));
    output_folder_give_up(&folder);
    return FAULT_NONE;
}

static void add_file(struct recording *recording, const char *name, const char *suffix)
{
    size_t length = strlen(name) + strlen(suffix) + 1;
    char *file = MEMORY_NEW(length, char, RECORDING);
    snprintf(file, length, "%s%s", name, suffix);
    recording->files[recording->n_files++] = file;
}

/* Records of an event share a file. */
static bool is_first_of_file(const struct script *script, int record)
{
    for (int r = 0; r < record; r++)
        if (script->records[r].kind == RECORD_EVENTS && strcmp(script->records[r].name, script->records[record].name) == 0)
            return false;
    return true;
}

static void list_files(struct recording *recording)
{
    const struct script *script = recording->script;
    bool spikes = false;
    recording->files = MEMORY_NEW(script->n_records + 1, char *, RECORDING);
    for (int r = 0; r < script->n_records; r++)
        if (script->records[r].kind == RECORD_EVENTS && !is_first_of_file(script, r))
            continue;
        else if (script->records[r].kind != RECORD_SPIKES)
            add_file(recording, script->records[r].name, ".h5");
        else if (!spikes) {
            spikes = true;
            add_file(recording, SPIKE_FILE_NAME, "");
        }
}

/* ---- life
 * ---------------------------------------------------------------------------------------------------------------------- */

static int count_records(const struct script *script, enum record_kind kind)
{
    int n = 0;
    for (int r = 0; r < script->n_records; r++)
        n += script->records[r].kind == kind;
    return n;
}

static int create_files(struct recording *recording, const struct network *network, const struct recording_options *options,
                        struct fault *fault)
{
    const struct script *script = recording->script;
    int n_states = count_records(script, RECORD_STATE) + count_records(script, RECORD_SYNAPSES);
    struct report_options reports = {options->float64, REPORTS_BUDGET / (uint64_t)(n_states > 0 ? n_states : 1)};
    recording->reports = MEMORY_NEW(n_states, struct report *, RECORDING);
    recording->sent = MEMORY_NEW(count_records(script, RECORD_SENT), struct sent_file *, RECORDING);
    recording->rates = MEMORY_NEW(count_records(script, RECORD_RATE), struct rate_file *, RECORDING);
    const int n_events = count_records(script, RECORD_EVENTS) + count_records(script, RECORD_AT_EVENTS);
    recording->events = MEMORY_NEW(n_events, struct spike_file *, RECORDING);
    TRY(spike_file_create(script, NULL, network, options->folder, &recording->spikes, fault));
    for (int r = 0; r < script->n_records; r++) {
        const struct record *record = &script->records[r];
        if (record->kind == RECORD_STATE || record->kind == RECORD_SYNAPSES)
            TRY(report_create(script, record, network, options->folder, reports, &recording->reports[recording->n_reports++],
                              fault));
        if (record->kind == RECORD_SENT) {
            for (int k = 0; k < record->synapses.n_connections; k++)
                recording->sent_wanted[record->synapses.connections[k]] = true;
            TRY(sent_file_create(script, record, network, options->folder, &recording->sent[recording->n_sent++], fault));
        }
        if (record->kind == RECORD_AT_EVENTS || (record->kind == RECORD_EVENTS && is_first_of_file(script, r)))
            TRY(spike_file_create(script, record, network, options->folder, &recording->events[recording->n_events++], fault));
        if (record->kind == RECORD_RATE)
            TRY(rate_file_create(script, record, network, options->folder, &recording->rates[recording->n_rates++], fault));
    }
    return FAULT_NONE;
}

static void collect_probes(struct recording *recording)
{
    for (int k = 0; k < recording->n_reports; k++)
        recording->n_probes += report_populations(recording->reports[k]);
    for (int k = 0; k < recording->n_events; k++)
        recording->n_probes += spike_file_probes(recording->events[k], NULL);
    recording->probes = MEMORY_NEW(recording->n_probes, struct probe, RECORDING);
    struct probe *next = recording->probes;
    recording->synapse_probes = MEMORY_NEW(recording->n_reports, struct synapse_probe, RECORDING);
    for (int k = 0; k < recording->n_reports; k++) {
        report_probes(recording->reports[k], next);
        next += report_populations(recording->reports[k]);
        if (report_is_of_synapses(recording->reports[k]))
            recording->synapse_probes[recording->n_synapse_probes++] = report_synapse_probe(recording->reports[k]);
    }
    for (int k = 0; k < recording->n_events; k++)
        next += spike_file_probes(recording->events[k], next);
}

static int close_files(struct recording *recording, struct fault *fault)
{
    int status = spike_file_close(&recording->spikes, fault);
    for (int k = 0; k < recording->n_reports; k++) {
        int closed = report_close(&recording->reports[k], fault);
        status = status ? status : closed;
    }
    for (int k = 0; k < recording->n_sent; k++) {
        int closed = sent_file_close(&recording->sent[k], fault);
        status = status ? status : closed;
    }
    for (int k = 0; k < recording->n_events; k++) {
        int closed = spike_file_close(&recording->events[k], fault);
        status = status ? status : closed;
    }
    for (int k = 0; k < recording->n_rates; k++) {
        int closed = rate_file_close(&recording->rates[k], fault);
        status = status ? status : closed;
    }
    return status;
}

static void recording_destroy(struct recording **recording_pointer)
{
    struct recording *recording = *recording_pointer;
    for (int k = 0; k < recording->n_files; k++)
        memory_free(recording->files[k]);
    memory_free(recording->files);
    memory_free(recording->reports);
    memory_free(recording->sent);
    memory_free(recording->rates);
    memory_free(recording->events);
    memory_free(recording->probes);
    memory_free(recording->synapse_probes);
    memory_free(recording->sent_wanted);
    memory_free(recording);
    *recording_pointer = NULL;
}

/* Undo recording_create. */
static void take_back(struct recording **recording, struct fault *fault)
{
    close_files(*recording, fault);
    for (int k = 0; (*recording)->folder && k < (*recording)->n_files; k++)
        output_folder_remove((*recording)->folder, (*recording)->files[k]);
    output_folder_give_up(&(*recording)->folder);
    recording_destroy(recording);
}

int recording_create(const struct script *script, const struct network *network, const struct recording_options *options,
                     struct recording **out, struct fault *fault)
{
    struct output_folder *folder;
    *out = NULL;
    TRY(take_folder(options, network->communicator, &folder, fault));
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* its failures become faults; it need not print them too */
    struct recording *recording = *out = MEMORY_NEW(1, struct recording, RECORDING);
    *recording = (struct recording){
        .script = script,
        .communicator = network->communicator,
        .rank = network->rank,
        .folder = folder,
        .sent_wanted = MEMORY_NEW(script->n_connections, bool, RECORDING),
        .pace = {.distance = 1, .flush_every = options->flush_every > 0 ? options->flush_every : FLUSH_EVERY},
    };
    recording->pace.checked_at = recording->pace.flushed_at = MPI_Wtime();
    if (folder)
        output_folder_clear(folder);
    list_files(recording);
    int status = create_files(recording, network, options, fault);
    if (status)
        take_back(out, fault);
    else
        collect_probes(recording);
    return status;
}

int recording_close(struct recording **recording_pointer, struct fault *fault)
{
    struct recording *recording = *recording_pointer;
    if (!recording)
        return FAULT_NONE;
    int status = recording->failed ? FAULT_NONE : recording_flush(recording, fault);
    int closed = close_files(recording, fault);
    output_folder_release(&recording->folder);
    recording_destroy(recording_pointer);
    return status ? status : closed;
}

/* ---- what others ask ------------------------------------------------------------------------------------------------------- */

struct probe *recording_probes(struct recording *recording, int *n_probes)
{
    *n_probes = recording->n_probes;
    return recording->probes;
}

struct synapse_probe *recording_synapse_probes(struct recording *recording, int *n_probes)
{
    *n_probes = recording->n_synapse_probes;
    return recording->synapse_probes;
}

const bool *recording_sent(const struct recording *recording)
{
    return recording->sent_wanted;
}

const char *const *recording_files(const struct recording *recording, int *n_files)
{
    *n_files = recording->n_files;
    return (const char *const *)recording->files;
}

uint64_t recording_bytes(const struct recording *recording)
{
    uint64_t bytes = recording->spikes ? spike_file_bytes(recording->spikes) : 0;
    for (int k = 0; k < recording->n_reports; k++)
        bytes += report_bytes(recording->reports[k]);
    for (int k = 0; k < recording->n_sent; k++)
        bytes += sent_file_bytes(recording->sent[k]);
    for (int k = 0; k < recording->n_events; k++)
        bytes += spike_file_bytes(recording->events[k]);
    for (int k = 0; k < recording->n_rates; k++)
        bytes += rate_file_bytes(recording->rates[k]);
    return bytes;
}

/* ---- writing -----------------------------------------------------------------------------------------------------------------
 */

static int write_events(struct recording *recording, struct fault *fault)
{
    step_count begin = recording->written, end = recording->taken;
    if (recording->spikes && begin < end)
        TRY(spike_file_write(recording->spikes, begin, end, fault));
    for (int k = 0; k < recording->n_events; k++) /* what is seen at the start of a step happened in the one before */
        TRY(spike_file_write(recording->events[k], begin - 1, end, fault));
    for (int k = 0; k < recording->n_sent; k++)
        TRY(sent_file_write(recording->sent[k], fault));
    recording->written = end;
    return FAULT_NONE;
}

static int flush_files(struct recording *recording, struct fault *fault)
{
    TRY(write_events(recording, fault));
    if (recording->spikes)
        TRY(spike_file_flush(recording->spikes, fault));
    for (int k = 0; k < recording->n_events; k++)
        TRY(spike_file_flush(recording->events[k], fault));
    for (int k = 0; k < recording->n_sent; k++)
        TRY(sent_file_flush(recording->sent[k], fault));
    for (int k = 0; k < recording->n_reports; k++)
        TRY(report_flush(recording->reports[k], fault));
    for (int k = 0; k < recording->n_rates; k++)
        TRY(rate_file_flush(recording->rates[k], fault));
    recording->pace.flushed_at = MPI_Wtime();
    return FAULT_NONE;
}

int recording_flush(struct recording *recording, struct fault *fault)
{
    int status = flush_files(recording, fault);
    recording->failed = recording->failed || status;
    return status;
}

static uint64_t buffered_events(const struct recording *recording)
{
    uint64_t bytes = recording->spikes ? spike_file_buffered(recording->spikes) : 0;
    for (int k = 0; k < recording->n_sent; k++)
        bytes += sent_file_buffered(recording->sent[k]);
    for (int k = 0; k < recording->n_events; k++)
        bytes += spike_file_buffered(recording->events[k]);
    return bytes;
}

/* Intervals until the next check, as this rank would have it: soon enough for the clock (rank 0) and for its buffers. */
static int64_t wanted_distance(const struct recording *recording, uint64_t buffered, double now)
{
    const struct pace *pace = &recording->pace;
    double waited = (double)pace->waited, distance = 2 * waited; /* carefully, since a run may slow down or fire more */
    double seconds = now - pace->checked_at, bytes = (double)buffered - (double)pace->buffered;
    if (recording->rank == 0 && seconds * distance > pace->flush_every / 4 * waited)
        distance = pace->flush_every / 4 * waited / seconds;
    if (bytes * distance > EVENTS_BUDGET / 4 * waited)
        distance = EVENTS_BUDGET / 4 * waited / bytes;
    return distance > 1 ? (int64_t)distance : 1;
}

/* Agree on what to do now and when to ask again. */
static int check_pace(struct recording *recording, struct fault *fault)
{
    struct pace *pace = &recording->pace;
    double now = MPI_Wtime();
    uint64_t buffered = buffered_events(recording);
    struct {
        int64_t buffered, flush, minus_distance;
    } most = {(int64_t)buffered, recording->rank == 0 && now - pace->flushed_at >= pace->flush_every,
              -wanted_distance(recording, buffered, now)};
    MPI_Allreduce(MPI_IN_PLACE, &most, 3, MPI_INT64_T, MPI_MAX, recording->communicator);
    if (most.flush)
        TRY(flush_files(recording, fault));
    else if ((uint64_t)most.buffered >= EVENTS_BUDGET / 2)
        TRY(write_events(recording, fault));
    pace->distance = (uint64_t)-most.minus_distance;
    pace->waited = 0;
    pace->buffered = buffered_events(recording);
    pace->checked_at = MPI_Wtime();
    return FAULT_NONE;
}

static int take_interval(struct recording *recording, const struct interval_view *view, struct fault *fault)
{
    if (recording->spikes)
        spike_file_take(recording->spikes, view, NULL);
    for (int k = 0; k < recording->n_sent; k++)
        sent_file_take(recording->sent[k], view);
    for (int k = 0; k < recording->n_rates; k++)
        TRY(rate_file_take(recording->rates[k], view, fault));
    recording->taken = view->end;
    const struct probe *probes = view->probes;
    const struct synapse_probe *synapse_probe = view->synapse_probes;
    for (int k = 0; k < recording->n_reports; k++) {
        struct report *report = recording->reports[k];
        if (report_is_of_synapses(report))
            TRY(report_take_synapses(report, synapse_probe++, fault));
        else
            TRY(report_take(report, probes, fault));
        probes += report_populations(report);
    }
    for (int k = 0; k < recording->n_events; k++) {
        spike_file_take(recording->events[k], view, probes);
        probes += spike_file_probes(recording->events[k], NULL);
    }
    if (++recording->pace.waited >= recording->pace.distance)
        TRY(check_pace(recording, fault));
    return FAULT_NONE;
}

static int recording_interval(void *context, const struct interval_view *view, struct fault *fault)
{
    struct recording *recording = context;
    int status = take_interval(recording, view, fault);
    recording->failed = recording->failed || status;
    return status;
}

struct observer recording_observer(struct recording *recording)
{
    return (struct observer){recording, recording_interval};
}
