/* What a checked script holds: constants, overrides, values, sets, connections, records, epochs. */
#include "check_fixture.h"
#include "language/constant.h"
#include "language/functions.h"

/* ---- constants ------------------------------------------------------------------------------------------- */

static void assert_constant(const char *text, double expected)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, arena_format(arena, "let x = %s", text));
    assert_near(constant_named(script, "x")->number, expected);
    arena_destroy(&arena);
}

static void constants_are_numbers_in_si_units(void **state)
{
    assert_constant("-70.6 mV", -0.0706);
    assert_constant("2 mV**2", 4e-6);
    assert_constant("0.0002/uM/ms", 200);
    assert_constant("1/second + 2 Hz", 3);
    assert_constant("10*mV", 0.01);
    assert_constant("inf*ms", INFINITY);
    assert_constant("2*pi", 2 * M_PI);
    assert_constant("dt/2", 0.05e-3);
}

static void lists_have_elements(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena,
                                            "let n = 1, l = [1, 2, 3] mV, m = [n*2 mV, 1 volt]\nlet x = l[n + 1], y = m[0]");
    assert_near(constant_named(script, "x")->number, 3e-3);
    assert_near(constant_named(script, "y")->number, 2e-3);
    arena_destroy(&arena);
}

static void matrices_lie_row_after_row(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "let m = [[1, 2, 3], [4, 5, 6]] mV, row = [7, 8] nS, r = [row, [9, 10] nS]\n"
                                                   "let a = m[1, 0], b = m[0, 2], c = r[0, 1], d = r[1, 0]\n");
    assert_near(constant_named(script, "a")->number, 4e-3);
    assert_near(constant_named(script, "b")->number, 3e-3);
    assert_near(constant_named(script, "c")->number, 8e-9);
    assert_near(constant_named(script, "d")->number, 9e-9);
    arena_destroy(&arena);
}

static void conditions_have_names(void **state)
{
    assert_constant("where(true, 1, 2)", 1);
    assert_constant("where(not true or false, 1, 2)", 2);
    assert_constant("true", 1);
}

static void operators_count_as_in_python(void **state)
{
    assert_constant("-2**2", -4);
    assert_constant("7/2", 3.5);
    assert_constant("-7//2", -4);
    assert_constant("-7 % 3", 2);
    assert_constant("-7.5 % 2", 0.5);
    assert_constant("mod(-7.5 mV, 2 mV)", 0.5e-3);
    assert_constant("2**-1", 0.5);
    assert_constant("2**3**2", 512);
    assert_constant("where(1 < 2 and not 3 < 2, 5, 6)", 5);
    assert_constant("where(1 > 2 or 3 != 3, 5, 6)", 6);
}

static void functions_have_their_values(void **state)
{
    assert_constant("abs(-3 mV)", 3e-3);
    assert_constant("sqrt((2 mV)**2)", 2e-3);
    assert_constant("exp(1)", M_E);
    assert_constant("log(e)", 1);
    assert_constant("log10(1000)", 3);
    assert_constant("log1p(0)", 0);
    assert_constant("expm1(0)", 0);
    assert_constant("exprel(0)", 1);
    assert_constant("sin(pi/2)", 1);
    assert_constant("cos(0)", 1);
    assert_constant("tan(0)", 0);
    assert_constant("arcsin(1)", M_PI / 2);
    assert_constant("arccos(1)", 0);
    assert_constant("arctan(1)", M_PI / 4);
    assert_constant("sinh(0)", 0);
    assert_constant("cosh(0)", 1);
    assert_constant("tanh(0)", 0);
    assert_constant("sign(-3 mV)", -1);
    assert_constant("floor(-2.5)", -3);
    assert_constant("ceil(-2.5)", -2);
    assert_constant("int(-2.7)", -2);
    assert_constant("int(1 < 2)", 1);
    assert_constant("min(2 mV, 3 mV)", 2e-3);
    assert_constant("max(2, 3)", 3);
    assert_constant("clip(5, 0, 3)", 3);
    assert_constant("clip(-5, 0, 3)", 0);
    assert_constant("steps(0.25 ms)", 3);
    assert_constant("steps(0.3 ms)", 3);
    assert_constant("timestep(0.09 ms, 0.1 ms)", 0);
    assert_constant("timestep(0.0999 ms, 0.1 ms)", 1);
}

static void an_override_replaces_a_constant_of_its_kind(void **state)
{
    struct arena *arena = arena_create();
    const struct override overrides[] = {{"w", "3 nS + extra"}, {"n", "1e3"}, {"kind", "\"block\""}};
    const char *text = "let extra = 1 nS, w = 2 nS, n = 10, kind = \"random\"\nlet twice = 2*w";
    struct script *script;
    struct fault fault = {0};
    if (check_text(arena, text, overrides, 3, &script, &fault))
        fail_msg("%s", fault.text);
    assert_near(constant_named(script, "w")->number, 4e-9);
    assert_near(constant_named(script, "twice")->number, 8e-9);
    assert_near(constant_named(script, "n")->number, 1000);
    assert_true(constant_named(script, "w")->overridden);
    assert_false(constant_named(script, "twice")->overridden);
    arena_destroy(&arena);
}

static void wrong_overrides_are_refused(void **state)
{
    const char *text = "population p[3] : aeif_cond_alpha_astro\nlet weight = 1 nS, n = 3, set = p, l = [1, 2] ms";
    assert_unchecked_with(text, &(struct override){"wait", "1"}, 1, "-D wait: error: test has no 'let' with the name 'wait'");
    assert_unchecked_with(text, &(struct override){"weigth", "1"}, 1, "did you mean 'weight'?");
    assert_unchecked_with(text, &(struct override){"weight", "1 mV"}, 1,
                          "-D weight:1:1: error: 'weight' is a number in siemens (test:2:5), but this is a number in volt");
    assert_unchecked_with(text, &(struct override){"weight", "1"}, 1, "but this is a number without a unit");
    assert_unchecked_with(text, &(struct override){"n", "\"three\""}, 1, "'n' is a number without a unit");
    assert_unchecked_with(text, &(struct override){"l", "1 ms"}, 1, "'l' is a list in second");
    assert_unchecked_with(text, &(struct override){"set", "1"}, 1, "'set' is a set of nodes, which -D cannot replace");
    assert_unchecked_with(text, &(struct override){"n", "3 +"}, 1, "-D n:1:");
    assert_unchecked_with(text, &(struct override){"n", "later"}, 1, "-D n:1:1: error: unknown name 'later'");
    const struct override twice[] = {{"n", "1"}, {"n", "2"}};
    assert_unchecked_with(text, twice, 2, "-D n: error: given twice");
}

