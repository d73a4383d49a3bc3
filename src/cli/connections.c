/* `glion connections`: builds the network as `run` does and counts its synapses, or writes them to files.
 *
 * Tables have one line for each connection, in columns that are separated by two spaces or more and never empty. */
#include <inttypes.h>
#include <omp.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/table.h"
#include "network/network.h"
#include "network/statistics.h"
#include "network/values.h"
#include "recording/edges_file.h"
#include "recording/output_folder.h"
#include "simulation/host.h"
#include "simulation/load.h"
#include "simulation/resources.h"

struct request {
    const char *file;
    struct overrides overrides;
    bool statistics, force;
    const char *export_folder; /* NULL: no export */
    const char *partition;
    int n_threads;
    MPI_Comm communicator;
    int rank;
    struct arena *arena;
};

/* ---- tables -------------------------------------------------------------------------------------------------------------- */

static const char *role_text(enum connection_role role)
{
    switch (role) {
    case ROLE_PRIMARY:
        return "primary";
    case ROLE_THIRD_IN:
        return "third_in";
    case ROLE_THIRD_OUT:
        return "third_out";
    default:
        return "plain";
    }
}

static void add_words(struct table *table, const char *const *words, int n)
{
    for (int k = 0; k < n; k++)
        table_add(table, "%s", words[k]);
}

static void print_counts(struct arena *arena, const struct script *script, const uint64_t *counts)
{
    static const char *const titles[] = {"connection", "role", "synapse", "synapses", "expected"};
    struct table table = table_begin(arena, "lllrr");
    uint64_t total = 0;
    double total_expected = 0;
    add_words(&table, titles, 5);
    for (int k = 0; k < script->n_connections; k++) {
        const struct connection *connection = &script->connections[k];
        double expected = network_expected(script, connection);
        table_add(&table, "%s", connection->name);
        table_add(&table, "%s", role_text(connection->role));
        table_add(&table, "%s", connection->synapse->name);
        table_add(&table, "%" PRIu64, counts[k]);
        table_add(&table, "%.0f", expected);
        total += counts[k];
        total_expected += expected;
    }
    table_add(&table, "total");
    table_add(&table, "-");
    table_add(&table, "-");
    table_add(&table, "%" PRIu64, total);
    table_add(&table, "%.0f", total_expected);
    table_print(&table, 0);
}

static void add_degree(struct table *table, struct degree degree)
{
    table_add(table, "%" PRIu64, degree.min);
    table_add(table, "%.2f", degree.mean);
    table_add(table, "%" PRIu64, degree.max);
}

/* Collective. */
static void print_statistics(const struct request *request, const struct network *network)
{
    static const char *const titles[] = {"connection", "in: min", "mean",  "max",        "out: min",
                                         "mean",       "max",     "pairs", "most copies"};
    struct table table = table_begin(request->arena, "lrrrrrrrr");
    add_words(&table, titles, 9);
    for (int k = 0; k < network->script->n_connections; k++) {
        struct connection_statistics statistics;
        network_statistics(network, k, &statistics);
        table_add(&table, "%s", network->script->connections[k].name);
        add_degree(&table, statistics.in);
        add_degree(&table, statistics.out);
        table_add(&table, "%" PRIu64, statistics.pairs);
        table_add(&table, "%" PRIu64, statistics.multiplicity_max);
    }
    uint64_t checksum = network_checksum(network);
    if (request->rank != 0)
        return;
    putchar('\n');
    table_print(&table, 0);
    printf("\nchecksum  %016" PRIx64 "\n", checksum);
}

/* Collective. */
static void print_network(const struct request *request, const struct network *network)
{
    const struct script *script = network->script;
    uint64_t *counts = ARENA_NEW(request->arena, script->n_connections, uint64_t);
    network_count(network, counts);
    if (request->rank == 0)
        print_counts(request->arena, script, counts);
    if (request->statistics)
        print_statistics(request, network);
}

/* ---- export -------------------------------------------------------------------------------------------------------------- */

/* Collective. On rank 0 the folder is made, before any work is done for it. */
static int take_folder(const struct request *request, struct output_folder **folder, struct fault *fault)
{
    if (request->export_folder && request->rank == 0)
        output_folder_take(request->export_folder, request->force, folder, fault);
    return fault_share(fault, 0, request->communicator);
}

