#include "engine/devices.h"

#include "kernels/interpreter.h"

void devices_create(const struct script *script, const struct node_plan *plan, const struct edges *edges,
                    const struct program *const *programs, int n_programs, struct devices *devices)
{
    size_t bytes = 0;
    *devices = (struct devices){.dt = script->dt};
    nodes_create_listed(script, plan, edges->row_source, edges->n_rows, &devices->nodes);
    devices->slots = MEMORY_NEW(plan->n_slots * LANES, double, BUFFERS);
    devices->time = MEMORY_NEW(3 * LANES, double, BUFFERS);
    devices->step = devices->time + LANES;
    devices->index = devices->step + LANES;
    for (int k = 0; k < n_programs; k++)
        interpreter_scratch_include(&bytes, programs[k]);
    devices->registers = memory_new(bytes, MEMORY_BUFFERS);
}

void devices_release(struct devices *devices)
{
    nodes_release(&devices->nodes);
    memory_free(devices->slots);
    memory_free(devices->time);
    memory_free(devices->registers);
    *devices = (struct devices){0};
}

void devices_ask(struct devices *devices, const uint32_t *row, const step_count *grid, int n)
{
    const struct nodes *nodes = &devices->nodes;
    for (int lane = 0; lane < LANES; lane++) {
        const int from = lane < n ? lane : n - 1;
        const double *slots = nodes_block(nodes, row[from] / LANES) + row[from] % LANES;
        for (int slot = 0; slot < nodes->plan->n_slots; slot++)
            devices->slots[slot * LANES + lane] = slots[slot * LANES];
        devices->time[lane] = (double)grid[from] * devices->dt;
        devices->step[lane] = (double)grid[from];
        devices->index[lane] = nodes->listed[row[from]];
    }
}

const double *devices_answer(struct devices *devices, const struct program *program)
{
    interpret(program,
              &(struct interpreter_leaves){.shared = devices->nodes.shared,
                                           .states = devices->slots,
                                           .slots = devices->slots,
                                           .time = devices->time,
                                           .step = devices->step,
                                           .index = devices->index},
              devices->registers);
    return devices->registers;
}

const double *devices_number(struct devices *devices, const struct program *program)
{
    return devices_answer(devices, program) + program->outputs[0].reg * LANES;
}
