/* Each allocation carries a header of 64 bytes with its size and tag in front of it. */
#include "support/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64

struct header {
    size_t bytes;
    enum memory_tag tag;
};

static_assert(sizeof(struct header) <= ALIGNMENT, "the header fits in front of the aligned block");

/* Counters, not state: what is allocated right now, for reports and tests. */
static atomic_size_t used[MEMORY_TAG_COUNT];
static atomic_size_t used_total;
static atomic_size_t peak_total;
static atomic_uint_fast64_t n_allocations;
static void (*stop_all_ranks)(void);

void memory_on_exhaustion(void (*stop_all)(void))
{
    stop_all_ranks = stop_all;
}

_Noreturn void memory_exhausted(size_t bytes)
{
    fprintf(stderr, "glion: out of memory: %zu bytes more could not be had, %zu were in use\n", bytes, atomic_load(&used_total));
    fflush(stderr);
    if (stop_all_ranks)
        stop_all_ranks();
    abort();
}

static void account(enum memory_tag tag, size_t added, size_t removed)
{
    atomic_fetch_add(&used[tag], added - removed); /* wraps around when less, as it should */
    size_t total = atomic_fetch_add(&used_total, added - removed) + added - removed;
    size_t peak = atomic_load(&peak_total);
    while (total > peak && !atomic_compare_exchange_weak(&peak_total, &peak, total)) {
    }
}

static struct header *header_of(void *memory)
{
    return (struct header *)((char *)memory - ALIGNMENT);
}

void *memory_new(size_t bytes, enum memory_tag tag)
{
    if (bytes > SIZE_MAX - 2 * ALIGNMENT)
        memory_exhausted(bytes);
    size_t whole = (bytes + 2 * ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    char *block = aligned_alloc(ALIGNMENT, whole);
    if (!block)
        memory_exhausted(bytes);
    memset(block, 0, whole);
    *(struct header *)block = (struct header){bytes, tag};
    account(tag, bytes, 0);
    atomic_fetch_add(&n_allocations, 1);
    return block + ALIGNMENT;
}

void *memory_resize(void *old, size_t bytes, enum memory_tag tag)
{
    void *new = memory_new(bytes, tag);
    if (old) {
        size_t kept = header_of(old)->bytes;
        memcpy(new, old, kept < bytes ? kept : bytes);
        memory_free(old);
    }
    return new;
}

void memory_free(void *memory)
{
    if (!memory)
        return;
    account(header_of(memory)->tag, 0, header_of(memory)->bytes);
    free(header_of(memory));
}

size_t memory_used(enum memory_tag tag)
{
    return atomic_load(&used[tag]);
}

size_t memory_peak(void)
{
    return atomic_load(&peak_total);
}

uint64_t memory_allocations(void)
{
    return atomic_load(&n_allocations);
}

const char *memory_tag_text(enum memory_tag tag)
{
    static const char *const texts[] = {
#define X(name, text) text,
        MEMORY_TAGS(X)
#undef X
    };
    return texts[tag];
}

/* An arena is a list of chunks; a request that does not fit the newest chunk opens another. */
struct chunk {
    struct chunk *older;
    size_t used, size;
    _Alignas(16) char bytes[];
};

struct arena {
    struct chunk *newest;
};

struct arena *arena_create(void)
{
    return MEMORY_NEW(1, struct arena, SCRIPT);
}

void arena_destroy(struct arena **arena)
{
    if (!*arena)
        return;
    for (struct chunk *chunk = (*arena)->newest; chunk;) {
        struct chunk *older = chunk->older;
        memory_free(chunk);
        chunk = older;
    }
    memory_free(*arena);
    *arena = NULL;
}

void *arena_new(struct arena *arena, size_t bytes)
{
    enum { CHUNK = 1 << 16, UNIT = 16 };
    if (bytes > SIZE_MAX / 2)
        memory_exhausted(bytes);
    bytes = (bytes + UNIT - 1) / UNIT * UNIT;
    struct chunk *chunk = arena->newest;
    if (!chunk || chunk->size - chunk->used < bytes) {
        size_t size = bytes > CHUNK ? bytes : CHUNK;
        chunk = memory_new(sizeof(struct chunk) + size, MEMORY_SCRIPT);
        chunk->size = size;
        chunk->older = arena->newest;
        arena->newest = chunk;
    }
    void *result = chunk->bytes + chunk->used;
    chunk->used += bytes;
    return result;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_new(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = arena_new(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
