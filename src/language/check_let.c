/* Constants of the script: `let`, and -D, which replaces the value of one outside of loops by another of the same kind. */
#include "language/check.h"

static const char *constant_text(const struct check *check, const struct expression *expression)
{
    if (expression->kind == EXPRESSION_STRING)
        return expression->name;
    return named_find(check, expression->name)->value.text;
}

int constant_of(struct scope *scope, struct expression *expression, struct constant_value *out, struct fault *fault)
{
    TRY(expression_check(scope, expression, fault));
    *out = (struct constant_value){.type = expression->type, .is_list = expression->is_list, .dimension = expression->dimension};
    if (expression->type == TYPE_NODES)
        return set_of(scope, expression, &out->set, fault);
    if (expression->is_list)
        return constant_list(scope, expression, out, fault);
    if (expression->type == TYPE_STRING) {
        out->text = constant_text(scope->check, expression);
        return 0;
    }
    if (!constant_evaluate(expression, &(struct bindings){.dt = scope->check->script->dt}, &out->number))
        return source_fault(fault, expression->span, "this is not a constant");
    if (isnan(out->number))
        return source_fault(fault, expression->span, "this is not a number (for example 0/0 or the root of a negative number)");
    return 0;
}

int constant_number(struct check *check, struct expression *expression, struct dimension dimension, const char *what, double *out,
                    struct fault *fault)
{
    struct scope scope = {.check = check};
    struct constant_value value;
    TRY(expression_check_number(&scope, expression, dimension, what, fault));
    TRY(constant_of(&scope, expression, &value, fault));
    *out = value.number;
    return 0;
}

int constant_count(struct check *check, struct expression *expression, const char *what, double low, double high, double *out,
                   struct fault *fault)
{
    TRY(constant_number(check, expression, (struct dimension){0}, what, out, fault));
    if (*out != floor(*out) || isinf(*out))
        return source_fault(fault, expression->span, "%s must be a whole number, but is %.15g", what, *out);
    if (*out < low || *out > high)
        return source_fault(fault, expression->span, "%s must be from %.0f to %.0f, but is %.15g", what, low, high, *out);
    return 0;
}

/* ---- -D NAME=EXPR ---------------------------------------------------------------------------------------- */

static const char *kind_text(struct check *check, const struct constant_value *value)
{
    const char *type = value_type_text(value->type, value->is_list, value->row_begin != NULL);
    if (!type_is_number(value->type))
        return type;
    const struct dimension_phrase dimension = dimension_phrase(value->dimension);
    return arena_format(check->arena, "%s %s", type, dimension_none(value->dimension) ? "without a unit" : dimension.text);
}

static bool same_kind(const struct constant_value *a, const struct constant_value *b)
{
    bool same_type = a->type == b->type || (type_is_number(a->type) && type_is_number(b->type));
    return same_type && a->is_list == b->is_list && !a->row_begin == !b->row_begin && dimension_equal(a->dimension, b->dimension);
}

static int override_value(struct check *check, const struct statement *let, const struct override *override,
                          struct constant_value *value, struct fault *fault)
{
    struct source *source;
    struct expression *expression;
    const char *name = arena_format(check->arena, "-D %s", override->name);
    TRY(source_from_text(check->arena, name, override->text, strlen(override->text), &source, fault));
    TRY(parse_expression(check->arena, source, &expression, fault));
    if (value->type == TYPE_NODES)
        return source_fault(fault, expression->span, "'%s' is a set of nodes, which -D cannot replace; see %s", override->name,
                            source_place(check->arena, let->name_span));
    struct scope scope = {.check = check};
    struct constant_value replacement;
    TRY(constant_of(&scope, expression, &replacement, fault));
    if (!same_kind(value, &replacement))
        return source_fault(fault, expression->span, "'%s' is %s (%s), but this is %s", override->name, kind_text(check, value),
                            source_place(check->arena, let->name_span), kind_text(check, &replacement));
    *value = replacement;
    return 0;
}

int overrides_check(struct check *check, const struct script_tree *tree, struct fault *fault)
{
    struct candidates candidates = {.arena = check->arena};
    for (int k = 0; k < tree->n_statements; k++)
        if (tree->statements[k].kind == STATEMENT_LET && !tree->statements[k].n_parameters &&
            !timed_array_is_let(&tree->statements[k]))
            candidates_add(&candidates, tree->statements[k].name);
    for (int k = 0; k < check->n_overrides; k++) {
        const char *name = check->overrides[k].name;
        bool known = false;
        for (int c = 0; c < candidates.n; c++)
            known = known || strcmp(candidates.names[c], name) == 0;
        if (!known)
            return fault_input(fault, "-D %s: error: %s has no 'let' with the name '%s'%s", name, tree->source->name, name,
                               candidates_suggestion(&candidates, name));
        for (int earlier = 0; earlier < k; earlier++)
            if (strcmp(check->overrides[earlier].name, name) == 0)
                return fault_input(fault, "-D %s: error: given twice", name);
    }
    return 0;
}

/* ---- let ------------------------------------------------------------------------------------------------- */

/* Later rooms read numbers by name, e.g. to write them into run.json. */
static void publish(struct check *check, const struct named *named, bool overridden)
{
    struct script *script = check->script;
    if (named->value.is_list || named->value.type == TYPE_STRING || named->value.type == TYPE_NODES)
        return;
    *ARENA_PUSH(check->arena, script->constants, script->n_constants, check->constants_capacity,
                struct constant) = (struct constant){
        .name = named->name,
        .span = named->span,
        .overridden = overridden,
        .number = named->value.number,
        .type = named->value.type,
    };
}

/* A set is called by its let, whatever the sets that it was made of are called. */
static const struct node_set *set_renamed(struct check *check, const struct node_set *set, const char *name)
{
    struct node_set *renamed = ARENA_NEW(check->arena, 1, struct node_set);
    *renamed = *set;
    renamed->name = name;
    return renamed;
}

/* The set lives on when the pass of a loop is over, under a name that tells the passes apart. */
static int add_set_of_pass(struct check *check, const struct statement *statement, const struct constant_value *value,
                           struct fault *fault)
{
    TRY(name_check_new(check, value->set->name, statement->name_span, fault));
    named_add(check, NAMED_LET, value->set->name, statement->name_span)->value = *value;
    return 0;
}

int let_check(struct check *check, struct statement *statement, struct fault *fault)
{
    TRY(name_check_new(check, statement->name, statement->name_span, fault));
    if (statement->n_parameters)
        return function_define(check, statement, fault);
    if (timed_array_is_let(statement))
        return timed_array_define(check, statement, fault);
    const char *set_name = name_in_pass(check, statement->name);
    struct scope scope = {.check = check, .set_name = set_name};
    struct constant_value value;
    bool overridden = false;
    TRY(constant_of(&scope, statement->value, &value, fault));
    for (int k = 0; k < check->n_overrides && !check->loop; k++)
        if (strcmp(check->overrides[k].name, statement->name) == 0) {
            TRY(override_value(check, statement, &check->overrides[k], &value, fault));
            overridden = true;
        }
    if (value.type == TYPE_NODES)
        value.set = set_renamed(check, value.set, set_name);
    if (value.type == TYPE_NODES && check->loop)
        TRY(add_set_of_pass(check, statement, &value, fault));
    struct named *named = named_add_local(check, NAMED_LET, statement->name, statement->name_span);
    named->value = value;
    if (!check->loop)
        publish(check, named, overridden);
    return 0;
}
