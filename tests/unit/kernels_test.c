/* Compiled kernels: the same bits as the interpreter, one for each shape, cached in a safe place, and nothing of the user's text
 * in them. The cache of these tests is a folder of their own. */
#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/compiler.h"
#include "kernels/emit.h"
#include "kernels/kernels.h"
#include "language/library.h"
#include "plan_fixture.h"
#include "support/random.h"

static char cache[] = "/tmp/glion-kernels-test-XXXXXX";

/* ---- the models ---- */

/* Between them these use all instructions that a kernel can have. */
static const char *const models[] = {
    "neuron model arithmetic { a : 1 = 1.5\n p : 1 = 0.7\n flag : boolean = a > 1\n receive I : 1\n receive spike(J : 1) { v += "
    "J; w -= a*J }\n"
    "dv/dt = (I - v + p*abs(w) - v//3 + v % a + max(v, p) - min(w, 2))/ms : 1\n"
    "dw/dt = (sqrt(abs(v)) - w + floor(v) - ceil(w) + int(3*v) + sign(w) + int(v > w))/(5 ms) : 1\n"
    "S = where(v > 0.1 and not (w >= 1 or v == w), v/a, -w) : 1\n"
    "threshold v > 1 and w < 3\n reset { v = 0; w += where(flag, 0.1, 0.2) }\n refractory 3 + int(i % 2)\n method euler }",
    "neuron model functions { p : 1 = 1\n receive I : 1\n receive spike(J : 1) { x += J }\n"
    "dx/dt = (I - x + exp(-x*x) + expm1(-abs(x)) + exprel(-p) + log(1 + abs(x)) + log10(2 + x*x) + log1p(x*x)\n"
    "    + sin(x) + cos(p) + tan(x/9) + sinh(x/20) + cosh(x/20) + tanh(x))/ms : 1\n"
    "dy/dt = (arctan(x) + arcsin(tanh(x)) + arccos(tanh(y)) - y + abs(x)**p + x**3 + t/second + t_in_timesteps/1000)/ms : 1\n"
    "method euler\n threshold x >= 2 after synapses\n reset { x = -1 }\n refractory 0.4 ms\n"
    "before_step { y = where(y <= -5, -5, y) }\n after_step { y = where(y != 3, min(y, 50), y) }\n"
    "after_synapses { x = clip(x, -1 - p, 5); y -= x/100 } }",
    "neuron model stepping { times : ms[] = [0.1, 1, 7.3, 11] ms\n values : 1[] = [1, -2, 0.5, 3]\n late : ms = 2 ms\n"
    "receive I : 1\n dv/dt = (step_value(times, values, t, 0.25) + step_value(times, values, t - late*i, I) - v)/ms : 1\n"
    "dw/dt = (v*step_value([3, 9] ms, [1, 0.1], t, v) - w)/ms : 1\n method euler }",
    "let stairs = timed_array([1, -2, 0.5, 3], 0.7 ms)\nlet pulses = timed_array([[1, 0], [0, 2], [0.5, -1]], 1.1 ms)\n"
    "neuron model timed { receive I : 1\n dv/dt = (stairs(t) + stairs(t - i*ms) + I - v)/ms : 1\n"
    "dw/dt = (v*pulses(t, i % 2) + pulses(t/(1 + i), int(v > 0)) - w)/ms : 1\n method rk2 }",
    "neuron model linear { tau : ms = 3 ms\n p : 1 = 1\n receive I : 1\n receive spike(J : 1) { g += J }\n"
    "dv/dt = (g - v + I)/tau : 1 (unless refractory)\n dg/dt = -g/(2 ms) : 1\n threshold v > 0.8\n reset { v = 0 }\n"
    "refractory 2 ms }",
};

/* Equations that every method but `exact` can integrate. */
#define GATES(method)                                                                                                          \
    "neuron model gates_" method                                                                                               \
    " { p : 1 = 1\n receive I : 1\n receive spike(J : 1) { v += J }\n pull = cos(v) + p*sin(t/ms) : 1\n"                       \
    "dv/dt = (I - v*(1 + m**2))/ms : 1 (unless refractory)\n dm/dt = (pull - m*(2 + sin(v)))/(2 ms) : 1\n threshold v > 0.8\n" \
    "reset { v = -1 }\n refractory 1 ms\n method " method " }\npopulation gate_" method "[19] : gates_" method                 \
    " { p = rand() }\n"

