#include "engine/calendar.h"

#include "support/memory.h"

void calendar_create(step_count depth, struct calendar *calendar)
{
    *calendar = (struct calendar){.depth = depth, .lists = MEMORY_NEW(depth, struct arriving_runs, BUFFERS)};
}

void calendar_release(struct calendar *calendar)
{
    for (step_count k = 0; calendar->lists && k < calendar->depth; k++)
        memory_free(calendar->lists[k].runs);
    memory_free(calendar->lists);
    *calendar = (struct calendar){0};
}
