/* The method `exact` of plan/exact.h.
 *
 * What differs between nodes is found from the structure of A alone. State j acts on state i within a step if there is a way from
 * j to i along the coefficients that are not 0: else the entries (i, j) of P and Q are 0. They differ between nodes if some
 * coefficient on some such way does. */
#include "plan/exact.h"

#include "plan/integrator.h"
#include "plan/linear.h"

/* ---- the equations ---- */

/* A variable that stands still while refractory must not drive another one: A would change with it. */
static bool drives_and_stands(const struct node_plan *plan, const struct linear_form *form, int driven)
{
    for (int k = 0; k < plan->n_states; k++)
        if (k != driven && form->has_coefficient[k] && integrator_stands(plan, k))
            return true;
    return false;
}

/* The program of the coefficients that differ between nodes, in the equations [first, end): what the program at hand has of it.
 */
static void take_varying(const struct lowering *lowering, const struct linear_form *forms, int n, int first, int end,
                         struct program *varying)
{
    program_copy(lowering->program, varying);
    for (int k = first; k < end; k++)
        for (int j = 0; j < n; j++)
            if (forms[k].has_coefficient[j] && !forms[k].coefficients[j].uniform)
                program_output(varying, k * n + j, forms[k].coefficients[j].reg);
    program_finish(varying);
}

/* Are the equations linear, with coefficients that never change, and b does not change within a step? */
static bool take_forms(struct lowering *lowering, struct node_plan *plan, struct linear_form *forms,
                       const struct expression **culprit)
{
    const int n = plan->n_states;
    const struct declaration *variables = plan->model->variables;
    int *unknowns = ARENA_NEW(lowering->arena, n, int);
    for (int k = 0; k < n; k++)
        unknowns[k] = plan->slots[k].variable;
    for (int k = 0; k < n; k++) {
        struct program varying;
        if (!linear_form(lowering, variables[unknowns[k]].equation, unknowns, n, &forms[k], culprit))
            return false;
        *culprit = variables[unknowns[k]].equation;
        take_varying(lowering, forms, n, k, k + 1, &varying);
        if (drives_and_stands(plan, &forms[k], k) || !node_plan_is_steady(plan, &varying))
            return false;
        if (program_uses(lowering->program, OPCODE_TIME) || program_uses(lowering->program, OPCODE_STEP))
            return false;
    }
    return true;
}

/* A goes into the shared table, and into a program what of it differs between nodes. */
static void place_coefficients(struct lowering *lowering, struct node_plan *plan, const struct linear_form *forms)
{
    const int n = plan->n_states;
    plan->exact.shared_coefficient = ARENA_NEW(lowering->arena, n * n, int);
    for (int k = 0; k < n * n; k++) {
        const struct linear_form *form = &forms[k / n];
        bool is_shared = form->has_coefficient[k % n] && form->coefficients[k % n].uniform;
        plan->exact.shared_coefficient[k] = is_shared ? shared_slot(lowering, form->coefficients[k % n]) : -1;
    }
    take_varying(lowering, forms, n, 0, n, &plan->exact.varying);
}

/* ---- the propagator's structure ---- */

void exact_structure(const struct node_plan *plan, bool *acts, bool *reaches)
{
    const int n = plan->n_states;
    for (int k = 0; k < n * n; k++)
        acts[k] = plan->exact.shared_coefficient[k] >= 0;
    for (int k = 0; k < plan->exact.varying.n_outputs; k++)
        acts[plan->exact.varying.outputs[k].slot] = true;
    for (int k = 0; k < n * n; k++)
        reaches[k] = acts[k] || k / n == k % n;
    for (int via = 0; via < n; via++)
        for (int i = 0; i < n; i++)
            for (int j = 0; reaches[i * n + via] && j < n; j++)
                reaches[i * n + j] |= reaches[via * n + j];
}

/* varies[i*n + j]: state j acts on state i differently in different nodes. */
static void find_varying(const struct node_plan *plan, const bool *reaches, bool *varies)
{
    const struct program *varying = &plan->exact.varying;
    const int n = plan->n_states;
    for (int k = 0; k < varying->n_outputs; k++) {
        int to = varying->outputs[k].slot / n, from = varying->outputs[k].slot % n;
        for (int i = 0; i < n; i++)
            for (int j = 0; reaches[i * n + to] && j < n; j++)
                varies[i * n + j] |= reaches[from * n + j];
    }
}

/* A place for an entry of P or Q, as a leaf of the program at hand. */
static struct lowered place_entry(struct lowering *lowering, struct node_plan *plan, struct propagator_entry entry)
{
    struct exact_plan *exact = &plan->exact;
    entry.slot = entry.varies ? node_plan_slot(plan, "(propagator)", -1) : plan->shared.n_shared++;
    exact->entries[exact->n_entries++] = entry;
    exact->n_varying += entry.varies;
    return lower_leaf(lowering, entry.varies ? OPCODE_NODE : OPCODE_SHARED, entry.slot);
}

/* Row i of P x + Q b; from left to right. */
static struct lowered next_state(struct lowering *lowering, struct node_plan *plan, const bool *reaches, const bool *varies,
                                 const struct linear_form *forms, int i)
{
    const int n = plan->n_states;
    struct lowered sum;
    bool has_sum = false;
    for (int k = 0; k < 2 * n; k++) {
        int j = k % n;
        bool of_input = k >= n;
        if (!reaches[i * n + j] || (of_input && !forms[j].has_constant))
            continue;
        struct propagator_entry entry = {.row = i, .column = j, .of_input = of_input, .varies = varies[i * n + j]};
        struct lowered factor = place_entry(lowering, plan, entry);
        struct lowered acting = of_input ? forms[j].constant : lower_leaf(lowering, OPCODE_STATE, j);
        struct lowered product = lower_binary(lowering, OPCODE_MULTIPLY, factor, acting);
        sum = has_sum ? lower_binary(lowering, OPCODE_ADD, sum, product) : product;
        has_sum = true;
    }
    return sum;
}

bool integrator_plan_exact(struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    const int n = plan->n_states;
    struct arena *arena = lowering->arena;
    struct linear_form *forms = ARENA_NEW(arena, n, struct linear_form);
    bool *acts = ARENA_NEW(arena, n * n, bool), *reaches = ARENA_NEW(arena, n * n, bool), *varies = ARENA_NEW(arena, n * n, bool);
    struct lowered *next = integrator_values(lowering, plan);
    const struct expression *culprit = NULL;
    integrator_begin(lowering, plan);
    if (!take_forms(lowering, plan, forms, &culprit)) {
        obstacle->span = culprit->span;
        obstacle->text = arena_format(
            arena, "the equations of '%s' must be linear in the state variables, with coefficients that do not change",
            plan->model->name);
        return false;
    }
    place_coefficients(lowering, plan, forms);
    exact_structure(plan, acts, reaches);
    find_varying(plan, reaches, varies);
    plan->exact.entries = ARENA_NEW(arena, 2 * n * n, struct propagator_entry);
    for (int i = 0; i < n; i++)
        next[i] = next_state(lowering, plan, reaches, varies, forms, i);
    integrator_end(lowering, plan, next);
    return true;
}
