/* The method `exact` of plan/exact.h.
 *
 * What differs between nodes, and what changes from step to step, is found from the structure of A alone. State j acts on state i
 * within a step if there is a way from j to i along the coefficients that are not 0: else the entries (i, j) of P and Q are 0.
 * They differ between nodes, or change, if some coefficient on some such way does. Of the entries that change, those of a state
 * that nothing acts on but itself, and those of one step from such a state to another, have closed forms; the others are computed
 * in each step from the matrix (kernels/changing_propagator.h). */
#include "plan/exact.h"

#include <math.h>

#include "plan/divided_difference.h"
#include "plan/integrator.h"
#include "plan/linear.h"
#include "plan/within_step.h"

/* The equations, and what follows from their structure. All matrices are [n²], by rows. */
struct exact_system {
    int n;
    struct linear_form *forms; /* [n] */
    bool *acts;                /* A has this coefficient */
    bool *coefficient_changes; /* from step to step */
    bool *reaches;             /* acts, directly or through others, or is the state itself */
    bool *varies, *changes;    /* the entry of P and Q differs between nodes; changes from step to step */
};

static struct exact_system system_begin(const struct lowering *lowering, int n)
{
    return (struct exact_system){
        .n = n,
        .forms = ARENA_NEW(lowering->arena, n, struct linear_form),
        .acts = ARENA_NEW(lowering->arena, n * n, bool),
        .coefficient_changes = ARENA_NEW(lowering->arena, n * n, bool),
        .reaches = ARENA_NEW(lowering->arena, n * n, bool),
        .varies = ARENA_NEW(lowering->arena, n * n, bool),
        .changes = ARENA_NEW(lowering->arena, n * n, bool),
    };
}

/* ---- the equations ---- */

static const struct declaration *variable_of(const struct node_plan *plan, int state)
{
    return &plan->model->variables[plan->slots[state].variable];
}

static bool is_linear(struct lowering *lowering, const struct node_plan *plan, int state, struct linear_form *form,
                      struct obstacle *obstacle)
{
    int *unknowns = ARENA_NEW(lowering->arena, plan->n_states, int);
    const struct expression *culprit;
    for (int k = 0; k < plan->n_states; k++)
        unknowns[k] = plan->slots[k].variable;
    if (linear_form(lowering, variable_of(plan, state)->equation, unknowns, plan->n_states, form, &culprit))
        return true;
    obstacle->span = culprit->span;
    obstacle->text = arena_format(lowering->arena, "the equations of '%s' must be linear in the state variables",
                                  plan->model->name);
    return false;
}

static bool is_constant_over_step(struct lowering *lowering, const struct node_plan *plan, int state, struct obstacle *obstacle)
{
    const struct declaration *variable = variable_of(plan, state);
    const struct expression *culprit = changing_within_step(plan->model, variable->equation, lowering->dt);
    if (!culprit)
        return true;
    obstacle->span = culprit->span;
    obstacle->text = arena_format(lowering->arena,
                                  "'%s' changes within a step, in the equation of '%s'; as a part of an equation that is "
                                  "(constant over dt) it would be held",
                                  culprit->name, variable->name);
    return false;
}

static bool drives_others(const struct exact_system *system, int state)
{
    for (int i = 0; i < system->n; i++)
        if (i != state && system->forms[i].has_coefficient[state])
            return true;
    return false;
}

/* Those whom it drives see that a variable stands still. What it would become itself is of no interest then (integrator_end). */
static void let_stand(struct lowering *lowering, struct exact_system *system, int state)
{
    struct linear_form *form = &system->forms[state];
    struct lowered moves = lower_leaf(lowering, OPCODE_NOT_REFRACTORY, 0), zero = lower_constant(lowering, 0);
    for (int j = 0; j < system->n; j++)
        if (form->has_coefficient[j])
            form->coefficients[j] = lower_operation(lowering, OPCODE_SELECT, moves, form->coefficients[j], zero);
    if (form->has_constant)
        form->constant = lower_operation(lowering, OPCODE_SELECT, moves, form->constant, zero);
}

