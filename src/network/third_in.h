/* The connections from the sources to the third nodes (third_in) are decided where the target lives but stored where the third
 * node lives. Each rank sends (source, third) to the owner of the third node (gather.h). */
#ifndef GLION_NETWORK_THIRD_IN_H
#define GLION_NETWORK_THIRD_IN_H

#include "network/build.h"
#include "network/gather.h"

/* From what has arrived at the third nodes of this rank: fills edges [n source ranges][n pool ranges], releases `gather`. */
void third_in_finish(const struct build *build, struct gather *gather, struct edges *third_in);

#endif
