/* The table of connection rules, and the list that they draw into. */
#include <string.h>

#include "network/rule.h"
#include "support/memory.h"

/* A rule is `const struct rule rule_NAME` in rule_NAME.c and one line here. */
#define RULES(X)          \
    X(all_to_all)         \
    X(one_to_one)         \
    X(pairwise_bernoulli) \
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

/* At least doubles, so that growing costs little. */
static uint64_t larger(uint64_t needed, uint64_t capacity)
{
    return needed > 2 * capacity ? needed : 2 * capacity;
}

void draw_reserve(struct draw *draw, uint64_t capacity)
{
    if (capacity <= draw->capacity)
        return;
    draw->capacity = larger(capacity, draw->capacity);
    draw->sources = MEMORY_RESIZE(draw->sources, draw->capacity, node_id, TEMPORARY);
}

void draw_reserve_thirds(struct draw *draw, uint64_t capacity)
{
    if (capacity <= draw->thirds_capacity)
        return;
    draw->thirds_capacity = larger(capacity, draw->thirds_capacity);
    draw->thirds = MEMORY_RESIZE(draw->thirds, draw->thirds_capacity, struct third, TEMPORARY);
}

node_id *draw_scratch(struct draw *draw, uint64_t size)
{
    if (size > draw->scratch_capacity) {
        draw->scratch_capacity = size;
        draw->scratch = MEMORY_RESIZE(draw->scratch, size, node_id, TEMPORARY);
    }
    return draw->scratch;
}

void draw_release(struct draw *draw)
{
    memory_free(draw->sources);
    memory_free(draw->thirds);
    memory_free(draw->scratch);
    *draw = (struct draw){0};
}
