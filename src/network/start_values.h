/* The values of a variable that the nodes of a set have where connections are made: those with which they begin, and what the
 * script has assigned until then.
 *
 * They are pure functions of the seed, the population's name and the node's index, so any rank can compute those of any node. */
#ifndef GLION_NETWORK_START_VALUES_H
#define GLION_NETWORK_START_VALUES_H

#include "language/script.h"

/* Makes them; for one thread. */
struct start_values;

/* `n_assignments`: so many of script->assignments have been carried out. */
void start_values_create(const struct script *script, const struct node_set *set, const char *variable, int n_assignments,
                         struct start_values **out);
void start_values_destroy(struct start_values **values);

/* Of the nodes at eight positions of the set, all in one part. */
void start_values_at(struct start_values *values, const uint64_t position[8], double numbers[8]);
double start_values_at_one(struct start_values *values, uint64_t position);

/* Of all nodes, by position: [set->size]; the caller's. With all threads. */
double *start_values_all(const struct script *script, const struct node_set *set, const char *variable, int n_assignments);

#endif
