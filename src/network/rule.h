/* A connection rule is one file with a pure function: no MPI, no state. rules.c lists them. */
#ifndef GLION_NETWORK_RULE_H
#define GLION_NETWORK_RULE_H

#include "language/script.h"
#include "support/types.h"

/* Sources of one target, ascending positions in the source set; repeats are parallel synapses. Grows as needed. */
struct source_list {
    uint64_t *positions;
    uint64_t n, capacity;
};

struct rule {
    const struct rule_signature *signature;
    /* The sources of the target at `target_position`, replacing the list's content. Depends on its arguments only: the seed, the
     * projection (its name keys the random stream), and the position. (For tripartite rules: the primary connections.) */
    void (*draw_sources)(uint64_t seed, const struct projection *projection, uint64_t target_position, struct source_list *list);
    /* Expected number of primary synapses. */
    double (*expected)(const struct projection *projection);
};

const struct rule *rule_find(const char *name); /* NULL if unknown */
extern const struct rule_signature *const rule_signatures[]; /* NULL-terminated: the vocabulary for script_check */

#endif
