#include "plan/noise.h"

#include "plan/linear.h"

static const struct expression *equation_of(const struct node_plan *plan, int state)
{
    return plan->model->variables[plan->slots[state].variable].equation;
}

static bool take_rate(struct lowering *lowering, const struct node_plan *plan, int state, struct noisy_rates *rates,
                      struct obstacle *obstacle)
{
    const int n = plan->model->n_noises;
    const struct expression *culprit;
    struct linear_form form;
    if (!noise_form(lowering, equation_of(plan, state), &form, &culprit)) {
        obstacle->span = culprit->span;
        obstacle->text = "noise must be a factor of a term, as in f + g*xi";
        return false;
    }
    rates->drift[state] = form.has_constant ? form.constant : lower_constant(lowering, 0);
    for (int m = 0; m < n; m++) {
        rates->has_noise[state * n + m] = form.has_coefficient[m];
        if (form.has_coefficient[m])
            rates->noise[state * n + m] = form.coefficients[m];
    }
    return true;
}

bool noisy_rates(struct lowering *lowering, const struct node_plan *plan, const struct lowered *states,
                 const struct lowered *time, struct noisy_rates *rates, struct obstacle *obstacle)
{
    const int n = plan->n_states * plan->model->n_noises;
    bool is_taken = true;
    *rates = (struct noisy_rates){integrator_values(lowering, plan), ARENA_NEW(lowering->arena, n, struct lowered),
                                  ARENA_NEW(lowering->arena, n, bool)};
    lowering_stage(lowering, states, time);
    for (int k = 0; k < plan->n_states && is_taken; k++)
        is_taken = take_rate(lowering, plan, k, rates, obstacle);
    lowering_stage(lowering, NULL, NULL);
    return is_taken;
}

static struct lowered while_moving(struct lowering *lowering, struct lowered rate)
{
    return lower_operation(lowering, OPCODE_SELECT, lower_leaf(lowering, OPCODE_NOT_REFRACTORY, 0), rate,
                           lower_constant(lowering, 0));
}

void noisy_rates_stand(struct lowering *lowering, const struct node_plan *plan, struct noisy_rates *rates)
{
    const int n = plan->model->n_noises;
    for (int k = 0; k < plan->n_states; k++) {
        if (!integrator_stands(plan, k))
            continue;
        rates->drift[k] = while_moving(lowering, rates->drift[k]);
        for (int m = 0; m < n; m++)
            if (rates->has_noise[k * n + m])
                rates->noise[k * n + m] = while_moving(lowering, rates->noise[k * n + m]);
    }
}

struct lowered noise_root_of_dt(struct lowering *lowering)
{
    return lower_unary(lowering, OPCODE_SQRT, lower_dt(lowering));
}

struct lowered noise_increment(struct lowering *lowering, int m)
{
    struct lowered normal = lowering->nodes ? lower_draw(lowering, OPCODE_DRAWN_NORMAL, lowering->model->noises[m], 0)
                                            : lower_leaf(lowering, OPCODE_NORMAL, m);
    return lower_binary(lowering, OPCODE_MULTIPLY, noise_root_of_dt(lowering), normal);
}

void add_product(struct lowering *lowering, struct lowered *sum, struct lowered a, struct lowered b)
{
    *sum = lower_binary(lowering, OPCODE_ADD, *sum, lower_binary(lowering, OPCODE_MULTIPLY, a, b));
}

struct lowered *noise_euler_step(struct lowering *lowering, const struct node_plan *plan, const struct noisy_rates *rates)
{
    const int n = plan->model->n_noises;
    struct lowered *next = integrator_states(lowering, plan);
    for (int k = 0; k < plan->n_states; k++) {
        add_product(lowering, &next[k], lower_dt(lowering), rates->drift[k]);
        for (int m = 0; m < n; m++)
            if (rates->has_noise[k * n + m])
                add_product(lowering, &next[k], rates->noise[k * n + m], noise_increment(lowering, m));
    }
    return next;
}

/* Does a register follow from a state, or from t? Values of lists and timed arrays are constant over a step, though the first
 * argument, the time, is not. */
static bool changes_within_step(const struct program *program, int reg)
{
    const struct instruction *instruction = &program->instructions[reg];
    if (instruction->opcode == OPCODE_STATE || instruction->opcode == OPCODE_TIME)
        return true;
    const bool is_of_steps = instruction->opcode == OPCODE_STEP_VALUE || instruction->opcode == OPCODE_ELEMENT;
    for (int k = is_of_steps; k < opcode_operands(instruction->opcode); k++)
        if (changes_within_step(program, instruction->operand[k]))
            return true;
    return false;
}

bool noise_is_additive(const struct lowering *lowering, const struct node_plan *plan, const struct noisy_rates *rates,
                       struct obstacle *obstacle)
{
    const int n = plan->model->n_noises;
    for (int k = 0; k < plan->n_states * n; k++)
        if (rates->has_noise[k] && !rates->noise[k].uniform && changes_within_step(lowering->program, rates->noise[k].reg)) {
            obstacle->span = expression_noise(plan->model, equation_of(plan, k / n))->span;
            obstacle->text = "what this noise is multiplied by changes within a step; heun and milstein can do that";
            return false;
        }
    return true;
}
