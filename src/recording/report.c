/* Rows are frames; columns are the recorded nodes of a population in ascending order, or synapses in order of creation. They lie
 * on their owners, columns of the file in contiguous blocks, one for each rank; of nodes, rank r writes the columns
 * [n*r/n_ranks, n*(r+1)/n_ranks). Where a value goes never changes, so it is worked out once (struct column_exchange), and a
 * flush sends the buffered time series of each column.
 *
 * All groups of a report hold the same number of frames, on every rank, so that all ranks find their buffers full at the same
 * frame without asking each other. The time axis in the file never goes beyond frames that were flushed. */
#include "recording/report.h"

#include <assert.h>
#include <string.h>

#include "network/exchange.h"
#include "network/set_view.h"
#include "recording/column_exchange.h"
#include "recording/sonata_file.h"
#include "recording/synapse_columns.h"
#include "recording/time_axis.h"
#include "support/ascending.h"
#include "support/memory.h"

enum { CHUNK_BYTES = 1 << 20, CHUNK_COLUMNS = 1024, CHUNK_FRAMES = 1024 };

struct report_group {
    const char *name;           /* of the population, or of the synapses */
    int population;             /* of nodes */
    struct set_members members; /* the recorded nodes of this rank; or */
    struct synapse_columns synapses;
    struct column_exchange exchange;
    uint64_t n_here; /* columns that are sampled on this rank */
    char *buffer;    /* [capacity][n_here] values as in the file; owned */
    struct growing data;
    hid_t time;
};

struct report {
    const struct record *record; /* borrowed */
    const struct script *script; /* borrowed */
    struct time_axis axis;
    step_count first; /* grid step of the first frame */
    hid_t type;       /* of values, in memory and in the file */
    size_t value_bytes;
    uint64_t n_frames;   /* buffered */
    uint64_t capacity;   /* frames that fit into the buffers now */
    uint64_t frames_max; /* … and at most; the same on every rank */
    struct sonata_file *file;
    struct report_group *groups; /* [n_groups], ascending by population; owned */
    int n_groups;
};

/* ---- columns --------------------------------------------------------------------------------------------------------------- */

/* How many nodes of a set are of a population and below a bound: the column of the node `bound`. */
static uint64_t column_of(const struct node_set *set, int population, node_index bound)
{
    uint64_t below = 0;
    for (int p = 0; p < set->n_parts; p++) {
        const struct node_part *part = &set->parts[p];
        if (part->population != population)
            continue;
        if (part->list)
            below += ascending_place(part->list, 0, part->count, bound);
        else if (bound > part->first)
            below += bound - part->first < part->count ? bound - part->first : part->count;
    }
    return below;
}

static uint64_t block_begin(uint64_t n_columns, int rank, int n_ranks)
{
    return n_columns * (uint64_t)rank / (uint64_t)n_ranks;
}

static int block_owner(uint64_t n_columns, uint64_t column, int n_ranks)
{
    return (int)(((column + 1) * (uint64_t)n_ranks - 1) / n_columns);
}

/* What a rank tells the owner of a column about it. */
struct column {
    node_index index;
    uint32_t place; /* in the block of its owner */
};

/* Collective. node_ids[count], of this rank's block, are owned by the caller (TEMPORARY). */
static uint64_t *exchange_create(struct column_exchange *exchange, const struct node_set *set, const struct set_members *members,
                                 const struct population *population, const struct network *network)
{
    int n_ranks = network->partition.n_ranks;
    uint64_t n_columns = column_of(set, population->index, population->size);
    *exchange = (struct column_exchange){
        .n_columns = n_columns,
        .begin = block_begin(n_columns, network->rank, n_ranks),
        .count = block_begin(n_columns, network->rank + 1, n_ranks) - block_begin(n_columns, network->rank, n_ranks),
        .send_count = MEMORY_NEW(n_ranks, uint64_t, RECORDING),
        .receive_count = MEMORY_NEW(n_ranks, uint64_t, RECORDING),
    };
    exchange->place = MEMORY_NEW(exchange->count, uint32_t, RECORDING);
    uint64_t *node_ids = MEMORY_NEW(exchange->count, uint64_t, TEMPORARY);
    struct column *columns = MEMORY_NEW(members->n, struct column, TEMPORARY);
    for (node_local k = 0; k < members->n; k++) {
        node_index index = network->partition.scheme->index(n_ranks, population, network->rank, members->local[k]);
        uint64_t column = column_of(set, population->index, index);
        int owner = block_owner(n_columns, column, n_ranks);
        columns[k] = (struct column){index, (uint32_t)(column - block_begin(n_columns, owner, n_ranks))};
        exchange->send_count[owner]++;
    }
    struct column *received = exchange_records(network->communicator, columns, exchange->send_count, sizeof *columns,
                                               exchange->receive_count);
    for (uint64_t k = 0; k < exchange->count; k++) {
        exchange->place[k] = received[k].place;
        node_ids[received[k].place] = received[k].index;
    }
    memory_free(received);
    memory_free(columns);
    return node_ids;
}

