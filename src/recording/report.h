/* NAME.h5: one variable of a set of nodes, or of synapses, sampled every so many steps; one SONATA group for each population of
 * the set, or one for the synapses. */
#ifndef GLION_RECORDING_REPORT_H
#define GLION_RECORDING_REPORT_H

#include <stdbool.h>

#include "engine/observer.h"
#include "network/network.h"
#include "support/fault.h"

struct report;

struct report_options {
    bool float64;    /* else float32 */
    uint64_t budget; /* bytes that a rank may buffer before it writes; one frame always fits */
};

/* Collective. `record` is of kind RECORD_STATE or RECORD_SYNAPSES; pointers are borrowed. */
int report_create(const struct script *script, const struct record *record, const struct network *network, const char *folder,
                  struct report_options options, struct report **out, struct fault *fault);
/* Collective: complete the time axis for what was written, close. NULL inside is accepted. */
int report_close(struct report **report, struct fault *fault);

bool report_is_of_synapses(const struct report *report); /* then it has a synapse probe, else one for each population */
/* What it points at belongs to the report. */
struct synapse_probe report_synapse_probe(const struct report *report);
/* One probe for each population: probes[report_populations(report)]. What they point at belongs to the report. */
int report_populations(const struct report *report);
void report_probes(const struct report *report, struct probe *probes);

/* Collective. Buffer the frames of an interval (the probes as filled by the engine); write when the buffer is full. */
int report_take(struct report *report, const struct probe *probes, struct fault *fault);
int report_take_synapses(struct report *report, const struct synapse_probe *probe, struct fault *fault);
/* Collective. Write what is buffered; what was written survives a kill from here on. */
int report_flush(struct report *report, struct fault *fault);
uint64_t report_bytes(const struct report *report); /* written by all ranks */

#endif
