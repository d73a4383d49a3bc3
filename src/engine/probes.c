#include "engine/probes.h"

#include "kernels/interpreter.h"
#include "support/lanes.h"

/* An event's own variable is sampled everywhere: who looks learns from it where the event happened. */
static int event_slot(const struct probe *probe, const struct node_plan *plan)
{
    return probe->at_event ? plan->events[model_event(plan->model, probe->at_event)].slot : -1;
}

void sampler_create(struct probe *probe, const struct program *program, const struct nodes *nodes, struct sampler *sampler)
{
    *sampler = (struct sampler){.probe = probe, .value = *program, .event_slot = event_slot(probe, nodes->plan)};
    sampler->block_begin = MEMORY_NEW(nodes->n_blocks + 1, uint32_t, RECORDING);
    for (uint32_t k = 0, block = 0; block <= nodes->n_blocks; block++) {
        while (k < probe->n_nodes && probe->local[k] / LANES < block)
            k++;
        sampler->block_begin[block] = k;
    }
    sampler->frames_max = (uint32_t)((nodes->n_steps_max + probe->every - 1) / probe->every);
    sampler->values = MEMORY_NEW((size_t)sampler->frames_max * probe->n_nodes, double, RECORDING);
    probe->values = sampler->values;
}

void sampler_release(struct sampler *sampler)
{
    memory_free(sampler->block_begin);
    memory_free(sampler->values);
}

/* First due step at or after `step`, were there no end. */
static step_count next_due(const struct probe *probe, step_count step)
{
    if (step <= probe->first)
        return probe->first;
    return probe->first + (step - probe->first + probe->every - 1) / probe->every * probe->every;
}

void sampler_begin(struct sampler *sampler, step_count begin, step_count end)
{
    struct probe *probe = sampler->probe;
    step_count first = next_due(probe, begin);
    end = end < probe->end ? end : probe->end;
    probe->frame_step = first;
    probe->n_frames = first < end ? (uint32_t)((end - 1 - first) / probe->every + 1) : 0;
}

bool sampler_is_due(const struct sampler *sampler, step_count step)
{
    return step < sampler->probe->end && next_due(sampler->probe, step) == step;
}

bool sampler_is_sparse(const struct sampler *sampler)
{
    return sampler->probe->at_spikes || sampler->event_slot >= 0;
}

uint32_t sampler_next_block(const struct sampler *sampler, uint32_t block)
{
    const uint32_t k = sampler->block_begin[block];
    return k < sampler->probe->n_nodes ? sampler->probe->local[k] / LANES : UINT32_MAX;
}

void sampler_take(const struct sampler *sampler, const struct nodes *nodes, uint32_t block, step_count begin, step_count step,
                  double dt, double *scratch)
{
    const struct probe *probe = sampler->probe;
    const struct node_plan *plan = nodes->plan;
    double *slots = nodes_block(nodes, block);
    _Alignas(LANES_ALIGNMENT) double time[LANES], steps[LANES], index[LANES];
    for (uint32_t lane = 0; lane < LANES; lane++) {
        time[lane] = (double)step * dt;
        steps[lane] = (double)step;
        index[lane] = nodes_index(nodes, block * LANES + lane);
    }
    interpret(&sampler->value,
              &(struct interpreter_leaves){
                  .shared = nodes->shared,
                  .states = slots,
                  .slots = slots,
                  .inputs = tile_block(&nodes->inputs, block, (int)(step - begin)),
                  .time = time,
                  .step = steps,
                  .index = index,
                  .refractory = plan->refractory_slot < 0 ? NULL : slots + plan->refractory_slot * LANES,
              },
              scratch);
    const double *sampled = scratch + sampler->value.outputs[0].reg * LANES;
    double *frame = probe->values + (size_t)((step - probe->frame_step) / probe->every) * probe->n_nodes;
    for (uint32_t k = sampler->block_begin[block]; k < sampler->block_begin[block + 1]; k++)
        frame[k] = sampled[probe->local[k] % LANES];
}
