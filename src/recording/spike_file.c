/* Every local node of a recorded population knows whether it is recorded now, since several `record` statements may name parts of
 * a population, and for different epochs: a spike is buffered once, whatever it is covered by. What is recorded changes between
 * epochs only, where intervals end.
 * Events come as the variable that says whether one happened: what it is at the start of a step belongs to the step before.
 * A spike costs 24 bytes until it is written; one with multiplicity m becomes m rows in the file. */
#include "recording/spike_file.h"

#include <assert.h>
#include <string.h>

#include "network/set_view.h"
#include "recording/sonata_file.h"
#include "recording/time_axis.h"
#include "support/memory.h"

enum { CHUNK_ROWS = 16384 };

struct spike_row {
    struct row_key key; /* minor: the node's index */
    uint64_t multiplicity;
};

struct spike_group {
    int population;
    node_local n_nodes;
    node_local *all;        /* [n_nodes] of events: 0, 1, …; owned */
    bool *is_recorded;      /* [n_nodes] in the steps before spike_file.chosen_until; owned */
    struct spike_row *rows; /* [n_rows] buffered, in order; owned */
    uint64_t n_rows, capacity;
    struct growing timestamps, node_ids;
};

struct spike_file {
    const struct script *script;   /* borrowed */
    const char *event;             /* NULL: spikes; borrowed */
    const struct network *network; /* borrowed */
    struct time_axis axis;
    struct sonata_file *file;
    struct spike_group *groups; /* [n_groups], ascending by population; owned */
    int n_groups;
    step_count chosen_until; /* what is recorded changes at this step, or never again (INT64_MAX) */
};

/* ---- which nodes ----------------------------------------------------------------------------------------------------------- */

static struct spike_group *group_of(struct spike_file *file, int population)
{
    for (int g = 0; g < file->n_groups; g++)
        if (file->groups[g].population == population)
            return &file->groups[g];
    return NULL;
}

static void add_group(struct spike_file *file, int population)
{
    const struct partition *partition = &file->network->partition;
    struct spike_group group = {.population = population};
    group.n_nodes = partition->scheme->count(partition->n_ranks, &file->script->populations[population], file->network->rank);
    group.is_recorded = MEMORY_NEW(group.n_nodes, bool, RECORDING);
    group.all = MEMORY_NEW(file->event ? group.n_nodes : 0, node_local, RECORDING);
    for (node_local local = 0; file->event && local < group.n_nodes; local++)
        group.all[local] = local;
    file->groups[file->n_groups++] = group;
}

/* The nodes of one `record spikes` statement are recorded. */
static void cover(struct spike_file *file, const struct node_set *set)
{
    struct set_view view;
    set_view_create(set, &view);
    for (int range = 0; range < view.n_ranges; range++) {
        int population = view.ranges[range].population;
        struct spike_group *group = group_of(file, population);
        struct set_members members;
        set_members_create(&view, range, file->network->partition, &file->script->populations[population], file->network->rank,
                           &members);
        for (node_local k = 0; k < members.n; k++)
            group->is_recorded[members.local[k]] = true;
        set_members_release(&members);
    }
    set_view_release(&view);
}

static bool has_population(const struct node_set *set, int population)
{
    for (int part = 0; part < set->n_parts; part++)
        if (set->parts[part].population == population)
            return true;
    return false;
}

/* Is the record one of what the file holds? */
static bool is_about(const struct spike_file *file, const struct record *record)
{
    return file->event ? record->kind == RECORD_EVENTS && strcmp(record->variable, file->event) == 0
                       : record->kind == RECORD_SPIKES;
}

static bool is_recorded(const struct spike_file *file, int population)
{
    const struct script *script = file->script;
    for (int r = 0; r < script->n_records; r++)
        if (is_about(file, &script->records[r]) && has_population(script->records[r].set, population))
            return true;
    return false;
}

/* Which nodes are recorded in the steps from `step` on, as long as that does not change. */
static void choose_nodes(struct spike_file *file, step_count step)
{
    const struct script *script = file->script;
    file->chosen_until = INT64_MAX;
    for (int g = 0; g < file->n_groups; g++)
        memset(file->groups[g].is_recorded, 0, file->groups[g].n_nodes * sizeof(bool));
    for (int r = 0; r < script->n_records; r++) {
        const struct record *record = &script->records[r];
        if (!is_about(file, record))
            continue;
        const step_count begin = record_begin(script, record), end = record_end(script, record);
        if (begin <= step && step < end)
            cover(file, record->set);
        const step_count change = step < begin ? begin : step < end ? end : INT64_MAX;
        file->chosen_until = change < file->chosen_until ? change : file->chosen_until;
    }
}

