/* Small scripts made by hand, for tests of the network alone: populations, sets, and projections with their connections. */
#ifndef GLION_TESTS_NETWORK_FIXTURE_H
#define GLION_TESTS_NETWORK_FIXTURE_H

#include <assert.h>
#include <mpi.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "language/script.h"
#include "network/network.h"
#include "network/rule.h"
#include "support/memory.h"

#define FIXTURE_MAX 16

struct fixture {
    struct arena *arena;
    struct script script;
    struct model synapse; /* of all connections: has no variables */
    struct population populations[FIXTURE_MAX];
    struct projection projections[FIXTURE_MAX];
    struct connection connections[FIXTURE_MAX];
};

static inline void fixture_create(struct fixture *fixture, uint64_t seed)
{
    *fixture = (struct fixture){.arena = arena_create()};
    fixture->synapse = (struct model){.kind = MODEL_SYNAPSE, .name = "plain"};
    fixture->script = (struct script){
        .seed = seed,
        .dt = 1e-4,
        .populations = fixture->populations,
        .projections = fixture->projections,
        .connections = fixture->connections,
    };
}

static inline void fixture_destroy(struct fixture *fixture)
{
    arena_destroy(&fixture->arena);
}

static inline int fixture_population(struct fixture *fixture, const char *name, node_index size)
{
    int index = fixture->script.n_populations++;
    assert(index < FIXTURE_MAX);
    node_id base = index ? fixture->populations[index - 1].base + fixture->populations[index - 1].size : 0;
    fixture->populations[index] = (struct population){.name = name, .size = size, .base = base, .index = index};
    return index;
}

/* A set of parts; `count` 0 ends them. */
static inline const struct node_set *fixture_set(struct fixture *fixture, const char *name, const struct node_part *parts)
{
    int n = 0;
    while (parts[n].count > 0)
        n++;
    struct node_set *set = ARENA_NEW(fixture->arena, 1, struct node_set);
    *set = (struct node_set){.name = name, .n_parts = n, .parts = ARENA_NEW(fixture->arena, n, struct node_part)};
    for (int k = 0; k < n; k++) {
        set->parts[k] = parts[k];
        set->size += parts[k].count;
    }
    return set;
}

static inline const struct node_set *fixture_whole(struct fixture *fixture, int population)
{
    const struct population *of = &fixture->populations[population];
    return fixture_set(fixture, of->name, (struct node_part[]){{.population = population, .count = of->size}, {0}});
}

static inline void fixture_connection(struct fixture *fixture, struct projection *projection, enum connection_role role,
                                      const struct node_set *source, const struct node_set *target)
{
    static const char *const suffix[] = {"", ".primary", ".third_in", ".third_out"};
    int index = fixture->script.n_connections++;
    assert(index < FIXTURE_MAX);
    fixture->connections[index] = (struct connection){
        .name = arena_format(fixture->arena, "%s%s", projection->name, suffix[role]),
        .role = role,
        .synapse = &fixture->synapse,
        .source = source,
        .target = target,
        .delay = 10,
        .projection = projection->index,
        .index = index,
    };
    projection->connections[projection->n_connections++] = index;
}

/* A projection with the defaults of its rule's arguments. pool: NULL unless the rule is tripartite. */
static inline struct projection *fixture_projection(struct fixture *fixture, const char *name, const char *rule,
                                                    const struct node_set *source, const struct node_set *target,
                                                    const struct node_set *pool)
{
    int index = fixture->script.n_projections++;
    assert(index < FIXTURE_MAX && rule_find(rule));
    struct projection *projection = &fixture->projections[index];
    *projection = (struct projection){
        .name = name,
        .rule = &rule_find(rule)->signature,
        .source = source,
        .target = target,
        .pool = pool,
        .index = index,
    };
    for (int k = 0; k < RULE_ARGUMENTS_MAX && projection->rule->arguments[k].name; k++)
        projection->arguments[k].number = projection->rule->arguments[k].value;
    if (!pool) {
        fixture_connection(fixture, projection, ROLE_PLAIN, source, target);
        return projection;
    }
    fixture_connection(fixture, projection, ROLE_PRIMARY, source, target);
    fixture_connection(fixture, projection, ROLE_THIRD_IN, source, pool);
    fixture_connection(fixture, projection, ROLE_THIRD_OUT, pool, target);
    return projection;
}

static inline struct rule_value *fixture_argument(struct projection *projection, const char *name)
{
    for (int k = 0; k < RULE_ARGUMENTS_MAX && projection->rule->arguments[k].name; k++)
        if (strcmp(projection->rule->arguments[k].name, name) == 0)
            return &projection->arguments[k];
    assert(!"the rule has this argument");
    return NULL;
}

static inline void fixture_number(struct projection *projection, const char *name, double value)
{
    struct rule_value *argument = fixture_argument(projection, name);
    argument->given = true;
    argument->number = value;
}

static inline void fixture_word(struct projection *projection, const char *name, int word)
{
    struct rule_value *argument = fixture_argument(projection, name);
    argument->given = true;
    argument->word = word;
}

#endif
