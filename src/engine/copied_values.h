/* Values of sources that stay as they are during a run: asked of their owners once, not exchanged in every step. */
#ifndef GLION_ENGINE_COPIED_VALUES_H
#define GLION_ENGINE_COPIED_VALUES_H

#include "engine/nodes.h"
#include "network/network.h"

/* Collective. values[edges->n_rows]: that of each row's source. `source`: the nodes of the source population on this rank;
 * `reading`: the program of the value, of their plan. */
void copied_values_fetch(const struct network *network, const struct edges *edges, const struct nodes *source,
                         const struct program *reading, double *values);

#endif
