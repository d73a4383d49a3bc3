/* Runge–Kutta–Fehlberg 4(5) with adaptive sub-steps, each lane with its own (Fehlberg 1969, NASA TR R-315; the fifth-order
 * solution is propagated). Step control as in the GNU Scientific Library, which NEST uses: with D = abs + rel*|h dy/dt| and r =
 * max |error|/D, r > 1.1: try again with h*max(0.9 r^(-1/5), 1/5);   r < 0.5: go on with h*min(max(0.9 r^(-1/6), 1), 5). A
 * sub-step never passes the end of the step, and h is carried over to the next step.
 *
 * Two shortcuts that change no bit of the result: a lane that was accepted with the whole step as its sub-step keeps h = dt,
 * whatever growth its error would allow, since the next step would cut h to dt anyway; and D needs the derivative at the end only
 * where |error|/abs alone does not decide.
 *
 * The including text defines the MODEL_… constants and hooks; see block.h. */

#define RKF45_SUB_STEPS_MAX 100000

struct rkf45_trial {
    lanes y[MODEL_STATES_ROOM];
    lanes error[MODEL_STATES_ROOM];
};

HOOK lanes rkf45_sum2(lanes a, double ca, lanes b, double cb)
{
    return lanes_fma(lanes_set1(cb), b, lanes_mul(lanes_set1(ca), a));
}

HOOK void rkf45_stage(struct frame *f, const lanes *y, lanes *rate, lanes start, lanes h, double fraction)
{
    f->time = lanes_fma(lanes_set1(fraction), h, start);
    model_derivative(f, y, rate);
}

/* One sub-step of length h from y, which begins at time `start`. */
HOOK void rkf45_try(struct frame *f, const lanes *y, lanes start, lanes h, struct rkf45_trial *trial)
{
    lanes k1[MODEL_STATES_ROOM], k2[MODEL_STATES_ROOM], k3[MODEL_STATES_ROOM];
    lanes k4[MODEL_STATES_ROOM], k5[MODEL_STATES_ROOM], k6[MODEL_STATES_ROOM], stage[MODEL_STATES_ROOM];
    const int n = MODEL_STATES;
    rkf45_stage(f, y, k1, start, h, 0.0);
    for (int k = 0; k < n; k++)
        stage[k] = lanes_fma(h, lanes_mul(lanes_set1(1.0 / 4), k1[k]), y[k]);
    rkf45_stage(f, stage, k2, start, h, 1.0 / 4);
    for (int k = 0; k < n; k++)
        stage[k] = lanes_fma(h, rkf45_sum2(k1[k], 3.0 / 32, k2[k], 9.0 / 32), y[k]);
    rkf45_stage(f, stage, k3, start, h, 3.0 / 8);
    for (int k = 0; k < n; k++) {
        lanes sum = rkf45_sum2(k1[k], 1932.0 / 2197, k2[k], -7200.0 / 2197);
        stage[k] = lanes_fma(h, lanes_fma(lanes_set1(7296.0 / 2197), k3[k], sum), y[k]);
    }
    rkf45_stage(f, stage, k4, start, h, 12.0 / 13);
    for (int k = 0; k < n; k++) {
        lanes sum = rkf45_sum2(k1[k], 439.0 / 216, k2[k], -8.0);
        sum = lanes_fma(lanes_set1(3680.0 / 513), k3[k], sum);
        stage[k] = lanes_fma(h, lanes_fma(lanes_set1(-845.0 / 4104), k4[k], sum), y[k]);
    }
    rkf45_stage(f, stage, k5, start, h, 1.0);
    for (int k = 0; k < n; k++) {
        lanes sum = rkf45_sum2(k1[k], -8.0 / 27, k2[k], 2.0);
        sum = lanes_fma(lanes_set1(-3544.0 / 2565), k3[k], sum);
        sum = lanes_fma(lanes_set1(1859.0 / 4104), k4[k], sum);
        stage[k] = lanes_fma(h, lanes_fma(lanes_set1(-11.0 / 40), k5[k], sum), y[k]);
    }
    rkf45_stage(f, stage, k6, start, h, 1.0 / 2);
    for (int k = 0; k < n; k++) {
        lanes sum = rkf45_sum2(k1[k], 16.0 / 135, k3[k], 6656.0 / 12825);
        sum = lanes_fma(lanes_set1(28561.0 / 56430), k4[k], sum);
        sum = lanes_fma(lanes_set1(-9.0 / 50), k5[k], sum);
        trial->y[k] = lanes_fma(h, lanes_fma(lanes_set1(2.0 / 55), k6[k], sum), y[k]);
        sum = rkf45_sum2(k1[k], 1.0 / 360, k3[k], -128.0 / 4275);
        sum = lanes_fma(lanes_set1(-2197.0 / 75240), k4[k], sum);
        sum = lanes_fma(lanes_set1(1.0 / 50), k5[k], sum);
        trial->error[k] = lanes_mul(h, lanes_fma(lanes_set1(2.0 / 55), k6[k], sum));
    }
}

