/* Builds one network, says its checksums and statistics, and writes its synapses as SONATA files; tests/system/network_layouts.py
 * runs this on several layouts and compares all that comes out.
 *
 * usage: network_layouts FOLDER PARTITION */
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "network/statistics.h"
#include "recording/edges_file.h"
#include "unit/network_fixture.h"

static const struct node_set *make_union(struct fixture *fixture)
{
    static const node_index some[] = {1, 2, 5, 60, 61, 99};
    return fixture_set(fixture, "mixed",
                       (struct node_part[]){{.population = 1, .first = 3, .count = 40},
                                            {.population = 0, .first = 100, .count = 80},
                                            {.population = 0, .list = some, .count = 6},
                                            {0}});
}

static void make_network(struct fixture *fixture)
{
    fixture_create(fixture, 12345);
    const struct node_set *exc = fixture_whole(fixture, fixture_population(fixture, "exc", 200));
    fixture_population(fixture, "inh", 50);
    const struct node_set *astro = fixture_whole(fixture, fixture_population(fixture, "astro", 125));
    const struct node_set *noise = fixture_whole(fixture, fixture_population(fixture, "noise", 1));
    const struct node_set *mixed = make_union(fixture);

    fixture_projection(fixture, "noise", "all_to_all", noise, mixed, NULL);
    fixture_projection(fixture, "self", "one_to_one", mixed, mixed, NULL);
    fixture_number(fixture_projection(fixture, "sparse", "pairwise_bernoulli", exc, mixed, NULL), "p", 0.01);
    fixture_number(fixture_projection(fixture, "dense", "pairwise_bernoulli", mixed, mixed, NULL), "p", 0.7);
    struct projection *random = fixture_projection(fixture, "random", "tripartite_bernoulli_with_pool", mixed, exc, astro);
    fixture_number(random, "p_primary", 0.3);
    fixture_number(random, "p_third_if_primary", 0.5);
    fixture_number(random, "pool_size", 7);
    /* NEST counts the targets of block pools on each rank by itself; here they are those of the whole set */
    struct projection *block = fixture_projection(fixture, "block", "tripartite_bernoulli_with_pool", exc, noise, astro);
    fixture_number(block, "p_primary", 0.8);
    fixture_number(block, "pool_size", 125);
    fixture_word(block, "pool_type", 1);
    struct projection *shared = fixture_projection(fixture, "shared", "tripartite_bernoulli_with_pool", astro, exc,
                                                   fixture_whole(fixture, 1));
    fixture_number(shared, "p_primary", 0.2);
    fixture_number(shared, "pool_size", 1);
    fixture_word(shared, "pool_type", 1);
}

static void set_flags(struct projection *projection, bool autapses, bool multapses)
{
    fixture_number(projection, "autapses", autapses);
    fixture_number(projection, "multapses", multapses);
}

/* Rules of degrees, totals and pairs: those that decide at the target, at the source, and for pairs. */
static void add_counted(struct fixture *fixture)
{
    static const uint32_t sources[] = {0, 7, 7, 125, 3, 7}, targets[] = {3, 199, 0, 3, 3, 0};
    const struct node_set *mixed = fixture->projections[0].target, *exc = fixture_whole(fixture, 0);
    static const char *const rules[][2] = {
        {"fixed_indegree", "indegree"}, {"fixed_outdegree", "outdegree"}, {"fixed_total_number", "n"}};
    for (int rule = 0; rule < 3; rule++)
        for (int multapses = 0; multapses < 2; multapses++) {
            const char *name = arena_format(fixture->arena, "%s_%s", rules[rule][1], multapses ? "free" : "strict");
            struct projection *projection = fixture_projection(fixture, name, rules[rule][0], mixed, multapses ? mixed : exc,
                                                               NULL);
            fixture_number(projection, rules[rule][1], rule == 2 ? 2000 : 20);
            set_flags(projection, false, multapses);
        }
    fixture_number(fixture_projection(fixture, "poisson", "pairwise_poisson", mixed, exc, NULL), "mean", 0.2);
    fixture_number(fixture_projection(fixture, "symmetric", "symmetric_pairwise_bernoulli", mixed, mixed, NULL), "p", 0.2);
    struct projection *pairs = fixture_projection(fixture, "pairs", "pairs", mixed, exc, NULL);
    fixture_indices(pairs, "sources", sources, 6);
    fixture_indices(pairs, "targets", targets, 6);
    struct projection *third = fixture_projection(fixture, "third", "fixed_outdegree", mixed, exc, fixture_whole(fixture, 2));
    fixture_number(third, "outdegree", 30);
    fixture_third(third, "bernoulli_with_pool");
    fixture_number(third, "p", 0.4);
    fixture_number(third, "pool_size", 3);
}

