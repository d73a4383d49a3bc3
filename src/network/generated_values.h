/* What the expressions of a generator read of nodes: a variable of all sources, or of all targets, as these begin. */
#ifndef GLION_NETWORK_GENERATED_VALUES_H
#define GLION_NETWORK_GENERATED_VALUES_H

#include "language/script.h"

/* By argument and leaf; NULL where the leaf is a random number. */
struct generated_values {
    double *of[RULE_ARGUMENTS_MAX][GENERATED_LEAVES_MAX]; /* [size of the leaf's set] by position; owned */
};

/* Are there any? Else they need not be created. */
bool generated_values_are_needed(const struct projection *projection);
void generated_values_create(const struct script *script, const struct projection *projection, struct generated_values *values);
void generated_values_release(struct generated_values *values);

#endif