/* Equations with noise, of which some is shared. */
#define NOISY(name, method, noise)                                                                                              \
    "neuron model noisy_" name " { receive I : 1\n receive spike(J : 1) { v += J }\n n : 1\n"                                   \
    "dv/dt = (I - v)/ms + 0.1*" noise "*xi/sqrt(ms) : 1 (unless refractory)\n dw/dt = (v - w)/ms + 0.2*xi_w/sqrt(ms) : 1\n"     \
    "before_step { n = poisson(abs(w)) + where(v > 0, binomial(int(10 + 5*min(v, 9)), 0.3), 0) }\n"                             \
    "threshold v > 0.8\n reset { v = 0.1*rand(); w += randn() + poisson(0.1) }\n refractory 1 ms + 1 ms*rand()\n after_step { " \
    "w = clip(w, -9, "                                                                                                          \
    "9) + 0.1*(rand() - rand()) }\n method " method " }\n"                                                                      \
    "population noise_" name "[19] : noisy_" name "\n"

static const char methods[] = NOISY("additive", "euler", "(1 + i)") NOISY("heun", "heun", "v*t/ms")
    NOISY("milstein", "milstein", "v") GATES("exponential_euler") GATES("rk2") GATES("rk4");

/* Populations of all models, these and the library's. */
static const char populations[] =
    "population neurons[77] : aeif_cond_alpha_astro { t_ref = 0.3 ms; I_e = 20 nA }\n"
    "population plain[9] : aeif_cond_alpha_astro { Delta_T = 0 mV; I_e = 20 nA }\n"
    "population astrocytes[11] : astrocyte_lr_1994\npopulation dc : dc_generator { amplitude = 3 pA; stop = 20 ms }\n"
    "population arithmetics[21] : arithmetic { p = 0.1*i }\n"
    "population function[19] : functions { p = rand() }\npopulation linears[10] : linear\n"
    "population others[10] : linear { tau = 7 ms }\npopulation stepped[11] : stepping { late = 1 ms*rand() }\n"
    "population timeds[11] : timed\n";

/* Connections so that continuous values are asked for, and own ones are read. Those of all populations of a
 * model are asked for alike, so that these have the same shape and are compiled once. */
static const char couplings[] =
    "synapse model s { delay = 1 ms\n I_post = 2*S_pre : 1 (summed) }\n"
    "synapse model own { delay = 1 ms\n I_post = S_pre - 0.4*v_post : 1 (summed) }\n"
    "let aeif = neurons + plain + all_aeif_cond_alpha_astro, glia = astrocytes + all_astrocyte_lr_1994\n"
    "let currents = dc + all_dc_generator\n"
    "connect arithmetics -> linears by all_to_all using s\n"
    "connect arithmetics -> arithmetics by all_to_all using own\n"
    "let linear_ones = linears + others\n"
    "connect arithmetics -> linear_ones by all_to_all using own\n"
    "connect aeif -> aeif by all_to_all using gap_junction\n"
    "connect glia -> neurons by all_to_all using sic\nconnect currents -> neurons by all_to_all using current";

static const char *script_text(struct arena *arena)
{
    const char *text = arena_format(arena, "%s%s", methods, populations);
    for (size_t k = 0; k < sizeof models / sizeof *models; k++)
        text = arena_format(arena, "%s\n%s", models[k], text);
    for (const struct library_entry *entry = library_list(arena); entry->name; entry++)
        if (!strstr(entry->path, "/synapses/"))
            text = arena_format(arena, "%spopulation all_%s[11] : %s\n", text, entry->name, entry->name);
    return arena_format(arena, "%s%s", text, couplings);
}

/* ---- the same bits ---- */

struct run {
    const struct node_plan *plan;
    struct nodes nodes;
    struct block_spike *spikes; /* [n_spikes] of the last run_nodes, by (step, node) */
    int n_spikes;
    double *scratch;
};

static void run_create(const struct plan *plan, int population, block_function *function, int n_steps, struct run *run)
{
    *run = (struct run){.plan = &plan->nodes[population]};
    nodes_create(plan->script, run->plan, function, (struct partition){&partition_round_robin, 1}, 0, n_steps, &run->nodes);
    size_t room = (size_t)n_steps * run->nodes.n_blocks * LANES + BLOCK_SPIKES(n_steps);
    run->spikes = MEMORY_NEW(room, struct block_spike, TEMPORARY);
    run->scratch = memory_new(block_scratch_bytes(run->plan), MEMORY_TEMPORARY);
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
    return a->step != b->step ? (a->step > b->step) - (a->step < b->step) : (a->node > b->node) - (a->node < b->node);
}

