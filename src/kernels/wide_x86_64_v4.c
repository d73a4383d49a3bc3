/* For AVX-512: CMakeLists.txt has this file compiled for x86-64-v4. Run it only where wide_here() says so. */
#define WIDE_FUNCTIONS wide_x86_64_v4
#include "kernels/wide_text.h"
