/* runtime.h for the program itself: with what it expects before it. */
#ifndef GLION_KERNELS_RUNTIME_HOST_H
#define GLION_KERNELS_RUNTIME_HOST_H

#include "support/lanes.h"

#include "kernels/runtime.h"

#endif