static void settings_of_the_simulation(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "let x = 1");
    assert_near(script->dt, 1e-4);
    assert_int_equal(script->seed, 1);
    assert_false(script->dt_given || script->seed_given);
    script = script_of(arena, "let seed = 7\nsimulation { dt = 0.25 ms; seed = seed }");
    assert_near(script->dt, 0.25e-3);
    assert_int_equal(script->seed, 7);
    assert_true(script->dt_given && script->seed_given);
    arena_destroy(&arena);
}

/* ---- populations ----------------------------------------------------------------------------------------- */

/* Numbers of the script go before variables of the model (E_L = E_L), populations do not (w = b). */
static void values_are_defaults_settings_and_assignments(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "let E_L = -65 mV\n"
                                                   "population a[10] : aeif_cond_alpha_astro { E_L = E_L; C_m = 2*141 pF }\n"
                                                   "population b[3]  : aeif_cond_alpha_astro { V_m = [-70, -60, -50] mV }\n"
                                                   "a.V_m = E_L + 10 mV*rand()\n"
                                                   "a.w = b\n"
                                                   "a.g_ex = 2 nS\n");
    const struct population *a = population_of(script, "a"), *b = population_of(script, "b");
    assert_int_equal(a->size, 10);
    assert_int_equal(b->base, 10);
    assert_near(value_of(a->model, a->values, "E_L")->number, -65e-3);
    assert_near(value_of(a->model, a->values, "C_m")->number, 282e-12);
    assert_near(value_of(b->model, b->values, "C_m")->number, 281e-12);
    assert_true(value_of(a->model, a->values, "g_L")->is_constant);
    assert_near(value_of(a->model, a->values, "g_ex")->number, 2e-9);
    assert_near(value_of(a->model, a->values, "w")->number, 80.5e-12);
    assert_false(value_of(a->model, a->values, "V_m")->is_constant);
    const struct value *list = value_of(b->model, b->values, "V_m");
    assert_false(list->is_constant);
    assert_int_equal(list->n_array, 3);
    assert_near(list->array[1], -60e-3);
    arena_destroy(&arena);
}

static void a_value_may_use_other_variables(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "population p : aeif_cond_alpha_astro { V_m = E_L + 1 mV; E_L = V_th }\n"
                                                   "p.V_th = -40 mV\n"
                                                   "p.w = a*(V_m - E_L)\n");
    const struct population *p = population_of(script, "p");
    assert_near(value_of(p->model, p->values, "V_m")->number, -49.4e-3); /* made before the assignment */
    assert_near(value_of(p->model, p->values, "V_th")->number, -40e-3);
    assert_near(value_of(p->model, p->values, "w")->number, 4e-9 * 1e-3);
    arena_destroy(&arena);
}

static void random_calls_are_numbered_within_their_value(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(
        arena, "population p[5] : aeif_cond_alpha_astro { V_m = rand()*mV + randn()*mV; w = rand()*pA; g_ex = i*nS/N }");
    const struct population *p = population_of(script, "p");
    const struct expression *sum = value_of(p->model, p->values, "V_m")->expression;
    assert_int_equal(sum->children[0]->children[0]->call_site, 0);
    assert_int_equal(sum->children[1]->children[0]->call_site, 1);
    assert_int_equal(value_of(p->model, p->values, "w")->expression->children[0]->call_site, 0);
    assert_false(value_of(p->model, p->values, "g_ex")->is_constant);
    arena_destroy(&arena);
}

static void lists_of_spikes_become_steps(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(
        arena, "let times = [33.3, 5, 5.1, 20] ms\n"
               "population all    : spike_generator { spike_times = times }\n"
               "population some   : spike_generator { spike_times = times; origin = 10 ms; start = 5 ms; stop = 30 ms }\n"
               "population none   : spike_generator\n");
    const struct population *all = population_of(script, "all"), *some = population_of(script, "some");
    const step_count steps[] = {49, 50, 199, 332}; /* a spike stamped 5 ms is emitted in the step that ends then */
    assert_int_equal(all->n_emissions, 4);
    for (int k = 0; k < 4; k++)
        assert_int_equal(all->emission_steps[k], steps[k]);
    /* counted from the origin; the one at start is left out, the one at stop would not be */
    assert_int_equal(some->n_emissions, 2);
    assert_int_equal(some->emission_steps[0], 150);
    assert_int_equal(some->emission_steps[1], 299);
    assert_int_equal(population_of(script, "none")->n_emissions, 0);
    arena_destroy(&arena);
}

static void assert_emissions(const char *list, uint64_t n, const step_count *steps, const node_index *nodes)
{
    struct arena *arena = arena_create();
    const char *text = arena_format(arena, "population p[4] : spike_generator_group { spike_times = %s }", list);
    const struct population *p = population_of(script_of(arena, text), "p");
    assert_int_equal(p->n_emissions, n);
    for (uint64_t k = 0; k < n; k++) {
        assert_int_equal(p->emission_steps[k], steps[k]);
        assert_int_equal(p->emission_nodes[k], nodes[k]);
    }
    arena_destroy(&arena);
}

static void nodes_may_have_lists_of_spikes_of_their_own(void **state)
{
    const step_count steps[] = {10, 10, 11, 35};
    const node_index nodes[] = {0, 3, 3, 0};
    assert_emissions("[[3.5, 1], [], [], [1.1, 1.06]] ms", 4, steps, nodes); /* a time counts as the step that it lies in */
    assert_emissions("by_node([0, 3, 3, 0], [1, 1.1, 1.09, 3.5] ms)", 4, steps, nodes);
    assert_emissions("[[], [], [], []] ms", 0, NULL, NULL);
    assert_emissions("by_node([], [])*ms", 0, NULL, NULL);
}

