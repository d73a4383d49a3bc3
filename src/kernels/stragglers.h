/* Nodes whose sub-step is shorter than the step.
 *
 * The nodes of a gang take whole steps together. If many cannot, the gang takes shorter ones, since for a model that needs them
 * all the time it is the shortest way. But a single one, such as a neuron that is about to spike, leaves its gang for the rest of
 * the call, so that nobody waits for it: its state moves to a lane of a gang of stragglers, each of which has its own
 * step and sub-step. When that gang is full it runs until a lane is free; at the end of the call, until it is empty. Nodes do not
 * meet within a call, so where and when one runs changes no bit of it. Its old place goes on computing what nobody wants to know:
 * its state is put back only when its gang has run all steps, and the gang stores no more couplings for it, since those that the
 * straggler stored may be of later steps.
 *
 * What follows integration is computed for all stragglers, and kept for those that have come to the end of their step. */

struct stragglers {
    struct frame frame;
    double *saved[LANES_GANG];                               /* [slot][LANES]: what is put back where it is not kept */
    double *padding;                                         /* for gangs that lack a block: slots, then couplings */
    _Alignas(LANES_ALIGNMENT) double at[LANES_WIDTH];        /* time within its step that each has reached */
    _Alignas(LANES_ALIGNMENT) double grid_step[LANES_WIDTH]; /* at which its step begins */
    _Alignas(LANES_ALIGNMENT) double index[LANES_WIDTH];     /* in the population */
    _Alignas(LANES_ALIGNMENT) double spiked[LANES_WIDTH];    /* in this step */
    _Alignas(LANES_ALIGNMENT) double sub_steps[LANES_WIDTH]; /* tried in this step */
    int node[LANES_WIDTH], step[LANES_WIDTH];                /* counted as in struct block_spike */
    unsigned busy;                                           /* bit k: lane k holds a node */
    unsigned done;                                           /* bit k: which has run all steps, and waits for its gang */
    int first_node;                                          /* of the gang at hand: nodes from here on wait */
};

/* ---- lanes ---- */

HOOK double *gang_lane(double *const *blocks, int lane)
{
    return blocks[lane / LANES] + lane % LANES;
}

HOOK double *node_lane(const struct block_rows *rows, int node)
{
    return rows->first + (unsigned long)(node / LANES) * rows->pitch + node % LANES;
}

HOOK void copy_lane(double *to, const double *from, int n)
{
    for (int k = 0; k < n; k++)
        to[k * LANES] = from[k * LANES];
}

/* Scratch of a call, [kind][slot or so][LANES]: the stragglers' rows, and one block of padding. */
HOOK void stragglers_place(const struct block_arguments *a, struct stragglers *stragglers)
{
    struct frame *f = &stragglers->frame;
    double *next = a->scratch;
    for (int k = 0; k < LANES_GANG; k++) {
        f->slots[k] = next, next += MODEL_SLOTS * LANES;
        f->inputs[k] = next, next += MODEL_INPUTS * LANES;
        f->arrivals[k] = next, next += MODEL_ARRIVALS * LANES;
        f->couplings[k] = next, next += MODEL_COUPLINGS * LANES;
        stragglers->saved[k] = next, next += MODEL_SLOTS * LANES;
    }
    stragglers->padding = next, next += (MODEL_SLOTS + MODEL_COUPLINGS) * LANES;
    f->scratch = next;
}

/* ---- a straggler's way: taken from its gang, step after step, put back ---- */

HOOK void straggler_begin(const struct block_arguments *a, struct stragglers *stragglers, int lane)
{
    const struct frame *f = &stragglers->frame;
    const int node = stragglers->node[lane], step = stragglers->step[lane];
    copy_lane(gang_lane(f->inputs, lane), node_lane(&a->inputs, node) + step * MODEL_INPUTS * LANES, MODEL_INPUTS);
    copy_lane(gang_lane(f->arrivals, lane), node_lane(&a->arrivals, node) + step * MODEL_ARRIVALS * LANES, MODEL_ARRIVALS);
    stragglers->grid_step[lane] = (double)(a->first_step + step);
    stragglers->at[lane] = stragglers->spiked[lane] = stragglers->sub_steps[lane] = 0;
}

