/* 8 bytes for each node of the set, for each leaf and on every rank, while the projection is drawn. */
#include "network/generated_values.h"

#include "network/start_values.h"
#include "support/memory.h"

bool generated_values_are_needed(const struct projection *projection)
{
    for (int argument = 0; argument < RULE_ARGUMENTS_MAX; argument++)
        for (int k = 0; k < projection->arguments[argument].n_leaves; k++)
            if (projection->arguments[argument].leaves[k].variable)
                return true;
    return false;
}

void generated_values_create(const struct script *script, const struct projection *projection, struct generated_values *values)
{
    *values = (struct generated_values){0};
    for (int argument = 0; argument < RULE_ARGUMENTS_MAX; argument++)
        for (int k = 0; k < projection->arguments[argument].n_leaves; k++) {
            const struct generated_leaf *leaf = &projection->arguments[argument].leaves[k];
            const struct node_set *set = leaf->kind == GENERATED_PRE ? projection->source : projection->target;
            if (leaf->variable)
                values->of[argument][k] = start_values_all(script, set, leaf->variable, projection->n_node_assignments);
        }
}

void generated_values_release(struct generated_values *values)
{
    for (int argument = 0; argument < RULE_ARGUMENTS_MAX; argument++)
        for (int k = 0; k < GENERATED_LEAVES_MAX; k++)
            memory_free(values->of[argument][k]);
}
