/* Nanoseconds per connection that each rule takes to build: a recurrent projection of 10,000 nodes with 1,000 connections for
 * each, best of several builds, on any number of ranks (processor time is summed over them).
 *
 * cmake --build build --target bench_connection_rules && OMP_NUM_THREADS=1 build/bench_connection_rules [REPEATS] */
#include <stdlib.h>
#include <time.h>

#include "unit/network_fixture.h"

#define NODES 10000
#define PER_NODE 1000.0

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct cost {
    double connections, processor, wall; /* seconds */
};

static struct cost build_once(const struct script *script)
{
    struct partition partition = {.scheme = partition_schemes[0]};
    struct network *network = NULL;
    struct fault fault = {0};
    uint64_t counts[3] = {0};
    MPI_Comm_size(MPI_COMM_WORLD, &partition.n_ranks);
    double wall = MPI_Wtime(), processor = processor_seconds();
    network_create(script, partition, MPI_COMM_WORLD, &network, &fault);
    struct cost cost = {.processor = processor_seconds() - processor, .wall = MPI_Wtime() - wall};
    network_count(network, counts);
    network_destroy(&network);
    MPI_Allreduce(MPI_IN_PLACE, &cost.processor, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    cost.connections = (double)(counts[0] + counts[1] + counts[2]);
    return cost;
}

/* For `pairs`: each node 100 times on either side, in no order. */
static void list_pairs(struct fixture *fixture, struct projection *projection)
{
    uint64_t n = 100 * NODES;
    for (int argument = 0; argument < 2; argument++) {
        uint32_t *indices = ARENA_NEW(fixture->arena, n, uint32_t);
        for (uint64_t k = 0; k < n; k++)
            indices[k] = (uint32_t)((k + 1) * (argument ? 2654435761u : 40503u) % NODES);
        fixture_indices(projection, argument ? "targets" : "sources", indices, n);
    }
}

struct benchmark {
    const char *rule, *argument, *flag; /* argument: gets `value`; flag: is set to false; NULL: none */
    double value;
    bool third;
};

static const char tripartite[] = "tripartite_bernoulli_with_pool"; /* has its third nodes in itself */

static void measure(const struct benchmark *benchmark, int repeats)
{
    struct fixture fixture;
    fixture_create(&fixture, 1);
    const struct node_set *nodes = fixture_whole(&fixture, fixture_population(&fixture, "nodes", NODES));
    const struct node_set *pool = benchmark->third ? fixture_whole(&fixture, fixture_population(&fixture, "pool", NODES)) : NULL;
    struct projection *projection = fixture_projection(&fixture, "projection", benchmark->rule, nodes, nodes, pool);
    if (benchmark->argument)
        fixture_number(projection, benchmark->argument, benchmark->value);
    if (benchmark->flag)
        fixture_number(projection, benchmark->flag, false);
    if (strcmp(benchmark->rule, "pairs") == 0)
        list_pairs(&fixture, projection);
    if (benchmark->rule == tripartite)
        fixture_number(projection, "pool_size", 10);
    else if (pool) {
        fixture_third(projection, "bernoulli_with_pool");
        projection->third_arguments[0].number = 0.5; /* p, a name that the first rule may have too */
        fixture_number(projection, "pool_size", 10);
    }
    struct cost best = build_once(&fixture.script);
    for (int k = 1; k < repeats; k++) {
        struct cost cost = build_once(&fixture.script);
        best.processor = cost.processor < best.processor ? cost.processor : best.processor;
        best.wall = cost.wall < best.wall ? cost.wall : best.wall;
    }
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0)
        printf("%-30s  %-9s  %-5s  %11.0f  %9.1f  %6.1f\n", benchmark->rule, benchmark->flag ? benchmark->flag : "",
               pool ? "third" : "", best.connections, 1e9 * best.processor / best.connections,
               1e9 * best.wall / best.connections);
    fixture_destroy(&fixture);
}

int main(int argc, char **argv)
{
    static const struct benchmark benchmarks[] = {
        {"all_to_all", NULL, NULL, 0, false},
        {"one_to_one", NULL, NULL, 0, false},
        {"pairs", NULL, NULL, 0, false},
        {"pairwise_bernoulli", "p", NULL, PER_NODE / NODES, false},
        {"pairwise_bernoulli", "p", NULL, PER_NODE / NODES, true},
        {tripartite, "p_primary", NULL, PER_NODE / NODES, true},
        {"pairwise_poisson", "mean", NULL, PER_NODE / NODES, false},
        {"symmetric_pairwise_bernoulli", "p", NULL, PER_NODE / NODES, false},
        {"fixed_indegree", "indegree", NULL, PER_NODE, false},
        {"fixed_indegree", "indegree", "multapses", PER_NODE, false},
        {"fixed_outdegree", "outdegree", NULL, PER_NODE, false},
        {"fixed_outdegree", "outdegree", "multapses", PER_NODE, false},
        {"fixed_outdegree", "outdegree", NULL, PER_NODE, true},
        {"fixed_total_number", "n", NULL, PER_NODE * NODES, false},
        {"fixed_total_number", "n", "multapses", PER_NODE * NODES, false},
    };
    MPI_Init(&argc, &argv);
    int rank, repeats = argc > 1 ? atoi(argv[1]) : 5;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0)
        printf("%-30s  %-9s  %-5s  %11s  %9s  %6s\n", "rule", "without", "", "connections", "processor", "wall");
    for (size_t k = 0; k < sizeof benchmarks / sizeof *benchmarks; k++)
        measure(&benchmarks[k], repeats);
    MPI_Finalize();
    return 0;
}
