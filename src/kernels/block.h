/* The steps of blocks of nodes, written once for the compiled kernels and for the interpreter.
 *
 * A gang of LANES_GANG adjacent blocks runs all steps of the call side by side, then the next one. With an adaptive integrator,
 * nodes that keep it waiting leave it (stragglers.h).
 *
 * The including text defines first, as constants in a kernel and as fields of the plan in the interpreter (there they read the
 * plan of the frame `f` at hand):
 *   MODEL_STATES, MODEL_STATES_ROOM (array bound), MODEL_SLOTS, MODEL_INPUTS, MODEL_ARRIVALS, MODEL_COUPLINGS, MODEL_STEPPING,
 *   MODEL_THRESHOLD, MODEL_REFRACTORY, MODEL_REFRACTORY_SLOT, MODEL_LASTSPIKE_SLOT, MODEL_SUB_STEP_SLOT (-1: none),
 *   MODEL_SPIKE_TIME_END (0 or 1), MODEL_TOLERANCE_SLOT,
 *   MODEL_COUNTS (whether its programs draw counts),
 *   MODEL_ACTS_BEFORE_STEP (whether model_before_step does anything), MODEL_SPLIT (whether its steps run in phases),
 *   MODEL_ARRIVAL_SLOT(k), MODEL_ARRIVAL_FACTOR(k) (-1: none), MODEL_KEEPS_WHILE_REFRACTORY(slot),
 *   MODEL_PROPAGATED (entries that are computed in each step), MODEL_PROPAGATOR_ROOM (bound of its states, at least 1),
 *   MODEL_PROPAGATED_PLACE(k) (row*MODEL_STATES + column), MODEL_PROPAGATED_OF_INPUT(k), MODEL_PROPAGATED_SLOT(k)
 * and the hooks, which run the model's programs:
 *   model_matrix(f, b)                with entries that are computed in each step: the matrix that they follow from
 *   model_update(f)                   the states at the end of the step
 *   model_derivative(f, y, rate)      with the adaptive integrator: rate[k] = dy_k/dt at stage y
 *   model_couplings(f)                stores the values that continuous connections carry
 *   model_before_step(f), model_after_step(f), model_after_synapses(f)
 *   model_after_thresholds(f)         tests custom events
 *   model_after_resets(f)             what they do
 *   model_threshold(f) -> mask, model_multiplicity(f) -> spikes that a crossing stands for
 *   model_hold(f), model_leave(f)     with MODEL_HELD_SLOTS: from where the slots stand between two calls, and back again
 *   model_reset(f, mask), model_refractory(f) -> steps, model_refractory_lasts(f) -> mask */

#define MODEL_THRESHOLD_NONE 0
#define MODEL_THRESHOLD_GRID 1
#define MODEL_THRESHOLD_SUB_STEP 2
#define MODEL_THRESHOLD_AFTER_SYNAPSES 3
#define MODEL_REFRACTORY_NEVER 0
#define MODEL_REFRACTORY_COUNTS 1
#define MODEL_REFRACTORY_LASTS 2
#define MODEL_STEPPING_NONE 0
#define MODEL_STEPPING_UPDATE 1
#define MODEL_STEPPING_RKF45 2

/* ---- spikes ---- */

HOOK void block_read_refractory(struct frame *f)
{
    f->not_refractory = lanes_le(MODEL_REFRACTORY_SLOT < 0 ? lanes_set1(0) : slot_load(f, MODEL_REFRACTORY_SLOT), lanes_set1(0));
}

/* Refractoriness begins at once: for the rest of this step and k - 1 more (DESIGN section 4), or as long as it is asked to last.
 */
HOOK void block_begin_refractory(struct frame *f, lanes_mask spikes)
{
    if (MODEL_REFRACTORY != MODEL_REFRACTORY_NEVER) {
        const unsigned acting = f->acting;
        if (MODEL_COUNTS)
            f->acting &= lanes_bits(spikes);
        const lanes steps = MODEL_REFRACTORY == MODEL_REFRACTORY_COUNTS ? model_refractory(f) : lanes_set1(1);
        f->acting = acting;
        slot_store_where(f, MODEL_REFRACTORY_SLOT, spikes, steps);
        block_read_refractory(f);
    }
}