/* Lanes in which |error| <= 1.1 abs for every state: r <= 1.1, whatever D adds to abs. */
HOOK lanes_mask rkf45_surely_accepted(const struct frame *f, const struct rkf45_trial *trial)
{
    lanes_mask beyond = lanes_lt(f->dt, lanes_set1(0)); /* none so far */
    for (int k = 0; k < MODEL_STATES; k++) {
        lanes limit = lanes_set1(1.1 * f->shared[MODEL_TOLERANCE_SLOT + k]);
        beyond = lanes_mask_or(beyond, lanes_gt(lanes_abs(trial->error[k]), limit));
    }
    return lanes_mask_not(beyond);
}

/* r = max over the states of |error|/(abs + rel*|h dy/dt|). The fractions are compared crosswise, so that only the largest is
 * divided; one that is NaN does not count. */
HOOK lanes rkf45_ratio(const struct frame *f, const struct rkf45_trial *trial, lanes h, const lanes *rate)
{
    lanes above = lanes_set1(0), below = lanes_set1(1);
    lanes relative = lanes_set1(f->shared[MODEL_TOLERANCE_SLOT + MODEL_STATES]);
    for (int k = 0; k < MODEL_STATES; k++) {
        lanes absolute = lanes_set1(f->shared[MODEL_TOLERANCE_SLOT + k]), error = lanes_abs(trial->error[k]);
        lanes scale = lanes_fma(relative, lanes_abs(lanes_mul(h, rate[k])), absolute);
        lanes_mask larger = lanes_gt(lanes_mul(error, below), lanes_mul(above, scale));
        above = lanes_select(larger, error, above);
        below = lanes_select(larger, scale, below);
    }
    return lanes_div(above, below);
}

/* r^(-1/p) */
HOOK lanes rkf45_root(lanes ratio, double order)
{
    return lanes_exp(lanes_mul(lanes_log(ratio), lanes_set1(-1.0 / order)));
}

HOOK lanes rkf45_shrunk(lanes h, lanes ratio)
{
    return lanes_mul(h, lanes_max(lanes_mul(lanes_set1(0.9), rkf45_root(ratio, 5)), lanes_set1(0.2)));
}

HOOK lanes rkf45_grown(lanes h, lanes ratio)
{
    lanes factor = lanes_min(lanes_mul(lanes_set1(0.9), rkf45_root(ratio, 6)), lanes_set1(5));
    lanes larger = lanes_mul(h, lanes_max(factor, lanes_set1(1)));
    return lanes_select(lanes_lt(ratio, lanes_set1(0.5)), larger, h);
}

/* One sub-step of each of the lanes `busy`, which has reached the time `reached` within the step. `spiked` counts threshold
 * crossings per lane. The other lanes stay as they are. */
