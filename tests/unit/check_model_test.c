/* What the checker writes into the trees of models: references, temporaries, types. */
#include "check_fixture.h"

#include "language/functions.h"

static const struct model *model_in(struct arena *arena, const char *body)
{
    const struct script *script = script_of(arena, arena_format(arena, "let k = 3 mV\npopulation p[2] {\n%s\n}", body));
    return script->populations[0].model;
}

static const struct expression *equation_of(const struct model *model, const char *name)
{
    return model->variables[model_variable(model, name)].equation;
}

static void assert_reference(const struct expression *expression, enum reference_kind kind, int index)
{
    assert_int_equal(expression->reference.kind, kind);
    assert_int_equal(expression->reference.index, index);
}

static void names_become_references(void **state)
{
    struct arena *arena = arena_create();
    const struct model *model = model_in(arena, "v : mV\nx = v + k : mV\ny = t + dt : ms\nn = t_in_timesteps + i + N : 1");
    assert_reference(equation_of(model, "x")->children[0], REFERENCE_VARIABLE, 0);
    assert_reference(equation_of(model, "x")->children[1], REFERENCE_CONSTANT, 0);
    assert_near(equation_of(model, "x")->children[1]->reference.value, 3e-3);
    assert_reference(equation_of(model, "y")->children[0], REFERENCE_TIME, 0);
    assert_reference(equation_of(model, "y")->children[1], REFERENCE_DT, 0);
    assert_reference(equation_of(model, "n")->children[1], REFERENCE_SIZE, 0);
    assert_reference(equation_of(model, "n")->children[0]->children[1], REFERENCE_INDEX_I, 0);
    assert_reference(equation_of(model, "n")->children[0]->children[0], REFERENCE_TIME_IN_TIMESTEPS, 0);
    arena_destroy(&arena);
}

/* Multi-letter units are names; single letters stay free for variables. */
static void units_are_constants(void **state)
{
    struct arena *arena = arena_create();
    const struct model *model = model_in(arena, "s : 1\nm = s/ms : Hz");
    assert_reference(equation_of(model, "m")->children[0], REFERENCE_VARIABLE, 0);
    assert_near(equation_of(model, "m")->children[1]->reference.value, 1e-3);
    arena_destroy(&arena);
}

static void equations_may_stand_in_any_order(void **state)
{
    struct arena *arena = arena_create();
    const struct model *model = model_in(arena, "x = 2*y : 1\ny = z + 1 : 1\nz : 1");
    assert_reference(equation_of(model, "x")->children[1], REFERENCE_VARIABLE, 1);
    arena_destroy(&arena);
}

static void temporaries_are_counted_from_their_first_assignment(void **state)
{
    struct arena *arena = arena_create();
    const struct model *model = model_in(arena, "dv/dt = -v/ms : 1\nthreshold v > 1\n"
                                                "reset { a = 2*v; b = a + 1; a += b; v = a }");
    const struct action *actions = model->reset.actions;
    assert_int_equal(model->reset.n_locals, 2);
    assert_int_equal(actions[0].reference.kind, REFERENCE_LOCAL);
    assert_int_equal(actions[1].reference.index, 1);
    assert_reference(actions[1].value->children[0], REFERENCE_LOCAL, 0);
    assert_int_equal(actions[2].reference.index, 0);
    assert_int_equal(actions[3].reference.kind, REFERENCE_VARIABLE);
    arena_destroy(&arena);
}

static void calls_name_their_function(void **state)
{
    struct arena *arena = arena_create();
    const struct model *model = model_in(arena, "v : mV\nx = where(v > 0 mV, exp(v/mV), 0) : 1\nn = steps(3 ms) + 1 : 1");
    const struct expression *where = equation_of(model, "x");
    assert_int_equal(where->function, FUNCTION_WHERE);
    assert_int_equal(where->children[1]->function, FUNCTION_EXP);
    assert_int_equal(where->children[0]->type, TYPE_BOOLEAN);
    assert_int_equal(where->type, TYPE_REAL);
    assert_int_equal(equation_of(model, "n")->type, TYPE_INTEGER);
    arena_destroy(&arena);
}

static void the_table_of_functions_is_complete(void **state)
{
    for (int k = 0; k < FUNCTIONS; k++) {
        assert_non_null(function_signatures[k].name);
        assert_non_null(function_signatures[k].text);
        assert_int_equal(function_find(function_signatures[k].name), k);
    }
    assert_int_equal(function_find("no"), -1);
}

static void a_port_sees_its_argument(void **state)
{
    struct arena *arena = arena_create();
    const struct model *model = model_in(arena, "g : nS\nscale : 1\nreceive spike(J : nS) { d = scale*J; g += d; g -= J/2 }");
    const struct action *actions = model->ports[0].body.actions;
    assert_reference(actions[0].value->children[1], REFERENCE_ARGUMENT, 0);
    assert_reference(actions[1].value, REFERENCE_LOCAL, 0);
    arena_destroy(&arena);
}

