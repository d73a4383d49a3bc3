/* The spikes of all ranks, kept until their last arrival: for each channel (plan/channels.h) and each step, who spiked, or had
 * the event. Spikes of a population stand under its number.
 *
 * A ring over steps: the lists of the last `depth` steps are held. Each list ascends by index, whatever rank a spike came from.
 */
#ifndef GLION_ENGINE_HISTORY_H
#define GLION_ENGINE_HISTORY_H

#include "support/types.h"

struct past_spike {
    node_index index;
    uint32_t multiplicity;
};

struct step_spikes {
    struct past_spike *spikes; /* [n], ascending by index; owned */
    uint32_t n, capacity;
};

struct history {
    int n_channels;
    step_count depth;
    struct step_spikes *lists; /* [depth][n_channels] */
};

void history_create(int n_channels, step_count depth, struct history *history);
void history_release(struct history *history);

/* Forget what the ring held for the steps [begin, end), which are about to be filled. */
void history_begin(struct history *history, step_count begin, step_count end);
void history_add(struct history *history, int channel, step_count step, struct past_spike spike);
/* All spikes of the steps [begin, end) have been added, in any order: sort them. */
void history_end(struct history *history, step_count begin, step_count end);

/* Spikes that were emitted in a step; none before step 0. */
const struct step_spikes *history_at(const struct history *history, int channel, step_count step);

#endif
