/* Steps that run in two phases give the bits of whole steps, whether a call ends one step and begins the next or does the phases
 * apart, for each integrator and test of the threshold, compiled and interpreted. */
#include "kernels/compiler.h"
#include "kernels/kernels.h"
#include "plan_fixture.h"
#include "support/random.h"

static const char text[] =
    "neuron model linear { tau : ms = 3 ms\n receive I : 1\n receive spike(J : 1) { g += J }\n"
    "dv/dt = (g - v + I)/tau : 1 (unless refractory)\n dg/dt = -g/(2 ms) : 1\n threshold v > 0.8\n reset { v = 0 }\n"
    "refractory 1 ms }\n"
    "neuron model forward { a : 1 = 0.5\n receive I : 1\n receive spike(J : 1) { v += J; w -= a*J }\n"
    "dv/dt = (I - v + w*v)/ms : 1 (unless refractory)\n dw/dt = (v - w)/(5 ms) : 1\n n : integer = 0\n"
    "threshold v > 1\n reset { v = 0; w += 0.1; n += 1 }\n refractory 0.2 ms + 0.1 ms*int(i % 3)\n method euler\n"
    "before_step { w = min(w, 3) }\n after_step { v = max(v, -3) }\n after_synapses { w = max(w, -4) } }\n"
    "neuron model counting { receive spike(J : 1) { x += J }\n dx/dt = -x/ms : 1 = 0.4\n emit int(3*x)\n reset { x = 0.1 }\n"
    "method euler }\n"
    "neuron model looking { receive I : 1\n receive spike(J : 1) { x += J }\n dx/dt = (1 - x)/ms : 1\n threshold x > 1.2\n"
    "reset { x = I/10 }\n after_synapses { x = x + I/100 }\n method euler }\n"
    "neuron model stiff { receive I : 1\n receive spike(J : 1) { v += J }\n"
    "dv/dt = (I - v + exp(min(5*v - 3, 5)))/ms : 1\n dw/dt = (v - w)/(5 ms) : 1 (unless refractory)\n threshold v > 1.4\n"
    "reset { v = 0; w += 0.1 }\n refractory 0.3 ms\n method rkf45(abs = 1e-9) }\n"
    "neuron model silent { receive spike(J : 1) { x += J }\n dx/dt = -x/ms : 1 }\n"
    "population linears[21] : linear\n population forwards[19] : forward { a = rand() }\n population countings[10] : counting\n"
    "population lookings[9] : looking\n population stiffs[43] : stiff { v = rand() }\n population silents[17] : silent\n"
    "population neurons[77] : aeif_cond_alpha_astro { t_ref = 0.3 ms; I_e = 20 nA }\n"
    "synapse model s { delay = 1 ms\n I_post = 2*v_pre : 1 (summed) }\n"
    "let sources = forwards + stiffs\n connect sources -> linears by all_to_all using s\n";

enum { STEPS = 200, SPIKES = 4096 };

/* A population that runs in one way. */
struct run {
    struct nodes nodes;
    struct block_spike *spikes; /* [n_spikes] of one step, by node */
    int n_spikes;
    double *scratch;
};

static void run_create(const struct plan *plan, int population, block_function *function, struct run *run)
{
    *run = (struct run){.spikes = MEMORY_NEW(SPIKES, struct block_spike, TEMPORARY)};
    nodes_create(plan->script, &plan->nodes[population], function, (struct partition){&partition_round_robin, 1}, 0, 1,
                 &run->nodes);
    run->scratch = memory_new(block_scratch_bytes(&plan->nodes[population]), MEMORY_TEMPORARY);
}

static void run_destroy(struct run *run)
{
    nodes_release(&run->nodes);
    memory_free(run->spikes);
    memory_free(run->scratch);
}

static int compare_spikes(const void *left, const void *right)
{
    const struct block_spike *a = left, *b = right;
    return (a->node > b->node) - (a->node < b->node);
}

