#include "simulation/printing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording/synapse_columns.h"
#include "support/text.h"

/* Of a list that is longer, the first and the last ones are written, and how many there are. */
enum { WHOLE_MAX = 20, HEAD = 10, TAIL = 5 };

/* ---- texts ---- */

/* The shortest decimal number that is read as the same double. */
static void add_number(struct text *line, double number)
{
    char digits[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    text_add(line, "%s", digits);
}

static void add_value(struct text *line, const struct printed *printed, double value)
{
    if (printed->is_condition)
        text_add(line, "%s", value != 0 ? "true" : "false");
    else
        add_number(line, value / printed->unit.scale);
}

static void add_values(struct text *line, const struct printed *printed, const double *values, uint64_t n)
{
    bool is_cut = n > WHOLE_MAX;
    if (printed->is_list)
        text_add(line, "[");
    for (uint64_t k = 0; k < n; k++) {
        if (is_cut && k == HEAD) {
            text_add(line, ", …");
            k = n - TAIL;
        }
        if (k > 0)
            text_add(line, ", ");
        add_value(line, printed, values[k]);
    }
    if (printed->is_list)
        text_add(line, "]");
    if (printed->unit_text[0] != '1' || printed->unit_text[1])
        text_add(line, " %s", printed->unit_text);
    if (is_cut)
        text_add(line, " (%llu values)", (unsigned long long)n);
}

/* ---- values of nodes ---- */

/* This rank's nodes of a part of a set, in their places from values[0] on. The numbers of other ranks are left alone. */
static void fill_part(const struct plan *plan, const struct network *network, const struct engine *engine,
                      const struct node_part *part, const struct program *program, double *values)
{
    const struct population *population = &plan->script->populations[part->population];
    const struct partition_scheme *scheme = network->partition.scheme;
    int n_ranks = network->partition.n_ranks;
    node_local n = scheme->count(n_ranks, population, network->rank);
    double *own = MEMORY_NEW(n, double, TEMPORARY);
    engine_evaluate(engine, part->population, program, own);
    for (node_index k = 0; k < part->count; k++) {
        node_index index = part->list ? part->list[k] : part->first + k;
        if (scheme->owner(n_ranks, population, index) == network->rank)
            values[k] = own[scheme->local(n_ranks, population, index)];
    }
    memory_free(own);
}

/* Each number is some rank's alone, and the bits of the others' are zero. */
static void add_up_bits(const struct network *network, double *values, uint64_t n)
{
    for (uint64_t first = 0, most = 1 << 20; first < n; first += most)
        MPI_Allreduce(MPI_IN_PLACE, values + first, (int)(n - first < most ? n - first : most), MPI_UINT64_T, MPI_BOR,
                      network->communicator);
}

static double *gather(const struct plan *plan, const struct network *network, const struct engine *engine,
                      const struct printed *printed, const struct program *programs)
{
    double *values = MEMORY_NEW(printed->n, double, TEMPORARY);
    uint64_t position = 0;
    for (int k = 0; k < printed->set->n_parts; k++) {
        fill_part(plan, network, engine, &printed->set->parts[k], &programs[k], values + position);
        position += printed->set->parts[k].count;
    }
    add_up_bits(network, values, printed->n);
    return values;
}

/* ---- values of synapses ---- */

/* Collective: those of all that are selected, in order of creation; n: how many. */
static double *gather_synapses(const struct network *network, const struct engine *engine, const struct printed *printed,
                               uint64_t *n)
{
    struct synapse_columns columns;
    synapse_columns_create(network, &printed->synapses, &columns);
    double *own = MEMORY_NEW(columns.n_here, double, TEMPORARY);
    engine_look_at_synapses(engine, printed->variable, columns.here, columns.n_here, own);
    char *block = column_exchange_frames(&columns.exchange, network->communicator, (const char *)own, 1, columns.n_here,
                                         sizeof *own);
    *n = columns.exchange.n_columns;
    double *values = MEMORY_NEW(*n, double, TEMPORARY);
    memcpy(values + columns.exchange.begin, block, columns.exchange.count * sizeof *values);
    add_up_bits(network, values, *n);
    memory_free(block);
    memory_free(own);
    synapse_columns_release(&columns);
    return values;
}

const char *printing_line(struct arena *arena, const struct plan *plan, const struct network *network,
                          const struct engine *engine, int number)
{
    const struct print *print = &plan->script->prints[number];
    struct text line = {0};
    for (int k = 0; k < print->n_items; k++) {
        const struct printed *printed = &print->items[k];
        if (k > 0)
            text_add(&line, " ");
        if (printed->kind == PRINTED_TEXT) {
            text_add(&line, "%s", printed->text);
        } else if (printed->kind == PRINTED_VARIABLE) {
            double *values = gather(plan, network, engine, printed, plan->printed[number][k]);
            add_values(&line, printed, values, printed->n);
            memory_free(values);
        } else if (printed->kind == PRINTED_SYNAPSES) {
            uint64_t n;
            double *values = gather_synapses(network, engine, printed, &n);
            add_values(&line, printed, values, n);
            memory_free(values);
        } else {
            add_values(&line, printed, printed->numbers, printed->n);
        }
    }
    const char *copy = line.characters ? arena_text(arena, line.characters, line.length) : "";
    text_release(&line);
    return network->rank == 0 ? copy : NULL;
}
