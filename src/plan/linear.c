/* Walks the expression: sums and differences term by term, products and quotients where only one factor mentions an unknown,
 * where() when its condition does not. A term that mentions none is part of b; so is one in which all unknowns are held. */
#include "plan/linear.h"

#include <stddef.h>

#include "language/functions.h"

struct walk {
    struct lowering *lowering;
    const int *unknowns;
    int n;
    bool *is_unknown; /* [n_variables] */
    bool of_noise;    /* the unknowns are the model's noises instead */
    bool holds;       /* unknowns within functions, divisors, exponents and conditions are held, so they make coefficients */
    const struct expression **culprit;
};

static bool walk_expression(struct walk *walk, const struct expression *expression, struct linear_form *form);

static struct linear_form form_zero(const struct walk *walk)
{
    return (struct linear_form){
        .coefficients = ARENA_NEW(walk->lowering->arena, walk->n, struct lowered),
        .has_coefficient = ARENA_NEW(walk->lowering->arena, walk->n, bool),
    };
}

/* Whether an unknown stands where it is not held: as a term or a factor. */
static bool has_free_unknown(const struct walk *walk, const struct expression *expression)
{
    const struct model *model = walk->lowering->model;
    struct expression *const *children = expression->children;
    switch (expression->kind) {
    case EXPRESSION_NAME: {
        if (!expression_mentions(model, expression, walk->is_unknown))
            return false;
        int index = expression->reference.index;
        return walk->is_unknown[index] || has_free_unknown(walk, model->variables[index].equation);
    }
    case EXPRESSION_UNARY:
        return has_free_unknown(walk, children[0]);
    case EXPRESSION_BINARY:
        switch (expression->operator) {
        case OPERATOR_ADD:
        case OPERATOR_SUBTRACT:
        case OPERATOR_MULTIPLY:
            return has_free_unknown(walk, children[0]) || has_free_unknown(walk, children[1]);
        case OPERATOR_DIVIDE:
        case OPERATOR_POWER:
            return has_free_unknown(walk, children[0]);
        default:
            return false;
        }
    case EXPRESSION_CALL:
        return expression->function == FUNCTION_WHERE &&
               (has_free_unknown(walk, children[1]) || has_free_unknown(walk, children[2]));
    default:
        return false;
    }
}

static bool mentions_unknown(const struct walk *walk, const struct expression *expression)
{
    if (walk->holds)
        return has_free_unknown(walk, expression);
    if (walk->of_noise)
        return expression_noise(walk->lowering->model, expression) != NULL;
    return expression_mentions(walk->lowering->model, expression, walk->is_unknown);
}

/* Apply `operation` to every term of a form (its second operand is `by`; a negation ignores it). */
static void form_map(struct walk *walk, struct linear_form *form, enum opcode operation, struct lowered by)
{
    if (form->has_constant)
        form->constant = lower_binary(walk->lowering, operation, form->constant, by);
    for (int k = 0; k < walk->n; k++)
        if (form->has_coefficient[k])
            form->coefficients[k] = lower_binary(walk->lowering, operation, form->coefficients[k], by);
}

static void term_combine(struct walk *walk, enum opcode operation, struct lowered *a, bool *has_a, struct lowered b, bool has_b)
{
    if (!has_b)
        return;
    if (*has_a)
        *a = lower_binary(walk->lowering, operation, *a, b);
    else
        *a = operation == OPCODE_SUBTRACT ? lower_unary(walk->lowering, OPCODE_NEGATE, b) : b;
    *has_a = true;
}

/* a = a + b or a - b */
static void form_combine(struct walk *walk, enum opcode operation, struct linear_form *a, const struct linear_form *b)
{
    term_combine(walk, operation, &a->constant, &a->has_constant, b->constant, b->has_constant);
    for (int k = 0; k < walk->n; k++)
        term_combine(walk, operation, &a->coefficients[k], &a->has_coefficient[k], b->coefficients[k], b->has_coefficient[k]);
}

/* where(condition, a, b): term by term, an absent term being 0 */
static void form_select(struct walk *walk, struct lowered condition, struct linear_form *a, const struct linear_form *b)
{
    struct lowered zero = lower_constant(walk->lowering, 0);
    struct lowering *lowering = walk->lowering;
    if (a->has_constant || b->has_constant)
        a->constant = lower_operation(lowering, OPCODE_SELECT, condition, a->has_constant ? a->constant : zero,
                                      b->has_constant ? b->constant : zero);
    a->has_constant |= b->has_constant;
    for (int k = 0; k < walk->n; k++) {
        if (a->has_coefficient[k] || b->has_coefficient[k])
            a->coefficients[k] = lower_operation(lowering, OPCODE_SELECT, condition,
                                                 a->has_coefficient[k] ? a->coefficients[k] : zero,
                                                 b->has_coefficient[k] ? b->coefficients[k] : zero);
        a->has_coefficient[k] |= b->has_coefficient[k];
    }
}

