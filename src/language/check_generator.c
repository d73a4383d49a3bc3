/* Arguments of the rule `generator`: j = EXPRESSION for k in A:B if CONDITION, and its like for i.
 *
 * Their expressions are numbers computed one by one, so what they name becomes temporaries: the variable, the positions of the
 * two nodes, and leaves, which are values of these nodes and random numbers. What belongs to the node that is generated is known
 * to the condition and the number of synapses only. */
#include "language/check.h"

/* One argument, while its names are numbered. */
struct generated {
    struct check *check;
    const char *name; /* of the argument */
    bool by_source;   /* j is generated */
    bool sees_other;  /* the node that has been generated */
    struct generated_leaf *leaves;
    int n_leaves;
};

static bool has_argument(const struct expression *call, const char *name)
{
    for (int k = 0; k < call->n_children; k++)
        if (call->argument_names && call->argument_names[k] && strcmp(call->argument_names[k], name) == 0)
            return true;
    return false;
}

static const char *variable_of(const struct expression *call)
{
    for (int k = 0; k < call->n_children; k++)
        if (call->argument_names && call->argument_names[k] && strcmp(call->argument_names[k], "for") == 0)
            return call->children[k]->name;
    return NULL;
}

static void make_local(struct expression *expression, int index)
{
    expression->kind = EXPRESSION_NAME;
    expression->n_children = 0;
    expression->depth = 1;
    expression->reference = (struct reference){.kind = REFERENCE_LOCAL, .index = index};
}

static bool is_of_item(const struct generated *generated, enum reference_kind kind)
{
    return (kind == REFERENCE_INDEX_I || kind == REFERENCE_PRE) == generated->by_source;
}

static int require_other(const struct generated *generated, const struct expression *name, struct fault *fault)
{
    if (is_of_item(generated, name->reference.kind) || generated->sees_other)
        return 0;
    return source_fault(fault, name->span, "'%s' belongs to the %s that this finds: it can stand in the condition, behind 'if'%s",
                        name->name, generated->by_source ? "target" : "source",
                        strcmp(generated->name, "n") == 0 ? "" : ", and in n");
}

static int add_leaf(struct generated *generated, struct expression *expression, struct generated_leaf leaf, struct fault *fault)
{
    if (generated->n_leaves == GENERATED_LEAVES_MAX)
        return source_fault(fault, expression->span, "'%s' names more than %d values of nodes and random numbers",
                            generated->name, GENERATED_LEAVES_MAX);
    leaf.span = expression->span;
    generated->leaves[generated->n_leaves] = leaf;
    make_local(expression, GENERATED_NAMES + generated->n_leaves++);
    return 0;
}

static int number_name(struct generated *generated, struct expression *name, struct fault *fault)
{
    const enum reference_kind kind = name->reference.kind;
    switch (kind) {
    case REFERENCE_INDEX_I:
    case REFERENCE_INDEX_J:
        TRY(require_other(generated, name, fault));
        make_local(name, is_of_item(generated, kind) ? GENERATED_ITEM : GENERATED_OTHER);
        return 0;
    case REFERENCE_PRE:
    case REFERENCE_POST:
        TRY(require_other(generated, name, fault));
        return add_leaf(generated, name,
                        (struct generated_leaf){.kind = kind == REFERENCE_PRE ? GENERATED_PRE : GENERATED_POST,
                                                .variable = name->reference.variable_name},
                        fault);
    case REFERENCE_DISTANCE:
        return source_fault(fault, name->span, "'distance' has no meaning in a generator: connect by condition(…)");
    default:
        return 0;
    }
}

static int number_names(struct generated *generated, struct expression *expression, struct fault *fault)
{
    for (int k = 0; k < expression->n_children; k++)
        if (expression->children[k])
            TRY(number_names(generated, expression->children[k], fault));
    if (expression->kind == EXPRESSION_NAME)
        return number_name(generated, expression, fault);
    if (expression->kind != EXPRESSION_CALL || !function_signatures[expression->function].random)
        return 0;
    if (expression->function != FUNCTION_RAND && expression->function != FUNCTION_RANDN)
        return source_fault(fault, expression->span, "'%s' cannot be used in a generator, only rand() and randn()",
                            expression->name);
    const enum generated_leaf_kind kind = expression->function == FUNCTION_RAND ? GENERATED_RAND : GENERATED_RANDN;
    return add_leaf(generated, expression, (struct generated_leaf){.kind = kind}, fault);
}

int generated_check(struct check *check, const struct projection *projection, const struct expression *call,
                    const struct rule_argument *argument, struct expression *expression, struct rule_value *out,
                    struct fault *fault)
{
    const char *variable = variable_of(call), *what = arena_format(check->arena, "'%s'", argument->name);
    struct local locals[] = {[GENERATED_VARIABLE] = {.name = variable, .type = TYPE_INTEGER}};
    int n_call_sites = 0;
    struct scope scope = {.check = check,
                          .locals = locals,
                          .n_locals = variable ? 1 : 0,
                          .sees_pair = true,
                          .source = projection->source,
                          .target = projection->target,
                          .n_call_sites = &n_call_sites};
    if (argument->kind == RULE_GENERATED_CONDITION)
        TRY(expression_check_condition(&scope, expression, what, fault));
    else
        TRY(expression_check_number(&scope, expression, (struct dimension){0}, what, fault));
    struct expression *numbered = expression_clone(check->arena, expression);
    struct generated generated = {.check = check,
                                  .name = argument->name,
                                  .by_source = !has_argument(call, "i"),
                                  .sees_other = argument->sees_generated,
                                  .leaves = ARENA_NEW(check->arena, GENERATED_LEAVES_MAX, struct generated_leaf)};
    TRY(number_names(&generated, numbered, fault));
    out->generated = numbered;
    out->leaves = generated.leaves;
    out->n_leaves = generated.n_leaves;
    return 0;
}
