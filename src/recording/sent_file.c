/* A synapse is known by its creation number: within its connection or, of declared synapses, within all of their connections that
 * are recorded, one behind the other. So every local synapse keeps its number while it is recorded, 8 bytes. A connection from or
 * to a union of populations has edges for each pair of populations; then a column says which population of the union a node id
 * counts in. */
#include "recording/sent_file.h"

#include <assert.h>
#include <string.h>

#include "recording/row_order.h"
#include "recording/sonata_file.h"
#include "recording/time_axis.h"
#include "support/memory.h"

enum { CHUNK_ROWS = 16384 };

struct sent_row {
    struct row_key key; /* minor: the synapse's number */
    uint32_t copy;
    int edges; /* index in network->edges */
    node_index source, target;
    double value; /* in the record's unit */
};

/* One end of the connections: the populations of its set, ascending. */
struct side {
    int *populations; /* [n] indices in script->populations; owned */
    int n;
};

struct sent_file {
    const struct script *script;   /* borrowed */
    const struct record *record;   /* borrowed */
    const struct network *network; /* borrowed */
    struct time_axis axis;
    step_count first, end; /* recorded are the steps [first, end) */
    step_count complete;   /* nothing that is emitted before this step will be shown any more */
    step_count written;    /* what was emitted before this step has been written */
    struct side source, target;
    /* [record->synapses.n_connections] creation number of each synapse of a connection on this rank, edges after edges; owned */
    uint64_t **numbers;
    const uint64_t **edges_numbers; /* [network->n_edges] those of the edges, in `numbers`; NULL: not recorded; owned */
    uint64_t n_synapses;            /* over all ranks */
    struct sent_row *rows;          /* [n_rows] buffered; owned */
    uint64_t n_rows, capacity;
    struct sonata_file *file;
    struct growing timestamps, synapse_ids, source_ids, target_ids, values;
    struct growing source_populations, target_populations; /* when the side is a union */
};

/* ---- synapses ---------------------------------------------------------------------------------------------------------------
 */

/* Where a population stands in a side; it is added if it is new. */
static int side_index(struct side *side, int population)
{
    for (int k = 0; k < side->n; k++)
        if (side->populations[k] == population)
            return k;
    side->populations[side->n] = population;
    return side->n++;
}

static const struct synapse_selection *recorded(const struct sent_file *file)
{
    return &file->record->synapses;
}

/* All connections have the same ends. */
static void find_sides(struct sent_file *file)
{
    const struct network *network = file->network;
    const int *begin = &network->connection_begin[recorded(file)->connections[0]], n = begin[1] - begin[0];
    file->source.populations = MEMORY_NEW(n, int, RECORDING);
    file->target.populations = MEMORY_NEW(n, int, RECORDING);
    for (int k = begin[0]; k < begin[1]; k++) {
        side_index(&file->source, network->edges[k].source);
        side_index(&file->target, network->edges[k].target);
    }
}

/* Behind those of the connections before it. */
static uint64_t *number_connection(struct sent_file *file, int connection)
{
    const struct network *network = file->network;
    uint64_t n, *numbers = network_number(network, connection, &n), next = 0;
    for (uint64_t k = 0; k < n; k++)
        numbers[k] += file->n_synapses;
    for (int k = network->connection_begin[connection]; k < network->connection_begin[connection + 1]; k++) {
        file->edges_numbers[k] = numbers + next;
        next += edges_size(&network->edges[k]);
    }
    MPI_Allreduce(MPI_IN_PLACE, &n, 1, MPI_UINT64_T, MPI_SUM, network->communicator);
    file->n_synapses += n;
    return numbers;
}

static void number_synapses(struct sent_file *file)
{
    file->numbers = MEMORY_NEW(recorded(file)->n_connections, uint64_t *, RECORDING);
    file->edges_numbers = MEMORY_NEW(file->network->n_edges, const uint64_t *, RECORDING);
    for (int k = 0; k < recorded(file)->n_connections; k++)
        file->numbers[k] = number_connection(file, recorded(file)->connections[k]);
}

/* ---- the file
 * ------------------------------------------------------------------------------------------------------------------ */

static void name_populations(struct sent_file *file, hid_t dataset, const struct side *side)
{
    if (side->n == 1) {
        sonata_attribute_text(file->file, dataset, "node_population", file->script->populations[side->populations[0]].name);
        return;
    }
    const char **names = MEMORY_NEW(side->n, const char *, TEMPORARY);
    for (int k = 0; k < side->n; k++)
        names[k] = file->script->populations[side->populations[k]].name;
    hid_t type = sonata_text_type();
    sonata_attribute(file->file, dataset, "node_populations", type, (hsize_t)side->n, names);
    H5Tclose(type);
    memory_free(names);
}

