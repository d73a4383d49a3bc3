/* Functions that the script defines, timed arrays, and models that extend others: what they mean, and what is refused. */
#include "check_fixture.h"
#include "language/functions.h"
#include "language/timed_array.h"

static double constant_in(const char *text, const char *name)
{
    struct arena *arena = arena_create();
    double number = constant_named(script_of(arena, text), name)->number;
    arena_destroy(&arena);
    return number;
}

/* ---- functions ------------------------------------------------------------------------------------------- */

static void a_call_is_its_right_side(void **state)
{
    assert_near(constant_in("let a = 3\nlet f(x, y) = a*x + y**2\nlet z = f(2, 1 + 1)", "z"), 10);
    assert_near(constant_in("let f(x) = x*x\nlet g(x, y) = f(x) + f(y)\nlet z = g(2 mm, 3 mm)", "z"), 13e-6);
    assert_near(constant_in("let above(x, y) = x > y\nlet z = where(above(2 mV, 1 mV), 5, 6)", "z"), 5);
    assert_near(constant_in("let z = 0\nfor k in 0:3 { let f(x) = k*x\n let y = f(2)\n let w = [y, f(y)] }", "z"), 0);
    assert_near(constant_in("let f(x) = timestep(x, dt)\nlet z = f(1 ms)", "z"), 10);
}

/* The dimension of a parameter is that of the argument, anew for each call. */
static void equations_call_functions(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena,
                                            "let rate(x, tau) = -x/tau\n"
                                            "population p { dv/dt = rate(v - 3 mV, 10 ms) : mV\n dw/dt = rate(w, 2 ms) : 1\n"
                                            "reset { w = rate(w, 1) }\n threshold rate(v, 1) > 2 mV }");
    const struct expression *equation = population_of(script, "p")->model->variables[0].equation;
    assert_int_equal(equation->kind, EXPRESSION_BINARY);
    assert_int_equal(equation->operator, OPERATOR_DIVIDE);
    arena_destroy(&arena);
}

static void values_call_functions_that_draw(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena, "let around(x, s) = x*(1 + s*randn())\nlet twice(x) = x*x\n"
                                                   "population p[3] { v : mV = around(-70 mV, 0.1) + around(1 mV, rand()) }\n");
    const struct expression *value = population_of(script, "p")->values[0].expression;
    const struct expression *first = value->children[0]->children[1]->children[1]->children[1];
    const struct expression *second = value->children[1]->children[1]->children[1];
    assert_int_equal(first->call_site, 0);
    assert_int_not_equal(second->children[0]->call_site, second->children[1]->call_site);
    arena_destroy(&arena);
    assert_unchecked("let twice(x) = x*x\npopulation p[3] { v : 1 = twice(rand()) }",
                     "test:2:33: error: 'twice' uses 'x' in several places, so what stands for it cannot be drawn");
}

static void wrong_functions_are_refused(void **state)
{
    assert_unchecked("let f(x) = x + w", "test:1:16: error: unknown name 'w'");
    assert_unchecked("let f(x) = f(x)", "test:1:12: error: 'f' cannot call itself");
    assert_unchecked("let f(x) = g(x)\nlet g(x) = f(x)", "test:1:12: error: unknown function 'g'");
    assert_unchecked("let f(x, x) = x", "test:1:10: error: 'x' names two things here");
    assert_unchecked("let a = 1\nlet f(a) = a", "test:2:7: error: 'a' is already the name of a constant");
    assert_unchecked("let f() = 1", "expected the name of a parameter");
    assert_unchecked("let f(x) = x + (1 mV + 1 ms)", "test:1:17: error: both sides of '+' must have the same dimension");
    assert_unchecked("let f(x) = \"no\"", "test:1:12: error: a function gives a number or a condition, but this is a text");
    assert_unchecked("let f(x) = t*x", "test:1:12: error: 't' has no meaning here");
    assert_unchecked("let exp(x) = x", "test:1:5: error: 'exp' is a function and cannot be a name");
    assert_unchecked("let f(x) = x\nlet f = 1", "test:2:5: error: 'f' is already the name of a function, see test:1:5");
}