static void call(struct run *run, step_count step, int phases)
{
    struct block_arguments arguments = arguments_of(&run->nodes, 1e-4, step, 1);
    arguments.phases = phases;
    arguments.spiked = run->nodes.spiked;
    arguments.scratch = run->scratch;
    arguments.spikes = run->spikes;
    arguments.spikes_room = SPIKES;
    run->nodes.run(&arguments);
    assert_int_equal(arguments.fault, BLOCK_FINE);
    assert_int_equal(arguments.n_done, run->nodes.n_blocks);
    if (phases & BLOCK_BEGIN || !phases) {
        run->n_spikes = arguments.n_spikes;
        qsort(run->spikes, (size_t)run->n_spikes, sizeof *run->spikes, compare_spikes);
    } else {
        assert_int_equal(arguments.n_spikes, 0);
    }
}

static size_t doubles_of(const struct nodes *nodes, const struct tile *tile)
{
    return nodes->n_blocks * tile->pitch;
}

static void draw(const struct nodes *nodes, struct tile *tile, double size, step_count step, const char *what)
{
    struct random_stream stream = random_stream_start(random_key(7, RANDOM_VALUE, nodes->plan->population->name, what, 0),
                                                      (uint32_t)step, 0);
    for (size_t k = 0; k < doubles_of(nodes, tile); k++) {
        double number = random_stream_uniform(&stream);
        tile->values[k] = number < 0.7 ? 0 : size * (number - 0.6);
    }
}

static void copy(const struct nodes *nodes, struct tile *to, const struct tile *from)
{
    if (doubles_of(nodes, from))
        memcpy(to->values, from->values, doubles_of(nodes, from) * sizeof(double));
}

static void assert_same(const struct nodes *nodes, const double *a, const double *b, size_t pitch, step_count step)
{
    for (node_local node = 0; node < nodes->n; node++)
        for (size_t place = node % LANES; place < pitch; place += LANES)
            if (memcmp(&a[node / LANES * pitch + place], &b[node / LANES * pitch + place], sizeof *a))
                fail_msg("node %u of '%s' differs in step %lld: %g, not %g", node, nodes->plan->population->name, (long long)step,
                         b[node / LANES * pitch + place], a[node / LANES * pitch + place]);
}

static void assert_same_spikes(const struct run *a, const struct run *b)
{
    assert_int_equal(a->n_spikes, b->n_spikes);
    for (int k = 0; k < a->n_spikes; k++) {
        assert_int_equal(a->spikes[k].node, b->spikes[k].node);
        assert_int_equal(a->spikes[k].multiplicity, b->spikes[k].multiplicity);
        assert_int_equal(b->spikes[k].step, 0);
    }
}

static void assert_cleared(const struct nodes *nodes)
{
    for (size_t k = 0; k < doubles_of(nodes, &nodes->arrivals); k++)
        assert_true(nodes->arrivals.values[k] == 0);
}

/* Whole steps; phase after phase; and, where what ends a step reads no inputs, the end of a step with the beginning of the next.
 * Returns the number of spikes. */
