/* One door for memory.
 *
 * Every large array comes from memory_new/memory_grow with a tag, so that a run can say where its bytes are (per tag and
 * rank) and tests can check that nothing leaks or grows. Memory is zeroed and aligned to 64 bytes (a cache line, a vector).
 * Nothing returns NULL: when memory runs out the process says so and stops all ranks, since one rank alone cannot go on.
 * Small things that live and die together (syntax trees, checked scripts, plans) come from an arena.
 * All functions may be called by several threads, except on one arena. */
#ifndef GLION_SUPPORT_MEMORY_H
#define GLION_SUPPORT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMORY_TAGS(X)                       \
    X(SCRIPT, "script and plan")             \
    X(NODES, "node state")                   \
    X(SYNAPSES, "synapses")                  \
    X(BUFFERS, "input and exchange buffers") \
    X(RECORDING, "recordings")               \
    X(TEMPORARY, "temporary")

enum memory_tag {
#define X(name, text) MEMORY_##name,
    MEMORY_TAGS(X)
#undef X
        MEMORY_TAG_COUNT
};

/* bytes = 0 gives a valid pointer too. */
void *memory_new(size_t bytes, enum memory_tag tag);
/* Resize to `bytes`; the old content is kept, new bytes are zero. `old` may be NULL. */
void *memory_resize(void *old, size_t bytes, enum memory_tag tag);
size_t memory_size(const void *memory); /* bytes of a block */
/* Keep the first `bytes` of a block, which stays where it is; the rest goes back to the system, if it is large. */
void memory_trim(void *memory, size_t bytes);
void memory_free(void *memory); /* NULL is allowed */

size_t memory_used(enum memory_tag tag); /* bytes now allocated under a tag, on this rank */
size_t memory_peak(void);                /* largest sum over tags so far */
uint64_t memory_allocations(void);       /* number of allocations so far */
const char *memory_tag_text(enum memory_tag tag);

/* Says that `bytes` could not be had and ends the process group. `memory_on_exhaustion` sets how the group is ended
 * (MPI_Abort in the simulator; by default abort()). */
_Noreturn void memory_exhausted(size_t bytes);
void memory_on_exhaustion(void (*stop_all)(void));

#define MEMORY_NEW(count, type, tag) ((type *)memory_new((size_t)(count) * sizeof(type), MEMORY_##tag))
#define MEMORY_RESIZE(old, count, type, tag) ((type *)memory_resize(old, (size_t)(count) * sizeof(type), MEMORY_##tag))

/* Make room for one more element in a growing array (length, capacity, pointer); capacity doubles. */
#define MEMORY_PUSH(array, length, capacity, type, tag)                                                         \
    ((length) == (capacity)                                                                                     \
         ? ((capacity) = (capacity) ? 2 * (capacity) : 16, (array) = MEMORY_RESIZE(array, capacity, type, tag)) \
         : (array),                                                                                             \
     &(array)[(length)++])

/* An arena owns everything that was taken from it, until arena_destroy. */
struct arena;
struct arena *arena_create(void);
void arena_destroy(struct arena **arena);
void *arena_new(struct arena *arena, size_t bytes); /* zeroed */
/* Memory that was mapped (mmap) becomes the arena's. Of what several processes share, one counts it. */
void arena_adopt(struct arena *arena, void *mapped, size_t bytes, bool counts);
char *arena_text(struct arena *arena, const char *text, size_t length);
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define ARENA_NEW(arena, count, type) ((type *)arena_new(arena, (size_t)(count) * sizeof(type)))

#endif
