/* Which of the refusals that all ranks have met comes first, and how it reads: the same for any layout. */
#include <math.h>
#include <stdio.h>

#include "language/source.h"
#include "network/rule.h"

/* The first refusal of all ranks, on every rank. */
static struct refusal first_refusal(const struct draw *draws, int n, MPI_Comm communicator)
{
    struct refusal first = {0};
    struct {
        double target;
        int rank;
    } own = {.target = INFINITY}, least;
    for (int k = 0; k < n; k++) {
        const struct refusal *refusal = &draws[k].by_pair.refusal;
        if (refusal->kind == REFUSED_NOTHING || (double)refusal->target >= own.target)
            continue;
        first = *refusal;
        own.target = (double)refusal->target;
    }
    MPI_Comm_rank(communicator, &own.rank);
    MPI_Allreduce(&own, &least, 1, MPI_DOUBLE_INT, MPI_MINLOC, communicator);
    MPI_Bcast(&first, sizeof first, MPI_BYTE, least.rank, communicator);
    return first;
}

/* "node 5 of 'exc'" */
struct node_text {
    char text[300];
};

static struct node_text name_node(const struct by_pair *by_pair, const struct node_set *set, uint64_t position)
{
    struct node_text node;
    int population;
    node_index index;
    node_set_at(set, position, &population, &index);
    snprintf(node.text, sizeof node.text, "node %u of '%s'", index, by_pair->script->populations[population].name);
    return node;
}

static int fault_of_place(const struct by_pair *by_pair, const struct node_set *set, uint64_t position, struct span span,
                          struct fault *fault)
{
    return source_fault(fault, span, "%s has no position: a coordinate is not finite, or redraw has accepted none",
                        name_node(by_pair, set, position).text);
}

int by_pair_check(const struct by_pair *by_pair, const struct draw *draws, int n, MPI_Comm communicator, struct fault *fault)
{
    const struct projection *projection = by_pair->projection;
    const char *argument = projection->rule->arguments[by_pair->argument].name;
    const struct expression *expression = projection->arguments[by_pair->argument].expression;
    struct span span = expression ? expression->span : projection->rule_span;
    struct refusal refusal = first_refusal(draws, n, communicator);
    struct node_text source = name_node(by_pair, projection->source, refusal.source);
    struct node_text target = name_node(by_pair, projection->target, refusal.target);
    switch (refusal.kind) {
    case REFUSED_NOTHING:
        return 0;
    case REFUSED_VALUE:
        if (by_pair->value.uses_distance)
            return source_fault(fault, span, "'%s' must be from 0 to %.10g, but is %.10g at a distance of %.10g m, from %s to %s",
                                argument, by_pair->limit, refusal.value, refusal.distance, source.text, target.text);
        return source_fault(fault, span, "'%s' must be from 0 to %.10g, but is %.10g from %s to %s", argument, by_pair->limit,
                            refusal.value, source.text, target.text);
    case REFUSED_COPIES:
        return source_fault(fault, projection->arguments[by_pair->copies].expression->span,
                            "'%s' must be a whole number, 0 or more, but is %.10g from %s to %s",
                            projection->rule->arguments[by_pair->copies].name, refusal.value, source.text, target.text);
    case REFUSED_TOO_FEW:
        return source_fault(fault, span, "%s: %s has %.0f sources with %s above 0, too few for %s = %.0f%s",
                            projection->rule->name, target.text, refusal.value, argument, projection->rule->arguments[0].name,
                            projection->arguments[0].number, rule_allows(projection, "multapses") ? "" : " without multapses");
    case REFUSED_SOURCE_PLACE:
        return fault_of_place(by_pair, projection->source, refusal.source, span, fault);
    case REFUSED_TARGET_PLACE:
        return fault_of_place(by_pair, projection->target, refusal.target, span, fault);
    }
    return 0;
}
