/* Every scheme of partitions/: owner, local position and index are inverse to each other, and local positions ascend. */
#include "network/partition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/memory.h"

static void check_rank(const struct partition_scheme *scheme, int n_ranks, const struct population *population, int rank)
{
    node_local count = scheme->count(n_ranks, population, rank);
    for (node_local local = 0; local < count; local++) {
        node_index index = scheme->index(n_ranks, population, rank, local);
        assert_true(index < population->size);
        assert_int_equal(scheme->owner(n_ranks, population, index), rank);
        assert_int_equal(scheme->local(n_ranks, population, index), local);
        if (local > 0)
            assert_true(index > scheme->index(n_ranks, population, rank, local - 1));
    }
    node_local below = 0;
    for (node_index bound = 0; bound <= population->size; bound++) {
        assert_int_equal(scheme->below(n_ranks, population, rank, bound), below);
        if (bound < population->size)
            below += scheme->owner(n_ranks, population, bound) == rank;
    }
    assert_int_equal(below, count);
}

static void test_schemes_are_consistent(void **state)
{
    static const node_index sizes[] = {1, 2, 3, 7, 64, 1000};
    static const node_id bases[] = {0, 1, 5, 4000000000u};
    for (int s = 0; partition_schemes[s]; s++)
        for (int n_ranks = 1; n_ranks <= 9; n_ranks++)
            for (int size = 0; size < 6; size++)
                for (int base = 0; base < 4; base++)
                    for (int rank = 0; rank < n_ranks; rank++)
                        check_rank(partition_schemes[s], n_ranks, &(struct population){.size = sizes[size], .base = bases[base]},
                                   rank);
}

/* The last nodes of the largest population on the largest machine, where products leave 32 bits. */
static void test_largest_population(void **state)
{
    const struct population population = {.size = POPULATION_SIZE_MAX - 1, .base = 1234567};
    const int n_ranks = 100000;
    for (int s = 0; partition_schemes[s]; s++)
        for (node_index index = population.size - 300000; index < population.size; index += 101) {
            int rank = partition_schemes[s]->owner(n_ranks, &population, index);
            assert_true(rank >= 0 && rank < n_ranks);
            node_local local = partition_schemes[s]->local(n_ranks, &population, index);
            assert_int_equal(partition_schemes[s]->index(n_ranks, &population, rank, local), index);
            assert_int_equal(partition_schemes[s]->below(n_ranks, &population, rank, index), local);
        }
}

/* Single nodes of many populations must not all meet on one rank, and no rank may own two nodes more than another. */
static void test_round_robin_balances(void **state)
{
    int owned[7] = {0};
    for (node_id base = 0; base < 70; base++)
        owned[partition_round_robin.owner(7, &(struct population){.size = 1, .base = base}, 0)]++;
    for (int rank = 0; rank < 7; rank++)
        assert_int_equal(owned[rank], 10);
}

static void test_find(void **state)
{
    assert_ptr_equal(partition_find("round_robin"), partition_schemes[0]);
    assert_null(partition_find("square"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schemes_are_consistent),
        cmocka_unit_test(test_largest_population),
        cmocka_unit_test(test_round_robin_balances),
        cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
