/* Draws one tripartite projection with many seeds and prints what NEST's reference files of the same name hold: the columns of
 * tests/data/nest/e_*.csv. Compared by tests/system/pool_statistics.py.
 *
 * usage: pool_statistics random|block POOL_SIZE N_SOURCE N_TARGET N_THIRD P_PRIMARY P_THIRD N_SEEDS */
#include <stdio.h>
#include <stdlib.h>

#include "network/statistics.h"
#include "unit/network_fixture.h"

static void make_projection(struct fixture *fixture, char **argument)
{
    const struct node_set *source = fixture_whole(fixture, fixture_population(fixture, "source", (node_index)atoi(argument[3])));
    const struct node_set *target = fixture_whole(fixture, fixture_population(fixture, "target", (node_index)atoi(argument[4])));
    const struct node_set *third = fixture_whole(fixture, fixture_population(fixture, "third", (node_index)atoi(argument[5])));
    struct projection *projection = fixture_projection(fixture, "tri", "tripartite_bernoulli_with_pool", source, target, third);
    fixture_number(projection, "p_primary", atof(argument[6]));
    fixture_number(projection, "p_third_if_primary", atof(argument[7]));
    fixture_number(projection, "pool_size", atoi(argument[2]));
    fixture_word(projection, "pool_type", strcmp(argument[1], "block") == 0);
}

/* Collective: number of third_out connections of each pair, [n_third][n_target], over all ranks. Owned by the caller. */
static uint64_t *count_third_out(const struct network *network)
{
    const struct edges *edges = &network->edges[network->connection_begin[2]];
    const struct population *target = &network->script->populations[edges->target];
    uint64_t n_third = network->script->populations[edges->source].size;
    uint64_t *count = MEMORY_NEW(n_third * target->size, uint64_t, TEMPORARY);
    for (uint32_t row = 0; row < edges->n_rows; row++)
        for (edge_count k = edges->row_begin[row]; k < edges->row_begin[row + 1]; k++)
            count[edges->row_source[row] * (uint64_t)target->size +
                  network->partition.scheme->index(network->partition.n_ranks, target, network->rank, edges->target_local[k])]++;
    MPI_Allreduce(MPI_IN_PLACE, count, (int)(n_third * target->size), MPI_UINT64_T, MPI_SUM, network->communicator);
    return count;
}

static void print_header(int n_target)
{
    printf("seed,n_primary,n_third_in,n_third_out,max_multiplicity_astro_target_pair,n_distinct_astro_used");
    for (int target = 0; target < n_target; target++)
        printf(",third_out_indegree_target%d", target);
    for (int target = 0; target < n_target; target++)
        printf(",n_distinct_astro_target%d", target);
    printf("\n");
}

static void print_row(uint64_t seed, const struct connection_statistics statistics[3], const uint64_t *count, int n_third,
                      int n_target)
{
    uint64_t used = 0;
    for (int third = 0; third < n_third; third++) {
        bool any = false;
        for (int target = 0; target < n_target; target++)
            any = any || count[third * n_target + target];
        used += any;
    }
    printf("%llu,%llu,%llu,%llu,%llu,%llu", (unsigned long long)seed, (unsigned long long)statistics[0].count,
           (unsigned long long)statistics[1].count, (unsigned long long)statistics[2].count,
           (unsigned long long)statistics[2].multiplicity_max, (unsigned long long)used);
    for (int distinct = 0; distinct < 2; distinct++)
        for (int target = 0; target < n_target; target++) {
            uint64_t sum = 0;
            for (int third = 0; third < n_third; third++) {
                uint64_t copies = count[third * n_target + target];
                sum += distinct ? copies > 0 : copies;
            }
            printf(",%llu", (unsigned long long)sum);
        }
    printf("\n");
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    if (argc != 9) {
        fprintf(stderr, "usage: pool_statistics random|block POOL_SIZE N_SOURCE N_TARGET N_THIRD P_PRIMARY P_THIRD N_SEEDS\n");
        return 2;
    }
    struct partition partition = {.scheme = partition_schemes[0]};
    MPI_Comm_size(MPI_COMM_WORLD, &partition.n_ranks);
    for (uint64_t seed = 1; seed <= strtoull(argv[8], NULL, 10); seed++) {
        struct fixture fixture;
        struct fault fault = {0};
        struct network *network = NULL;
        struct connection_statistics statistics[3];
        fixture_create(&fixture, seed);
        make_projection(&fixture, argv);
        network_create(&fixture.script, partition, MPI_COMM_WORLD, &network, &fault);
        for (int c = 0; c < 3; c++)
            network_statistics(network, c, &statistics[c]);
        uint64_t *count = count_third_out(network);
        if (network->rank == 0) {
            if (seed == 1)
                print_header(atoi(argv[4]));
            print_row(seed, statistics, count, atoi(argv[5]), atoi(argv[4]));
        }
        memory_free(count);
        network_destroy(&network);
        fixture_destroy(&fixture);
    }
    MPI_Finalize();
    return 0;
}
