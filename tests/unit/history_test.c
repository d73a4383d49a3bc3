/* The ring of past spikes: what was added comes back in ascending order until the ring has gone round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/history.h"

enum { POPULATIONS = 3, DEPTH = 12, INTERVAL = 5 };

/* Spikes of a population in a step: indices fall and rise, as if they came from two ranks. */
static uint32_t n_spikes(int population, step_count step)
{
    return (uint32_t)((step * 7 + population * 3) % 6) * 2;
}

static struct past_spike spike_at(int population, step_count step, uint32_t k)
{
    uint32_t n = n_spikes(population, step);
    uint32_t place = k < n / 2 ? 2 * k : 2 * (k - n / 2) + 1;
    return (struct past_spike){.index = 10 * place + (uint32_t)population, .multiplicity = 1 + place % 3};
}

static void check_step(const struct history *history, int population, step_count step)
{
    const struct step_spikes *list = history_at(history, population, step);
    assert_int_equal(list->n, step < 0 ? 0 : n_spikes(population, step));
    for (uint32_t place = 0; place < list->n; place++) {
        assert_int_equal(list->spikes[place].index, 10 * place + (uint32_t)population);
        assert_int_equal(list->spikes[place].multiplicity, 1 + place % 3);
    }
}

static void test_ring(void **state)
{
    struct history history;
    history_create(POPULATIONS, DEPTH, &history);
    for (step_count begin = 0; begin < 100; begin += INTERVAL) {
        history_begin(&history, begin, begin + INTERVAL);
        for (step_count step = begin + INTERVAL - 1; step >= begin; step--)
            for (int population = 0; population < POPULATIONS; population++)
                for (uint32_t k = 0; k < n_spikes(population, step); k++)
                    history_add(&history, population, step, spike_at(population, step, k));
        history_end(&history, begin, begin + INTERVAL);
        for (step_count step = begin + INTERVAL - DEPTH; step < begin + INTERVAL; step++)
            for (int population = 0; population < POPULATIONS; population++)
                check_step(&history, population, step);
    }
    history_release(&history);
    assert_null(history.lists);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
