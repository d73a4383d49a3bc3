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
        const struct refusal *refusal = &draws[k].by_distance.refusal;
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

static struct node_text name_node(const struct by_distance *by_distance, const struct node_set *set, uint64_t position)
{
    struct node_text node;
    int population;
    node_index index;
    node_set_at(set, position, &population, &index);
    snprintf(node.text, sizeof node.text, "node %u of '%s'", index, by_distance->script->populations[population].name);
    return node;
}

static int fault_of_place(const struct by_distance *by_distance, const struct node_set *set, uint64_t position, struct span span,
                          struct fault *fault)
{
    return source_fault(fault, span, "%s has no position: a coordinate is not finite, or redraw has accepted none",
                        name_node(by_distance, set, position).text);
}

int by_distance_check(const struct by_distance *by_distance, const struct draw *draws, int n, MPI_Comm communicator,
                      struct fault *fault)
{
    const struct projection *projection = by_distance->projection;
    const char *argument = projection->rule->arguments[by_distance->argument].name;
    struct span span = projection->arguments[by_distance->argument].expression->span;
    struct refusal refusal = first_refusal(draws, n, communicator);
    struct node_text target = name_node(by_distance, projection->target, refusal.target);
    switch (refusal.kind) {
    case REFUSED_NOTHING:
        return 0;
    case REFUSED_VALUE:
        return source_fault(fault, span, "'%s' must be from 0 to %.10g, but is %.10g at a distance of %.10g m, from %s to %s",
                            argument, by_distance->limit, refusal.value, refusal.distance,
                            name_node(by_distance, projection->source, refusal.source).text, target.text);
    case REFUSED_TOO_FEW:
        return source_fault(fault, span, "%s: %s has %.0f sources with %s above 0, too few for %s = %.0f%s",
                            projection->rule->name, target.text, refusal.value, argument, projection->rule->arguments[0].name,
                            projection->arguments[0].number, rule_allows(projection, "multapses") ? "" : " without multapses");
    case REFUSED_SOURCE_PLACE:
        return fault_of_place(by_distance, projection->source, refusal.source, span, fault);
    case REFUSED_TARGET_PLACE:
        return fault_of_place(by_distance, projection->target, refusal.target, span, fault);
    }
    return 0;
}
