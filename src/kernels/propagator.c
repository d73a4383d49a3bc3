/* With B = A dt, P = exp(B) and Q = dt φ(B), where φ(B) = 1 + B/2! + B²/3! + …, and P = 1 + B φ(B). B is halved until its largest
 * row sum is at most 1/2; then 25 terms of the series leave less than 1e-34, and each doubling is φ(2B) = (φ(B) + P φ(B))/2,
 * P(2B) = P(B)² (scaling and squaring; Moler & Van Loan 2003, SIAM Rev. 45:3, method 3). Equal or zero eigenvalues need no
 * special case. First each state is measured in its declared unit, to a power of two: a current in amperes beside a potential in
 * volts would need twenty doublings.
 *
 * All numbers are sums of two doubles, high + low (Joldes, Muller & Popescu 2017, doi:10.1145/3121432): the error is below 1e-30
 * and does not show in the result, whatever the order of the operations. LANES matrices are computed at once, each as if it were
 * alone. Products skip what is 0 by the structure of A, as most of it is. With three states, as in iaf_psc_exp, this takes about
 * a microsecond per node. */
#include "kernels/propagator.h"

#include <math.h>
#include <string.h>

#include "plan/exact.h"
#include "support/lanes.h"

enum { SERIES_TERMS = 25 };

/* ---- sums of two doubles ---- */

struct pair {
    lanes high, low; /* |low| <= ulp(high)/2 */
};

static struct pair pair_of(lanes value)
{
    return (struct pair){value, lanes_set1(0)};
}

/* a + b without error, for |a| >= |b| or a = 0 */
static struct pair quick_sum(lanes a, lanes b)
{
    lanes sum = lanes_add(a, b);
    return (struct pair){sum, lanes_sub(b, lanes_sub(sum, a))};
}

static struct pair exact_sum(lanes a, lanes b)
{
    lanes sum = lanes_add(a, b), part_of_b = lanes_sub(sum, a);
    return (struct pair){sum, lanes_add(lanes_sub(a, lanes_sub(sum, part_of_b)), lanes_sub(b, part_of_b))};
}

static struct pair exact_product(lanes a, lanes b)
{
    lanes product = lanes_mul(a, b);
    return (struct pair){product, lanes_fma(a, b, lanes_neg(product))};
}

/* their algorithm 6 */
static struct pair pair_add(struct pair a, struct pair b)
{
    struct pair high = exact_sum(a.high, b.high), low = exact_sum(a.low, b.low);
    struct pair sum = quick_sum(high.high, lanes_add(high.low, low.high));
    return quick_sum(sum.high, lanes_add(low.low, sum.low));
}

/* their algorithm 12 */
static struct pair pair_multiply(struct pair a, struct pair b)
{
    struct pair product = exact_product(a.high, b.high);
    lanes cross = lanes_fma(a.low, b.high, lanes_fma(a.high, b.low, lanes_mul(a.low, b.low)));
    return quick_sum(product.high, lanes_add(product.low, cross));
}

/* their algorithm 15, with the product of the quotient taken exactly */
static struct pair pair_divide(struct pair a, double by)
{
    lanes divisor = lanes_set1(by), quotient = lanes_div(a.high, divisor);
    struct pair product = exact_product(quotient, divisor);
    lanes rest = lanes_add(lanes_sub(lanes_sub(a.high, product.high), product.low), a.low);
    return quick_sum(quotient, lanes_div(rest, divisor));
}

/* by a power of two */
static struct pair pair_scale(struct pair a, lanes by)
{
    return (struct pair){lanes_mul(a.high, by), lanes_mul(a.low, by)};
}

static struct pair pair_select(lanes_mask mask, struct pair a, struct pair b)
{
    return (struct pair){lanes_select(mask, a.high, b.high), lanes_select(mask, a.low, b.low)};
}

/* ---- matrices ---- */

struct propagator {
    const struct node_plan *plan;
    double dt;
    int n;
    int *exponent;        /* [n] 2 to this is about the declared unit of state k; owned */
    bool *acts, *reaches; /* [n²] structure of A and of its powers (exact_structure); owned */
    lanes *coefficients;  /* [n²] A, per second; owned */
    struct pair *b;       /* [n²] A dt, scaled; owned */
    struct pair *phi, *p; /* [n²] φ(B), exp(B); owned */
    struct pair *product; /* [n²]; owned */
    double *registers;    /* of plan->exact.varying; owned */
};