/* A model of the script sees its constants, one of the library does not (library_test.c); a synapse sees both of its ends. */
static void a_synapse_sees_its_ends(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(
        arena, "let factor = 2\n"
               "synapse model pull { delay = 1 ms; I_SIC_post = factor*g*(V_m_pre - V_m_post) : pA (summed); g : nS = 3 nS }\n"
               "population p[2] : aeif_cond_alpha_astro\n"
               "connect c : p -> p by all_to_all using pull\n");
    const struct connection *connection = connection_of(script, "c");
    const struct expression *difference = equation_of(connection->synapse, "I_SIC_post")->children[1];
    assert_int_equal(difference->children[0]->reference.kind, REFERENCE_PRE);
    assert_string_equal(difference->children[0]->reference.variable_name, "V_m");
    assert_int_equal(difference->children[1]->reference.kind, REFERENCE_POST);
    assert_int_equal(connection->delay, 10);
    arena_destroy(&arena);
}

static void powers_have_dimensions(void **state)
{
    struct arena *arena = arena_create();
    model_in(arena, "v : mV\nx = v**2 : mV**2\ny = (x*x)**0.5 : mV**2\nz = sqrt(x) : mV\nn : 1\nw = 2**n : 1");
    model_in(arena, "v : mV\nx = v**-1 : 1/mV\ny = v**(2 - 3) : 1/mV");
    arena_destroy(&arena);
}

static void check_only_warning(const char *text, const char *expected)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, text);
    assert_int_equal(script->n_warnings, 1);
    assert_string_equal(script->warnings[0], expected);
    arena_destroy(&arena);
}

/* A setting without effect is no mistake, but may be a misunderstanding. */
static void what_has_no_effect_is_warned_of(void **state)
{
    check_only_warning("neuron model m { v : mV; refractory 3 ms }",
                       "test:1:37: warning: a refractory period without a threshold or 'emit COUNT' has no effect");
    check_only_warning("neuron model m { dv/dt = -v/ms : 1 (unless refractory); threshold v > 1 }",
                       "test:1:18: warning: (unless refractory) has no effect: 'm' has no refractory period");
    check_only_warning("neuron model m { v : mV; method euler }",
                       "test:1:33: warning: a method has no effect: 'm' has no differential equations");
    check_only_warning("neuron model m { v : 1; threshold v > 1; reset { w = 0 } }",
                       "test:1:50: warning: 'w' is no variable, so this is a temporary, and nothing reads it");
    check_only_warning("synapse model s { w : 1; dx/dt = -x/ms : 1 (event-driven) }\n"
                       "population p[2] { v : 1; threshold v > 1 }\nconnect p -> p by all_to_all using s",
                       "test:1:15: warning: 's' does nothing: it has neither on_pre nor a (summed) equation");
}

static void what_a_model_reads(void **state)
{
    struct arena *arena = arena_create();
    const struct model *model = model_in(arena,
                                         "v : mV\nthreshold v > 1 mV\nreset { v = where(t - lastspike > 1 ms, 0 mV, 1 mV) }");
    assert_true(model_reads(model, REFERENCE_LASTSPIKE));
    assert_true(model_reads(model, REFERENCE_TIME));
    assert_false(model_reads(model, REFERENCE_NOT_REFRACTORY));
    arena_destroy(&arena);
}

static void truth_values_are_variables_too(void **state)
{
    struct arena *arena = arena_create();
    const struct model *model = model_in(arena,
                                         "v : mV\nhigh = v > 2 mV and not_refractory : boolean\nx = where(high, 1, 0) : 1\n"
                                         "on : boolean = 1 < 2\nn : integer = 3");
    assert_int_equal(equation_of(model, "high")->type, TYPE_BOOLEAN);
    assert_reference(equation_of(model, "x")->children[0], REFERENCE_VARIABLE, 1);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_references),          cmocka_unit_test(units_are_constants),
        cmocka_unit_test(equations_may_stand_in_any_order), cmocka_unit_test(temporaries_are_counted_from_their_first_assignment),
        cmocka_unit_test(calls_name_their_function),        cmocka_unit_test(the_table_of_functions_is_complete),
        cmocka_unit_test(a_port_sees_its_argument),         cmocka_unit_test(a_synapse_sees_its_ends),
        cmocka_unit_test(powers_have_dimensions),           cmocka_unit_test(truth_values_are_variables_too),
        cmocka_unit_test(what_has_no_effect_is_warned_of),  cmocka_unit_test(what_a_model_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
