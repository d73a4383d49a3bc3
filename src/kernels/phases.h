/* A step in two halves, for nodes at which spikes may arrive in the step of their emission: such a spike must be known everywhere
 * before the step can end. BEGIN goes up to the thresholds, whose spikes then travel; END takes in what arrived, and resets.
 *
 * A call does END of one step and BEGIN of the next one in one pass, so the state is fetched once per step. Who is to be reset is
 * kept between the two as a bit of each node. What END has taken in it clears, so that the next arrivals can be added.
 * END itself can be asked for in two parts, for somebody who looks at the state in between.
 *
 * `threshold … after synapses` needs what arrives before it spikes: nodes with it take whole steps (plan_find_delays). */

/* Bits of the gang's nodes. */
HOOK unsigned gang_spiked(const struct block_arguments *a, const struct frame *f, int first_block)
{
    unsigned bits = 0;
    for (int k = 0; k < LANES_GANG; k++)
        bits |= gang_lacks(a, f, first_block, k) ? 0 : (unsigned)a->spiked[first_block + k] << k * LANES;
    return bits;
}

HOOK void gang_set_spiked(const struct block_arguments *a, const struct frame *f, int first_block, unsigned bits)
{
    for (int k = 0; k < LANES_GANG; k++)
        if (!gang_lacks(a, f, first_block, k))
            a->spiked[first_block + k] = (unsigned char)(bits >> k * LANES);
}

HOOK void gang_clear_arrivals(struct frame *f)
{
    for (int k = 0; k < MODEL_ARRIVALS; k++)
        lanes_store_gang(f->arrivals, (unsigned long)k * LANES, lanes_set1(0));
}

/* At which step the programs are. */
HOOK void gang_look(struct frame *f, const struct block_arguments *a, long long step)
{
    f->step = lanes_set1((double)step);
    f->time = lanes_set1((double)step * a->dt);
    f->evaluation = lanes_set1(0);
    block_read_refractory(f);
}

/* The step before the call's, or a part of its end. Returns the nodes whose state is not finite. */
HOOK unsigned gang_end(const struct block_arguments *a, struct frame *f, int first_block, unsigned live)
{
    f->acting = live;
    gang_look(f, a, a->first_step - 1);
    if (f->phases & BLOCK_TAKE_IN) {
        block_arrivals(f);
        gang_clear_arrivals(f);
    }
    if (!(f->phases & BLOCK_RESET))
        return 0;
    const unsigned spiked = MODEL_THRESHOLD == MODEL_THRESHOLD_GRID ? gang_spiked(a, f, first_block) : 0;
    if (spiked)
        model_reset(f, mask_from_bits(spiked));
    model_after_resets(f);
    return block_not_finite(f) & live;
}

HOOK void gang_begin(struct block_arguments *a, struct stragglers *stragglers, struct frame *f, int first_block, unsigned live)
{
    const int first_node = first_block * LANES, some_leave = MODEL_STEPPING == MODEL_STEPPING_RKF45;
    lanes spiked = lanes_set1(0);
    block_renew_refractory(f, f->present);
    if (some_leave) /* a straggler of this gang may be through before it */
        gang_set_spiked(a, f, first_block, 0);
    const unsigned running = gang_advance(a, stragglers, f, first_node, 0, live, &spiked);
    const unsigned resets = lanes_bits(block_begin_ends(f, &spiked)) & running;
    gang_set_spiked(a, f, first_block, some_leave ? gang_spiked(a, f, first_block) | resets : resets);
    if (MODEL_THRESHOLD == MODEL_THRESHOLD_SUB_STEP || resets)
        gang_emit(a, 0, first_node, spiked, running);
}

/* The phases that the call asks for. */
HOOK void gang_run_phases(struct block_arguments *a, struct stragglers *stragglers, int first_block, struct frame *f)
{
    const unsigned live = gang_live(a, f, first_block * LANES);
    f->present = mask_from_bits(live);
    if (MODEL_SPLIT && f->phases & BLOCK_END) {
        unsigned bad = gang_end(a, f, first_block, live);
        if (gang_fail_counts(a, f, -1, first_block * LANES))
            return;
        if (bad) {
            block_fail(a, BLOCK_NOT_FINITE, -1, first_block * LANES + __builtin_ctz(bad));
            return;
        }
    }
    gang_look(f, a, a->first_step);
    f->acting = live;
    if (f->phases & BLOCK_SHOW)
        model_couplings(f);
    if (MODEL_SPLIT && f->phases & BLOCK_BEGIN)
        gang_begin(a, stragglers, f, first_block, live);
    gang_fail_counts(a, f, 0, first_block * LANES);
}
