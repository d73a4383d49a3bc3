#include "engine/loud_values.h"

/* The lanes of a block, as bits, whose numbers are not all 0. */
static unsigned loud_lanes(const struct tile *couplings, const double *first, int n_steps)
{
    const size_t next_step = (size_t)couplings->n_kinds * LANES;
    unsigned char is_loud[LANES] = {0};
    unsigned loud = 0;
    for (int step = 0; step < n_steps; step++)
        for (int lane = 0; lane < LANES; lane++)
            is_loud[lane] |= first[(size_t)step * next_step + (size_t)lane] != 0;
    for (int lane = 0; lane < LANES; lane++)
        loud |= (unsigned)is_loud[lane] << lane;
    return loud;
}

static double *add_entry(struct loud_values *list, uint64_t length)
{
    if (list->n + length > list->capacity) {
        list->capacity = 2 * (list->n + length);
        list->numbers = MEMORY_RESIZE(list->numbers, list->capacity, double, BUFFERS);
    }
    list->n += length;
    return list->numbers + list->n - length;
}

/* `kind` of the tile's numbers, which is called `coupling` on the wire. */
static void pack_block(const struct nodes *nodes, int population, const struct tile *couplings, int kind, int coupling,
                       uint32_t block, int n_steps, struct loud_values *list)
{
    const double *first = tile_block(couplings, block, 0) + kind * LANES;
    const size_t next_step = (size_t)couplings->n_kinds * LANES;
    for (unsigned loud = loud_lanes(couplings, first, n_steps); loud; loud &= loud - 1) {
        const node_local lane = (node_local)__builtin_ctz(loud), local = block * LANES + lane;
        if (local >= nodes->n) /* a copy that fills the last block */
            return;
        double *entry = add_entry(list, loud_length(n_steps));
        entry[LOUD_POPULATION] = population;
        entry[LOUD_COUPLING] = coupling;
        entry[LOUD_INDEX] = nodes_index(nodes, local);
        for (int step = 0; step < n_steps; step++)
            entry[LOUD_HEAD + step] = first[(size_t)step * next_step + lane];
    }
}

void loud_values_pack(const struct nodes *nodes, int population, uint32_t first, uint32_t last, int n_steps, bool are_immediate,
                      struct loud_values *list)
{
    for (int coupling = 0; coupling < nodes->plan->n_couplings; coupling++)
        for (uint32_t block = first; nodes->plan->couplings[coupling].is_immediate == are_immediate && block < last; block++)
            pack_block(nodes, population, &nodes->couplings, coupling, coupling, block, n_steps, list);
}

void loud_values_pack_late(const struct nodes *nodes, int population, uint32_t first, uint32_t last, struct loud_values *list)
{
    for (int k = 0; k < nodes->plan->n_late_values; k++)
        for (uint32_t block = first; block < last; block++)
            pack_block(nodes, population, &nodes->late_values, k, nodes->plan->n_couplings + k, block, 1, list);
}
