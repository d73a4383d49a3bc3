#include "network/partition.h"

#include <string.h>

#include "support/text.h"

const struct partition_scheme *const partition_schemes[] = {
    &partition_round_robin,
    &partition_block,
    NULL,
};

const struct partition_scheme *partition_find(const char *name)
{
    for (int k = 0; partition_schemes[k]; k++)
        if (strcmp(partition_schemes[k]->name, name) == 0)
            return partition_schemes[k];
    return NULL;
}

int partition_choose(const char *name, int n_ranks, struct partition *out, struct fault *fault)
{
    *out = (struct partition){name ? partition_find(name) : partition_schemes[0], n_ranks};
    if (out->scheme)
        return 0;
    struct text known = {0};
    for (int k = 0; partition_schemes[k]; k++)
        text_add(&known, "%s%s", k ? ", " : "", partition_schemes[k]->name);
    int status = fault_input(fault, "unknown partition '%.80s'; known: %s", name, known.characters);
    text_release(&known);
    return status;
}
