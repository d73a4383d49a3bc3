/* The table of connection rules, and what several of them ask. */
#include <string.h>

#include "language/source.h"
#include "network/rule.h"

/* A rule is `const struct rule rule_NAME` in rule_NAME.c and one line here. */
#define RULES(X)                    \
    X(all_to_all)                   \
    X(one_to_one)                   \
    X(pairs)                        \
    X(condition)                    \
    X(generator)                    \
    X(pairwise_bernoulli)           \
    X(symmetric_pairwise_bernoulli) \
    X(pairwise_poisson)             \
    X(fixed_indegree)               \
    X(fixed_outdegree)              \
    X(fixed_total_number)           \
    X(bernoulli_with_pool)          \
    X(tripartite_bernoulli_with_pool)

#define X(name) extern const struct rule rule_##name;
RULES(X)
#undef X

static const struct rule *const rules[] = {
#define X(name) &rule_##name,
    RULES(X)
#undef X
        NULL};

const struct rule_signature *const rule_signatures[] = {
#define X(name) &rule_##name.signature,
    RULES(X)
#undef X
        NULL};

const struct rule *rule_find(const char *name)
{
    for (int k = 0; rules[k]; k++)
        if (strcmp(rules[k]->signature.name, name) == 0)
            return rules[k];
    return NULL;
}

struct third_part rule_third_part(const struct projection *projection)
{
    const struct rule *rule = rule_find(projection->third ? projection->third->name : projection->rule->name);
    return rule->third_part ? rule->third_part(projection) : (struct third_part){0};
}

double rule_expected(const struct script *script, const struct projection *projection, enum connection_role role)
{
    double connections = rule_find(projection->rule->name)->expected(script, projection);
    return role == ROLE_PLAIN || role == ROLE_PRIMARY ? connections : rule_third_part(projection).p * connections;
}

bool rule_allows(const struct projection *projection, const char *flag)
{
    const struct rule_argument *arguments = projection->rule->arguments;
    for (int k = 0; k < RULE_ARGUMENTS_MAX && arguments[k].name; k++)
        if (strcmp(arguments[k].name, flag) == 0)
            return projection->arguments[k].number != 0;
    return true;
}

static uint64_t n_common(const struct node_set *set, const struct node_set *other)
{
    struct overlap overlap;
    overlap_create(set, other, &overlap);
    uint64_t n = overlap.total;
    overlap_release(&overlap);
    return n;
}

double rule_allowed_pairs(const struct projection *projection)
{
    double all = (double)projection->source->size * (double)projection->target->size;
    return rule_allows(projection, "autapses") ? all : all - (double)n_common(projection->source, projection->target);
}

int rule_check_degree(const struct projection *projection, int argument, const struct node_set *set, const struct node_set *other,
                      struct fault *fault)
{
    const char *rule = projection->rule->name, *name = projection->rule->arguments[argument].name;
    uint64_t degree = (uint64_t)projection->arguments[argument].number, available = other->size;
    bool self = !rule_allows(projection, "autapses") && n_common(set, other) > 0;
    const char *but = self ? " besides the node itself" : "";
    available -= self;
    if (degree > 0 && set->size > 0 && available == 0)
        return source_fault(fault, projection->rule_span, "%s: %s = %llu, but there is no node to connect with%s", rule, name,
                            (unsigned long long)degree, but);
    if (!rule_allows(projection, "multapses") && degree > available)
        return source_fault(fault, projection->rule_span,
                            "%s without multapses: %s = %llu is more than the %llu nodes to connect with%s", rule, name,
                            (unsigned long long)degree, (unsigned long long)available, but);
    return 0;
}