static void an_inline_model_is_named_for_its_population(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "let tau = 10 ms\n"
                                                   "population P[5] {\n"
                                                   "    dv/dt = (drive - v)/tau : 1 (unless refractory) = 0.5\n"
                                                   "    drive = 1 + v**2 : 1\n"
                                                   "    threshold v > 0.9\n"
                                                   "    reset { v = 0 }\n"
                                                   "    refractory 2 ms\n"
                                                   "    method euler\n"
                                                   "}\n");
    const struct population *p = population_of(script, "P");
    assert_string_equal(p->model->name, "P");
    assert_near(value_of(p->model, p->values, "v")->number, 0.5);
    assert_int_equal(script->n_models, 1);
    arena_destroy(&arena);
}

/* ---- sets ------------------------------------------------------------------------------------------------ */

static const char sets_text[] = "population a[10] : aeif_cond_alpha_astro\n"
                                "population b[20] : aeif_cond_alpha_astro\n"
                                "let tail = a[7:]\n"
                                "record spikes of (tail + b)[1:5]\n"
                                "record V_m of a + b\n"
                                "record V_m of tail\n"
                                "record V_m of tail + b\n"
                                "record x : V_m, w of b[3]\n";

static void sets_are_ordered_parts(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, sets_text);
    const struct node_set *set = script->records[0].set;
    assert_int_equal(set->size, 4);
    assert_int_equal(set->n_parts, 2);
    assert_string_equal(set->name, "tail_b_1_5");
    const node_index expected[][2] = {{0, 8}, {0, 9}, {1, 0}, {1, 1}};
    for (uint64_t k = 0; k < 4; k++) {
        int population;
        node_index index;
        node_set_at(set, k, &population, &index);
        assert_int_equal(population, expected[k][0]);
        assert_int_equal(index, expected[k][1]);
    }
    arena_destroy(&arena);
}

static void files_are_called_by_variable_and_set(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, sets_text);
    const char *const names[] = {"spikes", "V_m_a_b", "V_m_tail", "V_m_tail_b", "x_V_m", "x_w"};
    assert_int_equal(script->n_records, 6);
    for (int k = 0; k < 6; k++)
        assert_string_equal(script->records[k].name, names[k]);
    assert_string_equal(script->records[5].unit_text, "pA");
    assert_near(script->records[5].unit.scale, 1e-12);
    arena_destroy(&arena);
}

static void assert_nodes(const struct record *record, const char *name, uint64_t n, const node_index expected[][2])
{
    assert_string_equal(record->name, name);
    assert_int_equal(record->set->size, n);
    for (uint64_t k = 0; k < n; k++) {
        int population;
        node_index index;
        node_set_at(record->set, k, &population, &index);
        assert_int_equal(population, expected[k][0]);
        assert_int_equal(index, expected[k][1]);
    }
}

static void nodes_are_listed_and_counted_from_the_end(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "population a[10] : aeif_cond_alpha_astro\n"
                                                   "population b[4] : aeif_cond_alpha_astro\n"
                                                   "let union = a[2:6] + b\n"
                                                   "record V_m of a[[0, 3, 9]]\nrecord V_m of union[[1, 3, 4, 7]]\n"
                                                   "record V_m of a[range(1, 10, 2)]\nrecord V_m of a[[1, 4, 8]][1:]\n"
                                                   "record V_m of a[-2:]\nrecord V_m of a[-1]\nrecord V_m of union[1:-6]\n");
    assert_nodes(&script->records[0], "V_m_a_0_3_9", 3, (node_index[][2]){{0, 0}, {0, 3}, {0, 9}});
    assert_nodes(&script->records[1], "V_m_union_1_3_4_7", 4, (node_index[][2]){{0, 3}, {0, 5}, {1, 0}, {1, 3}});
    assert_nodes(&script->records[2], "V_m_a_1_to_9_5_nodes", 5, (node_index[][2]){{0, 1}, {0, 3}, {0, 5}, {0, 7}, {0, 9}});
    assert_nodes(&script->records[3], "V_m_a_1_4_8_1_3", 2, (node_index[][2]){{0, 4}, {0, 8}});
    assert_nodes(&script->records[4], "V_m_a_8_10", 2, (node_index[][2]){{0, 8}, {0, 9}});
    assert_nodes(&script->records[5], "V_m_a_9", 1, (node_index[][2]){{0, 9}});
    assert_nodes(&script->records[6], "V_m_union_1_2", 1, (node_index[][2]){{0, 3}});
    arena_destroy(&arena);
}

static void slices_are_called_by_their_bounds(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "population a[60] : aeif_cond_alpha_astro\n"
                                                   "population b[5] : aeif_cond_alpha_astro\n"
                                                   "for k in 2:5 { population q[k][4] : aeif_cond_alpha_astro }\n"
                                                   "let tail = a[10:]\n"
                                                   "record V_m of a[50]\nrecord V_m of a[10:20]\nrecord V_m of a[:5]\n"
                                                   "record V_m of a[:]\nrecord V_m of tail[2:][3]\nrecord V_m of a[1] + b\n"
                                                   "record V_m of (a + b)[7:62]\nrecord V_m of q[3][1]\nrecord V_m of q[3:]\n"
                                                   "record V_m of q[:]\n"
                                                   "connect a[1:3] -> b[4] by all_to_all using static { weight = 1 nS }");
    const char *const names[] = {"V_m_a_50",  "V_m_a_10_20",  "V_m_a_0_5", "V_m_a",     "V_m_tail_2_50_3",
                                 "V_m_a_1_b", "V_m_a_b_7_62", "V_m_q_3_1", "V_m_q_3_5", "V_m_q"};
    assert_int_equal(script->n_records, 10);
    for (int k = 0; k < script->n_records; k++)
        assert_string_equal(script->records[k].name, names[k]);
    assert_string_equal(script->connections[0].name, "a_1_3__b_4__static");
    arena_destroy(&arena);
}

static uint64_t fingerprint_of_sample(const char *simulation, const char *name)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, arena_format(arena,
                                                                "%s\npopulation a[300] : aeif_cond_alpha_astro\n"
                                                                "population b[500] : aeif_cond_alpha_astro\n"
                                                                "let %s = sample(a + b[100:], 200)\nrecord V_m of %s",
                                                                simulation, name, name));
    const struct node_set *set = script->records[0].set;
    assert_int_equal(set->size, 200);
    assert_string_equal(set->name, name);
    uint64_t fingerprint = 0;
    for (int k = 0; k < set->n_parts; k++) {
        const struct node_part *part = &set->parts[k];
        assert_int_equal(part->population, k);
        for (node_index n = 0; n < part->count; n++) {
            assert_true(n == 0 || part->list[n - 1] < part->list[n]);
            assert_true(k == 0 ? part->list[n] < 300 : part->list[n] >= 100 && part->list[n] < 500);
            fingerprint = fingerprint * 1000003 + part->list[n] + 1;
        }
    }
    arena_destroy(&arena);
    return fingerprint;
}

