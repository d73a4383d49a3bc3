/* Frame k counts the spikes that the set's nodes emit in the steps [first + k*every, first + (k + 1)*every), or to the end of the
 * recording if that comes before. Counts are integers, so their sum over ranks is the same in any order; rank 0 divides it by the
 * number of nodes and the time of the frame, and writes it.
 *
 * All ranks know at the same interval which frames are complete, so they write together without asking each other. */
#include "recording/rate_file.h"

#include <string.h>

#include "network/set_view.h"
#include "recording/sonata_file.h"
#include "recording/time_axis.h"
#include "support/memory.h"

enum { CHUNK_FRAMES = 16384 };

/* What a set takes from one population, on this rank. */
struct counted {
    int population;
    bool *is_member; /* [nodes of the population on this rank]; owned */
};

struct rate_file {
    const struct script *script; /* borrowed */
    const struct record *record; /* borrowed */
    struct time_axis axis;
    step_count first, end;   /* steps that are counted */
    struct counted *counted; /* [n_counted]; owned */
    int n_counted;
    uint64_t *counts; /* [capacity] spikes on this rank in each frame that has not been written, from frame n_written on; owned */
    uint64_t n_complete; /* of these, no more spikes will come in; the same on every rank */
    uint64_t capacity;
    uint64_t n_written;
    struct sonata_file *file;
    struct growing data;
    hid_t time;
};

/* ---- which nodes ----------------------------------------------------------------------------------------------------------- */

static void find_members(struct rate_file *file, const struct network *network)
{
    struct set_view view;
    set_view_create(file->record->set, &view);
    file->n_counted = view.n_ranges;
    file->counted = MEMORY_NEW(view.n_ranges, struct counted, RECORDING);
    for (int range = 0; range < view.n_ranges; range++) {
        const struct partition partition = network->partition;
        const struct population *population = &file->script->populations[view.ranges[range].population];
        struct counted *counted = &file->counted[range];
        struct set_members members;
        set_members_create(&view, range, partition, population, network->rank, &members);
        counted->population = population->index;
        counted->is_member = MEMORY_NEW(partition.scheme->count(partition.n_ranks, population, network->rank), bool, RECORDING);
        for (node_local k = 0; k < members.n; k++)
            counted->is_member[members.local[k]] = true;
        set_members_release(&members);
    }
    set_view_release(&view);
}

/* ---- the file -------------------------------------------------------------------------------------------------------------- */

/* {start, stop, step} of the frames that are in the file, in ms. */
static void time_values(const struct rate_file *file, double values[3])
{
    const step_count every = file->record->every, stop = file->first + (step_count)file->n_written * every;
    values[0] = milliseconds(file->axis, file->first);
    values[1] = milliseconds(file->axis, stop < file->end ? stop : file->end);
    values[2] = milliseconds(file->axis, every);
}

static void lay_out(struct rate_file *file)
{
    struct sonata_file *sonata = file->file;
    const uint64_t n_nodes = file->record->set->size;
    double time[3];
    time_values(file, time);
    hid_t root = sonata_group(sonata, sonata->id, "rate");
    hid_t group = sonata_group(sonata, root, file->record->set->name ? file->record->set->name : file->record->name);
    file->data = sonata_growing(sonata, group, "data", H5T_IEEE_F64LE, 0, CHUNK_FRAMES, 0);
    sonata_attribute_text(sonata, file->data.id, "units", file->record->unit_text);
    sonata_attribute(sonata, file->data.id, "nodes", H5T_STD_U64LE, 0, &n_nodes);
    file->time = sonata_fixed(sonata, group, "time", H5T_IEEE_F64LE, 3, 0, sonata->rank == 0 ? 3 : 0, time);
    sonata_attribute_text(sonata, file->time, "units", "ms");
    H5Gclose(group);
    H5Gclose(root);
}

static int make_file(struct rate_file *file, const char *folder, MPI_Comm communicator, struct fault *fault)
{
    TRY(sonata_create(folder, file->record->name, 6 * SONATA_OBJECT_BYTES, communicator, &file->file, fault));
    lay_out(file);
    return sonata_flush(file->file, fault);
}

int rate_file_create(const struct script *script, const struct record *record, const struct network *network, const char *folder,
                     struct rate_file **out, struct fault *fault)
{
    struct rate_file *file = *out = MEMORY_NEW(1, struct rate_file, RECORDING);
    *file = (struct rate_file){
        .script = script,
        .record = record,
        .axis = time_axis_create(script->dt),
        .first = record_begin(script, record),
        .end = record_end(script, record),
    };
    find_members(file, network);
    int status = make_file(file, folder, network->communicator, fault);
    if (status)
        rate_file_close(out, fault);
    return status;
}

