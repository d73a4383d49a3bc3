/* Each rank asks the owners for the nodes of its rows, in ascending order, and gets the answers in the order in which it asked.
 */
#include "engine/copied_values.h"

#include "engine/reading.h"
#include "kernels/interpreter.h"
#include "network/exchange.h"

/* The rows' sources by owner, ascending for each; n_asked[n_ranks]. `row`: that each question is for. */
static node_index *questions(const struct network *network, const struct edges *edges, const struct population *population,
                             uint64_t *n_asked, uint32_t *row)
{
    const struct partition *partition = &network->partition;
    node_index *asked = MEMORY_NEW(edges->n_rows, node_index, TEMPORARY);
    uint64_t *next = MEMORY_NEW(partition->n_ranks + 1, uint64_t, TEMPORARY);
    for (uint32_t r = 0; r < edges->n_rows; r++)
        n_asked[partition->scheme->owner(partition->n_ranks, population, edges->row_source[r])]++;
    for (int rank = 0; rank < partition->n_ranks; rank++)
        next[rank + 1] = next[rank] + n_asked[rank];
    for (uint32_t r = 0; r < edges->n_rows; r++) {
        uint64_t place = next[partition->scheme->owner(partition->n_ranks, population, edges->row_source[r])]++;
        asked[place] = edges->row_source[r];
        row[place] = r;
    }
    memory_free(next);
    return asked;
}

/* Those who ask ascend, so a block that has been computed serves its neighbours too. */
static double *answers(const struct network *network, const struct nodes *source, const struct program *reading,
                       const node_index *asked, uint64_t n)
{
    const struct partition *partition = &network->partition;
    _Alignas(LANES_ALIGNMENT) double values[LANES];
    double *answered = MEMORY_NEW(n, double, TEMPORARY);
    double *scratch = memory_new(interpreter_scratch_bytes(reading), MEMORY_TEMPORARY);
    uint32_t at_hand = source->n_blocks;
    for (uint64_t k = 0; k < n; k++) {
        node_local local = partition->scheme->local(partition->n_ranks, source->plan->population, asked[k]);
        if (local / LANES != at_hand)
            reading_take(source, reading, at_hand = local / LANES, 0, network->script->dt, scratch, values);
        answered[k] = values[local % LANES];
    }
    memory_free(scratch);
    return answered;
}

void copied_values_fetch(const struct network *network, const struct edges *edges, const struct nodes *source,
                         const struct program *reading, double *values)
{
    const int n_ranks = network->partition.n_ranks;
    uint64_t *n_asked = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY), *n_here = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY);
    uint64_t *n_got = MEMORY_NEW(n_ranks, uint64_t, TEMPORARY), total = 0;
    uint32_t *row = MEMORY_NEW(edges->n_rows, uint32_t, TEMPORARY);
    node_index *asked = questions(network, edges, source->plan->population, n_asked, row);
    node_index *here = exchange_records(network->communicator, asked, n_asked, sizeof *asked, n_here);
    for (int rank = 0; rank < n_ranks; rank++)
        total += n_here[rank];
    double *answered = answers(network, source, reading, here, total);
    double *got = exchange_records(network->communicator, answered, n_here, sizeof *answered, n_got);
    for (uint32_t k = 0; k < edges->n_rows; k++)
        values[row[k]] = got[k];
    memory_free(got);
    memory_free(answered);
    memory_free(here);
    memory_free(asked);
    memory_free(row);
    memory_free(n_got);
    memory_free(n_here);
    memory_free(n_asked);
}
