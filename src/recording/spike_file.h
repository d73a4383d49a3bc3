/* spikes.h5: the spikes of all populations of which any are recorded, one SONATA group each, ordered by time, then node. Of each
 * custom event a file of the same kind, EVENT.h5; and of each record of variables at spikes or events one that has these beside.
 */
#ifndef GLION_RECORDING_SPIKE_FILE_H
#define GLION_RECORDING_SPIKE_FILE_H

#include "engine/observer.h"
#include "network/network.h"
#include "recording/row_order.h"
#include "support/fault.h"

#define SPIKE_FILE_NAME "spikes.h5"

struct spike_file;

/* Collective. `record`: of kind RECORD_EVENTS, one of those that share a file; RECORD_AT_EVENTS; or NULL: all of spikes. *out
 * stays NULL when the script records none. All pointers are borrowed. */
int spike_file_create(const struct script *script, const struct record *record, const struct network *network, const char *folder,
                      struct spike_file **out, struct fault *fault);
int spike_file_close(struct spike_file **file, struct fault *fault); /* collective; NULL inside is accepted */

/* What must be sampled for it, of each population: probes[spike_file_probes(file, NULL)]; of spikes alone nothing. */
int spike_file_probes(const struct spike_file *file, struct probe *probes);
/* Buffer what is recorded of an interval. `probes`: the file's own. */
void spike_file_take(struct spike_file *file, const struct interval_view *view, const struct probe *probes);
uint64_t spike_file_buffered(const struct spike_file *file); /* bytes, on this rank */

/* Collective. Write what is buffered: all spikes of the steps [begin, end). */
int spike_file_write(struct spike_file *file, step_count begin, step_count end, struct fault *fault);
int spike_file_flush(struct spike_file *file, struct fault *fault); /* collective; to disk */
uint64_t spike_file_bytes(const struct spike_file *file);           /* written by all ranks */

#endif