/* All nodes, in as many calls as it takes where there is no more room for spikes than a call must have. */
static void run_nodes(struct run *run, step_count first_step, int n_steps, double dt)
{
    struct block_arguments call = arguments_of(&run->nodes, dt, first_step, n_steps);
    int n_done = 0;
    run->n_spikes = 0;
    call.scratch = run->scratch;
    call.spikes_room = BLOCK_SPIKES(n_steps);
    while (call.n_blocks > 0) {
        call.spikes = run->spikes + run->n_spikes;
        call.n_spikes = 0;
        run->nodes.run(&call);
        assert_int_equal(call.fault, BLOCK_FINE);
        assert_in_range(call.n_done, 1, call.n_blocks);
        for (int k = 0; k < call.n_spikes; k++)
            run->spikes[run->n_spikes++].node += n_done * LANES;
        struct block_rows *rows[] = {&call.slots, &call.inputs, &call.arrivals, &call.couplings};
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            rows[k]->first += (size_t)call.n_done * rows[k]->pitch;
        call.n_blocks -= call.n_done;
        call.n_nodes -= call.n_done * LANES;
        call.index += call.n_done * LANES * call.index_step;
        n_done += call.n_done;
    }
    qsort(run->spikes, (size_t)run->n_spikes, sizeof *run->spikes, compare_spikes);
}

/* About as large as makes a model busy. */
static double size_of(const struct node_plan *plan, int variable)
{
    double scale = plan->model->variables[variable].unit.scale;
    if (!strcmp(plan->model->name, "astrocyte_lr_1994"))
        return 1e-4 * scale;
    return strcmp(plan->model->name, "aeif_cond_alpha_astro") ? scale : 300 * scale;
}

/* Behind the rows of the inputs stand those of the weights with which the node's own values add to them. */
static int variable_of(const struct nodes *nodes, int kind, bool are_arrivals)
{
    const struct node_plan *plan = nodes->plan;
    if (are_arrivals)
        return plan->slots[plan->arrivals[kind].slot].variable;
    return plan->input_variable[kind < plan->n_inputs ? kind : plan->own_terms[kind - plan->n_inputs].input];
}

static void fill(struct tile *tile, const struct nodes *nodes, bool are_arrivals, struct random_stream *stream)
{
    for (uint32_t block = 0; block < nodes->n_blocks; block++)
        for (size_t place = 0; place < tile->pitch; place++) {
            int kind = (int)(place / LANES) % (tile->n_kinds ? tile->n_kinds : 1);
            double draw = random_stream_uniform(stream), size = size_of(nodes->plan, variable_of(nodes, kind, are_arrivals));
            tile->values[block * tile->pitch + place] = draw < 0.5 ? 0 : 2 * draw * size;
        }
}

/* Rows of LANES numbers, block by block. What stands in lanes without a node is nobody's concern. */
static void assert_same_of_nodes(const double *a, const double *b, size_t pitch, const struct nodes *nodes)
{
    for (node_local node = 0; node < nodes->n; node++)
        for (size_t place = node % LANES; place < pitch; place += LANES)
            assert_memory_equal(&a[node / LANES * pitch + place], &b[node / LANES * pitch + place], sizeof *a);
}

static void compare_population(const struct plan *plan, int population, block_function *compiled)
{
    enum { STEPS = 8, CALLS = 50 };
    struct run a, b;
    uint64_t spikes = 0;
    struct random_stream stream = random_stream_start(random_key(1, RANDOM_VALUE, "kernels", NULL, 0), (uint32_t)population, 0);
    run_create(plan, population, interpret_block, STEPS, &a);
    run_create(plan, population, compiled, STEPS, &b);
    for (int call = 0; call < CALLS; call++) {
        fill(&a.nodes.inputs, &a.nodes, false, &stream);
        fill(&a.nodes.arrivals, &a.nodes, true, &stream);
        memcpy(b.nodes.inputs.values, a.nodes.inputs.values, a.nodes.n_blocks * a.nodes.inputs.pitch * sizeof(double));
        memcpy(b.nodes.arrivals.values, a.nodes.arrivals.values, a.nodes.n_blocks * a.nodes.arrivals.pitch * sizeof(double));
        run_nodes(&a, call * STEPS, STEPS, plan->script->dt);
        run_nodes(&b, call * STEPS, STEPS, plan->script->dt);
        assert_int_equal(a.n_spikes, b.n_spikes);
        if (a.n_spikes)
            assert_memory_equal(a.spikes, b.spikes, (size_t)a.n_spikes * sizeof *a.spikes);
        spikes += (uint64_t)a.n_spikes;
        assert_same_of_nodes(a.nodes.slots, b.nodes.slots, (size_t)a.plan->n_slots * LANES, &a.nodes);
        assert_same_of_nodes(a.nodes.couplings.values, b.nodes.couplings.values, a.nodes.couplings.pitch, &a.nodes);
    }
    bool is_busy = strncmp(a.plan->population->name, "all_", 4) != 0;
    if (is_busy && a.plan->threshold.n_outputs && !spikes)
        fail_msg("'%s' never spiked", a.plan->population->name);
    run_destroy(&a);
    run_destroy(&b);
}