static void wrong_calls_are_refused(void **state)
{
    assert_unchecked("let f(x) = x\nlet y = f", "test:2:9: error: 'f' is a function: write f(x)");
    assert_unchecked("let f(x, y) = x\nlet y = f(1)", "test:2:9: error: f(x, y) takes 2 arguments, not 1");
    assert_unchecked("let f(x) = x\nlet y = f(1 < 2)", "test:2:11: error: expected a number, but this is a condition");
    assert_unchecked("let f(x) = x + 1\nlet y = f(1 mV)", "in the call of 'f' at test:2:9");
    assert_unchecked("let f(x) = x + 1\nlet g(x) = 2*f(x)\npopulation p { v : mV\n w = g(v) : 1 }",
                     "in the call of 'g' at test:4:6");
    assert_unchecked("let f(x) = x*rand()\nlet y = f(1)", "'rand' cannot be used in a constant");
    assert_unchecked("let f(x) = x + x\nlet g(x) = f(f(f(f(f(x)))))\nlet h(x) = g(g(g(x)))", "come to more than 2000 terms here");
}

/* ---- timed arrays ---------------------------------------------------------------------------------------- */

/* Brian 2.5.1 at dt = 0.1 ms: values and times as its TimedArray gives them. */
static void an_array_is_constant_between_its_times(void **state)
{
    static const struct {
        double t, expected;
    } points[] = {{0, 0}, {0.00099, 0}, {0.001, 1}, {0.0019999999, 2}, {0.0049, 4}, {1, 4}, {-1, 0}};
    for (size_t k = 0; k < sizeof points / sizeof *points; k++) {
        char text[200];
        snprintf(text, sizeof text, "let f = timed_array([0, 1, 2, 3, 4], 1 ms)\nlet z = f(%.17g*second)", points[k].t);
        assert_near(constant_in(text, "z"), points[k].expected);
    }
    assert_near(constant_in("let m = [[1, 2], [3, 4]] mV\nlet f = timed_array(m, 1 ms)\nlet z = f(1 ms, 0)", "z"), 3e-3);
}

static void the_fine_grid_is_a_power_of_2(void **state)
{
    assert_true(timed_array_points(1e-4, 1e-4) == 8);
    assert_true(timed_array_points(1e-3, 1e-4) == 128);
    assert_true(timed_array_points(1e-6, 1e-4) == 1);
    for (int step = 0; step < 1000; step++) /* a time on the grid is in its interval, however it is rounded */
        assert_true(timed_array_row(step * 1e-4, 3e-4, 1e-4) == step / 3);
}

static void wrong_arrays_are_refused(void **state)
{
    assert_unchecked("let f = timed_array([1, 2])", "test:1:9: error: timed_array(values, dt) takes 2 arguments, not 1");
    assert_unchecked("let f = timed_array(3, 1 ms)", "test:1:21: error: the values of a timed array are a list or a matrix");
    assert_unchecked("let f = timed_array([], 1 ms)", "test:1:21: error: a timed array needs at least one value");
    assert_unchecked("let f = timed_array([1], 1 mV)", "test:1:26: error: the dt of a timed array must be in second");
    assert_unchecked("let f = timed_array([1], 0 ms)", "test:1:26: error: the dt of a timed array must be above 0");
    assert_unchecked("let f = 2*timed_array([1], 1 ms)(1 ms)", "error: ");
    assert_unchecked("let f = 2*timed_array([1], 1 ms)", "'timed_array' makes a function of time, which needs a name");
    assert_unchecked("let f = timed_array([1] nA, 1 ms)\npopulation p { I = f(t, i) : nA }", "f(t) takes 1 argument, not 2");
    assert_unchecked("let f = timed_array([[1]] nA, 1 ms)\npopulation p { I = f(t, 0.5) : nA }", "a whole number, such as i");
    assert_unchecked("let f = timed_array([1] nA, 1 ms)\npopulation p { I = f(i) : nA }",
                     "test:2:22: error: the argument of a timed array must be in second, but this is dimensionless");
    assert_unchecked("let f = timed_array([1] nA, 1 ms)\npopulation p { I = f(t) : mV }",
                     "'I' is in volt, but the right side is in amp");
}

/* ---- extends --------------------------------------------------------------------------------------------- */

#define BASE                                                                                                     \
    "neuron model base \"of all\" { cite \"one\"\n tau : ms = 10 ms in (0, inf)\n I : pA\n"                      \
    "dv/dt = -v/tau : mV (unless refractory) = -70 mV\n receive spike(J : mV) { v += J }\n threshold v > 1 mV\n" \
    "reset { v = 0 mV }\n refractory 2 ms\n spike_time end\n method euler }\n"

