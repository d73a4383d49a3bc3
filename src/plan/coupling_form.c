/* Walks the expression: sums and differences term by term, products and quotients where only one factor mentions an end. */
#include "plan/coupling_form.h"

#include <string.h>

/* A term: the coefficient of one NAME_pre or NAME_post. */
struct term {
    const char *variable; /* NULL: there is none */
    struct lowered weight;
};

struct terms {
    struct term source, target;
};

static const struct terms nothing;

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

const char *coupling_target_variable(const struct expression *expression)
{
    if (expression->kind == EXPRESSION_NAME)
        return expression->reference.kind == REFERENCE_POST ? expression->reference.variable_name : NULL;
    const char *found = NULL;
    for (int k = 0; k < expression->n_children && !found; k++)
        found = coupling_target_variable(expression->children[k]);
    return found;
}

static bool mentions_end(const struct expression *expression)
{
    if (expression->kind == EXPRESSION_NAME)
        return expression->reference.kind == REFERENCE_PRE || expression->reference.kind == REFERENCE_POST;
    for (int k = 0; k < expression->n_children; k++)
        if (mentions_end(expression->children[k]))
            return true;
    return false;
}

static struct terms refuse(struct lowering *lowering, const struct expression *expression)
{
    source_fault(
        lowering->fault, expression->span,
        "a continuous coupling must be a sum of products, each of NAME_pre or NAME_post and of the synapse's own values, "
        "with one variable of the source and at most one of the target, in this version");
    return nothing;
}

/* Apply `operation` to the weight of every term (its second operand is `by`). */
static struct terms scaled(struct lowering *lowering, struct terms terms, enum opcode operation, struct lowered by)
{
    if (terms.source.variable)
        terms.source.weight = lower_binary(lowering, operation, terms.source.weight, by);
    if (terms.target.variable)
        terms.target.weight = lower_binary(lowering, operation, terms.target.weight, by);
    return terms;
}

static bool add_term(struct lowering *lowering, enum opcode operation, struct term *sum, struct term term)
{
    if (!term.variable)
        return true;
    if (sum->variable && strcmp(sum->variable, term.variable) != 0)
        return false;
    sum->weight = lower_binary(lowering, operation, sum->variable ? sum->weight : lower_constant(lowering, 0), term.weight);
    sum->variable = term.variable;
    return true;
}

static struct terms walk(struct lowering *lowering, const struct expression *expression)
{
    if (!mentions_end(expression))
        return refuse(lowering, expression);
    if (expression->kind == EXPRESSION_NAME) {
        struct term term = {expression->reference.variable_name, lower_constant(lowering, 1)};
        return expression->reference.kind == REFERENCE_PRE ? (struct terms){.source = term} : (struct terms){.target = term};
    }
    if (expression->kind == EXPRESSION_UNARY && expression->operator== OPERATOR_NEGATE)
        return scaled(lowering, walk(lowering, expression->children[0]), OPCODE_MULTIPLY, lower_constant(lowering, -1));
    if (expression->kind != EXPRESSION_BINARY)
        return refuse(lowering, expression);
    const struct expression *left = expression->children[0], *right = expression->children[1];
    switch (expression->operator) {
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT: {
        enum opcode operation = expression->operator== OPERATOR_ADD ? OPCODE_ADD : OPCODE_SUBTRACT;
        struct terms sum = walk(lowering, left), other = walk(lowering, right);
        bool fits = add_term(lowering, operation, &sum.source, other.source) &&
                    add_term(lowering, operation, &sum.target, other.target);
        return fits ? sum : refuse(lowering, right);
    }
    case OPERATOR_MULTIPLY:
        if (mentions_end(left) && mentions_end(right))
            return refuse(lowering, expression);
        if (mentions_end(right))
            return scaled(lowering, walk(lowering, right), OPCODE_MULTIPLY, lower_expression(lowering, left));
        return scaled(lowering, walk(lowering, left), OPCODE_MULTIPLY, lower_expression(lowering, right));
    case OPERATOR_DIVIDE:
        if (mentions_end(right))
            return refuse(lowering, expression);
        return scaled(lowering, walk(lowering, left), OPCODE_DIVIDE, lower_expression(lowering, right));
    default:
        return refuse(lowering, expression);
    }
}

void coupling_form(struct lowering *lowering, const struct expression *expression, struct coupling_form *form)
{
    struct terms terms = walk(lowering, expression);
    *form = (struct coupling_form){
        .source_variable = terms.source.variable,
        .target_variable = terms.target.variable,
        .source_weight = terms.source.weight,
        .target_weight = terms.target.weight,
    };
    if (lowering->fault->status)
        return;
    if (!terms.source.variable)
        source_fault(lowering->fault, expression->span, "a continuous coupling must read a variable of the source: NAME_pre");
    else if (!terms.source.weight.uniform || (terms.target.variable && !terms.target.weight.uniform))
        source_fault(lowering->fault, expression->span,
                     "the weight of a continuous coupling may not change in time in this version");
}
