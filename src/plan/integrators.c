/* The table of integrators, the choice among them, and what several have in common. */
#include <string.h>

#include "plan/exact.h"
#include "plan/integrator.h"

const char *const integrator_names[INTEGRATOR_COUNT] = {"none",
#define X(name, word, noise) #word,
                                                        INTEGRATORS(X)
#undef X
};

const char *const method_names[] = {
#define X(name, word, noise) #word,
    INTEGRATORS(X)
#undef X
        NULL};

static integrator_plan *const plans[INTEGRATOR_COUNT] = {
#define X(name, word, noise) [INTEGRATOR_##name] = integrator_plan_##word,
    INTEGRATORS(X)
#undef X
};

/* ---- what integrators are made of ---- */

bool integrator_stands(const struct node_plan *plan, int state)
{
    return plan->keeps_while_refractory[state] && plan->refractory_slot >= 0;
}

struct lowered *integrator_values(struct lowering *lowering, const struct node_plan *plan)
{
    return ARENA_NEW(lowering->arena, plan->n_states, struct lowered);
}

struct lowered *integrator_states(struct lowering *lowering, const struct node_plan *plan)
{
    struct lowered *states = integrator_values(lowering, plan);
    for (int k = 0; k < plan->n_states; k++)
        states[k] = lower_leaf(lowering, OPCODE_STATE, k);
    return states;
}

static struct lowered while_moving(struct lowering *lowering, struct lowered value, struct lowered standing)
{
    return lower_operation(lowering, OPCODE_SELECT, lower_leaf(lowering, OPCODE_NOT_REFRACTORY, 0), value, standing);
}

struct lowered *integrator_rates(struct lowering *lowering, const struct node_plan *plan, const struct lowered *states,
                                 const struct lowered *time)
{
    struct lowered *rates = integrator_values(lowering, plan);
    lowering_stage(lowering, states, time);
    for (int k = 0; k < plan->n_states; k++) {
        rates[k] = lower_expression(lowering, plan->model->variables[plan->slots[k].variable].equation);
        if (integrator_stands(plan, k))
            rates[k] = while_moving(lowering, rates[k], lower_constant(lowering, 0));
    }
    lowering_stage(lowering, NULL, NULL);
    return rates;
}

void integrator_begin(struct lowering *lowering, struct node_plan *plan)
{
    plan->stepping = STEPPING_UPDATE;
    lowering_program(lowering, &plan->update);
}

/* A variable that stands still keeps its value, even if the new one is not a number. */
void integrator_end(struct lowering *lowering, struct node_plan *plan, const struct lowered *next)
{
    for (int k = 0; k < plan->n_states; k++) {
        struct lowered value = next[k];
        if (integrator_stands(plan, k))
            value = while_moving(lowering, value, lower_leaf(lowering, OPCODE_STATE, k));
        program_output(&plan->update, k, lower_register(lowering, value));
    }
    program_finish(&plan->update);
}

/* ---- the choice ---- */

static int choose(struct node_plan *plan, enum integrator integrator, const char *reason)
{
    plan->integrator = integrator;
    plan->integrator_reason = reason;
    return 0;
}

enum integrator integrator_find(const char *name)
{
    for (int k = INTEGRATOR_NONE + 1; k < INTEGRATOR_COUNT; k++)
        if (strcmp(integrator_names[k], name) == 0)
            return (enum integrator)k;
    return INTEGRATOR_NONE;
}

bool integrator_make(enum integrator integrator, struct lowering *lowering, struct node_plan *plan, struct obstacle *obstacle)
{
    return plans[integrator](lowering, plan, obstacle);
}

static const enum integrator_noise noise_abilities[INTEGRATOR_COUNT] = {
#define X(name, word, noise) [INTEGRATOR_##name] = INTEGRATOR_NOISE_##noise,
    INTEGRATORS(X)
#undef X
};

