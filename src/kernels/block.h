/* The steps of one block of nodes, written once for the compiled kernels and for the interpreter.
 *
 * The including text defines first, as constants in a kernel and as fields of the plan in the interpreter:
 *   MODEL_STATES, MODEL_STATES_ROOM (array bound), MODEL_INPUTS, MODEL_ARRIVALS, MODEL_COUPLINGS, MODEL_INTEGRATOR,
 *   MODEL_THRESHOLD, MODEL_REFRACTORY_SLOT, MODEL_SUB_STEP_SLOT (-1: none), MODEL_TOLERANCE_SLOT,
 *   MODEL_ARRIVAL_SLOT(k), MODEL_ARRIVAL_FACTOR(k) (-1: none), MODEL_KEEPS_WHILE_REFRACTORY(slot)
 * and the hooks, which run the model's programs:
 *   model_derivative(f, y, rate)      rate[k] = dy_k/dt at stage y; with the exact integrator y_k at the end of the step
 *   model_couplings(f, out)           the values that continuous connections carry
 *   model_before_step(f), model_after_step(f)
 *   model_threshold(f) -> mask, model_multiplicity(f) -> spikes that a crossing stands for
 *   model_reset(f, mask), model_refractory(f) -> steps */

#define MODEL_THRESHOLD_NONE 0
#define MODEL_THRESHOLD_GRID 1
#define MODEL_THRESHOLD_SUB_STEP 2
#define MODEL_THRESHOLD_AFTER_SYNAPSES 3
#define MODEL_INTEGRATOR_NONE 0
#define MODEL_INTEGRATOR_EXACT 1
#define MODEL_INTEGRATOR_EULER 2
#define MODEL_INTEGRATOR_RKF45 3

HOOK void block_read_refractory(struct frame *f)
{
    f->not_refractory = lanes_le(MODEL_REFRACTORY_SLOT < 0 ? lanes_set1(0) : lanes_load(f->slots + MODEL_REFRACTORY_SLOT * LANES),
                                 lanes_set1(0));
}

/* Store a value where the mask holds. */
HOOK void block_store(struct frame *f, int slot, lanes_mask mask, lanes value)
{
    lanes_store(f->slots + slot * LANES, lanes_select(mask, value, lanes_load(f->slots + slot * LANES)));
}

/* Refractoriness begins at once: for the rest of this step and k - 1 more (DESIGN section 4). */
HOOK void block_begin_refractory(struct frame *f, lanes_mask spikes)
{
    if (MODEL_REFRACTORY_SLOT >= 0) {
        block_store(f, MODEL_REFRACTORY_SLOT, spikes, model_refractory(f));
        block_read_refractory(f);
    }
}

/* Which of the `candidates` cross the threshold now; counts their spikes. */
HOOK lanes_mask block_spikes(struct frame *f, lanes_mask candidates, lanes *spiked)
{
    lanes_mask spikes = lanes_mask_and(lanes_mask_and(candidates, f->not_refractory), model_threshold(f));
    *spiked = lanes_add(*spiked, lanes_select(spikes, model_multiplicity(f), lanes_set1(0)));
    return spikes;
}

HOOK void block_spike_and_reset(struct frame *f, lanes_mask candidates, lanes *spiked)
{
    lanes_mask spikes = block_spikes(f, candidates, spiked);
    if (lanes_any(spikes)) {
        model_reset(f, spikes);
        block_begin_refractory(f, spikes);
    }
}

#include "kernels/rkf45.h"

/* x' = x + dt f(x) */
HOOK void euler_step(struct frame *f)
{
    lanes y[MODEL_STATES_ROOM], rate[MODEL_STATES_ROOM];
    for (int k = 0; k < MODEL_STATES; k++)
        y[k] = lanes_load(f->slots + k * LANES);
    model_derivative(f, y, rate);
    for (int k = 0; k < MODEL_STATES; k++)
        lanes_store(f->slots + k * LANES, lanes_add(y[k], lanes_mul(f->dt, rate[k])));
}

/* The exact solution of dx/dt = A x + b for b constant over the step; the plan has written it out. */
HOOK void exact_step(struct frame *f)
{
    lanes x[MODEL_STATES_ROOM], next[MODEL_STATES_ROOM];
    for (int k = 0; k < MODEL_STATES; k++)
        x[k] = lanes_load(f->slots + k * LANES);
    model_derivative(f, x, next);
    for (int k = 0; k < MODEL_STATES; k++)
        lanes_store(f->slots + k * LANES, next[k]);
}

/* Returns the lanes whose integration failed, as bits. */
HOOK unsigned block_integrate(struct frame *f, lanes *spiked)
{
    if (MODEL_INTEGRATOR == MODEL_INTEGRATOR_RKF45)
        return rkf45_step(f, spiked);
    if (MODEL_INTEGRATOR == MODEL_INTEGRATOR_EULER)
        euler_step(f);
    if (MODEL_INTEGRATOR == MODEL_INTEGRATOR_EXACT)
        exact_step(f);
    return 0;
}

