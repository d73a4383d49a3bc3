/* Families of populations: `population pop[k][SIZE]` declares member k, which files call pop_k.
 *
 * Every member is a population of its own, with the name pop_k in the script too; the family only knows which there are. pop[k]
 * is the set of one member, pop[:] and pop[a:b] the union of members in ascending order of k. */
#include "language/check.h"

#include <stdlib.h>

static const char *member_name(const struct check *check, const char *family, uint32_t number)
{
    return arena_format(check->arena, "%s_%u", family, number);
}

/* ---- declarations ---------------------------------------------------------------------------------------- */

int family_member_check(struct check *check, const struct statement *statement, uint32_t *number, const char **name,
                        struct fault *fault)
{
    double index;
    TRY(constant_count(check, statement->index, "the index of a population", 0, (double)POPULATION_SIZE_MAX - 1, &index, fault));
    const struct named *family = named_find(check, statement->name);
    if (!family || family->kind != NAMED_FAMILY)
        TRY(name_check_new(check, statement->name, statement->name_span, fault));
    *number = (uint32_t)index;
    *name = member_name(check, statement->name, *number);
    return name_check_new(check, *name, statement->name_span, fault);
}

void family_member_add(struct check *check, const struct statement *statement, uint32_t number, int population)
{
    struct named *family = named_find(check, statement->name);
    if (!family)
        family = named_add(check, NAMED_FAMILY, statement->name, statement->name_span);
    *ARENA_PUSH(check->arena, family->members, family->n_members, family->members_capacity,
                struct member) = (struct member){number, population};
}

/* ---- use ------------------------------------------------------------------------------------------------- */

const struct named *family_of(const struct scope *scope, const struct expression *expression)
{
    bool may_be_set = expression->kind == EXPRESSION_NAME && !scope->closed && !scope->model;
    const struct named *named = may_be_set ? named_find(scope->check, expression->name) : NULL;
    return named && named->kind == NAMED_FAMILY ? named : NULL;
}

int family_index_check(struct scope *scope, struct expression *expression, struct fault *fault)
{
    struct expression *index = expression->children[1];
    if (expression->n_children != 2)
        return source_fault(fault, expression->span, "a family takes one index: %s[k][…] is a part of population %s[k]",
                            expression->children[0]->name, expression->children[0]->name);
    if (index->kind != EXPRESSION_SLICE)
        return expression_check_number(scope, index, (struct dimension){0}, "the index of a population", fault);
    for (int k = 0; k < 2; k++)
        if (index->children[k])
            TRY(expression_check_number(scope, index->children[k], (struct dimension){0}, "the bound of a slice", fault));
    return 0;
}

static int compare_members(const void *a, const void *b)
{
    uint32_t x = ((const struct member *)a)->number, y = ((const struct member *)b)->number;
    return (x > y) - (x < y);
}

/* All members, ascending. */
static struct member *sorted_members(struct check *check, const struct named *family)
{
    size_t n = (size_t)family->n_members;
    struct member *members = ARENA_NEW(check->arena, n, struct member);
    memcpy(members, family->members, n * sizeof *members);
    qsort(members, n, sizeof *members, compare_members);
    return members;
}

static int fault_no_member(struct check *check, const struct named *family, const struct expression *index, double number,
                           struct fault *fault)
{
    const struct member *members = sorted_members(check, family);
    return source_fault(fault, index->span, "the family '%s' has no member %.15g: it has %d, from %u to %u", family->name, number,
                        family->n_members, members[0].number, members[family->n_members - 1].number);
}

static int find_member(struct check *check, const struct named *family, const struct expression *index, double number,
                       const struct node_set **out, struct fault *fault)
{
    bool possible = number >= 0 && number < (double)POPULATION_SIZE_MAX;
    const struct named *member = possible ? named_find(check, member_name(check, family->name, (uint32_t)number)) : NULL;
    if (!member || member->kind != NAMED_POPULATION)
        return fault_no_member(check, family, index, number, fault);
    *out = member->value.set;
    return 0;
}

/* Members [begin, end), each of which there must be; without bounds all that there are. */
static int find_members(struct check *check, const struct named *family, const struct expression *slice,
                        const struct node_set **out, struct fault *fault)
{
    double begin = 0, end = INFINITY;
    for (int k = 0; k < 2; k++)
        if (slice->children[k])
            TRY(constant_count(check, slice->children[k], "the bound of a slice", 0, (double)POPULATION_SIZE_MAX,
                               k ? &end : &begin, fault));
    const struct member *members = sorted_members(check, family);
    struct node_set *set = set_new(check, family->n_members);
    double expected = begin;
    uint32_t first = 0, last = 0; /* of the members in it */
    for (int k = 0; k < family->n_members; k++) {
        if (members[k].number < begin || members[k].number >= end)
            continue;
        if (slice->children[1] && members[k].number != expected)
            return fault_no_member(check, family, slice, expected, fault);
        expected++;
        first = set->n_parts ? first : members[k].number;
        last = members[k].number;
        set_append(set, (struct node_part){.population = members[k].population,
                                           .count = check->script->populations[members[k].population].size});
    }
    if (slice->children[1] && begin < end && expected < end)
        return fault_no_member(check, family, slice, expected, fault);
    if (!set->n_parts)
        return source_fault(fault, slice->span, "no member of the family '%s' lies in this slice", family->name);
    const bool is_all = !slice->children[0] && !slice->children[1];
    set->name = is_all ? family->name : slice_name(check, family->name, false, first, last + 1);
    *out = set;
    return 0;
}

int family_set(struct check *check, const struct named *family, struct expression *index, const struct node_set **out,
               struct fault *fault)
{
    double number;
    if (index->kind == EXPRESSION_SLICE)
        return find_members(check, family, index, out, fault);
    TRY(constant_count(check, index, "the index of a population", -INFINITY, INFINITY, &number, fault));
    return find_member(check, family, index, number, out, fault);
}
