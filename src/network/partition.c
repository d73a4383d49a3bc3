#include "network/partition.h"

#include <string.h>

const struct partition_scheme *const partition_schemes[] = {
    &partition_round_robin,
    &partition_contiguous,
    NULL,
};

const struct partition_scheme *partition_find(const char *name)
{
    for (int k = 0; partition_schemes[k]; k++)
        if (strcmp(partition_schemes[k]->name, name) == 0)
            return partition_schemes[k];
    return NULL;
}