static void a_model_keeps_what_it_does_not_replace(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(arena,
                                            BASE "let tau = 3\nneuron model more extends base { cite \"two\"\n tau : ms = 20 ms\n"
                                                 "I = 3 pA : pA\n dw/dt = -w/ms : 1\n dv/dt = v/tau : mV\n reset { w += 1 } }\n"
                                                 "population p : more\n");
    const struct model *model = population_of(script, "p")->model;
    assert_string_equal(model->text, "of all");
    assert_int_equal(model->n_citations, 2);
    assert_int_equal(model->n_variables, 4);
    assert_string_equal(model->variables[3].name, "w");
    assert_near(population_of(script, "p")->values[0].number, 20e-3);
    assert_true(model->variables[0].range.has_range);
    assert_int_equal(model->variables[1].kind, DECLARATION_SUBEXPRESSION);
    assert_int_equal(model->variables[2].flags, FLAG_UNLESS_REFRACTORY);
    assert_near(population_of(script, "p")->values[2].number, -70e-3);
    assert_int_equal(model->reset.n_actions, 1);
    assert_string_equal(model->reset.actions[0].name, "w");
    assert_true(model->spike_time_end && model->refractory && model->threshold);
    assert_int_equal(model->n_ports, 1);
    arena_destroy(&arena);
}

static void all_kinds_can_be_extended(void **state)
{
    struct arena *arena = arena_create();
    const struct script *script = script_of(
        arena, BASE "population p[3] extends base { receive other(J : mV) { v -= J }\n emit n after synapses\n n : integer }\n"
                    "population a[2] extends astrocyte_lr_1994 { x : 1 }\n"
                    "synapse model heavy extends static { on_pre { send 2*weight } }\n"
                    "connect p -> p by all_to_all using heavy { weight = 1 mV }\n"
                    "for k in 0:2 { population f[k][3] extends base { x = k*1 : 1 } }");
    const struct model *model = population_of(script, "p")->model;
    assert_null(model->threshold);
    assert_int_equal(model->n_ports, 2);
    assert_int_equal(population_of(script, "a")->model->kind, MODEL_ASTROCYTE);
    assert_int_equal(connection_of(script, "p__p__heavy")->synapse->n_pathways, 1);
    arena_destroy(&arena);
}

static void wrong_extensions_are_refused(void **state)
{
    assert_unchecked("neuron model m extends nothing { v : 1 }", "test:1:24: error: unknown model 'nothing'");
    assert_unchecked("neuron model m extends m { v : 1 }", "test:1:24: error: unknown model 'm'");
    assert_unchecked("neuron model m extends static { v : 1 }", "test:1:24: error: 'static' is a synapse model");
    assert_unchecked("synapse model m extends iaf_psc_exp { }",
                     "'iaf_psc_exp' is a neuron model, but a synapse model is needed here");
    assert_unchecked("neuron model m extends poisson_generator { }",
                     "test:1:24: error: 'poisson_generator' is a device model, so a neuron model cannot extend it");
    assert_unchecked(BASE "neuron model m extends base { v : mV }", "so it cannot become a parameter");
    assert_unchecked(BASE "neuron model m extends base { tau : mV }", "is declared as 'ms' (test:2:2), so it cannot become 'mV'");
    assert_unchecked(BASE "neuron model m extends base { tau : ms; tau : ms }", "'tau' is declared twice, first at");
    assert_unchecked(BASE "neuron model m extends base { v = 3 mV : mV }", "so it cannot become an equation without d/dt");
    assert_unchecked(BASE "neuron model m extends base { I = v : mV*pA/pA }", "is declared as 'pA'");
    assert_unchecked(BASE "neuron model m extends base { dw/dt = u/ms : mV }", "unknown name 'u'");
    assert_unchecked(BASE "let w = 1\nneuron model m extends base { w : mV }", "'w' is already a name of the script");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_its_right_side),
        cmocka_unit_test(equations_call_functions),
        cmocka_unit_test(values_call_functions_that_draw),
        cmocka_unit_test(wrong_functions_are_refused),
        cmocka_unit_test(wrong_calls_are_refused),
        cmocka_unit_test(an_array_is_constant_between_its_times),
        cmocka_unit_test(the_fine_grid_is_a_power_of_2),
        cmocka_unit_test(wrong_arrays_are_refused),
        cmocka_unit_test(a_model_keeps_what_it_does_not_replace),
        cmocka_unit_test(all_kinds_can_be_extended),
        cmocka_unit_test(wrong_extensions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
