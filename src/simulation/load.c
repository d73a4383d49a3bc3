#include "simulation/load.h"

#include <string.h>

#include "data/reader.h"
#include "network/rule.h"
#include "support/memory.h"

/* The file's text on every rank. */
static int read_everywhere(struct arena *arena, const char *path, MPI_Comm communicator, struct source **out, struct fault *fault)
{
    int rank;
    struct source *source = NULL;
    MPI_Comm_rank(communicator, &rank);
    if (rank == 0)
        source_read(arena, path, &source, fault);
    TRY(fault_share(fault, 0, communicator));
    uint32_t length = rank == 0 ? source->length : 0;
    MPI_Bcast(&length, 1, MPI_UINT32_T, 0, communicator);
    char *text = arena_new(arena, (size_t)length + 1);
    if (rank == 0)
        memcpy(text, source->text, length);
    MPI_Bcast(text, (int)length, MPI_CHAR, 0, communicator);
    return source_from_text(arena, path, text, length, out, fault);
}

int script_load(struct arena *arena, const char *path, const struct override *overrides, int n_overrides, MPI_Comm communicator,
                struct script **out, struct fault *fault)
{
    struct source *source;
    struct script_tree *tree;
    *out = NULL;
    TRY(read_everywhere(arena, path, communicator, &source, fault));
    TRY(parse(arena, source, &tree, fault)); /* the same text gives the same result on every rank */
    struct host_lists lists;
    host_lists_create(communicator, &lists);
    const struct data_reader reader = data_reader_create(&lists);
    const struct vocabulary vocabulary = {.rules = rule_signatures, .methods = method_names, .data = &reader};
    const int status = script_check(arena, tree, &vocabulary, overrides, n_overrides, out, fault);
    host_lists_release(&lists);
    return status;
}

/* Ranks that would step through different plans, because one host has another version of the program or a broken memory, are
 * found here. */
static int compare_plans(const struct plan *plan, MPI_Comm communicator, struct fault *fault)
{
    uint64_t own = plan_hash(plan), lowest, highest;
    MPI_Allreduce(&own, &lowest, 1, MPI_UINT64_T, MPI_MIN, communicator);
    MPI_Allreduce(&own, &highest, 1, MPI_UINT64_T, MPI_MAX, communicator);
    if (lowest == highest)
        return 0;
    return fault_run(fault,
                     "the ranks made different plans of the same network: is the same version of Glion installed on all hosts?");
}

int plan_load(struct arena *arena, const char *path, const struct override *overrides, int n_overrides, MPI_Comm communicator,
              struct plan **out, struct fault *fault)
{
    struct script *script;
    *out = NULL;
    TRY(script_load(arena, path, overrides, n_overrides, communicator, &script, fault));
    TRY(plan_create(arena, script, out, fault)); /* the same script gives the same status on every rank */
    return compare_plans(*out, communicator, fault);
}
