/* What the ring says of an event is what it was told, however often it grew and wrapped around. */
#include "engine/event_ring.h"
#include "plan_fixture.h"

static void add(struct event_ring *ring, uint32_t e)
{
    double *numbers = event_ring_add(ring, (struct carried_event){{.row = 3 * e, .emitted = e / 5}, (step_count)e - 1});
    numbers[0] = e;
    numbers[1] = -(double)e;
}

static void check(const struct event_ring *ring)
{
    for (uint64_t e = ring->first; e < ring->end; e++) {
        uint64_t place = event_ring_place(ring, (uint32_t)e);
        assert_int_equal(ring->events[place].event.row, 3 * e);
        assert_int_equal(ring->events[place].previous, (step_count)e - 1);
        assert_true(ring->numbers[2 * place] == (double)e && ring->numbers[2 * place + 1] == -(double)e);
    }
}

static void test_ring(void **state)
{
    struct event_ring ring;
    event_ring_create(2, &ring);
    for (uint32_t e = 0; e < 5000; e++) {
        add(&ring, e);
        if (e % 5 == 4) { /* a step is complete; the number of steps that are kept varies */
            step_count kept = 20 + (e / 7) % 300;
            event_ring_forget(&ring, (step_count)(e / 5) - kept);
            check(&ring);
            assert_true(ring.events[event_ring_place(&ring, (uint32_t)ring.first)].event.emitted >= (step_count)(e / 5) - kept);
        }
    }
    assert_int_equal(ring.end, 5000);
    assert_true(ring.capacity >= ring.end - ring.first && ring.capacity < 5000);
    event_ring_forget(&ring, 5000);
    assert_true(ring.first == ring.end);
    event_ring_release(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ring)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
