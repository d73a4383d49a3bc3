/* The spikes of an interval on this rank, ascending by (step, node). */
#ifndef GLION_ENGINE_INTERVAL_SPIKES_H
#define GLION_ENGINE_INTERVAL_SPIKES_H

#include "engine/state.h"

/* Those that the threads have noted in the steps [begin, end). */
void interval_spikes_merge(struct engine *engine, int population, step_count begin, step_count end);

/* Nodes that `emit at LIST` spike in the listed steps, which ascend: all of them, or those that are listed too. Where they are
 * repeated, some lie before the population begins to exist. */
void interval_spikes_emit_listed(struct engine *engine, int population, step_count end);

#endif