static void a_sample_is_keyed_by_seed_and_name(void **state)
{
    uint64_t first = fingerprint_of_sample("", "x");
    assert_true(first == fingerprint_of_sample("let unrelated = 3", "x"));
    assert_true(first != fingerprint_of_sample("", "y"));
    assert_true(first != fingerprint_of_sample("simulation { seed = 2 }", "x"));
}

/* 400 samples of 5 of 20: every node is in a binomial(400, 1/4) of them, 100 ± 8.7. With 20 nodes, 5.1 standard deviations are
 * exceeded with probability 20 * 3.4e-7 < 1e-5; the seeds are fixed, so this happens never or always. */
static void every_node_is_sampled_equally_often(void **state)
{
    int count[20] = {0};
    for (int seed = 0; seed < 400; seed++) {
        struct arena *arena = arena_create();
        const struct script *script = script_of(
            arena, arena_format(arena,
                                "simulation { seed = %d }\npopulation a[20] : aeif_cond_alpha_astro\n"
                                "record x : V_m of sample(a, 5)",
                                seed));
        const struct node_part *part = &script->records[0].set->parts[0];
        for (node_index n = 0; n < part->count; n++)
            count[part->list[n]]++;
        arena_destroy(&arena);
    }
    for (int k = 0; k < 20; k++)
        assert_in_range(count[k], 100 - 44, 100 + 44);
}

static void a_sample_may_be_the_whole_set(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena,
                                            "population a[70] : aeif_cond_alpha_astro\nlet x = sample(a, 70)\nrecord V_m of x");
    for (node_index n = 0; n < 70; n++)
        assert_int_equal(script->records[0].set->parts[0].list[n], n);
    arena_destroy(&arena);
}

/* ---- connections ----------------------------------------------------------------------------------------- */

static const char network_text[] = "population exc[80] : aeif_cond_alpha_astro\n"
                                   "population inh[20] : aeif_cond_alpha_astro\n"
                                   "population astro[100] : astrocyte_lr_1994\n"
                                   "population drive : dc_generator\n"
                                   "connect tri : exc -> exc + inh via astro\n"
                                   "        by tripartite_bernoulli_with_pool(0.1, pool_type = \"block\", pool_size = 5) {\n"
                                   "    third_out using sic     { weight = 0.01; delay = 3 ms }\n"
                                   "    primary   using tsodyks { weight = 1 nS; delay = 2 ms }\n"
                                   "    third_in  using tsodyks\n"
                                   "}\n"
                                   "connect inh -> exc + inh by pairwise_bernoulli(p = 0.2) using static\n"
                                   "connect inh -> exc by one_to_one using static { weight = -2 nS }\n"
                                   "connect drive -> inh by all_to_all using current { weight = 3 }\n"
                                   "record sent of tri.primary\n"
                                   "record here : sent of inh__exc__static\n";

static void a_tripartite_projection_has_three_connections(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, network_text);
    const struct projection *tri = &script->projections[0];
    assert_string_equal(tri->name, "tri");
    assert_int_equal(tri->n_connections, 3);
    const struct connection *primary = &script->connections[tri->connections[0]];
    const struct connection *third_in = &script->connections[tri->connections[1]];
    const struct connection *third_out = &script->connections[tri->connections[2]];
    assert_string_equal(primary->name, "tri.primary");
    assert_int_equal(primary->role, ROLE_PRIMARY);
    assert_ptr_equal(primary->source, tri->source);
    assert_ptr_equal(primary->target, tri->target);
    assert_ptr_equal(third_in->target, tri->pool);
    assert_ptr_equal(third_out->source, tri->pool);
    assert_ptr_equal(third_out->target, tri->target);
    assert_near(tri->arguments[0].number, 0.1);
    assert_near(tri->arguments[1].number, 1); /* by default */
    assert_near(tri->arguments[2].number, 5);
    assert_int_equal(tri->arguments[3].word, 1);
    assert_true(tri->arguments[0].given);
    assert_false(tri->arguments[1].given);
    arena_destroy(&arena);
}

static void a_third_rule_stands_beside_a_primary_one(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(
        arena,
        "population p[5] : aeif_cond_alpha_astro\npopulation a[10] : astrocyte_lr_1994\n"
        "connect tri : p -> p by fixed_total_number(0, autapses = 1 > 2) third bernoulli_with_pool(p = 0.5, pool_size = 10)\n"
        "        via a { primary using static; third_in using static { weight = 1 }; third_out using sic }\n"
        "connect few : p -> p by pairs([0, 4], [1, 1]) using static\n"
        "connect many : p -> p by pairwise_poisson(2.5) using static\n");
    const struct projection *tri = &script->projections[0];
    assert_string_equal(tri->third->name, "bernoulli_with_pool");
    assert_near(tri->third_arguments[0].number, 0.5);
    assert_near(tri->third_arguments[1].number, 10);
    assert_true(tri->third_arguments[1].given);
    assert_int_equal(tri->n_connections, 3);
    assert_string_equal(script->connections[tri->connections[1]].name, "tri.third_in");
    assert_true(tri->arguments[0].number == 0 && tri->arguments[0].given);
    assert_true(tri->arguments[1].number == 0 && tri->arguments[1].given);
    assert_true(tri->arguments[2].number == 1 && !tri->arguments[2].given);
    assert_int_equal(script->projections[1].arguments[0].indices[1], 4);
    assert_int_equal(script->projections[1].arguments[1].n_indices, 2);
    assert_null(script->projections[1].third);
    assert_near(script->projections[2].arguments[0].number, 2.5);
    arena_destroy(&arena);
}

static void the_port_decides_what_a_weight_means(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, network_text);
    const struct connection *primary = connection_of(script, "tri.primary"), *third_in = connection_of(script, "tri.third_in");
    const struct connection *plain = connection_of(script, "inh__exc_inh__static");
    assert_string_equal(primary->port, "spike");
    assert_near(value_of(primary->synapse, primary->values, "weight")->number, 1e-9);
    assert_near(value_of(third_in->synapse, third_in->values, "weight")->number, 1); /* the bare default, dimensionless here */
    assert_near(value_of(plain->synapse, plain->values, "weight")->number, 1e-9);    /* the same default, in nS here */
    const struct connection *current = connection_of(script, "drive__inh__current");
    assert_null(current->port);
    assert_near(value_of(current->synapse, current->values, "weight")->number, 3);
    arena_destroy(&arena);
}

