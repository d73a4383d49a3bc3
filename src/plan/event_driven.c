/* dx_i/dt = a_i x_i + sum_j c_ij x_j + b_i, solved from the last event to this one, D later:
 *     x_i(D) = x_i e^(a_i D) + sum_j c_ij x_j f(a_i, a_j) + b_i f(a_i, 0)
 * with f of plan/divided_difference.h. Holds where every x_j that drives another one decays freely (no c, no b of its own). */
#include "plan/event_driven.h"

#include "plan/divided_difference.h"
#include "plan/linear.h"

struct event_system {
    int n;
    const int *unknowns;       /* [n] variables */
    struct linear_form *forms; /* [n] */
};

/* x_k at the last event */
static struct lowered old_value(struct lowering *lowering, const struct event_system *system, int k)
{
    return lower_leaf(lowering, OPCODE_NODE, lowering->places[system->unknowns[k]].slot);
}

static struct lowered decay_rate(struct lowering *lowering, const struct event_system *system, int k)
{
    return system->forms[k].has_coefficient[k] ? system->forms[k].coefficients[k] : lower_constant(lowering, 0);
}

static struct lowered solve_event_driven(struct lowering *lowering, const struct event_system *system, int k,
                                         struct lowered elapsed)
{
    const struct linear_form *form = &system->forms[k];
    struct lowered rate = decay_rate(lowering, system, k);
    struct lowered value = lower_binary(lowering, OPCODE_MULTIPLY, old_value(lowering, system, k),
                                        decay_over(lowering, rate, elapsed));
    for (int j = 0; j < system->n; j++) {
        if (j == k || !form->has_coefficient[j])
            continue;
        struct lowered response = divided_difference(lowering, rate, decay_rate(lowering, system, j), elapsed);
        struct lowered driven = lower_binary(lowering, OPCODE_MULTIPLY, form->coefficients[j], old_value(lowering, system, j));
        value = lower_binary(lowering, OPCODE_ADD, value, lower_binary(lowering, OPCODE_MULTIPLY, driven, response));
    }
    if (form->has_constant) {
        struct lowered response = divided_difference(lowering, rate, lower_constant(lowering, 0), elapsed);
        value = lower_binary(lowering, OPCODE_ADD, value, lower_binary(lowering, OPCODE_MULTIPLY, form->constant, response));
    }
    return value;
}

static bool refuse(struct obstacle *obstacle, struct span span, const char *text)
{
    *obstacle = (struct obstacle){span, text};
    return false;
}

static bool is_driven(const struct event_system *system, int k)
{
    bool driven = system->forms[k].has_constant;
    for (int j = 0; j < system->n; j++)
        driven |= j != k && system->forms[k].has_coefficient[j];
    return driven;
}

static bool check_chain(struct lowering *lowering, const struct event_system *system, struct obstacle *obstacle)
{
    const struct declaration *variables = lowering->model->variables;
    for (int k = 0; k < system->n; k++)
        for (int j = 0; j < system->n; j++) {
            if (j == k || !system->forms[k].has_coefficient[j] || !is_driven(system, j))
                continue;
            const struct declaration *driven = &variables[system->unknowns[k]], *driver = &variables[system->unknowns[j]];
            return refuse(obstacle, driven->name_span,
                          arena_format(lowering->arena,
                                       "'%s' is driven by '%s', which is driven itself, and equations may form chains of two in "
                                       "this version",
                                       driven->name, driver->name));
        }
    return true;
}

/* The linear form of each equation. */
static bool find_forms(struct lowering *lowering, struct event_system *system, struct obstacle *obstacle)
{
    const struct model *synapse = lowering->model;
    system->forms = ARENA_NEW(lowering->arena, system->n, struct linear_form);
    for (int k = 0; k < system->n; k++) {
        const struct expression *equation = synapse->variables[system->unknowns[k]].equation, *culprit = equation;
        if (!linear_form(lowering, equation, system->unknowns, system->n, &system->forms[k], &culprit))
            return refuse(obstacle, culprit->span,
                          "it must be linear in the variables that have such equations, with coefficients that do not change "
                          "meanwhile");
    }
    return check_chain(lowering, system, obstacle);
}

bool closed_form_advance(struct lowering *lowering, const int *unknowns, const struct lowered *elapsed, int n,
                         struct obstacle *obstacle)
{
    struct event_system system = {.n = n, .unknowns = unknowns};
    if (!find_forms(lowering, &system, obstacle))
        return false;
    struct lowered *advanced = ARENA_NEW(lowering->arena, n, struct lowered);
    for (int k = 0; k < n; k++)
        advanced[k] = solve_event_driven(lowering, &system, k, elapsed[k]);
    for (int k = 0; k < n; k++) {
        lowering->assigned[unknowns[k]] = advanced[k];
        lowering->is_assigned[unknowns[k]] = true;
    }
    return true;
}

int event_driven_advance(struct lowering *lowering, const int *unknowns, const struct lowered *elapsed, int n,
                         struct fault *fault)
{
    struct obstacle obstacle;
    bool is_solved = closed_form_advance(lowering, unknowns, elapsed, n, &obstacle);
    if (is_solved && (program_uses(lowering->program, OPCODE_TIME) || program_uses(lowering->program, OPCODE_STEP)))
        is_solved = refuse(&obstacle, lowering->model->variables[unknowns[0]].name_span, "it may not change in time");
    if (!is_solved)
        return source_fault(fault, obstacle.span, "this event-driven equation has no solution in closed form: %s", obstacle.text);
    return 0;
}
