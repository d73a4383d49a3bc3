/* What decays at a rate a under a drive that decays at a rate b gains in a time D, for a drive of 1 at its begin:
 *     f(a, b) = (e^(aD) - e^(bD))/(a - b) = D e^(hD) exprel((l - h)D)
 * where h is the larger and l the smaller of a and b, so that nothing overflows however long D is. It has no special case at
 * a = b, nor at b = 0, a drive that lasts. */
#ifndef GLION_PLAN_DIVIDED_DIFFERENCE_H
#define GLION_PLAN_DIVIDED_DIFFERENCE_H

#include "plan/lower.h"

/* Rates per second, `elapsed` in seconds. */
struct lowered divided_difference(struct lowering *lowering, struct lowered a, struct lowered b, struct lowered elapsed);
/* e^(aD) */
struct lowered decay_over(struct lowering *lowering, struct lowered a, struct lowered elapsed);

#endif