static void values_may_be_drawn_for_each_synapse(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "population p[5] : aeif_cond_alpha_astro\n"
                                                   "connect p -> p by all_to_all using tsodyks {\n"
                                                   "    weight = -2 nS*(1 + 0.1*randn())\n"
                                                   "    U = redraw(0.5 + randn() + rand(), 0, 1)\n"
                                                   "    tau_fac = 2*tau_rec\n"
                                                   "    delay = redraw(tau_psc*randn(), dt/2, inf*ms)\n"
                                                   "}\n"
                                                   "connect c : p -> p by all_to_all using static { delay = 2 ms }\n"
                                                   "synapse model own { d : ms = 1 ms;  delay = 2*d;  on_pre { send 1 nS } }\n"
                                                   "connect p -> p by all_to_all using own { d = 1 ms + rand()*ms }\n");
    const struct connection *drawn = connection_of(script, "p__p__tsodyks");
    const struct value *weight = value_of(drawn->synapse, drawn->values, "weight");
    const struct value *U = value_of(drawn->synapse, drawn->values, "U");
    assert_true(weight->expression && !weight->is_constant && !U->is_constant);
    assert_int_equal(weight->expression->children[1]->children[1]->children[1]->call_site, 0);
    assert_int_equal(U->expression->children[0]->children[0]->children[1]->call_site, 0);
    assert_int_equal(U->expression->children[0]->children[1]->call_site, 1);
    assert_int_equal(U->expression->call_site, 2);
    assert_true(value_of(drawn->synapse, drawn->values, "tau_fac")->is_constant);
    assert_false(drawn->delay_is_constant);
    assert_int_equal(drawn->delay, 0);
    assert_int_equal(drawn->delay_value.expression->function, FUNCTION_REDRAW);
    const struct connection *constant = connection_of(script, "c");
    assert_true(constant->delay_is_constant && constant->delay == 20);
    assert_near(constant->delay_value.number, 2e-3);
    const struct connection *by_model = connection_of(script, "p__p__own");
    assert_false(by_model->delay_is_constant);
    assert_ptr_equal(by_model->delay_value.expression, by_model->synapse->delay);
    arena_destroy(&arena);
}

/* The shape of the cortical microcircuit: families, matrices, and values drawn for each synapse. */
static void a_microcircuit_is_short(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(
        arena, "let size = [20, 5], p = [[0.1, 0], [0.2, 0.3]], W = [[0.8, -3.5], [0.9, -3.6]] nS, D = [1.5, 0.75] ms\n"
               "for k in 0:2 { population pop[k][size[k]] : aeif_cond_alpha_astro { V_m = -58 mV + 10 mV*randn() } }\n"
               "for a in 0:2 {\n"
               "    for b in 0:2 {\n"
               "        let P = 1.0*size[a]*size[b]\n"
               "        let K = floor(log(1 - p[a, b])/log((P - 1)/P) + 0.5)\n"
               "        connect pop[b] -> pop[a] by fixed_total_number(K) using static {\n"
               "            weight = W[a, b]*(1 + 0.1*randn())\n"
               "            delay  = redraw(D[b] + D[b]/2*randn(), dt/2, inf*ms)\n"
               "        }\n"
               "    }\n"
               "}\n"
               "record spikes of pop[:]\nrun 1 s\n");
    const double totals[] = {42, 0, 22, 9}; /* log(1 - p)/log((P - 1)/P) rounded */
    assert_int_equal(script->n_projections, 4);
    for (int k = 0; k < 4; k++)
        assert_near(script->projections[k].arguments[0].number, totals[k]);
    const struct connection *connection = connection_of(script, "pop_1__pop_0__static");
    assert_near(value_of(connection->synapse, connection->values, "weight")->expression->children[0]->reference.value, -3.5e-9);
    assert_near(connection->delay_value.expression->children[0]->children[0]->reference.value, 0.75e-3);
    assert_int_equal(script->records[0].set->size, 25);
    arena_destroy(&arena);
}

static void delays_are_steps(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, network_text);
    assert_int_equal(connection_of(script, "tri.primary")->delay, 20);
    assert_int_equal(connection_of(script, "tri.third_in")->delay, 10);
    assert_int_equal(connection_of(script, "tri.third_out")->delay, 30);
    assert_int_equal(script->n_warnings, 0);
    arena_destroy(&arena);
}

/* trunc(delay/dt + 0.5) in doubles, as Brian 2: 0.15/0.1 is below 1.5 */
static void delays_are_rounded_with_one_warning(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "population p : aeif_cond_alpha_astro\n"
                                                   "connect a : p -> p by all_to_all using static { delay = 0.15 ms }\n"
                                                   "connect b : p -> p by all_to_all using static { delay = 1.05 ms }\n"
                                                   "connect c : p -> p by all_to_all using static { delay = 0.05 ms }\n");
    assert_int_equal(connection_of(script, "a")->delay, 1);
    assert_int_equal(connection_of(script, "b")->delay, 11);
    assert_int_equal(connection_of(script, "c")->delay, 1);
    assert_int_equal(script->n_warnings, 1);
    assert_non_null(
        strstr(script->warnings[0], "test:2:57: warning: delays are whole steps of dt = 0.1 ms: this one of 0.15 ms"));
    arena_destroy(&arena);
}

static void what_is_sent_is_recorded_by_connection(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, network_text);
    assert_string_equal(script->records[0].name, "sent_tri.primary");
    assert_int_equal(script->records[0].kind, RECORD_SENT);
    assert_ptr_equal(&script->connections[script->records[0].synapses.connections[0]], connection_of(script, "tri.primary"));
    assert_string_equal(script->records[0].unit_text, "nS");
    assert_string_equal(script->records[1].name, "here");
    arena_destroy(&arena);
}

static int refuse_loops(const struct projection *projection, struct fault *fault)
{
    return source_fault(fault, projection->rule_span, "%s has no use for %g", projection->name, projection->arguments[0].number);
}