static void choose_populations(struct spike_file *file)
{
    const struct script *script = file->script;
    file->groups = MEMORY_NEW(script->n_populations, struct spike_group, RECORDING);
    for (int population = 0; population < script->n_populations; population++)
        if (is_recorded(file, population))
            add_group(file, population);
    choose_nodes(file, 0);
}

/* ---- the file
 * ------------------------------------------------------------------------------------------------------------------ */

static hid_t sorting_type(void)
{
    static const char *const names[] = {"none", "by_id", "by_time"};
    hid_t type = H5Tenum_create(H5T_STD_U8LE);
    for (uint8_t value = 0; value < 3; value++)
        H5Tenum_insert(type, names[value], &value);
    return type;
}

static void lay_out(struct spike_file *file)
{
    static const uint8_t by_time = 2;
    struct sonata_file *sonata = file->file;
    hid_t spikes = sonata_group(sonata, sonata->id, "spikes"), sorting = sorting_type();
    for (int g = 0; g < file->n_groups; g++) {
        struct spike_group *group = &file->groups[g];
        hid_t population = sonata_group(sonata, spikes, file->script->populations[group->population].name);
        sonata_attribute(sonata, population, "sorting", sorting, 0, &by_time);
        group->timestamps = sonata_growing(sonata, population, "timestamps", H5T_IEEE_F64LE, 0, CHUNK_ROWS, 0);
        sonata_attribute_text(sonata, group->timestamps.id, "units", "ms");
        group->node_ids = sonata_growing(sonata, population, "node_ids", H5T_STD_U64LE, 0, CHUNK_ROWS, 0);
        H5Gclose(population);
    }
    H5Tclose(sorting);
    H5Gclose(spikes);
}

static int make_file(struct spike_file *file, const char *folder, struct fault *fault)
{
    const char *const stem = file->event ? file->event : "spikes";
    uint64_t fixed = (1 + 3 * (uint64_t)file->n_groups) * SONATA_OBJECT_BYTES;
    TRY(sonata_create(folder, stem, fixed, file->network->communicator, &file->file, fault));
    lay_out(file);
    return sonata_flush(file->file, fault);
}

int spike_file_create(const struct script *script, const char *event, const struct network *network, const char *folder,
                      struct spike_file **out, struct fault *fault)
{
    *out = NULL;
    struct spike_file *file = MEMORY_NEW(1, struct spike_file, RECORDING);
    *file = (struct spike_file){.script = script, .event = event, .network = network, .axis = time_axis_create(script->dt)};
    choose_populations(file);
    if (file->n_groups == 0)
        return spike_file_close(&file, fault);
    *out = file;
    int status = make_file(file, folder, fault);
    if (status)
        spike_file_close(out, fault);
    return status;
}

int spike_file_close(struct spike_file **file_pointer, struct fault *fault)
{
    struct spike_file *file = *file_pointer;
    if (!file)
        return FAULT_NONE;
    int status = sonata_close(&file->file, fault);
    for (int g = 0; g < file->n_groups; g++) {
        memory_free(file->groups[g].all);
        memory_free(file->groups[g].is_recorded);
        memory_free(file->groups[g].rows);
    }
    memory_free(file->groups);
    memory_free(file);
    *file_pointer = NULL;
    return status;
}

int spike_file_flush(struct spike_file *file, struct fault *fault)
{
    return sonata_flush(file->file, fault);
}

uint64_t spike_file_bytes(const struct spike_file *file)
{
    return file->file->bytes;
}

/* ---- spikes
 * ---------------------------------------------------------------------------------------------------------------------- */

static void take_row(struct spike_file *file, struct spike_group *group, step_count step, node_local local, uint64_t multiplicity)
{
    const struct partition *partition = &file->network->partition;
    const struct population *population = &file->script->populations[group->population];
    assert(local < group->n_nodes);
    if (!group->is_recorded[local])
        return;
    node_index index = partition->scheme->index(partition->n_ranks, population, file->network->rank, local);
    *MEMORY_PUSH(group->rows, group->n_rows, group->capacity, struct spike_row, RECORDING) = (struct spike_row){{step, index},
                                                                                                                multiplicity};
}

static void group_take(struct spike_file *file, struct spike_group *group, const struct spike_list *list)
{
    for (uint64_t k = 0; k < list->n; k++) {
        const struct spike *spike = &list->spikes[k];
        take_row(file, group, spike->step, spike->local, spike->multiplicity);
    }
}

void spike_file_take(struct spike_file *file, const struct interval_view *view)
{
    if (view->begin >= file->chosen_until)
        choose_nodes(file, view->begin);
    for (int g = 0; g < file->n_groups; g++)
        group_take(file, &file->groups[g], &view->spikes[file->groups[g].population]);
}