/* ---- the file
 * ------------------------------------------------------------------------------------------------------------------ */

/* {start, stop, step} in ms. Some readers count frames as (int)((stop - start)/step), which must not lose one to rounding. */
static void time_values(const struct report *report, uint64_t n_frames, double values[3])
{
    step_count every = report->record->every;
    double start = milliseconds(report->axis, report->first), step = milliseconds(report->axis, every);
    double stop = milliseconds(report->axis, report->first + (step_count)n_frames * every);
    if ((uint64_t)((stop - start) / step) < n_frames)
        stop += 1e-9 * step;
    values[0] = start;
    values[1] = stop;
    values[2] = step;
}

static void write_time(struct report *report)
{
    for (int g = 0; g < report->n_groups; g++) {
        double values[3];
        time_values(report, report->groups[g].data.rows, values);
        sonata_rewrite(report->file, report->groups[g].time, H5T_IEEE_F64LE, values);
    }
}

static void lay_out_time(struct report *report, struct report_group *group, hid_t mapping)
{
    struct sonata_file *file = report->file;
    double time[3];
    time_values(report, 0, time);
    group->time = sonata_fixed(file, mapping, "time", H5T_IEEE_F64LE, 3, 0, file->rank == 0 ? 3 : 0, time);
    sonata_attribute_text(file, group->time, "units", "ms");
}

static void lay_out_mapping(struct report *report, struct report_group *group, hid_t parent, const uint64_t *node_ids)
{
    const struct column_exchange *exchange = &group->exchange;
    struct sonata_file *file = report->file;
    uint64_t n = exchange->n_columns, begin = exchange->begin, count = exchange->count;
    uint64_t *pointers = MEMORY_NEW(count + 1, uint64_t, TEMPORARY);
    for (uint64_t k = 0; k <= count; k++)
        pointers[k] = begin + k;
    float *zeros = MEMORY_NEW(count, float, TEMPORARY); /* all bits 0: also zeros as integers */
    bool last = file->rank == file->n_ranks - 1;
    static const uint8_t sorted = 1;

    hid_t mapping = sonata_group(file, parent, "mapping");
    hid_t ids = sonata_fixed(file, mapping, "node_ids", H5T_STD_U64LE, n, begin, count, node_ids);
    sonata_attribute(file, ids, "sorted", H5T_STD_U8LE, 0, &sorted);
    H5Dclose(ids);
    H5Dclose(sonata_fixed(file, mapping, "index_pointers", H5T_STD_U64LE, n + 1, begin, count + last, pointers));
    H5Lcreate_hard(mapping, "index_pointers", mapping, "index_pointer", H5P_DEFAULT,
                   H5P_DEFAULT); /* readers differ in the name */
    H5Dclose(sonata_fixed(file, mapping, "element_ids", H5T_STD_U32LE, n, begin, count, zeros));
    H5Dclose(sonata_fixed(file, mapping, "element_pos", H5T_IEEE_F32LE, n, begin, count, zeros));
    lay_out_time(report, group, mapping);
    H5Gclose(mapping);
    memory_free(pointers);
    memory_free(zeros);
}

/* Frames of the whole run, at least 1. */
static hsize_t frames_planned(const struct report *report)
{
    const struct script *script = report->script;
    step_count end = record_end(script, report->record);
    return end > report->first ? (hsize_t)((end - report->first - 1) / report->record->every + 1) : 1;
}

/* Chunks of at most 1 MiB, of a shape that depends on the data alone, and no longer than the run. */
static struct growing create_data(struct report *report, hid_t parent, uint64_t n_columns)
{
    hsize_t columns = n_columns < CHUNK_COLUMNS ? n_columns : CHUNK_COLUMNS;
    hsize_t frames = CHUNK_BYTES / (columns * report->value_bytes), planned = frames_planned(report);
    frames = frames < CHUNK_FRAMES ? frames : CHUNK_FRAMES;
    return sonata_growing(report->file, parent, "data", report->type, n_columns, frames < planned ? frames : planned, columns);
}