void propagator_create(const struct node_plan *plan, double dt, struct propagator **out)
{
    const int n = plan->n_states;
    struct propagator *propagator = MEMORY_NEW(1, struct propagator, TEMPORARY);
    *propagator = (struct propagator){.plan = plan, .dt = dt, .n = n};
    propagator->exponent = MEMORY_NEW(n, int, TEMPORARY);
    propagator->acts = MEMORY_NEW(n * n, bool, TEMPORARY);
    propagator->reaches = MEMORY_NEW(n * n, bool, TEMPORARY);
    propagator->coefficients = MEMORY_NEW(n * n, lanes, TEMPORARY);
    propagator->b = MEMORY_NEW(n * n, struct pair, TEMPORARY);
    propagator->phi = MEMORY_NEW(n * n, struct pair, TEMPORARY);
    propagator->p = MEMORY_NEW(n * n, struct pair, TEMPORARY);
    propagator->product = MEMORY_NEW(n * n, struct pair, TEMPORARY);
    propagator->registers = memory_new(interpreter_scratch_bytes(&plan->exact.varying), MEMORY_TEMPORARY);
    for (int k = 0; k < n; k++)
        propagator->exponent[k] = ilogb(plan->model->variables[plan->slots[k].variable].unit.scale);
    exact_structure(plan, propagator->acts, propagator->reaches);
    *out = propagator;
}

void propagator_destroy(struct propagator **destroyed)
{
    struct propagator *propagator = *destroyed;
    memory_free(propagator->exponent);
    memory_free(propagator->acts);
    memory_free(propagator->reaches);
    memory_free(propagator->coefficients);
    memory_free(propagator->b);
    memory_free(propagator->phi);
    memory_free(propagator->p);
    memory_free(propagator->product);
    memory_free(propagator->registers);
    memory_free(propagator);
    *destroyed = NULL;
}

/* product = a x, where a has the structure `acts` and x that of its powers. */
static void multiply(struct propagator *propagator, const bool *acts, const struct pair *a, const struct pair *x)
{
    const int n = propagator->n;
    const bool *reaches = propagator->reaches;
    memset(propagator->product, 0, (size_t)(n * n) * sizeof *propagator->product);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            for (int j = 0; acts[i * n + k] && j < n; j++)
                if (reaches[k * n + j]) {
                    struct pair *entry = &propagator->product[i * n + j];
                    *entry = pair_add(*entry, pair_multiply(a[i * n + k], x[k * n + j]));
                }
}

/* ---- the series ---- */

/* B = A dt in units of the states, halved in each lane as often as its norm asks for. Returns how often, [LANES]. */
static void scale(struct propagator *propagator, int halvings[LANES])
{
    const int n = propagator->n;
    _Alignas(LANES_ALIGNMENT) double norm[LANES], factor[LANES];
    lanes largest = lanes_set1(0);
    for (int i = 0; i < n; i++) {
        lanes sum = lanes_set1(0);
        for (int j = 0; j < n; j++) {
            lanes to_units = lanes_set1(ldexp(1, propagator->exponent[j] - propagator->exponent[i]));
            struct pair entry = exact_product(propagator->coefficients[i * n + j], lanes_set1(propagator->dt));
            propagator->b[i * n + j] = pair_scale(entry, to_units);
            sum = lanes_add(sum, lanes_abs(propagator->b[i * n + j].high));
        }
        largest = lanes_max(largest, sum);
    }
    lanes_store(norm, largest);
    for (int lane = 0; lane < LANES; lane++) {
        bool is_large = norm[lane] > 0.5 && isfinite(norm[lane]);
        halvings[lane] = is_large ? ilogb(norm[lane]) + 2 : 0;
        factor[lane] = ldexp(1, -halvings[lane]);
    }
    for (int k = 0; k < n * n; k++)
        propagator->b[k] = pair_scale(propagator->b[k], lanes_load(factor));
}

