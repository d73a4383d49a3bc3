/* Method exact (plan/exact.h) where coefficients change from step to step: P = exp(B) and φ(B) = 1 + B/2! + B²/3! + … for the
 * B = A dt of this step, in units of the states. B is halved until its largest row sum is at most 1/2; then 15 terms of the
 * series leave less than 1e-18, and each doubling is φ(2B) = φ(B) + E φ(B)/2, E(2B) = 2 E + E², for E = P - 1 = B φ(B) (scaling
 * and squaring; Moler & Van Loan 2003, SIAM Rev. 45:3, method 3). Without the 1 in it, E keeps its digits however often it is
 * doubled, which is often where units do not suit the numbers. Each lane gets what it would get alone: where others need more
 * doublings it keeps its own. */

#define PROPAGATOR_TERMS 15
/* Entries of a matrix, of which MODEL_STATES² by rows are used. */
#define PROPAGATOR_ENTRIES (MODEL_PROPAGATOR_ROOM * MODEL_PROPAGATOR_ROOM)

/* Row sums of more than this are not halved: nothing that is finite could come of them. */
#define PROPAGATOR_NORM_MAX 1e18

/* out = a b */
HOOK void propagator_product(const struct frame *f, const lanes *a, const lanes *b, lanes *out)
{
    const int n = MODEL_STATES;
    (void)f; /* the interpreter's plan is there */
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            lanes sum = lanes_mul(a[i * n], b[j]);
            for (int k = 1; k < n; k++)
                sum = lanes_fma(a[i * n + k], b[k * n + j], sum);
            out[i * n + j] = sum;
        }
}

/* Halves B in each lane as often as its norm asks for, and tells how often; `done` is the most of all lanes. */
HOOK lanes propagator_scale(const struct frame *f, lanes *b, int *done)
{
    const int n = MODEL_STATES;
    lanes norm = lanes_set1(0), halvings = lanes_set1(0), factor = lanes_set1(1);
    for (int i = 0; i < n; i++) {
        lanes sum = lanes_set1(0);
        for (int j = 0; j < n; j++)
            sum = lanes_add(sum, lanes_abs(b[i * n + j]));
        norm = lanes_max(norm, sum);
    }
    const lanes_mask is_sane = lanes_lt(norm, lanes_set1(PROPAGATOR_NORM_MAX));
    for (*done = 0;; ++*done) {
        lanes_mask is_large = lanes_mask_and(is_sane, lanes_gt(lanes_mul(norm, factor), lanes_set1(0.5)));
        if (!lanes_any(is_large))
            break;
        factor = lanes_select(is_large, lanes_mul(factor, lanes_set1(0.5)), factor);
        halvings = lanes_add(halvings, lanes_select(is_large, lanes_set1(1), lanes_set1(0)));
    }
    for (int k = 0; k < n * n; k++)
        b[k] = lanes_mul(b[k], factor);
    return halvings;
}

/* φ(B) by Horner's scheme, and E = B φ(B). */
HOOK void propagator_series(const struct frame *f, const lanes *b, lanes *phi, lanes *e)
{
    const int n = MODEL_STATES;
    for (int k = 0; k < n * n; k++)
        phi[k] = lanes_set1(k % (n + 1) == 0);
    for (int term = PROPAGATOR_TERMS; term >= 2; term--) {
        propagator_product(f, b, phi, e);
        for (int k = 0; k < n * n; k++)
            phi[k] = lanes_add(lanes_div(e[k], lanes_set1(term)), lanes_set1(k % (n + 1) == 0));
    }
    propagator_product(f, b, phi, e);
}

/* From half of B to B, in the lanes of the mask. */
HOOK void propagator_double(const struct frame *f, lanes_mask mask, lanes *phi, lanes *e)
{
    const int n = MODEL_STATES;
    lanes product[PROPAGATOR_ENTRIES];
    propagator_product(f, e, phi, product);
    for (int k = 0; k < n * n; k++)
        phi[k] = lanes_select(mask, lanes_fma(product[k], lanes_set1(0.5), phi[k]), phi[k]);
    propagator_product(f, e, e, product);
    for (int k = 0; k < n * n; k++)
        e[k] = lanes_select(mask, lanes_fma(e[k], lanes_set1(2), product[k]), e[k]);
}

/* The entries of this step, in their slots. */
HOOK_APART void block_propagator(struct frame *f)
{
    const int n = MODEL_STATES;
    lanes b[PROPAGATOR_ENTRIES], phi[PROPAGATOR_ENTRIES], e[PROPAGATOR_ENTRIES];
    int doublings;
    for (int k = 0; k < n * n; k++)
        b[k] = lanes_set1(0);
    model_matrix(f, b);
    const lanes halvings = propagator_scale(f, b, &doublings);
    propagator_series(f, b, phi, e);
    for (int done = 0; done < doublings; done++)
        propagator_double(f, lanes_gt(halvings, lanes_set1(done)), phi, e);
    for (int k = 0; k < MODEL_PROPAGATED; k++) {
        const int place = MODEL_PROPAGATED_PLACE(k);
        const lanes of_state = lanes_add(e[place], lanes_set1(place % (n + 1) == 0));
        slot_store(f, MODEL_PROPAGATED_SLOT(k), MODEL_PROPAGATED_OF_INPUT(k) ? phi[place] : of_state);
    }
}
