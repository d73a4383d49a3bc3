/* Populations of equal shape share one kernel: the text is the shape. All programs of synapses stand in one more text. All ranks
 * make the same texts, so only objects travel. */
#include "kernels/kernels.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernels/compiler.h"
#include "kernels/emit.h"
#include "kernels/emit_programs.h"
#include "kernels/interpreter.h"
#include "kernels/synapse_programs.h"
#include "support/memory.h"

/* ---- loading ---- */

static void *open_library(int file, const char *object, size_t length)
{
    char path[64];
    if (file < 0 || write(file, object, length) != (ssize_t)length)
        return NULL;
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

/* From memory; from a file that is gone at once where memory may not be executed. The file stays open as long as the library: the
 * loader knows libraries by their path, and the next one must not get the same. */
static bool load(const char *object, size_t length, struct kernel_library *out)
{
    out->file = memfd_create("glion-kernel", MFD_CLOEXEC);
    out->handle = open_library(out->file, object, length);
    if (out->handle)
        return true;
    if (out->file >= 0)
        close(out->file);
    char path[] = "/tmp/glion-kernel-XXXXXX";
    out->file = mkostemp(path, O_CLOEXEC);
    out->handle = open_library(out->file, object, length);
    if (out->file >= 0)
        unlink(path);
    if (!out->handle && out->file >= 0)
        close(out->file);
    return out->handle != NULL;
}

/* ---- sharing ---- */

static void share_text(struct text *text, int rank, MPI_Comm communicator)
{
    unsigned long long length = text->length;
    MPI_Bcast(&length, 1, MPI_UNSIGNED_LONG_LONG, 0, communicator);
    char *bytes = memory_new(length, MEMORY_TEMPORARY);
    if (rank == 0 && length)
        memcpy(bytes, text->characters, length);
    MPI_Bcast(bytes, (int)length, MPI_CHAR, 0, communicator);
    if (rank != 0)
        text_add_bytes(text, bytes, length);
    memory_free(bytes);
}

/* The library of one text on every rank, or NULL on every rank with kernels->note set. */
static void *make_library(struct kernels *kernels, const struct text *source, enum architecture architecture,
                          MPI_Comm communicator)
{
    int rank, was_cached = 0;
    struct text object = {0}, note = {0};
    struct fault fault = {0};
    MPI_Comm_rank(communicator, &rank);
    if (rank == 0 && compiler_run(source, architecture, &object, &was_cached, &fault))
        text_add(&note, "%s", fault.text);
    fault_clear(&fault);
    share_text(&object, rank, communicator);
    struct kernel_library library;
    int loaded = object.length && load(object.characters, object.length, &library), all_loaded;
    if (object.length && !loaded)
        text_add(&note, "a compiled kernel cannot be loaded: %s", dlerror());
    MPI_Allreduce(&loaded, &all_loaded, 1, MPI_INT, MPI_MIN, communicator);
    if (loaded)
        kernels->libraries[kernels->n_libraries++] = library;
    if (!all_loaded && !kernels->note) {
        share_text(&note, rank, communicator);
        kernels->note = strdup(note.length ? note.characters : "a compiled kernel cannot be loaded on every rank");
    }
    text_release(&object);
    text_release(&note);
    if (!all_loaded)
        return NULL;
    kernels->n_compiled++;
    kernels->n_cached += was_cached;
    return library.handle;
}

/* ---- all populations ---- */

static block_function *find_equal(const struct kernels *kernels, const struct text *texts, int population)
{
    for (int k = 0; k < population; k++)
        if (texts[k].length == texts[population].length && texts[k].length &&
            !memcmp(texts[k].characters, texts[population].characters, texts[k].length))
            return kernels->block[k];
    return NULL;
}

static void compile_blocks(const struct plan *plan, struct kernels *kernels, enum architecture architecture,
                           MPI_Comm communicator)
{
    int n = plan->script->n_populations;
    struct text *texts = MEMORY_NEW(n, struct text, TEMPORARY);
    for (int k = 0; k < n && !kernels->note; k++) {
        if (!plan->nodes[k].has_step)
            continue;
        emit_kernel(&plan->nodes[k], &texts[k]);
        kernels->block[k] = find_equal(kernels, texts, k);
        if (kernels->block[k])
            continue;
        void *library = make_library(kernels, &texts[k], architecture, communicator);
        if (library)
            *(void **)&kernels->block[k] = dlsym(library, KERNEL_FUNCTION);
    }
    for (int k = 0; k < n; k++)
        text_release(&texts[k]);
    memory_free(texts);
}

/* ---- the programs of synapses ---- */

static void compile_programs(const struct plan *plan, struct kernels *kernels, enum architecture architecture,
                             MPI_Comm communicator)
{
    struct program_list list = {0};
    struct text text = {0};
    synapse_programs(plan, &list);
    if (list.n && !kernels->note) {
        emit_programs(list.programs, (int)list.n, &text);
        void *library = make_library(kernels, &text, architecture, communicator);
        kernels->programs = MEMORY_NEW(list.n, struct program_runner, SCRIPT);
        for (int k = 0; library && k < (int)list.n; k++) {
            char name[32];
            snprintf(name, sizeof name, PROGRAM_FUNCTION, k);
            kernels->programs[k].program = list.programs[k];
            *(void **)&kernels->programs[k].compiled = dlsym(library, name);
            kernels->n_programs++;
        }
    }
    text_release(&text);
    program_list_release(&list);
}

struct program_runner kernels_runner(const struct kernels *kernels, const struct program *program)
{
    for (int k = 0; k < kernels->n_programs; k++)
        if (kernels->programs[k].program == program)
            return kernels->programs[k];
    return (struct program_runner){.program = program};
}

/* ---- all ---- */

static void compile_all(const struct plan *plan, struct kernels *kernels, MPI_Comm communicator)
{
    int here = architecture_here(), lowest;
    MPI_Allreduce(&here, &lowest, 1, MPI_INT, MPI_MIN, communicator);
    compile_blocks(plan, kernels, (enum architecture)lowest, communicator);
    compile_programs(plan, kernels, (enum architecture)lowest, communicator);
    if (kernels->note)
        kernels->n_compiled = kernels->n_cached = kernels->n_programs = 0;
    else if (kernels->n_compiled)
        kernels->architecture = architecture_names[lowest];
}

void kernels_create(const struct plan *plan, bool interpret, MPI_Comm communicator, struct kernels **out)
{
    int n = plan->script->n_populations;
    struct kernels *kernels = MEMORY_NEW(1, struct kernels, SCRIPT);
    kernels->block = MEMORY_NEW(n, block_function *, SCRIPT);
    kernels->libraries = MEMORY_NEW(n + 1, struct kernel_library, SCRIPT);
    kernels->architecture = "interpreter";
    if (!interpret)
        compile_all(plan, kernels, communicator);
    if (interpret || kernels->note)
        for (int k = 0; k < n; k++)
            kernels->block[k] = plan->nodes[k].has_step ? interpret_block : NULL;
    *out = kernels;
}

void kernels_destroy(struct kernels **kernels)
{
    if (!*kernels)
        return;
    for (int k = 0; k < (*kernels)->n_libraries; k++) {
        dlclose((*kernels)->libraries[k].handle);
        close((*kernels)->libraries[k].file);
    }
    memory_free((*kernels)->libraries);
    memory_free((*kernels)->programs);
    memory_free((*kernels)->block);
    free((*kernels)->note);
    memory_free(*kernels);
    *kernels = NULL;
}
