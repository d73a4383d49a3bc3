/* Walks the expression: sums and differences term by term, products and quotients where only one factor mentions an end. First to
 * see whether it has the form, then once more to make the weights. */
#include "plan/coupling_form.h"

#include <assert.h>
#include <string.h>

#include "language/functions.h"

const struct declaration *coupling_equation(const struct model *synapse)
{
    for (int k = 0; k < synapse->n_variables; k++)
        if (synapse->variables[k].flags & FLAG_SUMMED)
            return &synapse->variables[k];
    return NULL;
}

const char *coupling_input(struct arena *arena, const struct declaration *equation)
{
    return arena_text(arena, equation->name, strlen(equation->name) - strlen("_post"));
}

/* What a name of the model stands for where it is a subexpression; else the expression itself. */
static const struct expression *written_out(const struct model *synapse, const struct expression *expression)
{
    while (expression->kind == EXPRESSION_NAME && expression->reference.kind == REFERENCE_VARIABLE &&
           synapse->variables[expression->reference.index].kind == DECLARATION_SUBEXPRESSION)
        expression = synapse->variables[expression->reference.index].equation;
    return expression;
}

static bool mentions_end(const struct model *synapse, const struct expression *expression)
{
    expression = written_out(synapse, expression);
    if (expression->kind == EXPRESSION_NAME)
        return expression->reference.kind == REFERENCE_PRE || expression->reference.kind == REFERENCE_POST;
    for (int k = 0; k < expression->n_children; k++)
        if (mentions_end(synapse, expression->children[k]))
            return true;
    return false;
}

/* ---- whether it has the form ---- */

/* Is a factor made from constants and values of the synapse alone, which do not change? */
static bool is_steady(const struct model *synapse, const struct expression *factor)
{
    factor = written_out(synapse, factor);
    switch (factor->kind) {
    case EXPRESSION_NUMBER:
    case EXPRESSION_INDEX:
        return true;
    case EXPRESSION_NAME:
        return factor->reference.kind == REFERENCE_CONSTANT || factor->reference.kind == REFERENCE_DT ||
               factor->reference.kind == REFERENCE_VARIABLE;
    case EXPRESSION_CALL:
        if (factor->function == FUNCTION_STEP_VALUE || function_signatures[factor->function].random)
            return false; /* falls through */
    default:
        for (int k = 0; k < factor->n_children; k++)
            if (!is_steady(synapse, factor->children[k]))
                return false;
        return true;
    }
}

static bool take_name(const char **known, const char *name)
{
    if (*known && strcmp(*known, name) != 0)
        return false;
    *known = name;
    return true;
}

static bool has_form(const struct model *synapse, const struct expression *expression, struct coupling_form *form)
{
    expression = written_out(synapse, expression);
    if (!mentions_end(synapse, expression))
        return false;
    if (expression->kind == EXPRESSION_NAME)
        return take_name(expression->reference.kind == REFERENCE_PRE ? &form->source_variable : &form->target_variable,
                         expression->reference.variable_name);
    if (expression->kind == EXPRESSION_UNARY)
        return expression->operator== OPERATOR_NEGATE && has_form(synapse, expression->children[0], form);
    if (expression->kind != EXPRESSION_BINARY)
        return false;
    const struct expression *left = expression->children[0], *right = expression->children[1];
    switch (expression->operator) {
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT:
        return has_form(synapse, left, form) && has_form(synapse, right, form);
    case OPERATOR_MULTIPLY:
        if (mentions_end(synapse, right))
            return is_steady(synapse, left) && has_form(synapse, right, form); /* falls through */
    case OPERATOR_DIVIDE:
        return is_steady(synapse, right) && has_form(synapse, left, form);
    default:
        return false;
    }
}

bool coupling_form_find(const struct model *synapse, struct coupling_form *form)
{
    int n_equations = 0;
    *form = (struct coupling_form){.equation = coupling_equation(synapse)};
    for (int k = 0; k < synapse->n_variables; k++) {
        n_equations += (synapse->variables[k].flags & FLAG_SUMMED) != 0;
        if (synapse->variables[k].kind == DECLARATION_DERIVATIVE)
            return false;
    }
    return n_equations == 1 && synapse->n_pathways == 0 && has_form(synapse, form->equation->equation, form) &&
           form->source_variable;
}

/* ---- the weights ---- */

/* The coefficient of X_pre or Y_post in a term or sum. */
struct weight {
    bool exists;
    struct lowered value;
};

struct weights {
    struct weight source, target;
};

static void scale(struct lowering *lowering, struct weights *weights, enum opcode operation, struct lowered by)
{
    if (weights->source.exists)
        weights->source.value = lower_binary(lowering, operation, weights->source.value, by);
    if (weights->target.exists)
        weights->target.value = lower_binary(lowering, operation, weights->target.value, by);
}

static void add(struct lowering *lowering, enum opcode operation, struct weight *sum, struct weight term)
{
    if (!term.exists)
        return;
    sum->value = lower_binary(lowering, operation, sum->exists ? sum->value : lower_constant(lowering, 0), term.value);
    sum->exists = true;
}

static struct weights weights_of(struct lowering *lowering, const struct expression *expression)
{
    struct weights weights = {0};
    expression = written_out(lowering->model, expression);
    if (expression->kind == EXPRESSION_NAME) {
        struct weight one = {true, lower_constant(lowering, 1)};
        *(expression->reference.kind == REFERENCE_PRE ? &weights.source : &weights.target) = one;
        return weights;
    }
    const struct expression *left = expression->children[0];
    const struct expression *right = expression->kind == EXPRESSION_BINARY ? expression->children[1] : NULL;
    if (expression->operator== OPERATOR_MULTIPLY && mentions_end(lowering->model, right)) {
        weights = weights_of(lowering, right);
        scale(lowering, &weights, OPCODE_MULTIPLY, lower_expression(lowering, left));
        return weights;
    }
    weights = weights_of(lowering, left);
    switch (expression->operator) {
    case OPERATOR_NEGATE:
        scale(lowering, &weights, OPCODE_MULTIPLY, lower_constant(lowering, -1));
        break;
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT: {
        enum opcode operation = expression->operator== OPERATOR_ADD ? OPCODE_ADD : OPCODE_SUBTRACT;
        struct weights others = weights_of(lowering, right);
        add(lowering, operation, &weights.source, others.source);
        add(lowering, operation, &weights.target, others.target);
        break;
    }
    case OPERATOR_MULTIPLY:
        scale(lowering, &weights, OPCODE_MULTIPLY, lower_expression(lowering, right));
        break;
    default:
        assert(expression->operator== OPERATOR_DIVIDE);
        scale(lowering, &weights, OPCODE_DIVIDE, lower_expression(lowering, right));
    }
    return weights;
}

void coupling_form_weights(struct lowering *lowering, const struct coupling_form *form, struct lowered *source_weight,
                           struct lowered *target_weight)
{
    struct weights weights = weights_of(lowering, form->equation->equation);
    *source_weight = weights.source.value;
    *target_weight = weights.target.value;
}