/* Collective. After a fault none of the files is left. */
static int export_edges(const struct request *request, struct network *network, struct plan *plan, struct output_folder *folder,
                        struct fault *fault)
{
    const struct script *script = network->script;
    int status = network_assign(network, plan, 1, fault);
    for (int k = 0; k < script->n_connections && !status; k++)
        status = edges_file_write(network, &plan->connections[k], request->export_folder, fault);
    for (int k = 0; k < script->n_connections && status && folder; k++)
        output_folder_remove(folder, arena_format(request->arena, "%s.h5", script->connections[k].name));
    if (!status && request->rank == 0)
        printf("\nwritten to %s: %d files\n", request->export_folder, script->n_connections);
    return status;
}

/* ---- the command --------------------------------------------------------------------------------------------------------- */

static int parse_request(int argc, char **argv, struct request *request, struct fault *fault)
{
    const struct option options[] = {
        {"-D", OPTION_OVERRIDE, &request->overrides},       {"--statistics", OPTION_FLAG, &request->statistics},
        {"--export", OPTION_TEXT, &request->export_folder}, {"--force", OPTION_FLAG, &request->force},
        {"--partition", OPTION_TEXT, &request->partition},  {"--threads", OPTION_COUNT, &request->n_threads},
    };
    return arguments_parse(&command_connections, argc, argv, options, sizeof options / sizeof options[0], &request->file, 1, 1,
                           fault);
}

/* Collective. Builds the network, shows it, and exports it to the folder. */
static int show(const struct request *request, struct plan *plan, struct partition partition, struct output_folder *folder,
                struct fault *fault)
{
    struct network *network;
    TRY(network_create(plan->script, partition, request->communicator, &network, fault));
    print_network(request, network);
    int status = request->export_folder ? export_edges(request, network, plan, folder, fault) : 0;
    network_destroy(&network);
    return status;
}

static int execute(const struct request *request, struct fault *fault)
{
    struct plan *plan;
    struct partition partition;
    struct output_folder *folder = NULL;
    double bytes;
    int n_ranks;
    MPI_Comm_size(request->communicator, &n_ranks);
    TRY(partition_choose(request->partition, n_ranks, &partition, fault));
    TRY(plan_load(request->arena, request->file, request->overrides.items, request->overrides.n, request->communicator, &plan,
                  fault));
    TRY(resources_check(plan, partition, request->communicator, &bytes, fault));
    TRY(take_folder(request, &folder, fault));
    omp_set_num_threads(request->n_threads > 0 ? request->n_threads : host_threads(request->communicator));
    for (int k = 0; request->rank == 0 && k < plan->script->n_warnings; k++)
        fprintf(stderr, "%s\n", plan->script->warnings[k]);
    int status = show(request, plan, partition, folder, fault);
    if (status)
        output_folder_give_up(&folder);
    else
        output_folder_release(&folder);
    return status;
}

static int connections(int argc, char **argv, MPI_Comm communicator, struct fault *fault)
{
    struct arena *arena = arena_create();
    struct request request = {.arena = arena, .overrides.arena = arena, .communicator = communicator};
    MPI_Comm_rank(communicator, &request.rank);
    int status = parse_request(argc, argv, &request, fault);
    if (!status)
        status = execute(&request, fault);
    arena_destroy(&arena);
    return status;
}

const struct command command_connections = {
    .name = "connections",
    .usage = "connections FILE [-D NAME=EXPR]... [--statistics] [--export DIR] [--force] [--partition NAME] [--threads N]",
    .text = "build a network and count its synapses, or write them to files",
    .help = "  -D NAME=EXPR      replace the value of a `let`: same type, same dimension\n"
            "  --statistics      also numbers of synapses per node, of pairs, of parallel synapses, and a checksum\n"
            "  --export DIR      write the synapses to this folder as SONATA edges, one file per connection\n"
            "  --force           write into a folder that exists\n"
            "  --partition NAME  how nodes are spread over the ranks; default round_robin\n"
            "  --threads N       threads of each rank; default OMP_NUM_THREADS, or a share of the cores\n",
    .run = connections,
};