uint64_t rate_file_bytes(const struct rate_file *file)
{
    return file->file->bytes;
}

/* ---- frames ---------------------------------------------------------------------------------------------------------------- */

/* How many frames, counted from that which is written next, lie before the step, in part or as a whole. */
static uint64_t frames_before(const struct rate_file *file, step_count step, bool in_part)
{
    const step_count every = file->record->every;
    step_count passed = step < file->end ? step - file->first : file->end - file->first;
    if (passed <= 0)
        return 0;
    const bool ends = in_part || step >= file->end;
    return (uint64_t)(ends ? (passed + every - 1) / every : passed / every) - file->n_written;
}

static void make_room(struct rate_file *file, uint64_t n_frames)
{
    if (n_frames <= file->capacity)
        return;
    const uint64_t capacity = 2 * n_frames;
    file->counts = MEMORY_RESIZE(file->counts, capacity, uint64_t, RECORDING);
    memset(file->counts + file->capacity, 0, (capacity - file->capacity) * sizeof *file->counts);
    file->capacity = capacity;
}

static void count_spikes(struct rate_file *file, const struct counted *counted, const struct spike_list *list)
{
    for (uint64_t k = 0; k < list->n; k++) {
        const struct spike *spike = &list->spikes[k];
        if (!counted->is_member[spike->local] || spike->step < file->first || spike->step >= file->end)
            continue;
        const uint64_t frame = (uint64_t)((spike->step - file->first) / file->record->every);
        file->counts[frame - file->n_written] += spike->multiplicity;
    }
}

/* Rates in Hz, from the counts of all ranks. */
static double *rates_of(const struct rate_file *file, const uint64_t *counts)
{
    const step_count every = file->record->every;
    double *rates = MEMORY_NEW(file->n_complete, double, TEMPORARY);
    for (uint64_t k = 0; k < file->n_complete; k++) {
        const step_count begin = file->first + (step_count)(file->n_written + k) * every;
        const step_count n_steps = begin + every < file->end ? every : file->end - begin;
        const double seconds = (double)n_steps * file->script->dt;
        rates[k] = (double)counts[k] / ((double)file->record->set->size * seconds);
    }
    return rates;
}

static int write_frames(struct rate_file *file, struct fault *fault)
{
    struct sonata_file *sonata = file->file;
    const uint64_t n = file->n_complete;
    if (n == 0)
        return FAULT_NONE;
    const uint64_t room = sonata_growth(&file->data, n);
    if (room > 0)
        TRY(sonata_reserve(sonata, room, fault));
    uint64_t *counts = MEMORY_NEW(n, uint64_t, TEMPORARY);
    MPI_Allreduce(file->counts, counts, (int)n, MPI_UINT64_T, MPI_SUM, sonata->communicator);
    double *rates = rates_of(file, counts);
    const hsize_t mine = sonata->rank == 0 ? n : 0;
    sonata_append(sonata, &file->data, n, (struct share){0, mine, 0, 1}, rates);
    memory_free(rates);
    memory_free(counts);
    memmove(file->counts, file->counts + n, (file->capacity - n) * sizeof *file->counts);
    memset(file->counts + file->capacity - n, 0, n * sizeof *file->counts);
    file->n_written += n;
    file->n_complete = 0;
    return sonata_check(sonata, fault);
}

int rate_file_take(struct rate_file *file, const struct interval_view *view, struct fault *fault)
{
    make_room(file, frames_before(file, view->end, true));
    for (int k = 0; k < file->n_counted; k++)
        count_spikes(file, &file->counted[k], &view->spikes[file->counted[k].population]);
    file->n_complete = frames_before(file, view->end, false);
    return file->n_complete >= CHUNK_FRAMES ? write_frames(file, fault) : FAULT_NONE;
}

static void write_time(struct rate_file *file)
{
    double values[3];
    time_values(file, values);
    sonata_rewrite(file->file, file->time, H5T_IEEE_F64LE, values);
}

int rate_file_flush(struct rate_file *file, struct fault *fault)
{
    TRY(write_frames(file, fault));
    if (!file->file->changed)
        return FAULT_NONE;
    TRY(sonata_flush(file->file, fault)); /* the frames first: the time never goes beyond them */
    write_time(file);
    return sonata_check(file->file, fault);
}

int rate_file_close(struct rate_file **file_pointer, struct fault *fault)
{
    struct rate_file *file = *file_pointer;
    if (!file)
        return FAULT_NONE;
    if (file->file && !file->file->abandoned)
        write_time(file);
    int status = sonata_close(&file->file, fault);
    for (int k = 0; k < file->n_counted; k++)
        memory_free(file->counted[k].is_member);
    memory_free(file->counted);
    memory_free(file->counts);
    memory_free(file);
    *file_pointer = NULL;
    return status;
}
