/* A script text in, a checked script or a message out. The rules and methods are named here, so that these tests need no other
 * room. */
#ifndef GLION_TESTS_CHECK_FIXTURE_H
#define GLION_TESTS_CHECK_FIXTURE_H

#include <math.h>

#include "language/script.h"
#include "language_fixture.h"

static const char *const fixture_pool_types[] = {"random", "block", NULL};
static const struct rule_signature fixture_rule_signatures[] = {
    {.name = "all_to_all"},
    {.name = "one_to_one"},
    {.name = "pairwise_bernoulli",
     .arguments = {{.name = "p", .kind = RULE_PROBABILITY, .required = true, .may_use_pair = true}}},
    {.name = "tripartite_bernoulli_with_pool",
     .tripartite = true,
     .arguments = {{.name = "p_primary", .kind = RULE_PROBABILITY, .required = true},
                   {.name = "p_third_if_primary", .kind = RULE_PROBABILITY, .value = 1},
                   {.name = "pool_size", .kind = RULE_COUNT},
                   {.name = "pool_type", .kind = RULE_WORD, .words = fixture_pool_types}}},
    {.name = "pairs",
     .arguments = {{.name = "sources", .kind = RULE_INDICES, .required = true},
                   {.name = "targets", .kind = RULE_INDICES, .required = true},
                   {.name = "p", .kind = RULE_PROBABILITY, .value = 1},
                   {.name = "n", .kind = RULE_COPIES, .value = 1}}},
    {.name = "fixed_total_number",
     .arguments = {{.name = "N", .kind = RULE_TOTAL, .required = true},
                   {.name = "autapses", .kind = RULE_FLAG, .value = 1},
                   {.name = "multapses", .kind = RULE_FLAG, .value = 1}}},
    {.name = "pairwise_poisson", .arguments = {{.name = "mean", .kind = RULE_NUMBER, .required = true}}},
    {.name = "bernoulli_with_pool",
     .is_third = true,
     .arguments = {{.name = "p", .kind = RULE_PROBABILITY, .value = 1},
                   {.name = "pool_size", .kind = RULE_COUNT},
                   {.name = "pool_type", .kind = RULE_WORD, .words = fixture_pool_types}}},
};
static const struct rule_signature *const fixture_rules[] = {
    &fixture_rule_signatures[0], &fixture_rule_signatures[1], &fixture_rule_signatures[2],
    &fixture_rule_signatures[3], &fixture_rule_signatures[4], &fixture_rule_signatures[5],
    &fixture_rule_signatures[6], &fixture_rule_signatures[7], NULL,
};
static const char *const fixture_methods[] = {"rkf45", "exact", "euler", NULL};
static const struct vocabulary fixture_vocabulary = {.rules = fixture_rules, .methods = fixture_methods};

static inline int check_text(struct arena *arena, const char *text, const struct override *overrides, int n_overrides,
                             struct script **script, struct fault *fault)
{
    *script = NULL;
    struct script_tree *tree;
    int status = parse(arena, source_of(arena, text), &tree, fault);
    return status ? status : script_check(arena, tree, &fixture_vocabulary, overrides, n_overrides, script, fault);
}

/* The script of a text that must be right. */
static inline struct script *script_of(struct arena *arena, const char *text)
{
    struct script *script;
    struct fault fault = {0};
    if (check_text(arena, text, NULL, 0, &script, &fault))
        fail_msg("%s", fault.text);
    return script;
}

static inline void assert_unchecked_with(const char *text, const struct override *overrides, int n_overrides,
                                         const char *expected)
{
    struct arena *arena = arena_create();
    struct script *script;
    struct fault fault = {0};
    int status = check_text(arena, text, overrides, n_overrides, &script, &fault);
    assert_fault(&fault, status, text, expected);
    assert_null(script);
    arena_destroy(&arena);
}

/* A script that must be refused. */
static inline void assert_unchecked(const char *text, const char *expected)
{
    assert_unchecked_with(text, NULL, 0, expected);
}

static inline const struct population *population_of(const struct script *script, const char *name)
{
    for (int k = 0; k < script->n_populations; k++)
        if (strcmp(script->populations[k].name, name) == 0)
            return &script->populations[k];
    fail_msg("no population '%s'", name);
    return NULL;
}

static inline const struct connection *connection_of(const struct script *script, const char *name)
{
    for (int k = 0; k < script->n_connections; k++)
        if (strcmp(script->connections[k].name, name) == 0)
            return &script->connections[k];
    fail_msg("no connection '%s'", name);
    return NULL;
}

/* The value of a variable of a population or connection. */
static inline const struct value *value_of(const struct model *model, const struct value *values, const char *name)
{
    int index = model_variable(model, name);
    if (index < 0)
        fail_msg("no variable '%s'", name);
    return &values[index];
}

static inline const struct constant *constant_named(const struct script *script, const char *name)
{
    for (int k = 0; k < script->n_constants; k++)
        if (strcmp(script->constants[k].name, name) == 0)
            return &script->constants[k];
    fail_msg("no constant '%s'", name);
    return NULL;
}

static inline void assert_near(double value, double expected)
{
    if (value != expected && !(fabs(value - expected) <= 1e-12 * fabs(expected)))
        fail_msg("%.17g is not %.17g", value, expected);
}

#endif