static bool refuse(struct walk *walk, const struct expression *expression)
{
    if (!*walk->culprit)
        *walk->culprit = expression;
    return false;
}

static bool walk_binary(struct walk *walk, const struct expression *expression, struct linear_form *form)
{
    const struct expression *left = expression->children[0], *right = expression->children[1];
    struct linear_form other;
    switch (expression->operator) {
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT:
        if (!walk_expression(walk, left, form) || !walk_expression(walk, right, &other))
            return false;
        form_combine(walk, expression->operator== OPERATOR_ADD ? OPCODE_ADD : OPCODE_SUBTRACT, form, &other);
        return true;
    case OPERATOR_MULTIPLY:
        if (mentions_unknown(walk, left) && mentions_unknown(walk, right))
            return refuse(walk, expression);
        if (mentions_unknown(walk, right)) {
            const struct expression *swap = left;
            left = right;
            right = swap;
        }
        if (!walk_expression(walk, left, form))
            return false;
        form_map(walk, form, OPCODE_MULTIPLY, lower_expression(walk->lowering, right));
        return true;
    case OPERATOR_DIVIDE:
        if (!walk->holds && mentions_unknown(walk, right))
            return refuse(walk, expression);
        if (!walk_expression(walk, left, form))
            return false;
        form_map(walk, form, OPCODE_DIVIDE, lower_expression(walk->lowering, right));
        return true;
    default:
        return refuse(walk, expression);
    }
}

static bool walk_name(struct walk *walk, const struct expression *name, struct linear_form *form)
{
    int index = name->reference.index;
    bool is_noise = name->reference.kind == REFERENCE_NOISE;
    if (!is_noise && !walk->is_unknown[index]) /* a subexpression that mentions unknowns */
        return walk_expression(walk, walk->lowering->model->variables[index].equation, form);
    *form = form_zero(walk);
    for (int k = 0; k < walk->n; k++)
        if (is_noise ? k == index : walk->unknowns[k] == index) {
            form->coefficients[k] = lower_constant(walk->lowering, 1);
            form->has_coefficient[k] = true;
        }
    return true;
}

static bool walk_expression(struct walk *walk, const struct expression *expression, struct linear_form *form)
{
    if (!mentions_unknown(walk, expression)) {
        *form = form_zero(walk);
        form->constant = lower_expression(walk->lowering, expression);
        form->has_constant = true;
        return true;
    }
    struct linear_form other;
    switch (expression->kind) {
    case EXPRESSION_NAME:
        return walk_name(walk, expression, form);
    case EXPRESSION_UNARY:
        if (!walk_expression(walk, expression->children[0], form))
            return false;
        form_map(walk, form, OPCODE_MULTIPLY, lower_constant(walk->lowering, -1));
        return true;
    case EXPRESSION_BINARY:
        return walk_binary(walk, expression, form);
    case EXPRESSION_CALL:
        if (expression->function != FUNCTION_WHERE || mentions_unknown(walk, expression->children[0]))
            return refuse(walk, expression);
        if (!walk_expression(walk, expression->children[1], form) || !walk_expression(walk, expression->children[2], &other))
            return false;
        form_select(walk, lower_expression(walk->lowering, expression->children[0]), form, &other);
        return true;
    default:
        return refuse(walk, expression);
    }
}

static bool form_in(struct walk walk, const struct expression *expression, const int *unknowns, int n, struct linear_form *form)
{
    walk.unknowns = unknowns;
    walk.n = n;
    walk.is_unknown = ARENA_NEW(walk.lowering->arena, walk.lowering->model->n_variables, bool);
    for (int k = 0; unknowns && k < n; k++)
        walk.is_unknown[unknowns[k]] = true;
    *walk.culprit = NULL;
    return walk_expression(&walk, expression, form);
}

bool linear_form(struct lowering *lowering, const struct expression *expression, const int *unknowns, int n,
                 struct linear_form *form, const struct expression **culprit)
{
    return form_in((struct walk){.lowering = lowering, .culprit = culprit}, expression, unknowns, n, form);
}

bool conditionally_linear_form(struct lowering *lowering, const struct expression *expression, int unknown,
                               struct linear_form *form, const struct expression **culprit)
{
    struct walk walk = {.lowering = lowering, .culprit = culprit, .holds = true};
    if (!form_in(walk, expression, &unknown, 1, form))
        return false;
    if (form->has_coefficient[0] || linear_form(lowering, expression, &unknown, 1, form, culprit))
        return true;
    *culprit = expression; /* nothing to be exact about: the unknown is held wherever it stands */
    return false;
}

bool noise_form(struct lowering *lowering, const struct expression *expression, struct linear_form *form,
                const struct expression **culprit)
{
    struct walk walk = {.lowering = lowering, .of_noise = true, .culprit = culprit};
    return form_in(walk, expression, NULL, lowering->model->n_noises, form);
}
