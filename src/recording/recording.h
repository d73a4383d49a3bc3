/* Recordings of a run: an output folder with spikes.h5, one report per recorded variable, one file per connection whose
 * transmission is recorded, in SONATA's layout, and run.json (manifest.h). Written by all ranks together with parallel HDF5;
 * equal datasets for any layout. docs/recordings.md has the layout.
 *
 * Everything here is collective, and statuses are agreed on: all ranks return the same one. */
#ifndef GLION_RECORDING_RECORDING_H
#define GLION_RECORDING_RECORDING_H

#include <mpi.h>
#include <stdbool.h>

#include "engine/observer.h"
#include "language/script.h"
#include "network/network.h"
#include "support/fault.h"

struct recording_options {
    const char *folder;
    bool float64;       /* reports in double precision; SONATA's readers need float32, the default */
    bool force;         /* replace an existing output folder: only files that a run writes are removed */
    double flush_every; /* seconds of wall time between flushes to disk; 0: default. What was flushed survives a kill */
};

struct recording;

/* Can the folder be made and written, and is it free (or `force`)? Nothing is left behind. Faults are input faults. */
int recording_check_folder(const struct recording_options *options, MPI_Comm communicator, struct fault *fault);

/* Make the folder and all files with their fixed parts (so that even a run that is killed at once leaves readable files). On a
 * fault nothing is left behind. `script` and `network` are borrowed until recording_close: synapses are numbered with them. */
int recording_create(const struct script *script, const struct network *network, const struct recording_options *options,
                     struct recording **out, struct fault *fault);

/* The probes that the engine must serve, in order; owned by the recording. */
struct probe *recording_probes(struct recording *recording, int *n_probes);
struct synapse_probe *recording_synapse_probes(struct recording *recording, int *n_probes);
/* The connections whose transmissions the engine must report: recorded[script->n_connections]. */
const bool *recording_sent(const struct recording *recording);
/* The names of the files in the folder, for run.json; owned by the recording. */
const char *const *recording_files(const struct recording *recording, int *n_files);

/* The observer to give to the engine: buffers, redistributes and writes. */
struct observer recording_observer(struct recording *recording);

/* Write what is buffered; flush to disk. */
int recording_flush(struct recording *recording, struct fault *fault);
/* Flush, close, give the folder free. After a fault of an observer or a flush, what could not be written is left out; what was
 * written stays readable. NULL inside is accepted. */
int recording_close(struct recording **recording, struct fault *fault);

uint64_t recording_bytes(const struct recording *recording); /* of data, written so far over all ranks */

#endif
