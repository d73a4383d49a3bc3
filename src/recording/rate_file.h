/* NAME.h5: how often the nodes of a set spiked on average, frame by frame. */
#ifndef GLION_RECORDING_RATE_FILE_H
#define GLION_RECORDING_RATE_FILE_H

#include "engine/observer.h"
#include "network/network.h"
#include "support/fault.h"

struct rate_file;

/* Collective. `record` is of kind RECORD_RATE; pointers are borrowed. */
int rate_file_create(const struct script *script, const struct record *record, const struct network *network, const char *folder,
                     struct rate_file **out, struct fault *fault);
int rate_file_close(struct rate_file **file, struct fault *fault); /* collective; NULL inside is accepted */

/* Collective. Count the spikes of an interval; write when many frames are complete. */
int rate_file_take(struct rate_file *file, const struct interval_view *view, struct fault *fault);
/* Collective. Write the frames that are complete; they survive a kill from here on. */
int rate_file_flush(struct rate_file *file, struct fault *fault);
uint64_t rate_file_bytes(const struct rate_file *file); /* written by all ranks */

#endif