/* φ(B) by Horner's scheme, and P = 1 + B φ(B). */
static void sum_series(struct propagator *propagator)
{
    const int n = propagator->n;
    const struct pair one = pair_of(lanes_set1(1));
    memset(propagator->phi, 0, (size_t)(n * n) * sizeof *propagator->phi);
    for (int i = 0; i < n; i++)
        propagator->phi[i * n + i] = one;
    for (int term = SERIES_TERMS; term >= 1; term--) {
        multiply(propagator, propagator->acts, propagator->b, propagator->phi);
        struct pair *sum = term > 1 ? propagator->phi : propagator->p;
        for (int k = 0; k < n * n; k++)
            sum[k] = pair_divide(propagator->product[k], term);
        for (int i = 0; i < n; i++)
            sum[i * n + i] = pair_add(sum[i * n + i], one);
    }
}

/* From half of B to B, in the lanes of the mask. */
static void double_once(struct propagator *propagator, lanes_mask mask)
{
    const int n = propagator->n;
    multiply(propagator, propagator->reaches, propagator->p, propagator->phi);
    for (int k = 0; k < n * n; k++) {
        struct pair sum = pair_scale(pair_add(propagator->phi[k], propagator->product[k]), lanes_set1(0.5));
        propagator->phi[k] = pair_select(mask, sum, propagator->phi[k]);
    }
    multiply(propagator, propagator->reaches, propagator->p, propagator->p);
    for (int k = 0; k < n * n; k++)
        propagator->p[k] = pair_select(mask, propagator->product[k], propagator->p[k]);
}

/* From the coefficients to φ and P. */
static void compute(struct propagator *propagator)
{
    int halvings[LANES];
    scale(propagator, halvings);
    sum_series(propagator);
    for (int done = 0;; done++) {
        unsigned left = 0;
        for (int lane = 0; lane < LANES; lane++)
            left |= (unsigned)(halvings[lane] > done) << lane;
        if (!left)
            return;
        double_once(propagator, mask_from_bits((unsigned char)left));
    }
}

/* In SI units again. */
static lanes entry_value(const struct propagator *propagator, const struct propagator_entry *entry)
{
    const int n = propagator->n, place = entry->row * n + entry->column;
    lanes from_units = lanes_set1(ldexp(1, propagator->exponent[entry->row] - propagator->exponent[entry->column]));
    struct pair value = entry->of_input ? pair_multiply(propagator->phi[place], pair_of(lanes_set1(propagator->dt)))
                                        : propagator->p[place];
    return lanes_mul(value.high, from_units);
}

/* ---- all nodes, and those of a block ---- */

static void take_shared(struct propagator *propagator, const double *shared)
{
    const int *slot = propagator->plan->exact.shared_coefficient;
    for (int k = 0; k < propagator->n * propagator->n; k++)
        propagator->coefficients[k] = lanes_set1(slot[k] >= 0 ? shared[slot[k]] : 0);
}

/* What differs between nodes counts as 0 here, and what changes from step to step: they do not act on what is the same for all.
 */
void propagator_fill_shared(const struct node_plan *plan, double dt, double *shared)
{
    struct propagator *propagator;
    propagator_create(plan, dt, &propagator);
    take_shared(propagator, shared);
    compute(propagator);
    for (int k = 0; k < plan->exact.n_entries; k++)
        if (!plan->exact.entries[k].varies && !plan->exact.entries[k].changes)
            shared[plan->exact.entries[k].slot] = lane_get(entry_value(propagator, &plan->exact.entries[k]), 0);
    propagator_destroy(&propagator);
}

void propagator_fill_block(struct propagator *propagator, const struct interpreter_leaves *leaves, double *slots)
{
    const struct exact_plan *exact = &propagator->plan->exact;
    interpret(&exact->varying, leaves, propagator->registers);
    take_shared(propagator, leaves->shared);
    for (int k = 0; k < exact->varying.n_outputs; k++)
        propagator->coefficients[exact->varying.outputs[k].slot] = lanes_load(propagator->registers +
                                                                              exact->varying.outputs[k].reg * LANES);
    compute(propagator);
    for (int k = 0; k < exact->n_entries; k++)
        if (exact->entries[k].varies)
            lanes_store(slots + exact->entries[k].slot * LANES, entry_value(propagator, &exact->entries[k]));
}
