/* Memory: alignment, accounting, growing, arenas; the small things made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/fault.h"
#include "support/memory.h"
#include "support/text.h"

static bool all_zero(const char *bytes, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (bytes[k])
            return false;
    return true;
}

static void test_blocks(void **state)
{
    const size_t sizes[] = {0,      1, 63, 64, 65, 4096, 1000003, (4 << 20) - 65, (4 << 20) - 64, (4 << 20) + 5,
                            9000001}; /* some are mapped */
    size_t before = memory_used(MEMORY_NODES), other = memory_used(MEMORY_BUFFERS);
    uint64_t allocations = memory_allocations();
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        char *block = memory_new(sizes[k], MEMORY_NODES);
        assert_int_equal((uintptr_t)block % 64, 0);
        assert_true(all_zero(block, sizes[k]));
        assert_int_equal(memory_used(MEMORY_NODES), before + sizes[k]);
        assert_int_equal(memory_used(MEMORY_BUFFERS), other);
        assert_true(memory_peak() >= before + sizes[k]);
        assert_int_equal(memory_allocations(), allocations + k + 1);
        memset(block, 7, sizes[k]);
        memory_free(block);
        assert_int_equal(memory_used(MEMORY_NODES), before);
    }
    memory_free(NULL);
}

static void test_growing(void **state)
{
    size_t before = memory_used(MEMORY_SYNAPSES), n = 0, capacity = 0;
    int *numbers = NULL;
    for (int k = 0; k < 1000; k++)
        *MEMORY_PUSH(numbers, n, capacity, int, SYNAPSES) = k;
    for (int k = 0; k < 1000; k++)
        assert_int_equal(numbers[k], k);
    assert_int_equal(memory_used(MEMORY_SYNAPSES), before + capacity * sizeof(int));
    assert_true(all_zero((char *)(numbers + n), (capacity - n) * sizeof(int)));
    numbers = MEMORY_RESIZE(numbers, 10, int, SYNAPSES);
    assert_int_equal(numbers[9], 9);
    assert_int_equal(memory_used(MEMORY_SYNAPSES), before + 10 * sizeof(int));
    memory_free(numbers);
    assert_int_equal(memory_used(MEMORY_SYNAPSES), before);
}

/* From a small block to a mapped one and back. */
static void test_growing_large(void **state)
{
    size_t before = memory_used(MEMORY_SYNAPSES);
    const size_t sizes[] = {1000, 3000000, 6000000, 20000000, 5000000, 2000000};
    unsigned char *block = NULL;
    size_t size = 0;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        block = memory_resize(block, sizes[k], MEMORY_SYNAPSES);
        for (size_t b = 0; b < sizes[k]; b++)
            assert_int_equal(block[b], b < size ? b % 251 : 0);
        size = sizes[k];
        for (size_t b = 0; b < size; b++)
            block[b] = (unsigned char)(b % 251);
    }
    memory_free(block);
    assert_int_equal(memory_used(MEMORY_SYNAPSES), before);
}

static void test_arena(void **state)
{
    size_t before = memory_used(MEMORY_SCRIPT);
    struct arena *arena = arena_create();
    const char *text = arena_text(arena, "one two", 3);
    char *blocks[300];
    for (int k = 0; k < 300; k++) {
        size_t bytes = (size_t)k * (size_t)k * 7; /* some larger than a chunk */
        blocks[k] = arena_new(arena, bytes);
        assert_int_equal((uintptr_t)blocks[k] % 16, 0);
        assert_true(all_zero(blocks[k], bytes));
        memset(blocks[k], k, bytes);
    }
    for (int k = 1; k < 300; k++)
        assert_int_equal((unsigned char)blocks[k][(size_t)k * (size_t)k * 7 - 1], k % 256);
    assert_string_equal(text, "one");
    assert_string_equal(arena_format(arena, "%d and %s", 3, text), "3 and one");
    arena_destroy(&arena);
    assert_null(arena);
    arena_destroy(&arena);
    assert_int_equal(memory_used(MEMORY_SCRIPT), before);
}

static void test_text(void **state)
{
    size_t before = memory_used(MEMORY_TEMPORARY);
    struct text text = {0};
    for (int k = 0; k < 100; k++)
        text_add(&text, "%d,", k);
    text_add_bytes(&text, "a\0b", 3);
    assert_int_equal(text.length, 10 * 2 + 90 * 3 + 3);
    assert_memory_equal(text.characters, "0,1,2,", 6);
    assert_memory_equal(text.characters + text.length - 6, "99,a\0b", 7);
    text_release(&text);
    assert_null(text.characters);
    text_add(&text, "%s", "");
    assert_string_equal(text.characters, "");
    text_release(&text);
    assert_int_equal(memory_used(MEMORY_TEMPORARY), before);
}

static int fail_twice(struct fault *fault)
{
    TRY(fault_input(fault, "first %d", 1));
    return fault_run(fault, "never");
}

/* The first fault stands. */
static void test_fault(void **state)
{
    struct fault fault = {0};
    assert_int_equal(fail_twice(&fault), FAULT_INPUT);
    assert_int_equal(fault_run(&fault, "second"), FAULT_INPUT);
    assert_int_equal(fault_take(&fault, FAULT_RUN, strdup("third")), FAULT_INPUT);
    assert_string_equal(fault.text, "first 1");
    fault_clear(&fault);
    assert_int_equal(fault.status, FAULT_NONE);
    assert_null(fault.text);
    assert_int_equal(fault_run(&fault, "again"), FAULT_RUN);
    fault_clear(&fault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks), cmocka_unit_test(test_growing), cmocka_unit_test(test_growing_large),
        cmocka_unit_test(test_arena),  cmocka_unit_test(test_text),    cmocka_unit_test(test_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
