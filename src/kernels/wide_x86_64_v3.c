/* For the instruction set of the program itself. */
#define WIDE_FUNCTIONS wide_x86_64_v3
#include "kernels/wide_text.h"
