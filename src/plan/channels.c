#include "plan/channels.h"

#include "plan/plan.h"

static int event_of(const struct script *script, int population, const struct pathway *pathway)
{
    return pathway->event ? model_event(script->populations[population].model, pathway->event) : -1;
}

/* channels->n: there is none. */
static int find(const struct channels *channels, int population, int event)
{
    int k = 0;
    while (k < channels->n && (channels->list[k].population != population || channels->list[k].event != event))
        k++;
    return k;
}

int channels_of_pathway(const struct channels *channels, const struct script *script, int population,
                        const struct pathway *pathway)
{
    return find(channels, population, event_of(script, population, pathway));
}

int channels_of_id(const struct channels *channels, node_id id)
{
    int low = 0, high = channels->n - 1;
    while (low < high) {
        int middle = low + (high - low + 1) / 2;
        if (channels->list[middle].base <= id)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* ---- which there are ---- */

static void add(struct channels *channels, const struct script *script, int population, int event, uint64_t *n_ids)
{
    channels->list[channels->n++] = (struct channel){.population = population, .event = event, .base = (node_id)*n_ids};
    *n_ids += script->populations[population].size;
}

static int add_events(struct channels *channels, const struct script *script, const struct connection *connection,
                      const struct pathway *pathway, uint64_t *n_ids, struct fault *fault)
{
    const struct node_set *set = pathway->kind == PATHWAY_PRE ? connection->source : connection->target;
    for (int part = 0; part < set->n_parts; part++) {
        const int population = set->parts[part].population, event = event_of(script, population, pathway);
        if (find(channels, population, event) == channels->n)
            add(channels, script, population, event, n_ids);
        if (*n_ids > UINT32_MAX)
            return source_fault(fault, pathway->event_span,
                                "the populations have more than 2^32 nodes together, where those count again for each of their "
                                "events at which pathways run");
    }
    return 0;
}

static int most_channels(const struct plan *plan)
{
    int n = plan->script->n_populations;
    for (int k = 0; k < plan->script->n_connections; k++) {
        const struct connection *connection = &plan->script->connections[k];
        n += plan->connections[k].pathways.n * (connection->source->n_parts + connection->target->n_parts);
    }
    return n;
}

int channels_make(struct arena *arena, const struct plan *plan, struct channels *channels, struct fault *fault)
{
    const struct script *script = plan->script;
    uint64_t n_ids = 0;
    *channels = (struct channels){.list = ARENA_NEW(arena, most_channels(plan), struct channel),
                                  .first_event = script->n_populations};
    for (int population = 0; population < script->n_populations; population++)
        add(channels, script, population, -1, &n_ids);
    for (int k = 0; k < script->n_connections; k++) {
        const struct pathways_plan *pathways = &plan->connections[k].pathways;
        for (int p = 0; p < pathways->n; p++)
            if (pathways->list[p].pathway->event)
                TRY(add_events(channels, script, &script->connections[k], pathways->list[p].pathway, &n_ids, fault));
    }
    return 0;
}