static void a_rule_may_check_more(void **state)
{
    const struct rule_signature signature = {
        .name = "strict", .arguments = {{.name = "p", .kind = RULE_PROBABILITY, .value = 0.5}}, .check = refuse_loops};
    const struct rule_signature *const rules[] = {&signature, NULL};
    const struct vocabulary vocabulary = {.rules = rules, .methods = fixture_methods};
    const char *text = "population p : aeif_cond_alpha_astro\nconnect p -> p by strict using static";
    struct arena *arena = arena_create();
    struct script *script;
    struct fault fault = {0};
    int status = script_check(arena, tree_of(arena, text), &vocabulary, NULL, 0, &script, &fault);
    assert_fault(&fault, status, text, "test:2:19: error: p__p__static has no use for 0.5");
    arena_destroy(&arena);
}

/* ---- loops and families ----------------------------------------------------------------------------------- */

static void rules_may_depend_on_the_distance(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(
        arena, "let xs = [1, 2, 3] mm, width = 200 um\n"
               "population q[3] : aeif_cond_alpha_astro { position = [xs, rand()*mm + randn()*mm]; periodic = [4 mm, 5 mm] }\n"
               "population r[9] : aeif_cond_alpha_astro\n"
               "r.position = [i, 1] mm\n"
               "r.periodic = [4, 5] mm\n"
               "connect q -> r by pairwise_bernoulli(0.3*exp(-distance/width)) using static\n"
               "connect r -> q by pairwise_bernoulli(0.3) using static\n");
    const struct population *q = population_of(script, "q"), *r = population_of(script, "r");
    assert_int_equal(q->n_dimensions, 2);
    assert_near(q->position[0].array[2], 3e-3);
    assert_int_equal(q->position[1].expression->children[1]->children[0]->call_site, 1);
    assert_near(q->period[1], 5e-3);
    assert_false(r->position[0].is_constant);
    assert_true(r->position[1].is_constant);
    assert_near(r->position[1].number, 1e-3);
    const double distance = 400e-6;
    double p;
    assert_true(constant_evaluate(script->projections[0].arguments[0].expression, &(struct bindings){.distance = &distance}, &p));
    assert_near(p, 0.3 * exp(-2));
    assert_null(script->projections[1].arguments[0].expression);
    arena_destroy(&arena);
}

/* Passes differ in their constants, also where an expression or a model of the text is kept. */
static void each_pass_has_its_own_values(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena,
                                            "let size = [3, 4, 5]\n"
                                            "for k in 0:3 {\n"
                                            "    let V = (k - 60)*mV\n"
                                            "    population pop[k][size[k]] : aeif_cond_alpha_astro { V_m = V + rand()*mV }\n"
                                            "    population own[k] [2] { dx/dt = -x*k/second : 1;  method euler }\n"
                                            "    pop[k].w = k*pA\n"
                                            "}\n"
                                            "let V = 1\n");
    assert_int_equal(script->n_populations, 6);
    assert_int_equal(script->n_constants, 1); /* those of a pass end with it */
    for (int k = 0; k < 3; k++) {
        const struct population *pop = population_of(script, arena_format(arena, "pop_%d", k));
        assert_int_equal(pop->size, 3 + k);
        const struct value *drawn = value_of(pop->model, pop->values, "V_m");
        assert_near(drawn->expression->children[0]->reference.value, (k - 60) * 1e-3);
        assert_near(value_of(pop->model, pop->values, "w")->number, k * 1e-12);
        const struct population *own = population_of(script, arena_format(arena, "own_%d", k));
        assert_string_equal(own->model->name, own->name);
        const struct expression *product = own->model->variables[0].equation->children[0];
        assert_near(product->children[1]->reference.value, k);
    }
    arena_destroy(&arena);
}

/* The value that a list comes to, in SI. */
static void assert_list(const char *expression, const char *unit, uint64_t n, const double *expected)
{
    struct arena *arena = arena_create();
    const char *text = arena_format(arena,
                                    "let a = [1, 2, 3], b = [4, 5, 6] mV, m = [[1, 2, 3], [4, 5, 6]]\n"
                                    "let square(x) = x*x\n"
                                    "population p[%llu] { x : %s }\np.x = %s",
                                    (unsigned long long)n, unit, expression);
    const struct population *p = population_of(script_of(arena, text), "p");
    const struct value *value = value_of(p->model, p->values, "x");
    assert_int_equal(value->n_array, n);
    for (uint64_t k = 0; k < n; k++)
        if (value->array[k] != expected[k])
            fail_msg("element %d of %s is %.17g, not %.17g", (int)k, expression, value->array[k], expected[k]);
    arena_destroy(&arena);
}

#define ASSERT_LIST(expression, unit, ...) \
    assert_list(expression, unit, sizeof((double[]){__VA_ARGS__}) / sizeof(double), (const double[]){__VA_ARGS__})

static void lists_are_computed_element_by_element(void **state)
{
    ASSERT_LIST("2*a", "1", 2, 4, 6);
    ASSERT_LIST("a + a*10", "1", 11, 22, 33);
    ASSERT_LIST("-b", "volt", -4 * 1e-3, -5 * 1e-3, -6 * 1e-3);
    ASSERT_LIST("b*(2 nS)", "amp", 4 * 1e-3 * (2 * 1e-9), 5 * 1e-3 * (2 * 1e-9), 6 * 1e-3 * (2 * 1e-9));
    ASSERT_LIST("b/b", "1", 1, 1, 1);
    ASSERT_LIST("a**2", "1", 1, 4, 9);
    ASSERT_LIST("2**a", "1", 2, 4, 8);
    ASSERT_LIST("where(a > 1, a, -a)", "1", -1, 2, 3);
    ASSERT_LIST("max(a, 2)", "1", 2, 2, 3);
    ASSERT_LIST("square(a)", "1", 1, 4, 9);
    ASSERT_LIST("square(a)[1:]", "1", 4, 9);
    ASSERT_LIST("timestep(a*0.1*ms, dt)", "1", 1, 2, 3);
    ASSERT_LIST("a[1:3]", "1", 2, 3);
    ASSERT_LIST("a[:2] + a[1:]", "1", 3, 5);
    ASSERT_LIST("m[1, :]", "1", 4, 5, 6);
    ASSERT_LIST("(2*m)[:, 1]", "1", 4, 10);
    ASSERT_LIST("(m + m)[0, 1:] + m[1:, 2][0]", "1", 10, 12);
    ASSERT_LIST("([[1], [2, 3], []])[1, :]", "1", 2, 3);
    ASSERT_LIST("range(3)", "1", 0, 1, 2);
    ASSERT_LIST("range(2, 4)", "1", 2, 3);
    ASSERT_LIST("range(3, 0, -1)", "1", 3, 2, 1);
    ASSERT_LIST("range(0 ms, 1 ms, 0.5 ms)", "second", 0, 0.5e-3);
    ASSERT_LIST("linspace(0, 1, 5)", "1", 0, 0.25, 0.5, 0.75, 1);
    ASSERT_LIST("a*len(m)", "1", 2, 4, 6);
    ASSERT_LIST("[len(a), len(range(0.5, 0)), len(range(0, 1, 0.1))]", "1", 3, 0, 10);
}