int spike_file_probes(const struct spike_file *file, struct probe *probes)
{
    step_count first = INT64_MAX, end = 0;
    for (int r = 0; r < file->script->n_records; r++) {
        const struct record *record = &file->script->records[r];
        if (!is_about(file, record))
            continue;
        first = record_begin(file->script, record) < first ? record_begin(file->script, record) : first;
        end = record_end(file->script, record) > end ? record_end(file->script, record) : end;
    }
    for (int g = 0; probes && g < file->n_groups; g++)
        probes[g] = (struct probe){
            .population = file->groups[g].population,
            .variable = file->event,
            .first = first + 1,
            .every = 1,
            .end = end + 1,
            .n_nodes = file->groups[g].n_nodes,
            .local = file->groups[g].all,
        };
    return file->event ? file->n_groups : 0;
}

void spike_file_take_events(struct spike_file *file, const struct probe *probes)
{
    for (uint32_t frame = 0; frame < probes->n_frames; frame++) {
        const step_count step = probes->frame_step + frame - 1;
        if (step >= file->chosen_until)
            choose_nodes(file, step);
        for (int g = 0; g < file->n_groups; g++) {
            const double *happened = probes[g].values + (size_t)frame * probes[g].n_nodes;
            for (node_local local = 0; local < file->groups[g].n_nodes; local++)
                if (happened[local] != 0)
                    take_row(file, &file->groups[g], step, local, 1);
        }
    }
}

uint64_t spike_file_buffered(const struct spike_file *file)
{
    uint64_t bytes = 0;
    for (int g = 0; g < file->n_groups; g++)
        bytes += file->groups[g].n_rows * sizeof(struct spike_row);
    return bytes;
}

static int compare_spikes(const void *a, const void *b)
{
    return row_key_compare(a, b);
}

static uint64_t count_spikes(const struct spike_row *rows, uint64_t n)
{
    uint64_t spikes = 0;
    for (uint64_t k = 0; k < n; k++)
        spikes += rows[k].multiplicity;
    return spikes;
}

/* This rank's share of the rows of a group, as the file has them. */
struct spike_columns {
    uint64_t n;
    double *timestamps;
    uint64_t *node_ids;
};

static struct spike_columns expand(const struct spike_file *file, const struct spike_group *group, const struct spike_row *rows,
                                   uint64_t n)
{
    step_count stamp = file->script->populations[group->population].model->spike_time_end ? 1 : 0;
    uint64_t n_spikes = count_spikes(rows, n);
    struct spike_columns columns = {
        .timestamps = MEMORY_NEW(n_spikes, double, TEMPORARY),
        .node_ids = MEMORY_NEW(n_spikes, uint64_t, TEMPORARY),
    };
    for (uint64_t k = 0; k < n; k++)
        for (uint64_t copy = 0; copy < rows[k].multiplicity; copy++) {
            columns.timestamps[columns.n] = milliseconds(file->axis, rows[k].key.step + stamp);
            columns.node_ids[columns.n++] = rows[k].key.minor;
        }
    return columns;
}

static void group_write(struct spike_file *file, struct spike_group *group, step_count begin, step_count end, uint64_t total)
{
    MPI_Comm communicator = file->network->communicator;
    struct row_range range = {begin, end, file->script->populations[group->population].size};
    uint64_t n = group->n_rows;
    struct spike_row *rows = rows_in_order(communicator, group->rows, &n, sizeof *rows, range, compare_spikes);
    struct spike_columns columns = expand(file, group, rows, n);
    memory_free(rows);
    struct share share = {rows_before(communicator, columns.n), columns.n, 0, 1};
    sonata_append(file->file, &group->timestamps, total, share, columns.timestamps);
    sonata_append(file->file, &group->node_ids, total, share, columns.node_ids);
    memory_free(columns.timestamps);
    memory_free(columns.node_ids);
    group->n_rows = 0;
}

int spike_file_write(struct spike_file *file, step_count begin, step_count end, struct fault *fault)
{
    uint64_t *totals = MEMORY_NEW(file->n_groups, uint64_t, TEMPORARY), room = 0;
    for (int g = 0; g < file->n_groups; g++)
        totals[g] = count_spikes(file->groups[g].rows, file->groups[g].n_rows);
    MPI_Allreduce(MPI_IN_PLACE, totals, file->n_groups, MPI_UINT64_T, MPI_SUM, file->network->communicator);
    for (int g = 0; g < file->n_groups; g++)
        room += sonata_growth(&file->groups[g].timestamps, totals[g]) + sonata_growth(&file->groups[g].node_ids, totals[g]);
    int status = room ? sonata_reserve(file->file, room, fault) : FAULT_NONE;
    if (status == FAULT_NONE) {
        for (int g = 0; g < file->n_groups; g++)
            if (totals[g] > 0)
                group_write(file, &file->groups[g], begin, end, totals[g]);
        status = sonata_check(file->file, fault);
    }
    memory_free(totals);
    return status;
}
