/* NAME.h5: what the synapses of a connection transmitted, one row per transmitted spike, ordered by step, synapse and copy. */
#ifndef GLION_RECORDING_SENT_FILE_H
#define GLION_RECORDING_SENT_FILE_H

#include "engine/observer.h"
#include "network/network.h"
#include "support/fault.h"

struct sent_file;

/* Collective. `record` is of kind RECORD_SENT; pointers are borrowed. */
int sent_file_create(const struct script *script, const struct record *record, const struct network *network, const char *folder,
                     struct sent_file **out, struct fault *fault);
int sent_file_close(struct sent_file **file, struct fault *fault); /* collective; NULL inside is accepted */

void sent_file_take(struct sent_file *file, const struct interval_view *view); /* buffer what is recorded of an interval */
uint64_t sent_file_buffered(const struct sent_file *file);                     /* bytes, on this rank */

/* Collective. Write what is buffered of steps that are complete: transmissions may be shown when they arrive, after a delay that
 * differs from synapse to synapse, and the rows of the file are in order. */
int sent_file_write(struct sent_file *file, struct fault *fault);
int sent_file_flush(struct sent_file *file, struct fault *fault); /* collective; to disk */
uint64_t sent_file_bytes(const struct sent_file *file);           /* written by all ranks */

#endif
