/* While a run writes into a folder, its file run.lock is there, names the process and is locked (flock). The system takes the
 * lock away when the process ends, however it ends, so that a left-over file locks nothing and nobody has to guess whether a
 * process lives. File systems of clusters see the lock from other hosts too; one that has no locks at all is used without. */
#include "recording/output_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/memory.h"

#define LOCK_NAME "run.lock"

struct output_folder {
    char *path;  /* without slashes at its end; owned */
    int lock;    /* descriptor of run.lock, -1 before it is locked */
    size_t made; /* the folder and its parents were made from here on: the length of the first prefix of `path` that was not
                    there; 0: all existed */
};

static char *path_in(const struct output_folder *folder, const char *name)
{
    size_t length = strlen(folder->path) + strlen(name) + 2;
    char *path = MEMORY_NEW(length, char, TEMPORARY);
    snprintf(path, length, "%s/%s", folder->path, name);
    return path;
}

void output_folder_remove(const struct output_folder *folder, const char *name)
{
    char *path = path_in(folder, name);
    unlink(path); /* what cannot be removed will be in the way of a file, and reported there */
    memory_free(path);
}

/* ---- making ---------------------------------------------------------------------------------------------------------------- */

/* The end of the path's next component, from `begin` on. */
static size_t component_end(const char *path, size_t begin)
{
    while (path[begin] == '/')
        begin++;
    return begin + strcspn(path + begin, "/");
}

static void remove_made(const struct output_folder *folder)
{
    char *path = folder->path;
    size_t length = strlen(path);
    while (folder->made && length >= folder->made) {
        path[length] = 0;
        rmdir(path);
        while (length > 0 && path[length - 1] != '/')
            length--;
        while (length > 0 && path[length - 1] == '/')
            length--;
    }
}

static int cannot_make(const char *path, int error, struct fault *fault)
{
    return fault_input(fault, "cannot make the output folder '%s': %s", path, strerror(error));
}

/* Make every component of the path that is not there. */
static int make_components(struct output_folder *folder, struct fault *fault)
{
    char *path = folder->path;
    for (size_t end = component_end(path, 0);; end = component_end(path, end)) {
        char rest = path[end];
        path[end] = 0;
        int error = mkdir(path, 0777) ? errno : 0;
        struct stat status;
        if (error && stat(path, &status) == 0)
            error = S_ISDIR(status.st_mode) ? 0 : ENOTDIR;
        else if (error == 0 && folder->made == 0)
            folder->made = end;
        path[end] = rest;
        if (error)
            return cannot_make(path, error, fault);
        if (rest == 0)
            return FAULT_NONE;
    }
}

/* ---- locking --------------------------------------------------------------------------------------------------------------- */

static int in_use(const struct output_folder *folder, int lock, struct fault *fault)
{
    char owner[128] = "";
    ssize_t length = pread(lock, owner, sizeof owner - 1, 0);
    owner[length > 0 ? length : 0] = 0;
    owner[strcspn(owner, "\n")] = 0;
    return fault_input(fault, "another run is writing into the output folder '%s' (%s)", folder->path, owner);
}

static int lock_folder(struct output_folder *folder, struct fault *fault)
{
    char *path = path_in(folder, LOCK_NAME);
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    int error = lock < 0 ? errno : 0;
    memory_free(path);
    if (error)
        return fault_input(fault, "cannot write into the output folder '%s': %s", folder->path, strerror(error));
    if (flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        int status = in_use(folder, lock, fault);
        close(lock);
        return status;
    }
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    if (ftruncate(lock, 0) != 0 || dprintf(lock, "process %ld on %s\n", (long)getpid(), host) < 0) {
        error = errno;
        close(lock);
        output_folder_remove(folder, LOCK_NAME);
        return fault_input(fault, "cannot write into the output folder '%s': %s", folder->path, strerror(error));
    }
    folder->lock = lock;
    return FAULT_NONE;
}

static void unlock_folder(struct output_folder *folder)
{
    if (folder->lock < 0)
        return;
    output_folder_remove(folder, LOCK_NAME); /* before the lock goes, or another run's file might be removed */
    close(folder->lock);
    folder->lock = -1;
}

/* ---- life
 * ---------------------------------------------------------------------------------------------------------------------- */

static struct output_folder *folder_create(const char *path)
{
    struct output_folder *folder = MEMORY_NEW(1, struct output_folder, RECORDING);
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    folder->path = MEMORY_NEW(length + 1, char, RECORDING);
    memcpy(folder->path, path, length);
    folder->lock = -1;
    return folder;
}

static void folder_destroy(struct output_folder **folder)
{
    memory_free((*folder)->path);
    memory_free(*folder);
    *folder = NULL;
}

int output_folder_take(const char *path, bool force, struct output_folder **out, struct fault *fault)
{
    struct stat status;
    *out = NULL;
    if (path[0] == 0)
        return fault_input(fault, "the name of the output folder is empty");
    if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode))
        return fault_input(fault, "the output folder '%s' exists already and is a file", path);
    struct output_folder *folder = *out = folder_create(path);
    int result = make_components(folder, fault);
    if (result == FAULT_NONE && folder->made == 0 && !force)
        result = fault_input(fault, "the output folder '%s' exists already; --force replaces the run in it", path);
    if (result == FAULT_NONE)
        result = lock_folder(folder, fault);
    if (result)
        output_folder_give_up(out);
    return result;
}

void output_folder_release(struct output_folder **folder)
{
    if (!*folder)
        return;
    unlock_folder(*folder);
    folder_destroy(folder);
}

void output_folder_give_up(struct output_folder **folder)
{
    if (!*folder)
        return;
    unlock_folder(*folder);
    remove_made(*folder);
    folder_destroy(folder);
}

/* Only names that a run could have written: run.json is data from somebody else. */
static bool is_recording(const char *name)
{
    size_t length = name ? strlen(name) : 0;
    return length > 3 && strcmp(name + length - 3, ".h5") == 0 && !strchr(name, '/');
}

void output_folder_clear(const struct output_folder *folder)
{
    char *path = path_in(folder, MANIFEST_NAME);
    json_t *manifest = json_load_file(path, 0, NULL);
    memory_free(path);
    size_t k;
    json_t *name;
    json_array_foreach(json_object_get(manifest, "files"), k, name) if (is_recording(json_string_value(name)))
        output_folder_remove(folder, json_string_value(name));
    json_decref(manifest);
    output_folder_remove(folder, MANIFEST_NAME);
}