/* What arrived is added once, in one sum per slot and factor; a variable that is kept while refractory loses it. */
HOOK void block_arrivals(struct frame *f, const double *arrivals)
{
    for (int k = 0; k < MODEL_ARRIVALS; k++) {
        int slot = MODEL_ARRIVAL_SLOT(k);
        lanes arrived = lanes_load(arrivals + k * LANES);
        if (MODEL_ARRIVAL_FACTOR(k) >= 0)
            arrived = lanes_mul(arrived, lanes_load(f->slots + MODEL_ARRIVAL_FACTOR(k) * LANES));
        lanes sum = lanes_add(lanes_load(f->slots + slot * LANES), arrived);
        if (MODEL_KEEPS_WHILE_REFRACTORY(slot))
            block_store(f, slot, f->not_refractory, sum);
        else
            lanes_store(f->slots + slot * LANES, sum);
    }
}

/* Synapses stand between threshold and reset; with `threshold … after synapses`, before both, so that what arrives can make a
 * node spike in the same step. With a threshold in each sub-step both were done by the integrator. */
HOOK void block_synapses_and_threshold(struct frame *f, const double *arrivals, lanes *spiked)
{
    const lanes_mask everyone = lanes_ge(f->dt, lanes_set1(0));
    if (MODEL_THRESHOLD == MODEL_THRESHOLD_AFTER_SYNAPSES) {
        block_arrivals(f, arrivals);
        block_spike_and_reset(f, everyone, spiked);
    } else if (MODEL_THRESHOLD == MODEL_THRESHOLD_GRID) {
        lanes_mask spikes = block_spikes(f, everyone, spiked);
        int any = lanes_any(spikes);
        if (any)
            block_begin_refractory(f, spikes);
        block_arrivals(f, arrivals);
        if (any)
            model_reset(f, spikes);
    } else {
        block_arrivals(f, arrivals);
    }
}

HOOK void block_count_refractory(struct frame *f)
{
    if (MODEL_REFRACTORY_SLOT >= 0) {
        lanes left = lanes_load(f->slots + MODEL_REFRACTORY_SLOT * LANES);
        lanes_store(f->slots + MODEL_REFRACTORY_SLOT * LANES, lanes_max(lanes_sub(left, lanes_set1(1)), lanes_set1(0)));
    }
}

/* x - x is 0 for finite x and NaN else. */
HOOK unsigned block_not_finite(const struct frame *f)
{
    lanes sum = lanes_set1(0);
    for (int k = 0; k < MODEL_STATES; k++) {
        lanes x = lanes_load(f->slots + k * LANES);
        sum = lanes_add(sum, lanes_sub(x, x));
    }
    return lanes_bits(lanes_ne(sum, lanes_set1(0)));
}

/* Returns the lanes that would spike too often, as bits. */
HOOK unsigned block_emit(struct block_arguments *a, int step, lanes spiked)
{
    unsigned any = lanes_bits(lanes_gt(spiked, lanes_set1(0))) & a->live;
    if (!any)
        return 0;
    unsigned too_many = lanes_bits(lanes_gt(spiked, lanes_set1(BLOCK_SPIKES_MAX))) & a->live;
    any &= ~too_many;
    for (int lane = 0; any; lane++, any >>= 1)
        if (any & 1)
            a->spikes[a->n_spikes++] = (struct block_spike){step, lane, (int)lane_get(spiked, lane)};
    return too_many;
}

HOOK void block_fail(struct block_arguments *a, enum block_fault fault, int step, unsigned which)
{
    a->fault = fault;
    a->fault_step = step;
    a->fault_lanes = which;
}

HOOK void block_run(struct block_arguments *a)
{
    struct frame frame = {.slots = a->slots, .shared = a->shared, .plan = a->plan, .scratch = a->scratch};
    struct frame *f = &frame;
    f->dt = lanes_set1(a->dt);
    f->index = lanes_fma(lanes_iota(), lanes_set1(a->index_step), lanes_set1(a->index));
    f->live = mask_from_bits((unsigned char)a->live);
    a->fault = BLOCK_FINE;
    for (int s = 0; s < a->n_steps; s++) {
        const double step = (double)(a->first_step + s);
        lanes spiked = lanes_set1(0);
        f->step = lanes_set1(step);
        f->time = lanes_set1(step * a->dt);
        f->inputs = a->inputs + s * (MODEL_INPUTS)*LANES;
        block_read_refractory(f);
        model_couplings(f, a->couplings + s * (MODEL_COUPLINGS)*LANES);
        model_before_step(f);
        unsigned stuck = block_integrate(f, &spiked);
        if (stuck) {
            block_fail(a, BLOCK_TOO_MANY_STEPS, s, stuck);
            return;
        }
        model_after_step(f);
        block_synapses_and_threshold(f, a->arrivals + s * (MODEL_ARRIVALS)*LANES, &spiked);
        block_count_refractory(f);
        unsigned too_many = MODEL_THRESHOLD != MODEL_THRESHOLD_NONE ? block_emit(a, s, spiked) : 0;
        if (too_many) {
            block_fail(a, BLOCK_TOO_MANY_SPIKES, s, too_many);
            return;
        }
        unsigned bad = block_not_finite(f) & a->live;
        if (bad) {
            block_fail(a, BLOCK_NOT_FINITE, s, bad);
            return;
        }
    }
}
