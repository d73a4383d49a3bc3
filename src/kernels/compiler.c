#include "kernels/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "support/memory.h"

#define COMPILER_SECONDS_MAX 120
#define CACHE_MAGIC "glion kernel 1\n"

const char *const architecture_names[] = {"x86-64-v3", "x86-64-v4"};

enum architecture architecture_here(void)
{
    const char *limit = getenv("GLION_ARCHITECTURE");
    if (limit && !strcmp(limit, architecture_names[ARCHITECTURE_X86_64_V3]))
        return ARCHITECTURE_X86_64_V3;
    __builtin_cpu_init();
    bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
    return v4 ? ARCHITECTURE_X86_64_V4 : ARCHITECTURE_X86_64_V3;
}

/* ---- files ---- */

static int write_all(int file, const char *bytes, size_t length)
{
    while (length) {
        ssize_t written = write(file, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

static int read_file(const char *path, struct text *out)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return -1;
    char buffer[1 << 16];
    ssize_t n;
    while ((n = read(file, buffer, sizeof buffer)) > 0)
        text_add_bytes(out, buffer, (size_t)n);
    close(file);
    return n < 0 ? -1 : 0;
}

/* ---- the cache ---- */

/* A folder of ours that nobody else can write to; false where there is none: then nothing is cached. */
static bool cache_folder(struct text *path)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (base && base[0] == '/')
        text_add(path, "%s", base);
    else if (home && home[0] == '/')
        text_add(path, "%s/.cache", home);
    else
        return false;
    mkdir(path->characters, 0700);
    text_add(path, "/glion");
    mkdir(path->characters, 0700);
    struct stat status;
    return lstat(path->characters, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
           (status.st_mode & 077) == 0;
}

/* What the object depends on besides the text: compiler and instruction set. */
static void describe(struct text *key, const struct text *source, enum architecture architecture)
{
    struct stat compiler = {0};
    stat(GLION_KERNEL_COMPILER, &compiler);
    text_add(key, CACHE_MAGIC "%s %s %lld %lld %s\n", GLION_KERNEL_COMPILER, __VERSION__, (long long)compiler.st_size,
             (long long)compiler.st_mtime, architecture_names[architecture]);
    text_add_bytes(key, source->characters, source->length);
}

static void add_entry_name(struct text *path, const struct text *key)
{
    XXH128_hash_t hash = XXH3_128bits(key->characters, key->length);
    text_add(path, "/%016llx%016llx", (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}

/* An entry is the key, a zero byte, and the object. */
static bool cache_load(const char *path, const struct text *key, struct text *object)
{
    struct text entry = {0};
    bool found = read_file(path, &entry) == 0 && entry.length > key->length + 1 &&
                 !memcmp(entry.characters, key->characters, key->length) && entry.characters[key->length] == 0;
    if (found)
        text_add_bytes(object, entry.characters + key->length + 1, entry.length - key->length - 1);
    text_release(&entry);
    return found;
}

/* Under a name of its own first: other runs may read and write the same entry. */
static void cache_store(const char *path, const struct text *key, const struct text *object)
{
    struct text temporary = {0};
    text_add(&temporary, "%s.%ld", path, (long)getpid());
    int file = open(temporary.characters, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = file >= 0 && !write_all(file, key->characters, key->length) && !write_all(file, "", 1) &&
                   !write_all(file, object->characters, object->length);
    if (file >= 0 && (close(file) || !written || rename(temporary.characters, path)))
        unlink(temporary.characters);
    text_release(&temporary);
}

/* ---- the compiler ---- */

static void limit(pid_t process)
{
    struct rlimit seconds = {COMPILER_SECONDS_MAX, COMPILER_SECONDS_MAX}, memory = {4ull << 30, 4ull << 30},
                  size = {64 << 20, 64 << 20};
    prlimit(process, RLIMIT_CPU, &seconds, NULL);
    prlimit(process, RLIMIT_AS, &memory, NULL);
    prlimit(process, RLIMIT_FSIZE, &size, NULL);
}

static int start(enum architecture architecture, const char *folder, const char *output, int input, pid_t *process)
{
    struct text march = {0}, temporary = {0};
    text_add(&march, "-march=%s", architecture_names[architecture]);
    text_add(&temporary, "TMPDIR=%s", folder);
    char *arguments[] = {GLION_KERNEL_COMPILER,
                         "-x",
                         "c",
                         "-std=gnu11",
                         "-O3",
                         march.characters,
                         "-ffp-contract=off",
                         "-fno-math-errno",
                         "-fno-trapping-math",
                         "-w",
                         "-pipe",
                         "-shared",
                         "-fPIC",
                         "-nostdlib",
                         "-o",
                         (char *)output,
                         "-",
                         NULL};
    char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", temporary.characters, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    int error = posix_spawn(process, GLION_KERNEL_COMPILER, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    text_release(&march);
    text_release(&temporary);
    return error;
}

/* Wait, but not for ever: MPI's peers are waiting for us. */
static int finish(pid_t process, int *status)
{
    for (int tenths = 0; tenths < 10 * COMPILER_SECONDS_MAX; tenths++) {
        for (int k = 0; k < 50; k++) {
            pid_t done = waitpid(process, status, WNOHANG);
            if (done)
                return done == process ? 0 : -1;
            nanosleep(&(struct timespec){0, 2000000}, NULL);
        }
    }
    kill(process, SIGKILL);
    waitpid(process, status, 0);
    return -1;
}

static int compile(const struct text *source, enum architecture architecture, const char *folder, const char *output,
                   struct text *object, struct fault *fault)
{
    int ends[2], status = 0;
    pid_t process;
    if (pipe2(ends, O_CLOEXEC))
        return fault_run(fault, "no pipe to the compiler: %s", strerror(errno));
    int error = start(architecture, folder, output, ends[0], &process);
    close(ends[0]);
    if (error) {
        close(ends[1]);
        return fault_run(fault, "no compiler: %s: %s", GLION_KERNEL_COMPILER, strerror(error));
    }
    limit(process);
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGPIPE, &ignore, &before); /* a compiler that dies early is noticed by its status */
    write_all(ends[1], source->characters, source->length);
    close(ends[1]);
    sigaction(SIGPIPE, &before, NULL);
    if (finish(process, &status) || !WIFEXITED(status) || WEXITSTATUS(status))
        fault_run(fault, "%s could not compile a kernel (%s %d)", GLION_KERNEL_COMPILER,
                  WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    else if (read_file(output, object))
        fault_run(fault, "the compiled kernel cannot be read: %s: %s", output, strerror(errno));
    unlink(output);
    return fault->status;
}

static int compile_in_folder(const struct text *source, enum architecture architecture, struct text *object, struct fault *fault)
{
    struct text folder = {0}, output = {0};
    const char *base = getenv("TMPDIR");
    text_add(&folder, "%s/glion-XXXXXX", base && base[0] == '/' ? base : "/tmp");
    if (mkdtemp(folder.characters)) {
        text_add(&output, "%s/kernel.so", folder.characters);
        compile(source, architecture, folder.characters, output.characters, object, fault);
        rmdir(folder.characters);
    } else {
        fault_run(fault, "no folder for the compiler: %s: %s", folder.characters, strerror(errno));
    }
    text_release(&folder);
    text_release(&output);
    return fault->status;
}

int compiler_run(const struct text *source, enum architecture architecture, struct text *object, int *was_cached,
                 struct fault *fault)
{
    struct text key = {0}, path = {0};
    bool cache = cache_folder(&path);
    describe(&key, source, architecture);
    add_entry_name(&path, &key);
    *was_cached = cache && cache_load(path.characters, &key, object);
    if (!*was_cached && !compile_in_folder(source, architecture, object, fault) && cache)
        cache_store(path.characters, &key, object);
    text_release(&key);
    text_release(&path);
    return fault->status;
}