/* "euler, heun and milstein" */
static const char *methods_for_noise(struct arena *arena)
{
    const char *text = NULL, *last = NULL;
    for (enum integrator k = 0; k < INTEGRATOR_COUNT; k++) {
        if (noise_abilities[k] == INTEGRATOR_NOISE_NONE)
            continue;
        text = !last ? NULL : text ? arena_format(arena, "%s, %s", text, last) : last;
        last = integrator_names[k];
    }
    return arena_format(arena, "%s and %s", text, last);
}

const struct expression *integrator_noise(const struct node_plan *plan)
{
    const struct expression *noise = NULL;
    for (int k = 0; k < plan->n_states && !noise; k++)
        noise = expression_noise(plan->model, plan->model->variables[plan->slots[k].variable].equation);
    return noise;
}

bool integrator_bears_noise(enum integrator integrator, struct arena *arena, const struct node_plan *plan,
                            struct obstacle *obstacle)
{
    const struct expression *noise = integrator_noise(plan);
    if (!noise || noise_abilities[integrator] != INTEGRATOR_NOISE_NONE)
        return true;
    *obstacle = (struct obstacle){noise->span, arena_format(arena, "noise is for %s", methods_for_noise(arena))};
    return false;
}

static int take_named(struct lowering *lowering, struct node_plan *plan, struct fault *fault)
{
    const char *method = plan->model->method;
    struct obstacle obstacle;
    enum integrator named = integrator_find(method);
    if (!integrator_bears_noise(named, lowering->arena, plan, &obstacle) || !integrator_make(named, lowering, plan, &obstacle))
        return source_fault(fault, obstacle.span, "method %s cannot integrate this: %s", method, obstacle.text);
    return choose(plan, named, "the model asks for it");
}

static const char *exact_reason(struct arena *arena, const struct node_plan *plan)
{
    const int place = plan->exact.changing_coefficient;
    if (place < 0)
        return "all equations are linear with constant coefficients";
    const char *driven = plan->slots[place / plan->n_states].name, *driver = plan->slots[place % plan->n_states].name;
    return arena_format(
        arena,
        "all equations are linear with coefficients that are constant within a step; that of '%s' in the equation "
        "of '%s' is found anew in each",
        driver, driven);
}

/* Because of what exact does not serve. */
static const char *euler_reason(struct arena *arena, const struct obstacle *obstacle)
{
    return arena_format(arena, "the model names no method, and exact is not for it: %s; see %s at %s", obstacle->text,
                        source_excerpt(arena, obstacle->span, "the term"), source_place(arena, obstacle->span));
}

/* As Brian 2 chooses: equations without a single equilibrium are not for its `exact`, whose formula asks for one. */
static int take_fitting(struct lowering *lowering, struct node_plan *plan, struct fault *fault)
{
    const bool is_noisy = integrator_noise(plan);
    struct obstacle of_exact, obstacle;
    if (!is_noisy && exact_has_equilibrium(lowering, plan, &of_exact) && integrator_plan_exact(lowering, plan, &of_exact))
        return choose(plan, INTEGRATOR_EXACT, exact_reason(lowering->arena, plan));
    if (integrator_plan_euler(lowering, plan, &obstacle))
        return choose(plan, INTEGRATOR_EULER,
                      is_noisy ? "the noise is additive, and the model names no method"
                               : euler_reason(lowering->arena, &of_exact));
    if (integrator_plan_heun(lowering, plan, &obstacle))
        return choose(plan, INTEGRATOR_HEUN, "the noise is multiplicative, and the model names no method");
    return source_fault(fault, obstacle.span, "no method can integrate this: %s", obstacle.text);
}

int integrator_choose(struct lowering *lowering, struct node_plan *plan, struct fault *fault)
{
    const struct model *model = plan->model;
    if (plan->n_states > NODE_STATES_MAX)
        return source_fault(fault, model->name_span, "'%s' has %d differential equations; a model may have at most %d",
                            model->name, plan->n_states, NODE_STATES_MAX);
    if (plan->n_states == 0)
        return choose(plan, INTEGRATOR_NONE, "there is nothing to integrate");
    return model->method ? take_named(lowering, plan, fault) : take_fitting(lowering, plan, fault);
}