static bool is_first_of_model(const struct plan *plan, int population)
{
    for (int k = 0; k < population; k++)
        if (plan->nodes[k].model == plan->nodes[population].model)
            return false;
    return true;
}

static void compare_all(const char *architecture, bool cached)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, script_text(arena));
    struct kernels *kernels;
    int n_shapes = 0;
    setenv("GLION_ARCHITECTURE", architecture, 1);
    kernels_create(plan, false, MPI_COMM_SELF, &kernels);
    assert_null(kernels->note);
    assert_string_equal(kernels->architecture, architecture);
    assert_int_equal(kernels->n_cached, cached ? kernels->n_compiled : 0);
    for (int k = 0; k < plan->script->n_populations; k++)
        if (plan->nodes[k].has_step) {
            compare_population(plan, k, kernels->block[k]);
            n_shapes += is_first_of_model(plan, k);
        }
    assert_int_equal(kernels->n_compiled, n_shapes);
    kernels_destroy(&kernels);
    unsetenv("GLION_ARCHITECTURE");
    arena_destroy(&arena);
}

static void test_same_bits(void **state)
{
    compare_all("x86-64-v3", false);
    compare_all("x86-64-v3", true);
    if (architecture_here() == ARCHITECTURE_X86_64_V4)
        compare_all("x86-64-v4", false);
}

/* Every instruction stands in one of the programs above. */
static void test_all_instructions_are_compared(void **state)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, script_text(arena));
    bool used[OPCODE_COUNT] = {[OPCODE_ARGUMENT] = true, [OPCODE_UNIFORM] = true,  [OPCODE_NORMAL] = true,
                               [OPCODE_POISSON] = true,  [OPCODE_BINOMIAL] = true, [OPCODE_DISTANCE] = true}; /* not in kernels */
    used[OPCODE_ROUND] = true; /* of steps(), and a shared value there */
    for (int k = 0; k < plan->script->n_populations; k++) {
        const struct node_plan *nodes = &plan->nodes[k];
        const struct program *programs[] = {&nodes->update,         &nodes->derivative, &nodes->before_step, &nodes->after_step,
                                            &nodes->after_synapses, &nodes->reset,      &nodes->threshold,   &nodes->refractory};
        for (int opcode = 0; opcode < OPCODE_COUNT; opcode++) {
            for (size_t p = 0; p < sizeof programs / sizeof *programs; p++)
                used[opcode] |= program_uses(programs[p], (enum opcode)opcode);
            for (int c = 0; c < nodes->n_couplings; c++)
                used[opcode] |= program_uses(&nodes->couplings[c].value, (enum opcode)opcode);
        }
    }
    for (int opcode = 0; opcode < OPCODE_COUNT; opcode++)
        if (!used[opcode])
            fail_msg("instruction %d (%s) is not compared", opcode, opcode_function((enum opcode)opcode));
    arena_destroy(&arena);
}

/* ---- shapes ---- */

static struct text text_of(const char *script)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, script);
    struct text text = {0};
    emit_kernel(&plan->nodes[0], &text);
    arena_destroy(&arena);
    return text;
}

static void check_texts(const char *a, const char *b, bool equal)
{
    struct text first = text_of(a), second = text_of(b);
    assert_int_equal(first.length == second.length && !memcmp(first.characters, second.characters, first.length), equal);
    text_release(&first);
    text_release(&second);
}