/* Who is still refractory in the step that begins, of the lanes `begun`. */
HOOK void block_renew_refractory(struct frame *f, lanes_mask begun)
{
    block_read_refractory(f);
    if (MODEL_REFRACTORY == MODEL_REFRACTORY_COUNTS) {
        lanes left = lanes_max(lanes_sub(slot_load(f, MODEL_REFRACTORY_SLOT), lanes_set1(1)), lanes_set1(0));
        slot_store_where(f, MODEL_REFRACTORY_SLOT, begun, left);
    }
    if (MODEL_REFRACTORY == MODEL_REFRACTORY_LASTS) {
        lanes lasts = lanes_select(model_refractory_lasts(f), lanes_set1(1), lanes_set1(0));
        slot_store_where(f, MODEL_REFRACTORY_SLOT, begun, lasts);
    }
    block_read_refractory(f);
}

/* Which of the `candidates` cross the threshold now; counts their spikes. */
HOOK lanes_mask block_spikes(struct frame *f, lanes_mask candidates, lanes *spiked)
{
    lanes_mask spikes = lanes_mask_and(lanes_mask_and(candidates, f->not_refractory), model_threshold(f));
    if (!lanes_any(spikes)) /* as in most steps */
        return spikes;
    *spiked = lanes_add(*spiked, lanes_select(spikes, model_multiplicity(f), lanes_set1(0)));
    if (MODEL_LASTSPIKE_SLOT >= 0)
        slot_store_where(f, MODEL_LASTSPIKE_SLOT, spikes, lanes_mul(lanes_add(f->step, lanes_set1(MODEL_SPIKE_TIME_END)), f->dt));
    return spikes;
}

HOOK void block_spike_and_reset(struct frame *f, lanes_mask candidates, lanes *spiked)
{
    lanes_mask spikes = block_spikes(f, candidates, spiked);
    if (lanes_any(spikes)) {
        f->evaluation = *spiked;
        model_reset(f, spikes);
        block_begin_refractory(f, spikes);
        f->evaluation = lanes_set1(0);
    }
}

/* ---- the end of a step ---- */

/* What arrived is added once, in one sum per slot and factor; a variable that is kept while refractory loses it. Then the model
 * may bound what came out, before a threshold, a reset or a recording sees it. */
HOOK void block_arrivals(struct frame *f)
{
    for (int k = 0; k < MODEL_ARRIVALS; k++) {
        int slot = MODEL_ARRIVAL_SLOT(k);
        lanes arrived = arrival_load(f, k);
        if (MODEL_ARRIVAL_FACTOR(k) >= 0)
            arrived = lanes_mul(arrived, slot_load(f, MODEL_ARRIVAL_FACTOR(k)));
        lanes sum = lanes_add(slot_load(f, slot), arrived);
        if (MODEL_KEEPS_WHILE_REFRACTORY(slot))
            slot_store_where(f, slot, f->not_refractory, sum);
        else
            slot_store(f, slot, sum);
    }
    model_after_synapses(f);
}

/* On the grid, before what arrives is taken in. Returns who spikes, and is to be reset behind it. */
HOOK lanes_mask block_threshold(struct frame *f, lanes *spiked)
{
    lanes_mask spikes = block_spikes(f, mask_from_bits(~0u), spiked);
    if (lanes_any(spikes))
        block_begin_refractory(f, spikes);
    return spikes;
}

/* Synapses stand between threshold and reset; with `threshold … after synapses`, before both, so that what arrives can make a
 * node spike in the same step. With a threshold in each sub-step both were done by the integrator. */
HOOK void block_synapses_and_threshold(struct frame *f, lanes *spiked)
{
    if (MODEL_THRESHOLD == MODEL_THRESHOLD_AFTER_SYNAPSES) {
        model_after_thresholds(f);
        block_arrivals(f);
        block_spike_and_reset(f, mask_from_bits(~0u), spiked);
    } else if (MODEL_THRESHOLD == MODEL_THRESHOLD_GRID) {
        lanes_mask spikes = block_threshold(f, spiked);
        model_after_thresholds(f);
        block_arrivals(f);
        if (lanes_any(spikes))
            model_reset(f, spikes);
    } else {
        model_after_thresholds(f);
        block_arrivals(f);
    }
    model_after_resets(f);
}

/* All that follows integration. */
HOOK void block_end_step(struct frame *f, lanes *spiked)
{
    model_after_step(f);
    block_synapses_and_threshold(f, spiked);
}

/* In phases: what follows integration before the ranks talk. Returns who is to be reset at the end of the step. */
HOOK lanes_mask block_begin_ends(struct frame *f, lanes *spiked)
{
    model_after_step(f);
    const lanes_mask spikes = MODEL_THRESHOLD == MODEL_THRESHOLD_GRID ? block_threshold(f, spiked) : mask_from_bits(0);
    model_after_thresholds(f);
    return spikes;
}