static void lists_of_conditions_are_values_of_booleans(void **state)
{
    struct arena *arena = arena_create();
    const struct population *p = population_of(
        script_of(arena, "population p[3] { x : boolean\n y : integer }\np.x = [3, 1, 2] >= 2\np.y = [3, 1, 2]/2"), "p");
    const double *x = value_of(p->model, p->values, "x")->array, *y = value_of(p->model, p->values, "y")->array;
    assert_true(x[0] == 1 && x[1] == 0 && x[2] == 1);
    assert_true(y[0] == 1 && y[1] == 0 && y[2] == 1);
    arena_destroy(&arena);
}

static void loops_run_over_ranges_and_lists(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena,
                                            "let sizes = [2, 3]\n"
                                            "for n in sizes { for k in n:2*n { population q[10*n + k][n] : dc_generator } }\n"
                                            "for I in [1, 2.5] pA { for k in 0:0 { } }\n"
                                            "for k in [] { let x = nonsense }\n"
                                            "for I in [1, 2.5] pA { run I/pA*ms }\n");
    const char *const names[] = {"q_22", "q_23", "q_33", "q_34", "q_35"};
    assert_int_equal(script->n_populations, 5);
    for (int k = 0; k < 5; k++)
        assert_string_equal(script->populations[k].name, names[k]);
    assert_int_equal(script->n_epochs, 2);
    assert_int_equal(script->epochs[1].end, 35);
    arena_destroy(&arena);
}

/* Names end in the values of the loops where these are whole, else in their places. */
static void names_end_in_values_or_places(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "population p[9] : aeif_cond_alpha_astro\n"
                                                   "for k in [4, 2] { record a : V_m of p }\n"
                                                   "for I in [1, 2.5] { record b : V_m of p }\n"
                                                   "for I in [7, 8] pA { record c : V_m of p }\n"
                                                   "for k in -1:1 { record d : V_m of p }\n"
                                                   "run 1 ms\n");
    const char *const names[] = {"a_4", "a_2", "b_0", "b_1", "c_0", "c_1", "d_0", "d_1"};
    assert_int_equal(script->n_records, 8);
    for (int k = 0; k < 8; k++)
        assert_string_equal(script->records[k].name, names[k]);
    arena_destroy(&arena);
}

static void sets_of_families(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "for k in [4, 2, 3] { population q[k][k] : aeif_cond_alpha_astro }\n"
                                                   "record V_m of q[:]\n"
                                                   "record V_m of q[3]\n"
                                                   "let part = q[2:4], some = q[4][1:3]\n"
                                                   "record V_m of part\n"
                                                   "record V_m of some\n"
                                                   "run 1 ms\n");
    const struct record *records = script->records;
    const char *const names[] = {"V_m_q", "V_m_q_3", "V_m_part", "V_m_some"};
    const uint64_t sizes[] = {9, 3, 5, 2};
    for (int k = 0; k < 4; k++) {
        assert_string_equal(records[k].name, names[k]);
        assert_int_equal(records[k].set->size, sizes[k]);
    }
    assert_int_equal(records[0].set->n_parts, 3);
    assert_int_equal(records[0].set->parts[0].population, 1); /* ascending, whatever the order of declaration */
    assert_int_equal(records[0].set->parts[2].population, 0);
    assert_int_equal(records[3].set->parts[0].first, 1);
    arena_destroy(&arena);
}

static void what_passes_name_is_told_apart(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "for k in 0:2 { population q[k][50] : aeif_cond_alpha_astro }\n"
                                                   "for a in 0:2 {\n"
                                                   "    let probe = sample(q[a], 5)\n"
                                                   "    record V_m of probe\n"
                                                   "    record slow : w of q[a] every 1 ms\n"
                                                   "    for b in 0:2 {\n"
                                                   "        connect q[b] -> q[a] by all_to_all using static\n"
                                                   "        connect more : q[b] -> q[a] by all_to_all using static\n"
                                                   "        record sent of more\n"
                                                   "    }\n"
                                                   "}\n"
                                                   "record w of probe_1\n"
                                                   "record again : sent of more_1_0\n"
                                                   "run 1 ms\n");
    const char *const names[] = {"V_m_probe_0", "slow_0",        "sent_more_0_0", "sent_more_0_1", "V_m_probe_1",
                                 "slow_1",      "sent_more_1_0", "sent_more_1_1", "w_probe_1",     "again"};
    assert_int_equal(script->n_records, 10);
    for (int k = 0; k < 10; k++)
        assert_string_equal(script->records[k].name, names[k]);
    assert_memory_not_equal(script->records[0].set->parts[0].list, script->records[4].set->parts[0].list, 5 * sizeof(node_index));
    assert_int_equal(connection_of(script, "q_1__q_0__static")->source->parts[0].population, 1);
    assert_int_equal(script->records[9].synapses.connections[0], connection_of(script, "more_1_0")->index);
    arena_destroy(&arena);
}

/* ---- epochs ---------------------------------------------------------------------------------------------- */

/* Brian 2: run(0.25 ms) twice ends at 0.3 ms and 0.5 ms, not at 0.6 ms */
static void a_run_ends_at_the_first_step_after_all_durations(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena,
                                            "population p : aeif_cond_alpha_astro\n"
                                            "run 0.25 ms\nrun 0.25 ms\nrecord V_m of p\nrun 0.00000001 ms\nrun 0 ms\nrun 1 s");
    const step_count ends[] = {3, 5, 5, 5, 10005};
    assert_int_equal(script->n_epochs, 5);
    for (int k = 0; k < 5; k++) {
        assert_int_equal(script->epochs[k].begin, k ? ends[k - 1] : 0);
        assert_int_equal(script->epochs[k].end, ends[k]);
    }
    assert_int_equal(script->records[0].epoch, 2);
    arena_destroy(&arena);
}

