/* Pathways that run at arrival (on_pre without `send`), in their fast form: all that on_pre does to the target is to add to its
 * variables, and what it adds has nothing to do with the target's state, nor with which nodes it connects. Then it does not
 * matter when within the step a spike acts, so the additions of a step are summed like what arrives at a port, and taken in at
 * once. Pathways of the target's spikes, on_post, change the synapse's own variables alone, all after the same delay, and behind
 * on_pre where both come in one step: they can wait until the source spikes next (engine/replay.h). All else is for
 * plan/pathways.h. */
#ifndef GLION_PLAN_ARRIVAL_H
#define GLION_PLAN_ARRIVAL_H

#include "language/script.h"
#include "support/memory.h"

/* What a connection adds to each target: value k to variables[k]; nothing, if there is on_post. */
struct arrival_form {
    const char **variables; /* [n] names without _post, in order of the first statement */
    int n;
    const char *port; /* what the plan calls the port that it makes of them: the same for the same variables */
};

/* Of two pathways of a synapse that act in the same step, below 0 where the first comes first: by order, then by name. */
int pathway_compare(const struct pathway *a, const struct pathway *b);

/* Does the connection have this form? Else *obstacle is where it does not. */
bool arrival_form(struct arena *arena, const struct script *script, const struct connection *connection,
                  struct arrival_form *form, struct span *obstacle);

#endif
