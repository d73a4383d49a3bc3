/* NAME.h5: one variable of a set of nodes, sampled every so many steps; one SONATA group for each population of the set. */
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

/* Collective. `record` is of kind RECORD_STATE; pointers are borrowed. */
int report_create(const struct script *script, const struct record *record, const struct network *network, const char *folder,
                  struct report_options options, struct report **out, struct fault *fault);
/* Collective: complete the time axis for what was written, close. NULL inside is accepted. */
int report_close(struct report **report, struct fault *fault);

/* One probe for each population: probes[report_populations(report)]. What they point at belongs to the report. */
int report_populations(const struct report *report);
void report_probes(const struct report *report, struct probe *probes);

/* Collective. Buffer the frames of an interval (the probes as filled by the engine); write when the buffer is full. */
int report_take(struct report *report, const struct probe *probes, struct fault *fault);
/* Collective. Write what is buffered; what was written survives a kill from here on. */
int report_flush(struct report *report, struct fault *fault);
uint64_t report_bytes(const struct report *report); /* written by all ranks */

#endif
