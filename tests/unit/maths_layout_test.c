/* The same bits in any lane, among any neighbours, whatever compiler, optimisation and instruction set built the code; and no
 * library needed, since kernels are linked without one. */
#include "maths_hash.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b);
}

/* Each argument alone must give what it gives in each lane beside others, which may be NaN, infinite or far. */
static void any_lane(void **unused)
{
    unsigned long long state = 7;
    for (int number = 0; number < 2000; number++) {
        double x[LANES], y[LANES];
        for (int k = 0; k < LANES; k++) {
            x[k] = maths_hash_argument((number + 7 * k) % 500, &state);
            y[k] = maths_hash_argument((number * 3 + k) % 500, &state);
        }
#define X(name)                                                                                            \
    for (int k = 0; k < LANES; k++)                                                                        \
        if (!same(lane_get(lanes_##name(lanes_loadu(x)), k), lane_get(lanes_##name(lanes_set1(x[k])), 0))) \
            fail_msg("%s(%a) depends on lane %d", #name, x[k], k);
        MATHS_HASH_UNARY(X)
#undef X
#define X(name)                                                                   \
    for (int k = 0; k < LANES; k++)                                               \
        if (!same(lane_get(lanes_##name(lanes_loadu(x), lanes_loadu(y)), k),      \
                  lane_get(lanes_##name(lanes_set1(x[k]), lanes_set1(y[k])), 0))) \
            fail_msg("%s(%a, %a) depends on lane %d", #name, x[k], y[k], k);
        MATHS_HASH_BINARY(X)
#undef X
    }
}

/* Runs a shell command and reads one hexadecimal number from it; false when there is none. */
static bool read_number(const char *command, unsigned long long *number)
{
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    bool found = fscanf(pipe, "%llx", number) == 1;
    pclose(pipe);
    return found;
}

#define COMMAND_MAX 1024

static bool exists(const char *compiler)
{
    char command[COMMAND_MAX];
    snprintf(command, sizeof command, "command -v %s >/dev/null", compiler);
    return system(command) == 0;
}

static void check_build(const char *folder, const char *compiler, const char *options)
{
    if (!exists(compiler))
        return;
    char command[COMMAND_MAX];
    snprintf(
        command, sizeof command,
        "printf '#include <stdio.h>\n#include \"unit/maths_hash.h\"\nint main(void) { printf(\"%%%%llx\", maths_hash()); }\n' | "
        "%s %s -w -Wno-psabi -ffp-contract=off -fno-math-errno -I. -I../src -x c - -o %s/hash -lm && %s/hash",
        compiler, options, folder, folder);
    unsigned long long hash = 0;
    if (!read_number(command, &hash))
        fail_msg("%s %s does not compile the headers", compiler, options);
    if (hash != maths_hash())
        fail_msg("%s %s gives other bits than this program", compiler, options);
}

static void check_link(const char *folder, const char *compiler)
{
    if (!exists(compiler))
        return;
    char command[COMMAND_MAX];
    snprintf(command, sizeof command,
             "printf '#include \"unit/maths_hash.h\"\nunsigned long long kernel(void) { return maths_hash(); }\n' | "
             "%s -O1 -march=x86-64-v3 -I. -I../src -x c - -shared -fPIC -nostdlib -Wl,-z,defs -o %s/hash",
             compiler, folder);
    if (system(command) != 0)
        fail_msg("%s: the headers call something", compiler);
}

static void any_build(void **unused)
{
    char folder[] = "/tmp/maths_layout_XXXXXX";
    assert_non_null(mkdtemp(folder));
    bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
    check_build(folder, "gcc", "-O0 -march=x86-64-v3");
    check_build(folder, "gcc", "-O0 -march=x86-64"); /* no vectors of four, no fma */
    static const char *const compilers[] = {"gcc", "clang"};
    for (int k = 0; k < 2; k++) {
        check_build(folder, compilers[k], "-O3 -march=x86-64-v3 -fno-trapping-math");
        if (wide)
            check_build(folder, compilers[k], "-O3 -march=x86-64-v4 -fno-trapping-math");
        check_link(folder, compilers[k]);
    }
    char path[sizeof folder + 8];
    snprintf(path, sizeof path, "%s/hash", folder);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_lane), cmocka_unit_test(any_build)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
