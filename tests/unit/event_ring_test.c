/* What the ring says of an event is what it was told, however often it grew and wrapped around. */
#include "engine/event_ring.h"
#include "plan_fixture.h"

#define ROWS 7

static void add(struct event_ring *ring, uint32_t e)
{
    double *numbers = event_ring_add(
        ring, (struct carried_event){.event = {.row = e % ROWS, .emitted = e / 5}, .previous = (step_count)e - 1});
    numbers[0] = e;
    numbers[1] = -(double)e;
}

static void check(const struct event_ring *ring)
{
    for (uint64_t e = ring->first; e < ring->end; e++) {
        uint64_t place = event_ring_place(ring, (uint32_t)e);
        assert_int_equal(ring->events[place].event.row, e % ROWS);
        assert_int_equal(ring->events[place].previous, (step_count)e - 1);
        assert_true(ring->numbers[2 * place] == (double)e && ring->numbers[2 * place + 1] == -(double)e);
    }
}

/* A row's events, from the last one back to the first that is not forgotten. */
static void check_rows(const struct event_ring *ring)
{
    uint64_t n = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        const struct carried_event *event = event_ring_before(ring, row, NULL);
        for (const struct carried_event *before; event; event = before, n++) {
            before = event_ring_before(ring, row, event);
            assert_int_equal(event->event.row, row);
            assert_true(!before || before->previous == event->previous - ROWS);
        }
    }
    assert_int_equal(n, ring->end - ring->first);
}

static void test_ring(void **state)
{
    struct event_ring ring;
    event_ring_create(2, ROWS, &ring);
    for (uint32_t e = 0; e < 5000; e++) {
        add(&ring, e);
        if (e % 5 == 4) { /* a step is complete; the number of steps that are kept varies */
            step_count kept = 20 + (e / 7) % 300;
            event_ring_forget(&ring, (step_count)(e / 5) - kept);
            check(&ring);
            check_rows(&ring);
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