/* A sweep over shared parameters compiles once; a value of each node is another shape. */
static void test_equal_shapes_have_equal_texts(void **state)
{
    const char *plain = "population a[9] : aeif_cond_alpha_astro";
    check_texts(plain, "simulation { dt = 0.05 ms }\npopulation bcd[700] : aeif_cond_alpha_astro { C_m = 100 pF; t_ref = 2 ms }",
                true);
    check_texts(plain, "population a[9] : aeif_cond_alpha_astro { C_m = 100 pF + 1 pF*rand() }", false);
    check_texts(plain, "population a[9] : astrocyte_lr_1994", false);
}

/* Names and texts stay out of what the compiler reads, and so does what a hostile name might hold. */
static void test_nothing_of_the_user_is_compiled(void **state)
{
    struct text text = text_of(
        "neuron model zebra \"giraffe*/ #include\" { okapi : 1 = 12345.625 \"ocelot\"\n receive tapir : 1\n"
        "receive spike(koala : 1) { panda += koala }\n lemur = panda*okapi : 1\n"
        "dpanda/dt = (lemur + tapir - 54321.125)/ms : 1\n threshold panda > okapi\n reset { panda = 0 } }\n"
        "population walrus[3] : zebra");
    const char *const words[] = {"zebra", "giraffe", "okapi", "ocelot", "tapir", "koala", "panda", "lemur", "walrus"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        assert_null(strstr(text.characters, words[k]));
    text_release(&text);
}

/* ---- the compiler and its cache ---- */

static const struct text small = {.characters = "int answer(void) { return 42; }", .length = 31};

static int files_in(const char *folder)
{
    int n = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        n += entry->d_name[0] != '.';
    if (directory)
        closedir(directory);
    return n;
}

static int compile_small(const struct text *source)
{
    struct text object = {0};
    struct fault fault = {0};
    int was_cached;
    if (compiler_run(source, ARCHITECTURE_X86_64_V3, &object, &was_cached, &fault))
        fail_msg("%s", fault.text);
    assert_true(object.length > 4 && !memcmp(object.characters, "\177ELF", 4));
    text_release(&object);
    return was_cached;
}

/* A folder that others can write to, or that is a link, is not used; nothing in it is believed. */
static void test_cache(void **state)
{
    char base[64], folder[80];
    snprintf(base, sizeof base, "%s/other", cache);
    snprintf(folder, sizeof folder, "%s/glion", base);
    setenv("XDG_CACHE_HOME", base, 1);
    assert_int_equal(compile_small(&small), 0);
    assert_int_equal(compile_small(&small), 1);
    assert_int_equal(files_in(folder), 1);
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(compile_small(&small), 0);
    assert_int_equal(chmod(folder, 0700), 0);
    const struct text other = {.characters = "int answer(void) { return 43; }", .length = 31};
    assert_int_equal(compile_small(&other), 0);
    assert_int_equal(files_in(folder), 2);
    char moved[80];
    snprintf(moved, sizeof moved, "%s/moved", base);
    assert_int_equal(rename(folder, moved), 0);
    assert_int_equal(symlink(moved, folder), 0);
    assert_int_equal(compile_small(&small), 0);
    setenv("XDG_CACHE_HOME", cache, 1);
}

static void test_a_failing_compiler_is_a_fault(void **state)
{
    const struct text bad = {.characters = "this is no C", .length = 12};
    struct text object = {0};
    struct fault fault = {0};
    int was_cached;
    assert_int_equal(compiler_run(&bad, ARCHITECTURE_X86_64_V3, &object, &was_cached, &fault), FAULT_RUN);
    assert_non_null(strstr(fault.text, "could not compile"));
    assert_int_equal(object.length, 0);
    fault_clear(&fault);
    text_release(&object);
}

/* Where nothing can be compiled, all is interpreted and the run is told why. */
static void test_fallback(void **state)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, "neuron model only_here { dv/dt = -v*v/ms : 1 }\npopulation a[3] : only_here\n"
                                            "population idle : spike_generator");
    struct kernels *kernels;
    setenv("TMPDIR", "/nowhere/at/all", 1);
    kernels_create(plan, false, MPI_COMM_SELF, &kernels);
    unsetenv("TMPDIR");
    assert_non_null(strstr(kernels->note, "/nowhere/at/all"));
    assert_string_equal(kernels->architecture, "interpreter");
    assert_true(kernels->block[0] == interpret_block);
    assert_null(kernels->block[1]);
    assert_int_equal(kernels->n_compiled, 0);
    kernels_destroy(&kernels);
    assert_null(kernels);
    kernels_create(plan, true, MPI_COMM_SELF, &kernels);
    assert_null(kernels->note);
    assert_true(kernels->block[0] == interpret_block);
    kernels_destroy(&kernels);
    arena_destroy(&arena);
}

