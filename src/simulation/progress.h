/* How far a run is: a bar with real-time factor and time left on a terminal, a line for every tenth elsewhere. An observer of the
 * engine. */
#ifndef GLION_SIMULATION_PROGRESS_H
#define GLION_SIMULATION_PROGRESS_H

#include <stdbool.h>

#include "engine/observer.h"

struct progress {
    bool is_shown, is_terminal;
    step_count total;
    double dt;
    double start, last_drawn; /* wall time, seconds */
    int tenths;               /* lines printed */
};

void progress_begin(bool is_shown, step_count total, double dt, struct progress *progress);
struct observer progress_observer(struct progress *progress);
/* Leave the line of the bar. */
void progress_end(struct progress *progress);

#endif