static void lay_out_side(struct sent_file *file, hid_t group, const struct side *side, const char *ids_name,
                         const char *populations_name, struct growing *ids, struct growing *populations)
{
    *ids = sonata_growing(file->file, group, ids_name, H5T_STD_U64LE, 0, CHUNK_ROWS, 0);
    name_populations(file, ids->id, side);
    if (side->n > 1)
        *populations = sonata_growing(file->file, group, populations_name, H5T_STD_U32LE, 0, CHUNK_ROWS, 0);
}

static void lay_out(struct sent_file *file)
{
    struct sonata_file *sonata = file->file;
    hid_t root = sonata_group(sonata, sonata->id, "sent");
    hid_t group = sonata_group(sonata, root, recorded(file)->name);
    file->timestamps = sonata_growing(sonata, group, "timestamps", H5T_IEEE_F64LE, 0, CHUNK_ROWS, 0);
    sonata_attribute_text(sonata, file->timestamps.id, "units", "ms");
    file->synapse_ids = sonata_growing(sonata, group, "synapse_ids", H5T_STD_U64LE, 0, CHUNK_ROWS, 0);
    lay_out_side(file, group, &file->source, "source_node_ids", "source_populations", &file->source_ids,
                 &file->source_populations);
    lay_out_side(file, group, &file->target, "target_node_ids", "target_populations", &file->target_ids,
                 &file->target_populations);
    file->values = sonata_growing(sonata, group, "values", H5T_IEEE_F64LE, 0, CHUNK_ROWS, 0);
    sonata_attribute_text(sonata, file->values.id, "units", file->record->unit_text);
    H5Gclose(group);
    H5Gclose(root);
}

static int make_file(struct sent_file *file, const char *folder, struct fault *fault)
{
    TRY(sonata_create(folder, file->record->name, 10 * SONATA_OBJECT_BYTES, file->network->communicator, &file->file, fault));
    lay_out(file);
    return sonata_flush(file->file, fault);
}

int sent_file_create(const struct script *script, const struct record *record, const struct network *network, const char *folder,
                     struct sent_file **out, struct fault *fault)
{
    struct sent_file *file = MEMORY_NEW(1, struct sent_file, RECORDING);
    *file = (struct sent_file){
        .script = script,
        .record = record,
        .network = network,
        .axis = time_axis_create(script->dt),
        .first = record_begin(script, record),
        .end = record_end(script, record),
    };
    find_sides(file);
    number_synapses(file);
    *out = file;
    int status = make_file(file, folder, fault);
    if (status)
        sent_file_close(out, fault);
    return status;
}

int sent_file_close(struct sent_file **file_pointer, struct fault *fault)
{
    struct sent_file *file = *file_pointer;
    if (!file)
        return FAULT_NONE;
    int status = sonata_close(&file->file, fault);
    memory_free(file->source.populations);
    memory_free(file->target.populations);
    for (int k = 0; k < recorded(file)->n_connections; k++)
        memory_free(file->numbers[k]);
    memory_free(file->numbers);
    memory_free(file->edges_numbers);
    memory_free(file->rows);
    memory_free(file);
    *file_pointer = NULL;
    return status;
}

int sent_file_flush(struct sent_file *file, struct fault *fault)
{
    return sonata_flush(file->file, fault);
}

uint64_t sent_file_bytes(const struct sent_file *file)
{
    return file->file->bytes;
}

/* ---- rows
 * ------------------------------------------------------------------------------------------------------------------------ */

static void take_row(struct sent_file *file, const struct sent *sent)
{
    const struct network *network = file->network;
    const struct edges *edges = &network->edges[sent->edges];
    const struct population *target = &file->script->populations[edges->target];
    assert(file->edges_numbers[sent->edges] && sent->position < edges_size(edges));
    *MEMORY_PUSH(file->rows, file->n_rows, file->capacity, struct sent_row, RECORDING) = (struct sent_row){
        .key = {sent->step, file->edges_numbers[sent->edges][sent->position]},
        .copy = sent->copy,
        .edges = (int)sent->edges,
        .source = edges->row_source[edges_row_at(edges, sent->position)],
        .target = network->partition.scheme->index(network->partition.n_ranks, target, network->rank,
                                                   edges->target_local[sent->position]),
        .value = sent->value / file->record->unit.scale,
    };
}

static bool is_recorded(const struct sent_file *file, int connection)
{
    for (int k = 0; k < recorded(file)->n_connections; k++)
        if (recorded(file)->connections[k] == connection)
            return true;
    return false;
}

