#include "recording/time_axis.h"

#include <math.h>

struct time_axis time_axis_create(double dt)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    for (int k = 0; k < (int)(sizeof powers / sizeof *powers); k++) {
        double scaled = dt * 1e3 * powers[k];
        double integer = rint(scaled);
        if (integer >= 1 && fabs(scaled - integer) <= 1e-12 * integer) /* a few roundings, not another number */
            return (struct time_axis){integer, powers[k]};
    }
    return (struct time_axis){dt * 1e3, 1};
}

step_count record_begin(const struct script *script, const struct record *record)
{
    return script_epoch_begin(script, record->epoch);
}

step_count record_end(const struct script *script, const struct record *record)
{
    return script_epoch_begin(script, record->until < 0 ? script->n_epochs : record->until);
}
