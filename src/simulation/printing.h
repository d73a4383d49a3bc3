/* What `print` writes: lines of text on rank 0, which run.json keeps too. */
#ifndef GLION_SIMULATION_PRINTING_H
#define GLION_SIMULATION_PRINTING_H

#include "engine/engine.h"
#include "network/network.h"
#include "support/memory.h"

/* Collective: the line of script->prints[number], with what nodes have now; in the arena, on rank 0; elsewhere NULL. */
const char *printing_line(struct arena *arena, const struct plan *plan, const struct network *network,
                          const struct engine *engine, int number);

#endif
