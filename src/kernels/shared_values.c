#include "kernels/shared_values.h"

#include <math.h>
#include <string.h>

#include "kernels/interpreter.h"

double *shared_values(const struct shared_table *table, const struct model *model, const struct value *values, double dt,
                      double size, enum memory_tag tag)
{
    int n = model->n_variables;
    double *shared = memory_new((size_t)table->n_shared * sizeof(double), tag);
    double *parameters = MEMORY_NEW(n + 2, double, TEMPORARY);
    for (int k = 0; k < n; k++)
        parameters[k] = values[k].is_constant ? values[k].number : 0;
    parameters[n] = dt;
    parameters[n + 1] = size;
    interpret_uniform(&table->setup, parameters, shared);
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