/* Are the equations linear, with A and b that are constant within a step? */
static bool take_forms(struct lowering *lowering, const struct node_plan *plan, struct exact_system *system,
                       struct obstacle *obstacle)
{
    for (int k = 0; k < system->n; k++)
        if (!is_linear(lowering, plan, k, &system->forms[k], obstacle) || !is_constant_over_step(lowering, plan, k, obstacle))
            return false;
    for (int k = 0; k < system->n; k++) {
        if (integrator_stands(plan, k) && drives_others(system, k))
            let_stand(lowering, system, k);
        for (int j = 0; j < system->n; j++)
            system->acts[k * system->n + j] = system->forms[k].has_coefficient[j];
    }
    return true;
}

/* ---- the coefficients ---- */

static struct lowered coefficient_of(const struct exact_system *system, int place)
{
    return system->forms[place / system->n].coefficients[place % system->n];
}

static bool changes_between_steps(const struct lowering *lowering, const struct node_plan *plan, struct lowered coefficient)
{
    struct program program;
    if (coefficient.uniform || !plan->population) /* what differs between synapses is found in each step, as it is then */
        return false;
    program_copy(lowering->program, &program);
    program_output(&program, 0, coefficient.reg);
    program_finish(&program);
    return !node_plan_stays(plan, &program);
}

/* What never changes goes into the shared table, and into a program what of it differs between nodes. */
static void place_coefficients(struct lowering *lowering, struct node_plan *plan, struct exact_system *system)
{
    const int n = system->n;
    program_copy(lowering->program, &plan->exact.varying);
    plan->exact.shared_coefficient = ARENA_NEW(lowering->arena, n * n, int);
    for (int k = 0; k < n * n; k++) {
        plan->exact.shared_coefficient[k] = -1;
        if (!system->acts[k])
            continue;
        struct lowered coefficient = coefficient_of(system, k);
        system->coefficient_changes[k] = changes_between_steps(lowering, plan, coefficient);
        if (coefficient.uniform)
            plan->exact.shared_coefficient[k] = shared_slot(lowering, coefficient);
        else if (!system->coefficient_changes[k])
            program_output(&plan->exact.varying, k, coefficient.reg);
    }
    program_finish(&plan->exact.varying);
}

/* 2 to this is about the declared unit of a state. */
static int exponent_of(const struct node_plan *plan, int state)
{
    return ilogb(variable_of(plan, state)->unit.scale);
}

/* The whole of A dt as a program, in units of the states. */
static void plan_matrix(struct lowering *lowering, struct node_plan *plan, const struct exact_system *system)
{
    const int n = system->n;
    int *registers = ARENA_NEW(lowering->arena, n * n, int);
    for (int k = 0; k < n * n; k++) {
        if (!system->acts[k])
            continue;
        struct lowered unit = lower_constant(lowering, ldexp(1, exponent_of(plan, k % n) - exponent_of(plan, k / n)));
        struct lowered over_step = lower_binary(lowering, OPCODE_MULTIPLY, coefficient_of(system, k), lower_dt(lowering));
        registers[k] = lower_register(lowering, lower_binary(lowering, OPCODE_MULTIPLY, over_step, unit));
    }
    program_copy(lowering->program, &plan->exact.matrix);
    for (int k = 0; k < n * n; k++)
        if (system->acts[k])
            program_output(&plan->exact.matrix, k, registers[k]);
    program_finish(&plan->exact.matrix);
}

/* ---- the propagator's structure ---- */

/* What acts, and what that acts on, … */
static void close_structure(int n, const bool *acts, bool *reaches)
{
    for (int k = 0; k < n * n; k++)
        reaches[k] = acts[k] || k / n == k % n;
    for (int via = 0; via < n; via++)
        for (int i = 0; i < n; i++)
            for (int j = 0; reaches[i * n + via] && j < n; j++)
                reaches[i * n + j] |= reaches[via * n + j];
}

void exact_structure(const struct node_plan *plan, bool *acts, bool *reaches)
{
    const int n = plan->n_states;
    for (int k = 0; k < n * n; k++)
        acts[k] = plan->exact.shared_coefficient[k] >= 0;
    for (int k = 0; k < plan->exact.varying.n_outputs; k++)
        acts[plan->exact.varying.outputs[k].slot] = true;
    close_structure(n, acts, reaches);
}

