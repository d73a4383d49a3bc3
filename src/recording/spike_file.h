/* spikes.h5: the spikes of all populations of which any are recorded, one SONATA group each, ordered by time, then node. And of
 * each custom event a file of the same kind, EVENT.h5. */
#ifndef GLION_RECORDING_SPIKE_FILE_H
#define GLION_RECORDING_SPIKE_FILE_H

#include "engine/observer.h"
#include "network/network.h"
#include "recording/row_order.h"
#include "support/fault.h"

#define SPIKE_FILE_NAME "spikes.h5"

struct spike_file;

/* Collective. `event`: the name of the event; NULL: spikes. *out stays NULL when the script records none. All pointers are
 * borrowed. */
int spike_file_create(const struct script *script, const char *event, const struct network *network, const char *folder,
                      struct spike_file **out, struct fault *fault);
int spike_file_close(struct spike_file **file, struct fault *fault); /* collective; NULL inside is accepted */

/* One probe for each population whose events are recorded: probes[spike_file_probes(file, NULL)]; of spikes none. */
int spike_file_probes(const struct spike_file *file, struct probe *probes);
void spike_file_take_events(struct spike_file *file, const struct probe *probes);
void spike_file_take(struct spike_file *file, const struct interval_view *view); /* buffer what is recorded of an interval */
uint64_t spike_file_buffered(const struct spike_file *file);                     /* bytes, on this rank */

/* Collective. Write what is buffered: all spikes of the steps [begin, end). */
int spike_file_write(struct spike_file *file, step_count begin, step_count end, struct fault *fault);
int spike_file_flush(struct spike_file *file, struct fault *fault); /* collective; to disk */
uint64_t spike_file_bytes(const struct spike_file *file);           /* written by all ranks */

#endif
