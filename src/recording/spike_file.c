/* Every local node of a recorded population knows whether it is recorded now, since several `record` statements may name parts of
 * a population, and for different epochs: a spike is buffered once, whatever it is covered by. What is recorded changes between
 * epochs only, where intervals end.
 * Events come as the variable that says whether one happened: what it is at the start of a step belongs to the step before. Where
 * variables are recorded beside, it is looked at with them, behind the thresholds.
 * A spike costs 24 bytes until it is written, and 8 for each variable; one with multiplicity m becomes m rows in the file. */
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
    double values[]; /* [n_columns] SI base units */
};

struct spike_group {
    int population;
    node_local n_nodes;
    node_local *all;   /* [n_nodes] where something is sampled: 0, 1, …; owned */
    bool *is_recorded; /* [n_nodes] in the steps before spike_file.chosen_until; owned */
    char *rows;        /* [n_rows] struct spike_row of row_bytes() each, buffered, in order; owned */
    uint64_t n_rows;
    struct growing timestamps, node_ids;
    struct growing *columns; /* [n_columns] owned */
};

struct spike_file {
    const struct script *script;   /* borrowed */
    const char *event;             /* NULL: spikes; borrowed */
    const struct record *values;   /* whose variables stand beside them; NULL: none do; borrowed */
    int n_columns;                 /* of values */
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

static size_t row_bytes(const struct spike_file *file)
{
    return sizeof(struct spike_row) + (size_t)file->n_columns * sizeof(double);
}

static struct spike_row *row_at(const struct spike_file *file, char *rows, uint64_t k)
{
    return (struct spike_row *)(rows + k * row_bytes(file));
}

static void add_group(struct spike_file *file, int population)
{
    const struct partition *partition = &file->network->partition;
    struct spike_group group = {.population = population};
    group.n_nodes = partition->scheme->count(partition->n_ranks, &file->script->populations[population], file->network->rank);
    group.is_recorded = MEMORY_NEW(group.n_nodes, bool, RECORDING);
    const bool is_probed = file->event || file->values;
    group.all = MEMORY_NEW(is_probed ? group.n_nodes : 0, node_local, RECORDING);
    for (node_local local = 0; is_probed && local < group.n_nodes; local++)
        group.all[local] = local;
    group.columns = MEMORY_NEW(file->n_columns, struct growing, RECORDING);
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
    if (file->values)
        return record == file->values;
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

static void lay_out_columns(struct spike_file *file, hid_t population, struct spike_group *group)
{
    struct sonata_file *sonata = file->file;
    if (!file->values)
        return;
    hid_t values = sonata_group(sonata, population, "values");
    for (int c = 0; c < file->n_columns; c++) {
        const struct recorded_variable *variable = &file->values->columns[c];
        group->columns[c] = sonata_growing(sonata, values, variable->name, H5T_IEEE_F64LE, 0, CHUNK_ROWS, 0);
        sonata_attribute_text(sonata, group->columns[c].id, "units", variable->unit_text);
    }
    H5Gclose(values);
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
        lay_out_columns(file, population, group);
        H5Gclose(population);
    }
    H5Tclose(sorting);
    H5Gclose(spikes);
}

static int make_file(struct spike_file *file, const char *folder, struct fault *fault)
{
    const char *const stem = file->values ? file->values->name : file->event ? file->event : "spikes";
    const uint64_t n_objects = file->values ? 4 + (uint64_t)file->n_columns : 3; /* of a group */
    uint64_t fixed = (1 + n_objects * (uint64_t)file->n_groups) * SONATA_OBJECT_BYTES;
    TRY(sonata_create(folder, stem, fixed, file->network->communicator, &file->file, fault));
    lay_out(file);
    return sonata_flush(file->file, fault);
}

int spike_file_create(const struct script *script, const struct record *record, const struct network *network, const char *folder,
                      struct spike_file **out, struct fault *fault)
{
    *out = NULL;
    struct spike_file *file = MEMORY_NEW(1, struct spike_file, RECORDING);
    *file = (struct spike_file){.script = script, .network = network, .axis = time_axis_create(script->dt)};
    file->event = record ? record->variable : NULL;
    file->values = record && record->kind == RECORD_AT_EVENTS ? record : NULL;
    file->n_columns = file->values ? record->n_columns : 0;
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
        memory_free(file->groups[g].columns);
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

static struct spike_row *push_row(const struct spike_file *file, struct spike_group *group)
{
    const size_t bytes = row_bytes(file), room = group->rows ? memory_size(group->rows) : 0;
    if ((group->n_rows + 1) * bytes > room)
        group->rows = memory_resize(group->rows, room ? 2 * room : 16 * bytes, MEMORY_RECORDING);
    return row_at(file, group->rows, group->n_rows++);
}

/* `samples`: of the file's columns, where it has any. */
static void take_row(struct spike_file *file, struct spike_group *group, step_count step, node_local local, uint64_t multiplicity,
                     const struct probe *samples)
{
    const struct partition *partition = &file->network->partition;
    const struct population *population = &file->script->populations[group->population];
    assert(local < group->n_nodes);
    if (!group->is_recorded[local])
        return;
    node_index index = partition->scheme->index(partition->n_ranks, population, file->network->rank, local);
    struct spike_row *row = push_row(file, group);
    row->key = (struct row_key){step, index};
    row->multiplicity = multiplicity;
    for (int c = 0; c < file->n_columns; c++)
        row->values[c] = samples[c].values[(size_t)(step - samples[c].frame_step) * samples[c].n_nodes + local];
}

static void take_spikes(struct spike_file *file, struct spike_group *group, const struct spike_list *list,
                        const struct probe *samples)
{
    for (uint64_t k = 0; k < list->n; k++) {
        const struct spike *spike = &list->spikes[k];
        take_row(file, group, spike->step, spike->local, spike->multiplicity, samples);
    }
}

/* `lag`: steps between an event and the frame that shows it. */
static void take_events(struct spike_file *file, struct spike_group *group, const struct probe *happened, step_count lag,
                        const struct probe *samples)
{
    for (uint32_t frame = 0; frame < happened->n_frames; frame++) {
        const step_count step = happened->frame_step + frame - lag;
        if (step >= file->chosen_until)
            choose_nodes(file, step);
        for (node_local local = 0; local < group->n_nodes; local++)
            if (happened->values[(size_t)frame * happened->n_nodes + local] != 0)
                take_row(file, group, step, local, 1, samples);
    }
}

/* Of each group: of the event whether it happened, and the variables. */
static int probes_of_group(const struct spike_file *file)
{
    return (file->event != NULL) + file->n_columns;
}

void spike_file_take(struct spike_file *file, const struct interval_view *view, const struct probe *probes)
{
    if (!file->event && view->begin >= file->chosen_until)
        choose_nodes(file, view->begin);
    for (int g = 0; g < file->n_groups; g++) {
        struct spike_group *group = &file->groups[g];
        const struct probe *own = probes ? probes + g * probes_of_group(file) : NULL;
        if (file->event)
            take_events(file, group, own, file->values ? 0 : 1, own + 1);
        else
            take_spikes(file, group, &view->spikes[group->population], own);
    }
}

/* From the first step to be recorded up to the last. */
static struct probe probe_of_group(const struct spike_file *file, const struct spike_group *group)
{
    const step_count lag = file->event && !file->values;
    step_count first = INT64_MAX, end = 0;
    for (int r = 0; r < file->script->n_records; r++) {
        const struct record *record = &file->script->records[r];
        if (!is_about(file, record))
            continue;
        first = record_begin(file->script, record) < first ? record_begin(file->script, record) : first;
        end = record_end(file->script, record) > end ? record_end(file->script, record) : end;
    }
    return (struct probe){
        .population = group->population,
        .variable = file->event,
        .slot = file->values ? RECORD_AT_AFTER_THRESHOLDS : RECORD_AT_START,
        .at_spikes = file->values && !file->event,
        .at_event = file->values ? file->event : NULL,
        .first = first + lag,
        .every = 1,
        .end = end + lag,
        .n_nodes = group->n_nodes,
        .local = group->all,
    };
}

int spike_file_probes(const struct spike_file *file, struct probe *probes)
{
    for (int g = 0; probes && g < file->n_groups; g++) {
        const struct probe probe = probe_of_group(file, &file->groups[g]);
        if (file->event)
            *probes++ = probe;
        for (int c = 0; c < file->n_columns; c++) {
            *probes = probe;
            probes++->variable = file->values->columns[c].name;
        }
    }
    return file->n_groups * probes_of_group(file);
}

uint64_t spike_file_buffered(const struct spike_file *file)
{
    uint64_t bytes = 0;
    for (int g = 0; g < file->n_groups; g++)
        bytes += file->groups[g].n_rows * row_bytes(file);
    return bytes;
}

static int compare_spikes(const void *a, const void *b)
{
    return row_key_compare(a, b);
}

static uint64_t count_spikes(const struct spike_file *file, char *rows, uint64_t n)
{
    uint64_t spikes = 0;
    for (uint64_t k = 0; k < n; k++)
        spikes += row_at(file, rows, k)->multiplicity;
    return spikes;
}

/* This rank's share of the rows of a group, as the file has them. */
struct spike_columns {
    uint64_t n;
    double *timestamps;
    uint64_t *node_ids;
    double *values; /* [n_columns][n] in the variables' units */
};

static struct spike_columns expand(const struct spike_file *file, const struct spike_group *group, char *rows, uint64_t n)
{
    step_count stamp = file->script->populations[group->population].model->spike_time_end && !file->event ? 1 : 0;
    uint64_t n_spikes = count_spikes(file, rows, n);
    struct spike_columns columns = {
        .timestamps = MEMORY_NEW(n_spikes, double, TEMPORARY),
        .node_ids = MEMORY_NEW(n_spikes, uint64_t, TEMPORARY),
        .values = MEMORY_NEW(n_spikes * (uint64_t)file->n_columns, double, TEMPORARY),
    };
    for (uint64_t k = 0; k < n; k++) {
        const struct spike_row *row = row_at(file, rows, k);
        for (uint64_t copy = 0; copy < row->multiplicity; copy++) {
            columns.timestamps[columns.n] = milliseconds(file->axis, row->key.step + stamp);
            columns.node_ids[columns.n] = row->key.minor;
            for (int c = 0; c < file->n_columns; c++)
                columns.values[(uint64_t)c * n_spikes + columns.n] = row->values[c] / file->values->columns[c].unit.scale;
            columns.n++;
        }
    }
    return columns;
}

static void group_write(struct spike_file *file, struct spike_group *group, step_count begin, step_count end, uint64_t total)
{
    MPI_Comm communicator = file->network->communicator;
    struct row_range range = {begin, end, file->script->populations[group->population].size};
    uint64_t n = group->n_rows;
    char *rows = rows_in_order(communicator, group->rows, &n, row_bytes(file), range, compare_spikes);
    struct spike_columns columns = expand(file, group, rows, n);
    memory_free(rows);
    struct share share = {rows_before(communicator, columns.n), columns.n, 0, 1};
    sonata_append(file->file, &group->timestamps, total, share, columns.timestamps);
    sonata_append(file->file, &group->node_ids, total, share, columns.node_ids);
    for (int c = 0; c < file->n_columns; c++)
        sonata_append(file->file, &group->columns[c], total, share, columns.values + (uint64_t)c * columns.n);
    memory_free(columns.timestamps);
    memory_free(columns.node_ids);
    memory_free(columns.values);
    group->n_rows = 0;
}

/* The room on disk that so many rows of a group need. */
static uint64_t group_growth(const struct spike_file *file, const struct spike_group *group, uint64_t rows)
{
    uint64_t room = sonata_growth(&group->timestamps, rows) + sonata_growth(&group->node_ids, rows);
    for (int c = 0; c < file->n_columns; c++)
        room += sonata_growth(&group->columns[c], rows);
    return room;
}

int spike_file_write(struct spike_file *file, step_count begin, step_count end, struct fault *fault)
{
    uint64_t *totals = MEMORY_NEW(file->n_groups, uint64_t, TEMPORARY), room = 0;
    for (int g = 0; g < file->n_groups; g++)
        totals[g] = count_spikes(file, file->groups[g].rows, file->groups[g].n_rows);
    MPI_Allreduce(MPI_IN_PLACE, totals, file->n_groups, MPI_UINT64_T, MPI_SUM, file->network->communicator);
    for (int g = 0; g < file->n_groups; g++)
        room += group_growth(file, &file->groups[g], totals[g]);
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
