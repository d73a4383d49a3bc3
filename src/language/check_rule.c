/* A connection rule and its arguments, as its signature wants them. */
#include "language/check.h"

/* Beyond, numbers of connections are no longer exact in a double. */
#define TOTAL_MAX 0x1p53

/* Any rule by its name; `behind_third` says which kind is listed when it is unknown. */
static int find_rule(struct check *check, const struct expression *call, bool behind_third, const struct rule_signature **out,
                     struct fault *fault)
{
    struct candidates candidates = {.arena = check->arena};
    for (const struct rule_signature *const *rule = check->vocabulary->rules; *rule; rule++) {
        if ((*rule)->is_third == behind_third)
            candidates_add(&candidates, (*rule)->name);
        if (strcmp((*rule)->name, call->name) == 0) {
            *out = *rule;
            return 0;
        }
    }
    return source_fault(fault, call->span, "unknown rule '%s' (the rules are %s)%s", call->name, candidates_list(&candidates),
                        candidates_suggestion(&candidates, call->name));
}

static int n_arguments(const struct rule_signature *rule)
{
    int n = 0;
    while (n < RULE_ARGUMENTS_MAX && rule->arguments[n].name)
        n++;
    return n;
}

static int check_word(struct check *check, const struct rule_argument *argument, struct expression *expression,
                      struct rule_value *out, struct fault *fault)
{
    struct scope scope = {.check = check};
    struct constant_value value;
    struct candidates candidates = {.arena = check->arena};
    TRY(constant_of(&scope, expression, &value, fault));
    for (int k = 0; argument->words[k]; k++) {
        candidates_add(&candidates, arena_format(check->arena, "\"%s\"", argument->words[k]));
        if (value.type == TYPE_STRING && strcmp(argument->words[k], value.text) == 0) {
            out->word = k;
            return 0;
        }
    }
    return source_fault(fault, expression->span, "'%s' must be one of %s", argument->name, candidates_list(&candidates));
}

static int check_indices(struct check *check, const struct rule_argument *argument, struct expression *expression,
                         struct rule_value *out, struct fault *fault)
{
    struct scope scope = {.check = check};
    struct constant_value value;
    TRY(constant_of(&scope, expression, &value, fault));
    if (!value.is_list && type_is_number(value.type)) /* one position */
        value.list = &value.number, value.n_list = 1, value.is_list = true;
    if (!value.is_list || value.row_begin || !type_is_number(value.type) || !dimension_none(value.dimension))
        return source_fault(fault, expression->span, "'%s' must be a list of positions, such as [0, 1], or one", argument->name);
    uint32_t *indices = ARENA_NEW(check->arena, value.n_list, uint32_t);
    for (uint64_t k = 0; k < value.n_list; k++) {
        if (value.list[k] != floor(value.list[k]) || value.list[k] < 0 || value.list[k] > UINT32_MAX)
            return source_fault(fault, expression->span, "'%s': %.15g is no position (row %llu)", argument->name, value.list[k],
                                (unsigned long long)k);
        indices[k] = (uint32_t)value.list[k];
    }
    out->indices = indices;
    out->n_indices = value.n_list;
    return 0;
}

static int check_flag(struct check *check, const struct rule_argument *argument, struct expression *expression,
                      struct rule_value *out, struct fault *fault)
{
    struct scope scope = {.check = check};
    struct constant_value value;
    TRY(constant_of(&scope, expression, &value, fault));
    if (value.type != TYPE_BOOLEAN)
        return source_fault(fault, expression->span, "'%s' must be true or false, but this is %s", argument->name,
                            expression_type_text(expression));
    out->number = value.number;
    return 0;
}

/* What an argument may say of a pair. Calls that draw are numbered through all arguments. */
static struct scope pair_scope(struct check *check, const struct projection *projection, int *n_call_sites)
{
    return (struct scope){.check = check,
                          .sees_pair = true,
                          .source = projection->source,
                          .target = projection->target,
                          .n_call_sites = n_call_sites};
}

static int keep_expression(struct check *check, const struct projection *projection, const struct expression *expression,
                           struct rule_value *out, struct fault *fault)
{
    out->expression = expression_clone(check->arena, expression);
    return pair_check(check, expression, projection->source, projection->target, fault);
}

static int check_condition(struct check *check, const struct projection *projection, const struct rule_argument *argument,
                           struct expression *expression, int *n_call_sites, struct rule_value *out, struct fault *fault)
{
    struct scope scope = pair_scope(check, projection, n_call_sites);
    const char *what = arena_format(check->arena, "'%s'", argument->name);
    TRY(expression_check_condition(&scope, expression, what, fault));
    return keep_expression(check, projection, expression, out, fault);
}

/* A number, or an expression of the pair. */
static int check_number(struct check *check, const struct projection *projection, const struct rule_argument *argument,
                        struct expression *expression, int *n_call_sites, struct rule_value *out, struct fault *fault)
{
    const char *what = arena_format(check->arena, "'%s'", argument->name);
    if (!argument->may_use_pair)
        return constant_number(check, expression, (struct dimension){0}, what, &out->number, fault);
    struct scope scope = pair_scope(check, projection, n_call_sites);
    TRY(expression_check_number(&scope, expression, (struct dimension){0}, what, fault));
    if (pair_mentioned(expression))
        return keep_expression(check, projection, expression, out, fault);
    return constant_number(check, expression_clone(check->arena, expression), (struct dimension){0}, what, &out->number, fault);
}