/* Bits of the nodes with a state that is not. 0 * x is 0 for finite x and NaN else. */
HOOK unsigned block_not_finite(const struct frame *f)
{
    lanes sum = lanes_set1(0);
    for (int k = 0; k < MODEL_STATES; k++)
        sum = lanes_fma(lanes_set1(0), slot_load(f, k), sum);
    const lanes_mask bad = lanes_ne(sum, lanes_set1(0));
    return lanes_any(bad) ? lanes_bits(bad) : 0; /* it takes longer to say who than whether */
}

/* Of several faults the first is told, whatever the order in which nodes run. */
HOOK void block_fail(struct block_arguments *a, enum block_fault fault, int step, int node)
{
    if (a->fault && (a->fault_step < step || (a->fault_step == step && a->fault_node <= node)))
        return;
    a->fault = fault;
    a->fault_step = step;
    a->fault_node = node;
}

/* Lane `lane` asked for a count that cannot be drawn. Returns whether it did. */
HOOK int block_fail_count(struct block_arguments *a, const struct frame *f, int lane, int step, int node)
{
    const struct counts_refused *refused = f->refused;
    if (!MODEL_COUNTS || !(refused->lanes >> lane & 1))
        return 0;
    block_fail(a, BLOCK_NO_SUCH_LAW, step, node);
    if (a->fault == BLOCK_NO_SUCH_LAW && a->fault_step == step && a->fault_node == node) {
        a->fault_slot = refused->slot[lane];
        a->fault_arguments[0] = refused->mean_or_trials[lane];
        a->fault_arguments[1] = refused->probability[lane];
    }
    return 1;
}

/* Returns whether these are too many. */
HOOK int block_emit(struct block_arguments *a, int step, int node, double multiplicity)
{
    if (multiplicity > BLOCK_SPIKES_MAX) {
        block_fail(a, BLOCK_TOO_MANY_SPIKES, step, node);
        return 1;
    }
    a->spikes[a->n_spikes++] = (struct block_spike){step, node, (int)multiplicity};
    return 0;
}

#include "kernels/changing_propagator.h"
#include "kernels/rkf45.h"
#include "kernels/stragglers.h"

/* ---- a gang ---- */

/* The last gang of a call may lack blocks: instead, nodes that do not matter run in a block that does not count. */
HOOK int gang_lacks(const struct block_arguments *a, const struct frame *f, int first_block, int k)
{
    return !f->is_whole && k > 0 && first_block + k >= a->n_blocks;
}

HOOK void gang_pad(const struct block_arguments *a, struct stragglers *stragglers, const struct frame *f, int first_block)
{
    (void)f; /* the interpreter's plan is there */
    const double *copied = a->slots.first + (unsigned long)first_block * a->slots.pitch;
    for (int slot = 0; slot < MODEL_SLOTS * LANES; slot++)
        stragglers->padding[slot] = copied[slot];
}

/* Where the blocks of a gang stand, and what does not change in a call. (Set one by one: a copy of another frame would wait for
 * its numbers to be stored.) */
HOOK void gang_place(const struct block_arguments *a, struct stragglers *stragglers, int first_block, struct frame *f)
{
    f->shared = a->shared;
    f->plan = a->plan;
    f->draw_counts = a->draw_counts;
    f->scratch = stragglers->frame.scratch;
    f->dt = lanes_set1(a->dt);
    f->index = lanes_fma(lanes_iota(), lanes_set1(a->index_step), lanes_set1(a->index + first_block * LANES * a->index_step));
    if (gang_lacks(a, f, first_block, LANES_GANG - 1))
        gang_pad(a, stragglers, f, first_block);
    for (int k = 0; k < LANES_GANG; k++) {
        const int lacks = gang_lacks(a, f, first_block, k);
        const unsigned long block = (unsigned long)(lacks ? first_block : first_block + k);
        f->slots[k] = lacks ? stragglers->padding : a->slots.first + block * a->slots.pitch;
        f->inputs[k] = a->inputs.first + block * a->inputs.pitch;
        f->arrivals[k] = a->arrivals.first + block * a->arrivals.pitch;
        f->couplings[k] = lacks ? stragglers->padding + MODEL_SLOTS * LANES : a->couplings.first + block * a->couplings.pitch;
    }
}

