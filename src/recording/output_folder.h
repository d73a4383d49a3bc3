/* The folder that a run writes into: made, locked against other runs, cleared of an earlier run's files.
 *
 * For one process: rank 0 does this, and tells the others. Faults are input faults. */
#ifndef GLION_RECORDING_OUTPUT_FOLDER_H
#define GLION_RECORDING_OUTPUT_FOLDER_H

#include <stdbool.h>

#include "support/fault.h"

#define MANIFEST_NAME "run.json"

struct output_folder;

/* Make the folder, with its parents, or take an existing one if `force` allows it, and lock it until it is released. */
int output_folder_take(const char *path, bool force, struct output_folder **out, struct fault *fault);
/* Remove what an earlier run left: run.json and the files that it lists, nothing else. */
void output_folder_clear(const struct output_folder *folder);
/* Remove a file from it, if it is there. */
void output_folder_remove(const struct output_folder *folder, const char *name);
/* Unlock; the folder stays. NULL inside is accepted. */
void output_folder_release(struct output_folder **folder);
/* Unlock, and remove the folders that were made. NULL inside is accepted. */
void output_folder_give_up(struct output_folder **folder);

#endif