static void print_statistics(const struct network *network, int rank)
{
    for (int c = 0; c < network->script->n_connections; c++) {
        struct connection_statistics s;
        network_statistics(network, c, &s);
        if (rank == 0)
            printf("%s: %llu, expected %.17g; in %llu %.17g %llu; out %llu %.17g %llu; pairs %llu, at most %llu parallel\n",
                   network->script->connections[c].name, (unsigned long long)s.count, s.expected, (unsigned long long)s.in.min,
                   s.in.mean, (unsigned long long)s.in.max, (unsigned long long)s.out.min, s.out.mean,
                   (unsigned long long)s.out.max, (unsigned long long)s.pairs, (unsigned long long)s.multiplicity_max);
    }
}

/* A sum over all synapses of a hash of (connection, number, source, target): numbers are the same for any layout. */
static uint64_t number_checksum(const struct network *network)
{
    uint64_t sum = 0;
    for (int c = 0; c < network->script->n_connections; c++) {
        uint64_t n, next = 0, *numbers = network_number(network, c, &n);
        for (int k = network->connection_begin[c]; k < network->connection_begin[c + 1]; k++) {
            const struct edges *edges = &network->edges[k];
            const struct population *target = &network->script->populations[edges->target];
            for (uint32_t row = 0; row < edges->n_rows; row++)
                for (edge_count e = edges->row_begin[row]; e < edges->row_begin[row + 1]; e++) {
                    node_index index = network->partition.scheme->index(network->partition.n_ranks, target, network->rank,
                                                                        edges->target_local[e]);
                    uint64_t synapse[] = {(uint64_t)k, numbers[next++], edges->row_source[row], index};
                    sum += XXH3_64bits(synapse, sizeof synapse);
                }
        }
        memory_free(numbers);
    }
    MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_UINT64_T, MPI_SUM, network->communicator);
    return sum;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    if (argc != 3 || !partition_find(argv[2])) {
        fprintf(stderr, "usage: network_layouts FOLDER PARTITION\n");
        return 2;
    }
    struct fixture fixture;
    struct fault fault = {0};
    struct network *network = NULL;
    struct partition partition = {.scheme = partition_find(argv[2])};
    MPI_Comm_size(MPI_COMM_WORLD, &partition.n_ranks);
    make_network(&fixture);
    add_counted(&fixture);
    network_create(&fixture.script, partition, MPI_COMM_WORLD, &network, &fault);
    int status = !network_is_valid(network);
    uint64_t checksum = network_checksum(network), numbers = number_checksum(network);
    if (network->rank == 0)
        printf("checksum %016llx, of numbers %016llx\n", (unsigned long long)checksum, (unsigned long long)numbers);
    print_statistics(network, network->rank);
    for (int c = 0; status == 0 && c < fixture.script.n_connections; c++)
        status = edges_file_write(network, &(struct connection_plan){.connection = &fixture.script.connections[c]}, argv[1],
                                  &fault);
    if (fault.text && network->rank == 0)
        fprintf(stderr, "%s\n", fault.text);
    fault_clear(&fault);
    network_destroy(&network);
    fixture_destroy(&fixture);
    MPI_Finalize();
    return status;
}