/* Nodes of a gang, as bits. */
HOOK unsigned gang_live(const struct block_arguments *a, const struct frame *f, int first_node)
{
    int n = a->n_nodes - first_node;
    return f->is_whole || n >= LANES_WIDTH ? (unsigned)((1ull << LANES_WIDTH) - 1) : (1u << n) - 1;
}

HOOK void gang_next_step(struct frame *f, const double *padding)
{
    for (int k = 0; k < LANES_GANG; k++) {
        f->inputs[k] += MODEL_INPUTS * LANES;
        f->arrivals[k] += MODEL_ARRIVALS * LANES;
        f->couplings[k] += f->slots[k] == padding ? 0 : MODEL_COUPLINGS * LANES;
    }
}

/* With the adaptive integrator: a few nodes that are late leave; for many the gang takes sub-steps, until few are left. */
enum { GANG_LATE_FEW = LANES_WIDTH / 4, GANG_SUB_STEPS_MAX = 16 };

/* Returns those of `late` that left. */
HOOK_APART unsigned gang_sub_steps(struct block_arguments *a, struct stragglers *stragglers, struct frame *f, int first_node,
                                   int step, unsigned late, lanes *spiked)
{
    lanes at = lanes_set1(0);
    int n = 0;
    for (; __builtin_popcount(late) > GANG_LATE_FEW && n < GANG_SUB_STEPS_MAX; n++) {
        rkf45_sub_step(f, mask_from_bits(late), &at, spiked);
        late &= lanes_bits(lanes_lt(at, f->dt));
    }
    stragglers_take(a, stragglers, f, first_node, step, late, at, *spiked, n);
    return late;
}

/* One step with the adaptive integrator. Returns the nodes that left. */
HOOK unsigned gang_integrate(struct block_arguments *a, struct stragglers *stragglers, struct frame *f, int first_node, int step,
                             unsigned running, lanes *spiked)
{
    lanes y[MODEL_STATES_ROOM];
    const lanes planned = slot_load(f, MODEL_SUB_STEP_SLOT);
    struct rkf45_trial trial;
    if (__builtin_popcount(lanes_bits(lanes_lt(planned, f->dt)) & running) > GANG_LATE_FEW)
        return gang_sub_steps(a, stragglers, f, first_node, step, running, spiked);
    for (int k = 0; k < MODEL_STATES; k++)
        y[k] = slot_load(f, k);
    unsigned late = lanes_bits(rkf45_whole_step(f, mask_from_bits(running), y, planned, &trial)), left = 0;
    const int wait = __builtin_popcount(late) > GANG_LATE_FEW;
    if (late && !wait)
        stragglers_take(a, stragglers, f, first_node, step, left = late, lanes_set1(0), lanes_set1(0), 0);
    rkf45_take_whole_step(f, mask_from_bits(running & ~late), &trial, spiked);
    if (wait) {
        slot_store_where(f, MODEL_SUB_STEP_SLOT, mask_from_bits(late), planned);
        for (int k = 0; k < MODEL_STATES; k++)
            slot_store_where(f, k, mask_from_bits(late), y[k]);
        left = gang_sub_steps(a, stragglers, f, first_node, step, late, spiked);
    }
    return left;
}

/* Returns whether a node asked for a count that cannot be drawn. */
HOOK int gang_fail_counts(struct block_arguments *a, const struct frame *f, int step, int first_node)
{
    return MODEL_COUNTS && f->refused->lanes &&
           block_fail_count(a, f, __builtin_ctz(f->refused->lanes), step, first_node + __builtin_ctz(f->refused->lanes));
}

/* Returns whether a node has too many spikes. */
HOOK int gang_emit(struct block_arguments *a, int step, int first_node, lanes spiked, unsigned running)
{
    unsigned any = lanes_bits(lanes_gt(spiked, lanes_set1(0))) & running;
    int too_many = 0;
    for (; any; any &= any - 1)
        too_many |= block_emit(a, step, first_node + __builtin_ctz(any), lane_get(spiked, __builtin_ctz(any)));
    return too_many;
}

/* From the beginning of a step to where its equations have been integrated. Returns the nodes that have not left. */
HOOK unsigned gang_advance(struct block_arguments *a, struct stragglers *stragglers, struct frame *f, int first_node, int step,
                           unsigned running, lanes *spiked)
{
    model_couplings(f);
    model_before_step(f);
    if (MODEL_STEPPING == MODEL_STEPPING_RKF45)
        running &= ~gang_integrate(a, stragglers, f, first_node, step, running, spiked);
    f->acting = running;
    if (MODEL_PROPAGATED)
        block_propagator(f);
    if (MODEL_STEPPING == MODEL_STEPPING_UPDATE)
        model_update(f);
    return running;
}

