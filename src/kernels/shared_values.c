#include "kernels/shared_values.h"

#include <math.h>
#include <string.h>

#include "kernels/interpreter.h"

static const double *numbers_of(const struct list_source *list, const struct value *values, uint64_t *n)
{
    *n = list->variable < 0 ? list->n : values[list->variable].n_array;
    return list->variable < 0 ? list->numbers : values[list->variable].array;
}

static uint64_t lists_length(const struct shared_table *table, const struct value *values)
{
    uint64_t total = 0, n;
    for (int k = 0; k < table->n_step_lists; k++) {
        (void)numbers_of(&table->step_lists[k].times, values, &n);
        total += 2 * n;
    }
    return total;
}

/* The lists stand behind the table, one pair after the other; the checker has seen to it that both have the same length. */
static void fill_lists(const struct shared_table *table, const struct value *values, double *shared)
{
    uint64_t place = (uint64_t)table->n_shared, n;
    for (int k = 0; k < table->n_step_lists; k++) {
        const struct step_lists *lists = &table->step_lists[k];
        const double *times = numbers_of(&lists->times, values, &n), *numbers = numbers_of(&lists->values, values, &n);
        shared[lists->slot] = (double)place;
        shared[lists->slot + 1] = (double)n;
        if (n) {
            memcpy(shared + place, times, n * sizeof *times);
            memcpy(shared + place + n, numbers, n * sizeof *numbers);
        }
        place += 2 * n;
    }
}

double *shared_values(const struct shared_table *table, const struct model *model, const struct value *values, double dt,
                      double size, enum memory_tag tag)
{
    int n = model->n_variables;
    double *shared = memory_new(((size_t)table->n_shared + lists_length(table, values)) * sizeof(double), tag);
    double *parameters = MEMORY_NEW(n + 2, double, TEMPORARY);
    for (int k = 0; k < n; k++)
        parameters[k] = values[k].is_constant ? values[k].number : 0;
    parameters[n] = dt;
    parameters[n + 1] = size;
    interpret_uniform(&table->setup, parameters, shared);
    fill_lists(table, values, shared);
    memory_free(parameters);
    return shared;
}

/* ---- the propagator --------------------------------------------------------------------------------------------------------
 *
 * dx/dt = A x + b with constant b has x(dt) = P x + Q b; [P Q; 0 I] = exp([A I; 0 0] dt) (Van Loan 1978, IEEE Trans. Automat.
 * Contr. 23:395). Computed by scaling and squaring with a Taylor polynomial: after scaling to a norm of at most 1/2, 26 terms
 * leave less than 1e-36. Equal or zero eigenvalues need no special case. In quadruple precision, because every squaring doubles
 * the relative error, and where one variable is in amperes and the next in volts, or one is much faster than the others, there
 * are twenty of them and more. */

enum { TAYLOR_TERMS = 26 };

typedef __float128 quadruple;

static void multiply(int n, const quadruple *a, const quadruple *b, quadruple *out)
{
    memset(out, 0, (size_t)n * (size_t)n * sizeof *out);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++) {
            if (a[i * n + k] == 0) /* as most of an augmented matrix is */
                continue;
            for (int j = 0; j < n; j++)
                out[i * n + j] += a[i * n + k] * b[k * n + j];
        }
}

static double largest_row_sum(int n, const quadruple *a)
{
    double largest = 0;
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++)
            sum += fabs((double)a[i * n + j]);
        largest = sum > largest ? sum : largest;
    }
    return largest;
}

/* a is replaced by exp(a); Horner's scheme for the polynomial */
static void matrix_exponential(int n, quadruple *a)
{
    int size = n * n, halvings = 0;
    quadruple *sum = MEMORY_NEW(size, quadruple, TEMPORARY), *product = MEMORY_NEW(size, quadruple, TEMPORARY);
    for (double norm = largest_row_sum(n, a); norm > 0.5 && isfinite(norm); norm /= 2)
        halvings++;
    quadruple scale = ldexp(1, -halvings);
    for (int k = 0; k < size; k++)
        a[k] *= scale;
    for (int i = 0; i < n; i++)
        sum[i * n + i] = 1;
    for (int term = TAYLOR_TERMS; term > 0; term--) {
        multiply(n, a, sum, product);
        for (int k = 0; k < size; k++)
            sum[k] = product[k] / term;
        for (int i = 0; i < n; i++)
            sum[i * n + i] += 1;
    }
    for (int k = 0; k < halvings; k++) {
        multiply(n, sum, sum, product);
        memcpy(sum, product, (size_t)size * sizeof *sum);
    }
    memcpy(a, sum, (size_t)size * sizeof *a);
    memory_free(sum);
    memory_free(product);
}

static void fill_propagator(const struct node_plan *plan, double dt, double *shared)
{
    int n = plan->n_states;
    quadruple *augmented = MEMORY_NEW(4 * n * n, quadruple, TEMPORARY);
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            augmented[i * 2 * n + j] = (quadruple)shared[plan->matrix_slot[i * n + j]] * dt;
        augmented[i * 2 * n + n + i] = dt;
    }
    matrix_exponential(2 * n, augmented);
    double *p = shared + plan->propagator_slot, *q = p + n * n;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            p[i * n + j] = (double)augmented[i * 2 * n + j];
            q[i * n + j] = (double)augmented[i * 2 * n + n + j];
        }
    memory_free(augmented);
}

double *shared_values_of_nodes(const struct node_plan *plan, double dt)
{
    const struct population *population = plan->population;
    double *shared = shared_values(&plan->shared, plan->model, population->values, dt, population->size, MEMORY_NODES);
    if (plan->integrator == INTEGRATOR_EXACT)
        fill_propagator(plan, dt, shared);
    return shared;
}