/* Those of earlier gangs at once. */
HOOK void straggler_finish(const struct block_arguments *a, struct stragglers *stragglers, int lane)
{
    const struct frame *f = &stragglers->frame;
    if (MODEL_COUNTS)
        f->refused->lanes &= ~(1u << lane);
    if (stragglers->node[lane] >= stragglers->first_node) {
        stragglers->done |= 1u << lane;
        return;
    }
    copy_lane(node_lane(&a->slots, stragglers->node[lane]), gang_lane(f->slots, lane), MODEL_SLOTS);
    stragglers->busy &= ~(1u << lane);
}

/* The gang at hand has run all steps; the next one begins with `first_node`. */
HOOK void stragglers_gang_is_done(const struct block_arguments *a, struct stragglers *stragglers, int first_node)
{
    unsigned done = stragglers->done;
    stragglers->first_node = first_node;
    stragglers->done = 0;
    for (; done; done &= done - 1)
        straggler_finish(a, stragglers, __builtin_ctz(done));
}

HOOK void stragglers_save(struct stragglers *stragglers)
{
    const struct frame *f = &stragglers->frame;
    for (int k = 0; k < MODEL_SLOTS; k++)
        lanes_store_gang(stragglers->saved, (unsigned long)k * LANES, slot_load(f, k));
}

/* What was saved, where the mask does not hold. */
HOOK void stragglers_keep(struct stragglers *stragglers, lanes_mask mask)
{
    struct frame *f = &stragglers->frame;
    for (int k = 0; k < MODEL_SLOTS; k++) {
        lanes saved = lanes_load_gang(stragglers->saved, (unsigned long)k * LANES);
        slot_store(f, k, lanes_select(mask, slot_load(f, k), saved));
    }
}

/* The surroundings of each lane's step. */
HOOK void stragglers_look(struct stragglers *stragglers)
{
    struct frame *f = &stragglers->frame;
    f->index = lanes_load(stragglers->index);
    f->step = lanes_load(stragglers->grid_step);
    f->evaluation = lanes_set1(0);
    f->time = lanes_mul(f->step, f->dt);
    block_read_refractory(f);
}

/* What precedes integration, for the lanes `begun`. */
HOOK void stragglers_begin_step(const struct block_arguments *a, struct stragglers *stragglers, unsigned begun)
{
    struct frame *f = &stragglers->frame;
    f->acting = begun;
    stragglers_look(stragglers);
    block_renew_refractory(f, mask_from_bits(begun));
    model_couplings(f);
    for (unsigned left = MODEL_COUPLINGS ? begun : 0; left; left &= left - 1) {
        const int lane = __builtin_ctz(left), step = stragglers->step[lane];
        copy_lane(node_lane(&a->couplings, stragglers->node[lane]) + step * MODEL_COUPLINGS * LANES,
                  gang_lane(f->couplings, lane), MODEL_COUPLINGS);
    }
    if (MODEL_ACTS_BEFORE_STEP) {
        stragglers_save(stragglers);
        model_before_step(f);
        stragglers_keep(stragglers, mask_from_bits(begun));
    }
}

/* What follows integration, up to the end of the step. In phases the step ends later: it is noted who is to be reset then. */
HOOK void stragglers_finish_step(struct block_arguments *a, struct stragglers *stragglers, unsigned ended, lanes *spiked)
{
    struct frame *f = &stragglers->frame;
    if (!MODEL_SPLIT) {
        block_end_step(f, spiked);
        return;
    }
    unsigned resets = lanes_bits(block_begin_ends(f, spiked)) & ended;
    for (; resets; resets &= resets - 1) {
        const int node = stragglers->node[__builtin_ctz(resets)];
        a->spiked[node / LANES] |= (unsigned char)(1u << node % LANES);
    }
}

