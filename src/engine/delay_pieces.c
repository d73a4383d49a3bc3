/* Two passes over the runs of the rows, in their order: the first counts what each delay has, the second deals it out. So within
 * a piece sources ascend, and the targets of a source do, as in any edges. */
#include "engine/delay_pieces.h"

#include <string.h>

#include "support/memory.h"

enum { N_DELAYS = CONNECTION_DELAY_MAX + 1 };

/* A run of a row, in whole->target_local. */
struct run {
    edge_count begin, end;
    int delay;
};

static edge_count first_run(const struct edges *whole, uint32_t row)
{
    return whole->slab_run[(size_t)row * (size_t)whole->n_slabs];
}

static struct run run_at(const struct edges *whole, uint32_t row, edge_count run)
{
    const edge_count begin = whole->row_begin[row];
    return (struct run){begin + (run > first_run(whole, row) ? whole->run_end[run - 1] : 0), begin + whole->run_end[run],
                        whole->run_delay[run]};
}

/* Which delays there are on any rank, as the number of each of them; -1: there is none. */
static int number_delays(const struct edges *whole, MPI_Comm communicator, int *number)
{
    unsigned char *occurs = MEMORY_NEW(N_DELAYS, unsigned char, TEMPORARY);
    int n = 0;
    for (edge_count run = 0; whole->n_rows && run < first_run(whole, whole->n_rows); run++)
        occurs[whole->run_delay[run]] = 1;
    MPI_Allreduce(MPI_IN_PLACE, occurs, N_DELAYS, MPI_UNSIGNED_CHAR, MPI_BOR, communicator);
    for (int delay = 0; delay < N_DELAYS; delay++)
        number[delay] = occurs[delay] ? n++ : -1;
    memory_free(occurs);
    return n;
}

struct count {
    uint32_t rows, last_row; /* last_row: of those, counted from 1 */
    edge_count synapses;
};

static void add_run(struct count *count, uint32_t row, const struct run *run)
{
    count->rows += count->last_row != row + 1;
    count->last_row = row + 1;
    count->synapses += run->end - run->begin;
}

static void count_all(const struct edges *whole, const int *number, struct count *counts)
{
    for (uint32_t row = 0; row < whole->n_rows; row++)
        for (edge_count k = first_run(whole, row); k < first_run(whole, row + 1); k++) {
            const struct run run = run_at(whole, row, k);
            add_run(&counts[number[run.delay]], row, &run);
        }
}

static void piece_create(const struct edges *whole, int n_columns, int delay, const struct count *count,
                         struct delay_piece *piece)
{
    *piece = (struct delay_piece){.delay = delay, .whole = whole};
    piece->edges = (struct edges){.connection = whole->connection,
                                  .source = whole->source,
                                  .target = whole->target,
                                  .since = whole->since,
                                  .n_columns = n_columns};
    piece->edges.row_source = MEMORY_NEW(count->rows, node_index, SYNAPSES);
    piece->edges.row_begin = MEMORY_NEW(count->rows + 1, edge_count, SYNAPSES);
    piece->edges.target_local = MEMORY_NEW(count->synapses, node_local, SYNAPSES);
    piece->edges.columns = MEMORY_NEW(n_columns, double *, SYNAPSES);
    for (int c = 0; c < n_columns; c++)
        piece->edges.columns[c] = MEMORY_NEW(count->synapses, double, SYNAPSES);
    piece->place = MEMORY_NEW(count->synapses, edge_count, SYNAPSES);
}

static void take_run(const struct edges *whole, uint32_t row, const struct run *run, struct delay_piece *piece)
{
    struct edges *edges = &piece->edges;
    const node_index source = whole->row_source[row];
    if (edges->n_rows == 0 || edges->row_source[edges->n_rows - 1] != source) {
        edges->row_source[edges->n_rows++] = source;
        edges->row_begin[edges->n_rows] = edges->row_begin[edges->n_rows - 1];
    }
    edge_count *end = &edges->row_begin[edges->n_rows];
    for (edge_count place = run->begin; place < run->end; place++) {
        edges->target_local[*end] = whole->target_local[place];
        piece->place[(*end)++] = place;
    }
}

void delay_pieces_create(const struct edges *whole, int n_columns, MPI_Comm communicator, struct delay_pieces *pieces)
{
    int *number = MEMORY_NEW(N_DELAYS, int, TEMPORARY);
    pieces->n = number_delays(whole, communicator, number);
    pieces->pieces = MEMORY_NEW(pieces->n, struct delay_piece, SYNAPSES);
    struct count *counts = MEMORY_NEW(pieces->n, struct count, TEMPORARY);
    count_all(whole, number, counts);
    for (int delay = 0; delay < N_DELAYS; delay++)
        if (number[delay] >= 0)
            piece_create(whole, n_columns, delay, &counts[number[delay]], &pieces->pieces[number[delay]]);
    for (uint32_t row = 0; row < whole->n_rows; row++)
        for (edge_count k = first_run(whole, row); k < first_run(whole, row + 1); k++) {
            const struct run run = run_at(whole, row, k);
            take_run(whole, row, &run, &pieces->pieces[number[run.delay]]);
        }
    for (int k = 0; k < pieces->n; k++)
        delay_piece_copy_columns(&pieces->pieces[k]);
    memory_free(counts);
    memory_free(number);
}

void delay_pieces_release(struct delay_pieces *pieces)
{
    for (int k = 0; k < pieces->n; k++) {
        edges_release(&pieces->pieces[k].edges);
        memory_free(pieces->pieces[k].place);
    }
    memory_free(pieces->pieces);
    *pieces = (struct delay_pieces){0};
}

void delay_piece_copy_columns(struct delay_piece *piece)
{
    const edge_count n = edges_size(&piece->edges);
    for (int c = 0; c < piece->whole->n_columns; c++)
        for (edge_count k = 0; k < n; k++)
            piece->edges.columns[c][k] = piece->whole->columns[c][piece->place[k]];
}
