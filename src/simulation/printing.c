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
    network_share_bits(network, values, *n);
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
            double *values = engine_gather(engine, printed->set, plan->printed[number][k]);
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