void sent_file_take(struct sent_file *file, const struct interval_view *view)
{
    step_count complete = file->end; /* of all connections */
    for (int k = 0; k < view->n_sent; k++) {
        const struct sent_list *list = &view->sent[k];
        if (!is_recorded(file, list->connection))
            continue;
        for (uint64_t row = 0; row < list->n; row++)
            if (list->rows[row].step >= file->first && list->rows[row].step < file->end)
                take_row(file, &list->rows[row]);
        complete = list->complete < complete ? list->complete : complete;
    }
    if (view->n_sent)
        file->complete = complete > file->complete ? complete : file->complete;
}

uint64_t sent_file_buffered(const struct sent_file *file)
{
    return file->n_rows * sizeof *file->rows;
}

static int compare_sent(const void *a, const void *b)
{
    const struct sent_row *x = a, *y = b;
    int order = row_key_compare(&x->key, &y->key);
    return order ? order : (x->copy > y->copy) - (x->copy < y->copy);
}

/* Write one column: `value` is an expression of the row r. */
#define APPEND_COLUMN(growing, type, value)                       \
    do {                                                          \
        type *column = MEMORY_NEW(n, type, TEMPORARY);            \
        for (uint64_t k = 0; k < n; k++) {                        \
            const struct sent_row *r = &rows[k];                  \
            column[k] = (value);                                  \
        }                                                         \
        sonata_append(file->file, growing, total, share, column); \
        memory_free(column);                                      \
    } while (0)

static void append_rows(struct sent_file *file, const struct sent_row *rows, uint64_t n, uint64_t total)
{
    struct share share = {rows_before(file->network->communicator, n), n, 0, 1};
    const struct edges *edges = file->network->edges;
    const struct population *populations = file->script->populations;
    APPEND_COLUMN(&file->timestamps, double,
                  milliseconds(file->axis, r->key.step + populations[edges[r->edges].source].model->spike_time_end));
    APPEND_COLUMN(&file->synapse_ids, uint64_t, r->key.minor);
    APPEND_COLUMN(&file->source_ids, uint64_t, r->source);
    APPEND_COLUMN(&file->target_ids, uint64_t, r->target);
    APPEND_COLUMN(&file->values, double, r->value);
    if (file->source.n > 1)
        APPEND_COLUMN(&file->source_populations, uint32_t, (uint32_t)side_index(&file->source, edges[r->edges].source));
    if (file->target.n > 1)
        APPEND_COLUMN(&file->target_populations, uint32_t, (uint32_t)side_index(&file->target, edges[r->edges].target));
}

static uint64_t room_for(const struct sent_file *file, uint64_t rows)
{
    const struct growing *always[] = {&file->timestamps, &file->synapse_ids, &file->source_ids, &file->target_ids, &file->values};
    uint64_t room = 0;
    for (size_t k = 0; k < sizeof always / sizeof *always; k++)
        room += sonata_growth(always[k], rows);
    room += file->source.n > 1 ? sonata_growth(&file->source_populations, rows) : 0;
    return room + (file->target.n > 1 ? sonata_growth(&file->target_populations, rows) : 0);
}

/* Of a step that is not complete, rows may still come that stand before those that have. Rows of complete steps go to the front;
 * returns how many there are. */
static uint64_t complete_first(struct sent_file *file)
{
    uint64_t n = 0;
    for (uint64_t k = 0; k < file->n_rows; k++) {
        if (file->rows[k].key.step >= file->complete)
            continue;
        struct sent_row row = file->rows[k];
        file->rows[k] = file->rows[n];
        file->rows[n++] = row;
    }
    return n;
}

int sent_file_write(struct sent_file *file, struct fault *fault)
{
    MPI_Comm communicator = file->network->communicator;
    const uint64_t n_complete = complete_first(file);
    uint64_t total = n_complete, n = n_complete;
    MPI_Allreduce(MPI_IN_PLACE, &total, 1, MPI_UINT64_T, MPI_SUM, communicator);
    if (total == 0)
        return FAULT_NONE;
    uint64_t room = room_for(file, total);
    if (room > 0)
        TRY(sonata_reserve(file->file, room, fault));
    struct row_range range = {file->written, file->complete, file->n_synapses};
    struct sent_row *rows = rows_in_order(communicator, file->rows, &n, sizeof *rows, range, compare_sent);
    append_rows(file, rows, n, total);
    memory_free(rows);
    file->n_rows -= n_complete;
    memmove(file->rows, file->rows + n_complete, file->n_rows * sizeof *file->rows);
    file->written = file->complete;
    return sonata_check(file->file, fault);
}
