/* Which known name did the user mean? For "unknown name 'tau_sin'; did you mean 'tau_syn'?" */
#ifndef GLION_SUPPORT_NEAREST_H
#define GLION_SUPPORT_NEAREST_H

/* How far two names are apart: 2 for each character inserted, left out, replaced or swapped with its neighbour, 1 for one in the
 * wrong case. INT_MAX if either is too long to compare. */
int name_distance(const char *a, const char *b);

/* The largest distance at which a suggestion is more help than noise. */
int name_distance_near(const char *name);

/* The known name nearest to a misspelt one, the first of equals; NULL if none is near. */
const char *nearest_name(const char *name, const char *const *known, int n_known);

#endif