HOOK_APART void rkf45_sub_step(struct frame *f, lanes_mask busy, lanes *reached, lanes *spiked)
{
    lanes y[MODEL_STATES_ROOM], rate[MODEL_STATES_ROOM];
    struct rkf45_trial trial;
    const lanes step_start = f->time, dt = f->dt, at = *reached;
    lanes planned = slot_load(f, MODEL_SUB_STEP_SLOT);
    lanes rest = lanes_sub(dt, at);
    lanes_mask last = lanes_gt(planned, rest);
    lanes h = lanes_select(last, rest, planned);
    for (int k = 0; k < MODEL_STATES; k++)
        y[k] = slot_load(f, k);
    rkf45_try(f, y, lanes_add(step_start, at), h, &trial);
    lanes_mask whole = lanes_eq(h, dt);
    lanes_mask undecided = lanes_mask_not(lanes_mask_and(whole, rkf45_surely_accepted(f, &trial)));
    lanes_mask rejected = lanes_mask_andnot(whole, whole);
    lanes next = h;
    if (lanes_any(lanes_mask_and(busy, undecided))) {
        f->time = lanes_add(lanes_add(step_start, at), h);
        model_derivative(f, trial.y, rate);
        lanes ratio = rkf45_ratio(f, &trial, h, rate);
        lanes shrunk = rkf45_shrunk(h, ratio);
        lanes_mask too_small = lanes_eq(lanes_add(at, shrunk), at); /* the clock would stand still: take the sub-step as it is */
        rejected = lanes_mask_andnot(lanes_mask_and(undecided, lanes_gt(ratio, lanes_set1(1.1))), too_small);
        next = lanes_select(rejected, shrunk, lanes_select(whole, h, rkf45_grown(h, ratio)));
    }
    lanes_mask accepted = lanes_mask_andnot(busy, rejected);
    slot_store_where(f, MODEL_SUB_STEP_SLOT, busy, next);
    for (int k = 0; k < MODEL_STATES; k++)
        slot_store(f, k, lanes_select(accepted, trial.y[k], y[k]));
    *reached = lanes_select(accepted, lanes_select(lanes_mask_or(last, whole), dt, lanes_add(at, h)), at);
    if (MODEL_THRESHOLD == MODEL_THRESHOLD_SUB_STEP) {
        f->time = lanes_add(step_start, *reached);
        block_spike_and_reset(f, accepted, spiked);
    }
    f->time = step_start;
}

/* The whole step as one sub-step. Returns the lanes among `busy` for which it is too long; they have to begin again from y, which
 * is still what is stored. */
HOOK lanes_mask rkf45_whole_step(struct frame *f, lanes_mask busy, const lanes *y, lanes planned, struct rkf45_trial *trial)
{
    lanes rate[MODEL_STATES_ROOM];
    const lanes start = f->time;
    rkf45_try(f, y, start, f->dt, trial);
    lanes_mask rejected = lanes_mask_andnot(busy, rkf45_surely_accepted(f, trial));
    if (lanes_any(rejected)) {
        f->time = lanes_add(start, f->dt);
        model_derivative(f, trial->y, rate);
        rejected = lanes_mask_and(rejected, lanes_gt(rkf45_ratio(f, trial, f->dt, rate), lanes_set1(1.1)));
    }
    f->time = start;
    return lanes_mask_or(rejected, lanes_mask_and(busy, lanes_lt(planned, f->dt)));
}

/* Where it was not too long. */
HOOK void rkf45_take_whole_step(struct frame *f, lanes_mask busy, const struct rkf45_trial *trial, lanes *spiked)
{
    const lanes start = f->time;
    slot_store(f, MODEL_SUB_STEP_SLOT, f->dt);
    for (int k = 0; k < MODEL_STATES; k++)
        slot_store(f, k, trial->y[k]);
    if (MODEL_THRESHOLD == MODEL_THRESHOLD_SUB_STEP) {
        f->time = lanes_add(start, f->dt);
        block_spike_and_reset(f, busy, spiked);
        f->time = start;
    }
}
