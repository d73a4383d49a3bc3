#include "engine/profile.h"

#include "support/memory.h"

static int n_cells(const struct script *script, enum profile_of of)
{
    return of == OF_POPULATION ? script->n_populations : of == OF_CONNECTION ? script->n_connections : 1;
}

void profile_create(const struct script *script, bool is_kept, struct profile *profile)
{
    static const enum profile_of of[] = {
#define X(name, whose, phase, text) whose,
        PROFILE_PARTS(X)
#undef X
    };
    *profile = (struct profile){0};
    for (int part = 0; part < PROFILE_PART_COUNT; part++)
        profile->first[part + 1] = profile->first[part] + n_cells(script, of[part]);
    if (is_kept)
        profile->cells = MEMORY_NEW(profile->first[PROFILE_PART_COUNT], struct profile_cell, BUFFERS);
}

void profile_release(struct profile *profile)
{
    memory_free(profile->cells);
    profile->cells = NULL;
}
