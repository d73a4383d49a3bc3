#include "kernels/wide.h"

#include "kernels/compiler.h"

const struct wide *wide_here(void)
{
    return architecture_here() == ARCHITECTURE_X86_64_V4 ? &wide_x86_64_v4 : &wide_x86_64_v3;
}
