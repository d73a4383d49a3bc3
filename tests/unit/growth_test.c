/* What must not grow: allocations and messages in the step loop, and bytes per connection. All of it is counted, nothing timed.
 * Messages are counted between the ranks of this program, so it also runs under mpirun; all else is of each rank by itself. */
#include "engine/engine.h"
#include "leak_fixture.h"
#include "network/values.h"
#include "plan_fixture.h"

/* ---- messages: the program's calls of MPI pass through here (the standard's profiling interface) ---- */

static int n_allgather, n_allgatherv, n_other;

int MPI_Allgather(const void *out, int n_out, MPI_Datatype type_out, void *in, int n_in, MPI_Datatype type_in,
                  MPI_Comm communicator)
{
    n_allgather++;
    return PMPI_Allgather(out, n_out, type_out, in, n_in, type_in, communicator);
}

int MPI_Allgatherv(const void *out, int n_out, MPI_Datatype type_out, void *in, const int *n_in, const int *offsets,
                   MPI_Datatype type_in, MPI_Comm communicator)
{
    n_allgatherv++;
    return PMPI_Allgatherv(out, n_out, type_out, in, n_in, offsets, type_in, communicator);
}

int MPI_Allreduce(const void *out, void *in, int n, MPI_Datatype type, MPI_Op operation, MPI_Comm communicator)
{
    n_other++;
    return PMPI_Allreduce(out, in, n, type, operation, communicator);
}

int MPI_Bcast(void *data, int n, MPI_Datatype type, int root, MPI_Comm communicator)
{
    n_other++;
    return PMPI_Bcast(data, n, type, root, communicator);
}

int MPI_Barrier(MPI_Comm communicator)
{
    n_other++;
    return PMPI_Barrier(communicator);
}

int MPI_Alltoallv(const void *out, const int *n_out, const int *offsets_out, MPI_Datatype type_out, void *in, const int *n_in,
                  const int *offsets_in, MPI_Datatype type_in, MPI_Comm communicator)
{
    n_other++;
    return PMPI_Alltoallv(out, n_out, offsets_out, type_out, in, n_in, offsets_in, type_in, communicator);
}

int MPI_Isend(const void *data, int n, MPI_Datatype type, int rank, int tag, MPI_Comm communicator, MPI_Request *request)
{
    n_other++;
    return PMPI_Isend(data, n, type, rank, tag, communicator, request);
}

int MPI_Send(const void *data, int n, MPI_Datatype type, int rank, int tag, MPI_Comm communicator)
{
    n_other++;
    return PMPI_Send(data, n, type, rank, tag, communicator);
}

static void forget_messages(void)
{
    n_allgather = n_allgatherv = n_other = 0;
}

/* ---- a network and its engine ---- */

struct run {
    struct arena *arena;
    struct network *network;
    struct kernels *kernels;
    struct engine *engine;
};

static int ranks_of(MPI_Comm communicator)
{
    int n_ranks;
    MPI_Comm_size(communicator, &n_ranks);
    return n_ranks;
}

static void run_create(const char *text, MPI_Comm communicator, int n_threads, struct run *run)
{
    struct fault fault = {0};
    const struct engine_options options = {.n_threads = n_threads};
    const struct partition partition = {&partition_round_robin, ranks_of(communicator)};
    run->arena = arena_create();
    struct plan *plan = plan_of_text(run->arena, text);
    assert_int_equal(network_create(plan->script, partition, communicator, &run->network, &fault), 0);
    assert_int_equal(network_assign(run->network, plan, n_threads, &fault), 0);
    kernels_create(plan, true, communicator, &run->kernels);
    assert_int_equal(engine_create(run->arena, plan, run->network, run->kernels, &options, &run->engine, &fault), 0);
}

static void run_advance(struct run *run, step_count end)
{
    struct fault fault = {0};
    if (engine_advance(run->engine, end, &fault))
        fail_msg("%s", fault.text);
}

static void run_destroy(struct run *run)
{
    engine_destroy(&run->engine);
    kernels_destroy(&run->kernels);
    network_destroy(&run->network);
    arena_destroy(&run->arena);
}

/* ---- allocations ---- */

/* A network that fires irregularly, under spikes whose rate swings: a list that has found its size is not made again. Where
 * activity is random some list may still meet its largest burst late: a few times in hundreds of intervals, not in each. */
static void test_step_loop_allocates_nothing(void **state)
{
    struct run run;
    run_create("device model swinging { rate : Hz = 8 kHz\n emit per connection poisson(rate*dt*(1 + 0.5*sin(t/(3 ms)))) }\n"
               "population exc[160] : iaf_psc_alpha { tau_syn_ex = 0.5 ms; tau_syn_in = 0.5 ms }\n"
               "population inh[40] : iaf_psc_alpha { tau_syn_ex = 0.5 ms; tau_syn_in = 0.5 ms }\n"
               "population noise : swinging\n"
               "connect noise -> exc + inh by all_to_all using static { weight = 100 pA; delay = 1.5 ms }\n"
               "connect exc -> exc + inh by fixed_indegree(16) using tsodyks { weight = 60 pA; delay = 1.5 ms }\n"
               "connect inh -> exc + inh by fixed_indegree(4) using static { weight = -300 pA; delay = 2.5 ms }",
               MPI_COMM_SELF, 2, &run);
    run_advance(&run, 6000);
    uint64_t allocations = memory_allocations(), spikes = engine_spikes(run.engine, 0);
    run_advance(&run, 12000);
    assert_true(engine_spikes(run.engine, 0) > spikes + 1000);
    assert_in_range(memory_allocations() - allocations, 0, 6);
    run_destroy(&run);
}