/* The names of the populations at one end of the connections, which is one or several. */
static void name_populations(struct report *report, hid_t dataset, const struct set_view *view)
{
    struct sonata_file *file = report->file;
    const char **names = MEMORY_NEW(view->n_ranges, const char *, TEMPORARY);
    for (int k = 0; k < view->n_ranges; k++)
        names[k] = report->script->populations[view->ranges[k].population].name;
    hid_t type = sonata_text_type();
    if (view->n_ranges == 1)
        sonata_attribute_text(file, dataset, "node_population", names[0]);
    else
        sonata_attribute(file, dataset, "node_populations", type, (hsize_t)view->n_ranges, names);
    H5Tclose(type);
    memory_free(names);
}

/* Which nodes are at one end of the synapses; of a union also in which of its populations. */
static void lay_out_end(struct report *report, const struct synapse_columns *synapses, hid_t mapping, bool is_source)
{
    const struct synapse_selection *selection = &report->record->synapses;
    const struct column_exchange *exchange = &synapses->exchange;
    struct set_view view;
    set_view_create(is_source ? selection->source : selection->target, &view);
    uint64_t *ids = MEMORY_NEW(exchange->count, uint64_t, TEMPORARY);
    uint32_t *populations = MEMORY_NEW(exchange->count, uint32_t, TEMPORARY);
    for (uint64_t k = 0; k < exchange->count; k++) {
        const struct synapse_column *column = &synapses->column[k];
        ids[k] = is_source ? column->source : column->target;
        populations[k] = (uint32_t)(is_source ? column->source_population : column->target_population);
    }
    hid_t dataset = sonata_fixed(report->file, mapping, is_source ? "source_node_ids" : "target_node_ids", H5T_STD_U64LE,
                                 exchange->n_columns, exchange->begin, exchange->count, ids);
    name_populations(report, dataset, &view);
    H5Dclose(dataset);
    if (view.n_ranges > 1)
        H5Dclose(sonata_fixed(report->file, mapping, is_source ? "source_populations" : "target_populations", H5T_STD_U32LE,
                              exchange->n_columns, exchange->begin, exchange->count, populations));
    memory_free(ids);
    memory_free(populations);
    set_view_release(&view);
}

static void lay_out_synapses(struct report *report, struct report_group *group, hid_t parent)
{
    const struct synapse_columns *synapses = &group->synapses;
    const struct column_exchange *exchange = &group->exchange;
    uint64_t *numbers = MEMORY_NEW(exchange->count, uint64_t, TEMPORARY);
    for (uint64_t k = 0; k < exchange->count; k++)
        numbers[k] = synapses->column[k].number;
    hid_t mapping = sonata_group(report->file, parent, "mapping");
    H5Dclose(sonata_fixed(report->file, mapping, "synapse_ids", H5T_STD_U64LE, exchange->n_columns, exchange->begin,
                          exchange->count, numbers));
    lay_out_end(report, synapses, mapping, true);
    lay_out_end(report, synapses, mapping, false);
    lay_out_time(report, group, mapping);
    H5Gclose(mapping);
    memory_free(numbers);
}

static void lay_out(struct report *report, uint64_t *const *node_ids)
{
    struct sonata_file *file = report->file;
    hid_t root = sonata_group(file, file->id, "report");
    for (int g = 0; g < report->n_groups; g++) {
        struct report_group *group = &report->groups[g];
        hid_t parent = sonata_group(file, root, group->name);
        group->data = create_data(report, parent, group->exchange.n_columns);
        sonata_attribute_text(file, group->data.id, "units", report->record->unit_text);
        sonata_attribute_text(file, group->data.id, "variable", report->record->variable);
        if (report_is_of_synapses(report))
            lay_out_synapses(report, group, parent);
        else
            lay_out_mapping(report, group, parent, node_ids[g]);
        H5Gclose(parent);
    }
    H5Gclose(root);
}

/* ---- life
 * ---------------------------------------------------------------------------------------------------------------------- */

static int make_file(struct report *report, const char *folder, MPI_Comm communicator, uint64_t *const *node_ids,
                     struct fault *fault)
{
    enum { MAPPING_BYTES = 32 }; /* a column in the fixed datasets of the mapping, at most */
    uint64_t fixed = SONATA_OBJECT_BYTES;
    for (int g = 0; g < report->n_groups; g++)
        fixed += 8 * SONATA_OBJECT_BYTES + MAPPING_BYTES * report->groups[g].exchange.n_columns;
    TRY(sonata_create(folder, report->record->name, fixed, communicator, &report->file, fault));
    lay_out(report, node_ids);
    return sonata_flush(report->file, fault);
}