static int compare_population(const struct plan *whole_plan, block_function *whole, const struct plan *plan,
                              block_function *split, int population)
{
    struct run a, apart, together;
    int n_spikes = 0;
    run_create(whole_plan, population, whole, &a);
    run_create(plan, population, split, &apart);
    run_create(plan, population, split, &together);
    const struct nodes *nodes = &a.nodes;
    const double size = strcmp(nodes->plan->model->name, "aeif_cond_alpha_astro") ? 2 : 1e-8;
    const bool fuses = !together.nodes.ends_early;
    for (step_count step = 0; step < STEPS; step++) {
        draw(nodes, &a.nodes.inputs, size, step, "input");
        copy(nodes, &apart.nodes.inputs, &a.nodes.inputs);
        copy(nodes, &together.nodes.inputs, &a.nodes.inputs);
        call(&apart, step, BLOCK_SHOW);
        call(&apart, step, BLOCK_BEGIN);
        call(&together, step, fuses && step > 0 ? BLOCK_END | BLOCK_BEGIN : BLOCK_BEGIN);
        draw(nodes, &a.nodes.arrivals, size, step, "arrival");
        copy(nodes, &apart.nodes.arrivals, &a.nodes.arrivals);
        copy(nodes, &together.nodes.arrivals, &a.nodes.arrivals);
        call(&a, step, 0);
        call(&apart, step + 1, BLOCK_TAKE_IN);
        assert_cleared(&apart.nodes);
        call(&apart, step + 1, BLOCK_RESET);
        if (!fuses || step + 1 == STEPS)
            call(&together, step + 1, BLOCK_END);
        assert_same_spikes(&a, &apart);
        assert_same_spikes(&a, &together);
        assert_same(nodes, a.nodes.slots, apart.nodes.slots, (size_t)nodes->plan->n_slots * LANES, step);
        assert_same(nodes, a.nodes.couplings.values, apart.nodes.couplings.values, nodes->couplings.pitch, step);
        assert_same(nodes, a.nodes.couplings.values, together.nodes.couplings.values, nodes->couplings.pitch, step);
        n_spikes += a.n_spikes;
    }
    assert_same(nodes, a.nodes.slots, together.nodes.slots, (size_t)nodes->plan->n_slots * LANES, STEPS);
    run_destroy(&a);
    run_destroy(&apart);
    run_destroy(&together);
    return n_spikes;
}

static void compare_all(const char *architecture, bool interpret)
{
    struct arena *arena = arena_create();
    struct plan *whole = plan_of_text(arena, text), *split = plan_of_text(arena, text);
    struct kernels *whole_kernels, *split_kernels;
    for (int k = 0; k < split->script->n_populations; k++)
        split->nodes[k].split_connection = 0;
    setenv("GLION_ARCHITECTURE", architecture, 1);
    kernels_create(whole, true, MPI_COMM_SELF, &whole_kernels); /* kernels_test compares them with compiled ones */
    kernels_create(split, interpret, MPI_COMM_SELF, &split_kernels);
    for (int k = 0; k < whole->script->n_populations; k++) {
        int n_spikes = compare_population(whole, whole_kernels->block[k], split, split_kernels->block[k], k);
        if (n_spikes < 20 && whole->nodes[k].spike_test != SPIKE_NEVER)
            fail_msg("only %d spikes of '%s'", n_spikes, whole->nodes[k].population->name);
    }
    kernels_destroy(&whole_kernels);
    kernels_destroy(&split_kernels);
    unsetenv("GLION_ARCHITECTURE");
    arena_destroy(&arena);
}

static void test_interpreted(void **state)
{
    compare_all("x86-64-v3", true);
}

static void test_compiled(void **state)
{
    compare_all("x86-64-v3", false);
    if (architecture_here() == ARCHITECTURE_X86_64_V4)
        compare_all("x86-64-v4", false);
}

/* A number that is not finite is told with the step in which it came up, and the next one does not begin. */
static void test_failure(void **state)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, text);
    struct run run;
    plan->nodes[0].split_connection = 0;
    run_create(plan, 0, interpret_block, &run);
    run.nodes.slots[LANES + 3] = INFINITY;
    struct block_arguments arguments = arguments_of(&run.nodes, 1e-4, 8, 1);
    arguments.phases = BLOCK_END | BLOCK_BEGIN;
    arguments.spiked = run.nodes.spiked;
    arguments.scratch = run.scratch;
    arguments.spikes = run.spikes;
    arguments.spikes_room = SPIKES;
    run.nodes.run(&arguments);
    assert_int_equal(arguments.fault, BLOCK_NOT_FINITE);
    assert_int_equal(arguments.fault_step, -1);
    assert_int_equal(arguments.fault_node, 3);
    run_destroy(&run);
    arena_destroy(&arena);
}

int main(void)
{
    MPI_Init(NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interpreted),
        cmocka_unit_test(test_compiled),
        cmocka_unit_test(test_failure),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