/* ---- messages ---- */

/* Over 20 intervals of 1.5 ms: one allgather each, and one more for each kind of data that somebody has. One rank alone sends
 * itself no data. */
static void check_messages(const char *text, int kinds)
{
    enum { INTERVALS = 20, STEPS = 15 };
    struct run run;
    run_create(text, MPI_COMM_WORLD, 2, &run);
    assert_int_equal(engine_interval(run.engine), STEPS);
    run_advance(&run, STEPS);
    forget_messages();
    run_advance(&run, (INTERVALS + 1) * STEPS);
    assert_int_equal(n_allgather, INTERVALS);
    assert_int_equal(n_allgatherv, ranks_of(MPI_COMM_WORLD) > 1 ? kinds * INTERVALS : 0);
    assert_int_equal(n_other, 0);
    run_destroy(&run);
}

#define CELLS                                                                                                         \
    "neuron model cell { receive spike(J : 1) { v += J }\n receive drive : 1\n dv/dt = (drive + 1 - v)/(5 ms) : 1\n " \
    "threshold v > 0.2\n reset { v = 0 }\n method euler }\n"                                                          \
    "neuron model calm { receive spike(J : 1) { v += J }\n dv/dt = -v/(5 ms) : 1\n threshold v > 1 }\n"               \
    "synapse model gap { delay = 1.5 ms\n drive_post = 0.1*v_pre : 1 (summed) }\n"

static void test_messages_per_interval(void **state)
{
    check_messages(CELLS "population a[50] : calm\nconnect a -> a by one_to_one using static { delay = 1.5 ms }", 0);
    check_messages(CELLS "population a[50] : cell\nconnect a -> a by one_to_one using static { weight = 0; delay = 1.5 ms }", 1);
    check_messages(CELLS "population a[50] : cell\nconnect a -> a by one_to_one using gap", 1);
    check_messages(CELLS "population a[50] : cell\nconnect a -> a by one_to_one using gap\n"
                         "connect a -> a by one_to_one using static { weight = 0; delay = 1.5 ms }",
                   2);
    check_messages(CELLS "population noise[20] : poisson_generator { rate = 5 kHz }\npopulation a[50] : calm\n"
                         "connect noise -> a by all_to_all using static { weight = 0; delay = 1.5 ms }\n"
                         "connect a -> a by one_to_one using static { delay = 1.5 ms }",
                   0);
}

/* Populations and connections travel together, however many there are. */
static void test_messages_do_not_grow_with_the_network(void **state)
{
    check_messages(
        CELLS "for k in 0:6 { population p[k][30] : cell }\n"
              "for a in 0:6 { for b in 0:6 {\n"
              "connect c : p[a] -> p[b] by pairwise_bernoulli(0.2) using static { weight = 0; delay = 1.5 ms + (a + b)*ms }\n"
              "connect g : p[a] -> p[b] by pairwise_bernoulli(0.2) using gap } }",
        2);
}

/* ---- bytes per connection ---- */

/* What the table at the end of a run calls synapses, over the connections: `each` per connection, `row` per source that has any
 * on this rank, and a little for every connection statement. */
static void check_bytes(const char *synapse, double each, double row)
{
    enum { SOURCES = 1000, INDEGREE = 100, LITTLE = 1024 };
    struct run run;
    char text[1024];
    const size_t before = memory_used(MEMORY_SYNAPSES); /* what a test that failed did not give back */
    snprintf(text, sizeof text, CELLS "population a[%d] : calm\nconnect a -> a by fixed_indegree(%d) using %s", SOURCES, INDEGREE,
             synapse);
    run_create(text, MPI_COMM_SELF, 1, &run);
    assert_int_equal(run.network->edges[0].row_begin[run.network->edges[0].n_rows], SOURCES * INDEGREE);
    double bytes = (double)(memory_used(MEMORY_SYNAPSES) - before), limit = each * SOURCES * INDEGREE + row * SOURCES + LITTLE;
    if (bytes > limit)
        fail_msg("%s: %.0f bytes in %d connections, expected at most %.0f", synapse, bytes, SOURCES * INDEGREE, limit);
    run_destroy(&run);
}

static void test_bytes_per_connection(void **state)
{
    const double target = 4;                       /* a connection is the local number of its target */
    const double source = 4, begin = 8, stamp = 8; /* a row: its source, its place, the time of the last spike */
    const double number = 8;
    check_bytes("static { weight = 0.1; delay = 1.5 ms }", target, source + begin + stamp);
    /* synapses that differ: a run of each delay */
    const double run = 6, runs = 3 * run + begin;
    const char *drawn = "weight = 0.1*(1 + 0.1*rand()); delay = 1.4 ms + 0.1 ms*floor(3*rand())";
    char text[256];
    snprintf(text, sizeof text, "static { %s }", drawn);
    check_bytes(text, target + number, 2 * (source + begin) + runs);
    snprintf(text, sizeof text, "static_single { %s }", drawn);
    check_bytes(text, target + number / 2, 2 * (source + begin) + runs);
    check_bytes("tsodyks { weight = 0.1; delay = 1.5 ms }", target, source + begin + stamp + 3 * number); /* x, y, u per source */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_step_loop_allocates_nothing, assert_no_leak),
        cmocka_unit_test_teardown(test_messages_per_interval, assert_no_leak),
        cmocka_unit_test_teardown(test_messages_do_not_grow_with_the_network, assert_no_leak),
        cmocka_unit_test_teardown(test_bytes_per_connection, assert_no_leak),
    };
    MPI_Init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
