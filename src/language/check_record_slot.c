/* `record … at SLOT`: the moments of a step, by Brian's names for the gaps between what it does. */
#include "language/check.h"

/* Where nothing that is recorded changes between them, several names are one moment. */
static const struct slot_name {
    const char *name;
    enum record_slot slot;
    bool before_thresholds; /* the moment differs from the slot in who is refractory, and when a node spiked last */
} slot_names[] = {
    {"start", RECORD_AT_START, false},
    {"after_start", RECORD_AT_START, false},
    {"before_groups", RECORD_AT_START, false},
    {"after_groups", RECORD_AT_AFTER_THRESHOLDS, true},
    {"before_thresholds", RECORD_AT_AFTER_THRESHOLDS, true},
    {"after_thresholds", RECORD_AT_AFTER_THRESHOLDS, false},
    {"before_synapses", RECORD_AT_AFTER_THRESHOLDS, false},
    {"after_synapses", RECORD_AT_AFTER_SYNAPSES, false},
    {"before_resets", RECORD_AT_AFTER_SYNAPSES, false},
    {"after_resets", RECORD_AT_END, false},
    {"before_end", RECORD_AT_END, false},
    {"end", RECORD_AT_END, false},
    {"after_end", RECORD_AT_END, false},
};

static const struct slot_name *find_slot(const char *name)
{
    for (size_t k = 0; k < sizeof slot_names / sizeof *slot_names; k++)
        if (strcmp(slot_names[k].name, name) == 0)
            return &slot_names[k];
    return NULL;
}

/* Equations that are clock-driven change synapses in the middle of a step, then spikes that arrive; resets do not. Where there is
 * only one of both, the middle is as one of its ends. */
static enum record_slot slot_of_synapses(enum record_slot slot, const struct model *synapse)
{
    if (slot == RECORD_AT_AFTER_THRESHOLDS && !model_is_clock_driven(synapse))
        return RECORD_AT_START;
    if (slot == RECORD_AT_AFTER_THRESHOLDS && synapse->n_pathways > 0)
        return RECORD_AT_AFTER_THRESHOLDS;
    return slot == RECORD_AT_START ? RECORD_AT_START : RECORD_AT_AFTER_SYNAPSES;
}

int record_slot_of_synapses(const struct statement *statement, const struct model *synapse, enum record_slot *out,
                            struct fault *fault)
{
    *out = RECORD_AT_START;
    if (!statement->slot)
        return 0;
    const struct slot_name *named = find_slot(statement->slot);
    if (!named)
        return source_fault(
            fault, statement->span,
            "'at %s' is not supported: variables of synapses are recorded 'at start', 'at after_thresholds' or 'at "
            "after_synapses'",
            statement->slot);
    *out = slot_of_synapses(named->slot, synapse);
    return 0;
}

/* What a step does between integration and its end is in another order at these nodes. */
static int check_order(const struct statement *statement, const struct population *population, struct fault *fault)
{
    if (!model_spikes_after_synapses(population->model))
        return 0;
    return source_fault(
        fault, statement->span,
        "'at %s' is not supported for '%s' (model '%s'), which spikes `after synapses`: it is recorded 'at start'",
        statement->slot, population->name, population->model->name);
}

static int check_before_thresholds(const struct statement *statement, const struct population *population, struct fault *fault)
{
    const struct model *model = population->model;
    if (!model_reads(model, REFERENCE_NOT_REFRACTORY) && !model_reads(model, REFERENCE_LASTSPIKE))
        return 0;
    return source_fault(fault, statement->span,
                        "'at %s' is not supported yet for '%s' (model '%s'), which reads not_refractory or lastspike: record it "
                        "'at after_thresholds'",
                        statement->slot, population->name, model->name);
}

int record_slot_of_nodes(struct check *check, const struct statement *statement, const struct node_set *set,
                         enum record_slot *out, struct fault *fault)
{
    *out = RECORD_AT_START;
    if (!statement->slot)
        return 0;
    const struct slot_name *named = find_slot(statement->slot);
    if (!named)
        return source_fault(fault, statement->span,
                            "'at %s' is not supported yet for what is recorded of nodes: they are recorded 'at start', "
                            "'after_groups', 'after_thresholds', 'after_synapses' or 'end'",
                            statement->slot);
    *out = named->slot;
    for (int k = 0; k < set->n_parts && named->slot != RECORD_AT_START; k++) {
        const struct population *population = &check->script->populations[set->parts[k].population];
        TRY(check_order(statement, population, fault));
        if (named->before_thresholds)
            TRY(check_before_thresholds(statement, population, fault));
    }
    return 0;
}