#include "kernels/phases.h"

/* What becomes of nodes that have left is of no interest: they are put back when they have run their steps elsewhere. */
HOOK void gang_run_steps(struct block_arguments *a, struct stragglers *stragglers, int first_block, struct frame *f)
{
    const int first_node = first_block * LANES;
    unsigned running = gang_live(a, f, first_node);
    for (int s = 0; s < a->n_steps && running; s++) {
        const double step = (double)(a->first_step + s);
        lanes spiked = lanes_set1(0);
        f->step = lanes_set1(step);
        f->time = lanes_set1(step * a->dt);
        f->evaluation = lanes_set1(0);
        f->present = mask_from_bits(running);
        f->acting = running;
        block_renew_refractory(f, f->present);
        running = gang_advance(a, stragglers, f, first_node, s, running, &spiked);
        block_end_step(f, &spiked);
        if (gang_fail_counts(a, f, s, first_node))
            return;
        if (MODEL_THRESHOLD != MODEL_THRESHOLD_NONE)
            if (gang_emit(a, s, first_node, spiked, running))
                return;
        unsigned bad = block_not_finite(f) & running;
        if (bad) {
            block_fail(a, BLOCK_NOT_FINITE, s, first_node + __builtin_ctz(bad));
            return;
        }
        gang_next_step(f, stragglers->padding);
    }
}

HOOK void gang_run(struct block_arguments *a, struct stragglers *stragglers, int first_block, int is_whole, int phases)
{
    struct frame frame;
    struct frame *f = &frame;
    struct counts_refused refused;
    refused.lanes = 0;
    f->refused = &refused;
    f->is_whole = is_whole;
    f->phases = phases;
    gang_place(a, stragglers, first_block, f);
    model_hold(f);
    if (MODEL_SPLIT || (MODEL_COUPLINGS && f->phases == BLOCK_SHOW))
        gang_run_phases(a, stragglers, first_block, f);
    else
        gang_run_steps(a, stragglers, first_block, f);
    model_leave(f);
}

/* ---- all gangs, as long as there is room for their spikes ---- */

HOOK int block_has_room(const struct block_arguments *a)
{
    return a->n_spikes + BLOCK_SPIKES(a->n_steps) <= a->spikes_room;
}

/* Most gangs are whole and do what most calls ask for. Here the compiler knows it, and asks nothing of each. Returns the block
 * behind them. */
HOOK int block_run_whole_gangs(struct block_arguments *a, struct stragglers *stragglers)
{
    const struct frame *f = &stragglers->frame;
    const int usual = MODEL_SPLIT ? BLOCK_END | BLOCK_BEGIN : 0;
    int block = 0;
    (void)f; /* the interpreter's plan is there */
    if (a->phases == usual)
        for (; (block + LANES_GANG) * LANES <= a->n_nodes && block_has_room(a); block += LANES_GANG)
            gang_run(a, stragglers, block, 1, usual);
    return block;
}

/* What is asked for is copied: of the copy the compiler knows that nothing else is written across it. */
HOOK void block_run(struct block_arguments *arguments)
{
    struct block_arguments copy = *arguments, *a = &copy;
    struct stragglers stragglers = {
        .frame = {.shared = a->shared, .plan = a->plan, .dt = lanes_set1(a->dt), .present = mask_from_bits(~0u)}};
    struct counts_refused refused;
    refused.lanes = 0;
    stragglers.frame.refused = &refused;
    stragglers.frame.draw_counts = a->draw_counts;
    const struct frame *f = &stragglers.frame;
    int block = 0;
    stragglers_place(a, &stragglers);
    a->fault = BLOCK_FINE;
    if (MODEL_HELD_SLOTS) /* few: twice their text is not much */
        block = block_run_whole_gangs(a, &stragglers);
    for (; block < a->n_blocks && block_has_room(a); block += LANES_GANG) {
        gang_run(a, &stragglers, block, 0, a->phases);
        if (MODEL_STEPPING == MODEL_STEPPING_RKF45)
            stragglers_gang_is_done(a, &stragglers, (block + LANES_GANG) * LANES);
    }
    if (MODEL_STEPPING == MODEL_STEPPING_RKF45)
        stragglers_advance(a, &stragglers, 0);
    a->n_done = block < a->n_blocks ? block : a->n_blocks;
    *arguments = copy;
}
