/* `population`: models, sizes, values, and the lists of spikes that follow from them. */
#include "language/check.h"

#include <stdlib.h>

/* Relative distance from the grid, in steps, at which a time still counts as a multiple of dt. */
#define GRID_TOLERANCE 1e-6

/* ---- lists of spikes ------------------------------------------------------------------------------------- */

struct emission {
    step_count step;
    node_index node; /* 0 where the list is for all nodes */
};

static int compare_emissions(const void *a, const void *b)
{
    const struct emission *x = a, *y = b;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

/* The step in whose course a node spikes so that the spike is stamped `time`. */
static int emission_step(const struct check *check, const struct population *population, double time, struct span span,
                         step_count *out, struct fault *fault)
{
    double dt = check->script->dt, steps = time / dt, nearest = rint(steps);
    bool at_end = population->model->spike_time_end;
    if (!(steps < 0x1p52))
        return source_fault(fault, span, "a spike at %g s is beyond the longest run", time);
    if (fabs(steps - nearest) > GRID_TOLERANCE * (1 + fabs(steps)))
        return source_fault(fault, span, "a spike at %.10g ms is not on the grid: times must be multiples of dt = %.10g ms",
                            time * 1e3, dt * 1e3);
    if (nearest < (at_end ? 1 : 0))
        return source_fault(fault, span, "a spike at %.10g ms is too early: times must be %s", time * 1e3,
                            at_end ? "above 0 ms" : "0 ms or later");
    *out = (step_count)nearest - at_end;
    return 0;
}

/* The step of one listed time, and whether the node spikes then. */
static int find_emission(const struct check *check, const struct population *population, const double *listed, struct span span,
                         step_count *step, bool *is_active, struct fault *fault)
{
    const struct emit *emit = &population->model->emit;
    struct bindings bindings = {
        .dt = check->script->dt, .model = population->model, .values = population->values, .element = listed};
    double time, condition = 1;
    bool is_known = constant_evaluate(emit->count, &bindings, &time);
    if (is_known)
        TRY(emission_step(check, population, time, span, step, fault));
    double time_in_steps = (double)*step;
    bindings.time_in_steps = &time_in_steps;
    if (!is_known || (emit->condition && !constant_evaluate(emit->condition, &bindings, &condition)))
        return source_fault(fault, span, "the parameters of '%s' must be the same for all nodes of '%s'", population->model->name,
                            population->name);
    *is_active = condition != 0;
    return 0;
}

/* A multiple of dt, the same for all nodes; 0: the spikes are not repeated. */
static int find_period(const struct check *check, struct population *population, struct fault *fault)
{
    const struct expression *period = population->model->emit.period;
    const struct bindings bindings = {.dt = check->script->dt, .model = population->model, .values = population->values};
    double time = 0, dt = check->script->dt;
    if (period && !constant_evaluate(period, &bindings, &time))
        return source_fault(fault, population->span, "the period of '%s' must be the same for all its nodes", population->name);
    const double steps = time / dt, nearest = rint(steps);
    if (!(nearest >= 0 && nearest < 0x1p52 && fabs(steps - nearest) <= GRID_TOLERANCE * (1 + steps)) ||
        (time > 0 && nearest == 0))
        return source_fault(fault, population->span,
                            "the period of '%s' must be a multiple of dt = %.10g ms, or 0 ms, not %.10g ms", population->name,
                            dt * 1e3, time * 1e3);
    population->emission_period = (step_count)nearest;
    return 0;
}

/* Repeated ones must have been emitted when they begin again. */
static int check_within_period(const struct check *check, const struct population *population, step_count last, struct span span,
                               struct fault *fault)
{
    const double dt = check->script->dt * 1e3;
    if (!population->emission_period || last < population->emission_period)
        return 0;
    return source_fault(fault, span,
                        "'%s' spikes in the step from %.10g ms on, which is not before the end of its period of %.10g ms",
                        population->name, (double)last * dt, (double)population->emission_period * dt);
}

/* All that are active and, if they are not repeated, not before step `now`; of the others that are active the number. */
static int find_emissions(const struct check *check, const struct population *population, const struct value *list,
                          struct span span, step_count now, struct emission *emissions, uint64_t *n, uint64_t *n_missed,
                          struct fault *fault)
{
    node_index node = 0;
    for (uint64_t k = 0; k < list->n_array; k++) {
        step_count step = 0;
        bool is_active = false;
        while (list->row_begin && list->row_begin[node + 1] <= k)
            node++;
        TRY(find_emission(check, population, &list->array[k], span, &step, &is_active, fault));
        const bool is_missed = is_active && step < now && !population->emission_period;
        TRY(check_within_period(check, population, step, span, fault));
        if (is_active && !is_missed)
            emissions[(*n)++] = (struct emission){step, node};
        *n_missed += is_missed;
    }
    return 0;
}

/* In a list of its own a node spikes once in a step. */
static int check_once(const struct check *check, const struct population *population, const struct emission *emissions,
                      uint64_t n, struct span span, struct fault *fault)
{
    const double dt = check->script->dt * 1e3;
    for (uint64_t k = 1; k < n; k++)
        if (compare_emissions(&emissions[k - 1], &emissions[k]) == 0)
            return source_fault(fault, span, "node %u of '%s' has two spikes in the step from %.10g ms to %.10g ms",
                                emissions[k].node, population->name, (double)emissions[k].step * dt,
                                (double)(emissions[k].step + 1) * dt);
    return 0;
}

static int keep_emissions(struct check *check, struct population *population, struct emission *emissions, uint64_t n,
                          bool is_by_node, struct span span, struct fault *fault)
{
    qsort(emissions, n, sizeof *emissions, compare_emissions);
    if (is_by_node)
        TRY(check_once(check, population, emissions, n, span, fault));
    population->n_emissions = n;
    population->emission_steps = ARENA_NEW(check->arena, n, step_count);
    population->emission_nodes = is_by_node ? ARENA_NEW(check->arena, n, node_index) : NULL;
    for (uint64_t k = 0; k < n; k++) {
        population->emission_steps[k] = emissions[k].step;
        if (is_by_node)
            population->emission_nodes[k] = emissions[k].node;
    }
    return 0;
}

int emissions_find(struct check *check, struct population *population, struct fault *fault)
{
    if (population->model->emit.kind != EMIT_AT)
        return 0;
    const struct value *list = &population->values[model_emission_list(population->model)];
    struct span span = list->expression ? list->expression->span : list->span;
    step_count now = script_epoch_begin(check->script, check->script->n_epochs);
    uint64_t n = 0, n_missed = 0;
    TRY(find_period(check, population, fault));
    struct emission *emissions = MEMORY_NEW(list->n_array, struct emission, TEMPORARY);
    if (find_emissions(check, population, list, span, now, emissions, &n, &n_missed, fault) == 0)
        (void)keep_emissions(check, population, emissions, n, list->row_begin, span, fault);
    memory_free(emissions);
    TRY(fault->status);
    if (n_missed)
        check_warn(check, span, "%llu spike%s before %.10g ms, when '%s' is created, will never be emitted",
                   (unsigned long long)n_missed, n_missed == 1 ? "" : "s", (double)now * check->script->dt * 1e3,
                   population->name);
    return 0;
}

/* ---- populations ----------------------------------------------------------------------------------------- */

static int check_size(struct check *check, const struct statement *statement, node_index *out, struct fault *fault)
{
    double size = 1;
    if (statement->value)
        TRY(constant_count(check, statement->value, "the size of a population", 1, (double)POPULATION_SIZE_MAX - 1, &size,
                           fault));
    *out = (node_index)size;
    return 0;
}

/* The model of a statement's own; in loops, whose passes may differ in their constants, a copy for each. */
static struct model *inline_model(struct check *check, const struct statement *statement, const char *name)
{
    struct model *model = check->loop ? model_clone(check->arena, statement->model) : statement->model;
    model->name = name;
    return model;
}

static int check_model_of(struct check *check, const struct statement *statement, const char *name, struct model **out,
                          struct fault *fault)
{
    if (!statement->model)
        return model_require(check, statement->model_name, statement->model_span, false, out, fault);
    *out = inline_model(check, statement, name);
    return model_check(check, *out, fault);
}

static struct value_table table_of(struct check *check, struct population *population)
{
    return (struct value_table){
        .check = check,
        .model = population->model,
        .values = population->values,
        .size = population->size,
    };
}

static int check_values(struct check *check, const struct settings *settings, struct population *population, struct fault *fault)
{
    struct value_table table = table_of(check, population);
    TRY(value_table_defaults(&table, fault));
    for (int k = 0; k < settings->n_items; k++) {
        const struct setting *setting = &settings->items[k];
        for (int earlier = 0; earlier < k; earlier++)
            if (strcmp(settings->items[earlier].name, setting->name) == 0)
                return source_fault(fault, setting->span, "'%s' is set twice, first at %s", setting->name,
                                    source_place(check->arena, settings->items[earlier].span));
        if (time_value_is_set(population->model, setting))
            continue;
        if (position_is_setting(population->model, setting->name))
            TRY(position_set(check, population, setting->name, setting->value, fault));
        else
            TRY(value_table_set(&table, setting->name, setting->span, setting->value, fault));
    }
    TRY(position_finish(population, fault));
    return value_table_finish(&table, fault);
}

int population_check(struct check *check, struct statement *statement, struct fault *fault)
{
    struct script *script = check->script;
    struct population population = {
        .name = statement->name, .span = statement->name_span, .index = script->n_populations, .epoch = script->n_epochs};
    struct model *model;
    uint32_t number = 0;
    if (statement->index)
        TRY(family_member_check(check, statement, &number, &population.name, fault));
    else if (check->loop)
        return source_fault(fault, statement->name_span,
                            "in a loop, populations are members of a family: population %s[%s][SIZE]", statement->name,
                            check->loop->variable);
    else
        TRY(name_check_new(check, statement->name, statement->name_span, fault));
    TRY(check_size(check, statement, &population.size, fault));
    TRY(check_model_of(check, statement, population.name, &model, fault));
    TRY(time_values_check(check, &statement->settings, &model, fault));
    population.model = model;
    population.values = ARENA_NEW(check->arena, model->n_variables, struct value);
    if (script->n_populations) {
        const struct population *last = &script->populations[script->n_populations - 1];
        if ((uint64_t)last->base + last->size + population.size > UINT32_MAX)
            return source_fault(fault, statement->span, "the populations have more than 2^32 nodes together");
        population.base = last->base + last->size;
    }
    TRY(check_values(check, &statement->settings, &population, fault));
    TRY(emissions_find(check, &population, fault));

    model_use(check, model);
    check->simulation_used = true; /* times of spikes have become steps */
    struct population *added = ARENA_PUSH(check->arena, script->populations, script->n_populations, check->populations_capacity,
                                          struct population);
    *added = population;
    struct named *named = named_add(check, NAMED_POPULATION, population.name, population.span);
    named->index = population.index;
    named->value = (struct constant_value){.type = TYPE_NODES, .set = set_of_population(check, added)};
    if (statement->index)
        family_member_add(check, statement, number, population.index);
    return 0;
}
