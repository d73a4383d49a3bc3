/* Small scripts made by hand, for tests of the network alone: populations, sets, and projections with their connections. */
#ifndef GLION_TESTS_NETWORK_FIXTURE_H
#define GLION_TESTS_NETWORK_FIXTURE_H

#include <assert.h>
#include <mpi.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "language/script.h"
#include "network/network.h"
#include "network/rule.h"
#include "support/memory.h"

#define FIXTURE_MAX 64

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

static inline void fixture_defaults(const struct rule_signature *rule, struct rule_value *arguments)
{
    for (int k = 0; k < RULE_ARGUMENTS_MAX && rule->arguments[k].name; k++)
        arguments[k].number = rule->arguments[k].value;
}

/* A projection with the defaults of its rule's arguments. pool: NULL unless the rule is tripartite, or a third one follows. */
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
    fixture_defaults(projection->rule, projection->arguments);
    if (!pool) {
        fixture_connection(fixture, projection, ROLE_PLAIN, source, target);
        return projection;
    }
    fixture_connection(fixture, projection, ROLE_PRIMARY, source, target);
    fixture_connection(fixture, projection, ROLE_THIRD_IN, source, pool);
    fixture_connection(fixture, projection, ROLE_THIRD_OUT, pool, target);
    return projection;
}

/* Adds third nodes, from the pool of the projection, to any rule. */
static inline void fixture_third(struct projection *projection, const char *rule)
{
    assert(rule_find(rule)->third_part && projection->pool);
    projection->third = &rule_find(rule)->signature;
    fixture_defaults(projection->third, projection->third_arguments);
}

/* An argument of the rule, or else of the third one. */
static inline struct rule_value *fixture_argument(struct projection *projection, const char *name)
{
    for (int k = 0; k < RULE_ARGUMENTS_MAX && projection->rule->arguments[k].name; k++)
        if (strcmp(projection->rule->arguments[k].name, name) == 0)
            return &projection->arguments[k];
    for (int k = 0; projection->third && k < RULE_ARGUMENTS_MAX && projection->third->arguments[k].name; k++)
        if (strcmp(projection->third->arguments[k].name, name) == 0)
            return &projection->third_arguments[k];
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

static inline void fixture_indices(struct projection *projection, const char *name, const uint32_t *indices, uint64_t n)
{
    struct rule_value *argument = fixture_argument(projection, name);
    argument->given = true;
    argument->indices = indices;
    argument->n_indices = n;
}

/* Every connection of a projection, by asking its rule about one node after the other. */
struct fixture_drawn {
    struct pair *direct; /* [n_direct] sources and targets: those of a target together, in the order in which third nodes count */
    struct third_pair {
        node_id source, third, target;
    } * thirds; /* [n_thirds] */
    uint64_t n_direct, direct_capacity, n_thirds, thirds_capacity;
};

static inline int fixture_compare_pairs(const void *left, const void *right)
{
    const struct pair *a = left, *b = right;
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    return (a->source > b->source) - (a->source < b->source);
}

/* Rules that draw items leave it to others to bring the connections of a target together. */
static inline struct pair *fixture_draw_items(const struct drawing *drawing, struct draw *draw, uint64_t *n)
{
    struct pair *pairs = NULL;
    uint64_t capacity = 0;
    *n = 0;
    for (uint64_t item = 0; item < drawing->rule->n_items(drawing->projection); item++) {
        drawing->rule->draw_item(draw, item);
        for (uint64_t k = 0; k < draw->n_pairs; k++)
            *MEMORY_PUSH(pairs, *n, capacity, struct pair, TEMPORARY) = draw->pairs[k];
    }
    if (*n)
        qsort(pairs, *n, sizeof *pairs, fixture_compare_pairs);
    return pairs;
}

static inline void fixture_drawn_create(uint64_t seed, const struct projection *projection, struct fixture_drawn *drawn)
{
    struct drawing drawing;
    struct draw draw;
    uint64_t n_items = 0, next = 0;
    *drawn = (struct fixture_drawn){0};
    drawing_create(&(struct script){.seed = seed}, projection, &drawing);
    draw_create(&drawing, &draw);
    struct pair *items = drawing.rule->draw_item ? fixture_draw_items(&drawing, &draw, &n_items) : NULL;
    for (uint64_t target = 0; target < projection->target->size; target++) {
        if (drawing.rule->draw_target)
            drawing.rule->draw_target(&draw, target);
        else
            for (draw.n = 0; next < n_items && items[next].node == target; next++) {
                draw_reserve(&draw, draw.n + 1);
                draw.nodes[draw.n++] = items[next].source;
            }
        for (uint64_t k = 0; k < draw.n; k++)
            *MEMORY_PUSH(drawn->direct, drawn->n_direct, drawn->direct_capacity, struct pair,
                         TEMPORARY) = (struct pair){draw.nodes[k], (node_id)target};
        if (!projection->pool)
            continue;
        third_draw(&draw, target);
        for (uint64_t k = 0; k < draw.n_pairs; k++)
            *MEMORY_PUSH(drawn->thirds, drawn->n_thirds, drawn->thirds_capacity, struct third_pair,
                         TEMPORARY) = (struct third_pair){draw.pairs[k].source, draw.pairs[k].node, (node_id)target};
    }
    assert(next == n_items); /* every item was meant for a target */
    memory_free(items);
    draw_release(&draw);
    drawing_release(&drawing);
}

static inline void fixture_drawn_release(struct fixture_drawn *drawn)
{
    memory_free(drawn->direct);
    memory_free(drawn->thirds);
    *drawn = (struct fixture_drawn){0};
}

#endif