/* One for each population of the set. node_ids[n_groups] of this rank's columns belong to the caller (TEMPORARY). */
static uint64_t **create_groups(struct report *report, const struct network *network)
{
    struct set_view view;
    set_view_create(report->record->set, &view);
    report->n_groups = view.n_ranges;
    report->groups = MEMORY_NEW(view.n_ranges, struct report_group, RECORDING);
    uint64_t **node_ids = MEMORY_NEW(view.n_ranges, uint64_t *, TEMPORARY);
    for (int g = 0; g < view.n_ranges; g++) {
        struct report_group *group = &report->groups[g];
        const struct population *population = &report->script->populations[view.ranges[g].population];
        group->name = population->name;
        group->population = population->index;
        set_members_create(&view, g, network->partition, population, network->rank, &group->members);
        node_ids[g] = exchange_create(&group->exchange, report->record->set, &group->members, population, network);
        group->n_here = group->members.n;
    }
    set_view_release(&view);
    return node_ids;
}

/* How many frames may be buffered. */
static void share_budget(struct report *report, uint64_t budget, MPI_Comm communicator)
{
    uint64_t frame_bytes = 1;
    for (int g = 0; g < report->n_groups; g++)
        frame_bytes += report->groups[g].n_here * report->value_bytes;
    MPI_Allreduce(MPI_IN_PLACE, &frame_bytes, 1, MPI_UINT64_T, MPI_MAX, communicator);
    report->frames_max = budget / frame_bytes + 1;
}

static struct report *report_new(const struct script *script, const struct record *record, struct report_options options)
{
    struct report *report = MEMORY_NEW(1, struct report, RECORDING);
    *report = (struct report){
        .record = record,
        .script = script,
        .axis = time_axis_create(script->dt),
        .first = record->is_final ? record_end(script, record) : record_begin(script, record),
        .type = options.float64 ? H5T_IEEE_F64LE : H5T_IEEE_F32LE,
        .value_bytes = options.float64 ? sizeof(double) : sizeof(float),
    };
    return report;
}

static int create_of_nodes(struct report *report, const struct network *network, const char *folder, uint64_t budget,
                           struct fault *fault)
{
    uint64_t **node_ids = create_groups(report, network);
    share_budget(report, budget, network->communicator);
    int status = make_file(report, folder, network->communicator, node_ids, fault);
    for (int g = 0; g < report->n_groups; g++)
        memory_free(node_ids[g]);
    memory_free(node_ids);
    return status;
}

static int create_of_synapses(struct report *report, const struct network *network, const char *folder, uint64_t budget,
                              struct fault *fault)
{
    report->n_groups = 1;
    report->groups = MEMORY_NEW(1, struct report_group, RECORDING);
    struct report_group *group = &report->groups[0];
    group->name = report->record->synapses.name;
    synapse_columns_create(network, &report->record->synapses, &group->synapses);
    group->exchange = group->synapses.exchange;
    group->n_here = group->synapses.n_here;
    if (group->exchange.n_columns == 0)
        return source_fault(fault, report->record->span, "nothing is recorded: '%s' has no such synapse", group->name);
    share_budget(report, budget, network->communicator);
    return make_file(report, folder, network->communicator, NULL, fault);
}

int report_create(const struct script *script, const struct record *record, const struct network *network, const char *folder,
                  struct report_options options, struct report **out, struct fault *fault)
{
    struct report *report = *out = report_new(script, record, options);
    int (*create)(struct report *, const struct network *, const char *, uint64_t,
                  struct fault *) = record->kind == RECORD_SYNAPSES ? create_of_synapses : create_of_nodes;
    int status = create(report, network, folder, options.budget, fault);
    if (status)
        report_close(out, fault);
    return status;
}

int report_populations(const struct report *report)
{
    return report_is_of_synapses(report) ? 0 : report->n_groups;
}

/* Final values are those of the step that would follow the last one. */
static step_count end_of(const struct report *report)
{
    return report->record->is_final ? report->first + 1 : record_end(report->script, report->record);
}

void report_probes(const struct report *report, struct probe *probes)
{
    for (int g = 0; g < report_populations(report); g++)
        probes[g] = (struct probe){
            .population = report->groups[g].population,
            .variable = report->record->variable,
            .slot = report->record->slot,
            .first = report->first,
            .every = report->record->every,
            .end = end_of(report),
            .n_nodes = report->groups[g].members.n,
            .local = report->groups[g].members.local,
        };
}

bool report_is_of_synapses(const struct report *report)
{
    return report->record->kind == RECORD_SYNAPSES;
}

