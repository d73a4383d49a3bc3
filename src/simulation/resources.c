#include "simulation/resources.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "network/network.h"
#include "network/values.h"
#include "simulation/host.h"
#include "simulation/load.h"

/* ---- what is needed ---- */

static double node_bytes(const struct plan *plan, struct partition partition, int rank)
{
    double bytes = 0, interval = plan->min_delay > 0 ? (double)plan->min_delay : 1;
    for (int k = 0; k < plan->script->n_populations; k++) {
        const struct node_plan *nodes = &plan->nodes[k];
        double rows = interval * (node_plan_input_rows(nodes) + nodes->n_arrivals + nodes->n_couplings);
        bytes += sizeof(double) * (nodes->n_slots + rows) *
                 partition.scheme->count(partition.n_ranks, &plan->script->populations[k], rank);
    }
    return bytes;
}

/* ---- what there is ---- */

static double read_number(const char *path, const char *label)
{
    char line[256];
    double number = -1;
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    while (number < 0 && fgets(line, sizeof line, file))
        if (!strncmp(line, label, strlen(label)))
            sscanf(line + strlen(label), "%lf", &number);
    fclose(file);
    return number;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

/* For all ranks of this host together: what the kernel could hand out, within the limit of the job's control group. */
static double free_on_host(void)
{
    double available = 1024 * read_number("/proc/meminfo", "MemAvailable:");
    double limit = read_number("/sys/fs/cgroup/memory.max", ""), used = read_number("/sys/fs/cgroup/memory.current", "");
    if (available < 0)
        available = 1e300;
    return limit > 0 && used >= 0 ? smaller(available, limit - used) : available;
}

/* For this rank alone: `ulimit -v`. */
static double free_in_process(void)
{
    struct rlimit limit;
    long pages = (long)read_number("/proc/self/statm", "");
    if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY)
        return 1e300;
    return (double)limit.rlim_cur - (double)pages * (double)sysconf(_SC_PAGESIZE);
}

int resources_check(const struct plan *plan, struct partition partition, MPI_Comm communicator, double *bytes,
                    struct fault *fault)
{
    const double gibibyte = 1024.0 * 1024 * 1024;
    int rank;
    MPI_Comm_rank(communicator, &rank);
    double synapses = network_bytes(plan->script, partition.n_ranks) + values_bytes(plan, partition.n_ranks);
    double nodes = node_bytes(plan, partition, rank);
    double available = smaller(free_on_host() / host_ranks(communicator), free_in_process());
    *bytes = synapses + nodes;
    struct {
        double lack;
        int rank;
    } own = {*bytes - available, rank}, worst;
    MPI_Allreduce(&own, &worst, 1, MPI_DOUBLE_INT, MPI_MAXLOC, communicator);
    if (worst.lack <= 0)
        return 0;
    if (rank == worst.rank)
        fault_input(fault,
                    "the network does not fit into memory: each of %d ranks needs about %.3g GiB (%.3g for synapses, %.3g for "
                    "nodes), and rank %d has "
                    "%.3g GiB free; use more hosts, or a smaller network",
                    partition.n_ranks, *bytes / gibibyte, synapses / gibibyte, nodes / gibibyte, rank,
                    smaller(available, 1e18) / gibibyte);
    return fault_share(fault, worst.rank, communicator);
}