/* Marks the entries that a coefficient has a part in. */
static void mark_entries(const struct exact_system *system, int coefficient, bool *entries)
{
    const int n = system->n, to = coefficient / n, from = coefficient % n;
    for (int i = 0; i < n; i++)
        for (int j = 0; system->reaches[i * n + to] && j < n; j++)
            entries[i * n + j] |= system->reaches[from * n + j];
}

static void find_structure(const struct node_plan *plan, struct exact_system *system)
{
    const int n = system->n;
    close_structure(n, system->acts, system->reaches);
    for (int k = 0; k < plan->exact.varying.n_outputs; k++)
        mark_entries(system, plan->exact.varying.outputs[k].slot, system->varies);
    for (int k = 0; k < n * n; k++)
        if (system->coefficient_changes[k])
            mark_entries(system, k, system->changes);
}

/* ---- entries that change and have a closed form ---- */

/* Does the state act on others that act on it? */
static bool is_in_circle(const struct exact_system *system, int state)
{
    const int n = system->n;
    for (int k = 0; k < n; k++)
        if (k != state && system->reaches[state * n + k] && system->reaches[k * n + state])
            return true;
    return false;
}

/* Is the way from j to i one step long, and no other? */
static bool is_one_step(const struct exact_system *system, int i, int j)
{
    const int n = system->n;
    for (int k = 0; k < n; k++)
        if (k != i && k != j && system->reaches[i * n + k] && system->reaches[k * n + j])
            return false;
    return i != j;
}

static bool has_closed_form(const struct exact_system *system, int i, int j, bool of_input)
{
    if (is_in_circle(system, i) || is_in_circle(system, j))
        return false;
    return i == j || (!of_input && is_one_step(system, i, j));
}

static struct lowered rate_of(struct lowering *lowering, const struct exact_system *system, int i)
{
    return system->acts[i * system->n + i] ? coefficient_of(system, i * system->n + i) : lower_constant(lowering, 0);
}

static struct lowered closed_form(struct lowering *lowering, const struct exact_system *system, int i, int j, bool of_input)
{
    struct lowered rate = rate_of(lowering, system, i), dt = lower_dt(lowering);
    if (of_input)
        return divided_difference(lowering, rate, lower_constant(lowering, 0), dt);
    if (i == j)
        return decay_over(lowering, rate, dt);
    return lower_binary(lowering, OPCODE_MULTIPLY, coefficient_of(system, i * system->n + j),
                        divided_difference(lowering, rate, rate_of(lowering, system, j), dt));
}

/* ---- entries that have a place ---- */

/* A place for an entry of P or Q, as a leaf of the program at hand. */
static struct lowered place_entry(struct lowering *lowering, struct node_plan *plan, struct propagator_entry entry)
{
    struct exact_plan *exact = &plan->exact;
    const bool is_of_node = entry.varies || entry.changes;
    entry.slot = is_of_node ? node_plan_slot(plan, "(propagator)", -1) : lowering->shared->n_shared++;
    exact->entries[exact->n_entries++] = entry;
    exact->n_varying += entry.varies;
    exact->n_changing += entry.changes;
    return lower_leaf(lowering, is_of_node ? OPCODE_NODE : OPCODE_SHARED, entry.slot);
}

/* One that is computed in each step is in units of the states, and for a step of 1. */
static struct lowered in_si_units(struct lowering *lowering, const struct node_plan *plan, struct lowered entry, int i, int j,
                                  bool of_input)
{
    struct lowered unit = lower_constant(lowering, ldexp(1, exponent_of(plan, i) - exponent_of(plan, j)));
    if (of_input)
        unit = lower_binary(lowering, OPCODE_MULTIPLY, unit, lower_dt(lowering));
    return lower_binary(lowering, OPCODE_MULTIPLY, entry, unit);
}

