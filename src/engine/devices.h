/* Devices that say something for each of their connections (emission_path.h, noise_path.h): those that have targets on this rank,
 * one for each row of the edges, whoever owns them. So nothing is exchanged, and a rank keeps what its own targets need.
 *
 * They are asked LANES questions at once, each about a device at a grid step of its own. */
#ifndef GLION_ENGINE_DEVICES_H
#define GLION_ENGINE_DEVICES_H

#include "engine/nodes.h"
#include "network/edges.h"

struct devices {
    struct nodes nodes; /* local positions are rows */
    double dt;
    /* of the questions at hand: */
    double *slots;               /* [plan->n_slots][LANES] owned */
    double *time, *step, *index; /* [LANES] owned, in one piece that begins with `time` */
    double *registers;           /* of the program that runs; owned */
};

/* `programs` [n_programs]: those of the plan that will be run. */
void devices_create(const struct script *script, const struct node_plan *plan, const struct edges *edges,
                    const struct program *const *programs, int n_programs, struct devices *devices);
void devices_release(struct devices *devices);

/* Ask about the devices of rows row[n] at grid steps grid[n], 1 <= n <= LANES; lanes beyond the last repeat it. */
void devices_ask(struct devices *devices, const uint32_t *row, const step_count *grid, int n);
/* The answers of a program: output k is at [program->outputs[k].reg * LANES], until the next one runs. */
const double *devices_answer(struct devices *devices, const struct program *program);
/* … of a program that has one output: [LANES]. */
const double *devices_number(struct devices *devices, const struct program *program);

#endif
