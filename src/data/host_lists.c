/* The first rank of a host makes a file in memory, and the others open it by way of /proc: that needs no folder, has no name that
 * could stay behind, and knows no limit but the host's memory. Where it does not work, as between containers, ranks keep lists
 * for themselves; that is found out once, with a page on which the first rank leaves a number. */
#include "data/host_lists.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* Bytes; lists below that are not worth a file. */
#define LONG_LIST (1u << 20)

/* A file of this process, for the others. */
struct file_place {
    int process, descriptor;
};

static int open_as(const struct file_place *place)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", place->process, place->descriptor);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static int make_file(size_t bytes)
{
    int file = memfd_create("glion-list", MFD_CLOEXEC);
    if (file >= 0 && ftruncate(file, (off_t)bytes)) {
        close(file);
        return -1;
    }
    return file;
}

/* Collective on a host: memory that its first rank writes and all read; NULL where it cannot be had. */
static void *map_together(MPI_Comm host, size_t bytes)
{
    int rank;
    MPI_Comm_rank(host, &rank);
    const bool is_first = rank == 0;
    int file = is_first ? make_file(bytes) : -1;
    struct file_place place = {(int)getpid(), file};
    MPI_Bcast(&place, sizeof place, MPI_BYTE, 0, host);
    if (!is_first && place.descriptor >= 0)
        file = open_as(&place);
    void *memory = file < 0 ? MAP_FAILED : mmap(NULL, bytes, is_first ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, file, 0);
    MPI_Barrier(host); /* everybody has opened it */
    if (file >= 0)
        close(file);
    return memory == MAP_FAILED ? NULL : memory;
}

/* Collective on a host. */
static bool can_share(MPI_Comm host)
{
    int rank;
    uint64_t token = (uint64_t)getpid() * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)(MPI_Wtime() * 1e9);
    MPI_Comm_rank(host, &rank);
    MPI_Bcast(&token, 1, MPI_UINT64_T, 0, host);
    const size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
    uint64_t *page = map_together(host, bytes);
    if (page && rank == 0)
        *page = token;
    MPI_Barrier(host);
    int sees = page && *page == token;
    MPI_Allreduce(MPI_IN_PLACE, &sees, 1, MPI_INT, MPI_MIN, host);
    if (page)
        munmap(page, bytes);
    return sees;
}

void host_lists_create(MPI_Comm communicator, struct host_lists *lists)
{
    int rank;
    *lists = (struct host_lists){.communicator = communicator};
    MPI_Comm_split_type(communicator, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &lists->host);
    if (!can_share(lists->host)) {
        MPI_Comm_free(&lists->host);
        MPI_Comm_dup(MPI_COMM_SELF, &lists->host);
    }
    MPI_Comm_rank(lists->host, &rank);
    MPI_Comm_split(communicator, rank == 0 ? 0 : MPI_UNDEFINED, 0, &lists->leaders);
}

void host_lists_release(struct host_lists *lists)
{
    MPI_Comm_free(&lists->host);
    if (lists->leaders != MPI_COMM_NULL)
        MPI_Comm_free(&lists->leaders);
    *lists = (struct host_lists){.host = MPI_COMM_NULL, .leaders = MPI_COMM_NULL};
}

struct shared_list host_list_begin(const struct host_lists *lists, struct arena *arena, uint64_t n)
{
    const size_t bytes = n * sizeof(double);
    int n_ranks;
    MPI_Comm_size(lists->host, &n_ranks);
    if (n_ranks == 1 || bytes < LONG_LIST)
        return (struct shared_list){.numbers = ARENA_NEW(arena, n, double), .fills = true};
    struct shared_list list = {map_together(lists->host, bytes), true, lists->leaders != MPI_COMM_NULL};
    if (!list.numbers)
        memory_exhausted(bytes);
    arena_adopt(arena, list.numbers, bytes, list.fills);
    return list;
}

void host_list_end(const struct host_lists *lists, const struct shared_list *list)
{
    if (list->is_shared)
        MPI_Barrier(lists->host);
}