static struct lowered entry_of(struct lowering *lowering, struct node_plan *plan, const struct exact_system *system, int i, int j,
                               bool of_input)
{
    const int place = i * system->n + j;
    const bool changes = system->changes[place];
    if (changes && has_closed_form(system, i, j, of_input))
        return closed_form(lowering, system, i, j, of_input);
    struct propagator_entry entry = {
        .row = i, .column = j, .of_input = of_input, .varies = system->varies[place] && !changes, .changes = changes};
    struct lowered leaf = place_entry(lowering, plan, entry);
    return changes ? in_si_units(lowering, plan, leaf, i, j, of_input) : leaf;
}

/* ---- the step ---- */

/* Row i of P x + Q b; from left to right. */
static struct lowered next_state(struct lowering *lowering, struct node_plan *plan, const struct exact_system *system, int i)
{
    const int n = system->n;
    struct lowered sum;
    bool has_sum = false;
    for (int k = 0; k < 2 * n; k++) {
        int j = k % n;
        bool of_input = k >= n;
        if (!system->reaches[i * n + j] || (of_input && !system->forms[j].has_constant))
            continue;
        struct lowered factor = entry_of(lowering, plan, system, i, j, of_input);
        struct lowered acting = of_input ? system->forms[j].constant : lower_leaf(lowering, OPCODE_STATE, j);
        struct lowered product = lower_binary(lowering, OPCODE_MULTIPLY, factor, acting);
        sum = has_sum ? lower_binary(lowering, OPCODE_ADD, sum, product) : product;
        has_sum = true;
    }
    return sum;
}

/* Coefficients that change are for systems that are not large. Notes the first that does. */
static bool can_change(struct lowering *lowering, struct node_plan *plan, const struct exact_system *system,
                       struct obstacle *obstacle)
{
    const int n = system->n;
    int first = 0;
    while (first < n * n && !system->coefficient_changes[first])
        first++;
    plan->exact.changing_coefficient = first < n * n ? first : -1;
    if (first == n * n || n <= EXACT_CHANGING_MAX)
        return true;
    obstacle->span = variable_of(plan, first / n)->equation->span;
    obstacle->text = arena_format(
        lowering->arena, "a coefficient in it changes from step to step, which can be so in models of %d equations at most",
        EXACT_CHANGING_MAX);
    return false;
}

bool integrator_plan_exact(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    const int n = plan->n_states;
    struct exact_system system = system_begin(lowering, n);
    struct lowered *next = integrator_values(lowering, plan);
    integrator_begin(lowering, plan);
    if (!take_forms(lowering, plan, &system, obstacle))
        return false;
    place_coefficients(lowering, plan, &system);
    if (!can_change(lowering, plan, &system, obstacle))
        return false;
    find_structure(plan, &system);
    plan->exact.entries = ARENA_NEW(lowering->arena, 2 * n * n, struct propagator_entry);
    for (int i = 0; i < n; i++)
        next[i] = next_state(lowering, plan, &system, i);
    if (plan->exact.n_changing)
        plan_matrix(lowering, plan, &system);
    integrator_end(lowering, plan, next);
    return true;
}

/* ---- the choice ---- */

/* Can equation `row` be given a state of its own, moving those that others have if need be? `owner[state]` is its equation, or -1
 * (the search for augmenting paths of bipartite matching). */
static bool find_state(const struct exact_system *system, int row, int *owner, bool *is_tried)
{
    for (int j = 0; j < system->n; j++) {
        if (!system->acts[row * system->n + j] || is_tried[j])
            continue;
        is_tried[j] = true;
        if (owner[j] < 0 || find_state(system, owner[j], owner, is_tried)) {
            owner[j] = row;
            return true;
        }
    }
    return false;
}

bool exact_has_equilibrium(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    const int n = plan->n_states;
    struct exact_system system = system_begin(lowering, n);
    int *owner = ARENA_NEW(lowering->arena, n, int);
    integrator_begin(lowering, plan);
    if (!take_forms(lowering, plan, &system, obstacle))
        return false;
    for (int k = 0; k < n; k++)
        owner[k] = -1;
    for (int row = 0; row < n; row++)
        if (!find_state(&system, row, owner, ARENA_NEW(lowering->arena, n, bool))) {
            obstacle->span = variable_of(plan, row)->equation->span;
            obstacle->text = "the equations have no single equilibrium (`method exact` does it)";
            return false;
        }
    return true;
}