/* A parameter that a (summed) equation drives has no other value; that of a model's text that is 0 is no surprise. */
/* A number and its unit are one, so 200 um**2 is (200 um)**2, which may not be what was meant. */
static void powers_of_numbers_with_units_are_warned_of(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "let a = 200 um**2\nlet f(x) = x/(3 s**-1)\nlet b = [f(1 s), f(2 s)]\n"
                                                   "let c = (200 um)**2 + 1 um**2 + 200*um**2 + 2**3*um**2");
    assert_int_equal(script->n_warnings, 2);
    assert_string_equal(script->warnings[0],
                        "test:1:9: warning: the power is taken of the number too: write (200 um)**2 if that is "
                        "meant, else multiply: 200*um**2");
    assert_string_equal(script->warnings[1],
                        "test:2:15: warning: the power is taken of the number too: write (3 s)**-1 if that is "
                        "meant, else multiply with the power of the unit");
    arena_destroy(&arena);
}

static void values_in_vain_are_warned_of(void **state)
{
    struct arena *arena = arena_create();
    const char *text =
        "neuron model n { s : 1\n dv/dt = (s - v)/ms : 1 }\npopulation p : n\npopulation q : n { s = 3 }\n"
        "synapse model m { delay = 1 ms\n s_post = v_pre : 1 (summed) }\nconnect c : p -> p + q by all_to_all using m";
    const struct script *script = script_of(arena, text);
    assert_int_equal(script->n_warnings, 1);
    assert_string_equal(script->warnings[0],
                        "test:4:24: warning: this value of 's' of population 'q' has no effect: it is the sum "
                        "of 'c' in every step");
    assert_string_equal(script->populations[0].summed_by[0], "c");
    assert_null(script->populations[0].summed_by[1]);
    arena_destroy(&arena);
}

static void recording_in_vain_is_warned_of(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "population p : aeif_cond_alpha_astro\nrun 1 ms\nrecord V_m of p");
    assert_int_equal(script->n_warnings, 1);
    assert_string_equal(script->warnings[0], "test:3:8: warning: nothing is recorded here: no 'run' follows");
    arena_destroy(&arena);
}

static void intervals_are_steps(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(
        arena, "population p : aeif_cond_alpha_astro\nrecord V_m of p\nrecord w of p every 0.3 ms\nrun 1 ms");
    assert_int_equal(script->records[0].every, 1);
    assert_int_equal(script->records[1].every, 3);
    arena_destroy(&arena);
}

static void the_seed_network_is_right(void **state)
{
    struct arena *arena = arena_create();
    struct source *source;
    struct script_tree *tree;
    struct script *script;
    struct fault fault = {0};
    const struct override overrides[] = {{"N_ex", "80"}, {"T", "20 ms"}, {"seed", "5"}};
    if (source_read(arena, "../jobs/astrocyte_brunel/astrocyte_brunel.glion", &source, &fault) ||
        parse(arena, source, &tree, &fault) || script_check(arena, tree, &fixture_vocabulary, overrides, 3, &script, &fault))
        fail_msg("%s", fault.text);
    assert_int_equal(population_of(script, "exc")->size, 80);
    assert_int_equal(script->seed, 5);
    assert_int_equal(script->n_warnings, 0);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_are_numbers_in_si_units),
        cmocka_unit_test(lists_have_elements),
        cmocka_unit_test(matrices_lie_row_after_row),
        cmocka_unit_test(conditions_have_names),
        cmocka_unit_test(operators_count_as_in_python),
        cmocka_unit_test(functions_have_their_values),
        cmocka_unit_test(an_override_replaces_a_constant_of_its_kind),
        cmocka_unit_test(wrong_overrides_are_refused),
        cmocka_unit_test(settings_of_the_simulation),
        cmocka_unit_test(values_are_defaults_settings_and_assignments),
        cmocka_unit_test(a_value_may_use_other_variables),
        cmocka_unit_test(random_calls_are_numbered_within_their_value),
        cmocka_unit_test(lists_of_spikes_become_steps),
        cmocka_unit_test(nodes_may_have_lists_of_spikes_of_their_own),
        cmocka_unit_test(an_inline_model_is_named_for_its_population),
        cmocka_unit_test(sets_are_ordered_parts),
        cmocka_unit_test(files_are_called_by_variable_and_set),
        cmocka_unit_test(nodes_are_listed_and_counted_from_the_end),
        cmocka_unit_test(slices_are_called_by_their_bounds),
        cmocka_unit_test(a_sample_is_keyed_by_seed_and_name),
        cmocka_unit_test(every_node_is_sampled_equally_often),
        cmocka_unit_test(a_sample_may_be_the_whole_set),
        cmocka_unit_test(a_tripartite_projection_has_three_connections),
        cmocka_unit_test(a_third_rule_stands_beside_a_primary_one),
        cmocka_unit_test(the_port_decides_what_a_weight_means),
        cmocka_unit_test(values_may_be_drawn_for_each_synapse),
        cmocka_unit_test(a_microcircuit_is_short),
        cmocka_unit_test(delays_are_steps),
        cmocka_unit_test(delays_are_rounded_with_one_warning),
        cmocka_unit_test(what_is_sent_is_recorded_by_connection),
        cmocka_unit_test(a_rule_may_check_more),
        cmocka_unit_test(rules_may_depend_on_the_distance),
        cmocka_unit_test(each_pass_has_its_own_values),
        cmocka_unit_test(lists_are_computed_element_by_element),
        cmocka_unit_test(lists_of_conditions_are_values_of_booleans),
        cmocka_unit_test(loops_run_over_ranges_and_lists),
        cmocka_unit_test(names_end_in_values_or_places),
        cmocka_unit_test(sets_of_families),
        cmocka_unit_test(what_passes_name_is_told_apart),
        cmocka_unit_test(a_run_ends_at_the_first_step_after_all_durations),
        cmocka_unit_test(powers_of_numbers_with_units_are_warned_of),
        cmocka_unit_test(values_in_vain_are_warned_of),
        cmocka_unit_test(recording_in_vain_is_warned_of),
        cmocka_unit_test(intervals_are_steps),
        cmocka_unit_test(the_seed_network_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
