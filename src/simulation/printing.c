#include "simulation/printing.h"

#include <stdio.h>
#include <stdlib.h>

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

static void add_values(struct text *line, const struct printed *printed, const double *values)
{
    bool is_cut = printed->n > WHOLE_MAX;
    if (printed->is_list)
        text_add(line, "[");
    for (uint64_t k = 0; k < printed->n; k++) {
        if (is_cut && k == HEAD) {
            text_add(line, ", …");
            k = printed->n - TAIL;
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
        text_add(line, " (%llu values)", (unsigned long long)printed->n);
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
static double *gather(const struct plan *plan, const struct network *network, const struct engine *engine,
                      const struct printed *printed, const struct program *programs)
{
    double *values = MEMORY_NEW(printed->n, double, TEMPORARY);
    uint64_t position = 0;
    for (int k = 0; k < printed->set->n_parts; k++) {
        fill_part(plan, network, engine, &printed->set->parts[k], &programs[k], values + position);
        position += printed->set->parts[k].count;
    }
    for (uint64_t first = 0, most = 1 << 20; first < printed->n; first += most)
        MPI_Allreduce(MPI_IN_PLACE, values + first, (int)(printed->n - first < most ? printed->n - first : most), MPI_UINT64_T,
                      MPI_BOR, network->communicator);
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
            add_values(&line, printed, values);
            memory_free(values);
        } else {
            add_values(&line, printed, printed->numbers);
        }
    }
    const char *copy = line.characters ? arena_text(arena, line.characters, line.length) : "";
    text_release(&line);
    return network->rank == 0 ? copy : NULL;
}