struct synapse_probe report_synapse_probe(const struct report *report)
{
    const struct synapse_columns *synapses = &report->groups[0].synapses;
    return (struct synapse_probe){
        .variable = report->record->variable,
        .slot = report->record->slot,
        .first = report->first,
        .every = report->record->every,
        .end = end_of(report),
        .n = synapses->n_here,
        .synapses = synapses->here,
    };
}

uint64_t report_bytes(const struct report *report)
{
    return report->file->bytes;
}

/* ---- frames
 * -------------------------------------------------------------------------------------------------------------------- */

static int write_frames(struct report *report, struct fault *fault)
{
    struct sonata_file *file = report->file;
    if (report->n_frames == 0)
        return FAULT_NONE;
    uint64_t room = 0;
    for (int g = 0; g < report->n_groups; g++)
        room += sonata_growth(&report->groups[g].data, report->n_frames);
    if (room > 0)
        TRY(sonata_reserve(file, room, fault));
    for (int g = 0; g < report->n_groups; g++) {
        struct report_group *group = &report->groups[g];
        const struct column_exchange *exchange = &group->exchange;
        char *values = column_exchange_frames(exchange, file->communicator, group->buffer, report->n_frames, group->n_here,
                                              report->value_bytes);
        struct share share = {0, report->n_frames, exchange->begin, exchange->count};
        sonata_append(file, &group->data, report->n_frames, share, values);
        memory_free(values);
    }
    report->n_frames = 0;
    return sonata_check(file, fault);
}

static void grow_buffers(struct report *report)
{
    uint64_t capacity = report->capacity ? 2 * report->capacity : 16;
    report->capacity = capacity < report->frames_max ? capacity : report->frames_max;
    for (int g = 0; g < report->n_groups; g++) {
        struct report_group *group = &report->groups[g];
        group->buffer = memory_resize(group->buffer, report->capacity * group->n_here * report->value_bytes, MEMORY_RECORDING);
    }
}

/* Values in the unit of the record, converted in double precision before anything is rounded. */
static void buffer_frame(struct report *report, struct report_group *group, const double *values)
{
    double scale = report->record->unit.scale;
    const uint64_t n = group->n_here;
    char *frame = group->buffer + report->n_frames * n * report->value_bytes;
    if (report->value_bytes == sizeof(double))
        for (uint64_t k = 0; k < n; k++)
            ((double *)frame)[k] = values[k] / scale;
    else
        for (uint64_t k = 0; k < n; k++)
            ((float *)frame)[k] = (float)(values[k] / scale);
}

/* Room for one more frame. */
static int make_room(struct report *report, struct fault *fault)
{
    if (report->n_frames == report->frames_max)
        TRY(write_frames(report, fault));
    if (report->n_frames == report->capacity)
        grow_buffers(report);
    return FAULT_NONE;
}

int report_take(struct report *report, const struct probe *probes, struct fault *fault)
{
    for (uint32_t frame = 0; frame < probes->n_frames; frame++) {
        TRY(make_room(report, fault));
        for (int g = 0; g < report->n_groups; g++)
            buffer_frame(report, &report->groups[g], probes[g].values + (size_t)frame * probes[g].n_nodes);
        report->n_frames++;
    }
    return FAULT_NONE;
}

int report_take_synapses(struct report *report, const struct synapse_probe *probe, struct fault *fault)
{
    for (uint32_t frame = 0; frame < probe->n_frames; frame++) {
        TRY(make_room(report, fault));
        buffer_frame(report, &report->groups[0], probe->values + (size_t)frame * probe->n);
        report->n_frames++;
    }
    return FAULT_NONE;
}

int report_flush(struct report *report, struct fault *fault)
{
    TRY(write_frames(report, fault));
    if (!report->file->changed)
        return FAULT_NONE;
    TRY(sonata_flush(report->file,
                     fault)); /* the frames first: a kill in between leaves an axis that is too short, not too long */
    write_time(report);
    return sonata_check(report->file, fault);
}

int report_close(struct report **report_pointer, struct fault *fault)
{
    struct report *report = *report_pointer;
    if (!report)
        return FAULT_NONE;
    if (report->file && !report->file->abandoned)
        write_time(report);
    int status = sonata_close(&report->file, fault);
    for (int g = 0; g < report->n_groups; g++) {
        struct report_group *group = &report->groups[g];
        set_members_release(&group->members);
        if (report_is_of_synapses(report))
            synapse_columns_release(&group->synapses); /* with the exchange */
        else
            column_exchange_release(&group->exchange);
        memory_free(group->buffer);
    }
    memory_free(report->groups);
    memory_free(report);
    *report_pointer = NULL;
    return status;
}