/* What follows integration, for the lanes `ended`. */
HOOK void stragglers_end_step(struct block_arguments *a, struct stragglers *stragglers, unsigned ended)
{
    struct frame *f = &stragglers->frame;
    unsigned begun = 0;
    lanes spiked = lanes_load(stragglers->spiked);
    stragglers_save(stragglers);
    f->acting = ended;
    stragglers_finish_step(a, stragglers, ended, &spiked);
    unsigned bad = MODEL_SPLIT ? 0 : block_not_finite(f) & ended;
    stragglers_keep(stragglers, mask_from_bits(ended));
    for (unsigned left = ended; left; left &= left - 1) {
        const int lane = __builtin_ctz(left), node = stragglers->node[lane], step = stragglers->step[lane];
        int failed = block_fail_count(a, f, lane, step, node);
        failed |= lane_get(spiked, lane) > 0 && block_emit(a, step, node, lane_get(spiked, lane));
        if (bad >> lane & 1) {
            block_fail(a, BLOCK_NOT_FINITE, step, node);
            failed = 1;
        }
        if (failed || step + 1 == a->n_steps) {
            straggler_finish(a, stragglers, lane);
            continue;
        }
        stragglers->step[lane]++;
        straggler_begin(a, stragglers, lane);
        begun |= 1u << lane;
    }
    if (begun)
        stragglers_begin_step(a, stragglers, begun);
}

HOOK void stragglers_fail(struct block_arguments *a, struct stragglers *stragglers, unsigned stuck)
{
    for (; stuck; stuck &= stuck - 1) {
        const int lane = __builtin_ctz(stuck);
        block_fail(a, BLOCK_TOO_MANY_STEPS, stragglers->step[lane], stragglers->node[lane]);
        straggler_finish(a, stragglers, lane);
    }
}

/* Sub-steps, until `n_left` lanes or fewer hold a node. */
HOOK_APART void stragglers_advance(struct block_arguments *a, struct stragglers *stragglers, int n_left)
{
    struct frame *f = &stragglers->frame;
    while (__builtin_popcount(stragglers->busy) > n_left) {
        lanes at = lanes_load(stragglers->at), spiked = lanes_load(stragglers->spiked);
        lanes sub_steps = lanes_add(lanes_load(stragglers->sub_steps), lanes_set1(1));
        const unsigned running = stragglers->busy & ~stragglers->done;
        f->acting = running;
        stragglers_look(stragglers);
        rkf45_sub_step(f, mask_from_bits(running), &at, &spiked);
        lanes_store(stragglers->at, at);
        lanes_store(stragglers->spiked, spiked);
        lanes_store(stragglers->sub_steps, sub_steps);
        lanes_mask unfinished = lanes_lt(at, f->dt);
        lanes_mask stuck = lanes_mask_and(unfinished, lanes_ge(sub_steps, lanes_set1(RKF45_SUB_STEPS_MAX)));
        stragglers_fail(a, stragglers, lanes_bits(stuck) & running);
        unsigned ended = running & ~lanes_bits(unfinished);
        if (ended)
            stragglers_end_step(a, stragglers, ended);
    }
}

/* The nodes `late` of a gang, lane k being the node first_node + k, leave it. They are on their way through a step: `at` is the
 * time within it that they have reached, after `sub_steps` sub-steps in which they spiked `spiked` times. */
HOOK_APART void stragglers_take(struct block_arguments *a, struct stragglers *stragglers, const struct frame *gang,
                                int first_node, int step, unsigned late, lanes at, lanes spiked, int sub_steps)
{
    const struct frame *f = &stragglers->frame;
    for (; late; late &= late - 1) {
        const int from = __builtin_ctz(late);
        stragglers_advance(a, stragglers, LANES_WIDTH - 1);
        const int lane = __builtin_ctz(~stragglers->busy);
        stragglers->busy |= 1u << lane;
        stragglers->node[lane] = first_node + from;
        stragglers->step[lane] = step;
        stragglers->index[lane] = lane_get(gang->index, from);
        copy_lane(gang_lane(f->slots, lane), gang_lane(gang->slots, from), MODEL_SLOTS);
        straggler_begin(a, stragglers, lane);
        stragglers->at[lane] = lane_get(at, from);
        stragglers->spiked[lane] = lane_get(spiked, from);
        stragglers->sub_steps[lane] = sub_steps;
    }
}