/* ---- programs of synapses ---- */

static const char synapses_text[] =
    "synapse model homeostatic {\n    weight : port = 1\n    gain : 1 = 0.05\n"
    "    dtrace/dt = -trace/(20 ms) : 1 (event-driven) = 0\n    delay = 1 ms\n"
    "    on_pre { weight *= 1 + gain*exp(-trace); send where(trace > 0.5, weight, 2*weight) }\n"
    "    on_post weaken(delay = delay, order = -2) { weight *= 1 - gain*trace }\n"
    "    on_post count(delay = delay, order = 1) { trace += 1 }\n}\n"
    "population cells[20] : iaf_psc_exp\n"
    "connect a : cells -> cells by all_to_all using homeostatic { weight = 30 pA*rand() }\n"
    "connect b : cells -> cells by all_to_all using stdp { weight = 30 pA; Wmax = 60 pA }\n"
    "connect c : cells -> cells by all_to_all using tsodyks { weight = 1 pA; tau_rec = 100 ms + 10 ms*rand() }\n"
    "connect d : cells -> cells by all_to_all using static { weight = 1 pA*rand() }\n"
    "connect kept : cells -> cells by all_to_all using tsodyks { weight = 1 pA }";

enum { LEAVES = 64 }; /* more than any of these programs reads of a kind */

static void compare_program(const struct program_runner *runner)
{
    _Alignas(LANES_ALIGNMENT) static double numbers[LEAVES * LANES];
    double shared[LEAVES];
    const struct program *program = runner->program;
    double *compiled = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    double *interpreted = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    const struct interpreter_leaves leaves = {
        .shared = shared, .states = numbers, .slots = numbers, .argument = numbers, .time = numbers, .step = numbers};
    for (int k = 0; k < LEAVES * LANES; k++)
        numbers[k] = 1e-3 * (k % 17) + 0.01 * (k % 5);
    for (int k = 0; k < LEAVES; k++)
        shared[k] = 0.02 + 0.1 * (k % 3);
    assert_non_null(runner->compiled);
    program_run(runner, &leaves, compiled);
    program_run(&(struct program_runner){.program = program}, &leaves, interpreted);
    for (int k = 0; k < program->n_outputs; k++)
        assert_memory_equal(compiled + program->outputs[k].reg * LANES, interpreted + program->outputs[k].reg * LANES,
                            LANES * sizeof(double));
    memory_free(compiled);
    memory_free(interpreted);
}

/* Compiled programs of synapses give the interpreter's bits; those that only say what is sent are left to it. */
static void test_programs_of_synapses(void **state)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, synapses_text);
    for (int architecture = 0; architecture <= (int)architecture_here(); architecture++) {
        struct kernels *kernels;
        setenv("GLION_ARCHITECTURE", architecture_names[architecture], 1);
        kernels_create(plan, false, MPI_COMM_SELF, &kernels);
        unsetenv("GLION_ARCHITECTURE");
        assert_null(kernels->note);
        for (int connection = 0; connection < 3; connection++)
            assert_non_null(kernels_runner(kernels, &plan->connections[connection].per_synapse).compiled);
        assert_non_null(kernels_runner(kernels, &plan->connections[0].on_post[1].program).compiled);
        assert_non_null(kernels_runner(kernels, &plan->nodes[0].ports[0].increments).compiled);
        assert_non_null(kernels_runner(kernels, &plan->connections[4].on_pre).compiled);
        for (int k = 0; k < kernels->n_programs; k++)
            compare_program(&kernels->programs[k]);
        const struct program *steady = &plan->connections[3].per_synapse;
        assert_null(kernels_runner(kernels, steady).compiled);
        kernels_destroy(&kernels);
    }
    arena_destroy(&arena);
}

static int remove_entry(const char *path, const struct stat *status, int flag, struct FTW *base)
{
    return remove(path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_all_instructions_are_compared),
        cmocka_unit_test(test_equal_shapes_have_equal_texts),
        cmocka_unit_test(test_nothing_of_the_user_is_compiled),
        cmocka_unit_test(test_cache),
        cmocka_unit_test(test_a_failing_compiler_is_a_fault),
        cmocka_unit_test(test_fallback),
        cmocka_unit_test(test_programs_of_synapses),
    };
    if (!mkdtemp(cache))
        return 1;
    setenv("XDG_CACHE_HOME", cache, 1);
    MPI_Init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    nftw(cache, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    return failed;
}
