#include "kernels/shared_values.h"

#include <string.h>

#include "kernels/interpreter.h"
#include "kernels/propagator.h"
#include "language/timed_array.h"

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
    for (int k = 0; k < table->n_arrays; k++)
        total += table->arrays[k].call->n_list;
    return total;
}

/* The lists stand behind the table, one pair after the other; the checker has seen to it that both have the same length. */
static uint64_t fill_lists(const struct shared_table *table, const struct value *values, double *shared)
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
    return place;
}

/* The arrays stand behind the lists, from `place` on. */
static void fill_arrays(const struct shared_table *table, double dt, uint64_t place, double *shared)
{
    for (int k = 0; k < table->n_arrays; k++) {
        const struct expression *array = table->arrays[k].call;
        const uint64_t n_columns = array->n_columns ? array->n_columns : 1;
        double *head = shared + table->arrays[k].slot;
        head[ARRAY_BEGIN] = (double)place;
        head[ARRAY_ROWS] = (double)(array->n_list / n_columns);
        head[ARRAY_COLUMNS] = (double)n_columns;
        head[ARRAY_POINTS] = timed_array_points(array->list_dt, dt);
        head[ARRAY_FINE_STEP] = array->list_dt / head[ARRAY_POINTS];
        memcpy(shared + place, array->list, array->n_list * sizeof *shared);
        place += array->n_list;
    }
}

static void fill_keys(const struct shared_table *table, double *shared)
{
    for (int k = 0; k < table->n_draws; k++)
        for (int word = 0; word < 2; word++)
            shared[table->draws[k].slot + word] = table->draws[k].key.word[word];
}

double *shared_values(const struct shared_table *table, const struct model *model, const struct value *values, double dt,
                      double size, enum memory_tag tag)
{
    int n = model->n_variables;
    double *shared = memory_new(((size_t)table->n_shared + lists_length(table, values)) * sizeof(double), tag);
    double *parameters = MEMORY_NEW(n + 2 + table->n_borrowed, double, TEMPORARY);
    for (int k = 0; k < n; k++)
        parameters[k] = values[k].is_constant ? values[k].number : 0;
    parameters[n] = dt;
    parameters[n + 1] = size;
    for (int k = 0; k < table->n_borrowed; k++)
        parameters[n + 2 + k] = table->borrowed[k];
    interpret_uniform(&table->setup, parameters, shared);
    fill_arrays(table, dt, fill_lists(table, values, shared), shared);
    fill_keys(table, shared);
    memory_free(parameters);
    return shared;
}

double *shared_values_of_nodes(const struct node_plan *plan, double dt)
{
    const struct population *population = plan->population;
    double *shared = shared_values(&plan->shared, plan->model, population->values, dt, population->size, MEMORY_NODES);
    if (plan->integrator == INTEGRATOR_EXACT)
        propagator_fill_shared(plan, dt, shared);
    return shared;
}
