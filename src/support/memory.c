/* Each allocation carries a header of 64 bytes with its size and tag in front of it.
 *
 * Large blocks are mapped by themselves, for three reasons. They come zeroed, page by page as they are touched, by the thread
 * that touches them. They begin where a huge page may begin, and the kernel is asked for huge pages: synapses are written and
 * read all over memory, and with pages of 4 KiB most of these accesses wait for the translation of the address. And they go back
 * to the system when they are freed. */
#include "support/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGNMENT 64
#define HUGE_PAGE ((size_t)2 << 20)
#define LARGE (2 * HUGE_PAGE) /* blocks of this size, header included, and larger ones are mapped */

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

/* Header and content, in units of the alignment. */
static size_t block_size(size_t bytes)
{
    return (bytes + 2 * ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t whole_pages(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (bytes + page - 1) / page * page;
}

/* A mapping of `whole` bytes that begins at a multiple of the huge page: what is mapped too much around it is given back. NULL if
 * there is no memory. */
static char *map_large(size_t whole)
{
    char *begin = mmap(NULL, whole + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (begin == MAP_FAILED)
        return NULL;
    size_t before = (HUGE_PAGE - (uintptr_t)begin % HUGE_PAGE) % HUGE_PAGE, kept = whole_pages(whole);
    if (before > 0)
        munmap(begin, before);
    if (before + kept < whole + HUGE_PAGE)
        munmap(begin + before + kept, whole + HUGE_PAGE - before - kept);
    madvise(begin + before, kept, MADV_HUGEPAGE); /* a wish: without huge pages all works as well, but slower */
    return begin + before;
}

static char *take_small(size_t whole)
{
    char *block = aligned_alloc(ALIGNMENT, whole);
    if (block)
        memset(block, 0, whole);
    return block;
}

void *memory_new(size_t bytes, enum memory_tag tag)
{
    if (bytes > SIZE_MAX - 2 * HUGE_PAGE)
        memory_exhausted(bytes);
    size_t whole = block_size(bytes);
    char *block = whole < LARGE ? take_small(whole) : map_large(whole);
    if (!block)
        memory_exhausted(bytes);
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

size_t memory_size(const void *memory)
{
    return ((const struct header *)((const char *)memory - ALIGNMENT))->bytes;
}

void memory_trim(void *memory, size_t bytes)
{
    struct header *header = header_of(memory);
    size_t before = block_size(header->bytes), smallest = LARGE - ALIGNMENT; /* of those that are mapped */
    if (before < LARGE)
        return;
    bytes = bytes < smallest ? smallest : bytes;
    size_t kept = whole_pages(block_size(bytes)), mapped = whole_pages(before);
    if (kept >= mapped)
        return;
    account(header->tag, bytes, header->bytes);
    header->bytes = bytes;
    munmap((char *)header + kept, mapped - kept);
}

void memory_free(void *memory)
{
    if (!memory)
        return;
    struct header *header = header_of(memory);
    size_t whole = block_size(header->bytes);
    account(header->tag, 0, header->bytes);
    if (whole < LARGE)
        free(header);
    else
        munmap(header, whole);
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

/* Memory that came from elsewhere. */
struct adopted {
    struct adopted *older; /* in the arena itself */
    void *mapped;
    size_t bytes;
    bool counts;
};

struct arena {
    struct chunk *newest;
    struct adopted *adopted;
};

struct arena *arena_create(void)
{
    return MEMORY_NEW(1, struct arena, SCRIPT);
}

void arena_destroy(struct arena **arena)
{
    if (!*arena)
        return;
    for (const struct adopted *adopted = (*arena)->adopted; adopted; adopted = adopted->older) {
        account(MEMORY_SCRIPT, 0, adopted->counts ? adopted->bytes : 0);
        munmap(adopted->mapped, adopted->bytes);
    }
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

void arena_adopt(struct arena *arena, void *mapped, size_t bytes, bool counts)
{
    struct adopted *adopted = ARENA_NEW(arena, 1, struct adopted);
    *adopted = (struct adopted){arena->adopted, mapped, bytes, counts};
    arena->adopted = adopted;
    account(MEMORY_SCRIPT, counts ? bytes : 0, 0);
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