static int check_argument(struct check *check, const struct projection *projection, const struct expression *call,
                          const struct rule_argument *argument, struct expression *expression, int *n_call_sites,
                          struct rule_value *out, struct fault *fault)
{
    const char *what = arena_format(check->arena, "'%s'", argument->name);
    out->given = true;
    switch (argument->kind) {
    case RULE_PROBABILITY:
        TRY(check_number(check, projection, argument, expression, n_call_sites, out, fault));
        if (!(out->number >= 0 && out->number <= 1) && !out->expression)
            return source_fault(fault, expression->span, "probability '%s' must be from 0 to 1, but is %.15g", argument->name,
                                out->number);
        return 0;
    case RULE_COUNT:
        return constant_count(check, expression, what, 1, (double)POPULATION_SIZE_MAX - 1, &out->number, fault);
    case RULE_COPIES:
        TRY(check_number(check, projection, argument, expression, n_call_sites, out, fault));
        if (!out->expression && (out->number != floor(out->number) || !(out->number >= 0 && out->number < POPULATION_SIZE_MAX)))
            return source_fault(fault, expression->span, "'%s' must be a whole number, 0 or more, but is %.15g", argument->name,
                                out->number);
        return 0;
    case RULE_CONDITION:
        return check_condition(check, projection, argument, expression, n_call_sites, out, fault);
    case RULE_TOTAL:
        return constant_count(check, expression, what, 0, TOTAL_MAX, &out->number, fault);
    case RULE_NUMBER:
        TRY(check_number(check, projection, argument, expression, n_call_sites, out, fault));
        if (!(out->number >= 0 && out->number < INFINITY) && !out->expression)
            return source_fault(fault, expression->span, "'%s' must be 0 or more, and finite, but is %.15g", argument->name,
                                out->number);
        return 0;
    case RULE_FLAG:
        return check_flag(check, argument, expression, out, fault);
    case RULE_WORD:
        return check_word(check, argument, expression, out, fault);
    case RULE_INDICES:
        return check_indices(check, argument, expression, out, fault);
    case RULE_GENERATED:
    case RULE_GENERATED_CONDITION:
        return generated_check(check, projection, call, argument, expression, out, fault);
    case RULE_VARIABLE:
        out->name = expression->name;
        return name_check_new(check, expression->name, expression->span, fault);
    }
    return 0;
}

static int place_of_argument(struct check *check, const struct rule_signature *rule, const struct expression *call, int position,
                             int *out, struct fault *fault)
{
    const char *name = call->argument_names ? call->argument_names[position] : NULL;
    struct candidates candidates = {.arena = check->arena};
    int n = n_arguments(rule);
    for (int k = 0; k < n; k++) {
        candidates_add(&candidates, rule->arguments[k].name);
        if (name ? strcmp(rule->arguments[k].name, name) == 0 : k == position) {
            *out = k;
            return 0;
        }
    }
    struct span span = call->children[position]->span;
    if (name)
        return source_fault(fault, span, "rule '%s' has no argument '%s' (its arguments are %s)%s", rule->name, name,
                            candidates_list(&candidates), candidates_suggestion(&candidates, name));
    return source_fault(fault, span, n ? "rule '%s' takes at most %d argument%s: %s" : "rule '%s' takes no arguments", rule->name,
                        n, n == 1 ? "" : "s", candidates_list(&candidates));
}

/* One position stands beside as many as the other list has. */
static void repeat_position(struct check *check, const struct rule_signature *rule, struct rule_value *arguments)
{
    if (rule->arguments[0].kind != RULE_INDICES || rule->arguments[1].kind != RULE_INDICES)
        return;
    for (int k = 0; k < 2; k++) {
        struct rule_value *one = &arguments[k];
        const uint64_t n = arguments[1 - k].n_indices;
        if (one->n_indices != 1 || n == 1)
            continue;
        uint32_t *indices = ARENA_NEW(check->arena, n, uint32_t);
        for (uint64_t row = 0; row < n; row++)
            indices[row] = one->indices[0];
        one->indices = indices;
        one->n_indices = n;
    }
}

int rule_check(struct check *check, const struct expression *call, bool behind_third, const struct projection *projection,
               const struct rule_signature **out, struct rule_value *arguments, struct fault *fault)
{
    TRY(find_rule(check, call, behind_third, out, fault));
    const struct rule_signature *rule = *out;
    for (int k = 0; k < n_arguments(rule); k++)
        arguments[k].number = rule->arguments[k].value;
    int n_call_sites = 0;
    for (int k = 0; k < call->n_children; k++) {
        int place = 0;
        TRY(place_of_argument(check, rule, call, k, &place, fault));
        if (arguments[place].given)
            return source_fault(fault, call->children[k]->span, "argument '%s' is given twice", rule->arguments[place].name);
        TRY(check_argument(check, projection, call, &rule->arguments[place], call->children[k], &n_call_sites, &arguments[place],
                           fault));
    }
    for (int k = 0; k < n_arguments(rule); k++)
        if (rule->arguments[k].required && !arguments[k].given)
            return source_fault(fault, call->span, "rule '%s' needs the argument '%s'", rule->name, rule->arguments[k].name);
    repeat_position(check, rule, arguments);
    return 0;
}
